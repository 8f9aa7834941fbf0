// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the editor of a parameter.
#include "ui/inspector/param_editor.h"

#include <QStyle>

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
  switch (param.type) {
    case ParamType::Choice:
    case ParamType::PixelType: return makeChoiceEditor(param, parent);
    case ParamType::Bool: return makeBoolEditor(param, parent);
    case ParamType::Crs: return makeCrsEditor(param, parent);
    case ParamType::Bounds: return makeBoundsEditor(param, parent);
    case ParamType::Dims: return makeDimsEditor(param, parent);
    case ParamType::Names:
    case ParamType::Indexers:
    case ParamType::Selectors: return makePerDimEditor(param, parent);
    case ParamType::Expression: return makeExpressionEditor(param, parent);
    case ParamType::Text:
    case ParamType::Path:
    case ParamType::OutputPath:
    case ParamType::Integer:
    case ParamType::Number:
    case ParamType::Resolution:
    case ParamType::Shape: break;
  }
  return makeLineEditor(param, parent);
}

}  // namespace cubeloom
