// SPDX-License-Identifier: GPL-3.0-or-later
// Tabs, layout and headline of the monitor.
#include "ui/monitor/monitor_panel.h"

#include <QButtonGroup>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QUrl>
#include <array>

#include "ui/monitor/chunk_map.h"
#include "ui/monitor/error_card.h"
#include "ui/monitor/log_view.h"
#include "ui/monitor/progress_list.h"
#include "ui/monitor/run_charts.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/words/run_text.h"

namespace cubeloom {
namespace {

constexpr int kWidestPage = 16777215;  // QWIDGETSIZE_MAX

QString outputFolder(const RunHistory& history) {
  if (!history.report()) return {};
  for (const RunOutput& output : history.report()->outputs) {
    const QFileInfo file(QString::fromStdString(output.path));
    if (!output.path.empty() && file.absoluteDir().exists()) return file.absolutePath();
  }
  return {};
}

}  // namespace

MonitorPanel::MonitorPanel(RunHistory& history, QWidget* parent) : QWidget(parent), m_history(history) {
  setAccessibleName(tr("Monitor"));
  m_charts = new RunCharts(history, this);
  m_progress = new ProgressList(history, this);
  m_chunks = new ChunkMap(history, this);
  m_log = new LogView(history, this);
  m_errors = new ErrorCard(this);
  m_empty = new QLabel(tr("Nothing has run yet. Press Run: progress, timeline, memory, CPU and I/O appear here."), this);
  m_empty->setProperty("role", QStringLiteral("muted"));
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);

  m_sideCharts = new QWidget(this);
  auto* side = new QVBoxLayout(m_sideCharts);
  side->setContentsMargins(0, 0, 0, 0);
  side->setSpacing(6);
  side->addWidget(m_charts->cpu(), 1);
  side->addWidget(m_charts->io(), 1);

  m_left = new QWidget(this);
  auto* left = new QVBoxLayout(m_left);
  left->setContentsMargins(0, 0, 0, 0);
  left->setSpacing(4);
  left->addWidget(m_errors);
  left->addWidget(m_progress, 1);

  m_content = new QWidget(this);
  auto* row = new QHBoxLayout(m_content);
  row->setContentsMargins(12, 4, 12, 6);
  row->setSpacing(16);
  row->addWidget(m_left, 10);
  row->addWidget(m_charts->timeline(), 10);
  row->addWidget(m_charts->memory(), 6);
  row->addWidget(m_sideCharts, 6);
  row->addWidget(m_chunks, 10);
  row->addWidget(m_log, 10);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeTabRow());
  column->addWidget(m_content, 1);
  column->addWidget(m_empty, 1);

  connect(m_progress, &ProgressList::nodeChosen, this, &MonitorPanel::nodeChosen);
  connect(m_errors, &ErrorCard::logRequested, this, [this] { setPage(Page::Log); });
  connect(&history, &RunHistory::begun, this, &MonitorPanel::begin);
  connect(&history, &RunHistory::shown, this, &MonitorPanel::take);
  connect(&history, &RunHistory::finished, this, &MonitorPanel::finish);
  connect(&m_charts->axis(), &TimeAxis::modeChanged, this, &MonitorPanel::showHold);
  connect(&m_charts->axis(), &TimeAxis::restrictionChanged, this, &MonitorPanel::showRestriction);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
  setPage(Page::Progress);
  showHold();
}

QWidget* MonitorPanel::makeTabRow() {
  auto* bar = new QWidget(this);
  bar->setFixedHeight(kCollapsedHeight);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(12, 0, 8, 0);
  row->setSpacing(18);
  auto* group = new QButtonGroup(this);
  const std::array names{tr("Progress"), tr("Timeline"), tr("Memory"), tr("CPU"), tr("I/O"), tr("Chunks"), tr("Log")};
  for (std::size_t index = 0; index < names.size(); ++index) {
    auto* tab = new QToolButton(bar);
    tab->setText(names[index]);
    tab->setCheckable(true);
    tab->setAutoRaise(true);
    tab->setProperty("role", QStringLiteral("tab"));
    group->addButton(tab);
    row->addWidget(tab);
    m_tabs.push_back(tab);
    connect(tab, &QToolButton::clicked, this, [this, index] {
      setCollapsed(false);
      setPage(static_cast<Page>(index));
    });
  }
  m_headline = new ElidedLabel(bar);
  m_headline->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_headline->setProperty("role", QStringLiteral("strong"));
  m_folder = new QPushButton(tr("Open folder"), bar);
  m_folder->setProperty("role", QStringLiteral("link"));
  m_folder->hide();
  m_hold = new QToolButton(bar);
  m_hold->setProperty("role", QStringLiteral("flat"));
  m_hold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  m_collapse = new QToolButton(bar);
  m_collapse->setProperty("role", QStringLiteral("flat"));
  m_chip = new QToolButton(bar);
  m_chip->setObjectName(QStringLiteral("restriction"));
  m_chip->setToolTip(tr("The charts show and count this part of the run alone. Click to see all of it again"));
  m_chip->hide();
  connect(m_chip, &QToolButton::clicked, this, [this] { m_charts->axis().liftRestriction(); });
  row->addWidget(m_chip);
  row->addWidget(m_headline, 1);
  row->addWidget(m_folder);
  row->addWidget(m_hold);
  row->addSpacing(-12);
  row->addWidget(m_collapse);
  connect(m_folder, &QPushButton::clicked, this, &MonitorPanel::openFolder);
  connect(m_hold, &QToolButton::clicked, this, [this] {
    TimeAxis& axis = m_charts->axis();
    axis.setHeld(axis.mode() != TimeAxis::Mode::Held);
  });
  connect(m_collapse, &QToolButton::clicked, this, [this] { setCollapsed(!m_collapsed); });
  return bar;
}

