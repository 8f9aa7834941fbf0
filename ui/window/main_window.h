// SPDX-License-Identifier: GPL-3.0-or-later
// The window: it owns document and session, and joins zones, menus and file actions; it knows nothing of what the zones show.
#pragma once

#include <QMainWindow>
#include <memory>
#include <vector>

#include "ui/document/edit_journal.h"
#include "ui/run/session.h"
#include "ui/window/file_actions.h"
#include "ui/window/zones.h"

namespace cubeloom {

class DiskWatch;
class MapQuestion;
class Layout;
class Menus;
class NoticeBar;
class RunBar;
class StatusLine;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  /// `table` must have a row for each view that the window joins to others; more rows are shown as they are.
  MainWindow(Services services, SampleMaker makeSample, const std::vector<Zone>& table = zones(), QWidget* parent = nullptr);
  ~MainWindow() override;

  Document& document() { return *m_document; }
  Session& session() { return *m_session; }

  void openFiles(const QStringList& paths);
  /// The sample cube with the sample chain.
  void openSample();
  /// An example of the menu, with its data; by default the one that a first start shows.
  void openExample(const QString& name = QStringLiteral("coast_greenness"));
  /// True on the first start of this user, when nothing is to be restored; then an example opens by itself.
  bool isFirstStart() const;

 public slots:
  void showProblem(const QString& text);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void buildBars();
  void joinZones();
  void joinBars();
  void refreshTitle();
  void onRunStarted();
  void onRunFinished();
  /// Asks what becomes of the run; the window closes later, if at all.
  void askBeforeLeaving();
  /// Asks what becomes of clusters that were started here; false: the window stays.
  bool mayLeaveClusters();
  /// What the last program has left that was killed.
  void offerLostEdits();
  /// The chain of a run, as it was.
  void openChainOf(const RunOrigin& origin);
  void showRunFile(const QString& file, const QString& title);
  /// Of a chain that has just been opened.
  void offerPart();
  /// Runs before this start that did not come to their end; once, and never in the place of another notice.
  void offerResumableRuns();

  std::unique_ptr<Document> m_document;
  std::unique_ptr<Session> m_session;
  std::vector<LostEdits> m_lost;  ///< not answered yet
  std::unique_ptr<EditJournal> m_journal;
  std::unique_ptr<DiskWatch> m_disk;
  std::unique_ptr<MapQuestion> m_question;  ///< what forms ask of the preview
  RunBar* m_runBar = nullptr;
  NoticeBar* m_notice = nullptr;
  StatusLine* m_status = nullptr;
  std::unique_ptr<Layout> m_layout;
  std::unique_ptr<FileActions> m_files;
  std::unique_ptr<Menus> m_menus;
  bool m_isShown = false;       ///< once
  bool m_monitorShown = false;  ///< by a run, once
  bool m_isLeaving = false;     ///< closes when the run is over
  bool m_isStarting = true;     ///< runs of the days before have not been offered yet
  bool m_isOpened = true;       ///< another chain, of which no part has been offered yet
};

}  // namespace cubeloom
