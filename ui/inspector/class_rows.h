// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of a table of classes as a form shows them, and as a spreadsheet has them; no widgets.
#pragma once

#include <QString>
#include <vector>

#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

/// `from` is "0", "> 0", "= 5" or "nodata", `to` is "0.3" or "≤ 0.3"; an empty end is open. A number alone has its end: [from, to).
struct ClassRow {
  QString from, to, value, name, colour;
  bool operator==(const ClassRow&) const = default;
};

/// Of a ParamType::Table.
std::vector<ClassRow> classRowsOf(const Json& table);
/// Null without rows. InvalidParameter names row, text and what is expected.
Result<Json> classTable(const std::vector<ClassRow>& rows);
/// What comes behind the last row: from where it ends, the next value.
ClassRow nextClass(const std::vector<ClassRow>& rows);

/// Lines of from, to, value, name, colour between tabs, semicolons or commas; of two columns: value and new value. A line of titles first
/// is passed over; numbers may have a decimal comma where that is not what parts the columns. InvalidParameter names line and text.
Result<std::vector<ClassRow>> classRowsFromText(const QString& text);
QString classText(const std::vector<ClassRow>& rows);

/// "#rrggbb"
bool isColour(const QString& text);

}  // namespace cubeloom
