// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_dates.h"

#include <algorithm>
#include <cmath>

#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

using Notes = std::vector<std::string>;

void noteOddDates(const StoredVariable& variable, std::vector<double> seconds, Notes& notes) {
  std::erase_if(seconds, [](double value) { return !std::isfinite(value); });
  std::sort(seconds.begin(), seconds.end());
  if (const auto twice = std::adjacent_find(seconds.begin(), seconds.end()); twice != seconds.end())
    notes.push_back("\"" + variable.path() + "\" has dates more than once, the first of them " + formatDatetime(*twice) +
                    ": a day asked for gives all of its entries, an instant the first that has it");
  if (!seconds.empty() && seconds.front() < kGregorianStart && isMixedCalendar(variable.text("calendar")))
    notes.push_back("\"" + variable.path() +
                    "\" begins before 1582-10-15: dates before it are given by the Gregorian calendar, not the Julian");
}

}  // namespace

void setDates(const StoredVariable& variable, Coordinate& c, Notes& notes) {
  const std::string units = variable.text("units"), calendar = variable.text("calendar");
  if (!looksLikeCfTime(units)) return;
  const auto unit = cfTimeUnit(units, calendar);
  auto seconds = unit ? Result<std::vector<double>>(std::vector<double>{}) : cfCalendarSteps(units, calendar, c.values);
  if (!seconds) {
    std::string why;
    if (isMixedCalendar(calendar) && cfTimeUnit(units, "proleptic_gregorian"))
      why = ": there is no such day in the standard calendar, which has neither a year 0 nor 5 to 14 October 1582";
    else if (!calendarUnit({units, calendar}))
      why = ": " + seconds.error().message;
    notes.push_back("\"" + variable.path() + "\" stays plain numbers: \"" + units + "\"" +
                    (calendar.empty() ? "" : " in the calendar " + calendar) + " is not read as dates" + why);
    return;
  }
  if (!unit) {
    c.values = std::move(*seconds);
    notes.push_back("\"" + variable.path() + "\" is counted by the calendar: \"" + units +
                    "\" are steps to the same day of another month or year");
  }
  for (double& value : c.values) {
    if (unit && std::isfinite(value)) value = unit->toSeconds(value);
    c.labels.push_back(std::isfinite(value) ? formatDatetime(value) : "");
  }
  c.unit = "datetime";
  noteOddDates(variable, c.values, notes);
}

bool setDatesOfTexts(const std::string& dim, Coordinate& c) {
  if (toLower(dim) != "time") return false;
  std::vector<double> seconds;
  for (const std::string& label : c.labels)
    if (const auto date = parseDatetime(label)) seconds.push_back(*date);
  if (seconds.empty() || seconds.size() != c.labels.size()) return false;
  c.kind = Coordinate::Kind::Values;
  c.unit = "datetime";
  c.labels.clear();
  for (const double value : seconds) c.labels.push_back(formatDatetime(value));
  c.values = std::move(seconds);
  return true;
}

}  // namespace cubeloom
