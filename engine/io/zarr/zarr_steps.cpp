// SPDX-License-Identifier: GPL-3.0-or-later
// From numcodecs' description of a codec to the steps that undo it.
#include <lzma.h>

#include <bit>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/zarr/zarr_codec.h"
#include "engine/io/zarr/zarr_filters.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;
using Kind = ZarrStep::Kind;

/// numpy's "<i2", as far as filters work on it.
struct NumberType {
  PixelType type = PixelType::UInt8;
  bool swapped = false;
  bool isHalf = false;  ///< two bytes that become a float32
};

std::string member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double numberIn(const Json& object, const char* key, double otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

std::optional<NumberType> numberType(const std::string& dtype) {
  static const std::vector<std::pair<const char*, PixelType>> kTypes{
      {"u1", PixelType::UInt8},   {"i1", PixelType::Int8},    {"u2", PixelType::UInt16}, {"i2", PixelType::Int16},
      {"u4", PixelType::UInt32},  {"i4", PixelType::Int32},   {"u8", PixelType::UInt64}, {"i8", PixelType::Int64},
      {"f4", PixelType::Float32}, {"f8", PixelType::Float64}, {"b1", PixelType::UInt8}};
  if (dtype.size() != 3) return std::nullopt;
  const bool swapped = std::endian::native == std::endian::little ? dtype[0] == '>' : dtype[0] == '<';
  if (dtype.substr(1) == "f2") return NumberType{PixelType::Float32, swapped, true};
  for (const auto& [name, type] : kTypes)
    if (dtype.substr(1) == name) return NumberType{type, swapped && pixelTypeBytes(type) > 1, false};
  return std::nullopt;
}

void appendSwap(const NumberType& type, std::vector<ZarrStep>& steps) {
  if (type.swapped) steps.push_back({.kind = Kind::Swap, .elementBytes = type.isHalf ? 2 : pixelTypeBytes(type.type)});
}

/// delta, fixedscaleoffset, quantize, astype: from the codec's `dtype` to its `astype`, with `core` between them.
Result<std::vector<ZarrStep>> numberSteps(const std::string& id, const Json& codec, const std::string& dtype) {
  const bool isAstype = id == "astype";
  const std::string from =
      member(codec, isAstype ? "decode_dtype" : "dtype").empty() ? dtype : member(codec, isAstype ? "decode_dtype" : "dtype");
  const std::string to =
      member(codec, isAstype ? "encode_dtype" : "astype").empty() ? from : member(codec, isAstype ? "encode_dtype" : "astype");
  const auto value = numberType(from), stored = numberType(to);
  const auto refuse = [&] {
    return fail(ErrorCode::UnsupportedType, "the filter " + id + " from \"" + from + "\" to \"" + to + "\" is not read",
                "write it with other types or without the filter");
  };
  if (!value || !stored || value->isHalf) return refuse();
  std::vector<ZarrStep> steps;
  appendSwap(*value, steps);
  const ZarrStep cast{.kind = Kind::Cast, .value = value->type, .stored = stored->type};
  if (id == "fixedscaleoffset") {
    if (stored->isHalf) return refuse();
    ZarrStep scaled = cast;
    scaled.kind = Kind::ScaleOffset;
    scaled.scale = numberIn(codec, "scale", 1);
    scaled.offset = numberIn(codec, "offset", 0);
    steps.push_back(scaled);
  } else {
    // numpy sums floats in the type in which they are stored, whole numbers in one in which nothing is lost.
    if (id == "delta" && value->type != stored->type && (!isInteger(value->type) || !isInteger(stored->type) || stored->isHalf))
      return refuse();
    if (id == "delta") steps.push_back({.kind = Kind::Delta, .value = value->type, .stored = value->type});
    if (value->type != stored->type) steps.push_back(cast);
    if (stored->isHalf) steps.push_back({.kind = Kind::Half});
  }
  appendSwap(*stored, steps);
  return steps;
}

Result<std::vector<ZarrStep>> shuffleStep(const Json& codec) {
  const auto size = codec.find("elementsize");
  const std::int64_t bytes = size != codec.end() && size->is_number_integer() ? size->get<std::int64_t>() : 4;
  if (bytes < 1 || bytes > 64)
    return fail(ErrorCode::UnsupportedType, "the filter shuffle has elements of " + std::to_string(bytes) + " bytes");
  return std::vector{ZarrStep{.kind = Kind::Shuffle, .elementBytes = static_cast<std::size_t>(bytes)}};
}

Result<std::vector<ZarrStep>> lzmaStep(const Json& codec) {
  constexpr double kRaw = 3, kHighest = 9, kDefault = 6;
  if (numberIn(codec, "format", 1) == kRaw)
    return fail(ErrorCode::UnsupportedType, "the codec \"lzma\" in the format RAW is not read",
                "write it in the format XZ or without lzma");
  // A chain of filters of its own may ask for as much as the highest preset.
  const auto filters = codec.find("filters");
  const double preset = filters != codec.end() && !filters->is_null() ? kHighest : numberIn(codec, "preset", kDefault);
  if (!(preset >= 0 && preset <= kHighest))
    return fail(ErrorCode::UnsupportedType, "the codec \"lzma\" has no preset " + formatNumber(preset));
  return std::vector{ZarrStep{.kind = Kind::Lzma, .decoderBytes = lzma_easy_decoder_memusage(static_cast<std::uint32_t>(preset))}};
}

}  // namespace

