// SPDX-License-Identifier: GPL-3.0-or-later
// Gathers strided pixels into runs as long as the file allows.
#include "engine/io/sink/raw_box.h"

#include <algorithm>

#include "engine/io/file/crc32.h"

namespace cubeloom {
namespace {

/// Writes views whose elements are consecutive in the file.
class RunWriter {
 public:
  RunWriter(const PartFile& file, BufferPool& pool, std::uint32_t* checksum) : m_file(file), m_pool(pool), m_checksum(checksum) {}

  Result<void> write(std::int64_t at, const BlockView& view) {
    const std::int64_t elementBytes = static_cast<std::int64_t>(pixelTypeBytes(view.type));
    const std::int64_t bytes = view.count() * elementBytes;
    if (view.isDense()) return put(at, view.data, static_cast<std::size_t>(bytes));
    if (bytes <= static_cast<std::int64_t>(kRawScratchBytes)) {
      if (!m_scratch) m_scratch = m_pool.take(kRawScratchBytes);
      copyBlock(view, denseView(m_scratch.data(), view.type, view.shape));
      return put(at, m_scratch.data(), static_cast<std::size_t>(bytes));
    }
    const std::int64_t slabBytes = bytes / view.shape[0];
    const std::int64_t step = std::max<std::int64_t>(1, static_cast<std::int64_t>(kRawScratchBytes) / slabBytes);
    for (std::int64_t i = 0; i < view.shape[0]; i += step) {
      std::vector<std::int64_t> offset(view.shape.size(), 0), size = view.shape;
      offset[0] = i;
      size[0] = std::min(step, view.shape[0] - i);
      const BlockView part = view.sub(offset, size);
      CUBELOOM_TRY(write(at + i * slabBytes, size[0] == 1 && view.shape.size() > 1 ? part.at(0, 0) : part));
    }
    return {};
  }

 private:
  Result<void> put(std::int64_t at, const std::byte* data, std::size_t bytes) {
    if (m_checksum) *m_checksum = crc32(*m_checksum, data, bytes);
    return m_file.write(at, data, bytes);
  }

  const PartFile& m_file;
  BufferPool& m_pool;
  std::uint32_t* m_checksum;
  Buffer m_scratch;
};

/// Calls `visit(byte in the file, index of the run's first element along the outer dims)` for each run of a box, in row-major order.
/// The dims from `outerDims` on lie together in every run.
template <class F>
Result<void> forEachBoxRun(const std::vector<std::int64_t>& strides, const std::vector<std::int64_t>& offset,
                           const std::vector<std::int64_t>& size, std::size_t outerDims, F&& visit) {
  std::int64_t at = 0;
  for (std::size_t d = 0; d < offset.size(); ++d) at += offset[d] * strides[d];
  std::vector<std::int64_t> index(outerDims, 0);
  while (true) {
    CUBELOOM_TRY(visit(at, index));
    std::size_t d = outerDims;
    while (d-- > 0) {
      at += strides[d];
      if (++index[d] < size[d]) break;
      at -= strides[d] * size[d];
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return {};
  }
}

/// How many dims are walked through; those after them lie together.
std::size_t outerDimsOf(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& size) {
  std::size_t outer = shape.size();
  while (outer > 0 && size[outer - 1] == shape[outer - 1]) --outer;
  return outer > 0 ? outer - 1 : 0;  // the last dim that is cut still is one run with the whole ones after it
}

}  // namespace

Result<void> writeBox(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                      const std::vector<std::int64_t>& offset, const BlockView& view, BufferPool& pool, std::uint32_t* checksum) {
  if (checksum) *checksum = 0;
  if (view.count() == 0) return {};
  const std::size_t outer = outerDimsOf(shape, view.shape);
  RunWriter writer(file, pool, checksum);
  const BlockView first{view.data,
                        view.type,
                        {view.shape.begin() + static_cast<std::ptrdiff_t>(outer), view.shape.end()},
                        {view.strides.begin() + static_cast<std::ptrdiff_t>(outer), view.strides.end()}};
  return forEachBoxRun(denseStrides(shape, pixelTypeBytes(view.type)), offset, view.shape, outer,
                       [&](std::int64_t at, const std::vector<std::int64_t>& index) {
                         BlockView run = first;
                         for (std::size_t d = 0; d < outer; ++d) run.data += index[d] * view.strides[d];
                         return writer.write(start + at, run);
                       });
}

Result<std::uint32_t> boxChecksum(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                                  const std::vector<std::int64_t>& offset, const std::vector<std::int64_t>& size, PixelType type,
                                  BufferPool& pool) {
  std::uint32_t checksum = 0;
  const std::size_t outer = outerDimsOf(shape, size);
  std::int64_t runBytes = static_cast<std::int64_t>(pixelTypeBytes(type));
  for (std::size_t d = outer; d < size.size(); ++d) runBytes *= size[d];
  if (std::find(size.begin(), size.end(), 0) != size.end()) return checksum;
  const Buffer scratch = pool.take(static_cast<std::size_t>(std::min<std::int64_t>(runBytes, kRawScratchBytes)));
  CUBELOOM_TRY(forEachBoxRun(denseStrides(shape, pixelTypeBytes(type)), offset, size, outer,
                             [&](std::int64_t at, const std::vector<std::int64_t>&) -> Result<void> {
                               for (std::int64_t done = 0; done < runBytes;) {
                                 const auto bytes = static_cast<std::size_t>(std::min<std::int64_t>(runBytes - done, kRawScratchBytes));
                                 CUBELOOM_TRY(file.read(start + at + done, scratch.data(), bytes));
                                 checksum = crc32(checksum, scratch.data(), bytes);
                                 done += static_cast<std::int64_t>(bytes);
                               }
                               return {};
                             }));
  return checksum;
}

}  // namespace cubeloom
