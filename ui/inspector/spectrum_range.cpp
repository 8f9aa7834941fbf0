// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/spectrum_range.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/preview/preview.h"
#include "ui/document/document.h"
#include "ui/steps/map_question.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr double kEdgePixels = 6;

/// Of the place that is kept in the preview, else of the first of some places across the array that has data.
std::vector<double> spectrumOf(const Graph& graph, int node, const PictureGrid& grid, const std::optional<MapShapes>& kept,
                               const CancelToken& cancel) {
  std::vector<std::array<std::int64_t, 2>> places;
  const std::int64_t rows = grid.box.rows(), cols = grid.box.cols();
  if (kept) {
    const std::vector<MapShape> here = inCrs(*kept, grid.box.crs());
    if (!here.empty() && kept->crs.isValid() == grid.box.crs().isValid()) {
      const QPointF at = here.front().rings.front().front();
      const Affine inverse = grid.box.affine().inverse();
      const double col = inverse.x(at.x(), at.y()), row = inverse.y(at.x(), at.y());
      if (col >= 0 && row >= 0 && col < static_cast<double>(cols) && row < static_cast<double>(rows))
        places.push_back({static_cast<std::int64_t>(row), static_cast<std::int64_t>(col)});
    }
  }
  for (const auto& [y, x] : {std::pair(2, 2), std::pair(1, 1), std::pair(3, 3), std::pair(1, 3), std::pair(3, 1)})
    places.push_back({rows * y / 4, cols * x / 4});
  for (const auto& place : places) {
    const auto values = readSpectrum(graph, node, place[0], place[1], {}, cancel);
    if (!values) return {};
    if (std::any_of(values->begin(), values->end(), [](double v) { return std::isfinite(v); })) return *values;
  }
  return {};
}

}  // namespace

SpectrumRange::SpectrumRange(QWidget* parent) : QWidget(parent) {
  setFixedHeight(96);
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setCursor(Qt::CrossCursor);
  setAccessibleName(tr("Spectrum; drag a range on it, or move its ends with Left and Right, and Shift"));
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
  hide();
}

void SpectrumRange::showInput(const EditorContext& context) {
  m_nm.clear();
  m_good.clear();
  const int d = context.input ? context.input->spectralDim() : -1;
  if (d >= 0) {
    const Dim& dim = context.input->dims[static_cast<std::size_t>(d)];
    if (dim.name == "wavelength" && dim.coordinate.kind != Coordinate::Kind::None)
      for (std::int64_t i = 0; i < dim.size; ++i) m_nm.push_back(dim.coordinate.at(i));
    if (const auto good = dim.coordinate.aux.find("good"); good != dim.coordinate.aux.end())
      for (const double flag : good->second) m_good.push_back(flag != 0);
  }
  if (m_nm.size() < 2) m_nm.clear();
  setVisible(hasWavelengths());
  if (hasWavelengths()) readSpectrumAt(context);
  update();
}

void SpectrumRange::readSpectrumAt(const EditorContext& context) {
  const int node = context.graph ? context.graph->indexOf(context.inputNode.toStdString()) : -1;
  const auto grid = context.input ? pictureGrid(*context.input) : std::nullopt;
  if (node < 0 || !grid) return;
  const std::optional<MapShapes> kept = context.map ? context.map->lastPlace() : std::nullopt;
  QString of = QStringLiteral("%1 %2").arg(reinterpret_cast<quintptr>(context.graph.get())).arg(node);
  if (kept)
    of += QStringLiteral(" %1 %2")
              .arg(kept->shapes.front().rings.front().front().x(), 0, 'g', 17)
              .arg(kept->shapes.front().rings.front().front().y(), 0, 'g', 17);
  if (of == m_read) return;
  m_read = of;
  m_task.start(
      [graph = context.graph, node, grid = *grid, kept](const CancelToken& cancel) { return spectrumOf(*graph, node, grid, kept, cancel); },
      [this](std::vector<double> values) {
        m_values = std::move(values);
        update();
      });
}

void SpectrumRange::setRanges(std::vector<std::pair<double, double>> ranges) {
  if (m_anchor) return;
  m_ranges = std::move(ranges);
  update();
}

QRectF SpectrumRange::plot() const { return QRectF(rect()).adjusted(6, 5, -6, -17); }

double SpectrumRange::toScreen(double nm) const {
  const auto [low, high] = std::minmax_element(m_nm.begin(), m_nm.end());
  return plot().left() + (nm - *low) / std::max(1e-9, *high - *low) * plot().width();
}

std::size_t SpectrumRange::bandAt(double screen) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < m_nm.size(); ++i)
    if (std::abs(toScreen(m_nm[i]) - screen) < std::abs(toScreen(m_nm[best]) - screen)) best = i;
  return best;
}

