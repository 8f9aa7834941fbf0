// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_fields.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "engine/array/strided_copy.h"
#include "engine/base/text.h"
#include "engine/io/file/base64.h"
#include "engine/io/zarr/zarr_filters.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr double kMaxArrayBytes = 4.6e18;
constexpr double kMaxEncodedChunkBytes = 512.0 * 1024 * 1024;
constexpr bool kBigEndianMachine = std::endian::native == std::endian::big;

double product(const std::vector<std::int64_t>& sizes, double start) {
  for (const std::int64_t size : sizes) start *= static_cast<double>(size);
  return start;
}

std::optional<double> numberOf(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto text = value.get<std::string>();
  if (text == "NaN") return NAN;
  if (text == "Infinity") return INFINITY;
  if (text == "-Infinity") return -INFINITY;
  return std::nullopt;
}

/// A float's bits in hexadecimal digits, the highest first; of float16 four of them.
std::optional<std::vector<std::byte>> fillOfDigits(const std::string& text, const ZarrArray& array) {
  std::uint64_t bits = 0;
  const char *first = text.data() + 2, *end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(first, end, bits, 16); error != std::errc() || stop != end) return std::nullopt;
  std::vector<std::byte> element(array.elementBytes);
  const auto digits = static_cast<std::size_t>(end - first);
  const bool isHalf = !array.steps.empty() && array.steps.front().kind == ZarrStep::Kind::Half;
  if (isHalf && digits == 4) {
    const float value = halfToFloat(static_cast<std::uint16_t>(bits));
    std::memcpy(element.data(), &value, sizeof(value));
  } else if (array.type == PixelType::Float32 && digits == 8) {
    const auto word = static_cast<std::uint32_t>(bits);
    std::memcpy(element.data(), &word, sizeof(word));
  } else if (array.type == PixelType::Float64 && digits == 16) {
    std::memcpy(element.data(), &bits, sizeof(bits));
  } else {
    return std::nullopt;
  }
  return element;
}

}  // namespace

bool setZarrType(const std::string& dtype, ZarrArray& array) {
  if (dtype.size() < 3) return false;
  const char order = dtype[0], kind = dtype[1];
  if (std::string_view("<>|=").find(order) == std::string_view::npos) return false;
  array.swapped = order == '>' ? !kBigEndianMachine : order == '<' && kBigEndianMachine;
  const std::string rest = dtype.substr(2);
  if (kind == 'M') {
    if (rest.size() < 4 || rest[0] != '8' || rest[1] != '[' || rest.back() != ']') return false;
    array.kind = ZarrArray::Kind::Datetime;
    array.type = PixelType::Int64;
    array.elementBytes = 8;
    array.datetimeUnit = rest.substr(2, rest.size() - 3);
    return true;
  }
  const auto size = parseInteger(rest);
  if (!size || *size < 1 || *size > 4096) return false;
  array.elementBytes = static_cast<std::size_t>(*size);
  if (kind == 'U' || kind == 'S') {
    array.kind = kind == 'U' ? ZarrArray::Kind::Unicode : ZarrArray::Kind::Bytes;
    if (kind == 'U') array.elementBytes *= 4;
    return true;
  }
  static const std::vector<std::pair<const char*, PixelType>> kTypes{
      {"b1", PixelType::UInt8},      {"u1", PixelType::UInt8},   {"i1", PixelType::Int8},    {"u2", PixelType::UInt16},
      {"i2", PixelType::Int16},      {"u4", PixelType::UInt32},  {"i4", PixelType::Int32},   {"u8", PixelType::UInt64},
      {"i8", PixelType::Int64},      {"f4", PixelType::Float32}, {"f8", PixelType::Float64}, {"c8", PixelType::Complex64},
      {"c16", PixelType::Complex128}};
  if (rest == "2" && kind == 'f') {
    array.type = PixelType::Float32;
    array.elementBytes = sizeof(float);
    array.steps.push_back({.kind = ZarrStep::Kind::Half});
    if (array.swapped) array.steps.push_back({.kind = ZarrStep::Kind::Swap, .elementBytes = 2});
    array.swapped = false;
    return true;
  }
  for (const auto& [name, type] : kTypes)
    if (dtype.substr(1) == name) {
      array.type = type;
      if (array.elementBytes == 1) array.swapped = false;
      return true;
    }
  return false;
}

