// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the preflight true while nothing is edited: looks at the files, folders and disks that the chain stands on.
#pragma once

#include <QObject>
#include <QTimer>

#include "engine/base/file_fingerprint.h"
#include "ui/async/latest_task.h"
#include "ui/run/session.h"

namespace cubeloom {

/// What a plan depends on outside the window.
struct DiskState {
  std::vector<FileFingerprint> inputs, outputs;
  std::vector<bool> folders;  ///< of the outputs: are they there?
  std::vector<bool> room;     ///< of the outputs: do they fit on their disks?
  bool operator==(const DiskState&) const = default;
};

/// GUI thread only; looks on a worker, every few seconds and when told to. Looks by asking, not by the system's notices, which network
/// file systems do not send.
class DiskWatch : public QObject {
 public:
  DiskWatch(Document& document, Session& session, QObject* parent = nullptr);
  /// When the window becomes active: somebody may have been elsewhere to change things.
  void look();

 private:
  void take(const DiskState& now);

  Document& m_document;
  Session& m_session;
  QTimer m_timer;
  std::optional<DiskState> m_last;  ///< as it was when m_graph was looked at first
  std::shared_ptr<const Graph> m_graph;
  LatestTask<DiskState> m_task;
};

}  // namespace cubeloom
