// SPDX-License-Identifier: GPL-3.0-or-later
// Ranks operations against a query.
#include "ui/words/operation_search.h"

#include <QStringList>
#include <algorithm>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

/// Lower is better; -1: not found.
int rankOf(const Declaration& declaration, const QString& word) {
  const auto text = [](const std::string& s) { return QString::fromStdString(s); };
  const QString title = text(declaration.title), id = text(declaration.id);
  if (title.startsWith(word, Qt::CaseInsensitive) || id.startsWith(word, Qt::CaseInsensitive)) return 0;
  if (title.contains(QLatin1Char(' ') + word, Qt::CaseInsensitive) || id.contains(QLatin1Char('_') + word, Qt::CaseInsensitive)) return 1;
  for (const std::string& keyword : declaration.keywords)
    if (text(keyword).startsWith(word, Qt::CaseInsensitive)) return 2;
  if (title.contains(word, Qt::CaseInsensitive) || id.contains(word, Qt::CaseInsensitive)) return 3;
  for (const std::string& keyword : declaration.keywords)
    if (text(keyword).contains(word, Qt::CaseInsensitive)) return 4;
  if (text(declaration.category).startsWith(word, Qt::CaseInsensitive)) return 5;
  if (text(declaration.summary).contains(word, Qt::CaseInsensitive)) return 6;
  return -1;
}

}  // namespace

std::vector<const Operation*> searchOperations(const Registry& registry, const QString& query,
                                               const std::function<bool(const Declaration&)>& accepts) {
  const QStringList words = query.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  std::vector<std::pair<int, const Operation*>> found;
  std::vector<std::string> names;
  std::vector<const Operation*> accepted;
  for (const Operation* operation : registry.all()) {
    const Declaration& declaration = operation->declaration();
    if (accepts && !accepts(declaration)) continue;
    accepted.push_back(operation);
    names.push_back(toLower(declaration.title));
    int rank = 0;
    for (const QString& word : words) {
      const int r = rankOf(declaration, word);
      rank = r < 0 || rank < 0 ? -1 : rank + r;
    }
    if (rank >= 0) found.emplace_back(rank, operation);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Operation*> result;
  result.reserve(found.size());
  for (const auto& [rank, operation] : found) result.push_back(operation);
  if (result.empty()) {
    if (const auto guess = closestMatch(toLower(query.trimmed().toStdString()), names))
      result.push_back(accepted[static_cast<std::size_t>(std::find(names.begin(), names.end(), *guess) - names.begin())]);
  }
  return result;
}

}  // namespace cubeloom
