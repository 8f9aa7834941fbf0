// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/whole_turn.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cubeloom {
namespace {

constexpr double kTurn = 360;
constexpr double kWhole = 1e-3;        // of a column, by which a turn may miss a whole number of columns
constexpr std::size_t kSamples = 360;  // along a parallel
constexpr double kFarApart = 0.25;     // of the parallel's extent on the map
constexpr int kBisections = 40;
constexpr double kDigits = 1e7;  // per degree: a meridian to a centimetre

struct Place {
  double x = 0, y = 0;
};

double distance(const Place& a, const Place& b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

bool hasLongitudes(const GeoBox& grid) { return grid.isAxisAligned() && grid.crs().isGeographic() && grid.crs().unitName() == "degree"; }

std::optional<std::int64_t> columnsRound(const GeoBox& grid) {
  if (!hasLongitudes(grid)) return std::nullopt;
  const double columns = kTurn / grid.pixelWidth(), whole = std::round(columns);
  if (!(whole >= 1 && whole <= static_cast<double>(grid.cols())) || std::abs(columns - whole) > kWhole) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

GeoBox onceRound(const GeoBox& grid, double west) {
  Affine affine = grid.affine();
  affine.c = affine.a > 0 ? west : west + kTurn;
  return {grid.rows(), *columnsRound(grid), affine, grid.crs()};
}

std::optional<double> cutMeridian(const Transformer& toMap, double latitude) {
  const auto onMap = [&toMap, latitude](double longitude) {
    Place place{longitude, latitude};
    toMap.forward(&place.x, &place.y, 1);
    return place;
  };
  std::array<Place, kSamples + 1> places;
  const auto longitudeOf = [](std::size_t k) { return -kTurn / 2 + kTurn * (static_cast<double>(k) + 0.5) / kSamples; };
  for (std::size_t k = 0; k < places.size(); ++k) {
    places[k] = onMap(longitudeOf(k));
    if (!std::isfinite(places[k].x) || !std::isfinite(places[k].y)) return std::nullopt;
  }
  const auto [left, right] = std::minmax_element(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.x < b.x; });
  const auto [low, high] = std::minmax_element(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.y < b.y; });
  const double farApart = kFarApart * std::max(right->x - left->x, high->y - low->y);
  std::optional<std::size_t> before;
  for (std::size_t k = 0; k < kSamples; ++k) {
    if (distance(places[k], places[k + 1]) <= farApart) continue;
    if (before) return std::nullopt;
    before = k;
  }
  if (!before) return std::nullopt;
  double west = longitudeOf(*before), east = west + kTurn / kSamples;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (west + east) / 2;
    (distance(onMap(middle), places[*before]) <= farApart ? west : east) = middle;
  }
  const double meridian = std::round((west + east) / 2 * kDigits) / kDigits;
  return meridian >= kTurn / 2 ? meridian - kTurn : meridian;
}

bool isCutBy(const GeoBox& grid, double meridian) {
  const Bounds extent = grid.bounds();
  const double slack = kWhole * grid.pixelWidth();
  return meridian + kTurn * std::ceil((extent.xmin + slack - meridian) / kTurn) < extent.xmax - slack;
}

}  // namespace cubeloom
