// SPDX-License-Identifier: GPL-3.0-or-later
// Means, sums and variances of values that count by weights, as xarray's weighted() has them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/operation.h"
#include "engine/op/reduce/reduction.h"

namespace cubeloom {

/// Of one set. Without values only the count means something.
struct WeightedMoment {
  double count = 0;    ///< of the values that are valid and have a weight
  double weights = 0;  ///< their sum
  double sum = 0, mean = 0;
  double squares = 0;  ///< weighted squared deviations from the mean

  void add(double value, double weight);
  void merge(const WeightedMoment& later);
};

/// Where the weights come from: numbers along one dim, or a second input whose dims the values have, too.
struct Weights {
  int dim = -1;
  std::vector<double> along;
  std::vector<int> dimOfInput;  ///< of each dim of the second input that of the values; -1: it has one entry
};
/// The cosine of the latitude. InvalidParameter on `weights`: the array has no latitudes in degrees.
Result<Weights> cosineOfLatitude(const ArraySpec& input);
/// GridMismatch where the weights have other entries, another grid, or dims that the values do not have.
Result<Weights> weightsOf(const ArraySpec& input, const ArraySpec& weights);

struct WeightedReduction {
  ReducedDims dims;
  Weights weights;
  ArraySpec spec;  ///< of the result
  double empty = 0;
  std::function<double(const WeightedMoment&)> value;
  std::string summary = {};
  std::vector<std::string> warnings = {};
};
/// A value is left out where it or its weight is nodata.
std::shared_ptr<const BoundOperation> boundWeighted(const std::vector<ArraySpec>& inputs, WeightedReduction reduction);

}  // namespace cubeloom
