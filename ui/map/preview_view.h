// SPDX-License-Identifier: GPL-3.0-or-later
// The preview zone: header strip, map and spectrum drawer of the node with the eye, and of the one compared with it.
#pragma once

#include <QList>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "ui/document/document.h"
#include "ui/map/preview_scene.h"
#include "ui/map/spectrum_reader.h"
#include "ui/run/session.h"

class QLabel;
class QStackedWidget;

namespace cubeloom {

class MapCanvas;
class PreviewHeader;
class SpectrumView;
class SketchTool;
class MapQuestion;
class TableView;
enum class CompareMode;

/// GUI thread only; reads nothing on it.
class PreviewView : public QWidget {
  Q_OBJECT
 public:
  PreviewView(Document& document, Session& session, QWidget* parent = nullptr);
  ~PreviewView() override;

  PreviewScene& scene() { return m_scene; }
  MapCanvas* canvas() { return m_canvas; }
  SpectrumView* spectrum() { return m_spectrum; }
  TableView* table() { return m_table; }
  /// The part of the world on screen, in degrees: west, south, east, north; unset without a picture that lies in it.
  std::optional<std::array<double, 4>> areaShown() const;
  /// What forms ask of the map; it outlives the view.
  void setQuestion(MapQuestion* question);
  const SketchTool* sketchTool() const { return m_sketch; }
  int markCount() const { return static_cast<int>(m_marks.size()); }
  void clearMarks();

 signals:
  /// "752,480 E 3,842,115 N 34.6903° N 120.2436° W R 0.412 G 0.121 B 0.098"; empty when the cursor leaves.
  void cursorMoved(const QString& text);
  /// "1:12 decimated · exact at 1:1", "exact"; empty without a picture.
  void decimationChanged(const QString& text);
  /// "EPSG:32610" of the map; empty when unknown.
  void crsChanged(const QString& label);
  /// Wavelengths (nm) of the shown bands, red first; empty without any.
  void shownWavelengthsChanged(const QList<double>& nm);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;

 private:
  struct Mark;

  void followDocument();
  void showState();
  /// The table of side A in place of the map, where it has one.
  void showTable();
  void goHome();
  void hover(QPointF world, QPointF screen);
  void readHover();
  void keep(QPointF world, bool add);
  void readMark(Mark& mark);
  void showMarks();
  void showCurves();
  std::array<SpectrumSource, 2> spectrumSources() const;
  QString placeText(QPointF world) const;
  QString valuesText(QPointF world, QPointF screen) const;
  void setCompare(CompareMode mode);
  void setBands(const BandChoice& choice);
  void stepBand(int by);
  /// Along time, or the first other dim that a picture shows one index of. False: there is none.
  bool stepTime(int by);
  void stretchToView();
  void oneToOne();
  void identify();

  Document& m_document;
  Session& m_session;
  PreviewScene m_scene;
  PreviewHeader* m_header;
  MapCanvas* m_canvas;
  SketchTool* m_sketch;
  MapQuestion* m_question = nullptr;
  SpectrumView* m_spectrum;
  TableView* m_table;
  QStackedWidget* m_pages;  ///< map with spectrum, or table
  QLabel* m_identified;     ///< what lies under the cursor, until the next key or click
  LatestTask<PlaceSpectra> m_hoverTask;
  std::optional<QPointF> m_hoverWanted;  ///< the newest place that waits for the read in progress
  QPointF m_hoverScreen;
  PlaceSpectra m_hover;
  std::vector<std::unique_ptr<Mark>> m_marks;
  QString m_decimation, m_crs;
  QList<double> m_shownWavelengths;
};

}  // namespace cubeloom
