// SPDX-License-Identifier: GPL-3.0-or-later
// A coast that looks like a place and is known in closed form: what lies at a point, and what a sensor sees of it on a date.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/io/sample/coast_materials.h"

namespace cubeloom {

/// What covers the ground once the fire has been; on the dates before it, what is Burnt then is vegetation.
enum class CoastCover : std::uint8_t { None, Water, Beach, Field, Forest, Grass, Village, Burnt };

/// A point on a date: its materials, which sum to 1, under light and clouds. What is seen is
/// light * sum(amount * spectrum) * (1 - cloud) + cloudTone * cloud * spectrum of a cloud.
struct CoastPoint {
  std::array<double, kCoastMaterials> amount{};
  double light = 1;
  double cloud = 0, cloudTone = 0;  ///< how much of the pixel clouds cover, and how bright they are
  double shadow = 0;                ///< how much of the sun they take
  CoastCover cover = CoastCover::None;
};

/// The grid is that of the SHIFT mosaics: EPSG:32610, 5 m, 13,739 samples by 12,023 lines, 13 dates of 2022.
namespace coast {

inline constexpr std::int64_t kLeft = 717720, kTop = 3865865, kPixel = 5;
inline constexpr std::int64_t kLines = 12023, kSamples = 13739;
inline constexpr int kDates = 13;
inline constexpr int kBurnDate = 5;  ///< the first one after the fire

/// "20220224"; `date` counts from 0.
std::string dateText(int date);
/// The sum of CoastPoint for a spectrum per material, as at() of spectra() gives them.
double seen(const CoastPoint& point, const std::array<double, kCoastMaterials>& reflectances);
/// The reflectance of each material at each of `wavelengths` (nm).
std::vector<std::array<double, kCoastMaterials>> spectra(const std::vector<double>& wavelengths);
/// `x` metres east of kLeft and `y` south of kTop.
CoastPoint pointAt(double x, double y, int date);
/// The centre of a pixel.
inline CoastPoint pixelAt(std::int64_t line, std::int64_t sample, int date) {
  return pointAt((static_cast<double>(sample) + 0.5) * kPixel, (static_cast<double>(line) + 0.5) * kPixel, date);
}

/// A field of one crop, as its corners in metres east of kLeft and south of kTop.
struct Field {
  double x[4], y[4];
  int crop = 0;
  double centreX = 0, centreY = 0;
};
/// The fields of a cell of their lattice; none where there is no farmland.
std::vector<Field> fieldsOfCell(double column, double row);
/// The cell at a point.
std::array<double, 2> fieldCellAt(double x, double y);
const char* cropName(int crop);

}  // namespace coast

}  // namespace cubeloom
