// SPDX-License-Identifier: GPL-3.0-or-later
// The makers of the editors; makeParamEditor() chooses among them.
#pragma once

#include "ui/inspector/param_editor.h"

namespace cubeloom {

/// One line of text: texts, paths with a browse button, numbers, resolution, shape.
ParamEditor* makeLineEditor(const Param& param, QWidget* parent);
/// A line with chips for the input's wavelengths or bands.
ParamEditor* makeExpressionEditor(const Param& param, QWidget* parent);
ParamEditor* makeChoiceEditor(const Param& param, QWidget* parent);
ParamEditor* makeBoolEditor(const Param& param, QWidget* parent);
ParamEditor* makeCrsEditor(const Param& param, QWidget* parent);
ParamEditor* makeBoundsEditor(const Param& param, QWidget* parent);
/// The input's dims, to be ticked and dragged into order.
ParamEditor* makeDimsEditor(const Param& param, QWidget* parent);
/// A row per dim of the input: selections, or new names.
ParamEditor* makePerDimEditor(const Param& param, QWidget* parent);
/// A file with its layer and attributes, or shapes drawn on the preview.
ParamEditor* makeFeaturesEditor(const Param& param, QWidget* parent);
/// Classes: a row per range of values.
ParamEditor* makeTableEditor(const Param& param, QWidget* parent);
/// Another step of the chain, from a list or by a click on it, or a file.
ParamEditor* makeNodeEditor(const Param& param, QWidget* parent);
/// Two numbers; of wavelengths also dragged on a spectrum.
ParamEditor* makeRangeEditor(const Param& param, QWidget* parent);

/// Sets the dynamic property the style sheet draws wrong fields by.
void markInvalid(QWidget* field, bool invalid);

}  // namespace cubeloom
