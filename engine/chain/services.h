// SPDX-License-Identifier: GPL-3.0-or-later
// What a program hands to the engine: its operations, and who reads and writes files.
#pragma once

#include <memory>

#include "engine/access/catalog.h"
#include "engine/access/sink.h"
#include "engine/access/source.h"
#include "engine/access/trust.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// Made once at the start of a program, then shared. Its parts are thread-safe.
struct Services {
  std::shared_ptr<const Registry> registry;
  std::shared_ptr<SourceProvider> sources;
  std::shared_ptr<SinkProvider> sinks;
  std::shared_ptr<CatalogProvider> catalogs = {};
  std::shared_ptr<Trust> trust = {};
};

}  // namespace cubeloom
