// SPDX-License-Identifier: GPL-3.0-or-later
// A dim whose entries are variables of a file, called as its labels say, and what each of them says of itself that the others do not.
#pragma once

#include <map>
#include <string>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// The coordinate that has the units of several variables, where they differ.
inline constexpr const char* kVariableUnits = "variable_units";

using VariableAttributes = std::map<std::string, std::map<std::string, std::string>>;  ///< by the variable's name

/// Says that the entries of `dim` are variables. It goes with the dim, whatever is selected of it; outputs leave it out.
void setVariables(Dim& dim, const VariableAttributes& attributes);
/// The dim whose entries are variables, each with a name; -1: none is.
int variablesDim(const ArraySpec& spec);
/// What the variables of `dim` say of themselves.
VariableAttributes variableAttributes(const Dim& dim);
/// They are no variables any more: a dim like others.
void joinVariables(ArraySpec& spec);
/// Their values are another quantity than those of the file: units and attributes no longer hold, names do.
void forgetVariableAttributes(ArraySpec& spec);
/// What is said of all of them holds of each.
void forgetVariableAttribute(ArraySpec& spec, const std::string& name);
/// Of the dims of several arrays behind one another: variables where all are.
void joinVariableDims(const std::vector<Dim>& dims, Coordinate& joined);

}  // namespace cubeloom
