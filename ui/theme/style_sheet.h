// SPDX-License-Identifier: GPL-3.0-or-later
// The application's style sheet, filled in with a theme's colours.
#pragma once

#include <QString>

namespace cubeloom {

class Theme;

QString styleSheet(const Theme& theme);

}  // namespace cubeloom
