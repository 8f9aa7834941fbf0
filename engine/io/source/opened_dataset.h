// SPDX-License-Identifier: GPL-3.0-or-later
// What every reader of a format hands to the provider: the array to read, and the facts about its dataset.
#pragma once

#include <memory>

#include "engine/access/source.h"

namespace cubeloom {

struct OpenedDataset {
  std::shared_ptr<Source> source;
  DatasetInfo info;
};

}  // namespace cubeloom
