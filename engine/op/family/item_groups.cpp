// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/item_groups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// The numbers or texts that items are sorted by; what has none comes last.
struct SortKeys {
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

Result<SortKeys> keysOf(const std::vector<Item>& items, const std::string& word, bool isDescending) {
  SortKeys keys;
  const double sign = isDescending ? -1 : 1;
  std::set<std::string> known;
  bool isThere = false;
  for (const Item& item : items) {
    double number = std::numeric_limits<double>::infinity();
    std::string text;
    if (word == "date") {
      if (item.seconds) number = sign * *item.seconds;
      isThere = true;
    } else if (word == "name" || word == "id") {
      text = item.id;
      isThere = true;
    } else {
      auto found = item.properties.find(word);
      if (found == item.properties.end()) found = item.properties.find("eo:" + word);
      if (found != item.properties.end()) {
        isThere = true;
        if (const auto value = parseNumber(found->second)) {
          number = sign * *value;
        } else {
          text = found->second;
        }
      }
    }
    for (const auto& [key, value] : item.properties) known.insert(key);
    keys.numbers.push_back(number);
    keys.texts.push_back(std::move(text));
  }
  if (isThere) return keys;
  const std::vector<std::string> names(known.begin(), known.end());
  const auto near = closestMatch(word, names);
  return invalidParameter(
      "sort_by", "no item has the property '" + word + "'",
      near ? "did you mean " + *near + "?" : "date, name, cloud_cover or another property, - before it turns the order");
}

}  // namespace

double solarDay(double seconds, double longitude) {
  constexpr double kDay = 86400, kHour = 3600, kDegreesPerHour = 15;
  return std::floor((seconds + std::trunc(longitude / kDegreesPerHour) * kHour) / kDay);
}

Result<std::vector<ItemGroup>> groupItems(const std::vector<Item>& items, const std::string& groupBy, const std::string& sortBy,
                                          double longitude) {
  const std::string trimmed(trim(sortBy));
  const bool isDescending = trimmed.starts_with("-");
  const std::string word = trimmed.empty() ? "date" : trimmed.substr(isDescending ? 1 : 0);
  auto keys = keysOf(items, word, isDescending);
  if (!keys) return fail(keys.error());
  const auto timeOf = [&items](std::size_t i) { return items[i].seconds.value_or(0); };
  const auto groupOf = [&](std::size_t i) {
    return groupBy == "none" ? 0 : groupBy == "solar_day" ? solarDay(timeOf(i), longitude) : timeOf(i);
  };
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // First the groups, by time; each by itself where every item is one.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(groupOf(a), timeOf(a), std::string_view(items[a].id)) <
           std::tuple(groupOf(b), timeOf(b), std::string_view(items[b].id));
  });
  std::vector<ItemGroup> groups;
  for (const std::size_t i : order) {
    const bool isNew = groups.empty() || groupBy == "id" || groupOf(groups.back().items.front()) != groupOf(i);
    if (isNew) groups.push_back({timeOf(i), {}});
    groups.back().items.push_back(i);
  }
  for (ItemGroup& group : groups)
    std::stable_sort(group.items.begin(), group.items.end(), [&](std::size_t a, std::size_t b) {
      if (keys->numbers[a] != keys->numbers[b]) return keys->numbers[a] < keys->numbers[b];
      if (keys->texts[a] != keys->texts[b]) return isDescending ? keys->texts[a] > keys->texts[b] : keys->texts[a] < keys->texts[b];
      if (timeOf(a) != timeOf(b)) return timeOf(a) < timeOf(b);
      return items[a].id < items[b].id;
    });
  return groups;
}

}  // namespace cubeloom
