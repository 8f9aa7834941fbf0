// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/decoded_source.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/array/stated_scale.h"

namespace cubeloom {
namespace {

class DecodedSource final : public Source {
 public:
  DecodedSource(std::shared_ptr<Source> stored, const ArraySpec& spec, StatedScale scale)
      : m_stored(std::move(stored)), m_type(spec.type), m_nodata(spec.nodata), m_spec(decodedSpec(spec)), m_scale(std::move(scale)) {}

  const ArraySpec& spec() const override { return m_spec; }

  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    const std::vector<std::int64_t> shape = regionShape(region);
    const auto bytes = static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(m_type);
    if (bytes == 0) return {};
    const Buffer held = context.pool.take(bytes);
    const BlockView from = denseView(held.data(), m_type, shape);
    CUBELOOM_TRY(m_stored->read(region, from, context));
    if (m_scale.dim < 0) {
      decode(from, to, 0);
      return {};
    }
    const IndexSet& along = region[static_cast<std::size_t>(m_scale.dim)];
    for (std::int64_t i = 0; i < along.count(); ++i)
      decode(from.at(m_scale.dim, i), to.at(m_scale.dim, i), static_cast<std::size_t>(along.at(i)));
    return {};
  }

  ReadCost cost(const Region& region) const override {
    constexpr double kPoolRounds = 2 << 20;
    ReadCost cost = m_stored->cost(region);
    cost.scratchBytes += static_cast<double>(regionCount(region)) * static_cast<double>(pixelTypeBytes(m_type)) + kPoolRounds;
    return cost;
  }
  std::vector<std::int64_t> decodedBlock() const override { return m_stored->decodedBlock(); }
  double sharedCacheBytes() const override { return m_stored->sharedCacheBytes(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_stored->touchedLines(region);
  }
  std::vector<std::string> files() const override { return m_stored->files(); }

 private:
  void decode(const BlockView& from, const BlockView& to, std::size_t index) const {
    dispatchRealType(m_type, [&]<class Stored>(Stored) {
      if (m_spec.type == PixelType::Float32) {
        decodeAs<Stored, float>(from, to, index);
      } else {
        decodeAs<Stored, double>(from, to, index);
      }
    });
  }

  template <class Stored, class Value>
  void decodeAs(const BlockView& from, const BlockView& to, std::size_t index) const {
    const auto factor = static_cast<Value>(m_scale.factors[index]), offset = static_cast<Value>(m_scale.offsets[index]),
               divisor = static_cast<Value>(m_scale.divisor);
    const bool hasNodata = m_nodata && canHold(m_type, *m_nodata);
    const Stored nodata = hasNodata ? convertPixel<Stored>(*m_nodata) : Stored{};
    // `from` lies dense but for the dim of the scales, along which it was cut: its runs come in the order of those of `to`.
    std::vector<const std::byte*> starts;
    forEachRun(from, [&](const std::byte* start, std::int64_t, std::int64_t) { starts.push_back(start); });
    const std::int64_t step = from.shape.empty() ? 0 : from.strides.back();
    std::size_t run = 0;
    forEachRun(to, [&](std::byte* out, std::int64_t count, std::int64_t outStep) {
      const std::byte* at = starts[run++];
      for (std::int64_t i = 0; i < count; ++i) {
        Stored stored;
        std::memcpy(&stored, at + i * step, sizeof(Stored));
        const Value value = trueValue(static_cast<Value>(stored), factor, offset, divisor);
        const Value result = hasNodata && stored == nodata ? std::numeric_limits<Value>::quiet_NaN() : value;
        std::memcpy(out + i * outStep, &result, sizeof(Value));
      }
    });
  }

  std::shared_ptr<Source> m_stored;
  PixelType m_type;
  std::optional<double> m_nodata;
  ArraySpec m_spec;
  StatedScale m_scale;
};

}  // namespace

Result<std::shared_ptr<Source>> decodedSource(std::shared_ptr<Source> stored, const ArraySpec& spec) {
  auto scale = statedScale(spec);
  if (!scale) return stored;
  if (isComplex(spec.type)) {
    Failure failure = fail(ErrorCode::UnsupportedType, "complex values are not decoded by the scale that their file states",
                           "leave decode out, or write decode=false");
    failure.value().parameter = "decode";
    return failure;
  }
  return std::make_shared<DecodedSource>(std::move(stored), spec, std::move(*scale));
}

}  // namespace cubeloom
