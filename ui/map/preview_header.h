// SPDX-License-Identifier: GPL-3.0-or-later
// The strip above the map: which nodes, which bands, which stretch, how compared, how exact.
#pragma once

#include <QWidget>
#include <utility>
#include <vector>

#include "ui/map/band_choice.h"
#include "ui/map/map_canvas.h"
#include "ui/map/preview_scene.h"

class QMenu;

namespace cubeloom {

class ElidedLabel;
class WordButton;

/// GUI thread only. Shows a PreviewScene's state and says what the user chose; changes nothing itself.
class PreviewHeader : public QWidget {
  Q_OBJECT
 public:
  explicit PreviewHeader(QWidget* parent = nullptr);

  /// (id, title) of every node, for the menus of the two chips.
  void setNodes(std::vector<std::pair<QString, QString>> nodes);
  void showScene(const PreviewScene& scene, CompareMode mode);

 signals:
  void nodeChosen(int side, const QString& id);
  void bandsChosen(const cubeloom::BandChoice& choice);
  void styleChosen(const cubeloom::PictureStyle& style);
  void freezeChosen(bool frozen);
  void compareChosen(cubeloom::CompareMode mode);

 private:
  WordButton* addButton(const QString& tip);
  void fillNodeMenu(int side);
  void fillBandMenu();
  void fillStretchMenu();
  void fillCompareMenu();
  void addBandPicker(QMenu* menu);

  std::vector<std::pair<QString, QString>> m_nodes;
  const PreviewScene* m_scene = nullptr;
  CompareMode m_mode = CompareMode::Swipe;
  WordButton *m_a, *m_b, *m_bands, *m_stretch, *m_compare;
  ElidedLabel* m_decimation;
};

}  // namespace cubeloom
