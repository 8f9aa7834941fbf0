// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/neon_products.h"

#include <array>
#include <cmath>
#include <optional>

#include "engine/base/text.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

/// What stands at a path of the file.
const StoredVariable* at(const CfVariables& variables, const std::string& path) {
  const auto found = variables.find(path, "");
  return found ? &variables.at(*found) : nullptr;
}

std::string textAt(const CfVariables& variables, const std::string& path) {
  const StoredVariable* found = at(variables, path);
  return found != nullptr && found->texts.size() == 1 ? found->texts.front() : std::string();
}

/// The grid of a site by Map_Info, which is ENVI's map info: projection, reference pixel from 1 on, its x and y, the pixel's width and
/// height. The CRS stands beside it.
std::optional<GeoBox> neonGrid(const CfVariables& variables, const std::string& metadata, std::int64_t lines, std::int64_t samples) {
  const std::string place = metadata + "/Coordinate_System/";
  const std::vector<std::string> words = split(textAt(variables, place + "Map_Info"), ',');
  std::array<double, 6> numbers{};
  if (words.size() <= numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = parseNumber(trim(words[i + 1]));
    if (!number || !std::isfinite(*number)) return std::nullopt;
    numbers[i] = *number;
  }
  const auto [column, row, x, y, width, height] = numbers;
  if (!(width > 0) || !(height > 0)) return std::nullopt;
  auto crs = Crs::fromUser("EPSG:" + std::string(trim(textAt(variables, place + "EPSG Code"))));
  if (!crs) crs = Crs::fromUser(textAt(variables, place + "Coordinate_System_String"));
  return GeoBox(lines, samples, {width, 0, x - (column - 1) * width, 0, -height, y + (row - 1) * height}, crs.value_or(Crs()));
}

}  // namespace

void applyNeon(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes) {
  const StoredVariable& variable = variables.at(index);
  const bool isCube = variable.name == "Reflectance_Data" && spec.dims.size() == 3;
  const std::size_t end = isCube ? variable.group.size() : variable.group.find("/Metadata");
  if (end == std::string::npos || (!isCube && spec.dims.size() != 2)) return;
  const std::string site = variable.group.substr(0, end), metadata = site + "/Metadata";
  const StoredVariable* cube = at(variables, site + "/Reflectance_Data");
  if (cube == nullptr || cube->shape.size() != 3 || spec.dims[0].size != cube->shape[0] || spec.dims[1].size != cube->shape[1]) return;
  const auto grid = neonGrid(variables, metadata, cube->shape[0], cube->shape[1]);
  if (!grid) return;
  spec.dims[0].name = "y";
  spec.dims[1].name = "x";
  spec.yDim = 0;
  spec.xDim = 1;
  spec.setGeobox(*grid);
  std::erase_if(notes, [](const std::string& note) { return note.starts_with("no grid mapping") || note.starts_with("no coordinates"); });
  if (!grid->crs().isValid()) notes.emplace_back("NEON: the file's CRS is not understood: it is taken as unknown");
  if (!isCube) return;
  const auto numbersOf = [&](const char* name) {
    const auto found = variables.find(metadata + "/Spectral_Data/" + name, "");
    return found ? variables.numbers(*found) : std::vector<double>();
  };
  BandSpectra spectra;
  spectra.wavelengths = numbersOf("Wavelength");
  spectra.fwhm = numbersOf("FWHM");
  if (const StoredVariable* unit = at(variables, metadata + "/Spectral_Data/Wavelength"))
    spectra.unit = unit->text("Units").empty() ? "nm" : unit->text("Units");
  spec.dims[2] = spectralDim(spec.dims[2].size, spectra, {}, notes);
  const auto factor = variable.number("Scale_Factor");
  if (!factor || *factor == 0 || *factor == 1) return;
  spec.storedScale = StoredScale{1 / *factor, 0};
  notes.push_back("NEON: values are as stored; reflectance is value / " + formatNumber(*factor));
}

}  // namespace cubeloom
