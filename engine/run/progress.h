// SPDX-License-Identifier: GPL-3.0-or-later
// What a run has done so far and how long it will take: counters from the workers, a snapshot for whoever looks.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/run/eta.h"
#include "engine/run/event_ring.h"
#include "engine/run/events.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// Thread-safe: workers report, anyone takes snapshots.
class Progress {
 public:
  Progress(const Plan& plan, int workers);

  // Workers.
  void setState(int worker, ChunkState state);
  /// A chunk, or a part of one, is taken in hand; until the next report of this worker.
  void begin(int worker, int stage, std::int64_t index, std::int64_t startNs);
  /// For EvaluateContext: what the worker waits for.
  ReadingNow& readingNow(int worker) { return m_hands[static_cast<std::size_t>(worker)]->reading; }
  void beginPart(int worker, int pass, std::int64_t part, std::int64_t startNs);
  /// A chunk is done: its work per node and its three phases, which begin at `startNs`.
  void chunkDone(int worker, int stage, std::int64_t index, const std::vector<NodeWork>& work, std::int64_t bytesRead, double bytesWritten,
                 std::int64_t startNs, std::int64_t computedNs, std::int64_t writtenNs);
  /// A part of a pass is read and gathered.
  void partDone(int worker, int pass, std::int64_t part, const std::vector<NodeWork>& work, std::int64_t bytesRead, std::int64_t startNs,
                std::int64_t endNs);
  /// What was gathered is kept, in place of a chunk.
  void stateKept(double bytes);
  /// Bytes were read for later, for no chunk in particular.
  void prepared(int worker, std::int64_t bytesRead);
  void chunkFailed(int worker, int stage, std::int64_t index, std::int64_t startNs, ChunkState state);

  /// `count` chunks of a stage need not be done: an earlier run has left them.
  void chunksThere(int stage, std::int64_t count);

  // The run.
  /// What it does from now on; rates measured before say nothing about it.
  void enter(RunPhase phase);
  void stagePublished(int stage);
  void published() { m_published = true; }
  void finished() { m_finished = true; }
  void workersChanged(int workers);
  void budgetChanged();
  void setPaused(bool paused);

  Snapshot snapshot(double reservedBytes, double poolBytes, double fixedBytes);
  std::vector<ChunkEvent> events(std::size_t& cursor);
  std::int64_t chunksDone() const { return m_chunksDone; }
  /// Of the planned bytes those that need not be read, since their chunks are there.
  double bytesSpared() const { return static_cast<double>(m_sparedBytes.load()); }
  double bytesRead() const { return static_cast<double>(m_bytesRead.load()); }
  std::vector<NodeProgress> nodes() const;
  double secondsSinceStart() const;

 private:
  void collect();
  /// Stores an event; with nobody looking, the worker empties its full ring itself, so that a run never waits for a listener.
  void tell(const ChunkEvent& event);
  double fraction() const;
  /// The readings of the plan, by their numbers: which nodes take part, and the stage that they are for or come before.
  struct Pass {
    int stage = 0;
    int target = 0;  ///< a node that it makes or fits
    std::vector<int> nodes;
  };
  void addPass(const std::vector<int>& targets, int stage, std::int64_t tasks);
  bool takesFromOutside(int node) const;
  void addWork(const Pass& pass, const std::vector<NodeWork>& work);
  /// The phases of reading and computing; returns the record that they share.
  ChunkEvent tellPhases(int worker, int stage, int target, std::int64_t index, const std::vector<NodeWork>& work, std::int64_t bytesRead,
                        std::int64_t startNs, std::int64_t computedNs);
  double plannedBytes(const Stage& stage) const;
  double chunkFraction() const;
  double secondsAfterChunks() const;
  std::vector<WorkInHand> inHand() const;

  /// Written by one worker; `state` last, so that who sees it sees the rest. -1: nothing yet.
  struct Hand {
    std::atomic<int> state{-1}, stage{0};
    std::atomic<std::int64_t> index{0}, startNs{0};
    ReadingNow reading;
    /// Of a chunk in hand: that it is being read is known of it alone.
    ChunkState stateNow() const;
  };

  const Plan& m_plan;
  std::int64_t m_startNs;
  std::vector<std::unique_ptr<EventRing>> m_rings;
  std::vector<std::unique_ptr<Hand>> m_hands;  ///< by worker
  std::atomic<std::int64_t> m_chunksDone{0}, m_failed{0}, m_canceled{0}, m_bytesRead{0}, m_bytesWritten{0}, m_outBytes{0}, m_thereBytes{0};
  std::atomic<std::int64_t> m_sparedBytes{0};
  std::atomic<std::int64_t> m_tasksDone{0};  ///< parts of passes, and chunks of stages without parts
  std::atomic<bool> m_published{false}, m_finished{false}, m_isPaused{false};
  std::atomic<RunPhase> m_phase{RunPhase::Fitting};
  std::atomic<int> m_workers;

  mutable std::mutex m_mutex;  ///< guards all below
  std::vector<NodeProgress> m_nodes;
  std::vector<Pass> m_passes;
  std::vector<char> m_stagesPublished;
  double m_chunkBytes = 0, m_afterBytes = 0;  ///< planned: of fits and chunks; of what follows the last chunk
  std::int64_t m_tasks = 0;
  std::vector<ChunkEvent> m_history;
  EtaEstimator m_eta;
  double m_bestFraction = 0;
  double m_lastSeconds = 0, m_lastCpu = 0, m_lastRead = 0, m_lastWritten = 0;
  double m_cpuCores = 0, m_readRate = 0, m_writeRate = 0;
  std::deque<std::pair<double, double>> m_lastSecond{{0, 0}};  ///< seconds and bytes read until then; the oldest a second ago, or the start
};

}  // namespace cubeloom
