// SPDX-License-Identifier: GPL-3.0-or-later
// stack: one-band rasters as the bands of one cube.
#include "engine/base/text.h"
#include "engine/op/family/joined.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Stack bands";
  d.summary = "Makes rasters the bands of one cube, with their names and wavelengths.";
  d.help =
      "Each input has one band or several; all lie on one grid. Bands are called by 'names', else as their files name them. With "
      "'wavelengths' the dim is 'wavelength', in nm, and index, calc nm() and spectra find the bands by them. Types and nodata values that "
      "differ are joined as concat does.";
  d.references = {"https://gdal.org/en/stable/programs/gdalbuildvrt.html"};
  d.example = "stack";
  d.noPython = "the names are those of the files, which the expression does not know";
  d.noGdal = "gdalbuildvrt -separate takes the files themselves";
  d.keywords = {"layer stack", "bands", "composite", "merge", "sentinel-2", "landsat", "hls"};
  d.inputs = {{.name = "array"}, {.name = "others", .help = "The bands that come behind it, in this order.", .many = true}};
  d.params = {
      {.name = "names", .help = "One name for each band, behind commas."},
      {.name = "wavelengths", .type = ParamType::Numbers, .help = "One for each band.", .unit = "nm", .minimum = 1, .maximum = 1e6}};
  return d;
}

/// The array with a dim of bands: it keeps the one it has.
ArraySpec withBands(ArraySpec spec, const std::string& dim) {
  const int d = spec.spectralDim();
  if (d >= 0) spec.dims[static_cast<std::size_t>(d)].name = dim;
  return spec;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const bool hasWavelengths = params.has("wavelengths");
  const std::string dim = hasWavelengths ? "wavelength" : "band";
  std::vector<ArraySpec> bands;
  Coordinate entries;
  for (const ArraySpec& input : inputs) {
    bands.push_back(withBands(input, dim));
    const int d = bands.back().indexOf(dim);
    const std::int64_t count = d < 0 ? 1 : bands.back().dims[static_cast<std::size_t>(d)].size;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto* labels = d < 0 ? nullptr : &bands.back().dims[static_cast<std::size_t>(d)].coordinate.labels;
      const bool isNamed = labels && !labels->empty() && !(*labels)[static_cast<std::size_t>(i)].empty();
      entries.labels.push_back(isNamed ? (*labels)[static_cast<std::size_t>(i)]
                                       : input.variable + (count > 1 ? " " + std::to_string(i + 1) : std::string()));
    }
  }
  if (const std::string names = params.text("names"); !trim(names).empty()) {
    entries.labels.clear();
    for (const std::string& name : split(names, ',')) entries.labels.emplace_back(trim(name));
  }
  if (hasWavelengths) {
    entries.kind = Coordinate::Kind::Values;
    entries.values = params.numbers("wavelengths");
    entries.unit = "nm";
    if (entries.values.size() != entries.labels.size())
      return invalidParameter(
          "wavelengths", std::to_string(entries.values.size()) + " wavelengths for " + std::to_string(entries.labels.size()) + " bands",
          "give one for each");
  } else {
    entries.kind = Coordinate::Kind::Regular;
    entries.start = 1;
  }
  return bindJoined(bands, dim, entries, join(entries.labels, ", "));
}

}  // namespace

CUBELOOM_OPERATION(stack) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
