// SPDX-License-Identifier: GPL-3.0-or-later
// The table of parameter kinds: all that follows from a parameter's type, in one place.
#pragma once

#include <span>
#include <string>

#include "engine/op/param.h"

namespace cubeloom {

/// Which editor a form shows; the widgets are the user interface's.
enum class ParamEditorKind {
  Line,
  InputFile,
  OutputFile,
  Choice,
  Flag,
  Crs,
  Bounds,
  Dims,
  PerDim,
  Expression,
  Features,
  Table,
  Node,
  Range
};

/// One row of the table.
struct ParamKind {
  ParamType type;
  const char* name;  ///< the word of `ops --json`
  ParamEditorKind editor;
  const char* schema;  ///< JSON Schema of the value, without the range and the choices
  /// The value as operations see it: choices by their declared name, lists as lists. InvalidParameter names parameter, value and limit.
  Result<Json> (*check)(const Param& param, const Json& value);
  /// From a pipeline's or a field's text. A text that means nothing stays a text: check() then says what was expected.
  Json (*fromText)(const std::string& text);
  /// Back again: fromText(toText(v)) means what v means.
  std::string (*toText)(const Json& value);
};

const ParamKind& kindOf(ParamType type);
/// Its value has an entry per dim of the input, which a pipeline writes as dim=value.
bool isPerDim(ParamType type);
std::span<const ParamKind> paramKinds();

/// JSON Schema (draft 2020-12) of one parameter's value, with its range, choices and default.
Json paramSchema(const Param& param);

/// One dim's selection: "400:700" and "0" stay one value, "1,5,9" becomes a list, and so does "1,", of one entry.
Json selectionFromText(const std::string& text);
std::string selectionToText(const Json& selection);

}  // namespace cubeloom
