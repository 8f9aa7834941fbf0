// SPDX-License-Identifier: GPL-3.0-or-later
// The line edit of a parameter: undo is the document's, so that one Ctrl+Z means the same whether a field has the focus or not.
#pragma once

#include <QKeyEvent>
#include <QLineEdit>

namespace cubeloom {

/// Leaves the keys of undo and redo to the form around it, which hands them on to the window.
class FieldLine : public QLineEdit {
 public:
  using QLineEdit::QLineEdit;
  static bool isUndoKey(const QKeyEvent& event) { return event.matches(QKeySequence::Undo) || event.matches(QKeySequence::Redo); }

 protected:
  bool event(QEvent* event) override {
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (!isKey || !isUndoKey(*static_cast<QKeyEvent*>(event))) return QLineEdit::event(event);
    event->ignore();
    return false;
  }
};

}  // namespace cubeloom
