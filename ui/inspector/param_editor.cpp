// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the editor of a parameter.
#include "ui/inspector/param_editor.h"

#include <QStyle>

#include "engine/op/param_kinds.h"
#include "ui/inspector/editors.h"

namespace cubeloom {

void markInvalid(QWidget* field, bool invalid) {
  if (field->property("invalid").toBool() == invalid) return;
  field->setProperty("invalid", invalid);
  field->style()->unpolish(field);
  field->style()->polish(field);
}

void ParamEditor::setInvalid(bool invalid) { markInvalid(field(), invalid); }

ParamEditor* makeParamEditor(const Param& param, QWidget* parent) {
  switch (kindOf(param.type).editor) {
    case ParamEditorKind::Choice: return makeChoiceEditor(param, parent);
    case ParamEditorKind::Flag: return makeBoolEditor(param, parent);
    case ParamEditorKind::Crs: return makeCrsEditor(param, parent);
    case ParamEditorKind::Bounds: return makeBoundsEditor(param, parent);
    case ParamEditorKind::Dims: return makeDimsEditor(param, parent);
    case ParamEditorKind::PerDim: return makePerDimEditor(param, parent);
    case ParamEditorKind::Expression: return makeExpressionEditor(param, parent);
    case ParamEditorKind::Features: return makeFeaturesEditor(param, parent);
    case ParamEditorKind::Table: return makeTableEditor(param, parent);
    case ParamEditorKind::Node: return makeNodeEditor(param, parent);
    case ParamEditorKind::Range: return makeRangeEditor(param, parent);
    case ParamEditorKind::Line:
    case ParamEditorKind::InputFile:
    case ParamEditorKind::OutputFile: break;
  }
  return makeLineEditor(param, parent);
}

}  // namespace cubeloom
