// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's GTiff and ENVI drivers asked for headers only.
#include "engine/io/gdal/sink_template.h"

#include <array>
#include <cmath>

#include "engine/base/text.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

constexpr const char* kAreaOrPoint = "AREA_OR_POINT";

Failure gridRefused(const char* format, const std::string& why) {
  return invalidParameter("format", std::string(format) + " cannot hold this grid: " + why,
                          "reproject to another grid or CRS, or write another format");
}

/// The header that GDAL makes of `request`, which knows the type and the bands, on the grid of `spec`.
Result<GdalHeader> headerOf(const char* format, GdalHeaderRequest request, const ArraySpec& spec) {
  const auto gdal = gdalService(ErrorCode::WriteFailed);
  if (!gdal) return fail(gdal.error());
  if (spec.geobox) {
    request.geotransform = spec.geobox->affine().geotransform();
    if (spec.geobox->crs().isValid()) request.crs = spec.geobox->crs().wkt();
  }
  auto header = (*gdal)->makeHeader(request);
  if (!header) return gdalFailure(ErrorCode::Internal, {}, "GDAL made no " + std::string(format) + " header", header.error());
  if (header->refusal) return gridRefused(format, gdalFailure(ErrorCode::Internal, {}, "GDAL refuses", *header->refusal).value().message);
  return std::move(*header);
}

/// A TIFF's colour map is that of its only band, of 8 or 16 bits.
bool takesColours(const ArraySpec& spec, const RasterLayout& layout) {
  return !spec.classColours.empty() && layout.bands == 1 && (spec.type == PixelType::UInt8 || spec.type == PixelType::UInt16);
}

/// What the source says that a band is, else its name.
std::string colourOf(const BandFacts& band) { return band.colour.empty() ? toLower(band.name) : band.colour; }

bool isColourPicture(const std::vector<BandFacts>& bands) {
  constexpr std::array<const char*, 3> kColours{"red", "green", "blue"};
  if (bands.size() < 3 || bands.size() > 4) return false;
  for (std::size_t i = 0; i < kColours.size(); ++i)
    if (colourOf(bands[i]) != kColours[i]) return false;
  return bands.size() == 3 || colourOf(bands[3]) == "alpha";
}

GdalHeaderRequest::Band headerBand(const BandFacts& facts, const std::string& wavelengthUnit, const std::string& unit) {
  GdalHeaderRequest::Band band{facts.name, unit, facts.colour, {}, {}};
  const auto set = [&band](const char* key, const std::string& value, const char* domain = "") {
    band.items.push_back({key, value, domain});
  };
  if (facts.wavelength) {
    set("wavelength", formatNumber(*facts.wavelength));
    set("wavelength_units", wavelengthUnitName(wavelengthUnit));
    // Where GDAL 3.10 and later look, in micrometres.
    if (wavelengthUnit == "nm") set("CENTRAL_WAVELENGTH_UM", formatSignificant(*facts.wavelength / 1000, 12), "IMAGERY");
  }
  if (facts.fwhm) {
    set("fwhm", formatNumber(*facts.fwhm));
    if (wavelengthUnit == "nm") set("FWHM_UM", formatSignificant(*facts.fwhm / 1000, 12), "IMAGERY");
  }
  if (facts.good) set("bbl", formatNumber(*facts.good));
  if (facts.scale) band.scale = {facts.scale->factor, facts.scale->offset};
  for (const auto& [name, value] : facts.coordinates) set(name.c_str(), value);
  return band;
}

/// Keys that say how a file is laid out: the writer's, never the source's.
bool isStructural(const std::string& key) {
  for (const char* own : {kAreaOrPoint, "INTERLEAVE", "COMPRESSION", "PREDICTOR", "LAYOUT", "OVERVIEW_RESAMPLING"})
    if (toLower(key) == toLower(own)) return true;
  return key.empty() || key.find('=') != std::string::npos;
}

