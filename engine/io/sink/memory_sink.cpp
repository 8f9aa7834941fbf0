// SPDX-License-Identifier: GPL-3.0-or-later
// The sink for results a user wants in memory: one dense block in the array's order of dims.
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

class MemorySink : public Sink {
 public:
  MemorySink(const ArraySpec& spec, BufferPool pool)
      : m_spec(spec), m_block(makeBlock(pool, spec.type, spec.shape())), m_arrived(spec.count()) {}

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    std::vector<std::int64_t> offset;
    for (const IndexSet& set : region) offset.push_back(set.first());
    copyBlock(chunk, m_block.view.sub(offset, chunk.shape));
    m_arrived.add(chunk.count());
    return {};
  }

  Result<void> publish(const CancelToken& /*cancel*/) override { return m_arrived.checkComplete("memory"); }
  void discard() override { m_block = {}; }
  std::int64_t bytesWritten() const override { return 0; }
  BlockView memory() const override { return m_block.view; }

 private:
  ArraySpec m_spec;
  Block m_block;
  ArrivalCount m_arrived;
};

}  // namespace

Result<SinkPlan> planMemory(const SinkRequest& request) {
  SinkPlan plan;
  plan.format = "MEM";
  plan.unit.assign(request.spec.dims.size(), 1);
  plan.fixedMemoryBytes = request.spec.bytes();
  return plan;
}

Result<std::unique_ptr<Sink>> openMemory(const SinkRequest& request, BufferPool pool) {
  return std::make_unique<MemorySink>(request.spec, std::move(pool));
}

}  // namespace cubeloom
