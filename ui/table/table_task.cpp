// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/table/table_task.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/run/run.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostKept = 8;
constexpr std::chrono::milliseconds kLook{20};
constexpr int kProgressMs = 100;

Error refusalOf(const Plan& plan) {
  Error error{ErrorCode::OverBudget, plan.refusals.front().reason, {}, {}, {}, {}, {}};
  for (const std::string& remedy : plan.refusals.front().remedies) error.hint += (error.hint.empty() ? "" : "; ") + remedy;
  return error;
}

Result<std::shared_ptr<const Plan>> planTable(const TableRequest& request) {
  PlanOptions options;
  options.workers = request.workers;
  options.memoryBudgetBytes = request.memoryBudgetBytes;
  options.target = request.node;
  auto plan = makePlan(request.graph, *request.sinks, options);
  if (!plan) return fail(plan.error());
  return std::make_shared<const Plan>(std::move(*plan));
}

Result<std::shared_ptr<const TableValues>> computeTable(const Plan& plan, std::shared_ptr<SinkProvider> sinks,
                                                        std::atomic<double>& fraction, const CancelToken& cancel) {
  const auto run = Run::start(plan, std::move(sinks));
  while (!run->isFinished()) {
    if (cancel.isCanceled()) run->cancel();
    fraction = run->snapshot().fraction;
    std::this_thread::sleep_for(kLook);
  }
  const RunReport report = run->wait();
  if (report.status == RunStatus::Canceled) return fail(ErrorCode::Canceled, "stopped");
  if (report.status != RunStatus::Finished)
    return fail(report.errors.empty() ? Error{ErrorCode::Internal, "the table could not be computed", {}, {}, {}, {}, {}}
                                      : report.errors.front());
  const Stage& stage = plan.stages.front();
  return std::make_shared<const TableValues>(stage.sinkRequest.spec, report.outputs.front().memory);
}

}  // namespace

TableTask::TableTask(QObject* parent) : QObject(parent) {
  m_timer.setInterval(kProgressMs);
  connect(&m_timer, &QTimer::timeout, this, &TableTask::progressed);
}

void TableTask::show(const TableRequest& request) {
  const bool isSame = m_state != State::Nothing && request.identity == m_request.identity && request.node == m_request.node;
  const bool isOtherBudget = request.memoryBudgetBytes != m_request.memoryBudgetBytes;
  m_request = request;
  if (isSame && !(isOtherBudget && m_state == State::Failed)) return;
  m_computing.cancel();
  m_values.reset();
  m_plan.reset();
  m_error.reset();
  const auto kept = std::find_if(m_kept.begin(), m_kept.end(), [&](const auto& one) { return one.first == request.identity; });
  if (kept != m_kept.end()) {
    m_planning.cancel();
    m_values = kept->second;
    return setState(State::Done);
  }
  setState(State::Planning);
  m_planning.start([request](const CancelToken&) { return planTable(request); },
                   [this](Result<std::shared_ptr<const Plan>> plan) {
                     if (!plan) return fail(plan.error());
                     m_plan = std::move(*plan);
                     if (!m_plan->fits()) return fail(refusalOf(*m_plan));
                     if (m_plan->bytesToRead > kAtOnceBytes) return setState(State::Offered);
                     compute();
                   });
}

void TableTask::clear() {
  m_planning.cancel();
  m_computing.cancel();
  m_values.reset();
  m_request = {};
  if (m_state != State::Nothing) setState(State::Nothing);
}

void TableTask::compute() {
  if (!m_plan || !m_plan->fits() || m_state == State::Computing) return;
  m_error.reset();
  m_fraction = std::make_shared<std::atomic<double>>(0);
  setState(State::Computing);
  m_computing.start([plan = m_plan, sinks = m_request.sinks,
                     fraction = m_fraction](const CancelToken& cancel) { return computeTable(*plan, sinks, *fraction, cancel); },
                    [this](Result<Values> values) {
                      if (!values) return fail(values.error());
                      keep(*values);
                      m_values = std::move(*values);
                      setState(State::Done);
                    });
}

void TableTask::stop() {
  if (m_state != State::Computing) return;
  m_computing.cancel();
  setState(State::Offered);
}

void TableTask::setState(State state) {
  m_state = state;
  if (state == State::Computing)
    m_timer.start();
  else
    m_timer.stop();
  Q_EMIT changed();
}

void TableTask::fail(const Error& error) {
  m_error = error;
  setState(State::Failed);
}

void TableTask::keep(const Values& values) {
  m_kept.emplace_front(m_request.identity, values);
  if (m_kept.size() > kMostKept) m_kept.pop_back();
}

}  // namespace cubeloom
