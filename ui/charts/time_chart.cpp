// SPDX-License-Identifier: GPL-3.0-or-later
// The charts of the monitor, drawn by QCustomPlot.
#include "ui/charts/time_chart.h"

#include <qcustomplot.h>

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "ui/charts/plot_look.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kDrawSeconds = 0.24;   ///< between two drawings of new samples: nobody reads faster
constexpr double kMostDrawSeconds = 1;  ///< where they fall into one column of pixels

/// The axis counts in MiB (or MiB/s), so that its steps are round there.
double scaleOf(TimeChart::Unit unit) { return unit == TimeChart::Unit::Cores ? 1 : kMiB; }

/// 1, 2, 4, 8… for sizes, 1, 2, 5… otherwise; labels in the unit that suits the top.
class ValueTicker : public QCPAxisTicker {
 public:
  explicit ValueTicker(TimeChart::Unit unit) : m_unit(unit) {}
  int wanted = 3;

 protected:
  double getTickStep(const QCPRange& range) override {
    const double raw = std::max(range.size() / wanted, 1e-9);
    if (m_unit != TimeChart::Unit::MiBPerSecond)
      return std::max(std::exp2(std::ceil(std::log2(raw) - 0.2)), m_unit == TimeChart::Unit::Cores ? 1.0 : 0.0);
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor * power >= raw * 0.95) return factor * power;
    }
    return 10 * power;
  }
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    if (tick == 0) return QStringLiteral("0");
    if (m_unit == TimeChart::Unit::MiB) return sizeText(tick * kMiB);
    return significantText(tick, 4);
  }

 private:
  TimeChart::Unit m_unit;
};

class TimeTicker : public QCPAxisTicker {
 public:
  int wanted = 3;

 protected:
  QVector<double> createTickVector(double, const QCPRange& range) override {
    const auto [ticks, step] = timeTicks(range.lower, range.upper, wanted);
    m_step = step;
    return {ticks.begin(), ticks.end()};
  }
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale&, QChar, int) override { return timeLabel(tick, m_step); }

 private:
  double m_step = 1;
};

struct LimitItems {
  QCPItemLine* line = nullptr;
  QCPItemText* text = nullptr;
};

}  // namespace

struct TimeChart::Private {
  TimeAxis& axis;
  Unit unit;
  std::vector<Curve> curves;
  SampleTable table;
  ChartStyle style;
  QCustomPlot* plot = nullptr;
  std::vector<QCPGraph*> graphs, lows, highs;  // lows and highs hold thinned seconds only
  QSharedPointer<ValueTicker> valueTicker;
  QSharedPointer<TimeTicker> timeTicker;
  QCPItemStraightLine* cursor = nullptr;
  QCPItemTracer* markPoint = nullptr;
  QCPItemText* markText = nullptr;
  PointMark mark;
  std::vector<LimitLine> limits;
  std::vector<LimitItems> limitItems;
  double scale = 1, dataTop = 0, fixedTop = 0, top = 0;
  bool isDirty = false, isDetailed = false, isPanning = false;
  double panX = 0, drawnAt = -1;
  std::optional<double> restrictFrom;
  QCPItemRect* veil = nullptr;
  int replots = 0;

  Private(TimeAxis& a, Unit u, std::vector<Curve> c)
      : axis(a), unit(u), curves(std::move(c)), table(curves.size()), valueTicker(new ValueTicker(u)), timeTicker(new TimeTicker) {
    scale = scaleOf(u);
  }
  /// What is drawn for a row: stacked columns are sums of those below.
  SampleTable::Values drawn(const SampleTable::Values& values) const {
    SampleTable::Values out{};
    double sum = 0;
    for (std::size_t c = 0; c < curves.size(); ++c) out[c] = (curves[c].isStacked ? sum += values[c] : values[c]) / scale;
    return out;
  }
  void addGraphs();
  void fitTop();
  void placeLimits();
  void placeMark();
  void replotSoon(QWidget& owner);
  /// Samples of a long run that fall into the column drawn last change nothing that could be seen.
  double drawSeconds() const {
    return std::clamp((axis.upper() - axis.lower()) / std::max(1, plot->axisRect()->width()), kDrawSeconds, kMostDrawSeconds);
  }
};

