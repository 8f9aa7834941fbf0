// SPDX-License-Identifier: GPL-3.0-or-later
// A line that a client sends, understood: what to describe, what to read, what to cancel.
#pragma once

#include <string>
#include <string_view>

#include "engine/array/array_spec.h"
#include "engine/chain/chain.h"

namespace cubeloom {

/// What a client asks for. `index` is kept as it came: what it means depends on the array.
struct ServeRequest {
  enum class Verb { Describe, Read, Cancel };
  Json id;  ///< goes back with the answer, whatever it is
  Verb verb = Verb::Describe;
  Json chain;              ///< the path of a chain file or of a raster, a `!` pipeline, or a chain document
  std::string folder;      ///< what relative paths are relative to; empty: the process's
  std::string node;        ///< empty: the one before the output
  std::string coordinate;  ///< read: a coordinate of several dims instead of the array
  std::string state;       ///< read: refused unless the files are as they were when the answer with this state was given
  Json index = Json::object();
};

/// InvalidParameter names the key. `id`, as far as it could be read, is set in any case.
Result<ServeRequest> parseServeRequest(const std::string& line, Json& id);

/// What `index` asks for: one set per dim, indices inside the array in the order asked for; the shape has no dims that a single number
/// picks from.
struct OuterIndex {
  Region region;
  std::vector<std::int64_t> shape;
};
/// `index` per dim: "start:stop:step" as Python has it, a list of indices, a number, negative ones counted from the end; dims that it does
/// not name are whole. InvalidParameter names dim, index and size.
Result<OuterIndex> outerIndex(const Json& index, const std::vector<std::string>& dims, const std::vector<std::int64_t>& shape);

}  // namespace cubeloom
