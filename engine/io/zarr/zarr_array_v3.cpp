// SPDX-License-Identifier: GPL-3.0-or-later
// An array of Zarr version 3, after its specification (https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html) and that of
// sharding_indexed.
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/zarr/zarr_fields.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMostChunksOfShard = std::int64_t{1} << 19;  // an index of 8 MiB

/// "name" and "configuration" of an extension point, which may be its name alone.
struct Extension {
  std::string name;
  Json configuration = Json::object();
};

Extension extension(const Json& json) {
  if (json.is_string()) return {json.get<std::string>()};
  if (!json.is_object()) return {};
  const auto configuration = json.find("configuration");
  return {zarrText(json, "name"), configuration != json.end() && configuration->is_object() ? *configuration : Json::object()};
}

/// numpy's name of a type: "<f4" for float32; empty when it is not read.
std::string numpyType(const Json& dataType, bool isBig) {
  static const std::map<std::string, std::string> kNames{{"bool", "b1"},      {"int8", "i1"},       {"int16", "i2"},   {"int32", "i4"},
                                                         {"int64", "i8"},     {"uint8", "u1"},      {"uint16", "u2"},  {"uint32", "u4"},
                                                         {"uint64", "u8"},    {"float16", "f2"},    {"float32", "f4"}, {"float64", "f8"},
                                                         {"complex64", "c8"}, {"complex128", "c16"}};
  const Extension type = extension(dataType);
  const std::string order = isBig ? ">" : "<";
  if (const auto known = kNames.find(type.name); known != kNames.end()) return order + known->second;
  const auto number = [&type](const char* key) {
    const auto found = type.configuration.find(key);
    return found != type.configuration.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  constexpr std::int64_t kCharacterBytes = 4;
  if (type.name == "fixed_length_utf32") return order + "U" + std::to_string(number("length_bytes") / kCharacterBytes);
  if (type.name == "null_terminated_bytes") return "|S" + std::to_string(number("length_bytes"));
  if (type.name == "numpy.datetime64" && number("scale_factor") == 1) return order + "M8[" + zarrText(type.configuration, "unit") + "]";
  return {};
}

/// Steps from bytes to bytes, and numcodecs' own from values to values, by the name that numcodecs has for them.
Result<std::vector<ZarrStep>> stepsOf(const Extension& codec, const std::string& dtype) {
  static const std::string kNumcodecs = "numcodecs.";
  Json described = codec.configuration;
  described["id"] = codec.name.starts_with(kNumcodecs) ? codec.name.substr(kNumcodecs.size()) : codec.name;
  return zarrSteps(described, dtype);
}

/// What a list of codecs makes of a chunk. `dtype` follows from the codec "bytes", which stands behind those from values to values.
struct Codecs {
  std::vector<int> order;
  std::vector<Extension> ofValues, ofBytes;
  bool isBig = false;
  std::optional<Json> sharding;
};

Result<Codecs> readCodecs(const Json& json, std::size_t dims, const ZarrComplaint& complain) {
  Codecs codecs;
  codecs.order.resize(dims);
  std::iota(codecs.order.begin(), codecs.order.end(), 0);
  if (!json.is_array() || json.empty() || json.size() > kMostZarrDims)
    return complain(ErrorCode::OpenFailed, "\"codecs\" is no list of codecs");
  bool isBytes = false;
  for (const Json& one : json) {
    Extension codec = extension(one);
    if (codec.name == "transpose") {
      const auto order = codec.configuration.find("order");
      const std::string text = order != codec.configuration.end() ? order->dump().substr(0, 100) : "";
      std::vector<int> moved;
      if (order != codec.configuration.end() && order->is_array())
        for (const Json& d : *order)
          if (d.is_number_integer() && d.get<std::int64_t>() >= 0 && d.get<std::uint64_t>() < dims)
            moved.push_back(codecs.order[d.get<std::size_t>()]);
      if (text == "\"F\"") moved.assign(codecs.order.rbegin(), codecs.order.rend());
      if (text == "\"C\"") moved = codecs.order;
      std::vector<int> sorted = moved, all = codecs.order;
      std::sort(sorted.begin(), sorted.end());
      std::sort(all.begin(), all.end());
      if (sorted != all || isBytes) return complain(ErrorCode::OpenFailed, "the codec transpose has no order of the dims: " + text);
      codecs.order = std::move(moved);
    } else if (codec.name == "sharding_indexed") {
      if (json.size() != 1)
        return complain(ErrorCode::UnsupportedType, "the codec sharding_indexed together with others beside it is not read",
                        "put the other codecs into its own list");
      codecs.sharding = codec.configuration;
      return codecs;
    } else if (codec.name == "bytes") {
      codecs.isBig = zarrText(codec.configuration, "endian") == "big";
      isBytes = true;
    } else if (isBytes) {
      codecs.ofBytes.push_back(std::move(codec));
    } else {
      codecs.ofValues.push_back(std::move(codec));
    }
  }
  // Such a codec names the byte order that its own values have, whatever the bytes behind it.
  if (isBytes && codecs.isBig && !codecs.ofValues.empty())
    return complain(ErrorCode::UnsupportedType, "its values are big-endian behind the codec " + codecs.ofValues.back().name,
                    "such values are read as little-endian ones only");
  if (isBytes) return codecs;
  // A codec that is not known may be what makes bytes of the values: it is then the one to be named.
  if (!codecs.ofValues.empty())
    if (auto steps = stepsOf(codecs.ofValues.back(), "|u1"); !steps)
      return complain(steps.error().code, steps.error().message, steps.error().hint);
  return complain(ErrorCode::OpenFailed, "\"codecs\" has no codec that makes bytes of values");
}

Result<void> appendSteps(const std::vector<Extension>& codecs, const std::string& dtype, std::vector<ZarrStep>& to,
                         const ZarrComplaint& complain) {
  for (const Extension& codec : codecs) {
    auto steps = stepsOf(codec, dtype);
    if (!steps) return complain(steps.error().code, steps.error().message, steps.error().hint);
    to.insert(to.end(), steps->begin(), steps->end());
  }
  return {};
}

Result<ZarrShards> readShards(const Json& sharding, const std::vector<std::int64_t>& shard, const ZarrComplaint& complain) {
  ZarrShards shards;
  const auto chunk = zarrSizes(sharding.value("chunk_shape", Json()));
  bool fits = chunk && chunk->size() == shard.size();
  for (std::size_t d = 0; fits && d < shard.size(); ++d) {
    fits = (*chunk)[d] > 0 && shard[d] % (*chunk)[d] == 0;
    if (fits) shards.chunks.push_back(shard[d] / (*chunk)[d]);
  }
  if (!fits)
    return complain(ErrorCode::OpenFailed,
                    "the chunks of its shards, " + sharding.value("chunk_shape", Json()).dump().substr(0, 100) + ", do not fill them");
  double count = 1;
  for (const std::int64_t along : shards.chunks) count *= static_cast<double>(along);
  if (count > static_cast<double>(kMostChunksOfShard))
    return complain(ErrorCode::OpenFailed,
                    "its shards hold " + formatNumber(count) + " chunks each; the limit is " + formatCount(kMostChunksOfShard),
                    "write it with smaller shards");
  const std::string location = zarrText(sharding, "index_location");
  if (!location.empty() && location != "end" && location != "start")
    return complain(ErrorCode::OpenFailed, "the index of its shards lies at \"" + location + "\", neither \"start\" nor \"end\"");
  shards.isIndexAtEnd = location != "start";
  auto codecs = readCodecs(sharding.value("index_codecs", Json()), shard.size() + 1, complain);
  if (!codecs) return fail(std::move(codecs.error()));
  const bool isPlain = std::all_of(codecs->ofBytes.begin(), codecs->ofBytes.end(), [](const Extension& c) { return c.name == "crc32c"; });
  if (!isPlain || !codecs->ofValues.empty() || codecs->sharding || !std::is_sorted(codecs->order.begin(), codecs->order.end()))
    return complain(ErrorCode::UnsupportedType, "the index of its shards has codecs that are not read", "bytes and crc32c are");
  if (codecs->isBig) shards.indexSteps.push_back({.kind = ZarrStep::Kind::Swap, .elementBytes = sizeof(std::uint64_t)});
  CUBELOOM_TRY(appendSteps(codecs->ofBytes, "<u8", shards.indexSteps, complain));
  return shards;
}

Result<void> readKeys(const Json& json, ZarrArray& array, const ZarrComplaint& complain) {
  const Extension keys = extension(json.value("chunk_key_encoding", Json()));
  if (keys.name != "default" && keys.name != "v2")
    return complain(ErrorCode::UnsupportedType, "its chunk_key_encoding \"" + keys.name + "\" is not read", "\"default\" and \"v2\" are");
  array.hasPrefix = keys.name == "default";
  const std::string separator = zarrText(keys.configuration, "separator");
  if (!separator.empty() && separator != "." && separator != "/")
    return complain(ErrorCode::OpenFailed, "the separator of its keys is \"" + separator + "\", neither \".\" nor \"/\"");
  array.separator = separator.empty() ? (array.hasPrefix ? '/' : '.') : separator[0];
  return {};
}

/// Keys that the specification has, and further ones that say of themselves that they may be passed over.
Result<void> checkMembers(const Json& json, const ZarrComplaint& complain) {
  static constexpr const char* kKnown[] = {"zarr_format",     "node_type",
                                           "shape",           "data_type",
                                           "chunk_grid",      "chunk_key_encoding",
                                           "fill_value",      "codecs",
                                           "attributes",      "storage_transformers",
                                           "dimension_names", "consolidated_metadata"};
  for (const auto& [name, value] : json.items()) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown)) continue;
    if (value.is_object() && value.value("must_understand", Json()) == false) continue;
    return complain(ErrorCode::UnsupportedType, "it has \"" + name + "\", an extension that is not known");
  }
  if (const auto transformers = json.find("storage_transformers");
      transformers != json.end() && transformers->is_array() && !transformers->empty())
    return complain(ErrorCode::UnsupportedType, "its storage transformer \"" + extension(transformers->front()).name + "\" is not read");
  return {};
}

