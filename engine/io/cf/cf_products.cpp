// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_products.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/text.h"
#include "engine/io/cf/hdfeos_grids.h"
#include "engine/io/cf/neon_products.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

using Notes = std::vector<std::string>;

std::vector<double> numbersOf(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::vector<double>{} : found->second.numbers;
}

std::string textOf(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string() : found->second.text;
}

/// What setAxes() said of a place that is known now.
void forgetPlaceNotes(Notes& notes) {
  std::erase_if(notes, [](const std::string& note) {
    return note.starts_with("no grid mapping") || note.starts_with("no coordinates") || note.starts_with("longitudes and latitudes are");
  });
}

/// A file of a swath and of the tables that put it on an ortho grid, as EMIT's: the geotransform and CRS at its root belong to the tables.
void applyOrthoGrid(const Attributes& root, ArraySpec& spec, Notes& notes) {
  const std::vector<double> transform = numbersOf(root, "geotransform");
  if (transform.size() != 6) return;
  if (const int line = spec.indexOf("downtrack"), pixel = spec.indexOf("crosstrack"); line >= 0 && pixel >= 0 && !spec.isSpatial()) {
    spec.yDim = line;
    spec.xDim = pixel;
    spec.setGeobox(
        GeoBox(spec.dims[static_cast<std::size_t>(line)].size, spec.dims[static_cast<std::size_t>(pixel)].size, Affine{}, Crs()));
    notes.emplace_back("the swath is not put on the file's ortho grid: the grid is in pixels");
  }
  const int y = spec.indexOf("ortho_y"), x = spec.indexOf("ortho_x");
  const auto crs = Crs::fromUser(textOf(root, "spatial_ref"));
  if (y < 0 || x < 0 || !crs) return;
  const Affine affine = Affine::fromGeotransform({transform[0], transform[1], transform[2], transform[3], transform[4], transform[5]});
  if (!(affine.determinant() != 0)) return;
  spec.yDim = y;
  spec.xDim = x;
  spec.setGeobox(GeoBox(spec.dims[static_cast<std::size_t>(y)].size, spec.dims[static_cast<std::size_t>(x)].size, affine, *crs));
  forgetPlaceNotes(notes);
  notes.emplace_back("EMIT: the grid is the file's ortho grid");
}

/// The name of the grid that a variable lies in: "VNP_Grid_1km_2D" of "HDFEOS/GRIDS/VNP_Grid_1km_2D/Data Fields"; "" when in none.
std::string hdfEosGridName(const std::string& group) {
  const std::string kGrids = "HDFEOS/GRIDS/";
  if (!group.starts_with(kGrids)) return {};
  return group.substr(kGrids.size(), group.find('/', kGrids.size()) - kGrids.size());
}

/// The dims of a field by the grid's own list, which names those that HDF5 has no names for. False: the list is of another array.
bool nameGridDims(const HdfEosGrid& grid, const std::string& field, ArraySpec& spec) {
  std::vector<std::string> names;
  if (const auto found = grid.fields.find(field); found != grid.fields.end()) names = found->second;
  if (names.size() != spec.dims.size()) return false;
  const auto y = std::find(names.begin(), names.end(), "YDim"), x = std::find(names.begin(), names.end(), "XDim");
  if (y == names.end() || x == names.end()) return false;
  const auto yDim = static_cast<std::size_t>(y - names.begin()), xDim = static_cast<std::size_t>(x - names.begin());
  if (spec.dims[yDim].size != grid.rows || spec.dims[xDim].size != grid.cols) return false;
  for (std::size_t d = 0; d < names.size(); ++d)
    if (spec.dims[d].name.starts_with("phony_dim_") && spec.indexOf(names[d]) < 0) spec.dims[d].name = names[d];
  spec.yDim = static_cast<int>(yDim);
  spec.xDim = static_cast<int>(xDim);
  return true;
}

/// Fields of HDF-EOS5 grids: their place stands in a text of the file, whatever coordinates lie beside them.
void applyHdfEosGrid(const CfVariables& variables, const StoredVariable& variable, ArraySpec& spec, Notes& notes) {
  const std::string name = hdfEosGridName(variable.group);
  if (name.empty()) return;
  std::string structure;
  for (const StoredVariable& other : variables.file().variables())
    if (isStructureText(other) && !other.texts.empty()) structure += other.texts.front();
  for (const HdfEosGrid& grid : hdfEosGrids(structure)) {
    if (grid.name != name) continue;
    const std::optional<GeoBox> before = spec.geobox;
    if (!nameGridDims(grid, variable.name, spec)) return;
    if (!grid.affine) {
      notes.push_back("the HDF-EOS grid \"" + name + "\" does not tell its corners");
      return;
    }
    const GeoBox box(grid.rows, grid.cols, *grid.affine, grid.crs);
    forgetPlaceNotes(notes);
    notes.push_back("the grid is the HDF-EOS grid \"" + name + "\"");
    notes.insert(notes.end(), grid.notes.begin(), grid.notes.end());
    if (before && before->affine() != Affine{} &&
        (std::abs(before->affine().c - box.affine().c) > std::abs(box.affine().a) ||
         std::abs(before->affine().f - box.affine().f) > std::abs(box.affine().e)))
      notes.emplace_back("check the place: the file's coordinates of the grid's dims say another one, and are passed over");
    spec.setGeobox(box);
    return;
  }
}

