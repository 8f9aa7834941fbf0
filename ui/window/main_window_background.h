// SPDX-License-Identifier: GPL-3.0-or-later
// What the window's parts share and nobody else sees.
#pragma once

#include <QThreadPool>

#include "ui/window/main_window.h"

namespace cubeloom {

struct MainWindow::Background {
  QThreadPool pool;  ///< makes the sample
  bool isMakingSample = false;
};

}  // namespace cubeloom
