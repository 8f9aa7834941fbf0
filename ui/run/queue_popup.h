// SPDX-License-Identifier: GPL-3.0-or-later
// The list of runs that wait, each with a button that takes it out.
#pragma once

#include <QFrame>

class QVBoxLayout;

namespace cubeloom {

class RunQueue;

class QueuePopup : public QFrame {
 public:
  QueuePopup(RunQueue& queue, QWidget* parent);
  /// Under `anchor`, right edges aligned; it closes when something else is clicked or nothing waits, and deletes itself.
  void showBelow(QWidget* anchor);

 private:
  void fill();

  RunQueue& m_queue;
  QWidget* m_content = nullptr;
};

}  // namespace cubeloom
