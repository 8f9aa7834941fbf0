// SPDX-License-Identifier: GPL-3.0-or-later
// Plans on a worker after every change, starts runs, and passes their snapshots on at 10 Hz.
#include "ui/run/session.h"

#include <QThreadPool>
#include <QTimer>
#include <algorithm>
#include <map>

#include "engine/base/guard.h"
#include "ui/run/existing_outputs.h"

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
};

Planned planHere(const std::shared_ptr<const Graph>& graph, SinkProvider& sinks, const PlanOptions& options, const WrittenFiles& written) {
  Planned planned;
  planned.system = systemFacts();
  if (const Error* error = graph->firstError(); error && options.target.empty()) {
    planned.error = *error;
    return planned;
  }
  Result<Plan> plan = makePlan(graph, sinks, options);
  if (!plan) {
    planned.error = plan.error();
    if (options.overwrite) return planned;
    // What the run would cost is told all the same when only files of that name are in the way.
    planned.existing = existingOutputs(*graph, written);
    if (planned.existing.empty()) return planned;
    PlanOptions replacing = options;
    replacing.overwrite = true;
    plan = makePlan(graph, sinks, replacing);
    if (!plan) {
      planned.existing.clear();
      planned.error = plan.error();
      return planned;
    }
  }
  planned.plan = std::make_shared<Plan>(std::move(*plan));
  for (const BoundNode& node : graph->nodes) {
    if (!node.operation || !node.operation->source()) continue;
    if (auto read = readPlan(*planned.plan, node.id)) planned.reads[node.id] = std::make_shared<const ReadPlan>(std::move(*read));
  }
  return planned;
}

/// The same at the border of a thread: what is thrown is the plan's error.
Planned planOnWorker(const std::shared_ptr<const Graph>& graph, SinkProvider& sinks, const PlanOptions& options,
                     const WrittenFiles& written) {
  auto planned = guarded([&] { return planHere(graph, sinks, options, written); });
  if (planned) return std::move(*planned);
  Planned none;
  none.error = std::move(planned.error());
  return none;
}

QString refusalText(const Plan& plan) {
  QStringList reasons;
  for (const Refusal& refusal : plan.refusals) reasons << QString::fromStdString(refusal.reason);
  return reasons.join(QLatin1Char('\n'));
}

}  // namespace

struct Session::Private {
  struct Start {
    QString target;
    bool overwrite = false;
  };
  QThreadPool pool;  ///< one thread: plans come in order
  QTimer planTimer, pullTimer;
  std::map<std::string, std::shared_ptr<const ReadPlan>> reads;
  WrittenFiles written;
  std::optional<Start> waitingStart;  ///< asked for while the chain was still being bound
  bool isStarting = false;
};

Session::Session(Document& document, QObject* parent)
    : QObject(parent), m_document(document), m_system(systemFacts()), m_private(std::make_unique<Private>()) {
  m_workers = m_system.desktopWorkers;
  m_budget = m_system.defaultBudgetBytes;
  m_private->pool.setMaxThreadCount(1);
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
    start(asked.target, asked.overwrite);
  });
}

Session::~Session() {
  m_private->pool.waitForDone();
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

std::shared_ptr<const ReadPlan> Session::readPlanOf(const QString& openNode) const {
  const auto found = m_private->reads.find(openNode.toStdString());
  return found == m_private->reads.end() ? nullptr : found->second;
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
  PlanOptions options;
  options.workers = m_workers;
  options.memoryBudgetBytes = m_budget;
  Q_EMIT planChanged();
  m_private->pool.start([this, graph, options, sinks = m_document.services().sinks, written = m_private->written] {
    Planned planned = planOnWorker(graph, *sinks, options, written);
    QMetaObject::invokeMethod(
        this,
        [this, planned = std::move(planned)] {
          m_planning = false;
          m_plan = planned.plan;
          m_planError = planned.error;
          m_existing = planned.existing;
          m_private->reads = planned.reads;
          m_system = planned.system;
          if (m_planAgain) planNow();
          Q_EMIT planChanged();
        },
        Qt::QueuedConnection);
  });
}

void Session::start(const QString& target, bool overwrite) {
  if (isRunning() || m_private->isStarting) return;
  if (m_document.isBinding()) {
    m_private->waitingStart = Private::Start{target, overwrite};
    return;
  }
  const auto graph = m_document.graph();
  if (!graph || graph->nodes.empty()) {
    Q_EMIT runRefused(tr("The chain has no steps to run."));
    return;
  }
  m_private->isStarting = true;
  PlanOptions options;
  options.workers = m_workers;
  options.memoryBudgetBytes = m_budget;
  options.target = target.toStdString();
  options.overwrite = overwrite;
  m_private->pool.start([this, graph, options, sinks = m_document.services().sinks, written = m_private->written] {
    Planned planned = planOnWorker(graph, *sinks, options, written);
    QMetaObject::invokeMethod(
        this,
        [this, planned = std::move(planned), sinks] {
          m_private->isStarting = false;
          if (planned.error || !planned.plan->fits()) planSoon();  // what the bar says is older than this
          if (planned.error) {
            Q_EMIT runRefused(QString::fromStdString(planned.error->text()));
            return;
          }
          if (!planned.plan->fits()) {
            Q_EMIT runRefused(refusalText(*planned.plan));
            return;
          }
          m_run = Run::start(*planned.plan, sinks);
          m_finished = false;
          m_paused = false;
          m_report.reset();
          m_snapshot = m_run->snapshot();
          m_private->pullTimer.start();
          Q_EMIT runStarted();
        },
        Qt::QueuedConnection);
  });
}

void Session::stop() {
  m_private->waitingStart.reset();
  if (isRunning()) m_run->cancel();
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
  Q_EMIT snapshotChanged();
  Q_EMIT runFinished();
  planSoon();  // the outputs exist now, the disk is fuller
}

}  // namespace cubeloom
