// SPDX-License-Identifier: GPL-3.0-or-later
// The drawn icons, in the theme's colours, following its changes.
#pragma once

#include <QIcon>
#include <QPixmap>

#include "ui/theme/theme.h"

class QAbstractButton;
class QAction;

namespace cubeloom {

/// resources/icons/<name>.svg with its `currentColor` in `token`'s colour; sharp at device pixel ratios 1 to 3.
QPixmap iconPixmap(const char* name, Token token, int sizePx, double devicePixelRatio);
QIcon icon(const char* name, Token token = Token::Text);
/// Sets the icon and renews it when the theme changes. `name` must be a literal.
void setThemedIcon(QAbstractButton* button, const char* name, Token token = Token::Text);
void setThemedIcon(QAction* action, const char* name, Token token = Token::Text);

}  // namespace cubeloom