void TimeChart::Private::addGraphs() {
  const auto add = [this] {
    QCPGraph* graph = plot->addGraph();
    graph->setAdaptiveSampling(true);
    return graph;
  };
  for (const Curve& curve : curves) {
    lows.push_back(curve.isStacked ? nullptr : add());
    highs.push_back(curve.isStacked ? nullptr : add());
    if (!curve.isStacked) highs.back()->setChannelFillGraph(lows.back());
  }
  QCPGraph* below = nullptr;
  for (const Curve& curve : curves) {
    graphs.push_back(add());
    if (!curve.isStacked) continue;
    if (below) graphs.back()->setChannelFillGraph(below);
    below = graphs.back();
  }
}

/// Room for the data and the limits. It only grows within a run: a jumping axis cannot be read.
void TimeChart::Private::fitTop() {
  double wanted = std::max(dataTop * 1.15, unit == Unit::Cores ? 1.0 : 1e-3);
  if (fixedTop > 0) wanted = std::max(fixedTop / scale, dataTop) * 1.04;
  for (const LimitLine& limit : limits) {
    if (!limit.isFarAllowed) wanted = std::max(wanted, limit.value / scale * 1.45);
  }
  for (const LimitLine& limit : limits) {
    if (limit.isFarAllowed && limit.value / scale < wanted * 1.6) wanted = std::max(wanted, limit.value / scale * 1.06);
  }
  if (wanted <= top) return;
  top = wanted;
  plot->yAxis->setRange(0, top);
  placeLimits();
}

void TimeChart::Private::placeLimits() {
  while (limitItems.size() > limits.size()) {
    plot->removeItem(limitItems.back().line);
    plot->removeItem(limitItems.back().text);
    limitItems.pop_back();
  }
  while (limitItems.size() < limits.size()) {
    LimitItems items{new QCPItemLine(plot), new QCPItemText(plot)};
    for (QCPItemPosition* end : {items.line->start, items.line->end, items.text->position}) {
      end->setTypeX(QCPItemPosition::ptAxisRectRatio);
      end->setTypeY(QCPItemPosition::ptPlotCoords);
    }
    items.text->setPadding(QMargins(2, 1, 2, 1));
    limitItems.push_back(items);
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const LimitLine& limit = limits[i];
    const bool isFar = limit.value / scale > top;
    const double y = isFar ? top * 0.985 : limit.value / scale;
    limitItems[i].line->start->setCoords(0, y);
    limitItems[i].line->end->setCoords(1, y);
    limitItems[i].line->setPen(QPen(style.*limit.color, 1.6, limit.pen));
    QFont font = style.small;
    font.setWeight(QFont::DemiBold);
    const QString words = isFar ? limit.label + QStringLiteral(" ↑ off scale") : limit.label;
    limitItems[i].text->setFont(font);
    limitItems[i].text->setText(QFontMetrics(font).elidedText(words, Qt::ElideRight, std::max(40, plot->axisRect()->width() - 6)));
    limitItems[i].text->setColor(style.*limit.color);
    // Near the top the words hang below their line, otherwise they stand on it.
    limitItems[i].text->setPositionAlignment(Qt::AlignRight | (y > 0.85 * top ? Qt::AlignTop : Qt::AlignBottom));
    limitItems[i].text->position->setCoords(1, y);
  }
}

/// A ring on the point, the words on the side where the plot goes on.
void TimeChart::Private::placeMark() {
  if (mark.label.isEmpty() && !markPoint) return;
  if (!markPoint) {
    markPoint = new QCPItemTracer(plot);
    markPoint->setStyle(QCPItemTracer::tsCircle);
    markPoint->setSize(7);
    markText = new QCPItemText(plot);
    markText->setPadding(QMargins(6, 1, 6, 1));
  }
  for (QCPAbstractItem* item : {static_cast<QCPAbstractItem*>(markPoint), static_cast<QCPAbstractItem*>(markText)})
    item->setVisible(!mark.label.isEmpty());
  const double y = mark.value / scale;
  markPoint->position->setCoords(mark.t, y);
  markPoint->setPen(QPen(style.text, 1.4));
  markPoint->setBrush(style.surface);
  markText->setText(mark.label);
  markText->setColor(style.text);
  QColor behind = style.surface;  // the curve must not run through the words
  behind.setAlphaF(0.85F);
  markText->setBrush(behind);
  QFont font = style.small;
  font.setWeight(QFont::DemiBold);
  markText->setFont(font);
  // Below the point, and below a limit whose words, which stand on its line, would be in the way.
  const int high = 2 * QFontMetrics(font).height();
  double under = y;
  for (const LimitLine& limit : limits) {
    const double line = limit.value / scale;
    const double drop = plot->yAxis->coordToPixel(line) - plot->yAxis->coordToPixel(y);
    if (drop > 0 && drop < high) under = std::min(under, line);
  }
  markText->position->setCoords(mark.t, under);
  const bool isLate = mark.t > plot->xAxis->range().center();
  markText->setPositionAlignment(Qt::AlignTop | (isLate ? Qt::AlignRight : Qt::AlignLeft));
}

