// SPDX-License-Identifier: GPL-3.0-or-later
// Plans on a worker after every change, starts runs, and passes their snapshots on at 10 Hz.
#include "ui/run/session.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <filesystem>
#include <map>

#include "engine/base/background.h"
#include "engine/base/guard.h"
#include "engine/chain/chain_paths.h"
#include "engine/cluster/cluster_run.h"
#include "ui/async/mailbox.h"
#include "ui/run/clusters.h"
#include "ui/run/existing_outputs.h"
#include "ui/run/run_queue.h"
#include "ui/words/run_text.h"

namespace cubeloom {

namespace {

constexpr int kPlanDelayMs = 150;
constexpr int kPullIntervalMs = 100;

/// What planning on the worker brings back.
struct Planned {
  std::shared_ptr<Plan> plan;
  std::optional<Error> error;
  std::map<std::string, std::shared_ptr<const ReadPlan>> reads;
  SystemFacts system;
  std::vector<ExistingOutput> existing;
  std::optional<FoundPart> part;
  std::optional<ExpectedTime> expected;
};

bool isContinued(const Leftover& leftover) { return !leftover.chunk.empty() && !leftover.isComplete; }

bool continues(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(), [](const Stage& stage) { return isContinued(stage.sinkPlan.leftover); });
}

/// Whether earlier runs have left something that a run of this plan continues, or else would remove.
bool hasPart(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(),
                     [](const Stage& stage) { return isContinued(stage.sinkPlan.leftover) || !stage.sinkPlan.leftover.discarded.empty(); });
}

ExistingOutput unfinishedOutput(const Plan& plan, const Stage& stage) {
  return {QString::fromStdString(plan.graph->nodes[static_cast<std::size_t>(stage.node)].id),
          QString::fromStdString(std::filesystem::path(stage.sinkRequest.path).filename().string()),
          QString::fromStdString(freeName(stage.sinkRequest.path)), true};
}

FoundPart partOf(const Plan& plan) {
  FoundPart part;
  part.canResume = true;
  std::int64_t there = 0;
  for (const Stage& stage : plan.stages) {
    const Leftover& leftover = stage.sinkPlan.leftover;
    there += std::min(leftover.chunksThere, stage.chunks.count());
    if (!isContinued(leftover) && leftover.discarded.empty()) continue;
    part.canResume = part.canResume && leftover.discarded.empty();
    part.bytes += leftover.bytes;
    part.paths.push_back(stage.sinkRequest.path);
    part.outputs.push_back(unfinishedOutput(plan, stage));
    // What the command line would do about it follows the reason; the window asks.
    if (!isContinued(leftover)) part.why = QString::fromStdString(leftover.note).section(QStringLiteral("; it is removed"), 0, 0);
  }
  part.chunksTotal = plan.chunks;
  part.chunksLeft = plan.chunks - there;
  return part;
}

/// A chain on its way to a plan.
struct Request {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<SinkProvider> sinks;
  PlanOptions options;
  WrittenFiles written;
  bool isOnCluster = false;
  Chain chain = {};        ///< the graph's; on a cluster alone
  Services services = {};  ///< likewise
};

/// The chain as a cluster's workers are given it: they have folders of their own, below none of these.
Chain chainForCluster(const Chain& chain, const Registry& registry) { return rebased(chain, "/dev/null/nowhere", registry); }

/// The run as one that is made in parts.
Result<Plan> planInParts(const Request& request, PlanOptions options) {
  options.part = {1, 1};
  const Services& services = request.services;
  const auto graph = bindChain(chainForCluster(request.chain, *services.registry), *services.registry, *services.sources);
  if (!graph) return fail(graph.error());
  return makePlan(*graph, *request.sinks, options);
}

