// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/stated_scale.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {

std::string StatedScale::summary() const {
  if (dim >= 0) return "each band by its own scale and offset";
  if (divisor != 1) return "value / " + formatNumber(divisor);
  return "value * " + formatNumber(factors.front()) + " + " + formatNumber(offsets.front());
}

std::optional<StatedScale> statedScale(const ArraySpec& spec) {
  StatedScale scale;
  if (spec.storedScale) {
    scale.factors = {spec.storedScale->factor};
    scale.offsets = {spec.storedScale->offset};
    return scale;
  }
  if (scale.dim = spec.scaledDim(); scale.dim >= 0) {
    const auto& aux = spec.dims[static_cast<std::size_t>(scale.dim)].coordinate.aux;
    scale.factors = aux.at("scale");
    scale.offsets = aux.at("offset");
    return scale;
  }
  std::optional<double> divisor;
  for (const char* name : kReflectanceScales)
    if (const auto said = spec.attributes.find(name); said != spec.attributes.end() && !spec.isClasses())
      divisor = parseNumber(said->second);
  if (!divisor || !std::isfinite(*divisor) || *divisor == 0 || *divisor == 1) return std::nullopt;
  scale.factors = {1};
  scale.offsets = {0};
  scale.divisor = *divisor;
  return scale;
}

std::string scaleNotUnderstood(const ArraySpec& spec) {
  if (statedScale(spec) || spec.isClasses()) return {};
  constexpr std::size_t kMostShown = 60;
  const auto isScale = [](std::string key) {
    std::replace(key.begin(), key.end(), '_', ' ');
    return key == "reflectance scale factor" || key == "data gain values" || key == "data offset values";
  };
  for (const auto& [key, value] : spec.attributes) {
    if (!isScale(toLower(key)) || parseNumber(value) == 1.0) continue;
    return key + " = " + value.substr(0, kMostShown);
  }
  return {};
}

ArraySpec decodedSpec(const ArraySpec& spec) {
  ArraySpec out = spec;
  const bool isSmall = spec.type == PixelType::Float32 || (isInteger(spec.type) && pixelTypeBytes(spec.type) <= 2);
  out.type = isSmall ? PixelType::Float32 : PixelType::Float64;
  out.nodata = NAN;
  out.forgetStoredMeaning();
  out.unit = spec.unit;  // where the source declares a scale, that of the true values
  return out;
}

}  // namespace cubeloom
