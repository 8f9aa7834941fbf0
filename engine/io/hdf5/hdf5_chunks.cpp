// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_chunks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_filters.h"

namespace cubeloom {
namespace {

constexpr double kMaxChunkBytes = 512.0 * 1024 * 1024;
/// Pieces in which values that are not chunked are read.
constexpr std::int64_t kPieceBytes = std::int64_t{1} << 20;

std::string placeOf(const std::vector<std::int64_t>& origin) {
  std::vector<std::string> numbers;
  numbers.reserve(origin.size());
  for (const std::int64_t at : origin) numbers.push_back(std::to_string(at));
  return "(" + join(numbers, ", ") + ")";
}

std::vector<hsize_t> asSizes(const std::vector<std::int64_t>& numbers) { return {numbers.begin(), numbers.end()}; }

/// What is known of a dataset once, under the lock.
struct Facts {
  Hdf5Id dataset, fileType;
  std::vector<std::int64_t> shape, chunk;
  std::size_t elementBytes = 1;
  bool isChunked = false, isForeign = false, isAllocated = true;
  Hdf5Filters filters;
  std::vector<std::byte> fill;  ///< one element, in the file's byte order
  double storedBytes = 0;
};

class Hdf5Chunks : public ChunkReader {
 public:
  Hdf5Chunks(std::shared_ptr<Hdf5Handle> file, std::string name, Facts facts)
      : m_file(std::move(file)), m_name(std::move(name)), m_facts(std::move(facts)) {
    m_chunk = m_facts.chunk;
    m_chunkBytes = m_facts.elementBytes;
    double chunks = 1;
    for (std::size_t d = 0; d < m_chunk.size(); ++d) {
      m_chunkBytes *= static_cast<std::size_t>(m_chunk[d]);
      const std::int64_t along = (m_facts.shape[d] + m_chunk[d] - 1) / m_chunk[d];
      chunks *= static_cast<double>(along);
    }
    m_roomBytes = Hdf5Filters::mostStoredBytes(m_chunkBytes);
    m_storedChunkBytes = m_facts.storedBytes / std::max(chunks, 1.0);
  }
  ~Hdf5Chunks() override {
    const Hdf5Lock lock;
    m_facts.dataset = Hdf5Id();
    m_facts.fileType = Hdf5Id();
  }

  Result<std::byte*> read(const std::vector<std::int64_t>& origin, std::byte* a, std::byte* b) override {
    if (!m_facts.isAllocated) return filled(a);
    if (!m_facts.isChunked || m_facts.isForeign) return readThroughLibrary(origin, a);
    std::uint32_t skipped = 0;
    auto stored = readStored(origin, a, skipped);
    if (!stored) return fail(std::move(stored.error()));
    if (*stored == 0) return readThroughLibrary(origin, a);
    auto values = m_facts.filters.undo(a, b, *stored, m_chunkBytes, skipped);
    if (values) return values;
    return failAt(ErrorCode::ReadFailed, m_file->path(),
                  "the chunk at " + placeOf(origin) + " of " + m_name + " in " + m_file->path() + " " + values.error().message,
                  "the file is damaged: fetch it again");
  }

 private:
  /// The chunk's bytes as stored; 0 of them when the library finds none, because it was never written or for another reason.
  Result<std::size_t> readStored(const std::vector<std::int64_t>& origin, std::byte* to, std::uint32_t& skipped) {
    const std::vector<hsize_t> offset = asSizes(origin);
    const Hdf5Lock lock;
    hsize_t bytes = 0;
    if (H5Dget_chunk_storage_size(m_facts.dataset.get(), offset.data(), &bytes) < 0 || bytes == 0) {
      H5Eclear2(H5E_DEFAULT);
      return std::size_t{0};
    }
    if (bytes > m_roomBytes)
      return failAt(ErrorCode::ReadFailed, m_file->path(),
                    "the chunk at " + placeOf(origin) + " of " + m_name + " in " + m_file->path() + " claims " + std::to_string(bytes) +
                        " bytes for " + std::to_string(m_chunkBytes) + " bytes of values",
                    "the file is damaged: fetch it again");
    if (H5Dread_chunk(m_facts.dataset.get(), H5P_DEFAULT, offset.data(), &skipped, to) < 0) return failure(origin);
    return static_cast<std::size_t>(bytes);
  }

  Result<std::byte*> readThroughLibrary(const std::vector<std::int64_t>& origin, std::byte* to) {
    const std::vector<hsize_t> start = asSizes(origin), room = asSizes(m_chunk);
    std::vector<hsize_t> count, zero(origin.size(), 0);
    for (std::size_t d = 0; d < origin.size(); ++d)
      count.push_back(static_cast<hsize_t>(std::min(m_chunk[d], m_facts.shape[d] - origin[d])));
    const int rank = static_cast<int>(origin.size());
    const Hdf5Lock lock;
    const Hdf5Id inFile(H5Dget_space(m_facts.dataset.get())), inMemory(H5Screate_simple(rank, room.data(), nullptr));
    const bool done = inFile && inMemory &&
                      H5Sselect_hyperslab(inFile.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) >= 0 &&
                      H5Sselect_hyperslab(inMemory.get(), H5S_SELECT_SET, zero.data(), nullptr, count.data(), nullptr) >= 0 &&
                      H5Dread(m_facts.dataset.get(), m_facts.fileType.get(), inMemory.get(), inFile.get(), H5P_DEFAULT, to) >= 0;
    if (!done) return failure(origin);
    return to;
  }

