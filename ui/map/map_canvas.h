// SPDX-License-Identifier: GPL-3.0-or-later
// The map itself: paints the layers of a preview and turns mouse, wheel and keys into movement.
#pragma once

#include <QPixmap>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/map/compose.h"
#include "ui/map/map_frame.h"
#include "ui/map/map_legend.h"

namespace cubeloom {

class MapTool;

enum class CompareMode { Swipe, Flicker, Difference, Off };

/// A numbered place.
struct MapMark {
  int number = 1;
  QPointF world;
  QColor color;
};

/// GUI thread only. Knows nothing of chains: it is handed layers and extents.
class MapCanvas : public QWidget {
  Q_OBJECT
 public:
  explicit MapCanvas(QWidget* parent = nullptr);

  /// New pictures of side A, side B and their difference; old ones stay behind as a backdrop while they cover more.
  void setLayers(const Composed& composed);
  /// Footprints. Within them nodata is hatched, as far as it has been read. Empty: nothing on that side.
  void setExtents(std::optional<Bounds> a, std::optional<Bounds> b);
  /// What the colours of both sides mean.
  void setLegends(MapLegend a, MapLegend b);
  void setMarks(std::vector<MapMark> marks);
  void setCompareMode(CompareMode mode);
  CompareMode compareMode() const { return m_mode; }
  /// Metres per world unit for the scale bar; 0 hides it. `unit` is "m" or, without georeference, "px".
  void setScale(double metresPerUnit, const QString& unit);
  /// Shown in the middle instead of a picture.
  void setMessage(const QString& title, const QString& detail, bool isError);
  void setFlickered(bool showB);

  const MapFrame& frame() const { return m_frame; }
  void setFrame(const MapFrame& frame);
  /// Fits the extents.
  void home(bool rowsDown);
  void zoomBy(double factor);
  double swipe() const { return m_swipe; }
  void setSwipe(double fraction);
  /// What takes clicks from now on; null: the canvas itself.
  void setTool(MapTool* tool);
  /// Whether side B is what lies under a point of the widget.
  bool showsB(QPointF at) const;

 signals:
  void frameChanged();
  void hovered(QPointF world, QPointF screen);
  void left();
  void clicked(QPointF world, bool add);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  enum class Drag { None, Pan, Swipe, Tool };
  void drawSide(QPainter& painter, const QRectF& clip, const Layer& layer, const Layer& backdrop,
                const std::optional<Bounds>& extent) const;
  void drawLayer(QPainter& painter, const Layer& layer) const;
  void drawScaleBar(QPainter& painter) const;
  void drawLegends(QPainter& painter) const;
  void drawSwipe(QPainter& painter) const;
  void drawMarks(QPainter& painter) const;
  bool hasSwipe() const;
  QRectF swipeHandle() const;
  bool overSwipe(QPointF at) const;

  MapFrame m_frame;
  MapTool* m_tool = nullptr;
  Composed m_composed;
  Layer m_backdropA, m_backdropB;
  std::optional<Bounds> m_extentA, m_extentB;
  MapLegend m_legendA, m_legendB;
  std::vector<MapMark> m_marks;
  CompareMode m_mode = CompareMode::Swipe;
  double m_swipe = 0.5;
  bool m_flickered = false;
  QTimer m_flicker;
  double m_metresPerUnit = 0;
  QString m_unit;
  QString m_title, m_detail;
  bool m_isError = false;
  Drag m_drag = Drag::None;
  QPointF m_pressed, m_last;
  bool m_moved = false;
  bool m_atHome = true;  ///< nobody has moved the map: it keeps fitting as the widget changes size
};

}  // namespace cubeloom
