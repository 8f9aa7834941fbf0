// SPDX-License-Identifier: GPL-3.0-or-later
// What can be taken out of a chart: its picture, its drawing, its values; copied or saved.
#pragma once

#include <QImage>
#include <QString>
#include <functional>

class QMenu;
class QWidget;

namespace cubeloom {

struct ChartExport {
  QString title;
  std::function<QImage()> picture;
  std::function<QString()> csv;                        ///< empty: the chart has no values to give
  std::function<bool(const QString& path)> drawing;    ///< as lines and letters, PDF or SVG by the name's ending; empty: none
  std::function<void(const QString& problem)> failed;  ///< a file that was asked for could not be written

  /// The menu's entries; dialogs and actions belong to `owner`, which `this` outlives.
  void fillMenu(QMenu& menu, QWidget* owner) const;
  /// Writes PNG, PDF, SVG or CSV, by the name's ending. False when it cannot be written.
  bool save(const QString& path) const;

 private:
  void saveWithDialog(QWidget* owner, const QString& filter, const QString& suffix) const;
};

/// Of a whole widget, twice as fine as on the screen: sharp in a paper.
QImage pictureOf(const QWidget& widget, const QColor& ground);

}  // namespace cubeloom