  Failure failure(const std::vector<std::int64_t>& origin) const {
    return hdf5Failure(ErrorCode::ReadFailed, m_file->path(),
                       "reading the chunk at " + placeOf(origin) + " of " + m_name + " in " + m_file->path() + " failed");
  }

  std::byte* filled(std::byte* to) const {
    for (std::size_t at = 0; at < m_chunkBytes; at += m_facts.elementBytes) std::memcpy(to + at, m_facts.fill.data(), m_facts.elementBytes);
    return to;
  }

  std::shared_ptr<Hdf5Handle> m_file;
  std::string m_name;
  Facts m_facts;
  std::size_t m_chunkBytes = 0;
};

/// Unset: one of the filters is not among those undone here.
std::optional<Hdf5Filters> knownFilters(hid_t properties, std::size_t elementBytes, std::string& missing) {
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
  return Hdf5Filters(std::move(kinds), elementBytes);
}

/// Pieces of an array that lies in one piece: as many whole lines as make about kPieceBytes.
std::vector<std::int64_t> pieces(const std::vector<std::int64_t>& shape, std::size_t elementBytes) {
  std::vector<std::int64_t> piece(shape.size(), 1);
  std::int64_t bytes = static_cast<std::int64_t>(elementBytes);
  for (std::size_t d = shape.size(); d-- > 0 && bytes < kPieceBytes;) {
    piece[d] = std::clamp<std::int64_t>(kPieceBytes / bytes, 1, std::max<std::int64_t>(shape[d], 1));
    bytes *= piece[d];
    if (piece[d] < shape[d]) break;
  }
  return piece;
}

}  // namespace

Hdf5Handle::~Hdf5Handle() {
  const Hdf5Lock lock;
  m_file = Hdf5Id();
}

Result<std::shared_ptr<ChunkReader>> openHdf5Chunks(const std::shared_ptr<Hdf5Handle>& file, const std::string& name) {
  // Made before the lock: what fails below gives its ids back while the lock is still held.
  std::optional<Facts> held;
  const auto look = [&]() -> Result<void> {
    Facts facts;
    facts.dataset = Hdf5Id(H5Dopen2(file->id(), name.c_str(), H5P_DEFAULT));
    if (!facts.dataset) return hdf5Failure(ErrorCode::OpenFailed, file->path(), "cannot open " + name + " in " + file->path());
    facts.fileType = Hdf5Id(H5Dget_type(facts.dataset.get()));
    const Hdf5Id space(H5Dget_space(facts.dataset.get())), properties(H5Dget_create_plist(facts.dataset.get()));
    if (!facts.fileType || !space || !properties)
      return hdf5Failure(ErrorCode::OpenFailed, file->path(), "cannot read the header of " + name + " in " + file->path());
    facts.elementBytes = H5Tget_size(facts.fileType.get());
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 1 || rank > H5S_MAX_RANK || facts.elementBytes < 1 || facts.elementBytes > 8)
      return failAt(ErrorCode::UnsupportedType, file->path(), name + " in " + file->path() + " is not an array of numbers");
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank)), chunk(sizes.size());
    H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
    facts.shape.assign(sizes.begin(), sizes.end());
    facts.isChunked = H5Pget_layout(properties.get()) == H5D_CHUNKED;
    if (facts.isChunked) {
      if (H5Pget_chunk(properties.get(), rank, chunk.data()) != rank)
        return hdf5Failure(ErrorCode::OpenFailed, file->path(), "cannot read the chunk shape of " + name + " in " + file->path());
      facts.chunk.assign(chunk.begin(), chunk.end());
    } else {
      facts.chunk = pieces(facts.shape, facts.elementBytes);
    }
    double chunkBytes = static_cast<double>(facts.elementBytes);
    for (const std::int64_t side : facts.chunk) chunkBytes *= static_cast<double>(side);
    if (chunkBytes > kMaxChunkBytes || chunkBytes < 1)
      return failAt(ErrorCode::OpenFailed, file->path(),
                    name + " in " + file->path() + " is stored in chunks of " + formatSize(chunkBytes) + "; the limit is " +
                        formatSize(kMaxChunkBytes),
                    "write it anew in smaller chunks, for instance with nccopy -c");
    std::string missing;
    const auto filters = knownFilters(properties.get(), facts.elementBytes, missing);
    if (!missing.empty())
      return failAt(ErrorCode::UnsupportedType, file->path(),
                    name + " in " + file->path() + " went through the HDF5 filter " + missing + ", which is not built in",
                    "write it anew with deflate, for instance with h5repack -f GZIP=4");
    facts.isForeign = !filters;
    if (filters) facts.filters = *filters;
    H5D_space_status_t status = H5D_SPACE_STATUS_ALLOCATED;
    if (H5Dget_space_status(facts.dataset.get(), &status) >= 0) facts.isAllocated = status != H5D_SPACE_STATUS_NOT_ALLOCATED;
    facts.storedBytes = static_cast<double>(H5Dget_storage_size(facts.dataset.get()));
    facts.fill.assign(facts.elementBytes, std::byte{0});
    H5D_fill_value_t declared = H5D_FILL_VALUE_UNDEFINED;
    if (H5Pfill_value_defined(properties.get(), &declared) >= 0 && declared != H5D_FILL_VALUE_UNDEFINED)
      H5Pget_fill_value(properties.get(), facts.fileType.get(), facts.fill.data());
    H5Eclear2(H5E_DEFAULT);
    held = std::move(facts);
    return {};
  };
  {
    const Hdf5Lock lock;
    CUBELOOM_TRY(look());
  }
  return std::make_shared<Hdf5Chunks>(file, name, std::move(*held));
}

}  // namespace cubeloom
