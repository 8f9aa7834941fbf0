// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/computed.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/run_values.h"

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

/// The greatest value of the type that is a double.
template <class T>
double mostDouble() {
  const auto most = static_cast<double>(std::numeric_limits<T>::max());
  return sizeof(T) == 8 && std::is_integral_v<T> ? std::nextafter(most, 0) : most;
}

/// The end of the type's range that no result between `low` and `high` can have; for signed types the lower one first.
std::optional<double> spareValue(PixelType type, double low, double high) {
  return dispatchRealType(type, [low, high](auto sample) -> std::optional<double> {
    using T = decltype(sample);
    const auto lowest = static_cast<double>(std::numeric_limits<T>::lowest()), most = mostDouble<T>();
    if (lowest < low && std::numeric_limits<T>::is_signed) return lowest;
    if (most > high) return most;
    if (lowest < low) return lowest;
    return std::nullopt;
  });
}

}  // namespace

PixelType meanType(PixelType type) { return needsDouble(type) ? PixelType::Float64 : PixelType::Float32; }

PixelType meanType(const std::vector<ArraySpec>& inputs) {
  const bool isWide = std::any_of(inputs.begin(), inputs.end(), [](const ArraySpec& input) { return needsDouble(input.type); });
  return isWide ? PixelType::Float64 : PixelType::Float32;
}

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

void settleComputed(ArraySpec& spec, const std::vector<double>& values) {
  double low = INFINITY, high = -INFINITY;
  bool isWhole = true, isHeldByFloat = true;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
    isHeldByFloat = isHeldByFloat && (value != std::floor(value) || value == static_cast<double>(static_cast<float>(value)));
    isWhole = isWhole && value == std::floor(value) && std::abs(value) <= std::numeric_limits<std::int32_t>::max();
  }
  if (low > high) low = high = 0;  // nothing but nodata
  PixelType type = isHeldByFloat ? PixelType::Float32 : PixelType::Float64;
  for (const PixelType whole : {PixelType::Int32, PixelType::Int16, PixelType::UInt8})
    if (isWhole && canHold(whole, low) && canHold(whole, high)) type = whole;
  settleComputed(spec, type, low, high, true);
}

void giveNodata(ArraySpec& spec, std::vector<std::string>& warnings) {
  if (spec.nodata) return;
  if (!isInteger(spec.type)) {
    spec.nodata = NAN;
    return;
  }
  const std::string before(pixelTypeName(spec.type));
  const auto [low, high] = rangeOf(spec.type);
  settleComputed(spec, spec.type, low, high, true);
  warnings.push_back(before + " values have no nodata to put where nothing is: the result is " + std::string(pixelTypeName(spec.type)) +
                     " with nodata " + formatNumber(*spec.nodata) + "; to keep the type, add assign_nodata before");
}

Result<void> setClasses(ArraySpec& spec, const std::vector<TableRow>& rows, const std::string& parameter) {
  constexpr std::array<std::uint8_t, 4> kBlack{0, 0, 0, 255};
  for (const TableRow& row : rows) {
    if (row.name.empty() && !row.color) continue;
    if (!(row.value >= 0 && row.value <= 65535 && row.value == std::floor(row.value)))
      return invalidParameter(parameter, "the class '" + row.name + "' has the value " + formatNumber(row.value),
                              "classes are whole numbers from 0 to 65535; leave its name and colour out");
    const auto number = static_cast<std::size_t>(row.value);
    if (!row.name.empty()) {
      if (spec.classNames.size() <= number) spec.classNames.resize(number + 1);
      spec.classNames[number] = row.name;
    }
    if (row.color) {
      if (spec.classColours.size() <= number) spec.classColours.resize(number + 1, kBlack);
      spec.classColours[number] = {(*row.color)[0], (*row.color)[1], (*row.color)[2], 255};
    }
  }
  return {};
}

void forgetMeaning(ArraySpec& spec, std::vector<std::string>& warnings) {
  if (spec.forgetQuantity()) warnings.emplace_back(kComputedFromStored);
}

Result<void> settleDifferences(ArraySpec& spec, std::vector<std::string>& warnings) {
  if (spec.isClasses()) return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes, which have no differences");
  const std::string unit = spec.unit;
  const std::size_t before = warnings.size();
  forgetMeaning(spec, warnings);
  if (warnings.size() == before) spec.unit = unit;
  noteDoubles(spec.type, warnings);
  settleComputed(spec, meanType(spec.type), 0, 0, true);
  return {};
}

}  // namespace cubeloom
