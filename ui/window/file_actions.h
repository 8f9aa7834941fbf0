// SPDX-License-Identifier: GPL-3.0-or-later
// Opening and saving: chains, datasets and the sample.
#pragma once

#include <QObject>
#include <functional>
#include <string>

#include "engine/base/background.h"
#include "engine/base/result.h"
#include "ui/async/mailbox.h"
#include "ui/document/code_task.h"

class QMenu;

namespace cubeloom {

class BrowserView;
class Document;
struct Chain;

/// Makes the sample that `file` is of in a folder (created if missing) and returns the path of one of its files; called on a worker.
using SampleMaker = std::function<Result<std::string>(const std::string& folder, const std::string& file)>;

/// GUI thread only. What it is given outlives it; its dialogs belong to `window`.
class FileActions : public QObject {
  Q_OBJECT
 public:
  FileActions(Document& document, BrowserView& browser, SampleMaker makeSample, QWidget& window);

  void newChain();
  /// Chains replace the document (asking about unsaved changes), run files go to the monitor, everything else becomes an Open step or a
  /// place of the data zone.
  void openFiles(const QStringList& paths);
  void chooseAndOpen();
  /// Makes the data of an example chain on a worker, then opens it.
  void openExample(const QString& name);
  /// An action for each example chain.
  void fillExamples(QMenu* menu);
  /// Both return false when nothing was saved.
  bool save();
  bool saveAs();
  /// Asks for a file and writes the chain into it in a language of codeLanguages(), off the GUI thread.
  void saveAsCode(const QString& language);
  /// Likewise, without asking; problem() tells when it cannot be done, and codeSaved() when it was.
  void writeCode(const QString& language, const QString& path);
  /// False when the user would rather keep what is not saved.
  bool maySetAside();
  /// `key`: under which the settings keep the list.
  void fillRecent(QMenu* menu, const QString& key);
  /// The user has read what the sample is for.
  void setWelcomed();

 signals:
  void problem(const QString& text);
  /// `leftOut`: what could not be written in the language; empty: nothing.
  void codeSaved(const QString& path, const QString& leftOut);
  /// Events of a run (*.jsonl) were opened.
  void runFileOpened(const QString& path);
  void note(const QString& text);
  /// What the last note said no longer matters.
  void noteOver();

 private:
  void openChain(const QString& path);
  void addDatasets(const QStringList& paths);
  void openSampleAt(const QString& madePath, Chain chain);
  void remember(const QString& key, const QString& path);
  QString startFolder() const;

  Document& m_document;
  CodeTask m_code;
  BrowserView& m_browser;
  SampleMaker m_makeSample;
  QWidget& m_window;
  bool m_isMakingSample = false;
  Mailbox m_mailbox;
  Background m_background;  ///< makes the sample; last, so that its work ends before what it uses
};

}  // namespace cubeloom
