// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/wavelength_strip.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

QColor wavelengthColor(double nm, const QColor& beyond) {
  if (nm < 380 || nm > 700) return beyond;
  // Hue from violet (270 degrees) at 400 nm to red (0) at 650 nm, fading into the grey at both ends of what the eye sees.
  const double hue = std::clamp(270.0 * (650.0 - nm) / 250.0, 0.0, 280.0);
  const QColor pure = QColor::fromHsvF(static_cast<float>(hue / 360.0), 0.75F, 0.85F);
  const double edge = std::clamp(std::min((nm - 370) / 30.0, (710 - nm) / 50.0), 0.0, 1.0);
  return QColor::fromRgbF(static_cast<float>(beyond.redF() + (pure.redF() - beyond.redF()) * edge),
                          static_cast<float>(beyond.greenF() + (pure.greenF() - beyond.greenF()) * edge),
                          static_cast<float>(beyond.blueF() + (pure.blueF() - beyond.blueF()) * edge));
}

WavelengthStrip::WavelengthStrip(QWidget* parent) : QWidget(parent) {
  setFixedHeight(18);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void WavelengthStrip::setSpectrum(const ArraySpec& spec) {
  m_wavelengths.clear();
  m_good.clear();
  if (const int d = spec.indexOf("wavelength"); d >= 0) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
    if (dim.coordinate.kind != Coordinate::Kind::None)
      for (std::int64_t i = 0; i < dim.size; ++i) m_wavelengths.push_back(dim.coordinate.at(i));
    if (const auto good = dim.coordinate.aux.find("good"); good != dim.coordinate.aux.end())
      for (const double flag : good->second) m_good.push_back(flag != 0);
  }
  setVisible(!m_wavelengths.empty());
  if (m_wavelengths.empty()) return;
  const auto [low, high] = std::minmax_element(m_wavelengths.begin(), m_wavelengths.end());
  m_low = *low;
  m_high = *high;
  m_widest = 3 * (m_high - m_low) / std::max<double>(1, static_cast<double>(m_wavelengths.size()) - 1);
  setAccessibleName(tr("Wavelengths %1").arg(summary()));
  update();
}

void WavelengthStrip::setShown(const QList<double>& nm) {
  m_shown = nm;
  update();
}

QString WavelengthStrip::summary() const {
  if (m_wavelengths.empty()) return {};
  const auto nm = [](double value) { return countText(std::llround(value)); };
  QString text = tr("%1 – %2 nm").arg(nm(m_low), nm(m_high));
  const auto bad = std::count(m_good.begin(), m_good.end(), false);
  if (bad > 0) text += tr(" · %1 bad").arg(bad);
  return text;
}

double WavelengthStrip::toScreen(double nm) const {
  return m_high > m_low ? (nm - m_low) / (m_high - m_low) * (width() - 2) + 1 : width() / 2.0;
}

void WavelengthStrip::paintEvent(QPaintEvent*) {
  if (m_wavelengths.empty()) return;
  QPainter painter(this);
  const QRectF bar(0, 3, width(), 12);
  painter.fillRect(bar, color(Token::Grid));
  QColor beyond = color(Token::Muted);
  for (std::size_t i = 0; i < m_wavelengths.size(); ++i) {
    if (!m_good.empty() && !m_good[i]) continue;
    // Each band fills half the way to its neighbours; sensors do not sample evenly.
    const double before = i > 0 ? std::abs(m_wavelengths[i] - m_wavelengths[i - 1]) : m_widest;
    const double after = i + 1 < m_wavelengths.size() ? std::abs(m_wavelengths[i + 1] - m_wavelengths[i]) : m_widest;
    const double left = toScreen(m_wavelengths[i] - std::min(before, m_widest) / 2 - m_widest / 60);
    const double right = toScreen(m_wavelengths[i] + std::min(after, m_widest) / 2 + m_widest / 60);
    painter.fillRect(QRectF(left, bar.top(), std::max(1.0, right - left), bar.height()).intersected(bar),
                     wavelengthColor(m_wavelengths[i], beyond));
  }
  const QColor inks[] = {QColor(0xd8, 0x2f, 0x2f), QColor(0x2e, 0x9e, 0x4f), QColor(0x2f, 0x62, 0xd8)};
  for (int i = 0; i < m_shown.size() && i < 3; ++i) {
    const double x = toScreen(m_shown[i]);
    painter.fillRect(QRectF(x - 2, 0, 4, 18), color(Token::Panel));
    painter.fillRect(QRectF(x - 1, 0, 2, 18), m_shown.size() == 1 ? color(Token::Text) : inks[i]);
  }
}

bool WavelengthStrip::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && !m_wavelengths.empty()) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const double nm = m_low + (help->pos().x() - 1) / std::max(1.0, width() - 2.0) * (m_high - m_low);
    std::size_t best = 0;
    for (std::size_t i = 1; i < m_wavelengths.size(); ++i)
      if (std::abs(m_wavelengths[i] - nm) < std::abs(m_wavelengths[best] - nm)) best = i;
    QString text = tr("%1 nm · band %2").arg(qRound(m_wavelengths[best])).arg(best + 1);
    if (!m_good.empty() && !m_good[best]) text += tr(" · bad");
    QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace cubeloom
