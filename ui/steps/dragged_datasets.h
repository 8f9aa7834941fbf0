// SPDX-License-Identifier: GPL-3.0-or-later
// Datasets on their way from the data zone to the canvas, and what several of them can become together.
#pragma once

#include <QPointF>
#include <QString>
#include <QStringList>
#include <vector>

#include "ui/document/document.h"
#include "ui/steps/drop_types.h"

class QMimeData;

namespace cubeloom {

struct DraggedDataset {
  QString path;
  QString variable = {};      ///< which array of it; empty: what `open` takes by itself
  bool isCollection = false;  ///< a folder or a catalog
  bool operator==(const DraggedDataset&) const = default;
};

QMimeData* draggedData(const std::vector<DraggedDataset>& datasets);
/// Also of files that another program drags; a chain is no dataset, the window opens it.
std::vector<DraggedDataset> datasetsOf(const QMimeData& mime);

enum class Together { Each, Stack, Series, Mosaic, Load };

/// One way to take datasets, for menus and buttons.
struct WayTogether {
  Together way = Together::Each;
  QString title, help;
  QString obstacle = {};  ///< why not; empty: it can be done
};

/// The ways that there are for these, the most usual first; of one dataset or one collection only one.
std::vector<WayTogether> waysTogether(const std::vector<DraggedDataset>& datasets);

/// Where the steps go.
struct DropPlace {
  QPointF corner;         ///< of the first step
  QString consumer = {};  ///< whose input `port` takes the result; empty: nobody's
  int port = -1;
};

/// Adds the steps as one edit, and selects the last one, which is returned with those beside it where each is opened by itself.
QStringList addTogether(Document& document, const std::vector<DraggedDataset>& datasets, Together way, const DropPlace& place);

/// The name with * and ? that files of one folder have in common: "/data/coast_2022????.bil"; empty where there is none.
QString commonPattern(const std::vector<DraggedDataset>& datasets);

}  // namespace cubeloom
