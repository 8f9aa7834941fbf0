// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that tell: every key, and what this program is. They stay open beside the work.
#pragma once

class QString;
class QWidget;

namespace cubeloom {

struct Declaration;

void showShortcutList(QWidget* parent);
void showAbout(QWidget* parent);
/// What an operation declares of itself: summary, help, parameters, references, example, its Python equivalent.
void showOperationHelp(QWidget* parent, const Declaration& declaration);
QString operationHelpHtml(const Declaration& declaration);

}  // namespace cubeloom
