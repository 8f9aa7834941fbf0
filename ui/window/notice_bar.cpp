// SPDX-License-Identifier: GPL-3.0-or-later
// Lays out the notice.
#include "ui/window/notice_bar.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "ui/theme/icons.h"

namespace cubeloom {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent), m_icon(new QLabel(this)), m_text(new QLabel(this)), m_buttons(new QHBoxLayout) {
  setRole(this, "note");
  setAccessibleName(tr("Notice"));
  auto* close = new QToolButton(this);
  setRole(close, "flat");
  setThemedIcon(close, "cross", Token::Muted);
  close->setAccessibleName(tr("Dismiss"));
  close->setToolTip(tr("Dismiss"));
  m_text->setWordWrap(true);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(14, 5, 8, 5);
  row->setSpacing(8);
  row->addWidget(m_icon);
  row->addWidget(m_text, 1);
  row->addLayout(m_buttons);
  row->addWidget(close);
  close->setFocusPolicy(Qt::TabFocus);
  connect(close, &QToolButton::clicked, this, [this] { leave([this] { Q_EMIT dismissed(); }); });
  hide();
}

void NoticeBar::showNotice(Kind kind, const QString& text, const std::vector<Action>& actions) {
  const bool problem = kind == Kind::Problem;
  m_icon->setPixmap(iconPixmap(problem ? "warning" : "help", problem ? Token::Failed : Token::Accent, 16, devicePixelRatioF()));
  m_text->setText(text);
  while (QLayoutItem* item = m_buttons->takeAt(0)) {
    item->widget()->deleteLater();  // one of them may be what calls this
    item->widget()->hide();
    delete item;
  }
  for (const Action& action : actions) {
    auto* button = new QPushButton(action.label, this);
    button->setAutoDefault(true);
    button->setFocusPolicy(Qt::TabFocus);
    connect(button, &QPushButton::clicked, this, [this, run = action.run] { leave(run); });
    m_buttons->addWidget(button);
  }
  show();
}

void NoticeBar::leave(const std::function<void()>& then) {
  const bool hadFocus = isAncestorOf(QApplication::focusWidget());
  hide();
  then();
  if (hadFocus) Q_EMIT focusLeft();
}

QString NoticeBar::text() const { return m_text->text(); }

}  // namespace cubeloom
