// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_chunks.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr int kReadSeconds = 600;
/// Chunks whose places are asked for at once, and pages of them that are kept: 16 MiB.
constexpr std::int64_t kPage = 256;
constexpr std::size_t kMostPages = 4096;

std::string placeOf(const std::vector<std::int64_t>& origin) {
  std::vector<std::string> numbers;
  numbers.reserve(origin.size());
  for (const std::int64_t at : origin) numbers.push_back(std::to_string(at));
  return "(" + join(numbers, ", ") + ")";
}

class Hdf5Chunks final : public ChunkReader {
 public:
  Hdf5Chunks(std::shared_ptr<Hdf5Remote> file, std::size_t variable, std::string name, std::vector<std::int64_t> shape,
             const Hdf5Layout& layout)
      : m_file(std::move(file)),
        m_variable(variable),
        m_name(std::move(name)),
        m_shape(std::move(shape)),
        m_isLocated(layout.isLocated),
        m_isAllocated(layout.isAllocated),
        m_filters(layout.filters, layout.elementBytes),
        m_fill(layout.fill),
        m_chunkBytes(layout.elementBytes) {
    m_chunk = layout.chunk;
    double chunks = 1;
    for (std::size_t d = 0; d < m_chunk.size(); ++d) {
      m_chunkBytes *= static_cast<std::size_t>(m_chunk[d]);
      m_along.push_back((m_shape[d] + m_chunk[d] - 1) / m_chunk[d]);
      m_count *= m_along.back();
      chunks *= static_cast<double>(m_along.back());
    }
    m_roomBytes = Hdf5Filters::mostStoredBytes(m_chunkBytes);
    m_storedChunkBytes = layout.storedBytes / std::max(chunks, 1.0);
  }

  Result<std::byte*> read(const std::vector<std::int64_t>& origin, std::byte* a, std::byte* b) override {
    if (!m_isAllocated) return filled(a);
    if (!m_isLocated) return readThroughLibrary(origin, a);
    const auto place = placeIn(origin);
    if (!place) return failure(origin, place.error().message);
    // None: never written, or not to be found for another reason, which the library then tells.
    if (place->bytes == 0) return readThroughLibrary(origin, a);
    if (place->bytes > m_roomBytes)
      return damaged(origin, "claims " + std::to_string(place->bytes) + " bytes for " + std::to_string(m_chunkBytes) + " bytes of values");
    const std::int64_t fileBytes = m_file->raw->sizeBytes();
    if (place->offset < 0 || place->offset > fileBytes || place->bytes > fileBytes - place->offset)
      return damaged(origin, "lies beyond the end of the file");
    CUBELOOM_TRY(m_file->raw->read(a, place->bytes, place->offset, place->offset + place->bytes));
    auto values = m_filters.undo(a, b, place->bytes, m_chunkBytes, place->skipped);
    if (values) return values;
    return damaged(origin, values.error().message);
  }

 private:
  Result<Hdf5Place> placeIn(const std::vector<std::int64_t>& origin) {
    std::int64_t number = 0;
    for (std::size_t d = 0; d < origin.size(); ++d) number = number * m_along[d] + origin[d] / m_chunk[d];
    const std::int64_t page = number / kPage, first = page * kPage;
    {
      const std::lock_guard lock(m_mutex);
      if (const auto found = m_pages.find(page); found != m_pages.end()) return found->second[static_cast<std::size_t>(number - first)];
    }
    auto places = m_file->locate(m_variable, first, std::min(kPage, m_count - first));
    if (!places) return fail(std::move(places.error()));
    const Hdf5Place place = (*places)[static_cast<std::size_t>(number - first)];
    const std::lock_guard lock(m_mutex);
    if (m_pages.size() >= kMostPages) m_pages.clear();
    m_pages.emplace(page, std::move(*places));
    return place;
  }

  Result<std::byte*> readThroughLibrary(const std::vector<std::int64_t>& origin, std::byte* to) const {
    if (const auto done = m_file->values(m_variable, origin, to, static_cast<std::int64_t>(m_chunkBytes)); !done)
      return failure(origin, done.error().message);
    return to;
  }

  Failure failure(const std::vector<std::int64_t>& origin, const std::string& why) const {
    const std::string& path = m_file->raw->path();
    return failAt(ErrorCode::ReadFailed, path,
                  "reading the chunk at " + placeOf(origin) + " of " + m_name + " in " + path + " failed: " + why);
  }
  Failure damaged(const std::vector<std::int64_t>& origin, const std::string& what) const {
    const std::string& path = m_file->raw->path();
    return failAt(ErrorCode::ReadFailed, path, "the chunk at " + placeOf(origin) + " of " + m_name + " in " + path + " " + what,
                  "the file is damaged: fetch it again");
  }

  std::byte* filled(std::byte* to) const {
    for (std::size_t at = 0; at < m_chunkBytes; at += m_fill.size()) std::memcpy(to + at, m_fill.data(), m_fill.size());
    return to;
  }

  std::shared_ptr<Hdf5Remote> m_file;
  std::size_t m_variable;
  std::string m_name;
  std::vector<std::int64_t> m_shape, m_along;
  bool m_isLocated, m_isAllocated;
  Hdf5Filters m_filters;
  std::vector<std::uint8_t> m_fill;
  std::size_t m_chunkBytes;
  std::int64_t m_count = 1;
  std::mutex m_mutex;
  std::map<std::int64_t, std::vector<Hdf5Place>> m_pages;  ///< by their number
};

}  // namespace

Result<std::vector<Hdf5Place>> Hdf5Remote::locate(std::size_t variable, std::int64_t first, std::int64_t count) const {
  auto places = file->with([&](ReaderProcess& reader, std::int64_t number) {
    Hdf5Question question{.verb = Hdf5Verb::Locate, .file = number, .variable = variable, .first = first, .count = count};
    return reader.ask<std::vector<Hdf5Place>>(question, kReadSeconds);
  });
  if (!places) return failAt(ErrorCode::ReadFailed, raw->path(), places.error());
  if (places->size() != static_cast<std::size_t>(count)) return failAt(ErrorCode::ReadFailed, raw->path(), "its index is damaged");
  return std::move(*places);
}

Result<void> Hdf5Remote::values(std::size_t variable, const std::vector<std::int64_t>& origin, std::byte* to, std::int64_t bytes) const {
  const auto done = file->with([&](ReaderProcess& reader, std::int64_t number) -> ReaderAnswer<> {
    for (std::int64_t from = 0; from < bytes; from += kChannelBytes) {
      const std::int64_t piece = std::min(kChannelBytes, bytes - from);
      Hdf5Question question{.verb = Hdf5Verb::Values, .file = number, .variable = variable, .origin = origin, .from = from, .bytes = piece};
      const auto asked = reader.ask<bool, Hdf5Question>(question, kReadSeconds, [&](Unpacker& unpack, const std::byte* shared) {
        bool isRead = false;
        unpack(isRead);
        std::memcpy(to + from, shared, static_cast<std::size_t>(piece));
        return isRead;
      });
      if (!asked) return tl::unexpected(asked.error());
    }
    return {};
  });
  if (!done) return failAt(ErrorCode::ReadFailed, raw->path(), done.error());
  return {};
}

std::shared_ptr<ChunkReader> hdf5ChunkReader(std::shared_ptr<Hdf5Remote> file, std::size_t variable, const std::string& name,
                                             std::vector<std::int64_t> shape, const Hdf5Layout& layout) {
  return std::make_shared<Hdf5Chunks>(std::move(file), variable, name, std::move(shape), layout);
}

}  // namespace cubeloom
