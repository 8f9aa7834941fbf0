// SPDX-License-Identifier: GPL-3.0-or-later
// A spectrum of the step's input, on which a range of wavelengths is dragged.
#pragma once

#include <QWidget>
#include <optional>
#include <utility>
#include <vector>

#include "ui/async/latest_task.h"
#include "ui/inspector/param_editor.h"

namespace cubeloom {

/// GUI thread only; the spectrum is read on another. It is of the place that was last kept in the preview, else of the middle of the array.
class SpectrumRange : public QWidget {
  Q_OBJECT
 public:
  explicit SpectrumRange(QWidget* parent = nullptr);
  /// Axis and spectrum of the step's first input; nothing to show where it has no wavelengths.
  void showInput(const EditorContext& context);
  bool hasWavelengths() const { return !m_nm.empty(); }
  /// Shaded, each with both ends.
  void setRanges(std::vector<std::pair<double, double>> ranges);

 signals:
  /// From band to band; `done` when the mouse is let go, or a key was pressed.
  void dragged(double low, double high, bool done);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  QSize sizeHint() const override { return {240, 96}; }

 private:
  QRectF plot() const;
  double toScreen(double nm) const;
  std::size_t bandAt(double screen) const;
  void readSpectrumAt(const EditorContext& context);
  void report(bool done);

  std::vector<double> m_nm, m_values;
  std::vector<bool> m_good;
  std::vector<std::pair<double, double>> m_ranges;
  std::optional<double> m_anchor, m_end;  ///< while dragging
  QString m_read;                         ///< of what the spectrum is
  LatestTask<std::vector<double>> m_task;
};

}  // namespace cubeloom
