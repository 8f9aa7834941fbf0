// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/convert_task.h"

#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
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

/// With thousands parted, as far as a type's ends go.
std::string numberOf(PixelType type, double value) {
  if (type == PixelType::UInt64 && value >= 0x1p63) return value >= 0x1p64 ? "18,446,744,073,709,551,615" : formatNumber(value);
  return value >= 0x1p63 ? "9,223,372,036,854,775,807" : formatCount(static_cast<std::int64_t>(value));
}

/// What becomes of values that whole numbers of type `to` cannot be; "" where there are none.
std::string lostInWholeNumbers(PixelType from, PixelType to, const std::optional<double>& nodata) {
  const auto [fromLow, fromHigh] = rangeOf(from);
  const auto [low, high] = rangeOf(to);
  const auto end = [&](const char* side, double limit) {
    const std::string number = numberOf(to, limit);
    return std::string(side) + " " + number + " become " + (nodata == limit ? "nodata, which is " : "") + number;
  };
  std::vector<std::string> ends;
  if (fromLow < low) ends.push_back(end("below", low));
  if (fromHigh > high) ends.push_back(end("above", high));
  std::vector<std::string> lost;
  if (!ends.empty()) lost.push_back("values " + join(ends, ", "));
  if (!isInteger(from)) lost.emplace_back("fractions are rounded to whole numbers");
  return join(lost, "; ");
}

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

void warnOfLoss(const ArraySpec& from, const ArraySpec& to, std::vector<std::string>& warnings) {
  if (isComplex(from.type) || isComplex(to.type)) return;
  if (isInteger(to.type)) {
    if (auto lost = lostInWholeNumbers(from.type, to.type, to.nodata); !lost.empty()) warnings.push_back(std::move(lost));
    const auto [low, high] = rangeOf(from.type);
    const bool isNew = to.nodata && (!from.nodata || *from.nodata != *to.nodata);
    if (isNew && *to.nodata >= low && *to.nodata <= high)
      warnings.push_back("a value that is " + numberOf(to.type, *to.nodata) +
                         " afterwards is nodata, since that is the result's nodata value");
  } else if (to.type == PixelType::Float32 && isInteger(from.type) && pixelTypeBytes(from.type) > 2) {
    warnings.emplace_back("float32 holds whole numbers up to 16,777,216 (2^24): greater ones are rounded; float64 holds more");
  }
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
