// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a plan: workers, memory ledger, cancel, progress, report.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/plan/plan.h"
#include "engine/run/events.h"

namespace cubeloom {

enum class RunStatus { Finished, Failed, Canceled, Refused };
const char* runStatusName(RunStatus status);

struct RunOutput {
  std::string node, path;
  std::vector<std::string> dims;
  std::vector<std::int64_t> shape;
  std::string dtype;
  BlockView memory;  ///< the pixels of a memory output, alive as long as `holder`
  std::shared_ptr<Sink> holder = {};
};

/// What becomes of a chunk whose pixels cannot be read.
enum class DataErrorPolicy {
  Fail,    ///< the run ends
  Nodata,  ///< it is filled with nodata (NaN where a floating type declares none) and listed in the report; without either, the run ends
};

/// How a run behaves; nothing here changes the pixels of a run without errors.
struct RunOptions {
  DataErrorPolicy onDataError = DataErrorPolicy::Fail;
  int retries = 3;              ///< of a chunk that could not be read, with growing pauses, before it counts as unreadable
  bool keepUnfinished = false;  ///< when canceled or failed: leave what is finished for a run with PlanOptions::resume
};

/// interfaces.md, "run --report".
struct RunReport {
  RunStatus status = RunStatus::Finished;
  double wallSeconds = 0, cpuSeconds = 0;
  int workers = 0;
  std::int64_t chunksTotal = 0, chunksDone = 0;
  double bytesRead = 0, bytesWritten = 0;
  double memoryBudgetBytes = 0, projectedPeakBytes = 0;
  double measuredPeakBytes = 0;  ///< what the engine had reserved at most
  double peakRssBytes = 0;       ///< what the process really used at most, as the system counts it
  double plannedReadBytes = 0;
  RunPart part;  ///< count > 0: of this part of a run, which publishes no output
  std::vector<RunOutput> outputs;
  std::vector<NodeProgress> nodes;
  std::vector<Error> errors;      ///< of a finished run: the chunks that are nodata because they could not be read
  std::vector<std::string> kept;  ///< folders in which the finished part of the outputs waits to be resumed
};
std::string reportToJson(const RunReport& report);

/// A sentence for people about how a run goes.
struct RunNote {
  double t = 0;  ///< seconds since the run's start
  bool isWarning = false;
  std::string text;
};

/// A run in progress. Thread-safe. Destroying it cancels and waits.
class Run {
 public:
  /// Starts at once on threads of its own.
  static std::unique_ptr<Run> start(Plan plan, std::shared_ptr<SinkProvider> sinks, const RunOptions& options = {});
  virtual ~Run() = default;

  virtual void cancel() = 0;
  virtual void setPaused(bool paused) = 0;
  /// Takes effect at the next chunk.
  virtual void setWorkers(int workers) = 0;
  /// Takes effect at the next lease; what is leased stays. However small, one chunk at a time goes on.
  virtual void setMemoryBudget(std::int64_t bytes) = 0;
  /// The newest state; cheap, never blocks the workers.
  virtual Snapshot snapshot() = 0;
  /// Events since the last call with the same cursor (start with 0), in time order.
  virtual std::vector<ChunkEvent> events(std::size_t& cursor) = 0;
  virtual bool isFinished() const = 0;
  /// Blocks until the run is over.
  virtual RunReport wait() = 0;
  virtual const Plan& plan() const = 0;
  /// The scheduler whose workers make it; empty: this computer does.
  virtual std::string cluster() const { return {}; }
  /// What there was to say since the last call with the same cursor (start with 0).
  virtual std::vector<RunNote> notes(std::size_t& /*cursor*/) { return {}; }
  /// The plan's graph in which what had to be learned has been. After wait().
  virtual std::shared_ptr<const Graph> graph() const = 0;
};

}  // namespace cubeloom
