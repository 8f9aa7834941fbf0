// SPDX-License-Identifier: GPL-3.0-or-later
// resample_spectra: spectra as another sensor would have measured them.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/group_statistics.h"
#include "engine/op/knowledge/knowledge.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kSigmasOfFwhm = 2.3548200450309493;  // 2 sqrt(2 ln 2)
constexpr double kSigmas = 3;                         // where a Gaussian's tail ends: what lies beyond is 0.3 % of it

Declaration declaration() {
  Declaration d;
  d.title = "Resample spectra";
  d.summary = "Turns spectra into the bands of a sensor, or into those of another array.";
  d.help =
      "'sensor' is one of these: " + join(knownIds("sensors"), ", ") +
      "; your own go into ~/.local/share/cubeloom/knowledge/sensors.json, in the form of resources/knowledge/sensors.json. Or a second "
      "input says the bands: of it only wavelengths, fwhm and names are taken. gaussian is the mean of the array's bands, weighted by a "
      "Gaussian around the new band's centre whose width at half its height is the new band's fwhm; bands farther away than three standard "
      "deviations (1.27 fwhm) have no part. A new band that is farther than half its fwhm from every band of the array is nodata, which "
      "is "
      "said. The own widths of the array's bands do not count, so they should be narrower than the new ones. linear is between the two "
      "bands "
      "on both sides of the centre, and nodata outside of all. Bands that the file marks bad (bbl) do not count. A new band is nodata "
      "where "
      "a band that takes part is. The result is float32, float64 for types of more than 16 bits.";
  d.references = {"Barsi, J. A. et al. (2014): The spectral response of the Landsat-8 Operational Land Imager. doi:10.3390/rs61010232",
                  "https://www.spectralpython.net/class_func_ref.html#bandresampler"};
  d.example = "resample_spectra sensor=sentinel2a_msi";
  d.moreExamples = {"resample_spectra sensor=landsat8_oli method=linear"};
  d.noPython = "xarray does not know the bands of sensors";
  d.noGdal = "GDAL's programs do not know the wavelengths of bands";
  d.inputs = {{.name = "array", .help = "the spectra"},
              {.name = "bands", .help = "an array that has the new bands", .optional = true, .grid = Port::Grid::Any}};
  d.params = {{.name = "sensor", .help = "Whose bands: " + join(knownIds("sensors"), ", ") + "; none with a second input."},
              {.name = "method",
               .type = ParamType::Choice,
               .help = "Weights by a Gaussian of the new band's width, or between neighbouring bands.",
               .defaultTo = "gaussian",
               .choices = {"gaussian", "linear"}},
              dimParam()};
  d.keywords = {"convolve", "sensor", "spectral response", "simulate", "bands", "sentinel-2", "landsat", "modis", "fwhm", "band"};
  return d;
}

/// The bands of a known sensor.
Result<Coordinate> bandsOfSensor(const std::string& id) {
  const auto known = knowledge("sensors", "sensor");
  if (!known) return fail(known.error());
  const auto sensor = knownEntry((*known)["sensors"], id, "sensor");
  if (!sensor) return fail(sensor.error());
  Coordinate bands;
  bands.kind = Coordinate::Kind::Values;
  bands.unit = "nm";
  for (const Json& band : sensor->value("bands", Json::array())) {
    if (!band.is_array() || band.size() != 3 || !band[0].is_string() || !band[1].is_number() || !band[2].is_number())
      return invalidParameter("sensor", "sensor '" + id + "' has a band " + band.dump(), R"(write bands as ["B1", 442.7, 21])");
    bands.labels.push_back(band[0].get<std::string>());
    bands.values.push_back(band[1].get<double>());
    bands.aux["fwhm"].push_back(band[2].get<double>());
  }
  if (bands.values.empty()) return invalidParameter("sensor", "sensor '" + id + "' has no bands", R"(write bands as ["B1", 442.7, 21])");
  return bands;
}

/// Those of another array.
Result<Coordinate> bandsOfArray(const ArraySpec& other) {
  const int d = other.spectralDim();
  if (d < 0 || other.dims[static_cast<std::size_t>(d)].coordinate.unit != "nm")
    return fail(ErrorCode::GridMismatch, "the second input has no wavelengths", "its dims are " + dimList(other));
  const Dim& dim = other.dims[static_cast<std::size_t>(d)];
  Coordinate bands = dim.coordinate;
  bands.kind = Coordinate::Kind::Values;
  bands.values.clear();
  for (std::int64_t i = 0; i < dim.size; ++i) bands.values.push_back(dim.coordinate.at(i));
  std::erase_if(bands.aux, [](const auto& aux) { return aux.first != "fwhm"; });
  bands.colours.clear();
  return bands;
}

struct Band {
  std::size_t entry;
  double nm;
};

