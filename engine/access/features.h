// SPDX-License-Identifier: GPL-3.0-or-later
// What an operation sees of files with geometries. Implemented in io/, handed in by the app.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/geo/crs.h"
#include "engine/geo/geometry.h"

namespace cubeloom {

/// Which geometries of a file.
struct FeaturesRequest {
  std::string path;   ///< a file on disk
  std::string layer;  ///< empty: the only one
  std::string where;  ///< OGR's SQL condition; empty: all
  std::string id;     ///< attribute that names the features; empty: their number, from 1
};

struct Feature {
  std::string id;
  Geometry geometry;
};

/// The polygons and points of a layer; heights and measures are left out, curves are made of chords.
struct Features {
  std::vector<Feature> features;  ///< in the layer's order; at least one
  Crs crs;                        ///< of x and y; may be unknown
  std::string layer;
  std::vector<std::string> warnings;  ///< "2 features have no geometry: they are left out"
  std::vector<std::string> files;     ///< whose change makes this invalid
};

/// What is read at once, at most: an OpenFailed names what is more.
constexpr std::int64_t kMostFeatures = 1000000, kMostVertices = 8000000;
constexpr double kMostFeatureFileBytes = 4.0 * 1024 * 1024 * 1024;

/// Whether a file is one of geometries, by its name: a GeoPackage, GeoJSON, Shapefile, FlatGeobuf, KML or CSV. Opens nothing.
bool isFeaturesName(const std::string& path);

/// Reads files with geometries. Thread-safe. OpenFailed: there is no such file, it is none of the formats, it is damaged, it holds too much
/// or nothing. InvalidParameter on "layer", "where" or "id".
class FeatureProvider {
 public:
  virtual ~FeatureProvider() = default;
  virtual Result<std::shared_ptr<const Features>> read(const FeaturesRequest& request) = 0;
};

}  // namespace cubeloom