Result<std::vector<ZarrStep>> zarrSteps(const Json& codec, const std::string& dtype) {
  constexpr std::uint64_t kBzip2Bytes = std::uint64_t{4} << 20;  // 3700 KiB at its largest blocks, as its manual has it
  static const std::vector<std::pair<const char*, ZarrStep>> kSimple{
      {"blosc", {.kind = Kind::Blosc}},       {"zstd", {.kind = Kind::Zstd}}, {"zlib", {.kind = Kind::Zlib}},
      {"gzip", {.kind = Kind::Gzip}},         {"lz4", {.kind = Kind::Lz4}},   {"bz2", {.kind = Kind::Bzip2, .decoderBytes = kBzip2Bytes}},
      {"packbits", {.kind = Kind::PackBits}},
  };
  static const std::vector<std::pair<const char*, ZarrStep>> kChecksums{
      {"crc32", {.kind = Kind::Crc32}}, {"adler32", {.kind = Kind::Adler32}}, {"crc32c", {.kind = Kind::Crc32c, .isAtEnd = true}}};
  const std::string id = codec.is_object() ? member(codec, "id") : std::string();
  for (const auto& [name, step] : kSimple)
    if (id == name) return std::vector{step};
  for (const auto& [name, step] : kChecksums) {
    if (id != name) continue;
    ZarrStep placed = step;
    if (const std::string location = member(codec, "location"); !location.empty()) placed.isAtEnd = location == "end";
    return std::vector{placed};
  }
  if (id == "shuffle") return shuffleStep(codec);
  if (id == "lzma") return lzmaStep(codec);
  if (id == "delta" || id == "fixedscaleoffset" || id == "quantize" || id == "astype") return numberSteps(id, codec, dtype);
  if (id == "bitround") return std::vector<ZarrStep>{};  // it rounded before writing; there is nothing to undo
  return fail(
      ErrorCode::UnsupportedType, "the codec \"" + (id.empty() ? codec.dump().substr(0, 60) : id) + "\" is not read",
      "read are blosc, zstd, zlib, gzip, lz4, bz2 and lzma, the filters shuffle, delta, fixedscaleoffset, quantize, astype, bitround "
      "and packbits, and the checksums crc32, crc32c and adler32");
}

Result<void> checkZarrSteps(const std::vector<ZarrStep>& steps) {
  bool isKnown = true;
  for (const ZarrStep& step : steps) {
    if (!isKnown && !step.isChecksum())
      return fail(ErrorCode::UnsupportedType, "its bytes are compressed and then encoded once more, which is not read",
                  "write it with one compressor, the last of its codecs");
    isKnown &= filteredBytes(step, 0).has_value();
  }
  return {};
}

}  // namespace cubeloom
