// SPDX-License-Identifier: GPL-3.0-or-later
// The form of one node, generated from its operation's declaration.
#pragma once

#include <QTimer>
#include <QWidget>
#include <map>
#include <optional>

#include "ui/document/document.h"
#include "ui/inspector/param_editor.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace cubeloom {

class ElidedLabel;
class PortsForm;

/// Edits go into the document at once, those made by typing after a short pause; the document merges them into one undo step.
class ParamForm : public QWidget {
  Q_OBJECT
 public:
  /// `map` asks the preview for what is drawn there; null: there is none.
  ParamForm(Document& document, const QString& node, const Declaration& declaration, MapQuestion* map, QWidget* parent = nullptr);
  ~ParamForm() override;

  /// Takes over values, errors and facts from the document.
  void refresh();
  /// Hands pending edits to the document.
  void flush();
  void focusFirst();
  /// A step was selected: true when a field was waiting for one, and takes it.
  bool takeStep(const QString& id);
  /// What the plan says of one of the parameters; the binding's error goes first.
  void setPlanError(const std::optional<Error>& error);

 protected:
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Row {
    ParamEditor* editor;
    ElidedLabel* hint;
    QLabel* error;
    QString mistake;  ///< what was typed is no value
  };
  void addRow(const Param& param, QVBoxLayout* column);
  void showMessages(Row& row);
  /// Puts what the document says back into fields that hold no value; false when there is none such.
  bool dropMistakes();

  Document& m_document;
  QString m_node;
  MapQuestion* m_map;
  std::map<std::string, Row> m_rows;
  std::map<std::string, Json> m_pending;
  std::optional<Error> m_boundError, m_planError;
  QTimer m_pause;
  PortsForm* m_ports = nullptr;  ///< null: it has no further inputs
  QPushButton* m_more = nullptr;
  QWidget* m_advanced = nullptr;
};

}  // namespace cubeloom
