// SPDX-License-Identifier: GPL-3.0-or-later
// What there is to choose from in a file with geometries: its layers and their attributes, for forms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/access/features.h"

namespace cubeloom {

/// An attribute of the features of a layer.
struct FeatureField {
  std::string name;
  std::string type;                   ///< "text", "number", "whole number", "date", "other"
  std::vector<std::string> examples;  ///< a few of its first values
};

struct FeatureLayer {
  std::string name;
  std::string geometry;     ///< "polygons", "points", "lines", "mixed"; empty: the layer has no geometries
  std::int64_t count = -1;  ///< of its features; -1: telling that would be to read all of it
  std::vector<FeatureField> fields;
};

/// A FeatureProvider that also tells what is in a file. Thread-safe. OpenFailed as of FeatureProvider::read().
class FeatureLister : public FeatureProvider {
 public:
  /// In the file's order.
  virtual Result<std::vector<FeatureLayer>> layers(const std::string& path) = 0;
  /// Null where `provider` tells nothing of the kind.
  static FeatureLister* of(FeatureProvider* provider) { return dynamic_cast<FeatureLister*>(provider); }
};

}  // namespace cubeloom
