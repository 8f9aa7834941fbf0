// SPDX-License-Identifier: GPL-3.0-or-later
// Lays out the reasons and wires their remedies.
#include "ui/run/blocker_popup.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kWidthPx = 420;

/// The engine's messages begin small, to stand behind a step's name; here they stand alone. A file, a step or a parameter at their
/// beginning keeps the name that it has.
QString sentence(const QString& message) {
  const QString first = message.section(QLatin1Char(' '), 0, 0);
  const bool isWord =
      std::all_of(first.begin(), first.end(), [](QChar c) { return c.isLetter() || c == QLatin1Char(',') || c == QLatin1Char(':'); });
  return isWord ? message.left(1).toUpper() + message.mid(1) : message;
}

QLabel* paragraph(const QString& text, const char* role, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setRole(label, role);
  return label;
}

}  // namespace

BlockerPopup::BlockerPopup(const std::vector<Blocker>& blockers, QWidget* parent) : QFrame(parent, Qt::Popup) {
  setAttribute(Qt::WA_DeleteOnClose);
  setRole(this, "card");
  setFixedWidth(kWidthPx);
  setAccessibleName(tr("Why the chain cannot run"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(6);
  bool first = true;
  for (const Blocker& blocker : blockers) {
    if (!first) {
      auto* rule = new QFrame(this);
      setRole(rule, "rule");
      column->addSpacing(4);
      column->addWidget(rule);
      column->addSpacing(4);
    }
    first = false;
    if (!blocker.step.isEmpty()) column->addWidget(paragraph(blocker.step, "muted", this));
    column->addWidget(paragraph(sentence(blocker.reason), "strong", this));
    if (!blocker.hint.isEmpty()) column->addWidget(paragraph(sentence(blocker.hint), "muted", this));
    if (blocker.remedies.empty()) continue;
    // Side by side where their words fit, else below each other.
    QBoxLayout* row = new QHBoxLayout;
    int wide = 0;
    for (const Remedy& remedy : blocker.remedies) {
      auto* button = new QPushButton(remedy.label, this);
      button->setAutoDefault(true);  // Enter presses it, as in a dialog
      connect(button, &QPushButton::clicked, this, [this, apply = remedy.apply] {
        close();
        apply();
      });
      row->addWidget(button);
      button->ensurePolished();
      wide += button->sizeHint().width() + row->spacing();
    }
    if (wide > kWidthPx - column->contentsMargins().left() - column->contentsMargins().right()) row->setDirection(QBoxLayout::TopToBottom);
    if (row->direction() == QBoxLayout::LeftToRight) row->addStretch();
    column->addLayout(row);
  }
}

void BlockerPopup::showBelow(QWidget* anchor) {
  resize(kWidthPx, layout()->heightForWidth(kWidthPx));
  const QPoint below = anchor->mapToGlobal(QPoint(anchor->width() - kWidthPx, anchor->height() + 6));
  const QRect room = anchor->screen()->availableGeometry();
  move(std::clamp(below.x(), room.left(), std::max(room.left(), room.right() - width())),
       std::clamp(below.y(), room.top(), std::max(room.top(), room.bottom() - height())));
  show();
  // So that Enter takes the first remedy and Tab the next ones.
  if (auto* button = findChild<QPushButton*>()) button->setFocus(Qt::PopupFocusReason);
}

}  // namespace cubeloom
