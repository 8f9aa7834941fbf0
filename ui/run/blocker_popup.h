// SPDX-License-Identifier: GPL-3.0-or-later
// The list of reasons that drops from the badge, each with its remedies as buttons.
#pragma once

#include <QFrame>

#include "ui/run/blockers.h"

namespace cubeloom {

class BlockerPopup : public QFrame {
 public:
  BlockerPopup(const std::vector<Blocker>& blockers, QWidget* parent);
  /// Under `anchor`, right edges aligned; it closes when something else is clicked and deletes itself.
  void showBelow(QWidget* anchor);
};

}  // namespace cubeloom
