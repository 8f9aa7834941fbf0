// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/spectrum_view.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/map/map_frame.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr double kHeader = 30, kFooter = 24, kSide = 10;
constexpr int kButton = 20;

bool isGood(const SpectrumCurve& curve, std::size_t i) { return std::isfinite(curve.y[i]) && (curve.good.empty() || curve.good[i]); }

}  // namespace

SpectrumView::SpectrumView(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumWidth(170);
  setAccessibleName(tr("Spectrum"));
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
  m_export.title = tr("Spectrum");
  m_export.picture = [this] {
    m_save->hide();
    QImage picture = pictureOf(*this, color(Token::Panel));
    m_save->show();
    return picture;
  };
  m_export.csv = [this] { return toCsv(); };
  m_export.drawing = [this](const QString& path) { return draw(path); };
  m_save = new QToolButton(this);
  m_save->setText(QStringLiteral("↓"));
  setRole(m_save, "flat");
  m_save->setStyleSheet(QStringLiteral("QToolButton{min-height:0;min-width:0;padding:0}"));
  m_save->setFixedSize(kButton, kButton);
  m_save->setToolTip(tr("Copy or save the spectra: picture, drawing or values"));
  m_save->setAccessibleName(tr("Copy or save %1").arg(m_export.title));
  m_save->setFocusPolicy(Qt::TabFocus);
  connect(m_save, &QToolButton::clicked, this, [this] { showMenu(m_save->mapToGlobal(QPoint(0, m_save->height()))); });
}

void SpectrumView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  m_save->move(width() - kButton - 5, 5);
}

void SpectrumView::contextMenuEvent(QContextMenuEvent* event) { showMenu(event->globalPos()); }

void SpectrumView::showMenu(const QPoint& globalPos) {
  QMenu menu(this);
  m_export.fillMenu(menu, this);
  menu.exec(globalPos);
}

QString SpectrumView::toCsv() const {
  QString csv =
      QStringLiteral("curve,side,%1,value,is_good\n").arg(m_isWavelength ? QStringLiteral("wavelength_nm") : QStringLiteral("band"));
  for (std::size_t c = 0; c < m_curves.size(); ++c) {
    const SpectrumCurve& curve = m_curves[c];
    for (std::size_t i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i)
      csv += QStringLiteral("%1,%2,%3,%4,%5\n")
                 .arg(c + 1)
                 .arg(curve.dashed ? QStringLiteral("B") : QStringLiteral("A"), significantText(curve.x[i], 12),
                      std::isfinite(curve.y[i]) ? significantText(curve.y[i], 9) : QStringLiteral("nan"))
                 .arg(isGood(curve, i) ? 1 : 0);
  }
  return csv;
}

bool SpectrumView::draw(const QString& path) const {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  const auto onto = [&](QPaintDevice& device, double scale) {
    QPainter painter;
    if (!painter.begin(&device)) return false;
    painter.scale(scale, scale);
    paint(painter);
    return painter.end();
  };
  bool isDrawn = false;
  if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
    QSvgGenerator drawing;
    drawing.setOutputDevice(&file);
    drawing.setSize(size());
    drawing.setViewBox(rect());
    drawing.setTitle(m_export.title);
    isDrawn = onto(drawing, 1);
  } else {
    constexpr int kDotsPerInch = 1200, kPixelsPerInch = 96;
    QPdfWriter drawing(&file);
    drawing.setResolution(kDotsPerInch);
    drawing.setPageMargins({});
    drawing.setPageSize(QPageSize(QSizeF(size()) / kPixelsPerInch, QPageSize::Inch));
    isDrawn = onto(drawing, double{kDotsPerInch} / kPixelsPerInch);
  }
  return isDrawn && file.commit();
}

void SpectrumView::setCurves(std::vector<SpectrumCurve> curves) {
  m_curves = std::move(curves);
  growAxis(false);
  setAccessibleDescription(readOut());
  update();
}

void SpectrumView::setAxis(std::vector<double> x, bool isWavelength) {
  if (x == m_axis && isWavelength == m_isWavelength) return;
  m_axis = std::move(x);
  m_isWavelength = isWavelength;
  m_hasRange = false;
  update();
}

