// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels of the family along a dim: lines through a series, and tests whether it rises or falls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/along_dim.h"

namespace cubeloom {

struct TrendRequest {
  std::vector<double> at;    ///< where each entry lies, in any order
  std::size_t minCount = 2;  ///< of fewer valid entries comes nodata
};

struct TrendKernel {
  std::vector<std::string> names;  ///< of the results
  std::shared_ptr<const DimKernel> kernel;
  std::size_t scratch = 0;  ///< see AlongDim
};

/// slope, intercept, r2, p, count of the least squares line.
TrendKernel olsTrend(TrendRequest request);
enum class RankTrend { TheilSen, MannKendall };
/// slope, intercept, tau, p, count by the median of slopes; or tau, z, p, count of the test alone.
TrendKernel rankTrend(TrendRequest request, RankTrend what);

/// The probability that |t| of Student's distribution is larger.
double studentTwoSided(double t, double degrees);

}  // namespace cubeloom
