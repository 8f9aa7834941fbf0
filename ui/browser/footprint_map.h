// SPDX-License-Identifier: GPL-3.0-or-later
// A small map of degrees with the outlines of datasets, on which a rectangle is drawn.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/browser/dataset_facts.h"

namespace cubeloom {

struct Footprint {
  QString path, name;
  LonLatBox box{};
  bool isFound = true;  ///< what a search leaves out is pale
};

/// GUI thread only.
class FootprintMap : public QWidget {
  Q_OBJECT
 public:
  explicit FootprintMap(QWidget* parent = nullptr);

  /// Shows all of them, unless the user has moved the map.
  void setFootprints(std::vector<Footprint> footprints);
  void setSelected(const QStringList& paths);
  /// The rectangle that is searched in, with what lies around it; unset: everywhere.
  void setBox(const std::optional<LonLatBox>& box);
  const std::optional<LonLatBox>& box() const { return m_box; }
  QSize sizeHint() const override { return {250, 140}; }
  QSize minimumSizeHint() const override { return {160, 64}; }

 signals:
  void boxDrawn(const std::optional<cubeloom::LonLatBox>& box);
  void picked(const QString& path);

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QPointF toScreen(double longitude, double latitude) const;
  QPointF toDegrees(QPointF screen) const;
  QRectF rectOf(const LonLatBox& box) const;
  void showAll();
  void show(const LonLatBox& around, double margin);
  void drawGrid(QPainter& painter) const;
  /// The smallest footprint there; null: none.
  const Footprint* at(QPointF screen) const;

  std::vector<Footprint> m_footprints;
  QStringList m_selected;
  std::optional<LonLatBox> m_box;
  double m_longitude = 0, m_latitude = 0;  ///< of the middle
  double m_pixelsPerDegree = 0.7;          ///< along a meridian
  bool m_isMoved = false;
  std::optional<QPointF> m_pressed;
  QPointF m_pointer;
};

}  // namespace cubeloom
