// SPDX-License-Identifier: GPL-3.0-or-later
// The inspector zone: parameters of the selected step, what it gives, warnings, and what it is.
#pragma once

#include <QPointer>
#include <QWidget>

#include "ui/document/code_task.h"
#include "ui/inspector/output_facts.h"

class QFrame;
class QGridLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace cubeloom {

class ElidedLabel;
class MapQuestion;
class ParamForm;

class InspectorView : public QWidget {
  Q_OBJECT
 public:
  explicit InspectorView(Document& document, Session& session, QWidget* parent = nullptr);
  /// The step shown; empty when none is selected.
  QString node() const { return m_node; }
  /// Puts the keyboard into the first field.
  void focusParameters();
  /// Who asks the preview for what is drawn there; it outlives the view.
  void setQuestion(MapQuestion* question) { m_question = question; }

 protected:
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void buildOutput(QVBoxLayout* column);
  void buildExplanation(QVBoxLayout* column);
  void followSelection();
  void followChain();
  void showNode(const QString& node);
  void refresh();
  void refreshFacts();
  void refreshMessages();
  void explain(bool open);

  Document& m_document;
  CodeTask m_code;
  Session& m_session;
  QString m_node;
  std::string m_op;
  MapQuestion* m_question = nullptr;
  QPointer<ParamForm> m_form;
  QLabel* m_title = nullptr;
  ElidedLabel* m_name = nullptr;
  QToolButton* m_help = nullptr;
  QScrollArea* m_scroll = nullptr;
  QWidget* m_body = nullptr;
  QLabel* m_empty = nullptr;
  QLabel* m_error = nullptr;
  QVBoxLayout* m_formPlace = nullptr;
  QWidget* m_output = nullptr;
  QGridLayout* m_factGrid = nullptr;
  std::vector<std::pair<QLabel*, ElidedLabel*>> m_factLabels;
  QFrame* m_note = nullptr;
  QLabel* m_noteText = nullptr;
  QPushButton *m_command = nullptr, *m_python = nullptr;
  QPushButton* m_explain = nullptr;
  QLabel* m_explanation = nullptr;
};

}  // namespace cubeloom
