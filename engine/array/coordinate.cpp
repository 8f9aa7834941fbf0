// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/coordinate.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {

Coordinate Coordinate::select(const IndexSet& indices) const {
  Coordinate out;
  out.kind = kind;
  out.unit = unit;
  out.type = type;
  out.attributes = attributes;
  const auto pick = [&indices](const auto& from) {
    std::decay_t<decltype(from)> to;
    to.reserve(static_cast<std::size_t>(indices.count()));
    for (std::int64_t i = 0; i < indices.count(); ++i) to.push_back(from[static_cast<std::size_t>(indices.at(i))]);
    return to;
  };
  if (kind == Kind::Regular && indices.isRange()) {
    out.start = at(indices.first());
    out.step = step * static_cast<double>(indices.step());
  } else if (kind == Kind::Regular) {
    out.kind = Kind::Values;
    for (std::int64_t i = 0; i < indices.count(); ++i) out.values.push_back(at(indices.at(i)));
  } else if (kind == Kind::Values) {
    out.values = pick(values);
  }
  if (!labels.empty()) out.labels = pick(labels);
  if (!colours.empty()) out.colours = pick(colours);
  for (const auto& [name, numbers] : aux) out.aux[name] = pick(numbers);
  return out;
}

PixelType Coordinate::exactType(std::int64_t count) const {
  if (type == PixelType::Float64 || isComplex(type)) return PixelType::Float64;
  const auto isHeld = [this](double value) {
    if (isInteger(type)) return canHold(type, value);
    return std::isnan(value) || static_cast<double>(static_cast<float>(value)) == value;
  };
  for (std::int64_t i = 0; i < count; ++i)
    if (!isHeld(at(i))) return PixelType::Float64;
  return type;
}

std::int64_t AuxiliaryCoordinate::count() const {
  return static_cast<std::int64_t>(values->kind == Coordinate::Kind::None ? values->labels.size() : values->values.size());
}

bool AuxiliaryCoordinate::isSameAs(const AuxiliaryCoordinate& other) const {
  if (dims != other.dims || count() != other.count()) return false;
  const Coordinate &a = *values, &b = *other.values;
  if (values == other.values) return true;
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.kind == b.kind && a.unit == b.unit && a.labels == b.labels &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same);
}

std::string AuxiliaryCoordinate::text() const {
  const Coordinate& c = *values;
  if (c.kind == Coordinate::Kind::None || c.unit == "datetime") return c.labels.empty() ? "" : c.labels.front();
  return formatNumber(c.at(0)) + (c.unit.empty() || c.unit == "1" ? "" : " " + c.unit);
}

}  // namespace cubeloom