/// What earlier runs on a cluster have made: whole parts, from which the next one goes on by itself.
std::optional<FoundPart> partsOnCluster(const Request& request, const PlanOptions& options) {
  const Result<Plan> plan = planInParts(request, options);
  if (!plan) return std::nullopt;
  FoundPart part;
  part.canResume = true;
  for (const Stage& stage : plan->stages) {
    const std::int64_t units = stage.chunks.count() * stage.parts;
    part.chunksTotal += units;
    part.chunksLeft += units;
    const auto made = request.sinks->madeUnits(stage.sinkRequest);
    if (!made) continue;
    const std::int64_t before = part.chunksLeft;
    for (std::int64_t unit = 0; unit < units; ++unit)
      if (const auto bytes = (*made)->bytes(unit)) {
        part.bytes += static_cast<double>(*bytes);
        --part.chunksLeft;
      }
    if (part.chunksLeft == before) continue;
    part.paths.push_back(stage.sinkRequest.path);
    part.outputs.push_back(unfinishedOutput(*plan, stage));
  }
  return part.paths.empty() ? std::nullopt : std::optional(std::move(part));
}

/// The plan that resumes what an earlier run has left, where one can; else the plan as it is asked for.
Result<Plan> planFor(const Request& request, const PlanOptions& options, Planned& planned) {
  const auto& graph = request.graph;
  SinkProvider& sinks = *request.sinks;
  Result<Plan> plan = makePlan(graph, sinks, options);
  if (request.isOnCluster) {
    planned.part = partsOnCluster(request, options);
    return plan;
  }
  if (plan && !hasPart(*plan)) return plan;
  PlanOptions resuming = options;
  resuming.resume = true;
  Result<Plan> resumed = makePlan(graph, sinks, resuming);
  if (resumed && hasPart(*resumed)) {
    planned.part = partOf(*resumed);
    if (continues(*resumed)) return resumed;
  } else if (plan) {
    planned.part = partOf(*plan);
  }
  return plan;
}

Planned planHere(const Request& request) {
  const auto& [graph, sinks, options, written, isOnCluster, chain, services] = request;
  Planned planned;
  planned.system = systemFacts();
  if (const Error* error = graph->firstError(); error && options.target.empty()) {
    planned.error = *error;
    return planned;
  }
  Result<Plan> plan = planFor(request, options, planned);
  if (!plan) {
    planned.error = plan.error();
    if (options.overwrite) return planned;
    // What the run would cost is told all the same when only files of that name are in the way.
    planned.existing = existingOutputs(*graph, written);
    if (planned.existing.empty()) return planned;
    PlanOptions replacing = options;
    replacing.overwrite = true;
    plan = planFor(request, replacing, planned);
    if (!plan) {
      planned.existing.clear();
      planned.error = plan.error();
      return planned;
    }
  }
  planned.plan = std::make_shared<Plan>(std::move(*plan));
  if (planned.plan->fits() && !isOnCluster) planned.expected = MachineRates::load().expect(*planned.plan);
  for (const BoundNode& node : graph->nodes) {
    if (!node.operation || !node.operation->source()) continue;
    if (auto read = readPlan(*planned.plan, node.id)) planned.reads[node.id] = std::make_shared<const ReadPlan>(std::move(*read));
  }
  return planned;
}

/// The same at the border of a thread: what is thrown is the plan's error.
Planned planOnWorker(const Request& request) {
  auto planned = guarded([&] { return planHere(request); });
  if (planned) return std::move(*planned);
  Planned none;
  none.error = std::move(planned.error());
  return none;
}

QString partText(const FoundPart& part) {
  return QCoreApplication::translate(
             "Session",
             "An unfinished run of %1 lies there, which this chain cannot go on with. Nothing was started, so nothing of it is lost.")
      .arg(part.outputs.front().file);
}

QString refusalText(const Plan& plan) {
  QStringList reasons;
  for (const Refusal& refusal : plan.refusals) reasons << QString::fromStdString(refusal.reason);
  return reasons.join(QLatin1Char('\n'));
}

}  // namespace

/// A run that is about to begin.
struct Session::Launch {
  RunOrigin origin;
  std::shared_ptr<const Graph> graph;  ///< null: it is bound on the worker
  PlanOptions options;
  QString place;
  bool discards = false;
  bool isOfDocument = true;
};

