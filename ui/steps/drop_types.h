// SPDX-License-Identifier: GPL-3.0-or-later
// The names under which datasets and operations travel by drag and drop between zones.
#pragma once

#include <QString>

namespace cubeloom {

/// JSON: a list of datasets, see ui/steps/dragged_datasets.h.
inline const QString kDatasetMimeType = QStringLiteral("application/x-cubeloom-dataset");
/// UTF-8 id of one operation.
inline const QString kOperationMimeType = QStringLiteral("application/x-cubeloom-operation");

}  // namespace cubeloom
