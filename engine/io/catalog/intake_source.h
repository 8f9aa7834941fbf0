// SPDX-License-Identifier: GPL-3.0-or-later
// One source of an intake catalog as an entry: its parameters, its driver, the files its path stands for.
#pragma once

#include <cstdint>

#include "engine/io/catalog/catalog_place.h"
#include "engine/io/file/yaml_document.h"

namespace cubeloom {

/// What all sources of one catalog share.
struct IntakeContext {
  std::string folder;                        ///< of the catalog's file
  std::map<std::string, std::string> given;  ///< values asked for instead of defaults
  const YamlNode* parameters = nullptr;      ///< of the catalog itself; may be none
  CatalogRules rules;
  std::int64_t budget = 0;  ///< texts and nodes that may still be taken; below zero: too much
};

CatalogEntry intakeEntry(const std::string& name, const YamlNode& source, IntakeContext& context);

/// At most 4,096 characters of a text, its cost taken from the budget.
std::string takenText(const std::string& text, IntakeContext& context);

}  // namespace cubeloom
