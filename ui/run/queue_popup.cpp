// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/queue_popup.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/run/clusters.h"
#include "ui/run/run_queue.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/icons.h"

namespace cubeloom {
namespace {

constexpr int kQueueWidthPx = 360;

}  // namespace

QueuePopup::QueuePopup(RunQueue& queue, QWidget* parent) : QFrame(parent, Qt::Popup), m_queue(queue) {
  setAttribute(Qt::WA_DeleteOnClose);
  setRole(this, "card");
  setFixedWidth(kQueueWidthPx);
  setAccessibleName(tr("Runs that wait"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 12, 16, 14);
  fill();
  connect(&queue, &RunQueue::changed, this, [this] {
    if (m_queue.runs().empty()) {
      close();
    } else {
      fill();
    }
  });
}

void QueuePopup::fill() {
  // Later: the button that is pressed is in it.
  if (m_content) {
    m_content->hide();
    m_content->deleteLater();
  }
  m_content = new QWidget(this);
  auto* column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  auto* heading =
      new QLabel(m_queue.isHeld() ? tr("The run was stopped: these wait.") : tr("When the run is over, these follow:"), m_content);
  setRole(heading, "muted");
  column->addWidget(heading);
  for (std::size_t i = 0; i < m_queue.runs().size(); ++i) {
    const QueuedRun& run = m_queue.runs()[i];
    auto* name = new ElidedLabel(m_content);
    setRole(name, "strong");
    name->setText(QStringLiteral("%1  %2").arg(i + 1).arg(run.origin.name));
    auto* place = new QLabel(run.place.isEmpty() ? tr("this computer") : shortAddress(run.place), m_content);
    setRole(place, "muted");
    auto* out = new QToolButton(m_content);
    out->setObjectName(QStringLiteral("removeQueued%1").arg(i));
    setThemedIcon(out, "cross", Token::Muted);
    setRole(out, "flat");
    out->setToolTip(tr("Take it out of the queue"));
    out->setAccessibleName(tr("Take %1 out of the queue").arg(run.origin.name));
    connect(out, &QToolButton::clicked, this, [this, i] { m_queue.remove(i); });
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(name, 1);
    row->addWidget(place);
    row->addWidget(out);
    column->addLayout(row);
  }
  if (m_queue.isHeld()) {
    auto* goOn = new QPushButton(tr("Go on with the queue"), m_content);
    connect(goOn, &QPushButton::clicked, this, [this] {
      close();
      m_queue.resume();
    });
    column->addWidget(goOn, 0, Qt::AlignLeft);
  }
  layout()->addWidget(m_content);
  m_content->show();
  adjustSize();
}

void QueuePopup::showBelow(QWidget* anchor) {
  adjustSize();
  const QPoint below = anchor->mapToGlobal(QPoint(anchor->width() - kQueueWidthPx, anchor->height() + 6));
  const QRect room = anchor->screen()->availableGeometry();
  move(std::clamp(below.x(), room.left(), std::max(room.left(), room.right() - width())),
       std::clamp(below.y(), room.top(), std::max(room.top(), room.bottom() - height())));
  show();
  if (auto* button = findChild<QToolButton*>()) button->setFocus(Qt::PopupFocusReason);
}

}  // namespace cubeloom
