// SPDX-License-Identifier: GPL-3.0-or-later
// What a step takes beside its first input: which step feeds each port, chosen in a list or picked on the preview.
#pragma once

#include <QWidget>
#include <vector>

#include "engine/op/operation.h"

class QComboBox;
class QPushButton;

namespace cubeloom {

class Document;
class ElidedLabel;
class MapQuestion;
struct MapShapes;

/// The same wires as on the canvas. GUI thread only.
class PortsForm : public QWidget {
  Q_OBJECT
 public:
  PortsForm(Document& document, const QString& node, const Declaration& declaration, MapQuestion* map, QWidget* parent = nullptr);
  static bool hasPorts(const Declaration& declaration);
  void refresh();

 private:
  struct Row {
    int port;
    QString label;
    QComboBox* combo;
    ElidedLabel* hint;
    QString help;
  };
  void connectStep(const Row& row, const QString& id);
  void pick(const Row& row);

  Document& m_document;
  const QString m_node;
  MapQuestion* m_map;
  std::vector<Row> m_rows;
};

/// Gives `port` of `node` the spectra at places of its first input: of one place a step that selects that pixel, of several one that
/// samples points, whose file is kept as drawn shapes are. One step of undo. Empty when it is done, else why not.
QString usePickedSpectra(Document& document, const QString& node, int port, const MapShapes& places);

}  // namespace cubeloom
