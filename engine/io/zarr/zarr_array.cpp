// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_array.h"

#include <algorithm>
#include <bit>
#include <complex>
#include <cstring>
#include <optional>
#include <utility>

#include "engine/array/strided_copy.h"
#include "engine/base/text.h"
#include "engine/io/file/base64.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDims = 16;
constexpr double kMaxArrayBytes = 4.6e18;
constexpr double kMaxEncodedChunkBytes = 512.0 * 1024 * 1024;
constexpr double kMaxWholeBytes = 64.0 * 1024 * 1024, kMaxWholeChunks = 1e5;
constexpr bool kBigEndianMachine = std::endian::native == std::endian::big;

/// Failures about one array, all in one form.
struct Complaint {
  const ZarrStore& store;
  std::string name;
  Failure operator()(ErrorCode code, const std::string& what, const std::string& hint = {}) const {
    return failAt(code, store.path(), "array \"" + name + "\" of " + store.path() + ": " + what, hint);
  }
};

/// "<f4" and its like.
bool setType(const std::string& dtype, ZarrArray& array) {
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
  for (const auto& [name, type] : kTypes)
    if (dtype.substr(1) == name) {
      array.type = type;
      if (array.elementBytes == 1) array.swapped = false;
      return true;
    }
  return false;
}

std::optional<std::vector<std::int64_t>> sizes(const Json& json) {
  if (!json.is_array() || json.size() > kMaxDims) return std::nullopt;
  std::vector<std::int64_t> all;
  for (const Json& size : json) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 0 || size.get<double>() > kMaxArrayBytes) return std::nullopt;
    all.push_back(size.get<std::int64_t>());
  }
  return all;
}

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

/// The fill value as an element; nothing when it is none.
std::optional<std::vector<std::byte>> fillElement(const Json& value, const ZarrArray& array) {
  std::vector<std::byte> element(array.elementBytes);
  if (array.kind == ZarrArray::Kind::Unicode || array.kind == ZarrArray::Kind::Bytes) return element;
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

std::string textOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<void> readSteps(const Json& json, const std::string& dtype, ZarrArray& array, const Complaint& complain) {
  std::vector<Json> codecs;
  if (const auto filters = json.find("filters"); filters != json.end() && !filters->is_null()) {
    if (!filters->is_array() || filters->size() > kMaxDims) return complain(ErrorCode::OpenFailed, "\"filters\" is no list of filters");
    codecs.assign(filters->begin(), filters->end());
  }
  if (const auto compressor = json.find("compressor"); compressor != json.end() && !compressor->is_null()) codecs.push_back(*compressor);
  for (const Json& codec : codecs) {
    auto step = zarrStep(codec, dtype);
    if (!step) return complain(step.error().code, step.error().message, step.error().hint);
    array.steps.push_back(*step);
  }
  return {};
}

Result<void> readSizes(const Json& json, ZarrArray& array, const Complaint& complain) {
  const auto shape = sizes(json.value("shape", Json()));
  const auto chunks = sizes(json.value("chunks", Json()));
  if (!shape || !chunks || shape->size() != chunks->size())
    return complain(ErrorCode::OpenFailed, "\"shape\" " + json.value("shape", Json()).dump().substr(0, 100) + " and \"chunks\" " +
                                               json.value("chunks", Json()).dump().substr(0, 100) +
                                               " are not two lists of as many sizes, at most " + std::to_string(kMaxDims));
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

Result<void> readAttributes(const ZarrStore& store, ZarrArray& array) {
  auto text = store.text(array.folder + ".zattrs");
  if (!text) return fail(std::move(text.error()));
  array.attributes = Json::object();
  if (!*text) return {};
  auto parsed = parseJsonText(**text, store.path() + "/" + array.folder + ".zattrs");
  if (!parsed) return fail(std::move(parsed.error()));
  if (parsed->is_object()) array.attributes = std::move(*parsed);
  return {};
}

}  // namespace

std::string ZarrArray::name() const { return folder.empty() ? folder : folder.substr(0, folder.size() - 1); }

std::int64_t ZarrArray::chunkBytes() const {
  auto bytes = static_cast<std::int64_t>(elementBytes);
  for (const std::int64_t size : chunks) bytes *= size;
  return bytes;
}

std::vector<std::int64_t> ZarrArray::grid() const {
  std::vector<std::int64_t> counts;
  for (std::size_t d = 0; d < shape.size(); ++d) counts.push_back(shape[d] / chunks[d] + (shape[d] % chunks[d] != 0 ? 1 : 0));
  return counts;
}

std::string ZarrArray::chunkKey(const std::vector<std::int64_t>& chunk) const {
  std::string key = folder;
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    if (d > 0) key += separator;
    key += std::to_string(chunk[d]);
  }
  if (chunk.empty()) key += '0';
  return key;
}

