// SPDX-License-Identifier: GPL-3.0-or-later
// Finds a coordinate reference system: recent ones, the dataset's, the UTM zone of the extent, or any by code, name or area.
#pragma once

#include <QFrame>
#include <vector>

#include "engine/geo/geobox.h"
#include "ui/async/latest_task.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace cubeloom {

/// A popup below a field. Searching happens on a worker.
class CrsPicker : public QFrame {
  Q_OBJECT
 public:
  explicit CrsPicker(QWidget* parent = nullptr);
  /// `input`: the grid whose CRS and UTM zone are offered. `none`: the entry that stands for no choice; empty: there is none.
  void popup(QWidget* below, const std::optional<GeoBox>& input, const QString& none);

  /// The systems chosen last, newest first, as codes.
  static QStringList recent();
  static void remember(const QString& code);

 signals:
  /// Empty: no choice.
  void chosen(const QString& code);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Entry {
    CrsListing listing;
    QString group;
  };
  void search();
  void showEntries(const std::vector<Entry>& entries);
  void choose();

  QLineEdit* m_search;
  QListWidget* m_list;
  QLabel* m_note;
  std::optional<GeoBox> m_input;
  QString m_none;
  LatestTask<std::vector<Entry>> m_task;
};

}  // namespace cubeloom
