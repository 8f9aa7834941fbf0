// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/cluster_card.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QUrl>
#include <QVBoxLayout>

#include "ui/run/clusters.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr int kCardWidthPx = 468;
constexpr int kMostWorkers = 256;

struct StateWords {
  const char* mark;
  Token token;
  QString text;
};

StateWords wordsOf(const Cluster& cluster) {
  switch (cluster.state) {
    case Cluster::State::Starting: return {"◌", Token::Muted, ClusterCard::tr("starting…")};
    case Cluster::State::Testing: return {"◌", Token::Muted, ClusterCard::tr("connecting…")};
    case Cluster::State::Scaling: return {"◌", Token::Running, ClusterCard::tr("scaling…")};
    case Cluster::State::Stopping: return {"◌", Token::Muted, ClusterCard::tr("shutting down…")};
    case Cluster::State::Failed: return {"✕", Token::Failed, ClusterCard::tr("not connected")};
    case Cluster::State::Idle: return {"◌", Token::Muted, ClusterCard::tr("not asked yet")};
    case Cluster::State::Ready: break;
  }
  if (cluster.workers == 0) return {"!", Token::WarningText, ClusterCard::tr("no workers")};
  return {"✓", Token::Done, ClusterCard::tr("ready")};
}

}  // namespace

ClusterCard::ClusterCard(Session& session, const Cluster& cluster, QWidget* parent)
    : QFrame(parent),
      m_session(session),
      m_mark(new QLabel(this)),
      m_status(new QLabel(this)),
      m_workers(new QLabel(this)),
      m_cores(new QLabel(this)),
      m_memory(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_title(new ElidedLabel(this, Qt::ElideMiddle)),
      m_choose(new QPushButton(tr("Run here"), this)),
      m_copy(new QPushButton(tr("Copy code"), this)),
      m_open(new QPushButton(tr("Dashboard"), this)),
      m_end(new QPushButton(this)),
      m_scale(new QPushButton(tr("Scale"), this)),
      m_wanted(new QSpinBox(this)) {
  setRole(this, "card");
  setFixedWidth(kCardWidthPx);
  setRole(m_title, "strong");
  m_title->setFont(theme().font(13, true));
  m_problem->setWordWrap(true);
  m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setRole(m_problem, "error");
  auto* head = new QHBoxLayout;
  head->setSpacing(8);
  head->addWidget(m_mark);
  head->addWidget(m_title, 1);
  head->addWidget(m_choose);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 6, 12, 8);
  column->setSpacing(6);
  column->addLayout(head);
  m_facts = makeFacts();
  column->addWidget(m_facts);
  column->addWidget(m_problem);
  column->addStretch(1);
  column->addLayout(makeButtons());
  connect(&m_session, &Session::optionsChanged, this, &ClusterCard::chooseIt);
  connect(&theme(), &Theme::changed, this, [this] {
    if (const Cluster* now = m_session.clusters().find(m_address)) show(*now);
  });
  show(cluster);
}

QWidget* ClusterCard::makeFacts() {
  auto* facts = new QWidget(this);
  auto* grid = new QGridLayout(facts);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(16);
  grid->setVerticalSpacing(0);
  const std::pair<QString, QLabel*> columns[] = {
      {tr("Status"), m_status}, {tr("Workers"), m_workers}, {tr("Cores"), m_cores}, {tr("Memory"), m_memory}};
  int at = 0;
  for (const auto& [name, value] : columns) {
    auto* label = new QLabel(name, facts);
    setRole(label, "muted");
    label->setFont(theme().font(11));
    setRole(value, "value");
    value->setAccessibleName(name);
    grid->addWidget(label, 0, at);
    grid->addWidget(value, 1, at);
    ++at;
  }
  grid->setColumnStretch(at - 1, 1);
  return facts;
}

QLayout* ClusterCard::makeButtons() {
  m_wanted->setRange(1, kMostWorkers);
  m_wanted->setFixedWidth(64);
  m_wanted->setAccessibleName(tr("Wanted workers"));
  m_choose->setToolTip(tr("Run chains on this cluster"));
  m_scale->setToolTip(tr("Give it so many workers"));
  m_copy->setToolTip(tr("Copy what attaches a notebook: client = Client(…)"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(m_wanted);
  row->addWidget(m_scale);
  row->addStretch(1);
  row->addWidget(m_copy);
  row->addWidget(m_open);
  row->addWidget(m_end);
  connect(m_choose, &QPushButton::clicked, this, [this] {
    const Cluster* now = m_session.clusters().find(m_address);
    if (!now) return;
    if (now->isReady()) {
      m_session.setPlace(m_session.place() == m_address ? QString() : m_address);
    } else {
      m_session.clusters().retry(m_address);
    }
  });
  connect(m_scale, &QPushButton::clicked, this, [this] { m_session.clusters().scale(m_address, m_wanted->value()); });
  connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(Clusters::codeOf(m_address)); });
  connect(m_open, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl(m_dashboard)); });
  connect(m_end, &QPushButton::clicked, this, [this] { m_isLocal ? shutDown() : m_session.clusters().forget(m_address); });
  return row;
}

