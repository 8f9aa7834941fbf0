// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/band_lists.h"

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Numbers that are of classes or of the grid, not of bands.
bool isOfOthers(const std::string& name) {
  const std::string lower = toLower(name);
  return lower == "flag_values" || lower == "flag_masks" || lower.starts_with("class ") || lower.find("transform") != std::string::npos ||
         lower.find("bbox") != std::string::npos || lower.find("bounds") != std::string::npos;
}

/// The entries of a list written as text, "{1, 2}", "1 2", "1, 2"; in braces with commas alone.
std::vector<std::string> entriesOf(const std::string& text, bool& hasBraces, bool& hasCommas) {
  std::string_view inside = trim(text);
  hasBraces = inside.size() > 1 && inside.front() == '{' && inside.back() == '}';
  if (hasBraces) inside = inside.substr(1, inside.size() - 2);
  hasCommas = inside.find(',') != std::string_view::npos;
  std::vector<std::string> entries;
  for (const std::string& entry : split(std::string(inside), hasCommas ? ',' : ' '))
    if (const std::string_view word = trim(entry); !word.empty()) entries.emplace_back(word);
  return entries;
}

}  // namespace

void subsetBandLists(const Dim& dim, const IndexSet& kept, std::map<std::string, std::string>& attributes) {
  const bool isBands = dim.name == "band" || dim.name == "wavelength" || dim.coordinate.unit == "nm";
  const bool isWhole = kept.count() == dim.size && kept.isRange() && kept.first() == 0 && kept.step() == 1;
  if (!isBands || dim.size < 2 || isWhole) return;
  std::erase_if(attributes, [](const auto& attribute) { return toLower(attribute.first) == "default bands"; });
  for (auto at = attributes.begin(); at != attributes.end();) {
    auto& [name, text] = *at;
    bool hasBraces = false, hasCommas = false;
    const std::vector<std::string> entries = entriesOf(text, hasBraces, hasCommas);
    // Words without braces around them are a sentence, unless they are numbers.
    const bool areNumbers =
        std::all_of(entries.begin(), entries.end(), [](const std::string& entry) { return parseNumber(entry).has_value(); });
    if (entries.size() != static_cast<std::size_t>(dim.size) || (!hasBraces && !areNumbers) || isOfOthers(name)) {
      ++at;
      continue;
    }
    if (kept.isEmpty()) {
      at = attributes.erase(at);
      continue;
    }
    std::vector<std::string> left;
    for (std::int64_t i = 0; i < kept.count(); ++i) left.push_back(entries[static_cast<std::size_t>(kept.at(i))]);
    const std::string list = join(left, hasCommas ? ", " : " ");
    text = hasBraces ? "{" + list + "}" : list;
    ++at;
  }
}

}  // namespace cubeloom
