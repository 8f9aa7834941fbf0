// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/catalog_tree.h"

#include <set>
#include <utility>

namespace cubeloom {
namespace {

/// A walk down from one catalog.
class Expansion {
 public:
  Expansion(CatalogProvider& provider, const CatalogLimits& limits, const CancelToken& cancel)
      : m_provider(provider), m_limits(limits), m_cancel(cancel) {}

  void start(Catalog& catalog) {
    m_met.insert(catalog.path);
    m_count = catalog.entries.size();
    expand(catalog.entries, 1, catalog.kind == "folder");
    if (m_isCut) catalog.notes.push_back("only the first " + std::to_string(m_limits.entries) + " entries are listed");
  }

 private:
  void expand(std::vector<CatalogEntry>& entries, int depth, bool inFolder) {
    for (CatalogEntry& entry : entries) {
      if (m_cancel.isCanceled()) return;
      if (!entry.furtherOn || !entry.children.empty()) continue;
      expand(entry, depth, inFolder);
    }
  }

  void expand(CatalogEntry& entry, int depth, bool inFolder) {
    if (m_count >= m_limits.entries) {
      m_isCut = true;
      entry.reason = "not read: the listing is full";
      return;
    }
    if (depth > m_limits.depth) {
      entry.reason = "not read: it lies more than " + std::to_string(m_limits.depth) + " catalogs deep";
      return;
    }
    // A folder shows what is in it and in its sub-folders, by name alone: the catalogs there are for whoever asks for them.
    if (inFolder && (depth > 1 || entry.driver != "folder")) return;
    if (!m_met.insert(entry.furtherOn->path).second) {
      entry.reason = "listed already: the catalog " + entry.furtherOn->path;
      return;
    }
    auto catalog = m_provider.read(*entry.furtherOn);
    if (!catalog) {
      entry.reason = catalog.error().text();
      return;
    }
    if (catalog->path != entry.furtherOn->path && !m_met.insert(catalog->path).second) {
      entry.reason = "listed already: the catalog " + catalog->path;
      return;
    }
    entry.children = std::move(catalog->entries);
    if (entry.title.empty()) entry.title = catalog->title;
    if (entry.description.empty()) entry.description = catalog->description;
    if (!entry.bbox) entry.bbox = catalog->bbox;
    if (entry.datetime.empty()) entry.datetime = catalog->datetime;
    m_count += entry.children.size();
    expand(entry.children, depth + 1, catalog->kind == "folder");
  }

  CatalogProvider& m_provider;
  const CatalogLimits& m_limits;
  const CancelToken& m_cancel;
  std::set<std::string> m_met;
  std::size_t m_count = 0;
  bool m_isCut = false;
};

}  // namespace

void expandCatalog(Catalog& catalog, CatalogProvider& provider, const CatalogLimits& limits, const CancelToken& cancel) {
  Expansion(provider, limits, cancel).start(catalog);
}

}  // namespace cubeloom
