// SPDX-License-Identifier: GPL-3.0-or-later
// The chain as code that runs elsewhere: kept up with every edit, the selected step's lines marked.
#pragma once

#include <QLabel>
#include <QTimer>
#include <QWidget>

#include "ui/document/code_task.h"
#include "ui/document/proof_task.h"

class QComboBox;
class QPlainTextEdit;
class QPushButton;

namespace cubeloom {

/// GUI thread only. Writes nothing while it is hidden.
class CodeView : public QWidget {
  Q_OBJECT
 public:
  explicit CodeView(Document& document, QWidget* parent = nullptr);

  /// One of exportLanguages().
  void setLanguage(const QString& language);
  QString language() const;
  QString code() const;
  /// First and last marked line, from 0; (-1, -1): none.
  std::pair<int, int> marked() const { return m_marked; }
  bool isBusy() const { return m_task.isBusy() || m_timer.isActive(); }
  /// False when it cannot be written.
  bool save(const QString& path) const;
  /// Compares, or gives a comparison in progress up.
  void prove();
  bool isProving() const { return m_proof.isBusy(); }
  /// What came out of it; empty: nothing yet.
  QString proven() const { return m_proven->isHidden() ? QString() : m_proven->text(); }

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void writeSoon();
  void write();
  void showCode(const Result<ExportedChain>& exported);
  void mark();
  void saveWithDialog();
  void forgetProof();
  void showProof(const char* role, const QString& text);
  void refreshProve();

  Document& m_document;
  CodeTask m_task;
  ProofTask m_proof;
  QTimer m_timer;
  QComboBox *m_languages, *m_scope;
  QPushButton *m_copy, *m_save, *m_prove;
  QLabel *m_note, *m_proven;
  QPlainTextEdit* m_text;
  std::pair<int, int> m_marked{-1, -1};
  bool m_isStale = true;
};

}  // namespace cubeloom
