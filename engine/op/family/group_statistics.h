// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels of the family along a dim whose results are statistics of groups of entries: bins of time, seasons, windows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/along_dim.h"

namespace cubeloom {

enum class GroupStatistic { Mean, Median, Min, Max, Std, Var, Sum, Count, First, Last };

/// The entries that one result is made of, from the first to the last, and how much each counts; without weights all count alike.
struct EntryGroup {
  std::vector<std::size_t> entries;
  std::vector<double> weights;
};

/// One result per group, of its valid entries; nodata where these are fewer than `minCount`, or none. Sums are made in double, in the order
/// of the entries; std and var divide by how many there are (ddof=0). Weights are those of mean, std, var and sum.
std::shared_ptr<const DimKernel> groupStatistics(std::vector<EntryGroup> groups, GroupStatistic statistic, std::size_t minCount);

GroupStatistic groupStatisticOf(const Params& params);
/// The declaration of parameter `statistic`; the first is the default.
Param statisticParam(const std::vector<GroupStatistic>& offered);
/// "mean": numpy's and xarray's name.
const char* statisticName(GroupStatistic statistic);
/// Those that weights have a meaning for.
bool takesWeights(GroupStatistic statistic);

/// What `input` is after such statistics along `dim`, which stays as it is: type, nodata, and what of its meaning still holds. `canLack`:
/// a result may have no entry. UnsupportedType where the values are classes and nothing lies between them.
Result<ArraySpec> statisticSpec(const ArraySpec& input, int dim, GroupStatistic statistic, bool canLack,
                                std::vector<std::string>& warnings);

/// Puts another dim in the place of dim `d`, and takes from `spec` what lay along that; InvalidParameter on `dim` where another is called
/// like the new one.
Result<void> replaceDim(ArraySpec& spec, int d, Dim with);
/// Puts one more dim before dim `d`; likewise.
Result<void> insertDim(ArraySpec& spec, int d, Dim dim);

}  // namespace cubeloom