void TimeChart::Private::replotSoon(QWidget& owner) {
  isDirty = true;
  if (!owner.isVisible()) return;
  isDirty = false;
  plot->replot(QCustomPlot::rpQueuedReplot);
}

TimeChart::TimeChart(TimeAxis& axis, Unit unit, std::vector<Curve> curves, QWidget* parent)
    : QWidget(parent), m_private(std::make_unique<Private>(axis, unit, std::move(curves))) {
  m_private->plot = new QCustomPlot(this);
  m_private->plot->setContextMenuPolicy(Qt::NoContextMenu);
  m_private->plot->setAttribute(Qt::WA_NoMousePropagation, false);  // the frame around it has the menu
  m_private->plot->setNoAntialiasingOnDrag(true);
  m_private->plot->installEventFilter(this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_private->plot);
  m_private->addGraphs();
  m_private->plot->yAxis->setTicker(m_private->valueTicker);
  m_private->plot->xAxis->setTicker(m_private->timeTicker);
  m_private->plot->xAxis->setRange(axis.lower(), axis.upper());
  m_private->cursor = new QCPItemStraightLine(m_private->plot);
  m_private->cursor->setVisible(false);
  m_private->veil = new QCPItemRect(m_private->plot);
  m_private->veil->setVisible(false);
  connect(m_private->plot, &QCustomPlot::afterReplot, this, [this] { ++m_private->replots; });
  connect(&axis, &TimeAxis::rangeChanged, this, [this] {
    m_private->plot->xAxis->setRange(m_private->axis.lower(), m_private->axis.upper());
    m_private->placeMark();
    m_private->replotSoon(*this);
  });
  connect(&axis, &TimeAxis::modeChanged, this, [this] { m_private->replotSoon(*this); });
  connect(&axis, &TimeAxis::cursorChanged, this, [this] {
    const auto t = m_private->axis.cursor();
    m_private->cursor->setVisible(t.has_value());
    if (t) {
      m_private->cursor->point1->setCoords(*t, 0);
      m_private->cursor->point2->setCoords(*t, 1);
    }
    m_private->replotSoon(*this);
  });
  setDetailed(false);
  m_private->fitTop();
}

TimeChart::~TimeChart() = default;

void TimeChart::setStyleOf(const ChartStyle& style) {
  m_private->style = style;
  stylePlot(*m_private->plot, style, palette().color(QPalette::Window));
  m_private->cursor->setPen(QPen(style.muted, 1, Qt::DashLine));
  QColor veil = style.text;
  veil.setAlphaF(0.16F);
  m_private->veil->setPen(Qt::NoPen);
  m_private->veil->setBrush(veil);
  for (std::size_t c = 0; c < m_private->curves.size(); ++c) {
    const Curve& curve = m_private->curves[c];
    const QColor color = style.*curve.color;
    if (curve.isStacked) {
      m_private->graphs[c]->setPen(Qt::NoPen);
      m_private->graphs[c]->setBrush(QBrush(mixColors(color, style.surface, curve.strength), curve.brush));
      continue;
    }
    m_private->graphs[c]->setPen(QPen(color, 1.6, curve.pen));
    QColor band = color;
    band.setAlphaF(0.25F);
    m_private->highs[c]->setPen(Qt::NoPen);
    m_private->highs[c]->setBrush(band);
    m_private->lows[c]->setPen(Qt::NoPen);
  }
  m_private->placeLimits();
  m_private->placeMark();
  m_private->replotSoon(*this);
}

