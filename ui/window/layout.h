// SPDX-License-Identifier: GPL-3.0-or-later
// Where the zones lie: what the table says until the user moves them, saved from one session to the next.
#pragma once

#include <QHash>
#include <QList>
#include <QMainWindow>

#include "ui/window/zone_dock.h"
#include "ui/window/zones.h"

namespace cubeloom {

class RunBar;

/// GUI thread only. Makes the zones' docks and deletes them with itself, for their views hold references to document and session.
class Layout {
 public:
  Layout(QMainWindow& window, RunBar& runBar, const std::vector<Zone>& zones, Document& document, Session& session);
  ~Layout();
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  /// One per zone, in the table's order.
  const QList<ZoneDock*>& docks() const { return m_docks; }
  /// The dock whose content is a `View`; there must be one.
  template <class View>
  ZoneDock& dock() const;
  template <class View>
  View& view() const {
    return *static_cast<View*>(dock<View>().widget());
  }

  /// Every zone where the table puts it, with the sizes of the table.
  void reset();
  void restore();
  void save();
  /// When the window is shown: the first time, without a saved layout, the zones get their sizes.
  void windowShown();
  /// When the window's width changes: zones that need a wider one hide, and come back.
  void fit();
  /// Shows the bars by which zones are dragged, floated and closed.
  void setArranging(bool arranging);
  /// One zone on the whole screen; null: as it was before.
  void setFullScreen(ZoneDock* dock);
  bool isFullScreen() const { return !m_before.isEmpty(); }
  /// The focus to the next zone that is seen, or the one before; the run bar stands between the last and the first.
  void cycle(int by);
  /// A zone is about to collapse, and has opened again: it gets back the height that the user gave it.
  void keepHeight(ZoneDock& dock);
  void returnHeight(ZoneDock& dock);

 private:
  void place();
  void resetSizes();
  void resize(std::initializer_list<Place> places, Qt::Orientation orientation);
  QMainWindow& hostOf(Place place) const;

  QMainWindow& m_window;
  QMainWindow* m_centre;  ///< holds the zones of the centre, so that they get what space the zones around them leave
  RunBar& m_runBar;
  QList<ZoneDock*> m_docks;
  QList<ZoneDock*> m_hidden;              ///< because the window became narrow
  QHash<const ZoneDock*, int> m_heights;  ///< of collapsed zones, before they were
  QByteArray m_before, m_centreBefore;    ///< the full screen
  bool m_isSized = false;                 ///< by an earlier session, or because the window was shown
};

template <class View>
ZoneDock& Layout::dock() const {
  for (ZoneDock* dock : m_docks) {
    if (qobject_cast<View*>(dock->widget())) return *dock;
  }
  qFatal("no zone shows a %s", View::staticMetaObject.className());
}

}  // namespace cubeloom