void SpectrumView::setShown(double x) {
  if (m_shown == x) return;
  m_shown = x;
  setAccessibleDescription(readOut());
  update();
}

void SpectrumView::home() {
  growAxis(true);
  update();
}

void SpectrumView::growAxis(bool anew) {
  double low = 0, high = 0;
  bool any = false;
  const bool kept = std::any_of(m_curves.begin(), m_curves.end(), [](const SpectrumCurve& curve) { return !curve.passing; });
  for (const SpectrumCurve& curve : m_curves) {
    if (curve.passing && kept) continue;
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
      if (!isGood(curve, i)) continue;
      low = any ? std::min(low, curve.y[i]) : curve.y[i];
      high = any ? std::max(high, curve.y[i]) : curve.y[i];
      any = true;
    }
  }
  if (!any) {
    if (anew) m_hasRange = false;
    return;
  }
  if (low > 0 && low < 0.5 * high) low = 0;  // radiometric values start at nothing
  if (!(high > low)) high = low + std::max(1e-6, std::abs(low) * 0.1);
  const double margin = 0.05 * (high - low);
  low -= low == 0 ? margin * 0.5 : margin;
  high += margin;
  m_low = m_hasRange && !anew ? std::min(m_low, low) : low;
  m_high = m_hasRange && !anew ? std::max(m_high, high) : high;
  m_hasRange = true;
}

QRectF SpectrumView::plotArea() const { return QRectF(rect()).adjusted(kSide, kHeader, -kSide, -kFooter); }

double SpectrumView::toScreenX(double x) const {
  const QRectF area = plotArea();
  const auto [low, high] = std::minmax_element(m_axis.begin(), m_axis.end());
  return m_axis.empty() || *high == *low ? area.center().x() : area.left() + (x - *low) / (*high - *low) * area.width();
}

double SpectrumView::fromScreenX(double screen) const {
  const QRectF area = plotArea();
  const auto [low, high] = std::minmax_element(m_axis.begin(), m_axis.end());
  return m_axis.empty() ? 0 : *low + (screen - area.left()) / area.width() * (*high - *low);
}

double SpectrumView::toScreenY(double y) const {
  const QRectF area = plotArea();
  return area.bottom() - (y - m_low) / (m_high - m_low) * area.height();
}

int SpectrumView::nearestBand(double x) const {
  int best = -1;
  for (std::size_t i = 0; i < m_axis.size(); ++i)
    if (best < 0 || std::abs(m_axis[i] - x) < std::abs(m_axis[static_cast<std::size_t>(best)] - x)) best = static_cast<int>(i);
  return best;
}

QString SpectrumView::readOut() const {
  const std::optional<double> at = m_hover ? m_hover : m_shown;
  if (!at || m_axis.empty()) return {};
  const int band = nearestBand(*at);
  const double x = m_axis[static_cast<std::size_t>(band)];
  QString text = m_isWavelength ? tr("%1 nm · band %2").arg(countText(std::llround(x))).arg(band + 1) : tr("band %1").arg(band + 1);
  for (const SpectrumCurve& curve : m_curves) {
    if (curve.dashed || curve.y.size() != m_axis.size()) continue;
    const double value = curve.y[static_cast<std::size_t>(band)];
    text += QStringLiteral(" · ") + (std::isfinite(value) ? significantText(value, 3) : tr("no data"));
    break;
  }
  return text;
}

void SpectrumView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
}

