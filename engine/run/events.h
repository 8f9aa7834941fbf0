// SPDX-License-Identifier: GPL-3.0-or-later
// What a run tells while it goes: plain records, the same for the monitor, the progress bar and the event file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cubeloom {

enum class ChunkState { Waiting, Reading, Computing, Writing, Done, Failed, Canceled };
constexpr int kChunkStates = 7;
const char* chunkStateName(ChunkState state);

/// What a run does as a whole.
enum class RunPhase { Fitting, Working, Publishing, Finished };
const char* runPhaseName(RunPhase phase);

/// One finished phase of one chunk on one worker: a bar of the timeline. Times in seconds since the run's start.
struct ChunkEvent {
  int stage = 0;
  int node = -1;           ///< graph index
  std::int64_t index = 0;  ///< chunk
  int worker = 0;
  double start = 0, end = 0;
  double bytesIn = 0, bytesOut = 0;
  ChunkState phase = ChunkState::Done;  ///< Reading, Computing, Writing: what the bar shows; Done/Failed on the chunk's last record
};

/// What a worker has in hand: a bar of the timeline whose end is not known.
struct WorkInHand {
  int stage = 0, worker = 0;
  std::int64_t index = 0;                    ///< chunk; of a reduction: the part
  double start = 0;                          ///< seconds since the run's start
  ChunkState phase = ChunkState::Computing;  ///< Reading while it waits for an input, Writing once its pixels are there
  int node = -1;                             ///< while it reads: graph index of the open node
  double readingSince = 0;                   ///< while it reads: seconds since the run's start
};

/// One node's progress.
struct NodeProgress {
  std::string id, op;
  std::int64_t chunksDone = 0, chunksTotal = 0;
  double bytesIn = 0, bytesOut = 0, seconds = 0;
  bool isView = false;  ///< moves no bytes
};

/// One worker of a cluster that makes parts of the run.
struct ClusterWorker {
  std::string address;
  std::vector<int> lanes;  ///< its threads, by the numbers that ChunkEvent::worker has
  double rssBytes = 0;     ///< of the worker and of what it has started
};

/// What the run looks like now. A plain value; pulled at 10 Hz.
struct Snapshot {
  double t = 0;         ///< seconds since the start
  double fraction = 0;  ///< of planned bytes, those after the last chunk included; monotone; 1 only after publishing
  std::optional<std::pair<double, double>> etaSeconds;  ///< a range, once it can be told
  double reservedBytes = 0;                             ///< leased now
  double poolBytes = 0;                                 ///< chunk buffers in use
  double fixedBytes = 0;                                ///< sinks and caches
  double rssBytes = 0;
  double cpuCores = 0;  ///< used since the last snapshot
  double readBytesPerSecond = 0, writeBytesPerSecond = 0;
  double meanReadBytesPerSecond = 0;  ///< over the last second: of a tenth of one it is the rate of single chunks
  double bytesRead = 0, bytesWritten = 0;
  std::array<std::int64_t, kChunkStates> states{};
  std::vector<NodeProgress> nodes;
  std::vector<WorkInHand> inHand;  ///< of chunks, by worker
  RunPhase phase = RunPhase::Fitting;
  int workers = 0;                     ///< allowed now
  std::vector<ClusterWorker> cluster;  ///< of a run on a cluster: its workers in the order in which they came; those that have gone stay
  bool finished = false;
};

}  // namespace cubeloom
