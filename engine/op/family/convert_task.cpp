// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/convert_task.h"

#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/convert_block.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Need wholeNeed(const Region& region) {
  Need need;
  need.region = region;
  return need;
}

class ConvertTask : public Task {
 public:
  ConvertTask(const Conversion& conversion, const Region& region) : m_conversion(conversion), m_needs{wholeNeed(region)} {}
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    convertBlock(inputs[0], out, m_conversion.nodataFrom, m_conversion.nodataTo);
    return {};
  }

 private:
  Conversion m_conversion;
  std::vector<Need> m_needs;
};

}  // namespace

bool Conversion::isIdentity() const {
  if (from != to) return false;
  if (!nodataTo) return true;
  if (!nodataFrom) return isInteger(from) || std::isnan(*nodataTo);
  return *nodataFrom == *nodataTo || (std::isnan(*nodataFrom) && std::isnan(*nodataTo));
}

std::unique_ptr<Task> convertTask(const Conversion& conversion, const Region& region) {
  if (!conversion.isIdentity()) return std::make_unique<ConvertTask>(conversion, region);
  Need need = wholeNeed(region);
  need.direct.emplace();
  for (std::size_t d = 0; d < region.size(); ++d) need.direct->axes.push_back(static_cast<int>(d));
  need.direct->offset.assign(region.size(), 0);
  std::vector<Need> needs;
  needs.push_back(std::move(need));
  return directTask(std::move(needs));
}

void warnOfLostNan(const ArraySpec& from, const ArraySpec& to, std::vector<std::string>& warnings) {
  if (isFloating(from.type) && isInteger(to.type) && !to.nodata)
    warnings.emplace_back("values that are NaN become 0, since the result has no nodata value: give it one with astype nodata=");
}

Result<std::optional<double>> convertedNodata(const ArraySpec& spec, PixelType to, const std::string& parameter) {
  if (!spec.nodata) return std::optional<double>{};
  if (isComplex(spec.type) || isComplex(to)) return std::optional<double>{spec.nodata};
  if (canHold(to, *spec.nodata)) {
    return std::optional<double>{to == PixelType::Float32 ? static_cast<double>(static_cast<float>(*spec.nodata)) : *spec.nodata};
  }
  if (isFloating(to)) return std::optional<double>{NAN};
  return invalidParameter(parameter, "nodata " + formatNumber(*spec.nodata) + " cannot be a " + std::string(pixelTypeName(to)),
                          "give the nodata value of the new type in 'nodata' of astype");
}

}  // namespace cubeloom
