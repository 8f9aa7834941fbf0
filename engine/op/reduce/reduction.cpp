// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/reduction.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// Small enough for one state per part.
constexpr double kMergedBytes = 4.0 * 1048576;

}  // namespace

int ReducedDims::slowest() const { return static_cast<int>(std::find(keptPlace.begin(), keptPlace.end(), -1) - keptPlace.begin()); }

std::int64_t ReducedDims::reducedCount(const ArraySpec& input) const {
  std::int64_t n = 1;
  for (std::size_t d = 0; d < keptPlace.size(); ++d)
    if (isReduced(d)) n *= input.dims[d].size;
  return n;
}

std::int64_t ReducedDims::keptCount(const ArraySpec& input) const { return input.count() / std::max<std::int64_t>(reducedCount(input), 1); }

Region ReducedDims::inputRegion(const ArraySpec& input, const Region& kept) const {
  Region whole(keptPlace.size());
  for (std::size_t d = 0; d < whole.size(); ++d)
    whole[d] = isReduced(d) ? IndexSet::all(input.dims[d].size) : kept[static_cast<std::size_t>(keptPlace[d])];
  return whole;
}

Result<ReducedDims> reducedDims(const Params& params, const ArraySpec& input) {
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "complex values cannot be reduced");
  if ((input.type == PixelType::Int64 || input.type == PixelType::UInt64) && input.nodata && std::abs(*input.nodata) > 9007199254740992.0)
    return fail(ErrorCode::UnsupportedType, "64-bit values beyond 2^53 cannot be reduced exactly",
                "convert with astype dtype=float64 before");
  std::vector<bool> goes(input.dims.size(), false);
  for (const std::string& name : params.texts("dims")) {
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("dims", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    goes[static_cast<std::size_t>(d)] = true;
  }
  if (std::find(goes.begin(), goes.end(), true) == goes.end())
    return invalidParameter("dims", "no dim is named", "the dims are " + dimList(input));
  ReducedDims dims;
  int place = 0;
  for (const bool reduced : goes) dims.keptPlace.push_back(reduced ? -1 : place++);
  return dims;
}

ArraySpec withoutReduced(const ArraySpec& input, const ReducedDims& dims) {
  ArraySpec spec = input;
  for (std::size_t d = dims.keptPlace.size(); d-- > 0;)
    if (dims.isReduced(d)) spec = spec.withoutDim(static_cast<int>(d));
  return spec;
}

bool prependDim(ArraySpec& spec, Dim dim) {
  if (spec.indexOf(dim.name) >= 0) return false;
  std::erase_if(spec.coordinates, [&dim](const AuxiliaryCoordinate& one) { return one.name == dim.name; });
  spec.dims.insert(spec.dims.begin(), std::move(dim));
  if (spec.yDim >= 0) ++spec.yDim;
  if (spec.xDim >= 0) ++spec.xDim;
  spec.storage = {};
  return true;
}

ReductionOperation::ReductionOperation(const ArraySpec& input, ReducedDims dims, int newDim, double stateBytes)
    : m_input(input),
      m_dims(std::move(dims)),
      m_newDim(newDim),
      m_stateBytes(stateBytes),
      m_mergesParts(static_cast<double>(m_dims.keptCount(input)) * stateBytes <= kMergedBytes),
      m_cut(input, m_dims.slowest()) {}

std::vector<Region> ReductionOperation::parts(const Region& region) const {
  return m_cut.parts(m_dims.inputRegion(m_input, keptRegion(region)), m_mergesParts);
}

double ReductionOperation::partialBytes(const Region& region) const {
  return static_cast<double>(regionCount(keptRegion(region))) * m_stateBytes;
}

ReducedFit::ReducedFit(const ArraySpec& input, ReducedDims dims)
    : m_input(input), m_dims(std::move(dims)), m_sets(static_cast<std::size_t>(m_dims.keptCount(input))), m_cut(input, m_dims.slowest()) {}

std::vector<bool> ReducedFit::canBeSampled() const {
  std::vector<bool> can;
  for (std::size_t d = 0; d < m_input.dims.size(); ++d) can.push_back(m_dims.isReduced(d));
  return can;
}

Region ReductionOperation::keptRegion(const Region& region) const {
  Region kept = region;
  if (m_newDim >= 0) kept.erase(kept.begin() + m_newDim);
  return kept;
}

}  // namespace cubeloom
