// SPDX-License-Identifier: GPL-3.0-or-later
// Has the table of a node computed, off the GUI thread: at once where little is read, else when asked.
#pragma once

#include <QObject>
#include <QTimer>
#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/plan/plan.h"
#include "ui/async/latest_task.h"
#include "ui/table/table_values.h"

namespace cubeloom {

/// Whose table, and with what it may be computed.
struct TableRequest {
  std::shared_ptr<const Graph> graph;
  std::string node;
  std::string identity;  ///< equal for equal values (pixelIdentity())
  std::shared_ptr<SinkProvider> sinks;
  int workers = 1;
  std::int64_t memoryBudgetBytes = 0;
};

/// GUI thread only.
class TableTask : public QObject {
  Q_OBJECT
 public:
  enum class State { Nothing, Planning, Offered, Computing, Done, Failed };
  /// What is read without asking: a moment's work.
  static constexpr double kAtOnceBytes = 256.0 * 1024 * 1024;

  explicit TableTask(QObject* parent = nullptr);

  /// Shows another table, or the same again, which changes nothing. Those computed before are kept, the newest ones.
  void show(const TableRequest& request);
  void clear();
  /// Of an offered, stopped or failed table.
  void compute();
  void stop();

  State state() const { return m_state; }
  double bytesToRead() const { return m_plan ? m_plan->bytesToRead : 0; }
  double fraction() const { return m_fraction ? m_fraction->load() : 0; }
  const std::optional<Error>& error() const { return m_error; }
  std::shared_ptr<const TableValues> values() const { return m_values; }

 signals:
  void changed();
  void progressed();

 private:
  using Values = std::shared_ptr<const TableValues>;
  void setState(State state);
  void fail(const Error& error);
  void keep(const Values& values);

  TableRequest m_request;
  State m_state = State::Nothing;
  std::shared_ptr<const Plan> m_plan;
  std::shared_ptr<std::atomic<double>> m_fraction;
  std::optional<Error> m_error;
  Values m_values;
  std::list<std::pair<std::string, Values>> m_kept;  ///< by identity, the newest first
  QTimer m_timer;
  LatestTask<Result<std::shared_ptr<const Plan>>> m_planning;
  LatestTask<Result<Values>> m_computing;
};

}  // namespace cubeloom
