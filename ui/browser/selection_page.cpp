// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/selection_page.h"

#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/theme.h"

namespace cubeloom {

SelectionPage::SelectionPage(QWidget* parent) : QWidget(parent), m_title(new QLabel), m_names(new QLabel), m_ways(new QVBoxLayout) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 10, 12, 12);
  column->setSpacing(4);
  m_title->setFont(theme().font(14, true));
  setRole(m_title, "strong");
  m_title->setWordWrap(true);
  setRole(m_names, "muted");
  m_names->setFont(theme().font(11));
  m_names->setWordWrap(true);
  column->addWidget(m_title);
  column->addWidget(m_names);
  column->addSpacing(6);
  m_ways->setSpacing(4);
  column->addLayout(m_ways);
  column->addStretch(1);
}

void SelectionPage::setDatasets(const std::vector<DraggedDataset>& datasets) {
  QStringList names;
  for (const DraggedDataset& dataset : datasets) {
    constexpr qsizetype kMostNames = 6;
    if (names.size() == kMostNames) {
      names << QStringLiteral("…");
      break;
    }
    const QString name = QFileInfo(dataset.path).fileName();
    QString said = dataset.variable.isEmpty() ? name : tr("%1 of %2").arg(dataset.variable, name);
    names << said.replace(u'_', QStringLiteral("_\u200B"));
  }
  const bool isOne = datasets.size() == 1;
  m_title->setText(isOne ? names.value(0) : tr("%1 datasets").arg(datasets.size()));
  m_names->setText(isOne ? QString(datasets.front().path).replace(u'/', QStringLiteral("/\u200B")) : names.join(QStringLiteral(", ")));
  while (QLayoutItem* item = m_ways->takeAt(0)) {
    if (QWidget* old = item->widget()) old->deleteLater();
    delete item;
  }
  for (const WayTogether& way : waysTogether(datasets)) {
    auto* button = new QPushButton(way.title);
    button->setEnabled(way.obstacle.isEmpty());
    connect(button, &QPushButton::clicked, this, [this, chosen = way.way] { Q_EMIT this->chosen(chosen); });
    auto* help = new QLabel(way.obstacle.isEmpty() ? way.help : tr("Not here: %1.").arg(way.obstacle));
    help->setWordWrap(true);
    help->setFont(theme().font(11));
    setRole(help, "muted");
    button->setAccessibleDescription(help->text());
    m_ways->addWidget(button);
    m_ways->addWidget(help);
    m_ways->addSpacing(4);
  }
}

}  // namespace cubeloom
