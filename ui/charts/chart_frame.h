// SPDX-License-Identifier: GPL-3.0-or-later
// What every chart has around it: title, current value, "?", legend, and the menu that copies and saves it.
#pragma once

#include <QImage>
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/charts/chart_style.h"
#include "ui/theme/chart_export.h"

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace cubeloom {

/// One entry of a legend; the brush and pen are the second channel beside the colour.
struct LegendItem {
  QString name;
  QColor color;
  QImage swatch;  ///< a filled patch; null: a line in `line` style
  Qt::PenStyle line = Qt::NoPen;
};

class ChartFrame : public QWidget {
  Q_OBJECT
 public:
  /// `help` is shown by the "?" and read out by assistive technology.
  ChartFrame(const QString& title, const QString& help, QWidget* parent = nullptr);

  void setBody(QWidget* body);
  QWidget* body() const { return m_body; }
  /// The current value, at the right end of the title row.
  void setReadout(const QString& text);
  QString readout() const;
  void setLegend(const std::vector<LegendItem>& items);
  /// One sentence beside the legend.
  void setNote(const QString& text);
  void setStyleOf(const ChartStyle& style);

  /// What the menu offers; an empty function leaves its entry out.
  void setCsv(std::function<QString()> csv) { m_export.csv = std::move(csv); }
  /// Draws the chart into a file as lines and letters: PDF or SVG by the name's ending.
  void setDrawing(std::function<bool(const QString& path)> drawing) { m_export.drawing = std::move(drawing); }
  /// The whole frame as a picture, on its ground.
  QImage picture() const { return m_export.picture(); }
  /// Writes PNG, PDF, SVG or CSV, by the name's ending. False when it cannot be written.
  bool save(const QString& path) const { return m_export.save(path); }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  class Legend;
  void showReadout();

  QString m_title, m_value;
  QLabel* m_heading = nullptr;
  QLabel* m_readout = nullptr;
  QToolButton* m_help = nullptr;
  QToolButton* m_save = nullptr;
  Legend* m_legend = nullptr;
  QWidget* m_body = nullptr;
  QVBoxLayout* m_layout = nullptr;
  QColor m_ground = Qt::white;
  ChartExport m_export;
};

}  // namespace cubeloom
