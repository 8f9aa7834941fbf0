// SPDX-License-Identifier: GPL-3.0-or-later
// The menu bar, its shortcuts and the command palette, which offers the same actions.
#pragma once

#include <QKeySequence>
#include <QObject>
#include <functional>

#include "ui/run/session.h"

class QAction;
class QMainWindow;
class QMenu;

namespace cubeloom {

class FileActions;
class Layout;
class RunBar;

/// GUI thread only. Fills the window's menu bar and the left end of the run bar; what it is given outlives it.
class Menus : public QObject {
  Q_OBJECT
 public:
  Menus(QMainWindow& window, Document& document, Session& session, Layout& layout, FileActions& files, RunBar& runBar);

 private:
  void buildFileMenu();
  void buildEditMenu();
  void buildChainMenu();
  void buildRunMenu();
  void buildViewMenu();
  void buildThemeMenu(QMenu* menu);
  void buildHelpMenu();
  void openPalette();
  void openSettings();
  QAction* add(QMenu* menu, const QString& text, const QKeySequence& keys, std::function<void()> run);

  QMainWindow& m_window;
  Document& m_document;
  Session& m_session;
  Layout& m_layout;
  FileActions& m_files;
  RunBar& m_runBar;
  QAction *m_open = nullptr, *m_undo = nullptr, *m_redo = nullptr;
};

}  // namespace cubeloom