/// "UTM, 1, 1, 717720, ..." with the origin and pixel sizes at full precision, which GDAL cuts to 15 digits.
std::string withExactLocation(const std::string& line, const Affine& m) {
  const std::size_t open = line.find('{'), close = line.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return line;
  std::vector<std::string> fields = split(std::string_view(line).substr(open + 1, close - open - 1), ',');
  if (fields.size() < 7) return line;
  fields[3] = " " + formatNumber(m.c);
  fields[4] = " " + formatNumber(m.f);
  fields[5] = " " + formatNumber(std::hypot(m.a, m.b));
  fields[6] = " " + formatNumber(std::hypot(m.d, m.e));
  return line.substr(0, open + 1) + join(fields, ",") + "}";
}

bool isNear(double a, double b, double scale) { return std::abs(a - b) <= 1e-9 * scale; }

}  // namespace

Result<std::vector<std::byte>> tiffTemplate(const SinkRequest& request, const RasterLayout& layout) {
  const ArraySpec& spec = request.spec;
  const std::vector<BandFacts> bands = bandFacts(spec, layout);
  GdalHeaderRequest asked;
  asked.driver = "GTiff";
  asked.suffixes = {".tif", ".tif.aux.xml"};
  asked.options = {"INTERLEAVE=BAND", "SPARSE_OK=YES", "BIGTIFF=NO", "ENDIANNESS=LITTLE"};
  asked.options.emplace_back(takesColours(spec, layout) ? "PHOTOMETRIC=PALETTE"
                             : isColourPicture(bands)   ? "PHOTOMETRIC=RGB"
                                                        : "PHOTOMETRIC=MINISBLACK");
  asked.options.emplace_back(isColourPicture(bands) && bands.size() == 4 ? "ALPHA=YES" : "ALPHA=NO");
  if (spec.type == PixelType::Int8) asked.options.emplace_back("PIXELTYPE=SIGNEDBYTE");
  asked.type = spec.type;
  const std::map<std::string, std::string> places = placeTexts(spec);
  for (const auto* items : {&spec.attributes, &places, &request.metadata})
    for (const auto& [key, value] : *items)
      if (!isStructural(key)) asked.items.push_back({key, value, {}});
  // Values at points, of which a geotransform has the pixels around them all the same.
  if (const auto place = spec.attributes.find(kAreaOrPoint); place != spec.attributes.end() && toLower(place->second) == "point")
    asked.items.push_back({kAreaOrPoint, "Point", {}});
  const std::string wavelengthUnit = wavelengthUnitOf(spec);
  for (const BandFacts& band : bands) asked.bands.push_back(headerBand(band, wavelengthUnit, spec.unit));
  if (takesColours(spec, layout)) asked.colours = spec.classColours;
  asked.nodata = spec.nodata;
  auto header = headerOf("GeoTIFF", std::move(asked), spec);
  if (!header) return fail(std::move(header.error()));
  return std::move(header->files.front());
}

Result<std::vector<std::string>> enviGridLines(const ArraySpec& spec) {
  std::vector<std::string> lines;
  if (!spec.geobox) return lines;
  GdalHeaderRequest asked;
  asked.driver = "ENVI";
  asked.suffixes = {".img", ".hdr", ".img.aux.xml"};
  asked.bands.resize(1);
  asked.isReadBack = true;
  const auto header = headerOf("ENVI", std::move(asked), spec);
  if (!header) return fail(header.error());

  const Affine& m = spec.geobox->affine();
  const std::array<double, 6> wanted = m.geotransform();
  const double side = std::max(std::hypot(m.a, m.d), std::hypot(m.b, m.e));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double scale = i % 3 == 0 ? std::max(std::abs(wanted[i]), side) : side;
    if (!isNear(header->readBack[i], wanted[i], scale)) return gridRefused("ENVI", "its rows and columns are sheared or mirrored");
  }

  const std::vector<std::byte>& bytes = header->files[1];
  for (const std::string& line : split(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), '\n')) {
    if (line.starts_with("map info")) lines.push_back(withExactLocation(line, m));
    if (line.starts_with("projection info") || line.starts_with("coordinate system string")) lines.push_back(line);
  }
  return lines;
}

}  // namespace cubeloom
