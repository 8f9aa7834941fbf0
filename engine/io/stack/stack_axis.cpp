// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/stack/stack_axis.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

/// Null when the member does not have the dim.
const Dim* ownDim(const StackMember& member, const std::string& dim) {
  const ArraySpec& spec = member.source->spec();
  const int d = spec.indexOf(dim);
  return d < 0 ? nullptr : &spec.dims[static_cast<std::size_t>(d)];
}

bool isTime(const std::string& unit) { return unit == "datetime" || looksLikeCfTime(unit); }
std::string calendarOf(const std::string& unit) { return unit == "datetime" ? "standard" : timeWords(unit).calendar; }

std::string unitText(const std::string& unit) {
  if (unit == "datetime") return "in dates of the standard calendar";
  if (unit.empty()) return "without a unit";
  const CfTimeWords words = timeWords(unit);
  return "in \"" + words.units + "\"" + (words.calendar.empty() ? "" : " of the calendar " + words.calendar);
}

std::string valueText(double value, const std::string& unit) {
  if (unit == "datetime") return formatDatetime(value);
  return formatNumber(value) + (unit.empty() || unit == "1" ? "" : " " + unit);
}

/// Whether what is in `b` can be expressed in `a`; else the remedy. Lengths and the like are not converted, but may be undeclared.
std::string remedyFor(const std::string& a, const std::string& b) {
  if (a == b) return {};
  if (!isTime(a) && !isTime(b)) {
    const bool isUndeclared = a.empty() || b.empty() || a == "1" || b == "1";
    return isUndeclared ? "" : "convert one of them first, or leave it out";
  }
  if (!isTime(a) || !isTime(b)) return "give both the same units first, or leave one out";
  if (!isSameCalendar(calendarOf(a), calendarOf(b)))
    return "bring them to one calendar first, for instance with xarray's convert_calendar, or leave one out";
  if (calendarUnit(timeWords(a)) && calendarUnit(timeWords(b))) return {};
  return "give both the same units first: weeks, days, hours, minutes and seconds since a date of the calendar are converted, others not";
}

/// Numbers of one unit to those of another of the same calendar.
class TimeShift {
 public:
  TimeShift(const std::string& from, const std::string& to) {
    if (from == to || !isTime(to)) return;
    m_from = calendarUnit(timeWords(from));
    m_to = calendarUnit(timeWords(to));
  }
  double operator()(double value) const {
    if (!m_from || !m_to) return value;
    // The difference of the origins first: it is small beside them, so that no digit of the value is lost.
    const CfTimeUnit since{m_from->secondsPerUnit, m_from->originSeconds - m_to->originSeconds};
    return since.toSeconds(value) / m_to->secondsPerUnit;
  }

 private:
  std::optional<CfTimeUnit> m_from, m_to;
};

/// What is wrong where element `at` does not come after the one before it. `owners`: the member of each element.
Failure disorder(const std::vector<StackMember>& members, const std::vector<std::size_t>& owners, const Dim& joint, std::size_t at) {
  const std::vector<double>& values = joint.coordinate.values;
  const std::string &unit = joint.coordinate.unit, &before = members[owners[at - 1]].path, &after = members[owners[at]].path;
  if (owners[at] == owners[at - 1])
    return failAt(ErrorCode::GridMismatch, after,
                  "the coordinate '" + joint.name + "' of " + after + " does not ascend: " + valueText(values[at], unit) + " comes after " +
                      valueText(values[at - 1], unit),
                  "sort the file along '" + joint.name + "' first, or leave it out");
  const auto ofMember = [&](std::size_t member) {
    const auto [first, end] = std::equal_range(owners.begin(), owners.end(), member);
    return std::vector(values.begin() + (first - owners.begin()), values.begin() + (end - owners.begin()));
  };
  const std::vector<double> a = ofMember(owners[at - 1]), b = ofMember(owners[at]);
  const std::set<double> known(a.begin(), a.end());
  const auto shared = std::find_if(b.begin(), b.end(), [&](double value) { return known.contains(value); });
  if (shared != b.end())
    return failAt(
        ErrorCode::GridMismatch, after,
        after + " and " + before + " overlap along '" + joint.name + "': both are of " + valueText(*shared, unit),
        ownDim(members.front(), joint.name) == nullptr ? "leave one out, or tell their dates apart with 'pattern'" : "leave one out");
  return failAt(ErrorCode::GridMismatch, after,
                after + " and " + before + " interleave along '" + joint.name + "': " + before + " goes from " +
                    valueText(a.front(), unit) + " to " + valueText(a.back(), unit) + ", " + after + " from " + valueText(b.front(), unit) +
                    " to " + valueText(b.back(), unit),
                "files are put one behind the other: leave one out, or cut them so that one ends before the other begins");
}

