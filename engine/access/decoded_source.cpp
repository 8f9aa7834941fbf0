// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/decoded_source.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/access/converted_source.h"
#include "engine/array/stated_scale.h"

namespace cubeloom {
namespace {

class DecodedSource final : public ConvertedSource {
 public:
  DecodedSource(std::shared_ptr<Source> stored, const ArraySpec& spec, StatedScale scale)
      : ConvertedSource(std::move(stored), decodedSpec(spec)), m_nodata(spec.nodata), m_scale(std::move(scale)) {}

 private:
  void convert(const Region& region, const BlockView& from, const BlockView& to) const override {
    if (m_scale.dim < 0) return decode(from, to, 0);
    const IndexSet& along = region[static_cast<std::size_t>(m_scale.dim)];
    for (std::int64_t i = 0; i < along.count(); ++i)
      decode(from.at(m_scale.dim, i), to.at(m_scale.dim, i), static_cast<std::size_t>(along.at(i)));
  }

  void decode(const BlockView& from, const BlockView& to, std::size_t index) const {
    dispatchRealType(storedType(), [&]<class Stored>(Stored) {
      if (spec().type == PixelType::Float32) {
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
    const bool hasNodata = m_nodata && canHold(storedType(), *m_nodata);
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

  std::optional<double> m_nodata;
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
