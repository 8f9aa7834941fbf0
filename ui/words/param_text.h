// SPDX-License-Identifier: GPL-3.0-or-later
// Parameter values as the text a user edits, and back; the same rules for every operation.
#pragma once

#include <QString>

#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

/// "Coordinate system", "RPC height": the label, or the name with blanks, with a capital; abbreviations in capitals.
QString paramLabel(const Param& param);
/// Text of a value as it stands in a field; empty for null.
QString paramText(const Param& param, const Json& value);
/// The value a text means: null for an empty one. InvalidParameter when it is none, or out of the declared range.
/// Numbers never follow the locale; a unit behind a number ("500 m") is passed over.
Result<Json> paramValue(const Param& param, const QString& text);
/// The default's text, for the placeholder; "required" or "none" without one.
QString paramPlaceholder(const Param& param);
/// "0 to 100", "at least 1"; empty without a range.
QString paramRange(const Param& param);

/// One dim's selection: "0", "10:60:5", "1, 5, 9", "2022-02-24"; null for an empty text.
Json selectionValue(const QString& text);
QString selectionText(const Json& value);

}  // namespace cubeloom
