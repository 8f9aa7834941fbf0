// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/footprint_map.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr double kMargin = 14, kLeastPx = 5, kDragPx = 4;

double squeeze(double latitude) { return std::max(0.05, std::cos(std::clamp(latitude, -85.0, 85.0) * std::numbers::pi / 180)); }

/// Lines that are at least `most` apart: 1, 2 or 5 times a power of ten, 30 and 90 for the whole world.
double gridStep(double most) {
  if (most > 10) return most > 30 ? 90 : 30;
  const double power = std::pow(10, std::floor(std::log10(most)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (factor * power >= most) return factor * power;
  return 10 * power;
}

QString degreesText(double value, double step, QChar positive, QChar negative) {
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
  const QString number = QString::number(std::abs(value), 'f', decimals);
  return std::abs(value) < step / 2 ? QStringLiteral("0°") : QStringLiteral("%1° %2").arg(number, value < 0 ? negative : positive);
}

}  // namespace

FootprintMap::FootprintMap(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::CrossCursor);
  setAccessibleName(tr("Map of datasets"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FootprintMap::setFootprints(std::vector<Footprint> footprints) {
  m_footprints = std::move(footprints);
  if (!m_isMoved) showAll();
  const auto found = std::count_if(m_footprints.begin(), m_footprints.end(), [](const Footprint& one) { return one.isFound; });
  setAccessibleDescription(tr("%1 of %2 outlines").arg(found).arg(m_footprints.size()));
  update();
}

void FootprintMap::setSelected(const QStringList& paths) {
  m_selected = paths;
  update();
}

void FootprintMap::setBox(const std::optional<LonLatBox>& box) {
  m_box = box;
  if (box) {
    constexpr double kAround = 0.3;  // of the map on each side
    show(*box, kAround * std::min(width(), height()));
    m_isMoved = true;
  } else {
    m_isMoved = false;
    showAll();
  }
  update();
}

void FootprintMap::showAll() {
  std::vector<LonLatBox> boxes;
  boxes.reserve(m_footprints.size() + 1);
  for (const Footprint& footprint : m_footprints) boxes.push_back(footprint.box);
  if (m_box) boxes.push_back(*m_box);
  if (boxes.empty()) boxes.push_back({-180, -90, 180, 90});
  LonLatBox all = boxes.front();
  for (const LonLatBox& box : boxes) {
    all[0] = std::min(all[0], box[2] < box[0] ? -180 : box[0]);
    all[1] = std::min(all[1], box[1]);
    all[2] = std::max(all[2], box[2] < box[0] ? 180 : box[2]);
    all[3] = std::max(all[3], box[3]);
  }
  show(all, kMargin);
}

void FootprintMap::show(const LonLatBox& around, double margin) {
  m_longitude = (around[0] + around[2]) / 2;
  m_latitude = std::clamp((around[1] + around[3]) / 2, -85.0, 85.0);
  constexpr double kLeastDegrees = 0.002, kLeastScale = 0.2;
  const double wide = std::max(kLeastDegrees, (around[2] - around[0]) * squeeze(m_latitude));
  const double high = std::max(kLeastDegrees, around[3] - around[1]);
  m_pixelsPerDegree = std::max(kLeastScale, std::min((width() - 2 * margin) / wide, (height() - 2 * margin) / high));
}

QPointF FootprintMap::toScreen(double longitude, double latitude) const {
  return {width() / 2.0 + (longitude - m_longitude) * squeeze(m_latitude) * m_pixelsPerDegree,
          height() / 2.0 - (latitude - m_latitude) * m_pixelsPerDegree};
}

QPointF FootprintMap::toDegrees(QPointF screen) const {
  return {m_longitude + (screen.x() - width() / 2.0) / (squeeze(m_latitude) * m_pixelsPerDegree),
          m_latitude - (screen.y() - height() / 2.0) / m_pixelsPerDegree};
}

QRectF FootprintMap::rectOf(const LonLatBox& box) const {
  return QRectF(toScreen(box[0], box[3]), toScreen(box[2] < box[0] ? box[2] + 360 : box[2], box[1])).normalized();
}

void FootprintMap::drawGrid(QPainter& painter) const {
  painter.setFont(theme().font(10));
  constexpr double kLinePx = 62;
  const double alongX = gridStep(kLinePx / (squeeze(m_latitude) * m_pixelsPerDegree)), alongY = gridStep(kLinePx / 1.6 / m_pixelsPerDegree);
  const QPointF first = toDegrees({0, static_cast<double>(height())}), last = toDegrees({static_cast<double>(width()), 0});
  const QPen line(color(Token::Grid), 1), label(color(Token::Muted), 1);
  for (double x = std::ceil(first.x() / alongX) * alongX; x <= last.x(); x += alongX) {
    const double at = std::round(toScreen(x, 0).x()) + 0.5;
    painter.setPen(line);
    painter.drawLine(QPointF(at, 0), QPointF(at, height()));
    painter.setPen(label);
    painter.drawText(QRectF(at + 3, height() - 15.0, 80, 13), Qt::AlignLeft | Qt::AlignVCenter,
                     degreesText(std::remainder(x, 360), alongX, u'E', u'W'));
  }
  for (double y = std::max(-90.0, std::ceil(first.y() / alongY) * alongY); y <= std::min(90.0, last.y()); y += alongY) {
    const double at = std::round(toScreen(0, y).y()) + 0.5;
    painter.setPen(line);
    painter.drawLine(QPointF(0, at), QPointF(width(), at));
    painter.setPen(label);
    if (at > 14 && at < height() - 16)
      painter.drawText(QRectF(3, at - 13, 80, 13), Qt::AlignLeft | Qt::AlignVCenter, degreesText(y, alongY, u'N', u'S'));
  }
}

void FootprintMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), color(Token::Surface));
  drawGrid(painter);
  std::set<LonLatBox> filled;  // dates of one place lie on top of each other: one of them is filled
  const auto draw = [&](const Footprint& footprint, bool isSelected) {
    QRectF rect = rectOf(footprint.box);
    // What is too small to be seen is a square.
    if (rect.width() < kLeastPx && rect.height() < kLeastPx) rect = QRectF(rect.center() - QPointF(2.5, 2.5), QSizeF(kLeastPx, kLeastPx));
    QColor line = color(footprint.isFound ? Token::Accent : Token::Waiting), fill = line;
    fill.setAlphaF(isSelected ? 0.35F : footprint.isFound && filled.insert(footprint.box).second ? 0.10F : 0.0F);
    painter.setPen(QPen(line, isSelected ? 2 : 1));
    painter.setBrush(fill);
    painter.drawRect(rect);
  };
  for (const bool isFound : {false, true})
    for (const Footprint& footprint : m_footprints)
      if (footprint.isFound == isFound && !m_selected.contains(footprint.path)) draw(footprint, false);
  for (const Footprint& footprint : m_footprints)
    if (m_selected.contains(footprint.path)) draw(footprint, true);
  std::optional<QRectF> searched;
  if (m_box) searched = rectOf(*m_box);
  if (searched && searched->width() < kLeastPx && searched->height() < kLeastPx)
    searched = QRectF(searched->center() - QPointF(4, 4), QSizeF(8, 8));
  if (m_pressed && (m_pointer - *m_pressed).manhattanLength() > kDragPx) searched = QRectF(*m_pressed, m_pointer).normalized();
  if (searched) {
    QColor fill = color(Token::Paused);
    painter.setPen(QPen(fill, 1.5, Qt::DashLine));
    fill.setAlphaF(0.10F);
    painter.setBrush(fill);
    painter.drawRect(*searched);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(color(hasFocus() ? Token::Accent : Token::Grid));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void FootprintMap::resizeEvent(QResizeEvent*) {
  if (!m_isMoved) showAll();
}

const Footprint* FootprintMap::at(QPointF screen) const {
  const Footprint* best = nullptr;
  double area = 0;
  for (const Footprint& footprint : m_footprints) {
    const QRectF rect = rectOf(footprint.box).adjusted(-3, -3, 3, 3);
    if (!rect.contains(screen) || (best && rect.width() * rect.height() >= area)) continue;
    best = &footprint;
    area = rect.width() * rect.height();
  }
  return best;
}

void FootprintMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  m_pressed = m_pointer = event->position();
}

void FootprintMap::mouseMoveEvent(QMouseEvent* event) {
  m_pointer = event->position();
  if (m_pressed) update();
}

void FootprintMap::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_pressed) return;
  const QPointF from = *std::exchange(m_pressed, std::nullopt);
  m_pointer = event->position();
  if ((m_pointer - from).manhattanLength() > kDragPx) {
    const QPointF a = toDegrees(from), b = toDegrees(m_pointer);
    const auto turn = [](double longitude) { return std::clamp(longitude, -180.0, 180.0); };
    m_box = LonLatBox{turn(std::min(a.x(), b.x())), std::clamp(std::min(a.y(), b.y()), -90.0, 90.0), turn(std::max(a.x(), b.x())),
                      std::clamp(std::max(a.y(), b.y()), -90.0, 90.0)};
    Q_EMIT boxDrawn(m_box);
  } else if (const Footprint* footprint = at(m_pointer)) {
    Q_EMIT picked(QString(footprint->path));
  }
  update();
}

