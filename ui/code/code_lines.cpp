// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/code/code_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cubeloom {
namespace {

/// The node that a line of a script is the heading of; empty: of none.
QString headedBy(const QString& line, const QStringList& nodes) {
  if (!line.startsWith(QStringLiteral("# "))) return {};
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&line](const QString& node) { return line.startsWith(QStringLiteral("# %1: ").arg(node)); });
  return found == nodes.end() ? QString() : *found;
}

}  // namespace

std::pair<int, int> linesOfStep(const QString& code, const QString& node, const QStringList& allNodes) {
  const QStringList lines = code.split(u'\n');
  int first = -1;
  for (int i = 0; i < lines.size(); ++i) {
    const QString head = headedBy(lines[i], allNodes);
    if (head.isEmpty()) continue;
    if (first >= 0) {
      int last = i - 1;
      while (last > first && lines[last].trimmed().isEmpty()) --last;
      return {first, last};
    }
    if (head == node) first = i;
  }
  if (first >= 0) {
    int last = static_cast<int>(lines.size()) - 1;
    while (last > first && lines[last].trimmed().isEmpty()) --last;
    return {first, last};
  }
  const QString named = QStringLiteral("\"id\": ") + QString::fromStdString(nlohmann::json(node.toStdString()).dump());
  for (int i = 0; i < lines.size(); ++i)
    if (lines[i].contains(named)) return {i, i};
  return {-1, -1};
}

}  // namespace cubeloom