/// Whether the coordinate is of names, and its numbers only count them.
bool isOfNames(const Dim* dim) {
  if (dim == nullptr || dim->coordinate.labels.empty() || dim->coordinate.kind == Coordinate::Kind::None) return false;
  if (!dim->coordinate.unit.empty() && dim->coordinate.unit != "1") return false;
  for (std::int64_t i = 0; i < dim->size; ++i)
    if (dim->coordinate.at(i) != static_cast<double>(i + 1)) return false;
  return true;
}

/// `joint`, which has the names of all members, counted through.
Result<Dim> joinedNames(const std::vector<StackMember>& members, const std::vector<std::size_t>& owners, Dim joint) {
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const std::string& name = joint.coordinate.labels[i];
    const auto [first, isNew] = known.emplace(name, owners[i]);
    if (!isNew)
      return failAt(
          ErrorCode::GridMismatch, members[owners[i]].path,
          members[owners[i]].path + " and " + members[first->second].path + " overlap along '" + joint.name + "': both have '" + name + "'",
          "leave one out");
  }
  joint.coordinate.kind = Coordinate::Kind::Regular;
  joint.coordinate.start = 1;
  joint.coordinate.values.clear();
  return joint;
}

}  // namespace

Result<void> sortMembers(std::vector<StackMember>& members, const std::string& dim) {
  const StackMember* reference = nullptr;
  for (StackMember& member : members) {
    const Dim* own = ownDim(member, dim);
    if (own == nullptr || own->coordinate.kind == Coordinate::Kind::None) continue;
    if (reference == nullptr) reference = &member;
    const std::string &unit = own->coordinate.unit, &referenceUnit = ownDim(*reference, dim)->coordinate.unit;
    if (const std::string remedy = remedyFor(referenceUnit, unit); !remedy.empty())
      return failAt(ErrorCode::GridMismatch, member.path,
                    member.path + " does not fit " + reference->path + ": its '" + dim + "' is " + unitText(unit) + ", not " +
                        unitText(referenceUnit),
                    remedy);
    member.seconds = own->coordinate.at(0);
    if (const auto time = calendarUnit(timeWords(unit))) member.seconds = time->toSeconds(member.seconds);
  }
  std::stable_sort(members.begin(), members.end(), [](const StackMember& a, const StackMember& b) { return a.seconds < b.seconds; });
  return {};
}

Result<Dim> joinedDim(const std::vector<StackMember>& members, const std::string& dim) {
  Dim joint{dim, 0, {}};
  Coordinate& c = joint.coordinate;
  c.kind = Coordinate::Kind::Values;
  const Dim* first = ownDim(members.front(), dim);
  c.unit = first != nullptr ? first->coordinate.unit : "datetime";
  std::vector<std::size_t> owners;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const Dim* own = ownDim(members[m], dim);
    if (own == nullptr) {
      ++joint.size;
      owners.push_back(m);
      c.values.push_back(members[m].seconds);
      c.labels.push_back(formatDatetime(members[m].seconds));
      continue;
    }
    joint.size += own->size;
    if (own->coordinate.kind == Coordinate::Kind::None) c.kind = Coordinate::Kind::None;
    const TimeShift shifted(own->coordinate.unit, c.unit);
    for (std::int64_t i = 0; i < own->size && c.kind != Coordinate::Kind::None; ++i) c.values.push_back(shifted(own->coordinate.at(i)));
    owners.resize(static_cast<std::size_t>(joint.size), m);
    c.labels.insert(c.labels.end(), own->coordinate.labels.begin(), own->coordinate.labels.end());
  }
  if (c.kind == Coordinate::Kind::None) c.values.clear();
  if (c.labels.size() != static_cast<std::size_t>(joint.size)) c.labels.clear();
  if (std::all_of(members.begin(), members.end(), [&](const StackMember& member) { return isOfNames(ownDim(member, dim)); }))
    return joinedNames(members, owners, std::move(joint));
  for (std::size_t i = 1; i < c.values.size(); ++i)
    if (!(c.values[i] > c.values[i - 1])) return disorder(members, owners, joint, i);
  return joint;
}

}  // namespace cubeloom
