// SPDX-License-Identifier: GPL-3.0-or-later
// The wavelengths of a dataset as a strip: visible light in its colours, bad bands and gaps pale, the shown bands ticked.
#pragma once

#include <QList>
#include <QString>
#include <QWidget>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// GUI thread only.
class WavelengthStrip : public QWidget {
  Q_OBJECT
 public:
  explicit WavelengthStrip(QWidget* parent = nullptr);
  /// Uses the wavelength dim of `spec`; hides itself when there is none.
  void setSpectrum(const ArraySpec& spec);
  /// Ticks at these wavelengths (nm): red, green, blue, or one.
  void setShown(const QList<double>& nm);
  /// "377 – 2,501 nm · 39 bad"
  QString summary() const;
  QSize sizeHint() const override { return {240, 18}; }

 protected:
  void paintEvent(QPaintEvent*) override;
  bool event(QEvent* event) override;

 private:
  double toScreen(double nm) const;

  std::vector<double> m_wavelengths;
  std::vector<bool> m_good;
  QList<double> m_shown;
  double m_low = 0, m_high = 1;
  double m_widest = 1;  ///< nm a single band may fill; a larger distance to its neighbours is a gap
};

/// Colour of a wavelength as the eye would name it; grey beyond the visible.
QColor wavelengthColor(double nm, const QColor& beyond);

}  // namespace cubeloom
