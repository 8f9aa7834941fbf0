// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the status line true.
#include "ui/window/status_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QTimer>

#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr int kMemoryIntervalMs = 1000;
constexpr int kFontPx = 11;

struct State {
  Token token;
  QString word;
};

State stateOf(const Document& document, const Session& session) {
  if (session.isRunning()) {
    return session.isPaused() ? State{Token::Paused, QObject::tr("paused")} : State{Token::Running, QObject::tr("running")};
  }
  if (document.isBinding()) return {Token::Running, QObject::tr("reading headers")};
  if (session.isPlanning()) return {Token::Running, QObject::tr("planning")};
  if (session.report() && session.report()->status == RunStatus::Failed) return {Token::Failed, QObject::tr("last run failed")};
  if (session.report() && session.report()->status == RunStatus::Canceled) return {Token::Paused, QObject::tr("last run stopped")};
  if (session.report() && session.report()->status == RunStatus::Finished) return {Token::Done, QObject::tr("finished")};
  return {Token::Waiting, QObject::tr("idle")};
}

QPixmap dot(Token token, double ratio) {
  QPixmap pixmap(QSize(10, 10) * ratio);
  pixmap.setDevicePixelRatio(ratio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  // Hollow while nothing goes on: the state can be told without its colour.
  painter.setPen(QPen(color(token), 1.5));
  painter.setBrush(token == Token::Waiting ? Qt::NoBrush : QBrush(color(token)));
  painter.drawEllipse(QRectF(1.5, 1.5, 7, 7));
  return pixmap;
}

}  // namespace

StatusLine::StatusLine(Document& document, Session& session, QWidget* parent)
    : QStatusBar(parent), m_document(document), m_session(session) {
  setSizeGripEnabled(false);
  auto* line = new QWidget(this);
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(6);
  const auto label = [&](const char* role) {
    auto* made = new QLabel(line);
    if (*role) setRole(made, role);
    made->setFont(theme().font(kFontPx));
    return made;
  };
  m_dot = label("");
  m_state = label("");
  m_cursor = new ElidedLabel(line);
  m_cursor->setFont(theme().font(kFontPx));
  m_crs = label("muted");
  m_decimation = label("muted");
  m_memory = label("");
  m_memory->setFont(theme().font(kFontPx, true));
  row->addWidget(m_dot);
  row->addWidget(m_state);
  row->addSpacing(24);
  row->addWidget(m_cursor, 1);
  row->addWidget(m_crs);
  row->addSpacing(20);
  row->addWidget(m_decimation);
  row->addSpacing(60);
  row->addWidget(m_memory);
  addWidget(line, 1);

  connect(&session, &Session::planChanged, this, &StatusLine::refreshState);
  connect(&session, &Session::optionsChanged, this, &StatusLine::refreshState);
  connect(&session, &Session::runStarted, this, &StatusLine::refreshState);
  connect(&session, &Session::runFinished, this, &StatusLine::refreshState);
  connect(&document, &Document::bindingChanged, this, &StatusLine::refreshState);
  connect(&theme(), &Theme::changed, this, &StatusLine::refreshState);
  auto* timer = new QTimer(this);
  timer->setInterval(kMemoryIntervalMs);
  connect(timer, &QTimer::timeout, this, &StatusLine::refreshMemory);
  timer->start();
  refreshState();
}

void StatusLine::setCursorText(const QString& text) { m_cursor->setText(text); }
void StatusLine::setCrs(const QString& text) { m_crs->setText(text); }
void StatusLine::setDecimation(const QString& text) { m_decimation->setText(text); }

void StatusLine::refreshState() {
  const State state = stateOf(m_document, m_session);
  m_dot->setPixmap(dot(state.token, devicePixelRatioF()));
  m_state->setText(state.word);
  m_state->setStyleSheet(QStringLiteral("color: %1").arg(color(state.token == Token::Waiting ? Token::Muted : state.token).name()));
  refreshMemory();
}

void StatusLine::refreshMemory() {
  // A run on a cluster tells of its workers' memory, which is no part of this budget.
  const bool isRunningHere = m_session.isRunning() && m_session.run()->cluster().empty();
  const double used = isRunningHere ? m_session.snapshot().rssBytes : static_cast<double>(processRssBytes());
  m_memory->setText(tr("memory %1 of %2").arg(sizeText(used), sizeText(static_cast<double>(m_session.memoryBudgetBytes()))));
  m_memory->setToolTip(tr("What this process holds now, of the budget for a run"));
}

}  // namespace cubeloom