struct Session::Private {
  struct Start {
    QString target;
    bool overwrite = false, discards = false;
  };
  QTimer planTimer, pullTimer;
  std::map<std::string, std::shared_ptr<const ReadPlan>> reads;
  WrittenFiles written;
  std::optional<Start> waitingStart;  ///< asked for while the chain was still being bound
  bool isStarting = false;            ///< planned on the worker, to be run at once
  bool isGivenUp = false;             ///< stopped while it was
  std::optional<FoundPart> part;
  RunOrigin origin;
  bool isOfDocument = true;
  QElapsedTimer sinceStop;  ///< valid while a run is being stopped
  std::unique_ptr<Clusters> clusters = std::make_unique<Clusters>();
  std::unique_ptr<RunQueue> queue;
  Mailbox mailbox;
  Background background;  ///< one thread: plans come in order
};

Session::Session(Document& document, QObject* parent)
    : QObject(parent), m_document(document), m_system(systemFacts()), m_private(std::make_unique<Private>()) {
  m_workers = m_system.desktopWorkers;
  m_budget = m_system.defaultBudgetBytes;
  m_private->planTimer.setSingleShot(true);
  m_private->planTimer.setInterval(kPlanDelayMs);
  m_private->pullTimer.setInterval(kPullIntervalMs);
  connect(&m_private->planTimer, &QTimer::timeout, this, &Session::planNow);
  connect(&m_private->pullTimer, &QTimer::timeout, this, &Session::pull);
  connect(&m_document, &Document::replaced, this, &Session::forgetPlan);
  connect(&m_document, &Document::graphChanged, this, [this] {
    planSoon();
    if (m_document.isBinding() || !m_private->waitingStart) return;
    const Private::Start asked = *m_private->waitingStart;
    m_private->waitingStart.reset();
    start(asked.target, asked.overwrite, asked.discards);
  });
  m_private->queue = std::make_unique<RunQueue>(m_document, *this);
  connect(m_private->clusters.get(), &Clusters::changed, this, [this] {
    if (m_place.isEmpty()) return;
    if (m_private->clusters->find(m_place)) {
      Q_EMIT optionsChanged();
    } else {
      setPlace({});  // it was shut down, or is not wanted any more
    }
  });
  // Another chain in the document: its path or, of chains without one, its undo stack begins anew.
  connect(&m_document, &Document::replaced, this, [this] { m_private->isOfDocument = false; });
}

Session::~Session() {
  m_private->background.waitForDone();
  if (m_run) m_run->cancel();
}

void Session::setWorkers(int workers) {
  workers = std::clamp(workers, 1, std::max(1, m_system.maximumWorkers));
  if (workers == m_workers) return;
  m_workers = workers;
  if (isRunning()) m_run->setWorkers(workers);
  Q_EMIT optionsChanged();
  planSoon();
}

void Session::setMemoryBudget(std::int64_t bytes) {
  if (bytes <= 0 || bytes == m_budget) return;
  m_budget = bytes;
  if (isRunning()) m_run->setMemoryBudget(bytes);
  Q_EMIT optionsChanged();
  planSoon();
}

void Session::setPlace(const QString& address) {
  if (address == m_place) return;
  m_place = address;
  Q_EMIT optionsChanged();
  planSoon();
}

Clusters& Session::clusters() const { return *m_private->clusters; }

RunQueue& Session::queue() const { return *m_private->queue; }

bool Session::isStarting() const { return m_private->isStarting || m_private->waitingStart; }

/// A part is computed by one thread of a worker, with its share of the worker's memory.
PlanOptions Session::optionsAt(const QString& place) const {
  PlanOptions options;
  options.workers = m_workers;
  options.memoryBudgetBytes = m_budget;
  if (place.isEmpty()) return options;
  options.workers = 1;
  const Cluster* cluster = m_private->clusters->find(place);
  if (cluster && cluster->threads > 0 && cluster->memoryBytes > 0)
    options.memoryBudgetBytes = static_cast<std::int64_t>(cluster->memoryBytes / cluster->threads);
  return options;
}

std::shared_ptr<const ReadPlan> Session::readPlanOf(const QString& openNode) const {
  const auto found = m_private->reads.find(openNode.toStdString());
  return found == m_private->reads.end() ? nullptr : found->second;
}

const std::optional<FoundPart>& Session::part() const { return m_private->part; }

