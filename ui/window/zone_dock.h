// SPDX-License-Identifier: GPL-3.0-or-later
// One zone of the window: a dock whose title bar shows only while the user arranges the window, since every zone has a heading of its own.
#pragma once

#include <QDockWidget>

namespace cubeloom {

class ZoneDock : public QDockWidget {
  Q_OBJECT
 public:
  /// `name` is kept in the settings; `title` is what people read.
  /// `preferred` is the size the zone takes while the user has given it no other.
  ZoneDock(const QString& name, const QString& title, QWidget* content, QSize preferred, QWidget* parent);
  /// Shows the bar by which the zone can be dragged, floated and closed.
  void setArranging(bool arranging);
  /// Shows the zone and gives the focus to the part of it that had it last, else to the first that takes it.
  void enter();
  QSize sizeHint() const override { return m_preferred; }

 private:
  QSize m_preferred;
  QWidget* m_handle;
  QWidget* m_noHandle;
};

}  // namespace cubeloom
