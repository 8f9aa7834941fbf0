// SPDX-License-Identifier: GPL-3.0-or-later
// The run's error card.
#include "ui/monitor/error_card.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>
#include <cctype>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {
namespace {

/// "line 17 of 121" and "line 18 of 121" are one cause.
std::string causeOf(const Error& error) {
  std::string cause = std::string(errorCodeName(error.code)) + '|' + error.node + '|' + error.path + '|';
  std::copy_if(error.message.begin(), error.message.end(), std::back_inserter(cause),
               [](char c) { return std::isdigit(static_cast<unsigned char>(c)) == 0; });
  return cause;
}

QString titleOf(const ErrorGroup& group) {
  QString title =
      group.first.node.empty() ? QObject::tr("The run failed") : QObject::tr("%1 failed").arg(QString::fromStdString(group.first.node));
  if (!group.first.chunk.empty()) title += QObject::tr(" in chunk %1").arg(QString::fromStdString(group.first.chunk));
  if (group.count > 1) {
    title += QObject::tr(" and %1 more").arg(group.count - 1);
    if (!group.lastChunk.empty()) title += QObject::tr(", the last in chunk %1").arg(QString::fromStdString(group.lastChunk));
  }
  return title;
}

QString textOf(const ErrorGroup& group) {
  const Error& error = group.first;
  QString text = QString::fromStdString(error.message);
  if (!error.path.empty() && !text.contains(QString::fromStdString(error.path)))
    text += QStringLiteral(" · ") + QString::fromStdString(error.path);
  if (!error.hint.empty()) text += QStringLiteral("\n→ ") + QString::fromStdString(error.hint);
  return text;
}

}  // namespace

std::vector<ErrorGroup> groupErrors(const std::vector<Error>& errors) {
  std::vector<ErrorGroup> groups;
  for (const Error& error : errors) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const ErrorGroup& g) { return causeOf(g.first) == causeOf(error); });
    ErrorGroup& group = same != groups.end() ? *same : groups.emplace_back(ErrorGroup{error, 0, {}});
    ++group.count;
    group.lastChunk = error.chunk;
  }
  return groups;
}

ErrorCard::ErrorCard(QWidget* parent) : QFrame(parent), m_title(new QLabel(this)), m_text(new QLabel(this)) {
  setProperty("role", QStringLiteral("card"));
  m_title->setProperty("role", QStringLiteral("error"));
  m_title->setFont(theme().font(13, true));
  m_text->setWordWrap(true);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  for (QLabel* label : {m_title, m_text}) label->setTextFormat(Qt::PlainText);
  auto* copy = new QPushButton(tr("Copy details"), this);
  auto* log = new QPushButton(tr("Show log"), this);
  connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_details); });
  connect(log, &QPushButton::clicked, this, &ErrorCard::logRequested);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(2);
  texts->addWidget(m_title);
  texts->addWidget(m_text);
  auto* buttons = new QVBoxLayout;
  buttons->setSpacing(4);
  buttons->addWidget(copy);
  buttons->addWidget(log);
  buttons->addStretch(1);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(10, 6, 10, 6);
  row->addLayout(texts, 1);
  row->addLayout(buttons);
  hide();
}

QString ErrorCard::title() const { return m_title->text(); }

void ErrorCard::show(const RunReport& report) {
  const auto groups = groupErrors(report.errors);
  if (groups.empty()) {
    hide();
    return;
  }
  m_title->setText(QStringLiteral("✕ ") + titleOf(groups.front()));
  QString text = textOf(groups.front());
  if (report.chunksDone > 0 && !report.kept.empty())
    text += tr("\nKept: %1 of %2 chunks; Resume goes on there.").arg(countText(report.chunksDone), countText(report.chunksTotal));
  if (groups.size() > 1) text += tr("\n%1 other causes: see the log.").arg(groups.size() - 1);
  m_text->setText(text);
  m_details = QStringLiteral("%1\n").arg(QString::fromLatin1(runStatusName(report.status)));
  for (const ErrorGroup& group : groups) {
    m_details +=
        QStringLiteral("%1 ×%2: %3\n").arg(QString::fromLatin1(errorCodeName(group.first.code))).arg(group.count).arg(titleOf(group));
    m_details += QStringLiteral("  ") + errorText(group.first) + QLatin1Char('\n');
  }
  QFrame::show();
}

}  // namespace cubeloom