/// Corner attributes are the centres of the corner pixels.
std::optional<GeoBox> prismaGrid(const Attributes& root, std::int64_t rows, std::int64_t cols) {
  const auto at = [&root](const char* name) {
    const auto numbers = numbersOf(root, std::string("Product_") + name);
    return numbers.empty() ? 0.0 : numbers.front();
  };
  const auto epsg = numbersOf(root, "Epsg_Code");
  if (epsg.empty() || rows < 2 || cols < 2) return std::nullopt;
  const auto crs = Crs::fromUser("EPSG:" + formatNumber(epsg.front()));
  const double west = at("ULcorner_easting"), north = at("ULcorner_northing");
  const double dx = (at("URcorner_easting") - west) / static_cast<double>(cols - 1);
  const double dy = (at("LLcorner_northing") - north) / static_cast<double>(rows - 1);
  if (!crs || !(dx > 0) || !(dy < 0)) return std::nullopt;
  return GeoBox(rows, cols, {dx, 0, west - dx / 2, 0, dy, north - dy / 2}, *crs);
}

void applyPrisma(const Attributes& root, const StoredVariable& variable, ArraySpec& spec, Notes& notes) {
  std::string part;
  if (variable.name.starts_with("VNIR_")) part = "Vnir";
  if (variable.name.starts_with("SWIR_")) part = "Swir";
  if (part.empty() || spec.dims.size() != 3 || !variable.group.ends_with("Data Fields")) return;
  spec.dims[0].name = "y";
  spec.dims[2].name = "x";
  spec.yDim = 0;
  spec.xDim = 2;
  const std::int64_t rows = spec.dims[0].size, cols = spec.dims[2].size;
  forgetPlaceNotes(notes);
  if (const auto grid = prismaGrid(root, rows, cols)) {
    spec.setGeobox(*grid);
  } else {
    spec.setGeobox(GeoBox(rows, cols, Affine{}, Crs()));
    notes.emplace_back(
        "PRISMA: the product has no corners in a map projection: the grid is in pixels, with longitudes and latitudes of each");
  }
  BandSpectra spectra;
  spectra.wavelengths = numbersOf(root, "List_Cw_" + part);
  spectra.fwhm = numbersOf(root, "List_Fwhm_" + part);
  spectra.good = numbersOf(root, "List_Cw_" + part + "_Flags");
  spectra.unit = "nm";
  spec.dims[1] = spectralDim(spec.dims[1].size, spectra, {}, notes);
  const auto unused = std::count(spectra.wavelengths.begin(), spectra.wavelengths.end(), 0.0);
  if (unused > 0) notes.push_back("PRISMA: " + std::to_string(unused) + " bands of wavelength 0 were not used by the sensor");
  const auto least = numbersOf(root, "L2Scale" + part + "Min"), most = numbersOf(root, "L2Scale" + part + "Max");
  if (variable.name.ends_with("_Cube") && !least.empty() && !most.empty()) {
    const double span = most.front() - least.front();
    spec.storedScale = StoredScale{span / 65535, least.front()};
    notes.push_back("PRISMA: values are as stored; reflectance is " + formatSignificant(least.front(), 8) + " + value * " +
                    formatSignificant(span, 8) + " / 65535");
  }
  const auto factor = numbersOf(root, "ScaleFactor_" + part), offset = numbersOf(root, "Offset_" + part);
  if (variable.name.ends_with("_Cube") && !spec.storedScale && !factor.empty() && factor.front() != 0) {
    const double less = offset.empty() ? 0 : offset.front();
    spec.storedScale = StoredScale{1 / factor.front(), -less};
    notes.push_back("PRISMA: values are as stored; radiance is value / " + formatSignificant(factor.front(), 8) + " - " +
                    formatSignificant(less, 8));
  }
}

}  // namespace

void applyProduct(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes) {
  const Attributes& root = variables.file().attributes("");
  if (textOf(root, "Product_ID").starts_with("PRS_L")) applyPrisma(root, variables.at(index), spec, notes);
  applyNeon(variables, index, spec, notes);
  applyOrthoGrid(root, spec, notes);
  applyHdfEosGrid(variables, variables.at(index), spec, notes);
}

}  // namespace cubeloom
