// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/table_plot.h"

#include <qcustomplot.h>

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/plot_look.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostPoints = 60;  // of a curve whose points are marked
constexpr int kMostNameLetters = 16;     // along an axis
constexpr int kBesideName = 12;          // pixels between two of them
constexpr int kBesideAxis = 60;          // pixels of the plot that the axis has not

QString shortened(const QString& name) {
  return name.size() > kMostNameLetters ? name.first(kMostNameLetters - 1) + QStringLiteral("…") : name;
}

QSharedPointer<QCPAxisTicker> datesTicker(const std::vector<double>& seconds) {
  const QSharedPointer<QCPAxisTickerDateTime> ticker(new QCPAxisTickerDateTime);
  const auto [first, last] = std::minmax_element(seconds.begin(), seconds.end());
  const double days = seconds.empty() ? 0 : (*last - *first) / 86400;
  ticker->setDateTimeSpec(Qt::UTC);
  ticker->setDateTimeFormat(days > 3 * 365 ? QStringLiteral("yyyy")
                            : days > 2     ? QStringLiteral("yyyy-MM-dd")
                                           : QStringLiteral("MM-dd hh:mm"));
  ticker->setTickCount(4);
  return ticker;
}

}  // namespace

struct TablePlot::Private {
  QCustomPlot* plot = nullptr;
  PlottedLines lines;
  std::vector<PlottedColumn> columns;
  QString unit;

  void addCurve(const PlottedColumn& column) {
    QCPGraph* graph = plot->addGraph();
    QVector<double> x, y;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (std::isnan(lines.positions[i])) continue;
      x << lines.positions[i];
      y << column.values[i];
    }
    graph->setData(x, y);
    graph->setPen(QPen(column.color, 1.6));
    if (column.values.size() <= kMostPoints)
      graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, column.color, column.color, 4));
  }
  void addBars(const PlottedColumn& column, QCPBarsGroup* group) {
    auto* bars = new QCPBars(plot->xAxis, plot->yAxis);
    QVector<double> x, y;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (std::isnan(column.values[i])) continue;
      x << static_cast<double>(i);
      y << column.values[i];
    }
    bars->setData(x, y);
    bars->setWidth(0.8 / static_cast<double>(columns.size()));
    bars->setBarsGroup(group);
    bars->setPen(Qt::NoPen);
    bars->setBrush(column.color);
  }
  /// Names where they have room: every first, second, third… one of those in sight.
  void placeNames() const {
    if (!lines.positions.empty()) return;
    const QFontMetrics metrics(plot->xAxis->tickLabelFont());
    int widest = 1;
    for (const QString& name : lines.entries) widest = std::max(widest, metrics.horizontalAdvance(shortened(name)));
    const double room = std::max(1, plot->width() - kBesideAxis) / plot->xAxis->range().size();
    const auto step = static_cast<qsizetype>(std::max(1.0, std::ceil((widest + kBesideName) / room)));
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (qsizetype i = 0; i < lines.entries.size(); i += step) ticker->addTick(static_cast<double>(i), shortened(lines.entries[i]));
    plot->xAxis->setTicker(ticker);
  }
  void draw();
};

void TablePlot::Private::draw() {
  plot->clearPlottables();
  const bool hasNames = lines.positions.empty();
  if (hasNames) {
    auto* group = new QCPBarsGroup(plot);
    group->setSpacingType(QCPBarsGroup::stPlotCoords);
    group->setSpacing(0);
    for (const PlottedColumn& column : columns) addBars(column, group);
  } else {
    for (const PlottedColumn& column : columns) addCurve(column);
    plot->xAxis->setTicker(lines.areDates ? datesTicker(lines.positions) : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
  }
  plot->xAxis->setLabel(lines.areDates ? QString() : lines.name);
  plot->yAxis->setLabel(unit);
  plot->rescaleAxes();
  if (hasNames) plot->xAxis->setRange(-0.6, static_cast<double>(lines.entries.size()) - 0.4);
  // A single value has no range of its own.
  for (QCPAxis* axis : {plot->xAxis, plot->yAxis})
    if (!(axis->range().size() > 0)) axis->setRange(axis->range().center() - 1, axis->range().center() + 1);
  plot->yAxis->scaleRange(1.08);
  plot->replot(QCustomPlot::rpQueuedReplot);
}

TablePlot::TablePlot(QWidget* parent) : QWidget(parent), m_private(std::make_unique<Private>()) {
  m_private->plot = new QCustomPlot(this);
  m_private->plot->setContextMenuPolicy(Qt::NoContextMenu);
  m_private->plot->setAttribute(Qt::WA_NoMousePropagation, false);  // the frame around it has the menu
  m_private->plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  connect(m_private->plot, &QCustomPlot::beforeReplot, this, [this] { m_private->placeNames(); });
  connect(m_private->plot, &QCustomPlot::mouseDoubleClick, this, [this] { m_private->draw(); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_private->plot);
}

TablePlot::~TablePlot() = default;

void TablePlot::setStyleOf(const ChartStyle& style) {
  stylePlot(*m_private->plot, style, palette().color(QPalette::Window));
  m_private->plot->replot(QCustomPlot::rpQueuedReplot);
}

void TablePlot::setData(const PlottedLines& lines, std::vector<PlottedColumn> columns, const QString& unit) {
  m_private->lines = lines;
  m_private->columns = std::move(columns);
  m_private->unit = unit;
  m_private->draw();
}

std::vector<LegendItem> TablePlot::legend() const {
  std::vector<LegendItem> items;
  for (const PlottedColumn& column : m_private->columns) items.push_back({column.name, column.color, {}, Qt::SolidLine});
  return items;
}

QStringList TablePlot::namesShown() const {
  m_private->plot->replot();
  return m_private->plot->xAxis->tickVectorLabels();
}

bool TablePlot::saveDrawing(const QString& path) const { return savePlotDrawing(*m_private->plot, path); }

}  // namespace cubeloom
