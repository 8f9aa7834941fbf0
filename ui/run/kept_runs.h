// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of this window and of those before it: what they were made of, how they went, and every event, to be looked at again.
#pragma once

#include <QDateTime>
#include <QFile>
#include <QLockFile>
#include <QObject>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/background.h"
#include "engine/run/event_stream.h"
#include "ui/async/latest_task.h"
#include "ui/async/mailbox.h"
#include "ui/run/session.h"

namespace cubeloom {

/// One run. Its folder holds "run.json", which says what stands here, and "events.jsonl", as `run --events` writes it.
struct KeptRun {
  enum class State { Running, Finished, Failed, Canceled, Interrupted };
  QString folder;
  QString name, path;  ///< of the chain
  Chain chain;
  QDateTime start;
  State state = State::Running;  ///< Interrupted: its program ended before it did
  double seconds = 0, peakBytes = 0, bytesRead = 0, bytesWritten = 0;

  QString eventsFile() const { return folder + QStringLiteral("/events.jsonl"); }
};

/// GUI thread only. The newest 200 runs are kept, as far as their events take less than 2 GiB together.
class KeptRuns : public QObject {
  Q_OBJECT
 public:
  /// Notes every run that `session` starts in `folder`, which is made when it is needed.
  KeptRuns(Document& document, Session& session, QString folder, QObject* parent = nullptr);
  ~KeptRuns() override;

  /// Newest first.
  const std::vector<KeptRun>& runs() const { return m_runs; }
  /// Its chain goes on where it ended.
  bool isResumable(const KeptRun& run) const { return m_resumable.contains(run.folder); }

 signals:
  void changed();
  /// What lies on the disk was looked at anew.
  void resumableChanged();

 private:
  void load();
  void save(const KeptRun& run);
  void begin();
  void pull();
  void finish();

  void lookForParts();

  Document& m_document;
  Session& m_session;
  QString m_folder;
  std::vector<KeptRun> m_runs;
  std::set<QString> m_resumable;  ///< folders
  QFile m_events;
  std::unique_ptr<QLockFile> m_lock;  ///< of the run that goes on
  std::unique_ptr<EventStream> m_stream;
  LatestTask<std::set<QString>> m_look;
  Mailbox m_mailbox;
  Background m_background;  ///< one thread: it waits for the disk, the window does not
};

/// "grid.resolution 500 → 250, + clip, − mask"; "the same" where nothing that decides the result differs; empty without a run before.
QString chainDifference(const Chain& before, const Chain& after);

}  // namespace cubeloom
