// SPDX-License-Identifier: GPL-3.0-or-later
// Finding datasets by place and time: the small map, two dates, and how far the headers have been read.
#pragma once

#include <QWidget>
#include <optional>

#include "ui/browser/footprint_map.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace cubeloom {

/// GUI thread only; says what is asked for, and shows what it is told.
class FindPanel : public QWidget {
  Q_OBJECT
 public:
  explicit FindPanel(QWidget* parent = nullptr);

  FootprintMap& map() { return *m_map; }
  std::optional<LonLatBox> box() const { return m_map->box(); }
  std::optional<TimeSpan> span() const { return m_span; }
  void setBox(const std::optional<LonLatBox>& box);
  void clear();
  /// `found` of `all` datasets; `unplaced` of them say nothing of their place, `waiting` headers are still to be read. `isAsked`: there is
  /// a search at all.
  void setCounts(int found, int all, int unplaced, int waiting, bool isAsked);

 signals:
  /// Another place or time is asked for.
  void changed();
  void previewAreaRequested();
  void stopRequested();

 private:
  void readDates();

  FootprintMap* m_map;
  QLineEdit *m_from, *m_to;
  QLabel* m_count;
  QPushButton *m_preview, *m_clear, *m_stop;
  std::optional<TimeSpan> m_span;
};

}  // namespace cubeloom
