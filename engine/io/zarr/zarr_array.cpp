// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_array.h"

#include <cstring>
#include <numeric>

#include "engine/base/text.h"
#include "engine/io/file/json_document.h"
#include "engine/io/zarr/zarr_fields.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

Result<void> readSteps(const Json& json, const std::string& dtype, ZarrArray& array, const ZarrComplaint& complain) {
  std::vector<Json> codecs;
  if (const auto filters = json.find("filters"); filters != json.end() && !filters->is_null()) {
    if (!filters->is_array() || filters->size() > kMostZarrDims)
      return complain(ErrorCode::OpenFailed, "\"filters\" is no list of filters");
    codecs.assign(filters->begin(), filters->end());
  }
  if (const auto compressor = json.find("compressor"); compressor != json.end() && !compressor->is_null()) codecs.push_back(*compressor);
  for (const Json& codec : codecs) {
    auto steps = zarrSteps(codec, dtype);
    if (!steps) return complain(steps.error().code, steps.error().message, steps.error().hint);
    array.steps.insert(array.steps.end(), steps->begin(), steps->end());
  }
  if (auto sane = checkZarrSteps(array.steps); !sane) return complain(sane.error().code, sane.error().message, sane.error().hint);
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

/// The array of a key, with nothing but its place and version.
ZarrArray placed(const std::string& arrayKey) {
  ZarrArray array;
  const std::size_t slash = arrayKey.rfind('/');
  if (slash != std::string::npos) array.folder = arrayKey.substr(0, slash + 1);
  array.version = arrayKey.ends_with("zarr.json") ? 3 : 2;
  return array;
}

}  // namespace

std::int64_t ZarrShards::count() const { return std::accumulate(chunks.begin(), chunks.end(), std::int64_t{1}, std::multiplies<>()); }

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

bool ZarrArray::isRowMajor() const {
  for (std::size_t d = 0; d < order.size(); ++d)
    if (order[d] != static_cast<int>(d)) return false;
  return true;
}

std::string ZarrArray::key(const std::vector<std::int64_t>& place) const {
  std::string key = folder;
  if (hasPrefix) key += 'c';
  for (std::size_t d = 0; d < place.size(); ++d) {
    if (d > 0 || hasPrefix) key += separator;
    key += std::to_string(place[d]);
  }
  if (place.empty() && !hasPrefix) key += '0';
  return key;
}

Result<ZarrArray> readZarrArray(const ZarrStore& store, const std::string& arrayKey) {
  ZarrArray array = placed(arrayKey);
  const ZarrComplaint complain{store, array.name()};
  auto text = store.text(arrayKey);
  if (!text) return fail(std::move(text.error()));
  auto json = parseJsonText(text->value_or(""), store.path() + "/" + arrayKey);
  if (!json) return fail(std::move(json.error()));
  if (!json->is_object() || json->value("zarr_format", Json()) != array.version)
    return complain(ErrorCode::OpenFailed, "\"zarr_format\" is not " + std::to_string(array.version));
  if (array.version == 3) return readZarrArrayV3(*json, std::move(array), complain);

  const auto dtype = json->find("dtype");
  if (dtype == json->end() || !dtype->is_string() || !setZarrType(dtype->get<std::string>(), array))
    return complain(ErrorCode::UnsupportedType, "its type " + json->value("dtype", Json()).dump().substr(0, 100) + " is not read",
                    "read are integers of 8 to 64 bits, float16, float32, float64 and complex numbers");
  CUBELOOM_TRY(readSteps(*json, dtype->get<std::string>(), array, complain));
  CUBELOOM_TRY(setZarrSizes(json->value("shape", Json()), json->value("chunks", Json()), array, complain));
  const std::string order = zarrText(*json, "order");
  if (order != "C" && order != "F") return complain(ErrorCode::OpenFailed, "\"order\" is neither \"C\" nor \"F\"");
  array.order.resize(array.shape.size());
  std::iota(array.order.begin(), array.order.end(), 0);
  if (order == "F") std::reverse(array.order.begin(), array.order.end());
  if (const std::string separator = zarrText(*json, "dimension_separator"); separator == "/") {
    array.separator = '/';
  } else if (!separator.empty() && separator != ".") {
    return complain(ErrorCode::OpenFailed, "\"dimension_separator\" is \"" + separator + "\", neither \".\" nor \"/\"");
  }
  if (const auto fill = json->find("fill_value"); fill != json->end() && !fill->is_null()) {
    const auto element = zarrFill(*fill, array);
    if (!element) return complain(ErrorCode::OpenFailed, "\"fill_value\" " + fill->dump().substr(0, 100) + " is not of its type");
    array.fill = *element;
  }

  CUBELOOM_TRY(readAttributes(store, array));
  return array;
}

std::optional<ZarrArray> outlineZarrArray(const ZarrStore& store, const std::string& arrayKey) {
  ZarrArray array = placed(arrayKey);
  const auto text = store.text(arrayKey);
  if (!text || !*text) return std::nullopt;
  const auto json = parseJsonText(**text, store.path() + "/" + arrayKey);
  if (!json || !json->is_object()) return std::nullopt;
  if (array.version == 3) return outlineZarrArrayV3(*json, std::move(array));
  if (!readAttributes(store, array)) return std::nullopt;
  if (zarrText(*json, "dtype") == "|O") return std::nullopt;  // texts of any length, which nobody takes for pixels
  const auto shape = zarrSizes(json->value("shape", Json())), chunks = zarrSizes(json->value("chunks", Json()));
  if (!shape || !chunks || shape->size() != chunks->size()) return std::nullopt;
  array.shape = *shape;
  array.chunks = *chunks;
  return array;
}

}  // namespace cubeloom
