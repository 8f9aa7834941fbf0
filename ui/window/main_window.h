// SPDX-License-Identifier: GPL-3.0-or-later
// The window: it owns document and session, lays out the zones, and joins them by actions; it knows nothing of what they show.
#pragma once

#include <QMainWindow>
#include <functional>
#include <memory>

#include "ui/run/session.h"

class QMenu;

namespace cubeloom {

class BrowserView;
class CanvasView;
class InspectorView;
class MonitorView;
class NoticeBar;
class OutlineView;
class PreviewView;
class RunBar;
class StatusLine;
class ZoneDock;
struct Command;
struct Settings;

/// Makes the sample cube in a folder (created if missing) and returns its header's path; called on a worker.
using SampleMaker = std::function<Result<std::string>(const std::string& folder)>;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  MainWindow(Services services, SampleMaker makeSample, QWidget* parent = nullptr);
  ~MainWindow() override;

  Document& document() { return *m_document; }
  Session& session() { return *m_session; }

  /// Chains replace the document (asking about unsaved changes), everything else becomes an Open step or a place of the data zone.
  void openFiles(const QStringList& paths);
  /// Makes the sample on a worker, then opens it with its chain.
  void openSample();
  /// True on the first start of this user; then the sample opens by itself.
  bool isFirstStart() const;
  /// False when the user would rather keep what is not saved.
  bool maySetAside();

 public slots:
  void resetLayout();
  void showProblem(const QString& text);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  // main_window.cpp
  void buildZones();
  void joinZones();
  void placeZones();
  void sizeZones();
  void restoreLayout();
  void saveLayout();
  void applyRunSettings(const Settings& settings);
  void refreshTitle();
  void setArranging(bool arranging);
  void setPreviewFullScreen(bool on);
  void cycleZones(int by);
  void onRunStarted();
  void onRunFinished();
  // main_window_actions.cpp
  void buildActions();
  void buildFileMenu();
  void buildEditMenu();
  void buildChainMenu();
  void buildRunMenu();
  void buildViewMenu();
  void buildHelpMenu();
  void fillRecent(QMenu* menu, const QString& key);
  void openPalette();
  void openSettings();
  QAction* add(QMenu* menu, const QString& text, const QKeySequence& keys, std::function<void()> run);
  // main_window_files.cpp
  void openChain(const QString& path);
  void addDatasets(const QStringList& paths);
  void openSampleAt(const QString& headerPath);
  void chooseAndOpen();
  bool save();
  bool saveAs();
  void remember(const QString& key, const QString& path);
  QString startFolder() const;

  std::unique_ptr<Document> m_document;
  std::unique_ptr<Session> m_session;
  SampleMaker m_makeSample;
  struct Background;
  std::unique_ptr<Background> m_background;

  QMainWindow* m_center = nullptr;  ///< holds chain and preview, so that they get what space the zones around them leave
  RunBar* m_runBar = nullptr;
  NoticeBar* m_notice = nullptr;
  StatusLine* m_status = nullptr;
  BrowserView* m_browser = nullptr;
  CanvasView* m_canvas = nullptr;
  PreviewView* m_preview = nullptr;
  InspectorView* m_inspector = nullptr;
  MonitorView* m_monitor = nullptr;
  OutlineView* m_outline = nullptr;
  ZoneDock *m_dataZone = nullptr, *m_chainZone = nullptr, *m_previewZone = nullptr, *m_inspectorZone = nullptr, *m_monitorZone = nullptr,
           *m_outlineZone = nullptr;
  QList<ZoneDock*> m_zones;
  QAction *m_open = nullptr, *m_undo = nullptr, *m_redo = nullptr, *m_fullScreen = nullptr;
  QByteArray m_beforeFullScreen, m_centerBeforeFullScreen;
  bool m_isShown = false;        ///< once
  bool m_isSized = false;        ///< by the layout of an earlier session
  QList<ZoneDock*> m_collapsed;  ///< hidden because the window became narrow
  bool m_monitorShown = false;   ///< by a run, once
};

}  // namespace cubeloom
