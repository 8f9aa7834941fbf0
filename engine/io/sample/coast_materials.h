// SPDX-License-Identifier: GPL-3.0-or-later
// The materials that the sample coast is mixed from, and their spectra.
#pragma once

#include <cstddef>

namespace cubeloom {

enum class CoastMaterial { Deep, Shelf, Shallow, Foam, WetSand, Sand, Crop, Trees, DryGrass, Soil, Char, Tile, PaleRoof, Asphalt, Cloud };
constexpr std::size_t kCoastMaterials = 15;

/// Reflectance, 0 to 1, linear between a few points.
double coastReflectance(CoastMaterial material, double nm);

}  // namespace cubeloom