QString ClusterCard::statusText() const { return m_status->text(); }

void ClusterCard::show(const Cluster& cluster) {
  const bool isOther = m_address != cluster.address;
  m_address = cluster.address;
  m_dashboard = cluster.dashboard;
  m_isLocal = cluster.isLocal;
  const bool hasAddress = cluster.state != Cluster::State::Starting;
  m_title->setText(hasAddress ? cluster.address : tr("A cluster of this computer"));
  setAccessibleName(tr("Cluster %1").arg(m_title->text()));
  const StateWords words = wordsOf(cluster);
  m_mark->setText(QString::fromUtf8(words.mark));
  m_mark->setStyleSheet(QStringLiteral("color: %1; font-weight: 600").arg(color(words.token).name()));
  m_status->setText(words.text);
  const bool isKnown = cluster.isReady() || !hasAddress;
  const QString none = QStringLiteral("–");
  m_workers->setText(isKnown ? countText(cluster.workers) : none);
  m_cores->setText(isKnown ? countText(cluster.threads) : none);
  m_memory->setText(!isKnown                ? none
                    : cluster.usedBytes > 0 ? tr("%1 of %2").arg(sizeText(cluster.usedBytes), sizeText(cluster.memoryBytes))
                                            : sizeText(cluster.memoryBytes));
  // The remedy stands in brackets behind it: there is room for it in the tooltip.
  const QString problem = cluster.problem.section(QStringLiteral(" ("), 0, 0);
  m_problem->setText(problem.left(1).toUpper() + problem.mid(1));
  m_problem->setToolTip(cluster.problem);
  m_problem->setVisible(!problem.isEmpty());
  m_facts->setVisible(problem.isEmpty());
  const bool isReady = cluster.state == Cluster::State::Ready;
  const bool isStopping = cluster.state == Cluster::State::Stopping;
  for (QWidget* one : {static_cast<QWidget*>(m_wanted), static_cast<QWidget*>(m_scale)}) {
    one->setVisible(cluster.isLocal);
    one->setEnabled(isReady);
  }
  // What the user is typing stays.
  if (isOther || (!m_wanted->hasFocus() && !m_scale->hasFocus())) m_wanted->setValue(std::max(1, cluster.workers));
  m_copy->setEnabled(hasAddress && !isStopping);
  m_open->setVisible(!m_dashboard.isEmpty());
  m_open->setEnabled(cluster.isReady());
  m_open->setToolTip(tr("Open %1").arg(m_dashboard));
  m_end->setText(cluster.isLocal ? tr("Shut down") : tr("Forget"));
  m_end->setToolTip(cluster.isLocal ? tr("End the cluster and its workers") : tr("Take it from the list; the cluster goes on"));
  m_end->setEnabled(hasAddress && !isStopping);
  chooseIt();
}

void ClusterCard::chooseIt() {
  const Cluster* now = m_session.clusters().find(m_address);
  const bool isChosen = m_session.place() == m_address;
  const bool isFailed = now && (now->state == Cluster::State::Failed || now->state == Cluster::State::Idle);
  m_choose->setText(isFailed ? tr("Try again") : isChosen ? tr("✓ Runs here") : tr("Run here"));
  m_choose->setEnabled(now && (now->isReady() || isFailed));
}

void ClusterCard::shutDown() {
  const bool isRunning = m_session.isRunning() && m_session.run()->cluster() == m_address.toStdString();
  if (isRunning) {
    QMessageBox question(QMessageBox::Warning, tr("A run is going on"),
                         tr("Shut down the cluster that “%1” runs on?").arg(m_session.runOrigin().name), QMessageBox::Cancel, window());
    question.setInformativeText(
        tr("The run is stopped. Parts that are finished are kept: running it again, here or on a cluster, goes on from them."));
    const QPushButton* end = question.addButton(tr("Stop and shut down"), QMessageBox::DestructiveRole);
    question.setDefaultButton(QMessageBox::Cancel);
    question.exec();
    if (question.clickedButton() != end) return;
    m_session.stop();
  }
  m_session.clusters().shutDown(m_address);
}

}  // namespace cubeloom