/// The bands that count, by their wavelengths.
std::vector<Band> goodBands(const Dim& dim) {
  const auto good = dim.coordinate.aux.find("good");
  std::vector<Band> bands;
  for (std::size_t i = 0; i < static_cast<std::size_t>(dim.size); ++i)
    if (good == dim.coordinate.aux.end() || good->second[i] != 0) bands.push_back({i, dim.coordinate.at(static_cast<std::int64_t>(i))});
  std::stable_sort(bands.begin(), bands.end(), [](const Band& a, const Band& b) { return a.nm < b.nm; });
  return bands;
}

/// Without entries where the array has too little around the new band.
WeightedEntries byGaussian(const std::vector<Band>& bands, double centre, double fwhm) {
  WeightedEntries row;
  const double sigma = fwhm / kSigmasOfFwhm;
  double sum = 0, nearest = INFINITY;
  for (const Band& band : bands) {
    const double off = std::abs(band.nm - centre);
    if (!(off <= kSigmas * sigma)) continue;
    nearest = std::min(nearest, off);
    row.entries.push_back(band.entry);
    row.weights.push_back(std::exp(-0.5 * (off / sigma) * (off / sigma)));
    sum += row.weights.back();
  }
  if (nearest > fwhm / 2) return {};
  for (double& weight : row.weights) weight /= sum;
  return row;
}

WeightedEntries byLine(const std::vector<Band>& bands, double centre) {
  const auto after = std::find_if(bands.begin(), bands.end(), [centre](const Band& band) { return band.nm >= centre; });
  if (after == bands.end()) return {};
  if (after->nm == centre) return {0, {1.0}, {after->entry}};
  if (after == bands.begin()) return {};
  const Band& before = *(after - 1);
  const double part = (centre - before.nm) / (after->nm - before.nm);
  return {0, {1 - part, part}, {before.entry, after->entry}};
}

/// "B9 (945.1 nm)"
std::string bandText(const Coordinate& bands, std::size_t k) {
  const std::string nm = formatNumber(bands.values[k]) + " nm";
  return bands.labels.empty() || bands.labels[k].empty() ? nm : bands.labels[k] + " (" + nm + ")";
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input, const Coordinate& bands) {
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*d)];
  if (along.coordinate.unit != "nm")
    return invalidParameter("dim", "the entries of '" + along.name + "' have no wavelengths", "say them with assign_coords unit=nm");
  if (input.isClasses()) return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes: they have no mean");
  if (input.scaledDim() == *d)
    return fail(ErrorCode::UnsupportedType, "each band of the array is stored with a scale of its own", "decode them before with unscale");
  const bool isGaussian = params.choice("method") == "gaussian";
  const auto widths = bands.aux.find("fwhm");
  if (isGaussian &&
      (widths == bands.aux.end() || !std::all_of(widths->second.begin(), widths->second.end(), [](double width) { return width > 0; })))
    return invalidParameter("method", "the new bands have no widths (fwhm)", "take method=linear");
  const std::vector<Band> good = goodBands(along);
  std::vector<WeightedEntries> rows;
  std::vector<std::string> without;
  for (std::size_t k = 0; k < bands.values.size(); ++k) {
    rows.push_back(isGaussian ? byGaussian(good, bands.values[k], widths->second[k]) : byLine(good, bands.values[k]));
    if (rows.back().weights.empty()) without.push_back(bandText(bands, k));
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  if (without.size() == rows.size())
    return invalidParameter("dim",
                            good.empty() ? std::string("the file marks all bands bad")
                                         : "the array's bands, " + formatNumber(good.front().nm) + " to " + formatNumber(good.back().nm) +
                                               " nm, are near none of the new ones",
                            "look at the wavelengths with info");
  AlongDim result;
  result.dim = *d;
  if (!without.empty()) {
    constexpr std::size_t kMostNamed = 6;
    const std::size_t named = std::min(without.size(), kMostNamed);
    result.warnings.push_back("the array has too few bands for " +
                              join(std::vector<std::string>(without.begin(), without.begin() + static_cast<std::ptrdiff_t>(named)), ", ") +
                              (named < without.size() ? " and " + std::to_string(without.size() - named) + " more" : std::string()) +
                              (without.size() == 1 ? ": it is nodata" : ": they are nodata"));
  }
  result.spec = input;
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  CUBELOOM_TRY(replaceDim(result.spec, *d, {"wavelength", count, bands}));
  result.kernel = weightedSums(std::move(rows));
  result.summary = params.choice("method") + " · " + formatCount(count) + " bands";
  return result;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const std::string sensor(trim(params.text("sensor")));
  if (sensor.empty() == (inputs.size() < 2))
    return invalidParameter("sensor", "the new bands are those of a sensor, or of a second input",
                            "give one of them; known sensors are " + join(knownIds("sensors"), ", "));
  const auto bands = sensor.empty() ? bandsOfArray(inputs[1]) : bandsOfSensor(sensor);
  if (!bands) return fail(bands.error());
  auto made = describe(params, inputs[0], *bands);
  if (!made) return fail(made.error());
  return bindAlongDim(inputs[0], std::move(*made));
}

}  // namespace

CUBELOOM_OPERATION(resample_spectra) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
