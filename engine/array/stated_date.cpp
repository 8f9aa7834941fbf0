// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/stated_date.h"

#include <cmath>

#include "engine/base/datetime.h"

namespace cubeloom {

std::optional<double> statedDate(const ArraySpec& spec) {
  const AuxiliaryCoordinate* time = nullptr;
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    if (one.dims.empty() && one.values->unit == "datetime" && std::isfinite(one.values->at(0)) && (time == nullptr || one.name == "time"))
      time = &one;
  if (time != nullptr) return time->values->at(0);
  for (const char* key : {"time", "acquisition time", "acquisition_time", "time_coverage_start", "Product_StartTime", "TIFFTAG_DATETIME"})
    if (const auto found = spec.attributes.find(key); found != spec.attributes.end())
      if (const auto date = parseDatetime(found->second)) return *date;
  return std::nullopt;
}

}  // namespace cubeloom
