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
  if (const int wide = roundedWidth(); wide != m_wide) {
    m_wide = wide;
    updateGeometry();
  }
  update();
}

/// In steps: a number that counts up must not lay the window out anew with every digit.
int ElidedLabel::roundedWidth() const {
  constexpr int kStep = 12;
  return (fontMetrics().horizontalAdvance(m_text) + 2 + kStep - 1) / kStep * kStep;
}

QSize ElidedLabel::minimumSizeHint() const { return {fontMetrics().horizontalAdvance(QStringLiteral("…")) * 3, fontMetrics().height()}; }

QSize ElidedLabel::sizeHint() const { return {roundedWidth(), fontMetrics().height()}; }

void ElidedLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const bool isTight = !m_brief.isEmpty() && fontMetrics().horizontalAdvance(m_text) > width();
  const QString shown = fontMetrics().elidedText(isTight ? m_brief : m_text, m_mode, width());
  style()->drawItemText(&painter, rect(), static_cast<int>(alignment()) | Qt::TextSingleLine, palette(), isEnabled(), shown,
                        foregroundRole());
}

}  // namespace cubeloom
