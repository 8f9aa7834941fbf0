// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/date_parts.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

/// What a part may be, and after how many it begins again; 0: it goes on, as years do.
struct PartRange {
  int low = 0, high = 0;
  bool goesRound = true;
};
const std::map<std::string, PartRange>& parts() {
  static const std::map<std::string, PartRange> kParts{{"month", {1, 12}},      {"season", {1, 12}}, {"day", {1, 31}},
                                                       {"dayofyear", {1, 366}}, {"hour", {0, 23}},   {"year", {-9999, 99999, false}}};
  return kParts;
}

int partOf(const std::string& part, double seconds, DayNumber days) {
  const CalendarDate date = calendarDate(seconds, days);
  if (part == "year") return date.year;
  if (part == "month" || part == "season") return date.month;
  if (part == "day") return date.day;
  if (part == "hour") return static_cast<int>(date.micros / 3600000000);
  return static_cast<int>(*days(date.year, date.month, date.day) - *days(date.year, 1, 1)) + 1;
}

/// The months of "JJA", "DJF": the initials of months in a row.
Result<std::vector<int>> monthsOf(const std::string& season) {
  static const std::string kInitials = "JFMAMJJASONDJFMAMJJASOND";
  std::string word = season;
  std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const auto at = kInitials.find(word);
  if (word.size() < 2 || word.size() > 12 || at == std::string::npos)
    return badSelection("'" + season + "' is no season", "write DJF, MAM, JJA or SON, or the initials of other months in a row, as JJAS");
  std::vector<int> months;
  for (std::size_t i = 0; i < word.size(); ++i) months.push_back(static_cast<int>((at + i) % 12) + 1);
  return months;
}

Result<int> numberOf(const std::string& part, const PartRange& range, const std::string& text) {
  const auto number = parseInteger(trim(text));
  if (number && *number >= range.low && *number <= range.high) return static_cast<int>(*number);
  return badSelection("'" + text + "' is no " + part, "write a whole number from " + std::to_string(range.low) + " to " +
                                                          std::to_string(range.high) + ", a list or a range of them");
}

/// The numbers that one value or range means.
Result<std::vector<int>> numbersOf(const std::string& part, const PartRange& range, const std::string& text) {
  if (part == "season") return monthsOf(text);
  const auto ends = split(text, ':');
  if (ends.size() > 2) return badSelection("'" + text + "' is no range of a " + part, "write it as 6:8, both ends included");
  auto first = numberOf(part, range, ends[0]);
  if (!first) return fail(first.error());
  auto last = ends.size() > 1 ? numberOf(part, range, ends[1]) : first;
  if (!last) return fail(last.error());
  if (*last < *first && !range.goesRound) return badSelection("'" + text + "' ends before it begins", "exchange the two");
  std::vector<int> numbers;
  for (int n = *first;; n = n == range.high && range.goesRound ? range.low : n + 1) {
    numbers.push_back(n);
    if (n == *last) return numbers;
  }
}

Result<std::vector<int>> allNumbers(const std::string& part, const Json& selection) {
  std::vector<int> wanted;
  for (const Json& entry : selection.is_array() ? selection : Json::array({selection})) {
    auto numbers = numbersOf(part, parts().at(part), entry.is_string() ? entry.get<std::string>() : entry.dump());
    if (!numbers) return numbers;
    wanted.insert(wanted.end(), numbers->begin(), numbers->end());
  }
  return wanted;
}

}  // namespace

std::optional<std::vector<int>> datePartNumbers(const std::string& part, const Json& selection) {
  auto numbers = allNumbers(part, selection);
  return numbers ? std::optional(std::move(*numbers)) : std::nullopt;
}

bool isDatePart(const std::string& word) { return parts().contains(word); }

Result<DimSelection> selectDatePart(const Dim& given, const std::string& part, const Json& selection) {
  const Dim dim = asDates(given);
  const auto numbers = allNumbers(part, selection);
  if (!numbers) return fail(numbers.error());
  const std::vector<int>& wanted = *numbers;
  const DayNumber days = daysOf(dim) != nullptr ? daysOf(dim) : DayNumber(gregorianDay);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < dim.size; ++i)
    if (const double at = dim.coordinate.at(i); at == at && std::find(wanted.begin(), wanted.end(), partOf(part, at, days)) != wanted.end())
      indices.push_back(i);
  if (indices.empty())
    return badSelection(
        "no entry of '" + dim.name + "' has the " + part + " " + (selection.is_string() ? selection.get<std::string>() : selection.dump()),
        "its entries are from " + entryText(dim, 0) + " to " + entryText(dim, dim.size - 1));
  return DimSelection{IndexSet::list(std::move(indices)), false, {}};
}

}  // namespace cubeloom
