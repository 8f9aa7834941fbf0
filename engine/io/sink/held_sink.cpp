// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/held_sink.h"

#include "engine/io/sink/sink_layout.h"

namespace cubeloom {

HeldSink::HeldSink(const SinkRequest& request, BufferPool& pool, const std::vector<std::int64_t>& shape)
    : m_path(request.path),
      m_overwrite(request.overwrite),
      m_runChunk(request.identity.chunk),
      m_spec(request.spec),
      m_block(makeBlock(pool, m_spec.type, shape)),
      m_arrived(m_spec.count()) {}

Result<void> HeldSink::begin(const SinkRequest& request) {
  auto part = ResumablePart::open(request);
  if (!part) return fail(std::move(part.error()));
  m_part = std::move(*part);
  return {};
}

Result<void> HeldSink::write(std::int64_t, const Region& region, const BlockView& chunk) {
  CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
  std::vector<std::int64_t> offset;
  for (const IndexSet& indices : region) offset.push_back(indices.first());
  copyBlock(chunk, m_block.view.sub(offset, chunk.shape));
  arrived(chunk.count());
  return {};
}

std::vector<std::int64_t> HeldSink::done(const CancelToken& /*cancel*/) {
  if (!m_part->isPublished()) return {};
  m_arrived.add(m_spec.count());
  return everyPosition(ChunkGrid(m_spec.shape(), m_runChunk));
}

Result<void> HeldSink::publish(const CancelToken& cancel) {
  CUBELOOM_TRY(m_arrived.checkComplete(m_path));
  if (m_part->isPublished()) return {};
  PartFile file = PartFile::inside(m_part->pathOf("output"), m_path);
  CUBELOOM_TRY(makeFile(file, cancel));
  CUBELOOM_TRY(m_part->recordPublishing(file.path()));
  m_bytes = file.sizeBytes();
  CUBELOOM_TRY(file.moveTo(m_path, m_overwrite));
  published();
  return {};
}

void HeldSink::discard() {
  m_block = {};
  if (m_part) m_part->remove();
}

std::string HeldSink::keep() {
  m_block = {};
  return m_part ? m_part->keep() : std::string();
}

}  // namespace cubeloom
