// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/cube_picture.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

QString storageUnitText(const ArraySpec& spec) {
  if (spec.storage.block.size() != spec.dims.size() || spec.dims.empty()) return {};
  double bytes = static_cast<double>(pixelTypeBytes(spec.type));
  for (const std::int64_t size : spec.storage.block) bytes *= static_cast<double>(size);
  const int y = spec.yDim >= 0 ? spec.yDim : spec.indexOf("y");
  const bool line = y >= 0 && spec.storage.block[static_cast<std::size_t>(y)] == 1;
  return QObject::tr("%1 a %2").arg(sizeText(bytes), line ? QObject::tr("line") : QObject::tr("block"));
}

CubePicture::CubePicture(QWidget* parent) : QWidget(parent) {
  setMinimumHeight(150);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CubePicture::setCube(const ArraySpec& spec, std::shared_ptr<const ReadPlan> plan) {
  m_spec = spec;
  m_plan = std::move(plan);
  QString text = tr("Cube of");
  for (const Dim& dim : spec.dims) text += QStringLiteral(" %1 %2").arg(QString::fromStdString(dim.name), countText(dim.size));
  if (m_plan) text += tr("; the chain reads %1 of %2 lines").arg(countText(m_plan->touchedLines()), countText(m_plan->lines));
  setAccessibleName(text);
  setToolTip(m_plan ? tr("Where the chain reads. Close lines are drawn as one; the count is exact.") : QString());
  update();
}

void CubePicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double depth = 18, textWidth = 122;
  const double side = std::min(height() - depth - 4, width() - textWidth - depth - 10);
  if (side < 30 || m_spec.dims.empty()) return;
  const QRectF front(4, depth + 1, side, side);
  drawBox(painter, front, depth);
  drawTouched(painter, front);

  const double x = front.right() + depth + 10, wide = width() - x;
  double y = 10;
  const auto line = [&](const QString& text, Token token, int size, bool strong, double gap) {
    painter.setFont(theme().font(size, strong));
    painter.setPen(color(token));
    painter.drawText(QRectF(x, y, wide, 16), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(wide)));
    y += gap;
  };
  for (std::size_t d = 0; d < m_spec.dims.size() && d < 4; ++d)
    line(QStringLiteral("%1 %2").arg(QString::fromStdString(m_spec.dims[d].name), countText(m_spec.dims[d].size)), Token::Text, 12, false,
         18);
  y += 5;
  if (m_spec.storage.block.size() == m_spec.dims.size()) {
    QStringList block;
    for (const std::int64_t size : m_spec.storage.block) block << countText(size);
    line(tr("chunk %1").arg(block.join(QStringLiteral("×"))), Token::Muted, 11, false, 16);
    line(storageUnitText(m_spec), Token::Muted, 11, false, 22);
  }
  if (m_plan && m_plan->lines > 0) {
    painter.fillRect(QRectF(x, y + 4, 8, 8), color(Token::Read));
    painter.setFont(theme().font(11));
    painter.setPen(color(Token::Muted));
    painter.drawText(QRectF(x + 13, y, wide - 13, 16), Qt::AlignVCenter, tr("read by this chain"));
    y += 17;
    line(tr("%1 of %2 lines").arg(countText(m_plan->touchedLines()), countText(m_plan->lines)), Token::Text, 11, true, 16);
  }
}

void CubePicture::drawBox(QPainter& painter, const QRectF& front, double depth) const {
  const QPointF back(depth, -depth);
  const QPen edge(color(Token::Muted), 1);
  painter.setPen(edge);
  painter.setBrush(color(Token::Surface));
  painter.drawPolygon(QPolygonF{front.topLeft(), front.topLeft() + back, front.topRight() + back, front.topRight()});
  painter.drawPolygon(QPolygonF{front.topRight(), front.topRight() + back, front.bottomRight() + back, front.bottomRight()});
  painter.setBrush(color(Token::AccentSoft));
  painter.drawRect(front);
  QColor scan = color(Token::Read);
  scan.setAlpha(40);
  painter.setPen(QPen(scan, 1));
  for (double y = front.top() + 5; y < front.bottom(); y += 5) painter.drawLine(QPointF(front.left(), y), QPointF(front.right(), y));
}

void CubePicture::drawTouched(QPainter& painter, const QRectF& front) const {
  if (!m_plan || m_plan->lines <= 0 || m_plan->touched.empty()) return;
  const double scale = front.height() / static_cast<double>(m_plan->lines);
  const double share = static_cast<double>(m_plan->touchedLines()) / static_cast<double>(m_plan->lines);
  // Many scattered lines would run together and look like all of it: then every n-th is drawn, so that the ink is near the true share.
  constexpr double kThinnest = 2, kGap = 7;
  const auto room = static_cast<std::size_t>(std::max(1.0, front.height() / kGap));
  const std::size_t every = share > 0.4 ? 1 : std::max<std::size_t>(1, (m_plan->touched.size() + room - 1) / room);
  for (std::size_t i = every / 2; i < m_plan->touched.size(); i += every) {
    const auto& [first, lines] = m_plan->touched[i];
    const double tall = std::max(kThinnest, static_cast<double>(lines) * scale);
    const double y = std::clamp(front.top() + static_cast<double>(first) * scale, front.top(), front.bottom() - tall);
    painter.fillRect(QRectF(front.left() + 0.5, y, front.width() - 1, tall), color(Token::Read));
  }
}

}  // namespace cubeloom
