// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of any node at screen resolution, run or not: exact pixels, just fewer of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/chain/graph.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

struct PreviewRequest {
  int node = -1;
  int width = 256, height = 256;     ///< of the picture
  std::optional<Bounds> bounds;      ///< world rectangle in the node's CRS (pixel rectangle when it has no geobox); unset: all of it
  std::vector<std::int64_t> bands;   ///< indices along the spectral dim, 1 or 3; empty: 650/560/470 nm, else 1-3, else 1
  std::vector<std::int64_t> others;  ///< index along each other dim (time), in order; missing: 0
  double maxReadBytes = 0;           ///< 0: no limit; else a coarser stride is chosen until the read fits
};

/// Values, not colours: the screen stretches them. Rows from north (top) to south; without a georeference from the first row on.
struct PreviewImage {
  int width = 0, height = 0;              ///< pixels really computed (at most what was asked; the caller scales up)
  std::vector<std::vector<float>> bands;  ///< each width*height; NaN where there is no data
  std::vector<std::int64_t> bandIndices;
  Bounds bounds;             ///< what the picture covers
  double decimation = 1;     ///< array pixels per picture pixel (1: exact)
  bool approximate = false;  ///< what a node has to learn of its input was learned from a sample
  double bytesRead = 0;
};

/// How an array lies under its picture: which dims are rows and columns, and where its pixels are.
struct PictureGrid {
  int yDim = -1, xDim = -1;
  GeoBox box;             ///< pixel coordinates (identity) when the array has no geobox
  bool rowsDown = false;  ///< without a georeference y counts rows, and the picture's top is the first one
};
/// Unset when the array has fewer than two dims beside the spectral one.
std::optional<PictureGrid> pictureGrid(const ArraySpec& spec);

/// Which bands a picture shows by default.
std::vector<std::int64_t> defaultBands(const ArraySpec& spec);
/// Index along the spectral dim nearest to `nm`; -1 without wavelengths. Bad bands are passed over.
std::int64_t nearestBand(const ArraySpec& spec, double nm);

/// On the calling thread. Canceled: ErrorCode::Canceled.
Result<PreviewImage> renderPreview(const Graph& graph, const PreviewRequest& request, const CancelToken& cancel);

/// All values along the spectral dim at pixel (row, col); NaN where nodata. What has to be learned first is learned from a sample.
Result<std::vector<double>> readSpectrum(const Graph& graph, int node, std::int64_t row, std::int64_t col,
                                         const std::vector<std::int64_t>& others, const CancelToken& cancel);

/// Lower and upper percentile of the valid values ("2-98 %").
std::array<double, 2> percentileStretch(const std::vector<float>& values, double low, double high);
/// 8-bit RGBA; nodata transparent. One band goes through `colorMap` (a name of colorMapNames()).
std::vector<std::uint8_t> stretchToRgba(const PreviewImage& image, const std::vector<std::array<double, 2>>& limits,
                                        const std::string& colorMap);
/// The same for one band of numbers of classes, with the colour and opacity of each. One that has none is grey: it is no nodata.
std::vector<std::uint8_t> classesToRgba(const PreviewImage& image, const std::vector<std::array<std::uint8_t, 4>>& colours);
std::vector<std::string> colorMapNames();
std::array<std::uint8_t, 3> colorMapAt(const std::string& name, double fraction);

}  // namespace cubeloom