void readNames(const Json& json, ZarrArray& array) {
  const auto attributes = json.find("attributes");
  array.attributes = attributes != json.end() && attributes->is_object() ? *attributes : Json::object();
  if (const auto names = json.find("dimension_names"); names != json.end() && names->is_array())
    array.attributes["_ARRAY_DIMENSIONS"] = *names;
}

Json chunkShape(const Json& json) {
  const Extension grid = extension(json.value("chunk_grid", Json()));
  return grid.name == "regular" ? grid.configuration.value("chunk_shape", Json()) : Json();
}

}  // namespace

Result<ZarrArray> readZarrArrayV3(const Json& json, ZarrArray array, const ZarrComplaint& complain) {
  CUBELOOM_TRY(checkMembers(json, complain));
  const Extension grid = extension(json.value("chunk_grid", Json()));
  if (grid.name != "regular")
    return complain(ErrorCode::UnsupportedType, "its chunk_grid \"" + grid.name + "\" is not read", "\"regular\" is");
  const auto shape = zarrSizes(json.value("shape", Json()));
  const std::size_t dims = shape ? shape->size() : 0;
  auto codecs = readCodecs(json.value("codecs", Json()), dims, complain);
  if (!codecs) return fail(std::move(codecs.error()));
  Json chunks = chunkShape(json);
  std::optional<Json> inner;
  if (codecs->sharding) {
    inner = *codecs->sharding;
    codecs = readCodecs(inner->value("codecs", Json()), dims, complain);
    if (!codecs) return fail(std::move(codecs.error()));
    if (codecs->sharding) return complain(ErrorCode::UnsupportedType, "shards within its shards are not read");
  }
  const Json type = json.value("data_type", Json());
  const std::string dtype = numpyType(type, codecs->isBig);
  CUBELOOM_TRY(appendSteps(codecs->ofValues, dtype, array.steps, complain));
  const std::vector<ZarrStep> ofValues = std::exchange(array.steps, {});
  if (dtype.empty() || !setZarrType(dtype, array) || (!ofValues.empty() && !array.steps.empty()))
    return complain(ErrorCode::UnsupportedType, "its type " + type.dump().substr(0, 100) + " is not read",
                    "read are integers of 8 to 64 bits, float16, float32, float64 and complex numbers");
  array.steps.insert(array.steps.end(), ofValues.begin(), ofValues.end());
  CUBELOOM_TRY(appendSteps(codecs->ofBytes, dtype, array.steps, complain));
  if (auto sane = checkZarrSteps(array.steps); !sane) return complain(sane.error().code, sane.error().message, sane.error().hint);
  if (inner) {
    const auto outer = zarrSizes(chunks);
    if (!outer || outer->size() != dims) return complain(ErrorCode::OpenFailed, "its shards have no shape");
    auto shards = readShards(*inner, *outer, complain);
    if (!shards) return fail(std::move(shards.error()));
    array.shards = std::move(*shards);
    chunks = inner->value("chunk_shape", Json());
  }
  CUBELOOM_TRY(setZarrSizes(json.value("shape", Json()), chunks, array, complain));
  array.order = codecs->order;
  CUBELOOM_TRY(readKeys(json, array, complain));
  if (const auto fill = json.find("fill_value"); fill != json.end() && !fill->is_null()) {
    const auto element = zarrFill(*fill, array);
    if (!element) return complain(ErrorCode::OpenFailed, "\"fill_value\" " + fill->dump().substr(0, 100) + " is not of its type");
    array.fill = *element;
  }
  readNames(json, array);
  return array;
}

std::optional<ZarrArray> outlineZarrArrayV3(const Json& json, ZarrArray array) {
  const auto shape = zarrSizes(json.value("shape", Json())), chunks = zarrSizes(chunkShape(json));
  const std::string type = extension(json.value("data_type", Json())).name;
  if (!shape || !chunks || shape->size() != chunks->size() || type == "string" || type == "variable_length_bytes") return std::nullopt;
  array.shape = *shape;
  array.chunks = *chunks;
  readNames(json, array);
  return array;
}

}  // namespace cubeloom
