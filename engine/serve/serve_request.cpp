// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/serve_request.h"

#include <algorithm>
#include <set>

#include "engine/base/json_text.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

Result<ServeRequest::Verb> verbOf(const std::string& name) {
  if (name == "describe") return ServeRequest::Verb::Describe;
  if (name == "read") return ServeRequest::Verb::Read;
  if (name == "cancel") return ServeRequest::Verb::Cancel;
  return invalidParameter("do", "'" + name + "' is nothing that can be asked for", "describe, read and cancel are");
}

Result<void> takeText(const Json& json, const char* key, std::string& to) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return {};
  if (!found->is_string()) return invalidParameter(key, std::string(key) + " has to be a text");
  to = found->get<std::string>();
  return {};
}

Failure noIndex(const std::string& dim, const Json& index) {
  return invalidParameter("index", "the index " + index.dump() + " of dim " + dim + " is none",
                          "give \"start:stop:step\", a list of whole numbers, or one number");
}

/// A whole number, counted from the end where it is negative.
Result<std::int64_t> place(const std::string& dim, const Json& index, std::int64_t size) {
  if (!index.is_number_integer()) return noIndex(dim, index);
  const auto given = index.get<std::int64_t>();
  const std::int64_t at = given < 0 ? given + size : given;
  if (at < 0 || at >= size)
    return invalidParameter("index", "index " + std::to_string(given) + " is outside dim " + dim + " of size " + std::to_string(size));
  return at;
}

/// Python's slice.indices().
Result<IndexSet> slice(const std::string& dim, const Json& index, std::int64_t size) {
  const std::vector<std::string> words = split(index.get_ref<const std::string&>(), ':');
  if (words.size() < 2 || words.size() > 3) return noIndex(dim, index);
  std::optional<std::int64_t> numbers[3];
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (trim(words[i]).empty()) continue;
    numbers[i] = parseInteger(words[i]);
    if (!numbers[i]) return noIndex(dim, index);
  }
  const std::int64_t step = numbers[2].value_or(1);
  if (step == 0) return invalidParameter("index", "the step of dim " + dim + " is 0");
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto bound = [&](const std::optional<std::int64_t>& number, std::int64_t missing) {
    if (!number) return missing;
    return std::clamp(*number < 0 ? std::max(*number + size, low) : *number, low, high);
  };
  const std::int64_t start = bound(numbers[0], step > 0 ? low : high), stop = bound(numbers[1], step > 0 ? high : low);
  const std::int64_t way = step > 0 ? stop - start : start - stop, stride = step > 0 ? step : -step;
  return IndexSet::range(start, way <= 0 ? 0 : (way - 1) / stride + 1, step);
}

}  // namespace

Result<ServeRequest> parseServeRequest(const std::string& line, Json& id) {
  const Json json = jsonFromText(line);
  if (!json.is_object()) return fail(ErrorCode::InvalidParameter, "a request is one JSON object on one line");
  if (const auto found = json.find("id"); found != json.end()) id = *found;
  static const std::set<std::string> kKeys{"id", "do", "chain", "folder", "node", "coordinate", "state", "index"};
  for (const auto& [key, value] : json.items())
    if (!kKeys.contains(key)) return invalidParameter(key, "a request has no key '" + key + "'");
  ServeRequest request;
  request.id = id;
  std::string verb;
  CUBELOOM_TRY(takeText(json, "do", verb));
  auto known = verbOf(verb);
  if (!known) return fail(known.error());
  request.verb = *known;
  CUBELOOM_TRY(takeText(json, "folder", request.folder));
  CUBELOOM_TRY(takeText(json, "node", request.node));
  CUBELOOM_TRY(takeText(json, "coordinate", request.coordinate));
  CUBELOOM_TRY(takeText(json, "state", request.state));
  if (request.verb == ServeRequest::Verb::Cancel) return request;
  const auto chain = json.find("chain");
  if (chain == json.end() || !(chain->is_string() || chain->is_object()))
    return invalidParameter("chain", "chain has to be the path of a chain file or of a raster, a pipeline, or a chain document");
  request.chain = *chain;
  if (const auto index = json.find("index"); index != json.end() && !index->is_null()) {
    if (!index->is_object()) return invalidParameter("index", "index has to name dims: {\"y\": \"0:100\", \"wavelength\": [3, 5]}");
    request.index = *index;
  }
  return request;
}

Result<OuterIndex> outerIndex(const Json& index, const std::vector<std::string>& dims, const std::vector<std::int64_t>& shape) {
  for (const auto& [dim, value] : index.items())
    if (std::find(dims.begin(), dims.end(), dim) == dims.end())
      return invalidParameter("index", "there is no dim '" + dim + "'; there are " + (dims.empty() ? "none" : join(dims, ", ")));
  OuterIndex outer;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto found = index.find(dims[d]);
    if (found == index.end() || found->is_null()) {
      outer.region.push_back(IndexSet::all(shape[d]));
    } else if (found->is_string()) {
      auto set = slice(dims[d], *found, shape[d]);
      if (!set) return fail(set.error());
      outer.region.push_back(std::move(*set));
    } else if (found->is_array()) {
      std::vector<std::int64_t> list;
      list.reserve(found->size());
      for (const Json& one : *found) {
        auto at = place(dims[d], one, shape[d]);
        if (!at) return fail(at.error());
        list.push_back(*at);
      }
      outer.region.push_back(list.empty() ? IndexSet::range(0, 0) : IndexSet::list(std::move(list)));
    } else {
      auto at = place(dims[d], *found, shape[d]);
      if (!at) return fail(at.error());
      outer.region.push_back(IndexSet::single(*at));
      continue;
    }
    outer.shape.push_back(outer.region.back().count());
  }
  return outer;
}

}  // namespace cubeloom
