// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as the window writes them: the engine's wording, as text of Qt.
#pragma once

#include <QString>
#include <cstdint>

#include "engine/base/text.h"

namespace cubeloom {

/// "27.1 MiB".
inline QString sizeText(double bytes) { return QString::fromStdString(formatSize(bytes)); }
/// "12,023".
inline QString countText(std::int64_t value) { return QString::fromStdString(formatCount(value)); }
/// The number rounded to so many digits, without trailing zeros.
inline QString significantText(double value, int digits) { return QString::fromStdString(formatSignificant(value, digits)); }

}  // namespace cubeloom
