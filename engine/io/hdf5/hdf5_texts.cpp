// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_texts.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {
namespace {

constexpr hsize_t kMaxChunkElements = 4 << 20;

/// Chunks that the library has to decompress whole may be larger than the array.
bool hasSaneChunks(hid_t dataset, std::size_t rank) {
  const Hdf5Id properties(H5Dget_create_plist(dataset));
  if (!properties) return false;
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return true;
  std::vector<hsize_t> chunk(rank);
  if (H5Pget_chunk(properties.get(), static_cast<int>(rank), chunk.data()) != static_cast<int>(rank)) return false;
  hsize_t elements = 1;
  for (const hsize_t side : chunk) {
    if (side == 0 || side > kMaxChunkElements / elements) return false;
    elements *= side;
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> hdf5Texts(hid_t dataset, const std::vector<std::int64_t>& shape, Hdf5Heap& heap) {
  const Hdf5Id type(H5Dget_type(dataset));
  if (!type || shape.size() > 2 || (!shape.empty() && (shape[0] > kMostLabels || !hasSaneChunks(dataset, shape.size()))))
    return std::nullopt;
  const auto rows = static_cast<std::size_t>(shape.empty() ? 1 : shape[0]);
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type.get()) > 0) {
    auto values = shape.size() < 2 ? heap.readTexts(dataset, rows) : std::nullopt;
    if (!values) return std::nullopt;
    for (const std::string& value : *values) texts.push_back(wellFormed(unpadded(value.data(), value.size())));
    return texts;
  }
  std::size_t length = H5Tget_size(type.get());
  if (shape.size() == 2) length = length == 1 ? static_cast<std::size_t>(shape[1]) : 0;
  if (length == 0 || length > static_cast<std::size_t>(kMostLabelBytes) / std::max<std::size_t>(rows, 1)) return std::nullopt;
  std::vector<char> bytes(rows * length);
  if (H5Dread(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) return std::nullopt;
  for (std::size_t i = 0; i < rows; ++i) texts.push_back(wellFormed(unpadded(bytes.data() + i * length, length)));
  return texts;
}

}  // namespace cubeloom
