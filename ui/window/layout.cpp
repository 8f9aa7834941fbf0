// SPDX-License-Identifier: GPL-3.0-or-later
// Docks the zones, and keeps what the user made of them.
#include "ui/window/layout.h"

#include <QApplication>
#include <QLayout>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QTimer>
#include <algorithm>
#include <map>

#include "ui/run/run_bar.h"

namespace cubeloom {

namespace {

constexpr int kVersion = 1;
constexpr int kTitleBarPx = 40;  ///< what a window manager may put around the window
const QSize kFirstSize{1600, 1000};
const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kLayoutKey = QStringLiteral("window/layout"), kCentreKey = QStringLiteral("window/center");

Qt::DockWidgetArea areaOf(Place place) {
  switch (place) {
    case Place::Left: return Qt::LeftDockWidgetArea;
    case Place::Right: return Qt::RightDockWidgetArea;
    case Place::Bottom: return Qt::BottomDockWidgetArea;
    case Place::Centre: return Qt::TopDockWidgetArea;
  }
  return Qt::NoDockWidgetArea;
}

}  // namespace

Layout::Layout(QMainWindow& window, RunBar& runBar, const std::vector<Zone>& zones, Document& document, Session& session)
    : m_window(window), m_centre(new QMainWindow(&window)), m_runBar(runBar) {
  m_window.setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
  m_window.setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  m_window.setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  m_centre->setWindowFlags(Qt::Widget);  // not the constructor: that adds Qt::Window
  m_centre->setDockOptions(m_window.dockOptions());
  m_centre->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  m_centre->setMinimumSize(320, 240);
  m_window.setCentralWidget(m_centre);
  for (const Zone& zone : zones)
    m_docks << new ZoneDock(zone, zone.make(document, session), zone.place == Place::Centre ? m_centre : &m_window);
  place();
}

Layout::~Layout() { qDeleteAll(m_docks); }

QMainWindow& Layout::hostOf(Place place) const { return place == Place::Centre ? *m_centre : m_window; }

void Layout::place() {
  std::map<Place, ZoneDock*> before;
  for (ZoneDock* dock : m_docks) {
    const Place place = dock->zone().place;
    ZoneDock*& neighbour = before[place];
    hostOf(place).addDockWidget(areaOf(place), dock);
    if (neighbour && place == Place::Centre) {
      hostOf(place).splitDockWidget(neighbour, dock, Qt::Vertical);
    } else if (neighbour) {
      hostOf(place).tabifyDockWidget(neighbour, dock);
    }
    neighbour = dock;
    dock->setFloating(false);
    dock->setVisible(dock->zone().isShown);
  }
  for (auto dock = m_docks.rbegin(); dock != m_docks.rend(); ++dock) {
    if ((*dock)->zone().isShown) (*dock)->raise();  // the first tab of its place last
  }
  m_hidden.clear();
}

void Layout::resize(std::initializer_list<Place> places, Qt::Orientation orientation) {
  QList<ZoneDock*> docks;
  QList<int> sizes;
  for (ZoneDock* dock : m_docks) {
    const Zone& zone = dock->zone();
    if (!zone.isShown || std::find(places.begin(), places.end(), zone.place) == places.end()) continue;
    docks << dock;
    sizes << (orientation == Qt::Horizontal ? zone.size.width() : zone.size.height());
  }
  hostOf(*places.begin()).resizeDocks({docks.begin(), docks.end()}, sizes, orientation);
}

void Layout::resetSizes() {
  m_window.layout()->activate();
  m_centre->layout()->activate();
  resize({Place::Left, Place::Right}, Qt::Horizontal);
  resize({Place::Bottom}, Qt::Vertical);
  resize({Place::Centre}, Qt::Vertical);
}

void Layout::keepHeight(ZoneDock& dock) { m_heights[&dock] = dock.height(); }

void Layout::returnHeight(ZoneDock& dock) {
  const int height = m_heights.value(&dock, dock.zone().size.height());
  hostOf(dock.zone().place).resizeDocks({&dock}, {height}, Qt::Vertical);
}

void Layout::windowShown() {
  if (m_isSized) return;
  m_isSized = true;
  // After the layout has met the window's real size.
  QTimer::singleShot(0, &m_window, [this] { resetSizes(); });
}

void Layout::reset() {
  setFullScreen(nullptr);
  setArranging(false);
  place();
  resetSizes();
}

void Layout::restore() {
  const QSettings settings;
  if (!m_window.restoreGeometry(settings.value(kGeometryKey).toByteArray()))
    m_window.resize(kFirstSize.boundedTo(m_window.screen()->availableSize() - QSize(0, kTitleBarPx)));
  m_isSized = m_window.restoreState(settings.value(kLayoutKey).toByteArray(), kVersion) &&
              m_centre->restoreState(settings.value(kCentreKey).toByteArray(), kVersion);
}

void Layout::save() {
  setFullScreen(nullptr);
  for (ZoneDock* dock : m_hidden) dock->show();
  QSettings settings;
  settings.setValue(kGeometryKey, m_window.saveGeometry());
  settings.setValue(kLayoutKey, m_window.saveState(kVersion));
  settings.setValue(kCentreKey, m_centre->saveState(kVersion));
}

void Layout::fit() {
  if (isFullScreen()) return;
  for (ZoneDock* dock : m_docks) {
    const bool isTooNarrow = m_window.width() < dock->zone().fromWidth;
    if (isTooNarrow && dock->isVisible() && !dock->isFloating()) {
      dock->hide();
      m_hidden << dock;
    } else if (!isTooNarrow && m_hidden.removeAll(dock) > 0) {
      dock->show();
    }
  }
}

void Layout::setArranging(bool arranging) {
  for (ZoneDock* dock : m_docks) dock->setArranging(arranging);
}

void Layout::setFullScreen(ZoneDock* only) {
  if ((only != nullptr) == isFullScreen()) return;
  if (only) {
    m_before = m_window.saveState(kVersion);
    m_centreBefore = m_centre->saveState(kVersion);
    for (ZoneDock* dock : m_docks) dock->setVisible(dock == only);
    m_runBar.hide();
    m_window.menuBar()->hide();
    m_window.showFullScreen();
    only->enter();
  } else {
    m_window.showNormal();
    m_window.menuBar()->show();
    m_runBar.show();
    m_window.restoreState(m_before, kVersion);
    m_centre->restoreState(m_centreBefore, kVersion);
    m_before.clear();
  }
}

void Layout::cycle(int by) {
  QList<ZoneDock*> shown;
  qsizetype current = -1;
  for (ZoneDock* dock : m_docks) {
    if (!dock->isVisible() || dock->visibleRegion().isEmpty()) continue;
    if (dock->isAncestorOf(QApplication::focusWidget())) current = shown.size();
    shown << dock;
  }
  if (shown.isEmpty()) return;
  if (m_runBar.isVisible() && current == (by > 0 ? shown.size() - 1 : 0)) return m_runBar.enterWorkers();
  if (current < 0 && by < 0) current = shown.size();
  const qsizetype next = current < 0 ? 0 : (current + by + shown.size()) % shown.size();
  shown[next]->enter();
}

}  // namespace cubeloom
