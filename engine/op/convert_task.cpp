// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/convert_task.h"

#include <cmath>

#include "engine/base/text.h"
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
    copyBlock(inputs[0], out);
    if (m_conversion.nodataFrom && m_conversion.nodataTo) restoreNodata(inputs[0], out);
    return {};
  }

 private:
  /// Conversion may have rounded or clamped nodata (NaN to 0): put it back where it stood.
  void restoreNodata(const BlockView& in, const BlockView& out) const {
    dispatchRealType(m_conversion.from, [&](auto sample) {
      using T = decltype(sample);
      const T nodata = static_cast<T>(*m_conversion.nodataFrom);
      const bool isNan = std::isnan(*m_conversion.nodataFrom);
      BlockView cell = out;
      cell.shape.assign(out.shape.size(), 1);
      std::vector<BlockView> runs;
      forEachRun(out, [&runs, &out](std::byte* p, std::int64_t n, std::int64_t step) { runs.push_back({p, out.type, {n}, {step}}); });
      std::size_t r = 0;
      forEachRun(in, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
        const BlockView& target = runs[r++];
        for (std::int64_t i = 0; i < n; ++i) {
          const T value = *reinterpret_cast<const T*>(p + i * step);
          if (value == nodata || (isNan && value != value)) fillBlock(target.sub({i}, {1}), *m_conversion.nodataTo);
        }
      });
    });
  }

  Conversion m_conversion;
  std::vector<Need> m_needs;
};

}  // namespace

bool Conversion::isIdentity() const {
  const bool sameNodata = !nodataFrom || !nodataTo || *nodataFrom == *nodataTo || (std::isnan(*nodataFrom) && std::isnan(*nodataTo));
  return from == to && sameNodata;
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
