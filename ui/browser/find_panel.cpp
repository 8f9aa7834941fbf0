// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/find_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

QLineEdit* dateField(const QString& placeholder, const QString& name) {
  auto* field = new QLineEdit;
  field->setPlaceholderText(placeholder);
  field->setAccessibleName(name);
  field->setToolTip(QObject::tr("2022, 2022-02 or 2022-02-24"));
  field->setClearButtonEnabled(true);
  field->setMinimumWidth(60);
  return field;
}

void mark(QLineEdit& field, bool wrong) {
  if (field.property("invalid").toBool() == wrong) return;
  field.setProperty("invalid", wrong);
  field.style()->unpolish(&field);
  field.style()->polish(&field);
}

}  // namespace

FindPanel::FindPanel(QWidget* parent)
    : QWidget(parent),
      m_map(new FootprintMap),
      m_from(dateField(tr("from 2022-02"), tr("Seen from"))),
      m_to(dateField(tr("until 2022-05"), tr("Seen until"))),
      m_count(new QLabel),
      m_preview(new QPushButton(tr("Preview's area"))),
      m_clear(new QPushButton(tr("Clear"))),
      m_stop(new QPushButton(tr("Stop"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 0, 12, 4);
  column->setSpacing(6);
  column->addWidget(m_map);
  auto* dates = new QHBoxLayout;
  dates->setSpacing(6);
  dates->addWidget(m_from);
  dates->addWidget(m_to);
  column->addLayout(dates);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  m_preview->setToolTip(tr("Only what lies within the part of the world that the preview shows"));
  m_clear->setToolTip(tr("Everywhere, at any time"));
  m_stop->setToolTip(tr("Reads no further headers"));
  setRole(m_stop, "link");
  buttons->addWidget(m_preview, 1);
  buttons->addWidget(m_clear);
  column->addLayout(buttons);
  auto* said = new QHBoxLayout;
  said->setSpacing(6);
  setRole(m_count, "muted");
  m_count->setFont(theme().font(11));
  m_count->setWordWrap(true);
  said->addWidget(m_count, 1);
  said->addWidget(m_stop, 0, Qt::AlignTop);
  column->addLayout(said);
  m_stop->hide();
  connect(m_map, &FootprintMap::boxDrawn, this, &FindPanel::changed);
  connect(m_from, &QLineEdit::textChanged, this, &FindPanel::readDates);
  connect(m_to, &QLineEdit::textChanged, this, &FindPanel::readDates);
  connect(m_preview, &QPushButton::clicked, this, &FindPanel::previewAreaRequested);
  connect(m_clear, &QPushButton::clicked, this, &FindPanel::clear);
  connect(m_stop, &QPushButton::clicked, this, &FindPanel::stopRequested);
}

void FindPanel::setBox(const std::optional<LonLatBox>& box) {
  m_map->setBox(box);
  Q_EMIT changed();
}

void FindPanel::clear() {
  m_from->clear();
  m_to->clear();
  setBox({});
}

void FindPanel::readDates() {
  const QString from = m_from->text().trimmed(), to = m_to->text().trimmed();
  const auto begin = from.isEmpty() ? std::nullopt : parseTimeSpan(from.toStdString());
  const auto end = to.isEmpty() ? std::nullopt : parseTimeSpan(to.toStdString());
  mark(*m_from, !from.isEmpty() && !begin);
  mark(*m_to, !to.isEmpty() && !end);
  m_span.reset();
  if (begin || end) m_span = TimeSpan{begin ? begin->begin : std::nullopt, end ? end->end : std::nullopt};
  Q_EMIT changed();
}

void FindPanel::setCounts(int found, int all, int unplaced, int waiting, bool isAsked) {
  QStringList said;
  said << (isAsked ? tr("%1 of %2 datasets").arg(countText(found), countText(all)) : tr("%1 datasets listed").arg(countText(all)));
  if (unplaced > 0) said << tr("%1 without a known place").arg(countText(unplaced));
  if (waiting > 0) said << tr("reading %1 headers…").arg(countText(waiting));
  if (all == 0) said = QStringList{tr("Nothing is listed yet: open a folder or a catalog below.")};
  m_count->setText(said.join(QStringLiteral(" · ")));
  m_stop->setVisible(waiting > 0);
  m_clear->setEnabled(m_map->box() || m_span);
}

}  // namespace cubeloom
