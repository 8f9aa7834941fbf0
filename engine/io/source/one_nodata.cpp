// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/one_nodata.h"

#include <cmath>
#include <cstring>

#include "engine/access/converted_source.h"

namespace cubeloom {
namespace {

ArraySpec specOf(const ArraySpec& stored, const OneNodata& one) {
  ArraySpec spec = stored;
  spec.type = one.type;
  spec.nodata = one.value;
  return spec;
}

class OneNodataSource final : public ConvertedSource {
 public:
  OneNodataSource(const std::shared_ptr<Source>& stored, std::vector<std::optional<double>> nodata, const OneNodata& one)
      : ConvertedSource(stored, specOf(stored->spec(), one)), m_nodata(std::move(nodata)) {}

 private:
  void convert(const Region& region, const BlockView& from, const BlockView& to) const override {
    for (std::int64_t i = 0; i < region[0].count(); ++i)
      convertBand(from.at(0, i), to.at(0, i), m_nodata[static_cast<std::size_t>(region[0].at(i))]);
  }

  /// One band, of which `from` is dense.
  void convertBand(const BlockView& from, const BlockView& to, const std::optional<double>& nodata) const {
    copyBlock(from, to);
    if (!nodata || !canHold(from.type, *nodata)) return;
    dispatchRealType(from.type, [&]<class Stored>(Stored) {
      dispatchRealType(to.type, [&]<class Value>(Value) {
        const Stored missing = convertPixel<Stored>(*nodata);
        const auto value = static_cast<Value>(*spec().nodata);
        const auto* stored = reinterpret_cast<const Stored*>(from.data);
        forEachRun(to, [&](std::byte* out, std::int64_t count, std::int64_t step) {
          for (std::int64_t i = 0; i < count; ++i, ++stored)
            if (*stored == missing) std::memcpy(out + i * step, &value, sizeof(Value));
        });
      });
    });
  }

  std::vector<std::optional<double>> m_nodata;
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

std::shared_ptr<Source> oneNodataSource(const std::shared_ptr<Source>& stored, std::vector<std::optional<double>> nodata,
                                        const OneNodata& one) {
  return std::make_shared<OneNodataSource>(stored, std::move(nodata), one);
}

}  // namespace cubeloom
