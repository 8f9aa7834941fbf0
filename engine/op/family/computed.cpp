// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/computed.h"

#include <cmath>
#include <limits>

#include "engine/array/resampled_meaning.h"

namespace cubeloom {
namespace {

PixelType nextWider(PixelType type) {
  switch (type) {
    case PixelType::UInt8:
    case PixelType::Int8: return PixelType::Int16;
    case PixelType::UInt16:
    case PixelType::Int16: return PixelType::Int32;
    default: return PixelType::Float64;
  }
}

/// The end of the type's range that no result between `low` and `high` can have; for signed types the lower one first.
std::optional<double> spareValue(PixelType type, double low, double high) {
  return dispatchRealType(type, [low, high](auto sample) -> std::optional<double> {
    using T = decltype(sample);
    const auto lowest = static_cast<double>(std::numeric_limits<T>::lowest()), most = static_cast<double>(std::numeric_limits<T>::max());
    if (lowest < low && std::numeric_limits<T>::is_signed) return lowest;
    if (most > high) return most;
    if (lowest < low) return lowest;
    return std::nullopt;
  });
}

}  // namespace

void noteDoubles(PixelType type, std::vector<std::string>& warnings) {
  if (type == PixelType::Int64 || type == PixelType::UInt64)
    warnings.emplace_back("computed in float64: whole numbers beyond 9,007,199,254,740,992 (2^53) are rounded to what it can hold");
}

std::pair<double, double> rangeOf(PixelType type) {
  if (!isInteger(type)) return {-INFINITY, INFINITY};
  std::pair<double, double> range;
  dispatchRealType(type, [&range](auto sample) {
    using Limits = std::numeric_limits<decltype(sample)>;
    range = {static_cast<double>(Limits::lowest()), static_cast<double>(Limits::max())};
  });
  return range;
}

void settleComputed(ArraySpec& spec, PixelType type, double low, double high, bool hasMissing) {
  const std::optional<double> inherited = spec.nodata;
  spec.type = type;
  spec.nodata.reset();
  if (isFloating(type)) spec.nodata = NAN;
  if (isFloating(type) || !hasMissing) return;
  const bool isFree = inherited && canHold(type, *inherited) && (*inherited < low || *inherited > high);
  spec.nodata = isFree ? inherited : spareValue(type, low, high);
  if (!spec.nodata) settleComputed(spec, nextWider(type), low, high, hasMissing);
}

void forgetMeaning(ArraySpec& spec, std::vector<std::string>& warnings) {
  if (spec.forgetQuantity()) warnings.emplace_back(kComputedFromStored);
}

}  // namespace cubeloom
