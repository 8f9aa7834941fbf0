// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/table_cells.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "engine/base/datetime.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Calls `f` with the value at `element`, unless there is none.
template <class F>
void withValue(PixelType type, const std::optional<double>& nodata, const std::byte* element, F&& f) {
  dispatchRealType(type, [&](auto sample) {
    using T = decltype(sample);
    const T value = *reinterpret_cast<const T*>(element);
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(value)) return;
    if (nodata && canHold(type, *nodata) && value == convertPixel<T>(*nodata)) return;
    f(value);
  });
}

}  // namespace

std::string entryCell(const Dim& dim, std::int64_t i) {
  const Coordinate& coordinate = dim.coordinate;
  const bool isDate = coordinate.unit == "datetime";
  if (!coordinate.labels.empty() && (isDate || isNamed(dim) || coordinate.kind == Coordinate::Kind::None))
    return coordinate.labels[static_cast<std::size_t>(i)];
  if (coordinate.kind == Coordinate::Kind::None) return std::to_string(i);
  const double value = coordinate.at(i);
  if (std::isnan(value)) return {};
  return isDate ? formatDatetime(value) : formatNumber(value);
}

void ValueCells::append(const std::byte* element, std::string& to) const {
  withValue(m_type, m_nodata, element, [&to](auto value) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof(text), value);
    to.append(text, end.ptr);
  });
}

double ValueCells::number(const std::byte* element) const {
  double number = std::numeric_limits<double>::quiet_NaN();
  withValue(m_type, m_nodata, element, [&number](auto value) { number = static_cast<double>(value); });
  return number;
}

}  // namespace cubeloom