bool Session::isStopping() const { return isRunning() && m_private->sinceStop.isValid(); }

const RunOrigin& Session::runOrigin() const { return m_private->origin; }

bool Session::isRunOfDocument() const {
  const RunOrigin& origin = m_private->origin;
  return m_private->isOfDocument || (!origin.path.isEmpty() && origin.path == m_document.path()) || origin.chain == m_document.chain();
}

void Session::planSoon() { m_private->planTimer.start(); }

void Session::recheck() {
  if (isRunning()) return;
  const auto graph = m_document.graph();
  if (graph && graph->firstError())
    m_document.rebind();  // its graphChanged() plans
  else
    planNow();
}

void Session::forgetPlan() {
  m_plan.reset();
  m_planError.reset();
  m_existing.clear();
  m_private->part.reset();
  m_private->reads.clear();
}

void Session::planNow() {
  if (m_document.isBinding()) return;  // its graphChanged() asks again
  if (m_planning) {
    m_planAgain = true;
    return;
  }
  const auto graph = m_document.graph();
  if (!graph || graph->nodes.empty()) {
    forgetPlan();
    // No graph although nothing is being bound: the chain's structure is wrong.
    if (const auto order = topologicalOrder(m_document.chain()); !graph && !order) m_planError = order.error();
    Q_EMIT planChanged();
    return;
  }
  m_planning = true;
  m_planAgain = false;
  Q_EMIT planChanged();
  const Request request{graph,
                        m_document.services().sinks,
                        optionsAt(m_place),
                        m_private->written,
                        !m_place.isEmpty(),
                        m_document.chain(),
                        m_document.services()};
  m_private->background.start([this, request] {
    Planned planned = planOnWorker(request);
    m_private->mailbox.post([this, planned = std::move(planned)] {
      m_planning = false;
      // While it runs its own outputs have a writer: what was planned before is still what is done.
      if (!(isRunning() && planned.error)) {
        m_plan = planned.plan;
        m_planError = planned.error;
        m_existing = planned.existing;
        m_expected = planned.expected;
        m_private->part = planned.part;
        m_private->reads = planned.reads;
      }
      m_system = planned.system;
      if (m_planAgain) planNow();
      Q_EMIT planChanged();
    });
  });
}

void Session::start(const QString& target, bool overwrite, bool discards) {
  if (isRunning() || m_private->isStarting) return;
  if (m_document.isBinding()) {
    m_private->waitingStart = Private::Start{target, overwrite, discards};
    return;
  }
  const auto graph = m_document.graph();
  if (!graph || graph->nodes.empty()) {
    Q_EMIT runRefused(tr("The chain has no steps to run."));
    return;
  }
  // What is computed into memory can only be computed here.
  const int node = graph->indexOf(target.toStdString());
  const bool isWritten = target.isEmpty() || (node >= 0 && graph->nodes[static_cast<std::size_t>(node)].isSink);
  Launch launching{{m_document.chain(), m_document.name(), m_document.path()}, graph, {}, isWritten ? m_place : QString(), discards};
  launching.options = optionsAt(launching.place);
  launching.options.target = target.toStdString();
  launching.options.overwrite = overwrite;
  launch(launching);
}

void Session::startChain(const RunOrigin& origin, const QString& place, bool overwrite) {
  if (isRunning() || m_private->isStarting) return;
  Launch launching{origin, nullptr, optionsAt(place), place};
  launching.options.overwrite = overwrite;
  launching.isOfDocument = false;
  launch(launching);
}

