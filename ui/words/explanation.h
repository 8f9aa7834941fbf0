// SPDX-License-Identifier: GPL-3.0-or-later
// An operation's declaration as a page to read.
#pragma once

#include <QString>

#include "engine/op/operation.h"

namespace cubeloom {

/// Rich text: summary, help, parameters, equivalent in Python, example, references as links.
QString explanationHtml(const Declaration& declaration);

}  // namespace cubeloom
