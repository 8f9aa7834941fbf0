// SPDX-License-Identifier: GPL-3.0-or-later
// Lays out the reasons and wires their remedies.
#include "ui/run/blocker_popup.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kWidthPx = 420;

/// The engine's messages begin small, to stand behind a step's name; here they stand alone.
QString sentence(const QString& message) { return message.left(1).toUpper() + message.mid(1); }

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
    if (!blocker.node.isEmpty()) column->addWidget(paragraph(blocker.node, "heading", this));
    column->addWidget(paragraph(sentence(blocker.reason), "strong", this));
    if (!blocker.hint.isEmpty()) column->addWidget(paragraph(sentence(blocker.hint), "muted", this));
    if (blocker.remedies.empty()) continue;
    auto* row = new QHBoxLayout;
    for (const Remedy& remedy : blocker.remedies) {
      auto* button = new QPushButton(remedy.label, this);
      button->setAutoDefault(true);  // Enter presses it, as in a dialog
      connect(button, &QPushButton::clicked, this, [this, apply = remedy.apply] {
        close();
        apply();
      });
      row->addWidget(button);
    }
    row->addStretch();
    column->addLayout(row);
  }
}

void BlockerPopup::showBelow(QWidget* anchor) {
  resize(kWidthPx, layout()->heightForWidth(kWidthPx));
  move(anchor->mapToGlobal(QPoint(anchor->width() - kWidthPx, anchor->height() + 6)));
  show();
  // So that Enter takes the first remedy and Tab the next ones.
  if (auto* button = findChild<QPushButton*>()) button->setFocus(Qt::PopupFocusReason);
}

}  // namespace cubeloom