void Session::launch(const Launch& launch) {
  m_private->isStarting = true;
  m_private->isGivenUp = false;
  const Services& services = m_document.services();
  m_private->background.start([this, launch, services, written = m_private->written] {
    Planned planned;
    Request request{launch.graph, services.sinks, launch.options, written, !launch.place.isEmpty(), launch.origin.chain, services};
    auto bound = request.graph ? Result<std::shared_ptr<const Graph>>(request.graph)
                               : guarded([&] { return bindChain(launch.origin.chain, *services.registry, *services.sources); });
    if (bound) {
      request.graph = *bound;
      planned = planOnWorker(request);
    } else {
      planned.error = bound.error();
    }
    m_private->mailbox.post([this, planned = std::move(planned), launch] {
      m_private->isStarting = false;
      if (m_private->isGivenUp) return;
      if (planned.error || !planned.plan->fits()) planSoon();  // what the bar says is older than this
      if (planned.error) {
        Q_EMIT runRefused(QString::fromStdString(planned.error->text()));
      } else if (!planned.plan->fits()) {
        Q_EMIT runRefused(refusalText(*planned.plan));
      } else if (planned.part && !planned.part->canResume && !launch.discards) {
        Q_EMIT runRefused(partText(*planned.part));
        planSoon();  // so that Run offers what to do about it
      } else {
        begin(*planned.plan, launch);
      }
    });
  });
}

void Session::begin(const Plan& plan, const Launch& launch) {
  if (launch.place.isEmpty()) {
    m_run = Run::start(plan, m_document.services().sinks, {.keepUnfinished = true});
  } else {
    ClusterRunRequest request;
    request.address = launch.place.toStdString();
    request.chain = chainToJson(chainForCluster(launch.origin.chain, *m_document.services().registry));
    request.node = launch.options.target;
    request.overwrite = launch.options.overwrite;
    if (const Cluster* cluster = m_private->clusters->find(launch.place)) {
      request.threads = cluster->threads;
      request.memoryBytes = cluster->memoryBytes;
    }
    m_run = startClusterRun(plan, request);
  }
  m_private->origin = launch.origin;
  m_private->isOfDocument = launch.isOfDocument;
  m_finished = false;
  m_paused = false;
  m_private->sinceStop.invalidate();
  m_report.reset();
  m_snapshot = m_run->snapshot();
  m_private->pullTimer.start();
  Q_EMIT runStarted();
}

void Session::stop() {
  m_private->waitingStart.reset();
  m_private->isGivenUp = m_private->isStarting;
  if (!isRunning() || isStopping()) return;
  m_private->sinceStop.start();
  m_run->cancel();
  Q_EMIT optionsChanged();
}

QString Session::stoppingText() const {
  if (!isStopping()) return {};
  return cubeloom::stoppingText(m_run->plan(), m_snapshot, static_cast<double>(m_private->sinceStop.elapsed()) / 1000);
}

void Session::discardPart() {
  if (!m_private->part || isRunning()) return;
  Request request{m_document.graph(), m_document.services().sinks, optionsAt(m_place),   {},
                  !m_place.isEmpty(), m_document.chain(),          m_document.services()};
  m_private->background.start([this, paths = m_private->part->paths, request = std::move(request)] {
    // What could not be removed is in the plan that follows.
    (void)guarded([&] {
      if (!request.isOnCluster) {
        for (const std::string& path : paths) request.sinks->discardLeftovers(path);
      } else if (const auto plan = planInParts(request, request.options)) {
        for (const Stage& stage : plan->stages) request.sinks->removeParts(stage.sinkRequest);
      }
    });
    m_private->mailbox.post([this] { planNow(); });
  });
  m_private->part.reset();
  Q_EMIT planChanged();
}

void Session::setPaused(bool paused) {
  if (!isRunning() || paused == m_paused) return;
  m_paused = paused;
  m_run->setPaused(paused);
  Q_EMIT optionsChanged();
}

void Session::pull() {
  const bool over = m_run->isFinished();
  m_snapshot = m_run->snapshot();
  if (!over) {
    Q_EMIT snapshotChanged();
    return;
  }
  m_private->pullTimer.stop();
  m_report = m_run->wait();
  for (const RunOutput& output : m_report->outputs) m_private->written.remember(output.path);
  m_finished = true;
  m_paused = false;
  m_private->sinceStop.invalidate();
  Q_EMIT snapshotChanged();
  Q_EMIT runFinished();
  // How long steps take is learned of this machine.
  if (m_run->cluster().empty()) m_private->background.start([run = m_run, report = *m_report] { learnFromRun(run->plan(), report); });
  planSoon();  // the outputs exist now, the disk is fuller
}

}  // namespace cubeloom
