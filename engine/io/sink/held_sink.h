// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs that are written in one go when all of the array is there: until then it waits in memory.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/array/buffer_pool.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {

/// Takes the array in a block of the sink's own shape and gives it to a file. Nothing is journaled before that is published: the part's
/// folder only lets a later run find, and remove, what a killed one has left.
class HeldSink : public Sink {
 public:
  /// Takes the target; before anything else.
  Result<void> begin(const SinkRequest& request);
  /// Of a block in the array's own shape.
  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override;
  std::vector<std::int64_t> done(const CancelToken& cancel) final;
  Result<void> publish(const CancelToken& cancel) final;
  void discard() final;
  std::string keep() final;
  std::int64_t bytesWritten() const final { return m_bytes; }

 protected:
  /// `shape`: of the block.
  HeldSink(const SinkRequest& request, BufferPool& pool, const std::vector<std::int64_t>& shape);

  /// Makes the whole file, and sees that it can be read back. It is not open yet.
  virtual Result<void> makeFile(PartFile& file, const CancelToken& cancel) = 0;
  /// It stands at the target now.
  virtual void published() {}
  /// So many elements have come into the block.
  void arrived(std::int64_t count) { m_arrived.add(count); }

  const std::string& path() const { return m_path; }
  bool overwrites() const { return m_overwrite; }
  const ArraySpec& spec() const { return m_spec; }
  const BlockView& block() const { return m_block.view; }

 private:
  std::string m_path;
  bool m_overwrite;
  std::vector<std::int64_t> m_runChunk;
  ArraySpec m_spec;
  std::unique_ptr<ResumablePart> m_part;
  Block m_block;
  ArrivalCount m_arrived;
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace cubeloom
