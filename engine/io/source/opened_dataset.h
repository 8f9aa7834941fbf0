// SPDX-License-Identifier: GPL-3.0-or-later
// What every reader of a format hands to the provider: the array to read, and the facts about its dataset.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/access/source.h"
#include "engine/base/result.h"

namespace cubeloom {

struct OpenedDataset {
  std::shared_ptr<Source> source;
  DatasetInfo info;
  /// Set: the array that is meant where none is named cannot be read, and `source` is another one, which nobody asked for.
  std::optional<Error> refused = {};
  /// Set: info.fileBytes takes a look at every file of the dataset, so it is counted only for those who show it.
  std::function<double()> countBytes = {};
};

}  // namespace cubeloom
