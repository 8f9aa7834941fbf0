// SPDX-License-Identifier: GPL-3.0-or-later
// Planning and running the document's chain: what the run bar offers and the monitor shows.
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <optional>

#include "engine/base/system.h"
#include "engine/plan/plan.h"
#include "engine/run/machine_rates.h"
#include "engine/run/run.h"
#include "ui/document/document.h"

namespace cubeloom {

class Clusters;
class RunQueue;

/// A file that stands where an output is to be written, without leave to replace it.
struct ExistingOutput {
  QString node;         ///< the write step
  QString file;         ///< its name
  QString freeName;     ///< the name with a number that is not taken: "out-2.tif"
  bool isOurs = false;  ///< a run of this session wrote it, and nobody has touched it since
};

/// What runs that are over have left unfinished beside the chain's outputs.
struct FoundPart {
  std::vector<ExistingOutput> outputs;  ///< the unfinished ones
  std::vector<std::string> paths;       ///< theirs
  bool canResume = false;               ///< a run of the chain as it is goes on where it ended
  std::int64_t chunksLeft = 0, chunksTotal = 0;
  double bytes = 0;  ///< on the disk
  QString why;       ///< why it cannot be resumed; empty when it can
};

/// The chain that a run was started from.
struct RunOrigin {
  Chain chain;
  QString name, path;  ///< the path is empty for a chain without a file
};

/// GUI thread only. Plans on a worker, 150 ms after the last change; pulls snapshots at 10 Hz while a run goes.
class Session : public QObject {
  Q_OBJECT
 public:
  explicit Session(Document& document, QObject* parent = nullptr);
  ~Session() override;

  const SystemFacts& system() const { return m_system; }
  int workers() const { return m_workers; }
  std::int64_t memoryBudgetBytes() const { return m_budget; }
  /// Applied at the next chunk when a run is in progress.
  void setWorkers(int workers);
  void setMemoryBudget(std::int64_t bytes);

  /// The address of the scheduler whose workers make the next run; empty: this computer does.
  const QString& place() const { return m_place; }
  void setPlace(const QString& address);
  Clusters& clusters() const;
  /// Runs that wait for the one in progress.
  RunQueue& queue() const;

  /// The preflight of the whole chain; null while there is none (invalid chain: see planError()).
  std::shared_ptr<const Plan> plan() const { return m_plan; }
  /// How long a run of that plan is expected to take; of one that fits.
  std::optional<ExpectedTime> expected() const { return m_expected; }
  std::optional<Error> planError() const { return m_planError; }
  /// Not empty: only these files keep the chain from running; plan() is then the one that replaces them.
  const std::vector<ExistingOutput>& existingOutputs() const { return m_existing; }
  /// plan() then is the one that resumes it, if it can be.
  const std::optional<FoundPart>& part() const;
  bool isPlanning() const { return m_planning; }
  /// Plans anew, from files as they are now: what stood in the way may be gone.
  void recheck();
  /// Lines of the dataset behind open node `id` that the plan touches; null when unknown.
  std::shared_ptr<const ReadPlan> readPlanOf(const QString& openNode) const;

  bool isRunning() const { return m_run != nullptr && !m_finished; }
  /// `target` empty: every output. A refused or invalid plan starts nothing and emits runRefused. What an earlier run of the same chain has
  /// left is resumed; the part of another one is lost only if `discards`.
  void start(const QString& target = {}, bool overwrite = false, bool discards = false);
  /// The same of any chain, whatever the document holds: every output, at `place`. Files that are there are replaced if `overwrite`.
  void startChain(const RunOrigin& origin, const QString& place, bool overwrite);
  /// Returns at once; what is finished is kept beside the outputs. The run is over when runFinished() is emitted.
  void stop();
  bool isStopping() const;
  /// While it is stopping; else empty.
  QString stoppingText() const;
  /// Removes what part() names, on a worker; then plans again.
  void discardPart();
  void setPaused(bool paused);
  bool isPaused() const { return m_paused; }

  /// A run was asked for and is still being planned.
  bool isStarting() const;

  /// The run in progress or the last one; null before the first.
  std::shared_ptr<Run> run() const { return m_run; }
  const Snapshot& snapshot() const { return m_snapshot; }
  /// Of run().
  const RunOrigin& runOrigin() const;
  /// Whether the document holds the chain that run() was started from, if edited since.
  bool isRunOfDocument() const;
  /// Set once the last run is over.
  const std::optional<RunReport>& report() const { return m_report; }

 signals:
  void optionsChanged();
  void planChanged();
  void runStarted();
  void snapshotChanged();
  void runFinished();
  void runRefused(const QString& why);

 private:
  struct Launch;
  void launch(const Launch& launch);
  void begin(const Plan& plan, const Launch& launch);
  PlanOptions optionsAt(const QString& place) const;
  void planSoon();
  void planNow();
  void forgetPlan();
  void pull();

  Document& m_document;
  SystemFacts m_system;
  int m_workers = 1;
  std::int64_t m_budget = 0;
  QString m_place;
  std::shared_ptr<const Plan> m_plan;
  std::optional<ExpectedTime> m_expected;
  std::optional<Error> m_planError;
  std::vector<ExistingOutput> m_existing;
  bool m_planning = false, m_planAgain = false, m_paused = false, m_finished = true;
  std::shared_ptr<Run> m_run;
  Snapshot m_snapshot;
  std::optional<RunReport> m_report;
  struct Private;
  std::unique_ptr<Private> m_private;
};

}  // namespace cubeloom
