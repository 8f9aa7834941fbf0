// SPDX-License-Identifier: GPL-3.0-or-later
// Gathers strided pixels into runs as long as the file allows.
#include "engine/io/raw_box.h"

#include <algorithm>

namespace cubeloom {
namespace {

/// Writes views whose elements are consecutive in the file.
class RunWriter {
 public:
  RunWriter(const PartFile& file, BufferPool& pool) : m_file(file), m_pool(pool) {}

  Result<void> write(std::int64_t at, const BlockView& view) {
    const std::int64_t elementBytes = static_cast<std::int64_t>(pixelTypeBytes(view.type));
    const std::int64_t bytes = view.count() * elementBytes;
    if (view.isDense()) return m_file.write(at, view.data, static_cast<std::size_t>(bytes));
    if (bytes <= static_cast<std::int64_t>(kRawScratchBytes)) {
      if (!m_scratch) m_scratch = m_pool.take(kRawScratchBytes);
      copyBlock(view, denseView(m_scratch.data(), view.type, view.shape));
      return m_file.write(at, m_scratch.data(), static_cast<std::size_t>(bytes));
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
  const PartFile& m_file;
  BufferPool& m_pool;
  Buffer m_scratch;
};

}  // namespace

Result<void> writeBox(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                      const std::vector<std::int64_t>& offset, const BlockView& view, BufferPool& pool) {
  if (view.count() == 0) return {};
  const std::vector<std::int64_t> strides = denseStrides(shape, pixelTypeBytes(view.type));
  std::size_t outer = shape.size();
  while (outer > 0 && view.shape[outer - 1] == shape[outer - 1]) --outer;
  if (outer > 0) --outer;  // the last dim that is cut still is one run with the whole ones after it

  std::int64_t at = start;
  for (std::size_t d = 0; d < shape.size(); ++d) at += offset[d] * strides[d];
  RunWriter writer(file, pool);
  std::vector<std::int64_t> index(outer, 0);
  BlockView run{view.data,
                view.type,
                {view.shape.begin() + static_cast<std::ptrdiff_t>(outer), view.shape.end()},
                {view.strides.begin() + static_cast<std::ptrdiff_t>(outer), view.strides.end()}};
  while (true) {
    CUBELOOM_TRY(writer.write(at, run));
    std::size_t d = outer;
    while (d-- > 0) {
      at += strides[d];
      run.data += view.strides[d];
      if (++index[d] < view.shape[d]) break;
      at -= strides[d] * view.shape[d];
      run.data -= view.strides[d] * view.shape[d];
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return {};
  }
}

}  // namespace cubeloom