void FootprintMap::mouseDoubleClickEvent(QMouseEvent*) {
  m_isMoved = false;
  showAll();
  update();
}

void FootprintMap::wheelEvent(QWheelEvent* event) {
  const QPointF under = toDegrees(event->position());
  m_pixelsPerDegree = std::clamp(m_pixelsPerDegree * std::pow(1.0015, event->angleDelta().y()), 0.2, 2e6);
  const QPointF now = toDegrees(event->position());
  m_longitude += under.x() - now.x();
  m_latitude = std::clamp(m_latitude + under.y() - now.y(), -85.0, 85.0);
  m_isMoved = true;
  event->accept();
  update();
}

void FootprintMap::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && (m_pressed || m_box)) {
    if (!std::exchange(m_pressed, std::nullopt)) {
      m_box.reset();
      Q_EMIT boxDrawn(m_box);
    }
    update();
  } else if (event->key() == Qt::Key_Home) {
    mouseDoubleClickEvent(nullptr);
  } else {
    QWidget::keyPressEvent(event);
  }
}

bool FootprintMap::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const Footprint* footprint = at(help->pos());
  QToolTip::showText(
      help->globalPos(),
      footprint ? footprint->name
                : tr("Drag draws a rectangle to search in, a click picks a dataset,\nthe wheel zooms, a double click shows everything."),
      this);
  return true;
}

}  // namespace cubeloom