void TimeChart::setCurves(std::vector<Curve> curves) {
  Private& p = *m_private;
  p.plot->clearGraphs();
  p.graphs.clear();
  p.lows.clear();
  p.highs.clear();
  p.curves = std::move(curves);
  p.table = SampleTable(p.curves.size());
  p.addGraphs();
  for (int i = 0; i < p.plot->itemCount(); ++i) p.plot->item(i)->setLayer(p.plot->item(i)->layer());  // above the curves again
  clear();
  setStyleOf(ChartStyle(p.style));
}

std::size_t TimeChart::curveCount() const { return m_private->curves.size(); }

void TimeChart::setDetailed(bool detailed) {
  m_private->isDetailed = detailed;
  m_private->timeTicker->wanted = detailed ? 10 : 3;
  m_private->valueTicker->wanted = detailed ? 6 : 2;
  QCustomPlot& plot = *m_private->plot;
  plot.xAxis->setTickLabels(detailed);
  plot.xAxis->grid()->setVisible(detailed);
  plot.yAxis->setTickLength(0, 0);
  plot.xAxis->setTickLength(0, detailed ? 3 : 0);
  plot.yAxis->setTickLabelPadding(4);
  plot.axisRect()->setMinimumMargins(QMargins(2, 3, 2, 2));
  m_private->replotSoon(*this);
}

void TimeChart::setLimits(const std::vector<LimitLine>& limits) {
  m_private->limits = limits;
  m_private->placeLimits();
  m_private->fitTop();
  m_private->replotSoon(*this);
}

void TimeChart::setMark(const PointMark& mark) {
  m_private->mark = mark;
  m_private->placeMark();
}

void TimeChart::setFixedTop(double top) {
  m_private->fixedTop = top;
  m_private->top = 0;
  m_private->fitTop();
  m_private->replotSoon(*this);
}

void TimeChart::clear() {
  m_private->table.clear();
  for (const auto& group : {m_private->graphs, m_private->lows, m_private->highs}) {
    for (QCPGraph* graph : group) {
      if (graph) graph->data()->clear();
    }
  }
  m_private->dataTop = m_private->top = 0;
  m_private->drawnAt = -1;
  setMark({});
  m_private->fitTop();
  m_private->replotSoon(*this);
}

void TimeChart::append(double t, std::span<const double> values) {
  if (!m_private->table.append(t, values)) return;
  const auto drawn = m_private->drawn(m_private->table.rows().back().mean);
  for (std::size_t c = 0; c < m_private->curves.size(); ++c) {
    m_private->graphs[c]->addData(t, drawn[c]);
    m_private->dataTop = std::max(m_private->dataTop, drawn[c]);
  }
  for (const SampleTable::Thinned& thinned : m_private->table.thin()) {
    const auto mean = m_private->drawn(thinned.row.mean);
    for (std::size_t c = 0; c < m_private->curves.size(); ++c) {
      m_private->graphs[c]->data()->remove(thinned.from, std::nextafter(thinned.to, thinned.from));
      m_private->graphs[c]->addData(thinned.row.t, mean[c]);
      if (m_private->curves[c].isStacked) continue;
      m_private->lows[c]->addData(thinned.row.t, thinned.row.low[c] / m_private->scale);
      m_private->highs[c]->addData(thinned.row.t, thinned.row.high[c] / m_private->scale);
    }
  }
  m_private->fitTop();
  m_private->isDirty = true;
  // Held: the data are kept; the picture waits for the user.
  if (m_private->axis.mode() == TimeAxis::Mode::Held || std::abs(t - m_private->drawnAt) < m_private->drawSeconds()) return;
  m_private->drawnAt = t;
  m_private->replotSoon(*this);
}

void TimeChart::flush() {
  if (m_private->isDirty) m_private->replotSoon(*this);
}

const SampleTable& TimeChart::samples() const { return m_private->table; }
double TimeChart::top() const { return m_private->top * m_private->scale; }
int TimeChart::replots() const { return m_private->replots; }

