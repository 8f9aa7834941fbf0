// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of Document share and nobody else sees.
#pragma once

#include <QElapsedTimer>
#include <map>
#include <string>

#include "engine/base/background.h"
#include "ui/async/mailbox.h"
#include "ui/document/document.h"

namespace cubeloom {

struct Document::Private {
  std::map<std::string, QPointF> places;  ///< of every node of the chain
  QString lastParam;                      ///< merge key of the last setParam()
  QElapsedTimer sinceParam;
  int paramBurst = 0;
  Mailbox mailbox;
  Background background;  ///< one thread: bindings come in order
};

}  // namespace cubeloom
