// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that tell: every key, and what this program is. They stay open beside the work.
#pragma once

class QWidget;

namespace cubeloom {

void showShortcutList(QWidget* parent);
void showAbout(QWidget* parent);

}  // namespace cubeloom
