// SPDX-License-Identifier: GPL-3.0-or-later
// The table.
#include "ui/window/zones.h"

#include <QCoreApplication>

#include "ui/browser/browser_view.h"
#include "ui/canvas/canvas_view.h"
#include "ui/cluster/cluster_view.h"
#include "ui/code/code_view.h"
#include "ui/inspector/inspector_view.h"
#include "ui/map/preview_view.h"
#include "ui/monitor/monitor_view.h"
#include "ui/monitor/runs_view.h"
#include "ui/outline/outline_view.h"

namespace cubeloom {

namespace {

template <class View>
QWidget* make(Document& document, Session& session) {
  return new View(document, session);
}

template <class View>
QWidget* makeOfDocument(Document& document, Session&) {
  return new View(document);
}

}  // namespace

const std::vector<Zone>& zones() {
  // clang-format off
  static const std::vector<Zone> table{
      {"data",      QT_TRANSLATE_NOOP("Zones", "Data"),      "folder",    Place::Left,   {280, 600},  Qt::Key_1, 900,  true,  make<BrowserView>},
      {"chain",     QT_TRANSLATE_NOOP("Zones", "Chain"),     "chain",     Place::Centre, {900, 310},  Qt::Key_2, 0,    true,  make<CanvasView>},
      {"preview",   QT_TRANSLATE_NOOP("Zones", "Preview"),   "eye",       Place::Centre, {900, 360},  Qt::Key_3, 0,    true,  make<PreviewView>},
      {"inspector", QT_TRANSLATE_NOOP("Zones", "Inspector"), "inspector", Place::Right,  {320, 600},  Qt::Key_4, 1180, true,  make<InspectorView>},
      {"monitor",   QT_TRANSLATE_NOOP("Zones", "Monitor"),   "monitor",   Place::Bottom, {1200, 224}, Qt::Key_5, 0,    true,  make<MonitorView>},
      {"runs",      QT_TRANSLATE_NOOP("Zones", "Runs"),      "layers",    Place::Bottom, {1200, 224}, 0,         0,    false, make<RunsView>},
      {"clusters",  QT_TRANSLATE_NOOP("Zones", "Clusters"),  "cluster",   Place::Bottom, {1200, 224}, Qt::Key_7, 0,    false, make<ClusterView>},
      {"code",      QT_TRANSLATE_NOOP("Zones", "Code"),      "code",      Place::Bottom, {1200, 224}, Qt::Key_6, 0,    false, makeOfDocument<CodeView>},
      {"outline",   QT_TRANSLATE_NOOP("Zones", "Outline"),   "outline",   Place::Left,   {280, 600},  0,         0,    false, makeOfDocument<OutlineView>},
  };
  // clang-format on
  return table;
}

}  // namespace cubeloom