void SpectrumRange::paintEvent(QPaintEvent*) {
  if (m_nm.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(hasFocus() ? color(Token::Accent) : color(Token::Grid), 1));
  painter.setBrush(color(Token::Surface));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  const QRectF area = plot();
  painter.setPen(Qt::NoPen);
  QColor shade = color(Token::Accent);
  for (const auto& [low, high] : m_ranges) {
    shade.setAlpha(46);
    const double left = toScreen(low), right = std::max(toScreen(high), left + 2);
    painter.fillRect(QRectF(left, area.top(), right - left, area.height()), shade);
    shade.setAlpha(255);
    for (const double x : {left, right}) painter.fillRect(QRectF(x - 0.75, area.top(), 1.5, area.height()), shade);
  }
  // The axis is of the good bands: water vapour would flatten all others.
  double least = std::numeric_limits<double>::infinity(), most = -least;
  const auto isGood = [this](std::size_t i) { return (m_good.empty() || m_good[i]) && i < m_values.size() && std::isfinite(m_values[i]); };
  for (std::size_t i = 0; i < m_nm.size(); ++i) {
    if (!isGood(i)) continue;
    least = std::min(least, m_values[i]);
    most = std::max(most, m_values[i]);
  }
  QPainterPath curve;
  bool isDown = false;
  for (std::size_t i = 0; i < m_nm.size(); ++i) {
    if (!isGood(i)) {
      isDown = false;
      continue;
    }
    const QPointF at(toScreen(m_nm[i]),
                     most > least ? area.bottom() - 2 - (m_values[i] - least) / (most - least) * (area.height() - 6) : area.center().y());
    isDown ? curve.lineTo(at) : curve.moveTo(at);
    isDown = true;
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(color(Token::Text), 1.4));
  painter.drawPath(curve);
  painter.setFont(theme().font(10));
  painter.setPen(color(Token::Muted));
  const auto [low, high] = std::minmax_element(m_nm.begin(), m_nm.end());
  const QRectF labels(area.left(), area.bottom() + 1, area.width(), 15);
  painter.drawText(labels, Qt::AlignLeft | Qt::AlignVCenter, countText(std::llround(*low)));
  painter.drawText(labels, Qt::AlignRight | Qt::AlignVCenter, tr("%1 nm").arg(countText(std::llround(*high))));
  const QString middle = m_ranges.empty() ? m_task.isBusy() ? tr("reading a spectrum…") : tr("drag a range")
                         : m_ranges.size() == 1
                             ? tr("%1 to %2").arg(countText(std::llround(m_ranges[0].first)), countText(std::llround(m_ranges[0].second)))
                             : tr("%1 ranges").arg(m_ranges.size());
  painter.setPen(m_ranges.empty() ? color(Token::Muted) : color(Token::Text));
  painter.drawText(labels, Qt::AlignHCenter | Qt::AlignVCenter, middle);
}

void SpectrumRange::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_nm.empty()) return;
  const double x = event->position().x();
  m_anchor = m_nm[bandAt(x)];
  // An end is taken up again; elsewhere a new range begins.
  if (m_ranges.size() == 1) {
    const auto [low, high] = m_ranges.front();
    if (std::abs(toScreen(low) - x) <= kEdgePixels) m_anchor = high;
    if (std::abs(toScreen(high) - x) <= kEdgePixels) m_anchor = low;
  }
  m_end.reset();
}

void SpectrumRange::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (!m_anchor) {
    const bool isEnd = m_ranges.size() == 1 && (std::abs(toScreen(m_ranges[0].first) - x) <= kEdgePixels ||
                                                std::abs(toScreen(m_ranges[0].second) - x) <= kEdgePixels);
    setCursor(isEnd ? Qt::SizeHorCursor : Qt::CrossCursor);
    return;
  }
  m_end = m_nm[bandAt(x)];
  report(false);
}

void SpectrumRange::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_anchor) return;
  if (m_end) report(true);
  m_anchor.reset();
  m_end.reset();
}

void SpectrumRange::report(bool done) {
  const double low = std::min(*m_anchor, *m_end), high = std::max(*m_anchor, *m_end);
  if (!(low < high)) return;
  m_ranges = {{low, high}};
  update();
  Q_EMIT dragged(low, high, done);
}

void SpectrumRange::keyPressEvent(QKeyEvent* event) {
  const bool isArrow = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
  if (!isArrow || m_nm.empty()) return QWidget::keyPressEvent(event);
  if (m_ranges.size() != 1) {
    const auto [low, high] = std::minmax_element(m_nm.begin(), m_nm.end());
    m_ranges = {{*low, *high}};
  }
  auto [low, high] = m_ranges.front();
  double& end = event->modifiers().testFlag(Qt::ShiftModifier) ? high : low;
  std::vector<double> sorted = m_nm;
  std::sort(sorted.begin(), sorted.end());
  auto at = std::lower_bound(sorted.begin(), sorted.end(), end);
  if (event->key() == Qt::Key_Left && at != sorted.begin()) --at;
  if (event->key() == Qt::Key_Right && at != sorted.end() && *at == end) ++at;
  if (at != sorted.end()) end = *at;
  if (!(low < high)) return;
  m_ranges = {{low, high}};
  update();
  Q_EMIT dragged(low, high, true);
}

bool SpectrumRange::event(QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
  if (event->type() == QEvent::ToolTip && !m_nm.empty()) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::size_t band = bandAt(help->pos().x());
    QString text = tr("%1 nm · band %2").arg(countText(std::llround(m_nm[band]))).arg(band + 1);
    if (!m_good.empty() && !m_good[band]) text += tr(" · bad");
    QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace cubeloom
