// SPDX-License-Identifier: GPL-3.0-or-later
// What the forms of operations may say of the arrays that a step takes and gives.
#pragma once

#include <string>
#include <vector>

#include "engine/chain/graph.h"
#include "engine/op/export_forms.h"

namespace cubeloom {

/// What node `i` of a bound graph takes, in order.
std::vector<const ArraySpec*> inputSpecs(const Graph& graph, int i);

/// For Python, of the result and of in, in2, ...; each is there where it has a meaning:
///   out.y out.x     names of the spatial dims          out.dims       all dims, as arguments
///   out.crs         the CRS as one writes it           out.transform  rasterio.Affine(...)
///   out.shape       (rows, columns)                    out.spatial    x_dim=..., y_dim=... where they are not called x and y
///   out.dtype       numpy's name                       out.nodata     a number
///   out.low out.high  ends of the range of whole numbers
///   out.bands       (dims beside y and x), where there are two or more
///   out.interleave  ENVI's word for the order of dims
///   out.missing     NaN, where the array can hold it    out.turned     where rows and columns do not lie along the axes
///   out.centres     {dim: pixel centres} of the spatial dims   out.new    {dim: its entries} of dims that no input has
///   out.names       [names of the bands]
///   out.scale       scale_factor=..., add_offset=... of values as stored
///   sink.format     of what writes a file
FormFacts pythonFacts(const Graph& graph, int node);
/// For GDAL's programs: out.ts (columns rows), out.te (xmin ymin xmax ymax), out.crs, in.nodata, out.nodata, sink.format, and
/// out.renodata where that is another nodata than the input's.
FormFacts gdalFacts(const Graph& graph, int node);

/// The CRS as programs take it: "EPSG:32610", else its WKT.
std::string crsForPrograms(const Crs& crs);
/// The format of what a sink writes, by its name or the path's suffix; "" where none is known.
std::string formatOf(const SinkRequest& request);

}  // namespace cubeloom
