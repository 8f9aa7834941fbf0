// SPDX-License-Identifier: GPL-3.0-or-later
// Parses and shows sizes; Up and Down step by an eighth of the present power of two.
#include "ui/run/size_edit.h"

#include <QKeyEvent>
#include <QStyle>
#include <QToolTip>
#include <algorithm>
#include <bit>

#include "engine/base/text.h"
#include "ui/words/number_text.h"

namespace cubeloom {

SizeEdit::SizeEdit(QWidget* parent) : QLineEdit(parent) {
  connect(this, &QLineEdit::editingFinished, this, &SizeEdit::take);
  connect(this, &QLineEdit::textEdited, this, [this](const QString& text) {
    const auto parsed = parseSize(text.toStdString());
    setProperty("invalid", !parsed || *parsed < m_minimum);
    style()->unpolish(this);
    style()->polish(this);
  });
}

void SizeEdit::setBytes(std::int64_t bytes) {
  m_bytes = bytes;
  if (!hasFocus() || !isModified()) setText(sizeText(static_cast<double>(bytes)));
}

void SizeEdit::setRange(std::int64_t minimum, std::int64_t maximum) {
  m_minimum = minimum;
  m_maximum = maximum;
}

void SizeEdit::take() {
  if (!isModified()) return;
  setModified(false);
  const auto parsed = parseSize(text().toStdString());
  const bool valid = parsed && *parsed >= m_minimum;
  if (valid) m_bytes = *parsed;
  if (!valid) {
    const QString kept = sizeText(static_cast<double>(m_bytes));
    const QString why = parsed ? tr("%1 is too little: at least %2").arg(text(), sizeText(static_cast<double>(m_minimum)))
                               : tr("“%1” is not a size such as 2 GiB or 500 MB").arg(text());
    QToolTip::showText(mapToGlobal(QPoint(0, height())), tr("%1; %2 stays").arg(why, kept), this);
  }
  setText(sizeText(static_cast<double>(m_bytes)));
  setProperty("invalid", false);
  style()->unpolish(this);
  style()->polish(this);
  if (valid) Q_EMIT bytesEdited(m_bytes);
}

void SizeEdit::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Up && event->key() != Qt::Key_Down) {
    QLineEdit::keyPressEvent(event);
    return;
  }
  const auto step = static_cast<std::int64_t>(std::max<std::uint64_t>(1, std::bit_floor(static_cast<std::uint64_t>(m_bytes)) / 8));
  const std::int64_t stepped = m_bytes + (event->key() == Qt::Key_Up ? step : -step);
  m_bytes = std::clamp(stepped, m_minimum, std::max(m_minimum, m_maximum));
  setText(sizeText(static_cast<double>(m_bytes)));
  setModified(false);
  Q_EMIT bytesEdited(m_bytes);
}

}  // namespace cubeloom
