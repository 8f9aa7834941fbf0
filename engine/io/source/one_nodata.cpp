// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/one_nodata.h"

#include <cmath>
#include <cstring>

namespace cubeloom {
namespace {

class OneNodataSource final : public Source {
 public:
  OneNodataSource(std::shared_ptr<Source> stored, std::vector<std::optional<double>> nodata, const OneNodata& one)
      : m_stored(std::move(stored)), m_nodata(std::move(nodata)), m_spec(m_stored->spec()) {
    m_spec.type = one.type;
    m_spec.nodata = one.value;
  }

  const ArraySpec& spec() const override { return m_spec; }

  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    const std::vector<std::int64_t> shape = regionShape(region);
    const auto bytes = static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(m_stored->spec().type);
    if (bytes == 0) return {};
    const Buffer held = context.pool.take(bytes);
    const BlockView from = denseView(held.data(), m_stored->spec().type, shape);
    CUBELOOM_TRY(m_stored->read(region, from, context));
    for (std::int64_t i = 0; i < region[0].count(); ++i)
      convert(from.at(0, i), to.at(0, i), m_nodata[static_cast<std::size_t>(region[0].at(i))]);
    return {};
  }

  ReadCost cost(const Region& region) const override {
    constexpr double kPoolRounds = 2 << 20;
    ReadCost cost = m_stored->cost(region);
    cost.scratchBytes +=
        static_cast<double>(regionCount(region)) * static_cast<double>(pixelTypeBytes(m_stored->spec().type)) + kPoolRounds;
    return cost;
  }
  std::vector<std::int64_t> decodedBlock() const override { return m_stored->decodedBlock(); }
  double sharedCacheBytes() const override { return m_stored->sharedCacheBytes(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_stored->touchedLines(region);
  }
  std::vector<std::string> files() const override { return m_stored->files(); }

 private:
  /// One band, of which `from` is dense.
  void convert(const BlockView& from, const BlockView& to, const std::optional<double>& nodata) const {
    copyBlock(from, to);
    if (!nodata || !canHold(from.type, *nodata)) return;
    dispatchRealType(from.type, [&]<class Stored>(Stored) {
      dispatchRealType(to.type, [&]<class Value>(Value) {
        const Stored missing = convertPixel<Stored>(*nodata);
        const auto value = static_cast<Value>(*m_spec.nodata);
        const auto* stored = reinterpret_cast<const Stored*>(from.data);
        forEachRun(to, [&](std::byte* out, std::int64_t count, std::int64_t step) {
          for (std::int64_t i = 0; i < count; ++i, ++stored)
            if (*stored == missing) std::memcpy(out + i * step, &value, sizeof(Value));
        });
      });
    });
  }

  std::shared_ptr<Source> m_stored;
  std::vector<std::optional<double>> m_nodata;
  ArraySpec m_spec;
};

}  // namespace

std::optional<OneNodata> oneNodata(PixelType type) {
  switch (type) {
    case PixelType::UInt8:
    case PixelType::Int8: return OneNodata{PixelType::Int16, -32768.0};
    case PixelType::UInt16:
    case PixelType::Int16: return OneNodata{PixelType::Int32, -2147483648.0};
    case PixelType::UInt32:
    case PixelType::Int32: return OneNodata{PixelType::Float64, NAN};
    case PixelType::Float32:
    case PixelType::Float64: return OneNodata{type, NAN};
    default: return std::nullopt;
  }
}

std::shared_ptr<Source> oneNodataSource(std::shared_ptr<Source> stored, std::vector<std::optional<double>> nodata, const OneNodata& one) {
  return std::make_shared<OneNodataSource>(std::move(stored), std::move(nodata), one);
}

}  // namespace cubeloom
