// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/async/mailbox.h"

#include <QCoreApplication>
#include <QEvent>
#include <memory>
#include <utility>

namespace cubeloom {
namespace {

class Letter : public QEvent {
 public:
  explicit Letter(std::function<void()> text) : QEvent(User), m_text(std::move(text)) {}
  void read() const { m_text(); }

 private:
  std::function<void()> m_text;
};

}  // namespace

/// After the last post(); what is still there goes with the QObject.
Mailbox::~Mailbox() { const std::lock_guard lock(m_mutex); }

void Mailbox::post(std::function<void()> letter) {
  auto event = std::make_unique<Letter>(std::move(letter));
  const std::lock_guard lock(m_mutex);
  QCoreApplication::postEvent(this, event.release());
}

bool Mailbox::event(QEvent* event) {
  { const std::lock_guard lock(m_mutex); }  // only after its post() is it looked at
  if (event->type() != QEvent::User) return QObject::event(event);
  static_cast<const Letter*>(event)->read();  // which may delete this
  return true;
}

}  // namespace cubeloom
