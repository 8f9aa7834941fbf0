// SPDX-License-Identifier: GPL-3.0-or-later
// Where a step stands in the code of its chain.
#pragma once

#include <QString>
#include <QStringList>
#include <utility>

namespace cubeloom {

/// First and last line (from 0) of what is written for `node`: from the line that is headed by it to the one before the next step's, as
/// scripts have them ("# grid: Reproject, 500 m"), or the line of a chain file that names it. (-1, -1): nowhere.
std::pair<int, int> linesOfStep(const QString& code, const QString& node, const QStringList& allNodes);

}  // namespace cubeloom