std::vector<LegendItem> TimeChart::legend() const {
  std::vector<LegendItem> items;
  const double ratio = devicePixelRatioF();
  for (const Curve& curve : m_private->curves) {
    LegendItem item{curve.name, m_private->style.*curve.color, {}, curve.pen};
    if (curve.isStacked) {
      item.swatch = QImage(QSizeF(10 * ratio, 8 * ratio).toSize(), QImage::Format_RGB32);
      item.swatch.setDevicePixelRatio(ratio);
      item.swatch.fill(m_private->style.surface);
      QPainter painter(&item.swatch);
      painter.fillRect(QRectF(0, 0, 10, 8), QBrush(mixColors(item.color, m_private->style.surface, curve.strength), curve.brush));
    }
    items.push_back(item);
  }
  return items;
}

QString TimeChart::toCsv() const {
  QString csv = QStringLiteral("t_s");
  const QString unit = m_private->unit == Unit::Cores ? QStringLiteral("cores")
                       : m_private->unit == Unit::MiB ? QStringLiteral("bytes")
                                                      : QStringLiteral("bytes_per_s");
  for (const Curve& curve : m_private->curves) {
    const QString name = curve.name.toLower().replace(QLatin1Char(' '), QLatin1Char('_'));
    csv += QStringLiteral(",%1_%2,%1_%2_min,%1_%2_max").arg(name, unit);
  }
  csv += QLatin1Char('\n');
  const auto number = [](double value) { return significantText(value, 12); };
  for (const SampleTable::Row& row : m_private->table.rows()) {
    csv += number(row.t);
    for (std::size_t c = 0; c < m_private->curves.size(); ++c) {
      csv += QStringLiteral(",%1,%2,%3").arg(number(row.mean[c]), number(row.low[c]), number(row.high[c]));
    }
    csv += QLatin1Char('\n');
  }
  return csv;
}

bool TimeChart::saveDrawing(const QString& path) const { return savePlotDrawing(*m_private->plot, path); }

void TimeChart::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (m_private->isDirty) m_private->replotSoon(*this);
}

bool TimeChart::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_private->plot) return QWidget::eventFilter(watched, event);
  const auto timeAt = [this](double x) { return m_private->plot->xAxis->pixelToCoord(x); };
  switch (event->type()) {
    case QEvent::Resize: QTimer::singleShot(0, this, [this] { m_private->placeLimits(); }); return false;
    case QEvent::Wheel: {
      const auto* wheel = static_cast<QWheelEvent*>(event);
      m_private->axis.zoom(std::pow(0.8, wheel->angleDelta().y() / 120.0), timeAt(wheel->position().x()));
      return true;
    }
    case QEvent::MouseButtonPress: {
      const auto* mouse = static_cast<QMouseEvent*>(event);
      const bool isLeft = mouse->button() == Qt::LeftButton;
      if (isLeft && mouse->modifiers() & Qt::ControlModifier) m_private->restrictFrom = timeAt(mouse->position().x());
      m_private->isPanning = !m_private->restrictFrom && (isLeft || mouse->button() == Qt::MiddleButton);
      m_private->panX = mouse->position().x();
      return false;
    }
    case QEvent::MouseMove: {
      const double x = static_cast<QMouseEvent*>(event)->position().x();
      if (m_private->isPanning && std::abs(x - m_private->panX) > 1) {
        m_private->axis.pan((m_private->panX - x) / std::max(1, m_private->plot->axisRect()->width()));
        m_private->panX = x;
      }
      if (m_private->restrictFrom) {
        m_private->veil->topLeft->setCoords(*m_private->restrictFrom, m_private->top);
        m_private->veil->bottomRight->setCoords(timeAt(x), 0);
        m_private->veil->setVisible(true);
      }
      m_private->axis.setCursor(timeAt(x));
      return false;
    }
    case QEvent::MouseButtonRelease: {
      m_private->isPanning = false;
      m_private->veil->setVisible(false);
      const double to = timeAt(static_cast<QMouseEvent*>(event)->position().x());
      if (const auto from = std::exchange(m_private->restrictFrom, std::nullopt)) m_private->axis.restrictTo(*from, to);
      return false;
    }
    case QEvent::MouseButtonDblClick: m_private->axis.showWhole(); return true;
    case QEvent::Leave: m_private->axis.setCursor(std::nullopt); return false;
    default: return false;
  }
}

}  // namespace cubeloom