void MonitorPanel::setPage(Page page) {
  m_page = page;
  m_tabs[static_cast<std::size_t>(page)]->setChecked(true);
  arrange();
}

void MonitorPanel::arrange() {
  const bool has = m_history.hasRun() && !m_collapsed;
  m_empty->setVisible(!m_history.hasRun() && !m_collapsed);
  m_content->setVisible(has);
  const bool all = m_page == Page::Progress;
  m_left->setVisible(all);
  m_charts->timeline()->setVisible(all || m_page == Page::Timeline);
  m_charts->memory()->setVisible(all || m_page == Page::Memory);
  m_sideCharts->setVisible(all || m_page == Page::Cpu || m_page == Page::Io);
  m_charts->cpu()->setVisible(all || m_page == Page::Cpu);
  m_charts->io()->setVisible(all || m_page == Page::Io);
  m_chunks->setVisible(m_page == Page::Chunks);
  m_chunks->refresh();
  m_log->setVisible(m_page == Page::Log);
  switch (m_page) {
    case Page::Memory: m_charts->setDetailed(m_charts->memory()); break;
    case Page::Cpu: m_charts->setDetailed(m_charts->cpu()); break;
    case Page::Io: m_charts->setDetailed(m_charts->io()); break;
    default: m_charts->setDetailed(nullptr); break;
  }
  m_collapse->setText(m_collapsed ? QStringLiteral("▴") : QStringLiteral("▾"));
  m_collapse->setToolTip(m_collapsed ? tr("Show the monitor") : tr("Collapse the monitor"));
  m_collapse->setAccessibleName(m_collapse->toolTip());
  setMaximumHeight(m_collapsed ? kCollapsedHeight : kWidestPage);
  updateGeometry();
}

void MonitorPanel::setCollapsed(bool collapsed) {
  if (collapsed == m_collapsed) return;
  m_collapsed = collapsed;
  arrange();
  Q_EMIT collapsedChanged(collapsed);
}

QString MonitorPanel::headlineText() const { return m_headline->text(); }

void MonitorPanel::setEmptyText(const QString& text) { m_empty->setText(text); }

void MonitorPanel::begin() {
  m_folder->hide();
  m_errors->hide();
  m_progress->refresh();
  m_chunks->refresh();
  showHeadline();
  arrange();
}

void MonitorPanel::take() {
  showHeadline();
  m_progress->refresh();
  m_chunks->refresh();
}

void MonitorPanel::finish() {
  take();
  m_errors->show(*m_history.report());
  m_folder->setVisible(!outputFolder(m_history).isEmpty());
  arrange();
}

void MonitorPanel::showHeadline() {
  m_headline->setText(m_history.headline());
  const bool failed = m_history.report() && m_history.report()->status == RunStatus::Failed;
  setRole(m_headline, failed ? "error" : "strong");
}

void MonitorPanel::showHold() {
  const bool held = m_charts->axis().mode() == TimeAxis::Mode::Held;
  m_hold->setText(held ? tr("Follow") : tr("Hold"));
  if (held) {
    setThemedIcon(m_hold, "play");
  } else {
    setThemedIcon(m_hold, "pause");
  }
  m_hold->setToolTip(held ? tr("Let the charts follow the run again (Space)") : tr("Hold the charts; the data are kept (Space)"));
}

void MonitorPanel::showRestriction() {
  const auto part = m_charts->axis().restriction();
  m_chip->setVisible(part.has_value());
  if (!part) return;
  const double step = (part->second - part->first) / 20;
  m_chip->setText(tr("%1 – %2 ✕").arg(timeLabel(part->first, step), timeLabel(part->second, step)));
  m_chip->setAccessibleName(tr("Restricted to %1: show the whole run").arg(m_chip->text()));
}

void MonitorPanel::openFolder() {
  const QString folder = outputFolder(m_history);
  if (!folder.isEmpty()) QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
}

void MonitorPanel::keyPressEvent(QKeyEvent* event) {
  if (!m_charts->axis().handleKey(*event)) QWidget::keyPressEvent(event);
}

}  // namespace cubeloom
