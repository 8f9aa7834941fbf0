// SPDX-License-Identifier: GPL-3.0-or-later
// What a program that is killed would lose of its chain: kept on the disk while it is not saved or while it runs, offered at the next
// start.
#pragma once

#include <QDateTime>
#include <QLockFile>
#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

#include "engine/base/background.h"
#include "ui/async/mailbox.h"
#include "ui/document/document.h"

namespace cubeloom {

/// What another program has left in a journal. Nobody else is offered it while the value lives.
struct LostEdits {
  QString file;  ///< the journal
  QString path;  ///< of the chain; empty when it had none
  Chain chain;   ///< with its folder
  bool hasEdits = false, wasRunning = false;
  QDateTime when;
  std::shared_ptr<QLockFile> lock;

  /// For people: the chain's title or its file's name.
  QString name() const;
  /// Removes the journal.
  void forget() const;
};

/// GUI thread only; writes on a worker, a second after a change. A program that ends as it should leaves no journal.
class EditJournal : public QObject {
  Q_OBJECT
 public:
  /// `folder` is made when it is needed.
  EditJournal(Document& document, QString folder, QObject* parent = nullptr);
  ~EditJournal() override;
  /// A run of the chain goes on, or is over.
  void setRunning(bool running);
  /// The document has what another program left: that journal goes once this one holds it, or the document is saved or set aside.
  void takeOver(const LostEdits& edits);

  /// Journals in `folder` whose programs are gone, newest first. Those that cannot be read are left where they are.
  static std::vector<LostEdits> lost(const QString& folder);

 private:
  void noteSoon();
  void note();

  Document& m_document;
  QString m_folder, m_file;
  bool m_isRunning = false, m_isNoted = false;
  std::unique_ptr<QLockFile> m_lock;
  std::vector<LostEdits> m_taken;  ///< their journals may be there still
  QTimer m_timer;
  Mailbox m_mailbox;
  Background m_background;  ///< one thread: states come in order
};

}  // namespace cubeloom
