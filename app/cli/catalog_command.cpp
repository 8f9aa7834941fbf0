// SPDX-License-Identifier: GPL-3.0-or-later
// catalog: what a catalog offers, with the catalogs below it, as a table for people or JSON for scripts.
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/describe.h"
#include "engine/access/catalog_tree.h"
#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/plan/report_json.h"

namespace cubeloom::cli {
namespace {

Json parameterToJson(const CatalogParameter& parameter) {
  return {{"name", parameter.name},
          {"description", parameter.description},
          {"type", parameter.type},
          {"default", parameter.defaultValue},
          {"allowed", parameter.allowed}};
}

Json bboxToJson(const std::optional<std::array<double, 4>>& bbox) { return bbox ? Json(*bbox) : Json(nullptr); }
Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json redacted(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(redactSecrets(text));
  return list;
}

Json entriesToJson(const std::vector<CatalogEntry>& entries) {
  Json list = Json::array();
  for (const CatalogEntry& entry : entries) {
    Json json{{"name", entry.name},
              {"title", entry.title},
              {"description", entry.description},
              {"driver", entry.driver},
              {"path", textOrNull(redactSecrets(entry.path))},
              {"variable", textOrNull(entry.variable)},
              {"parameters", Json::array()},
              {"bbox", bboxToJson(entry.bbox)},
              {"datetime", textOrNull(entry.datetime)},
              {"metadata", entry.metadata},
              {"openable", entry.isOpenable},
              {"reason", textOrNull(redactSecrets(entry.reason))}};
    for (const CatalogParameter& parameter : entry.parameters) json["parameters"].push_back(parameterToJson(parameter));
    if (!entry.children.empty()) json["children"] = entriesToJson(entry.children);
    list.push_back(std::move(json));
  }
  return list;
}

/// The number of characters that a terminal shows of UTF-8 text.
std::size_t width(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

/// Text of strangers on a terminal: without the bytes that steer it.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : redactSecrets(text)) out += static_cast<unsigned char>(c) < 32 || c == 127 ? ' ' : c;
  return out;
}

/// A path as seen from the catalog's folder, where it lies below it.
std::string shortened(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() + 1 && path.starts_with(folder) && path[folder.size()] == '/' ? path.substr(folder.size() + 1) : path;
}

struct Row {
  std::string name, driver, when, what;
};

void addRows(const std::vector<CatalogEntry>& entries, std::size_t level, const std::string& folder, std::vector<Row>& rows) {
  for (const CatalogEntry& entry : entries) {
    const bool isCatalog = entry.furtherOn && !entry.children.empty();
    std::string what = isCatalog ? entry.title : shortened(entry.path, folder);
    if (!entry.reason.empty() && !isCatalog) what += (what.empty() ? "(" : " (") + entry.reason + ")";
    if (entry.isOpenable && !entry.variable.empty()) what += " [" + entry.variable + "]";
    rows.push_back({std::string(2 * level, ' ') + plain(entry.name), plain(entry.driver.substr(0, entry.driver.find(';'))),
                    plain(entry.datetime), plain(what)});
    addRows(entry.children, level + 1, folder, rows);
  }
}

/// How many items or files of an entry, and of those below it, make a cube together.
std::size_t loadable(const std::vector<CatalogEntry>& entries) {
  std::size_t count = 0;
  for (const CatalogEntry& entry : entries) count += entry.driver == "stac item" ? 1 : loadable(entry.children);
  return count;
}

void printTable(const Catalog& catalog) {
  std::cout << plain(catalog.path) << "\n" << catalog.kind << (catalog.title.empty() ? "" : ": " + plain(catalog.title)) << "\n\n";
  std::vector<Row> rows;
  addRows(catalog.entries, 0, catalog.kind == "folder" ? catalog.path : std::filesystem::path(catalog.path).parent_path().string(), rows);
  std::size_t name = 0, driver = 0, when = 0;
  for (const Row& row : rows) {
    name = std::max(name, width(row.name));
    driver = std::max(driver, width(row.driver));
    when = std::max(when, width(row.when));
  }
  const auto padded = [](const std::string& text, std::size_t size) {
    return size == 0 ? std::string() : text + std::string(size - width(text) + 2, ' ');
  };
  for (const Row& row : rows)
    std::cout << padded(row.name, name) << padded(row.driver, driver) << padded(row.when, when) << row.what << "\n";
  if (rows.empty()) std::cout << "nothing that can be opened\n";
  if (const std::size_t items = catalog.kind == "stac" ? loadable(catalog.entries) : 0; items > 1)
    std::cout << "\n"
              << formatCount(static_cast<std::int64_t>(items)) << " items: `load " << plain(catalog.path)
              << "` makes one cube of them, see cubeloom-cli ops load\n";
  for (const std::string& note : catalog.notes) std::cout << "\nNote: " << plain(note);
  if (!catalog.notes.empty()) std::cout << "\n";
}

}  // namespace

int runCatalog(const Services& services, const std::string& path, bool json) {
  auto catalog = services.catalogs->read({path, {}, {}});
  if (!catalog) return report(catalog.error());
  expandCatalog(*catalog, *services.catalogs);
  if (!json) {
    printTable(*catalog);
    return kDone;
  }
  const Json document{{"path", catalog->path},
                      {"kind", catalog->kind},
                      {"title", catalog->title},
                      {"description", catalog->description},
                      {"bbox", bboxToJson(catalog->bbox)},
                      {"datetime", textOrNull(catalog->datetime)},
                      {"notes", redacted(catalog->notes)},
                      {"entries", entriesToJson(catalog->entries)}};
  std::cout << dumped(document, 2) << "\n";
  return kDone;
}

}  // namespace cubeloom::cli
