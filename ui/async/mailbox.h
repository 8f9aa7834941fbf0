// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker has for the GUI thread goes through here.
#pragma once

#include <QObject>
#include <functional>
#include <mutex>

namespace cubeloom {

/// Belongs to a receiver, on the receiver's thread, and is declared before its Background: the work ends before the mailbox goes, and what
/// has not been delivered goes with it. Its mutex says the order of both threads, which Qt's events do not say to ThreadSanitizer.
class Mailbox : public QObject {
 public:
  Mailbox() = default;
  ~Mailbox() override;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Has `letter` called by the event loop of the receiver's thread, in the order of the calls. Any thread.
  void post(std::function<void()> letter);

 protected:
  bool event(QEvent* event) override;

 private:
  std::mutex m_mutex;
};

}  // namespace cubeloom
