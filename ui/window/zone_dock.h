// SPDX-License-Identifier: GPL-3.0-or-later
// One zone of the window: a dock whose title bar shows only while the user arranges the window, since every zone has a heading of its own.
#pragma once

#include <QDockWidget>

#include "ui/window/zones.h"

namespace cubeloom {

class ZoneDock : public QDockWidget {
  Q_OBJECT
 public:
  ZoneDock(const Zone& zone, QWidget* content, QWidget* parent);
  const Zone& zone() const { return m_zone; }
  /// Shows the bar by which the zone can be dragged, floated and closed.
  void setArranging(bool arranging);
  /// Shows the zone and gives the focus to the part of it that had it last, else to the first that takes it.
  void enter();
  QSize sizeHint() const override { return m_zone.size; }

 private:
  Zone m_zone;
  QWidget* m_handle;
  QWidget* m_noHandle;
};

}  // namespace cubeloom