std::optional<std::vector<std::int64_t>> zarrSizes(const Json& json) {
  if (!json.is_array() || json.size() > kMostZarrDims) return std::nullopt;
  std::vector<std::int64_t> all;
  for (const Json& size : json) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 0 || size.get<double>() > kMaxArrayBytes) return std::nullopt;
    all.push_back(size.get<std::int64_t>());
  }
  return all;
}

Result<void> setZarrSizes(const Json& shapeJson, const Json& chunksJson, ZarrArray& array, const ZarrComplaint& complain) {
  const auto shape = zarrSizes(shapeJson), chunks = zarrSizes(chunksJson);
  if (!shape || !chunks || shape->size() != chunks->size())
    return complain(ErrorCode::OpenFailed, "\"shape\" " + shapeJson.dump().substr(0, 100) + " and \"chunks\" " +
                                               chunksJson.dump().substr(0, 100) + " are not two lists of as many sizes, at most " +
                                               std::to_string(kMostZarrDims));
  array.shape = *shape;
  array.chunks = *chunks;
  for (const std::int64_t size : array.chunks)
    if (size < 1) return complain(ErrorCode::OpenFailed, "a chunk has the size 0");
  const double bytes = product(array.shape, static_cast<double>(array.elementBytes));
  if (bytes > kMaxArrayBytes) return complain(ErrorCode::OpenFailed, "it declares " + formatSize(bytes) + ", which no storage can hold");
  const double chunkBytes = product(array.chunks, static_cast<double>(array.elementBytes));
  if (chunkBytes > (array.steps.empty() ? kMaxArrayBytes : kMaxEncodedChunkBytes))
    return complain(ErrorCode::OpenFailed,
                    "its chunks decode to " + formatSize(chunkBytes) + " each; the limit is " + formatSize(kMaxEncodedChunkBytes),
                    "write it with smaller chunks");
  return {};
}

std::optional<std::vector<std::byte>> zarrFill(const Json& value, const ZarrArray& array) {
  std::vector<std::byte> element(array.elementBytes);
  if (array.kind == ZarrArray::Kind::Unicode || array.kind == ZarrArray::Kind::Bytes) return element;
  if (value.is_string() && value.get<std::string>().starts_with("0x")) return fillOfDigits(value.get<std::string>(), array);
  if (value.is_string() && !numberOf(value)) {
    const auto bytes = decodeBase64(value.get<std::string>());
    if (!bytes || bytes->size() != element.size()) return std::nullopt;
    std::memcpy(element.data(), bytes->data(), element.size());
    if (array.swapped)
      swapInPlace(element.data(), static_cast<std::int64_t>(element.size()), element.size() / (isComplex(array.type) ? 2 : 1));
    return element;
  }
  const bool isPair = value.is_array() && value.size() == 2 && isComplex(array.type);
  const auto real = numberOf(isPair ? value[0] : value);
  const auto imaginary = isPair ? numberOf(value[1]) : 0.0;
  if (!real || !imaginary) return std::nullopt;
  dispatchPixelType(array.type, [&](auto sample) {
    using T = decltype(sample);
    T typed;
    if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) {
      typed = T(static_cast<typename T::value_type>(*real), static_cast<typename T::value_type>(*imaginary));
    } else if constexpr (std::is_integral_v<T>) {
      typed = value.is_number_unsigned()  ? static_cast<T>(value.get<std::uint64_t>())
              : value.is_number_integer() ? static_cast<T>(value.get<std::int64_t>())
                                          : convertPixel<T>(*real);
    } else {
      typed = static_cast<T>(*real);
    }
    std::memcpy(element.data(), &typed, sizeof(T));
  });
  return element;
}

std::string zarrText(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace cubeloom
