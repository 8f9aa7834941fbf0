// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/sink_options.h"

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr const char *kChunks = "_chunks", *kBlockSize = "_blocksize", *kLayout = "_layout", *kGeometries = "_geometries",
                     *kGeometryDim = "_geometry_dim";

std::string textOf(const SinkRequest& request, const char* name) {
  const auto found = request.metadata.find(name);
  return found == request.metadata.end() ? std::string() : found->second;
}

std::int64_t numberOf(const SinkRequest& request, const char* name, std::int64_t otherwise) {
  return parseInteger(textOf(request, name)).value_or(otherwise);
}

}  // namespace

void putOptions(const SinkOptions& options, SinkRequest& request) {
  std::vector<std::string> chunks;
  for (const std::int64_t side : options.chunks) chunks.push_back(std::to_string(side));
  if (!chunks.empty()) request.metadata[kChunks] = join(chunks, ",");
  if (options.blockSize > 0) request.metadata[kBlockSize] = std::to_string(options.blockSize);
  if (!options.layout.empty()) request.metadata[kLayout] = options.layout;
  if (options.geometryDim < 0) return;
  request.metadata[kGeometries] = join(options.geometries, "\n");
  request.metadata[kGeometryDim] = std::to_string(options.geometryDim);
}

SinkOptions optionsOf(const SinkRequest& request) {
  SinkOptions options;
  if (const std::string chunks = textOf(request, kChunks); !chunks.empty())
    for (const std::string& side : split(chunks, ',')) options.chunks.push_back(parseInteger(side).value_or(0));
  options.blockSize = numberOf(request, kBlockSize, 0);
  options.layout = textOf(request, kLayout);
  options.geometryDim = static_cast<int>(numberOf(request, kGeometryDim, -1));
  if (options.geometryDim >= 0) options.geometries = split(textOf(request, kGeometries), '\n');
  return options;
}

}  // namespace cubeloom
