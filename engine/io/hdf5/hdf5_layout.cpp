// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/text.h"
#include "engine/io/hdf5/hdf5_file.h"
#include "engine/io/source/slab_reader.h"

namespace cubeloom {
namespace {

/// Unset: one of the filters is not among those undone here.
std::optional<std::vector<Hdf5Filters::Kind>> knownFilters(hid_t properties, std::size_t elementBytes, std::string& missing) {
  std::vector<Hdf5Filters::Kind> kinds;
  bool isKnown = true;
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, configuration = 0;
    std::size_t valueCount = 8;
    std::array<unsigned, 8> values{};
    std::array<char, 64> name{};
    const H5Z_filter_t id =
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &valueCount, values.data(), name.size(), name.data(), &configuration);
    switch (id) {
      case H5Z_FILTER_DEFLATE: kinds.push_back(Hdf5Filters::Kind::Deflate); break;
      case H5Z_FILTER_FLETCHER32: kinds.push_back(Hdf5Filters::Kind::Fletcher32); break;
      case H5Z_FILTER_SHUFFLE:
        kinds.push_back(Hdf5Filters::Kind::Shuffle);
        isKnown = isKnown && (valueCount == 0 || values[0] == elementBytes);
        break;
      default:
        isKnown = false;
        if (H5Zfilter_avail(id) <= 0) missing = std::to_string(id) + (name[0] != '\0' ? " (" + std::string(name.data()) + ")" : "");
    }
  }
  if (!isKnown) return std::nullopt;
  return kinds;
}

Hdf5Layout refused(Hdf5Layout layout, std::string problem, std::string remedy = {}) {
  layout.problem = std::move(problem);
  layout.remedy = std::move(remedy);
  return layout;
}

}  // namespace

Hdf5Layout hdf5Layout(hid_t dataset, const std::string& place) {
  Hdf5Layout layout;
  const Hdf5Id type(H5Dget_type(dataset)), space(H5Dget_space(dataset)), properties(H5Dget_create_plist(dataset));
  if (!type || !space || !properties) return refused(layout, "cannot read the header of " + place);
  const std::size_t elementBytes = H5Tget_size(type.get());
  layout.elementBytes = static_cast<std::uint32_t>(elementBytes);
  const H5D_layout_t kind = H5Pget_layout(properties.get());
  if (kind == H5D_CONTIGUOUS)
    if (const haddr_t offset = H5Dget_offset(dataset); offset != HADDR_UNDEF && offset < HADDR_MAX)
      layout.denseOffset = static_cast<std::int64_t>(offset);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 1 || rank > H5S_MAX_RANK || elementBytes < 1 || elementBytes > 8) {
    layout.isUnsupported = true;
    return refused(layout, place + " is not an array of numbers");
  }
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank)), chunk(sizes.size());
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  if (kind == H5D_CHUNKED) {
    if (H5Pget_chunk(properties.get(), rank, chunk.data()) != rank) return refused(layout, "cannot read the chunk shape of " + place);
    layout.chunk.assign(chunk.begin(), chunk.end());
  } else {
    layout.chunk = linesAtOnce({sizes.begin(), sizes.end()}, static_cast<std::int64_t>(elementBytes));
  }
  double chunkBytes = static_cast<double>(elementBytes);
  for (const std::int64_t side : layout.chunk) chunkBytes *= static_cast<double>(side);
  if (chunkBytes > kMostHdf5ChunkBytes || chunkBytes < 1)
    return refused(layout,
                   place + " is stored in chunks of " + formatSize(chunkBytes) + "; the limit is " + formatSize(kMostHdf5ChunkBytes),
                   "write it anew in smaller chunks, for instance with nccopy -c");
  std::string missing;
  auto filters = knownFilters(properties.get(), elementBytes, missing);
  if (!missing.empty()) {
    layout.isUnsupported = true;
    return refused(layout, place + " went through the HDF5 filter " + missing + ", which is not built in",
                   "write it anew with deflate, for instance with h5repack -f GZIP=4");
  }
  layout.isLocated = kind == H5D_CHUNKED && filters.has_value();
  if (filters) layout.filters = std::move(*filters);
  H5D_space_status_t status = H5D_SPACE_STATUS_ALLOCATED;
  if (H5Dget_space_status(dataset, &status) >= 0) layout.isAllocated = status != H5D_SPACE_STATUS_NOT_ALLOCATED;
  layout.storedBytes = static_cast<double>(H5Dget_storage_size(dataset));
  layout.fill.assign(elementBytes, 0);
  H5D_fill_value_t declared = H5D_FILL_VALUE_UNDEFINED;
  if (H5Pfill_value_defined(properties.get(), &declared) >= 0 && declared != H5D_FILL_VALUE_UNDEFINED)
    H5Pget_fill_value(properties.get(), type.get(), layout.fill.data());
  H5Eclear2(H5E_DEFAULT);
  return layout;
}

}  // namespace cubeloom
