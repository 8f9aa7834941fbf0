// SPDX-License-Identifier: GPL-3.0-or-later
// Paints the part of the text that fits.
#include "ui/theme/elided_label.h"

#include <QPainter>
#include <QStyle>

namespace cubeloom {

ElidedLabel::ElidedLabel(QWidget* parent, Qt::TextElideMode mode) : QLabel(parent), m_mode(mode) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ElidedLabel::setText(const QString& text, const QString& brief) {
  if (text == m_text && brief == m_brief) return;
  m_text = text;
  m_brief = brief;
  setToolTip(text);
  setAccessibleName(text);
  updateGeometry();
  update();
}

QSize ElidedLabel::minimumSizeHint() const { return {fontMetrics().horizontalAdvance(QStringLiteral("…")) * 3, fontMetrics().height()}; }

QSize ElidedLabel::sizeHint() const { return {fontMetrics().horizontalAdvance(m_text) + 2, fontMetrics().height()}; }

void ElidedLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const bool isTight = !m_brief.isEmpty() && fontMetrics().horizontalAdvance(m_text) > width();
  const QString shown = fontMetrics().elidedText(isTight ? m_brief : m_text, m_mode, width());
  style()->drawItemText(&painter, rect(), static_cast<int>(alignment()) | Qt::TextSingleLine, palette(), isEnabled(), shown,
                        foregroundRole());
}

}  // namespace cubeloom
