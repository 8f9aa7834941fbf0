// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/stored_scales.h"

#include "engine/base/text.h"

namespace cubeloom {

void noteStoredScales(ArraySpec& spec, int d, const std::vector<StoredScale>& scales, std::vector<std::string>& notes) {
  spec.setStoredScales(d, scales);
  if (spec.storedScale)
    notes.push_back("values are as stored: the true ones are value * " + formatNumber(spec.storedScale->factor) + " + " +
                    formatNumber(spec.storedScale->offset));
  if (spec.scaledDim() >= 0)
    notes.emplace_back(
        "values are as stored: each band has a scale and offset of its own; their mean means nothing before they are applied");
}

bool fitsOneScale(const ArraySpec& spec) { return spec.scaledDim() < 0 && !(spec.storedScale && isComplex(spec.type)); }

std::vector<std::string> oneScaleWarnings(const ArraySpec& spec, const std::string& format) {
  if (fitsOneScale(spec)) return {};
  const int d = spec.scaledDim();
  if (d < 0)
    return {"values are written as stored: readers of " + format + " do not scale complex ones; the true ones are value * " +
            formatNumber(spec.storedScale->factor) + " + " + formatNumber(spec.storedScale->offset)};
  return {"values are written as stored: " + format + " has one scale and offset for an array, these change along '" +
          spec.dims[static_cast<std::size_t>(d)].name +
          "'; the true values are value * scale + offset with the coordinates 'scale' and 'offset'"};
}

}  // namespace cubeloom
