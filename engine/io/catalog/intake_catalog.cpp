// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/intake_catalog.h"

#include <filesystem>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/catalog/intake_source.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/text_file.h"
#include "engine/io/file/yaml_document.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr std::size_t kLookBytes = std::size_t{64} << 10;
constexpr std::int64_t kBudget = 500000;

}  // namespace

bool looksLikeIntake(const std::string& path) {
  const std::string start = "\n" + readFileStart(path, kLookBytes);
  return start.find("\nsources:") != std::string::npos || start.find("\n\"sources\":") != std::string::npos;
}

Result<Catalog> readIntake(const CatalogRequest& request, const CatalogRules& rules) {
  const auto text = readTextFile(request.path, kMaxBytes, "intake catalog");
  if (!text) return fail(text.error());
  const auto document = parseYaml(*text, request.path);
  if (!document) return fail(document.error());
  const YamlNode& root = **document;
  const YamlNode* sources = root.find("sources");
  if (sources == nullptr || !(sources->isMap() || sources->isList()))
    return failAt(ErrorCode::OpenFailed, request.path, request.path + " is no intake catalog: it has no \"sources\"",
                  "intake YAML (version 1), STAC JSON, kerchunk JSON and folders are read");

  Catalog catalog;
  catalog.path = request.path;
  catalog.kind = "intake";
  IntakeContext context;
  context.folder = std::filesystem::path(request.path).parent_path().string();
  context.given = request.values;
  context.parameters = root.find("parameters");
  context.rules = rules;
  context.budget = kBudget;
  const YamlNode* metadata = root.find("metadata");
  catalog.title = takenText(metadata != nullptr ? metadata->text("title") : root.text("name"), context);
  catalog.description = takenText(root.text("description"), context);
  if (root.find("plugins") != nullptr) catalog.notes.emplace_back("the plug-ins that the catalog names are never loaded");

  // Version 0 has a list of sources that name themselves.
  std::vector<std::pair<std::string, const YamlNode*>> all;
  for (const auto& [name, source] : sources->pairs) all.emplace_back(name, source.get());
  for (const auto& source : sources->items) all.emplace_back(source->text("name"), source.get());
  for (const auto& [name, source] : all) {
    catalog.entries.push_back(intakeEntry(name, *source, context));
    if (context.budget < 0)
      return failAt(ErrorCode::OpenFailed, request.path,
                    request.path + " is not read: with its aliases written out it holds more than " + formatCount(kBudget) + " values",
                    "split it");
  }
  return catalog;
}

}  // namespace cubeloom
