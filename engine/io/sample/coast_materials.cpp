// SPDX-License-Identifier: GPL-3.0-or-later
// What the sample coast is made of: reflectance in thousandths at thirty wavelengths. Drawn by hand after what is generally known of such
// spectra; no library's numbers.
#include "engine/io/sample/coast_materials.h"

#include <algorithm>
#include <iterator>

namespace cubeloom {

namespace {

constexpr std::size_t kPoints = 30;

constexpr double kNanometres[kPoints] = {370,  440,  480,  520,  560,  600,  650,  680,  700,  720,  750,  800,  860,  970,  1080,
                                         1200, 1280, 1380, 1450, 1550, 1650, 1750, 1820, 1930, 1980, 2100, 2200, 2300, 2400, 2510};

constexpr double kThousandths[kCoastMaterials][kPoints] = {
    // water far from the shore: blue, then absorbed
    {26, 28, 25, 19, 13, 7, 4, 4, 3, 2.5, 2, 1.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    // water of some metres: green
    {34, 44, 52, 58, 56, 34, 19, 15, 10, 6, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    // water over sand: turquoise, black from 1000 nm
    {70, 105, 130, 165, 175, 130, 92, 76, 52, 27, 15, 10, 6, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    // surf
    {430, 470, 480, 485, 485, 480, 470, 465, 460, 450, 440, 430, 415, 360, 350,
     290, 290, 150, 110, 120, 130, 100, 90,  40,  40,  60,  60,  45,  30,  25},
    // sand, darker where water absorbs
    {60,  81,  98,  119, 140, 162, 180, 187, 192, 197, 204, 212, 219, 208, 223,
     212, 217, 162, 119, 170, 191, 191, 174, 76,  94,  153, 162, 144, 119, 102},
    // dry sand: rises to the infrared
    {96,  148, 180, 216, 252, 284, 310, 320, 326, 332, 342, 354, 366, 376, 396,
     406, 416, 404, 388, 432, 448, 456, 448, 392, 404, 448, 452, 428, 404, 376},
    // leaves: green peak, red edge, infrared plateau, water at 1450 and 1940
    {28,  34,  38,  52, 96,  62,  44,  38,  105, 255, 440, 480, 492, 470, 490,
     430, 440, 280, 95, 205, 275, 230, 190, 55,  65,  120, 150, 100, 65,  45},
    // leaves with the shade between crowns
    {22, 28, 30, 40, 65, 48, 35, 31, 62, 135, 235, 262, 275, 262, 275, 232, 238, 150, 52, 105, 142, 118, 98, 30, 34, 60, 76, 52, 36, 26},
    // straw: no red edge, cellulose at 2100 and 2300
    {55,  92,  115, 148, 190, 232, 262, 272, 285, 300, 322, 348, 372, 395, 420,
     412, 425, 380, 310, 400, 430, 405, 390, 240, 260, 330, 310, 265, 235, 195},
    // clay at 2200
    {55,  78,  95,  118, 150, 182, 208, 218, 226, 234, 248, 268, 286, 312, 342,
     360, 372, 355, 325, 385, 402, 408, 402, 325, 345, 392, 348, 345, 328, 300},
    // burnt: dark, rising slowly
    {28, 32, 34, 37, 40, 44, 48, 50, 52, 54, 57, 62, 68, 80, 95, 110, 120, 125, 125, 150, 165, 172, 175, 160, 165, 190, 192, 190, 185, 180},
    // fired clay: red
    {75,  85,  95,  112, 150, 225, 285, 298, 305, 310, 318, 325, 330, 345, 365,
     382, 392, 395, 392, 410, 420, 425, 425, 410, 415, 425, 412, 405, 395, 385},
    // concrete
    {147, 239, 267, 285, 299, 308, 317, 322, 324, 326, 329, 335, 339, 342, 348,
     346, 350, 336, 317, 342, 346, 340, 333, 285, 294, 322, 313, 294, 276, 258},
    // asphalt: flat
    {70,  78,  84,  90,  96,  101, 106, 109, 111, 112, 115, 118, 122, 128, 135,
     141, 145, 146, 146, 154, 158, 161, 162, 158, 160, 166, 164, 162, 160, 158},
    // white, ice and vapour in the infrared
    {760, 800, 810, 815, 818, 818, 815, 812, 810, 808, 805, 800, 795, 760, 770,
     700, 705, 420, 330, 390, 440, 380, 340, 160, 170, 270, 290, 240, 190, 160},
};

}  // namespace

double coastReflectance(CoastMaterial material, double nm) {
  const double* points = kThousandths[static_cast<std::size_t>(material)];
  if (nm <= kNanometres[0]) return points[0] / 1000;
  const double* after = std::upper_bound(std::begin(kNanometres), std::end(kNanometres), nm);
  if (after == std::end(kNanometres)) return points[kPoints - 1] / 1000;
  const auto i = static_cast<std::size_t>(after - std::begin(kNanometres));
  const double part = (nm - kNanometres[i - 1]) / (kNanometres[i] - kNanometres[i - 1]);
  return (points[i - 1] + (points[i] - points[i - 1]) * part) / 1000;
}

}  // namespace cubeloom
