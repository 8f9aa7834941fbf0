// SPDX-License-Identifier: GPL-3.0-or-later
// Ranks operations against a query.
#include "engine/op/operation_search.h"

#include <algorithm>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Lower is better; -1: not found. `word` is in small letters.
int rankOf(const Declaration& declaration, const std::string& word) {
  const std::string title = toLower(declaration.title), id = toLower(declaration.id);
  const auto contains = [&word](const std::string& text) { return text.find(word) != std::string::npos; };
  const auto isKeyword = [&declaration](auto holds) {
    return std::any_of(declaration.keywords.begin(), declaration.keywords.end(), [&](const std::string& k) { return holds(toLower(k)); });
  };
  if (title.starts_with(word) || id.starts_with(word)) return 0;
  if (title.find(" " + word) != std::string::npos || id.find("_" + word) != std::string::npos) return 1;
  if (isKeyword([&word](const std::string& keyword) { return keyword.starts_with(word); })) return 2;
  if (contains(title) || contains(id)) return 3;
  if (isKeyword(contains)) return 4;
  if (toLower(declaration.category).starts_with(word)) return 5;
  if (contains(toLower(declaration.summary))) return 6;
  return -1;
}

}  // namespace

std::vector<const Operation*> findOperations(const Registry& registry, const std::string& query,
                                             const std::function<bool(const Declaration&)>& accepts) {
  std::vector<std::string> words = split(toLower(query), ' ');
  std::erase(words, "");
  std::vector<std::pair<int, const Operation*>> found;
  for (const Operation* operation : registry.all()) {
    const Declaration& declaration = operation->declaration();
    if (accepts && !accepts(declaration)) continue;
    int rank = 0;
    for (const std::string& word : words) {
      const int r = rankOf(declaration, word);
      rank = r < 0 || rank < 0 ? -1 : rank + r;
    }
    if (rank >= 0) found.emplace_back(rank, operation);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Operation*> result;
  result.reserve(found.size());
  for (const auto& [rank, operation] : found) result.push_back(operation);
  return result;
}

std::vector<const Operation*> searchOperations(const Registry& registry, const std::string& query,
                                               const std::function<bool(const Declaration&)>& accepts) {
  std::vector<const Operation*> result = findOperations(registry, query, accepts);
  if (!result.empty()) return result;
  std::vector<std::string> titles;
  std::vector<const Operation*> accepted;
  for (const Operation* operation : registry.all()) {
    if (accepts && !accepts(operation->declaration())) continue;
    accepted.push_back(operation);
    titles.push_back(toLower(operation->declaration().title));
  }
  if (const auto guess = closestMatch(toLower(trim(query)), titles))
    result.push_back(accepted[static_cast<std::size_t>(std::find(titles.begin(), titles.end(), *guess) - titles.begin())]);
  return result;
}

}  // namespace cubeloom
