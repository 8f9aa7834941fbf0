// SPDX-License-Identifier: GPL-3.0-or-later
// The spectrum drawer beside the map: curves of the place under the cursor and of the kept marks.
#pragma once

#include <QColor>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/theme/chart_export.h"

class QToolButton;

namespace cubeloom {

/// One spectrum. `x` in nm, or band numbers; points flagged not good, and NaN values, are gaps.
struct SpectrumCurve {
  std::vector<double> x, y;
  std::vector<bool> good;  ///< empty: all
  QColor color;
  bool dashed = false;   ///< side B
  bool passing = false;  ///< follows the cursor: drawn lighter
};

/// GUI thread only. The y axis takes its range from the good bands and grows as curves come; once a mark is kept, only marks still move it,
/// never the curve under the cursor, until Home.
class SpectrumView : public QWidget {
  Q_OBJECT
 public:
  explicit SpectrumView(QWidget* parent = nullptr);

  void setCurves(std::vector<SpectrumCurve> curves);
  /// Wavelengths (or band numbers) along the axis even before there is a curve; `isWavelength` decides the unit.
  void setAxis(std::vector<double> x, bool isWavelength);
  /// Where the dashed line stands when the mouse is elsewhere: the first band of the picture.
  void setShown(double x);
  /// Fits the axis to the curves again.
  void home();
  /// "863 nm · band 98 · 0.412"
  QString readOut() const;
  /// The curves as text: curve, side, wavelength or band, value, whether the band is good.
  QString toCsv() const;
  /// Writes PNG, PDF, SVG or CSV, by the name's ending. False when it cannot be written.
  bool save(const QString& path) const { return m_export.save(path); }

 signals:
  /// The dashed line was dragged to a band (0-based).
  void bandBrowsed(int band);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent*) override;
  void resizeEvent(QResizeEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  QSize sizeHint() const override { return {236, 320}; }

 private:
  void paint(QPainter& painter) const;
  bool draw(const QString& path) const;
  void showMenu(const QPoint& globalPos);
  QRectF plotArea() const;
  double toScreenX(double x) const;
  double toScreenY(double y) const;
  double fromScreenX(double screen) const;
  int nearestBand(double x) const;
  void growAxis(bool anew);
  void drawCurve(QPainter& painter, const SpectrumCurve& curve) const;

  std::vector<SpectrumCurve> m_curves;
  std::vector<double> m_axis;
  bool m_isWavelength = true;
  bool m_hasRange = false;
  double m_low = 0, m_high = 1;
  std::optional<double> m_shown, m_hover;
  bool m_dragging = false;
  ChartExport m_export;
  QToolButton* m_save = nullptr;
};

}  // namespace cubeloom