Result<ZarrArray> readZarrArray(const ZarrStore& store, const std::string& arrayKey) {
  ZarrArray array;
  array.folder = arrayKey.substr(0, arrayKey.size() - std::strlen(".zarray"));
  const Complaint complain{store, array.name()};
  auto text = store.text(arrayKey);
  if (!text) return fail(std::move(text.error()));
  auto json = parseJsonText(text->value_or(""), store.path() + "/" + arrayKey);
  if (!json) return fail(std::move(json.error()));
  if (!json->is_object() || json->value("zarr_format", Json()) != 2)
    return complain(ErrorCode::OpenFailed, "\"zarr_format\" is not 2", "only version 2 is read");

  const auto dtype = json->find("dtype");
  if (dtype == json->end() || !dtype->is_string() || !setType(dtype->get<std::string>(), array))
    return complain(ErrorCode::UnsupportedType, "its type " + json->value("dtype", Json()).dump().substr(0, 100) + " is not read",
                    "read are integers of 8 to 64 bits, float32, float64 and complex numbers");
  CUBELOOM_TRY(readSteps(*json, dtype->get<std::string>(), array, complain));
  CUBELOOM_TRY(readSizes(*json, array, complain));
  const std::string order = textOf(*json, "order");
  if (order != "C" && order != "F") return complain(ErrorCode::OpenFailed, "\"order\" is neither \"C\" nor \"F\"");
  array.fortran = order == "F";
  if (const std::string separator = textOf(*json, "dimension_separator"); separator == "/") {
    array.separator = '/';
  } else if (!separator.empty() && separator != ".") {
    return complain(ErrorCode::OpenFailed, "\"dimension_separator\" is \"" + separator + "\", neither \".\" nor \"/\"");
  }
  if (const auto fill = json->find("fill_value"); fill != json->end() && !fill->is_null()) {
    const auto element = fillElement(*fill, array);
    if (!element) return complain(ErrorCode::OpenFailed, "\"fill_value\" " + fill->dump().substr(0, 100) + " is not of its type");
    array.fill = *element;
  }

  CUBELOOM_TRY(readAttributes(store, array));
  return array;
}

std::optional<ZarrArray> outlineZarrArray(const ZarrStore& store, const std::string& arrayKey) {
  ZarrArray array;
  array.folder = arrayKey.substr(0, arrayKey.size() - std::strlen(".zarray"));
  const auto text = store.text(arrayKey);
  if (!text || !*text) return std::nullopt;
  const auto json = parseJsonText(**text, store.path() + "/" + arrayKey);
  if (!json || !json->is_object() || !readAttributes(store, array)) return std::nullopt;
  if (textOf(*json, "dtype") == "|O") return std::nullopt;  // texts of any length, which nobody takes for pixels
  const auto shape = sizes(json->value("shape", Json())), chunks = sizes(json->value("chunks", Json()));
  if (!shape || !chunks || shape->size() != chunks->size()) return std::nullopt;
  array.shape = *shape;
  array.chunks = *chunks;
  return array;
}

Result<bool> readZarrChunk(const ZarrStore& store, const ZarrArray& array, const std::string& key, std::byte* to, BufferPool& pool,
                           std::int64_t& bytesRead) {
  auto place = store.place(key);
  if (!place) return fail(std::move(place.error()));
  if (!*place) return false;
  const std::int64_t rawBytes = array.chunkBytes(), bytes = (*place)->bytes;
  const auto complain = [&](const Error& error) {
    return failAt(ErrorCode::ReadFailed, store.path(), "chunk " + key + " of " + store.path() + ": " + error.message, error.hint);
  };
  if (array.steps.empty() && bytes == rawBytes) {
    CUBELOOM_TRY((*place)->read(to, bytes, 0, bytes));
  } else {
    if (bytes > zarrEncodedLimit(rawBytes))
      return complain({ErrorCode::ReadFailed,
                       "it has " + formatCount(bytes) + " bytes, more than any encoding of its " + formatCount(rawBytes),
                       "the file is not this chunk",
                       {},
                       {},
                       {},
                       {}});
    const Buffer encoded = pool.take(static_cast<std::size_t>(bytes));
    CUBELOOM_TRY((*place)->read(encoded.data(), bytes, 0, bytes));
    if (auto done = zarrDecode(array.steps, encoded.data(), static_cast<std::size_t>(bytes), to, static_cast<std::size_t>(rawBytes), pool);
        !done)
      return complain(done.error());
  }
  bytesRead += bytes;
  return true;
}

Result<std::vector<std::byte>> readWholeZarrArray(const ZarrStore& store, const ZarrArray& array) {
  const double bytes = product(array.shape, static_cast<double>(array.elementBytes));
  if (std::max(bytes, product(array.chunks, static_cast<double>(array.elementBytes))) > kMaxWholeBytes || array.shape.size() > 1)
    return Complaint{store, array.name()}(ErrorCode::OpenFailed, "it is too large for a coordinate: " + formatSize(bytes));
  if (product(array.grid(), 1) > kMaxWholeChunks)
    return Complaint{store, array.name()}(ErrorCode::OpenFailed, "it has too many chunks for a coordinate");
  std::vector<std::byte> all(static_cast<std::size_t>(bytes));
  const std::int64_t chunkBytes = array.chunkBytes(), total = static_cast<std::int64_t>(all.size());
  BufferPool pool;
  const Buffer chunk = pool.take(static_cast<std::size_t>(chunkBytes));
  std::int64_t ignored = 0, number = 0;
  for (std::int64_t at = 0; at < total; at += chunkBytes, ++number) {
    auto found = readZarrChunk(store, array, array.chunkKey(array.shape.empty() ? std::vector<std::int64_t>{} : std::vector{number}),
                               chunk.data(), pool, ignored);
    if (!found) return fail(std::move(found.error()));
    if (!*found) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(chunkBytes); ++i)
        chunk.data()[i] = array.fill.empty() ? std::byte{0} : array.fill[i % array.elementBytes];
    } else if (array.swapped) {
      const std::size_t unit = array.kind == ZarrArray::Kind::Unicode ? 4 : array.elementBytes / (isComplex(array.type) ? 2 : 1);
      if (array.kind != ZarrArray::Kind::Bytes) swapInPlace(chunk.data(), chunkBytes, unit);
    }
    std::memcpy(all.data() + at, chunk.data(), static_cast<std::size_t>(std::min(chunkBytes, total - at)));
  }
  return all;
}

}  // namespace cubeloom
