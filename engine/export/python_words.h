// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a Python program: names, literals and comments that hold whatever a chain holds.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cubeloom {

/// A text as Python writes it.
std::string pythonQuoted(const std::string& text);
/// The identifiers in Python code, those within texts and behind a point left out.
std::set<std::string> identifiersIn(const std::string& code);
/// The code with other identifiers in place of some; texts, attributes and names of arguments stay.
std::string withNames(const std::string& code, const std::map<std::string, std::string>& names);
/// A name for a variable made from `id` that is none of `taken`, no word of Python and none of its functions; it becomes one of `taken`.
std::string variableName(const std::string& id, std::set<std::string>& taken);
/// The text in one line, as a comment can hold it.
std::string oneLine(const std::string& text);
/// "[1, 2, 3]" over as many lines as it needs, which begin with `indent` blanks.
std::string listLiteral(const std::vector<std::string>& entries, std::size_t indent);

}  // namespace cubeloom
