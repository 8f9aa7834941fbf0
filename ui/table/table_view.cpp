// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/table/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

#include "ui/charts/table_plot.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr std::size_t kMostPlotted = 8;  // as many as there are colours
constexpr int kWidestColumn = 220;

}  // namespace

TableView::TableView(QWidget* parent) : QWidget(parent), m_pages(new QStackedLayout(this)) {
  m_pages->addWidget(makeMessage());
  m_pages->addWidget(makeTable());
  connect(&m_task, &TableTask::changed, this, &TableView::showState);
  connect(&m_task, &TableTask::progressed, this, [this] { m_progress->setValue(static_cast<int>(1000 * m_task.fraction())); });
  connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TableView::showPlot);
  const auto followTheme = [this] {
    m_plot->setStyleOf(themedChartStyle());
    m_frame->setStyleOf(themedChartStyle());
    showPlot();
  };
  connect(&theme(), &Theme::changed, this, followTheme);
  followTheme();
}

TableView::~TableView() = default;

QWidget* TableView::makeMessage() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setSpacing(8);
  m_headline = new QLabel;
  setRole(m_headline, "strong");
  m_detail = new QLabel;
  setRole(m_detail, "muted");
  for (QLabel* label : {m_headline, m_detail}) {
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  m_progress = new QProgressBar;
  m_progress->setRange(0, 1000);
  m_progress->setTextVisible(false);
  m_progress->setMaximumWidth(260);
  m_progress->setAccessibleName(tr("Progress of the table"));
  m_button = new QPushButton;
  connect(m_button, &QPushButton::clicked, this, [this] {
    if (m_task.state() == TableTask::State::Computing)
      m_task.stop();
    else
      m_task.compute();
  });
  column->addStretch(1);
  column->addWidget(m_headline);
  column->addWidget(m_detail);
  column->addWidget(m_progress, 0, Qt::AlignHCenter);
  column->addWidget(m_button, 0, Qt::AlignHCenter);
  column->addStretch(1);
  return page;
}

QWidget* TableView::makeTable() {
  m_table = new QTableView;
  m_table->setModel(&m_model);
  m_table->setAccessibleName(tr("Values of the table"));
  m_table->setAlternatingRowColors(true);
  m_table->setCornerButtonEnabled(false);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(22);
  m_table->horizontalHeader()->setMaximumSectionSize(kWidestColumn);
  m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_table->installEventFilter(this);
  m_table->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
    QMenu menu(this);
    fillMenu(menu);
    menu.exec(m_table->viewport()->mapToGlobal(at));
  });
  m_plot = new TablePlot;
  m_frame = new ChartFrame(
      tr("Values"), tr("Columns of the table over its lines. Select columns to plot others; the wheel zooms, dragging moves, a double "
                       "click shows all again. Save takes the picture, or the whole table as CSV."));
  m_frame->setBody(m_plot);
  m_frame->setCsv([this] { return m_model.values() ? m_model.values()->toText(u',') : QString(); });
  m_frame->setDrawing([this](const QString& path) { return m_plot->saveDrawing(path); });
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setContentsMargins(8, 0, 8, 8);
  splitter->setHandleWidth(8);
  splitter->setStyleSheet(QStringLiteral("QSplitter::handle { background: transparent; }"));
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(m_table);
  splitter->addWidget(m_frame);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);
  return splitter;
}

void TableView::showTable(const QString& title, const TableRequest& request) {
  m_title = title;
  m_task.show(request);
}

void TableView::clear() {
  m_task.clear();
  m_model.setValues(nullptr);
}

