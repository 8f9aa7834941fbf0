// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/longitudes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/array/cell_bounds.h"
#include "engine/base/text.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

constexpr double kCircle = 360;
constexpr double kEvenWithin = 1e-3;  // of a step
constexpr double kRounding = 4e-15;   // of a circle: what adding one may cost

/// A part of the axis, whose longitudes are asked for as `turn` more than they are.
struct Part {
  double turn = 0;
  std::vector<std::int64_t> entries;
};

bool isDegreesEast(const std::string& unit) {
  static constexpr std::array<const char*, 4> kSpellings{"degrees_east", "degree_east", "degrees_E", "degree_E"};
  return std::find(kSpellings.begin(), kSpellings.end(), unit) != kSpellings.end();
}

/// Hangs the part one turn further behind `all`, each place once; false where it does not continue an even axis.
bool append(const Dim& dim, double period, const Part& next, Part& all) {
  const Coordinate& c = dim.coordinate;
  const double step = c.kind == Coordinate::Kind::Regular ? std::abs(c.step) : 0, slack = kEvenWithin * step;
  const double onwards = c.at(dim.size - 1) < c.at(0) ? -1 : 1;
  const double first = c.at(all.entries.front()) + all.turn, last = c.at(all.entries.back()) + all.turn;
  bool isNext = true;
  for (const std::int64_t entry : next.entries) {
    const double place = c.at(entry) + next.turn;
    const double ahead = onwards * (place - last);
    if (ahead <= slack) continue;                          // an axis that ends with meridians it begins with
    if (std::abs(place - first) >= period - slack) break;  // gone all round
    if (isNext && step > 0 && std::abs(ahead - step) > slack) return false;
    isNext = false;
    all.entries.push_back(entry);
  }
  return true;
}

}  // namespace

std::optional<double> periodAlong(const ArraySpec& spec, int d) {
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  const bool isGridLongitude = spec.geobox && d == spec.xDim && spec.geobox->isAxisAligned() && spec.geobox->crs().isGeographic() &&
                               spec.geobox->crs().unitName() == "degree";
  return isGridLongitude || isDegreesEast(dim.coordinate.unit) ? std::optional(kCircle) : std::nullopt;
}

Result<DimSelection> entriesRound(const Dim& dim, double period, double low, double high, const char* parameter,
                                  const std::function<std::vector<std::int64_t>(double low, double high)>& entriesIn) {
  const auto isWhole = [&dim](const std::vector<std::int64_t>& entries) { return static_cast<std::int64_t>(entries.size()) == dim.size; };
  const auto selection = [](Part part) {
    DimSelection chosen{IndexSet::list(std::move(part.entries)), false, {}};
    if (part.turn != 0 || !chosen.indices.isRange()) chosen.turn = part.turn;
    return chosen;
  };
  Part own{0, entriesIn(low, high)};
  // An interval of two circles has no convention of its own.
  if (isWhole(own.entries) || !(high - low < 2 * period)) return selection(std::move(own));
  // Of more than two parts the middle one would be the whole axis.
  std::vector<Part> parts;
  const Coordinate& c = dim.coordinate;
  const double ascending = c.at(dim.size - 1) < c.at(0) ? -1 : 1, slack = kRounding * period;
  for (const double turn : {-ascending * period, 0.0, ascending * period}) {
    Part part{turn, turn == 0 ? own.entries : entriesIn(low - turn - slack, high - turn + slack)};
    if (isWhole(part.entries)) return selection(std::move(part));
    if (!part.entries.empty()) parts.push_back(std::move(part));
  }
  if (parts.empty()) return DimSelection{};
  if (parts.size() == 1) return selection(std::move(parts.front()));
  if (append(dim, period, parts.back(), parts.front())) return selection(std::move(parts.front()));
  if (high - low >= period) return DimSelection{IndexSet::all(dim.size), false, {}};
  return invalidParameter(parameter,
                          "longitudes from " + formatNumber(low) + " to " + formatNumber(high) + " lie at both ends of '" + dim.name +
                              "', which runs from " + formatNumber(c.at(0)) + " to " + formatNumber(c.at(dim.size - 1)) +
                              " and does not go on evenly from there",
                          "take the part at either end by itself, or both with reproject bounds=, which fills what lies between");
}

ArraySpec selectRound(const ArraySpec& input, const Region& chosen, int d, double turn) {
  const auto at = static_cast<std::size_t>(d);
  ArraySpec out = input.select(chosen);
  Coordinate& c = out.dims[at].coordinate;
  const Coordinate& from = input.dims[at].coordinate;
  if (turn != 0 || !chosen[at].isContiguous()) dropCellBounds(c);
  if (from.kind == Coordinate::Kind::Regular) {
    c.kind = Coordinate::Kind::Regular;
    c.values.clear();
    c.start = from.at(chosen[at].first()) + turn;
    c.step = from.step;
  } else {
    const double period = from.at(input.dims[at].size - 1) < from.at(0) ? -kCircle : kCircle;
    for (std::int64_t i = 0; i < chosen[at].count(); ++i) {
      if (i > 0 && chosen[at].at(i) < chosen[at].at(i - 1)) turn += period;
      c.values[static_cast<std::size_t>(i)] += turn;
    }
  }
  if (!input.geobox || d != input.xDim || !chosen[static_cast<std::size_t>(input.yDim)].isRange()) return out;
  const IndexSet& rows = chosen[static_cast<std::size_t>(input.yDim)];
  const GeoBox grid = input.geobox->strided(rows.first(), rows.step(), rows.count(), chosen[at].first(), 1, chosen[at].count());
  Affine affine = grid.affine();
  affine.c += turn;
  out.yDim = input.yDim;
  out.xDim = input.xDim;
  out.setGeobox(GeoBox(grid.rows(), grid.cols(), affine, grid.crs()));
  for (const int side : {out.yDim, out.xDim})
    out.dims[static_cast<std::size_t>(side)].coordinate.type = input.dims[static_cast<std::size_t>(side)].coordinate.type;
  return out;
}

}  // namespace cubeloom
