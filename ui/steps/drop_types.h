// SPDX-License-Identifier: GPL-3.0-or-later
// The names under which datasets and operations travel by drag and drop between zones.
#pragma once

#include <QString>

namespace cubeloom {

/// UTF-8 path of one dataset.
inline const QString kDatasetMimeType = QStringLiteral("application/x-cubeloom-dataset");
/// UTF-8 id of one operation.
inline const QString kOperationMimeType = QStringLiteral("application/x-cubeloom-operation");

}  // namespace cubeloom