void TableView::showState() {
  using State = TableTask::State;
  const State state = m_task.state();
  const bool isDone = state == State::Done;
  if (isDone && m_model.values() != m_task.values().get()) {
    m_model.setValues(m_task.values());
    m_table->resizeColumnsToContents();
    m_table->scrollToTop();
    m_table->setColumnHidden(0, m_task.values()->layout().lines.name.isEmpty());  // of an array without dims
    m_frame->setVisible(m_task.values()->lines() > 1 || m_task.values()->columns() > 1);
    showPlot();
  }
  m_pages->setCurrentIndex(isDone ? 1 : 0);
  m_progress->setVisible(state == State::Computing);
  m_button->setVisible(state == State::Offered || state == State::Computing);
  m_button->setText(state == State::Computing ? tr("Stop") : tr("Compute the table"));
  setRole(m_button, state == State::Computing ? "flat" : "primary");
  setRole(m_headline, state == State::Failed ? "error" : "strong");
  QString headline, detail;
  switch (state) {
    case State::Planning: headline = tr("Planning the table…"); break;
    case State::Offered:
      headline = tr("%1 is a table").arg(m_title);
      detail = tr("Computing it reads %1. A run does not need it computed here.").arg(sizeText(m_task.bytesToRead()));
      break;
    case State::Computing:
      headline = tr("Computing the table of %1…").arg(m_title);
      detail = tr("%1 to read").arg(sizeText(m_task.bytesToRead()));
      m_progress->setValue(0);
      break;
    case State::Failed:
      headline = tr("No table of %1").arg(m_title);
      detail = QString::fromStdString(m_task.error()->text());
      break;
    case State::Nothing:
    case State::Done: break;
  }
  m_headline->setText(headline);
  m_detail->setText(detail);
}

std::vector<int> TableView::selectedColumns() const {
  std::set<int> columns;
  for (const QItemSelectionRange& range : m_table->selectionModel()->selection())
    for (int section = range.left(); section <= range.right(); ++section)
      if (const int column = m_model.valueColumn(section); column >= 0) columns.insert(column);
  return {columns.begin(), columns.end()};
}

std::vector<int> TableView::selectedLines() const {
  std::set<int> lines;
  for (const QItemSelectionRange& range : m_table->selectionModel()->selection())
    for (int line = range.top(); line <= range.bottom(); ++line) lines.insert(line);
  return {lines.begin(), lines.end()};
}

void TableView::showPlot() {
  const TableValues* values = m_model.values();
  if (!values) return;
  const TableLayout& layout = values->layout();
  m_plotted = selectedColumns();
  if (m_plotted.empty()) m_plotted = layout.plotted;
  if (m_plotted.empty()) m_plotted = {0};
  const auto wanted = m_plotted.size();
  m_plotted.resize(std::min(wanted, kMostPlotted));
  std::vector<PlottedColumn> columns;
  for (const int column : m_plotted) {
    PlottedColumn plotted{layout.columns.entries[column], theme().series(static_cast<int>(columns.size())), {}};
    for (int line = 0; line < values->lines(); ++line) plotted.values.push_back(values->number(line, column));
    columns.push_back(std::move(plotted));
  }
  m_plot->setData({layout.lines.name, layout.lines.entries, layout.lines.positions, layout.lines.areDates}, std::move(columns),
                  values->unit());
  m_frame->setLegend(m_plot->legend());
  m_frame->setNote(wanted > kMostPlotted
                       ? tr("the first %1 of %2 columns").arg(kMostPlotted).arg(countText(static_cast<std::int64_t>(wanted)))
                       : QString());
}

QStringList TableView::plotted() const {
  QStringList names;
  for (const int column : m_plotted) names << m_model.values()->layout().columns.entries[column];
  return names;
}

QString TableView::copyText() const {
  return m_model.values() ? m_model.values()->toText(u'\t', selectedLines(), selectedColumns()) : QString();
}

void TableView::copy() const { QApplication::clipboard()->setText(copyText()); }

void TableView::fillMenu(QMenu& menu) {
  const bool hasSelection = m_table->selectionModel()->hasSelection();
  menu.addAction(hasSelection ? tr("Copy selection") : tr("Copy table"), QKeySequence(QKeySequence::Copy), this, &TableView::copy);
  menu.addAction(tr("Select all"), QKeySequence(QKeySequence::SelectAll), m_table, &QTableView::selectAll);
  QAction* none = menu.addAction(tr("Select nothing"), QKeySequence(Qt::Key_Escape), m_table, &QTableView::clearSelection);
  none->setEnabled(hasSelection);
}

bool TableView::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_table && event->type() == QEvent::KeyPress) {
    auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Copy)) {
      copy();
      return true;
    }
    if (key->key() == Qt::Key_Escape && m_table->selectionModel()->hasSelection()) {
      m_table->clearSelection();
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace cubeloom
