// SPDX-License-Identifier: GPL-3.0-or-later
// The Dask clusters that a chain can run on: those of this computer, which are started and ended here, and schedulers at addresses.
#pragma once

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <vector>

#include "engine/base/child_program.h"
#include "ui/async/mailbox.h"

namespace cubeloom {

struct Cluster {
  enum class State { Starting, Testing, Ready, Scaling, Stopping, Failed, Idle };
  QString address;  ///< empty while it starts
  State state = State::Testing;
  bool isLocal = false;  ///< of this computer: it can be scaled and shut down
  bool isOurs = false;   ///< this window has started it
  QString dashboard;     ///< a link; empty: it has none
  int workers = 0, threads = 0;
  double memoryBytes = 0, usedBytes = 0;
  QString problem;  ///< one sentence and what to do; of a Failed one

  bool isReady() const { return state == State::Ready || state == State::Scaling; }
};

/// "127.0.0.1:33635" of "tcp://127.0.0.1:33635".
QString shortAddress(const QString& address);

/// GUI thread only. All work is done by programs beside this one; those that are still at it end with this object, clusters do not.
class Clusters : public QObject {
  Q_OBJECT
 public:
  explicit Clusters(QObject* parent = nullptr);
  ~Clusters() override;

  /// In the order in which they came: those of this computer that run, and the addresses that are remembered.
  const std::vector<Cluster>& all() const { return m_clusters; }
  /// Null: unknown.
  const Cluster* find(const QString& address) const;
  /// Looks which clusters of this computer run, and tests the addresses that are remembered; the first time alone.
  void look();
  /// Of this computer. `memoryBytes`: of all workers together.
  void startLocal(int workers, qint64 memoryBytes);
  /// Tests the address at once; one that answers is remembered. False: it is none, and nothing happens.
  bool connectTo(const QString& address);
  /// Tests it again.
  void retry(const QString& address);
  void scale(const QString& address, int workers);
  /// Ends it, with all its workers.
  void shutDown(const QString& address);
  /// No longer listed; the cluster goes on.
  void forget(const QString& address);
  /// What attaches a notebook.
  static QString codeOf(const QString& address);

 signals:
  void changed();
  /// One that was asked for has come: its address.
  void arrived(const QString& address);
  void problem(const QString& sentence);

 private:
  Cluster* at(const QString& address);
  Cluster& add(const QString& address, bool isLocal);
  void remove(const QString& address);
  void watch(const QString& address, bool isAsked);
  void takeFacts(const QString& address, const std::string& line, bool isAsked);
  void takeList(const std::string& json);
  void remember() const;
  using Done = std::function<void(const std::string& out, const ChildProgram::Ending& ending)>;
  /// `cubeloom-cli cluster words`; `done` is called on this thread.
  void command(const std::vector<std::string>& words, Done done);

  struct Task {
    std::string out;
    std::unique_ptr<ChildProgram> program;
  };
  std::vector<Cluster> m_clusters;
  bool m_hasLooked = false;
  int m_lastTask = 0;
  Mailbox m_mailbox;
  std::map<int, std::shared_ptr<Task>> m_tasks;
  std::map<QString, std::shared_ptr<Task>> m_watches;  ///< by address
};

}  // namespace cubeloom
