// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/cluster_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/cluster/cluster_card.h"
#include "ui/run/clusters.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

ClusterView::ClusterView(Document& /*document*/, Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_start(new QPushButton(this)),
      m_connect(new QPushButton(tr("Connect"), this)),
      m_address(new QLineEdit(this)),
      m_said(new QLabel(this)),
      m_empty(new QLabel(tr("Chains run on this computer. A Dask cluster makes the parts of a run on all its workers: start one here, or "
                            "connect to the one that your notebook uses."),
                         this)) {
  m_address->setPlaceholderText(QStringLiteral("tcp://host:8786"));
  m_address->setAccessibleName(tr("Address of a Dask scheduler"));
  m_address->setToolTip(tr("As the scheduler prints it, or as it stands in Client(\"…\")"));
  m_address->setFixedWidth(220);
  m_said->setWordWrap(true);
  m_said->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_empty->setWordWrap(true);
  m_empty->setAlignment(Qt::AlignCenter);
  setRole(m_empty, "muted");
  auto* bar = new QHBoxLayout;
  bar->setSpacing(8);
  bar->addWidget(m_start);
  bar->addSpacing(8);
  bar->addWidget(m_address);
  bar->addWidget(m_connect);
  bar->addSpacing(8);
  bar->addWidget(m_said, 1);
  m_list = new QWidget;
  m_row = new QHBoxLayout(m_list);
  m_row->setContentsMargins(0, 0, 0, 0);
  m_row->setSpacing(12);
  m_row->addStretch(1);
  auto* area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidget(m_list);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 4, 12, 8);
  column->setSpacing(8);
  column->addLayout(bar);
  column->addWidget(area, 1);
  column->addWidget(m_empty, 1);
  connect(m_start, &QPushButton::clicked, this, [this] {
    say({});
    m_session.clusters().startLocal(m_session.workers(), m_session.memoryBudgetBytes());
  });
  connect(m_connect, &QPushButton::clicked, this, &ClusterView::connectToAddress);
  connect(m_address, &QLineEdit::returnPressed, this, &ClusterView::connectToAddress);
  connect(m_address, &QLineEdit::textEdited, this, [this] { say({}); });
  connect(&session.clusters(), &Clusters::changed, this, &ClusterView::refresh);
  connect(&session.clusters(), &Clusters::problem, this, &ClusterView::say);
  connect(&session.clusters(), &Clusters::arrived, this, [this] { say({}); });
  connect(&session, &Session::optionsChanged, this, &ClusterView::refresh);
  refresh();
}

QString ClusterView::problem() const { return m_said->text(); }

void ClusterView::enterAddress() {
  m_address->setFocus(Qt::OtherFocusReason);
  m_address->selectAll();
}

void ClusterView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  m_session.clusters().look();
}

void ClusterView::connectToAddress() {
  say({});
  if (m_address->text().trimmed().isEmpty()) return enterAddress();
  if (!m_session.clusters().connectTo(m_address->text()))
    say(tr("“%1” is no address of a Dask scheduler: write tcp://HOST:PORT or tls://HOST:PORT, as the scheduler prints it.")
            .arg(m_address->text().trimmed()));
}

void ClusterView::say(const QString& text) {
  setRole(m_said, "error");
  m_said->setText(text.isEmpty() ? text : text.left(1).toUpper() + text.mid(1));
}

void ClusterView::refresh() {
  const int workers = m_session.workers();
  const QString memory = sizeText(static_cast<double>(m_session.memoryBudgetBytes()));
  m_start->setText(workers == 1 ? tr("Start a local cluster (1 worker, %1)").arg(memory)
                                : tr("Start a local cluster (%1 workers, %2)").arg(workers).arg(memory));
  m_start->setToolTip(tr("A Dask cluster of this computer, with workers and memory of the run bar; its address attaches a notebook"));
  const auto& clusters = m_session.clusters().all();
  while (m_cards.size() > clusters.size()) {
    // Later: the button that is pressed may be in it.
    m_cards.back()->hide();
    m_cards.back()->deleteLater();
    m_cards.pop_back();
  }
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    if (i < m_cards.size()) {
      m_cards[i]->show(clusters[i]);
      continue;
    }
    m_cards.push_back(new ClusterCard(m_session, clusters[i], m_list));
    m_row->insertWidget(static_cast<int>(i), m_cards.back());
    m_cards.back()->setVisible(true);
  }
  m_list->parentWidget()->parentWidget()->setVisible(!clusters.empty());
  m_empty->setVisible(clusters.empty());
}

}  // namespace cubeloom