void SpectrumView::paint(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color(hasFocus() ? Token::Accent : Token::Grid), 1));
  painter.setBrush(color(Token::Panel));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setFont(theme().headingFont());
  painter.setPen(color(Token::Muted));
  const QString heading = tr("SPECTRUM");
  painter.drawText(QRectF(kSide, 6, width(), 18), Qt::AlignVCenter | Qt::AlignLeft, heading);
  const double headingWidth = QFontMetricsF(theme().headingFont()).horizontalAdvance(heading);
  painter.setFont(theme().font(11, true));
  painter.setPen(color(Token::Text));
  const QRectF readOutBox(kSide + headingWidth + 6, 6, width() - 2 * kSide - headingWidth - 6 - kButton, 18);
  painter.drawText(readOutBox, Qt::AlignVCenter | Qt::AlignRight,
                   painter.fontMetrics().elidedText(readOut(), Qt::ElideLeft, static_cast<int>(readOutBox.width())));
  const QRectF area = plotArea();
  if (m_axis.empty() || area.width() < 20 || area.height() < 20) return;

  painter.setFont(theme().font(10));
  if (m_hasRange) {
    const double step = niceLength((m_high - m_low) / 2.5);
    const auto first = static_cast<long long>(std::ceil(m_low / step)), last = static_cast<long long>(std::floor(m_high / step));
    for (long long i = first; i <= last; ++i) {
      const double y = toScreenY(static_cast<double>(i) * step);
      painter.setPen(QPen(color(Token::Grid), 1));
      painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
      painter.setPen(color(Token::Muted));
      painter.drawText(QPointF(area.left() + 2, y - 3), significantText(static_cast<double>(i) * step, 4));
    }
  } else {
    painter.setPen(color(Token::Muted));
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, tr("Move over the picture; click keeps, Shift+click adds."));
  }
  const auto [lowest, highest] = std::minmax_element(m_axis.begin(), m_axis.end());
  painter.setPen(color(Token::Muted));
  const double xStep = niceLength((*highest - *lowest) / 2);
  const auto firstX = static_cast<long long>(std::ceil(*lowest / xStep)), lastX = static_cast<long long>(std::floor(*highest / xStep));
  for (long long i = firstX; i <= lastX && *highest > *lowest; ++i) {
    const double x = static_cast<double>(i) * xStep;
    QString label = countText(std::llround(x));
    if (i == lastX) label += m_isWavelength ? QStringLiteral(" nm") : QString();
    const double labelWidth = painter.fontMetrics().horizontalAdvance(label);
    const double left = std::clamp(toScreenX(x) - labelWidth / 2, area.left(), std::max(area.left(), area.right() - labelWidth));
    painter.drawLine(QPointF(toScreenX(x), area.bottom()), QPointF(toScreenX(x), area.bottom() + 3));
    painter.drawText(QPointF(left, area.bottom() + 15), label);
  }
  painter.setClipRect(area.adjusted(-1, -1, 1, 1));
  for (const SpectrumCurve& curve : m_curves) drawCurve(painter, curve);
  if (const std::optional<double> at = m_hover ? m_hover : m_shown; at && m_hasRange) {
    const double x = toScreenX(m_axis[static_cast<std::size_t>(nearestBand(*at))]);
    painter.setPen(QPen(color(Token::Text), 1, Qt::DashLine));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

void SpectrumView::drawCurve(QPainter& painter, const SpectrumCurve& curve) const {
  if (!m_hasRange) return;
  // By wavelength, not by number: two detectors may overlap, and the line would run back and forth.
  std::vector<std::size_t> order(curve.x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&curve](std::size_t a, std::size_t b) { return curve.x[a] < curve.x[b]; });
  QPainterPath path;
  bool open = false;
  for (const std::size_t i : order) {
    if (!isGood(curve, i)) {
      open = false;
      continue;
    }
    const QPointF at(toScreenX(curve.x[i]), std::clamp(toScreenY(curve.y[i]), -1e5, 1e5));
    if (open)
      path.lineTo(at);
    else
      path.moveTo(at);
    open = true;
  }
  QPen pen(curve.color, curve.passing ? 1.2 : 1.8, curve.dashed ? Qt::DashLine : Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(pen);
  painter.drawPath(path);
}

void SpectrumView::mouseMoveEvent(QMouseEvent* event) {
  if (m_axis.empty()) return;
  m_hover = fromScreenX(event->position().x());
  if (m_dragging) {
    m_shown = m_axis[static_cast<std::size_t>(nearestBand(*m_hover))];
    Q_EMIT bandBrowsed(nearestBand(*m_hover));
  }
  update();
}

void SpectrumView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_axis.empty()) return;
  m_dragging = true;
  mouseMoveEvent(event);
}

void SpectrumView::mouseReleaseEvent(QMouseEvent*) { m_dragging = false; }
void SpectrumView::mouseDoubleClickEvent(QMouseEvent*) { home(); }

void SpectrumView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Home)
    home();
  else
    event->ignore();
}

void SpectrumView::leaveEvent(QEvent*) {
  m_hover.reset();
  update();
}

}  // namespace cubeloom
