// SPDX-License-Identifier: GPL-3.0-or-later
// The editor of one parameter: chosen by the parameter's type alone, so that no form is written for one operation.
#pragma once

#include <QWidget>
#include <memory>

#include "engine/chain/graph.h"
#include "engine/op/param.h"

namespace cubeloom {

class Document;
class MapQuestion;

/// What is known of the node being edited. Specs may be null.
struct EditorContext {
  std::shared_ptr<const Graph> graph;  ///< keeps the specs alive
  const ArraySpec* input = nullptr;    ///< of the first input
  const ArraySpec* output = nullptr;
  QString folder;                ///< relative paths are relative to it
  QString node;                  ///< the one being edited
  QString inputNode;             ///< what its first input comes from; empty: nothing
  Document* document = nullptr;  ///< whose chain it is; null: of no window
  MapQuestion* map = nullptr;    ///< who asks the preview; null: there is none
};

class ParamEditor : public QWidget {
  Q_OBJECT
 public:
  ParamEditor(Param param, QWidget* parent) : QWidget(parent), m_param(std::move(param)) {}
  const Param& param() const { return m_param; }
  /// Null: not given. Never emits.
  virtual void setValue(const Json& value) = 0;
  virtual void setContext(const EditorContext& context) { m_context = context; }
  /// One line below the field that the value and the context tell; empty: the declared help is shown.
  virtual QString hint() const { return {}; }
  /// Draws the field as wrong.
  virtual void setInvalid(bool invalid);
  /// The editor writes the parameter's name itself (a check box).
  virtual bool hasOwnLabel() const { return false; }
  /// A step was selected: true when this editor was waiting for one, and takes it.
  virtual bool takeStep(const QString& /*id*/) { return false; }
  /// The widget that gets focus, for label and tab order.
  virtual QWidget* field() { return this; }

 signals:
  /// While typing too; null takes the parameter away.
  void edited(const Json& value);
  /// The user is done with it for now.
  void committed();
  /// What was typed is no value; the document keeps the old one.
  void mistaken(const QString& why);
  /// What hint() says is another thing now.
  void hintChanged();

 protected:
  const Param m_param;
  EditorContext m_context;
};

/// By `param.type`.
ParamEditor* makeParamEditor(const Param& param, QWidget* parent);

}  // namespace cubeloom
