// SPDX-License-Identifier: GPL-3.0-or-later
// The zones of the window, as one table: layout, menus and keys read it. A new panel is a row here and a folder of its own.
#pragma once

#include <QSize>
#include <vector>

class QWidget;

namespace cubeloom {

class Document;
class Session;

/// Zones of one place outside the centre share it as tabs, the first on top; those of the centre lie below each other.
enum class Place { Left, Right, Bottom, Centre };

struct Zone {
  const char* id;     ///< object name of its dock; saved layouts know it, so it never changes
  const char* title;  ///< for translation in the context "Zones"
  const char* icon;   ///< of resources/icons
  Place place;
  QSize size;                                              ///< while the user has given it no other
  int key;                                                 ///< Qt::Key that goes to it with Alt; 0: none
  int fromWidth;                                           ///< a window narrower than so many pixels hides it while it is docked; 0: never
  bool isShown;                                            ///< before the user has said otherwise
  QWidget* (*make)(Document& document, Session& session);  ///< both outlive the widget
};

/// In the order in which F6 goes through them.
const std::vector<Zone>& zones();

}  // namespace cubeloom
