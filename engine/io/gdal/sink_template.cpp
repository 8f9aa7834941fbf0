// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's GTiff and ENVI drivers asked for headers only.
#include "engine/io/gdal/sink_template.h"

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>

#include "engine/base/text.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/gdal_types.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

/// GDAL without side files in this thread; its complaints kept.
class QuietGdal {
 public:
  QuietGdal() {
    registerSinkDrivers();
    CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "NO");
  }
  ~QuietGdal() { CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", nullptr); }
  QuietGdal(const QuietGdal&) = delete;
  QuietGdal& operator=(const QuietGdal&) = delete;
  Failure failure(const std::string& what) const { return m_errors.failure(ErrorCode::Internal, {}, what); }
  std::string reason() const { return failure("GDAL refuses").value().message; }

 private:
  GdalErrorScope m_errors;
};

/// A name in GDAL's memory file system; what lies there goes with it.
class MemoryFile {
 public:
  explicit MemoryFile(std::vector<std::string> suffixes) : m_suffixes(std::move(suffixes)) {
    static std::atomic<unsigned> next{0};
    m_stem = "/vsimem/cubeloom_sink_" + std::to_string(next++);
  }
  ~MemoryFile() {
    for (const std::string& suffix : m_suffixes) VSIUnlink((m_stem + suffix).c_str());
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string name(std::size_t i) const { return m_stem + m_suffixes[i]; }
  std::vector<std::byte> bytes(std::size_t i) const {
    vsi_l_offset length = 0;
    const GByte* data = VSIGetMemFileBuffer(name(i).c_str(), &length, FALSE);
    const auto* first = reinterpret_cast<const std::byte*>(data);
    return data ? std::vector<std::byte>(first, first + length) : std::vector<std::byte>{};
  }

 private:
  std::vector<std::string> m_suffixes;
  std::string m_stem;
};

Failure gridRefused(const char* format, const std::string& why) {
  return invalidParameter("format", std::string(format) + " cannot hold this grid: " + why,
                          "reproject to another grid or CRS, or write another format");
}

/// Sets transform and CRS; false with GDAL's reason pending when it refuses.
bool setGrid(GDALDatasetH dataset, const GeoBox& box) {
  std::array<double, 6> transform = box.affine().geotransform();
  if (GDALSetGeoTransform(dataset, transform.data()) != CE_None) return false;
  if (!box.crs().isValid()) return true;
  OGRSpatialReferenceH crs = OSRNewSpatialReference(nullptr);
  std::string wkt = box.crs().wkt();
  char* text = wkt.data();
  bool done = OSRImportFromWkt(crs, &text) == OGRERR_NONE;
  OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
  done = done && GDALSetSpatialRef(dataset, crs) == CE_None;
  OSRRelease(crs);
  return done;
}

/// A TIFF's colour map is that of its only band, of 8 or 16 bits.
bool takesColours(const ArraySpec& spec, const RasterLayout& layout) {
  return spec.isClasses() && layout.bands == 1 && (spec.type == PixelType::UInt8 || spec.type == PixelType::UInt16);
}

void setColours(GDALRasterBandH band, const ArraySpec& spec) {
  GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
  for (std::size_t i = 0; i < spec.classColours.size(); ++i) {
    const auto [red, green, blue, opacity] = spec.classColours[i];
    const GDALColorEntry entry{red, green, blue, opacity};
    GDALSetColorEntry(table, static_cast<int>(i), &entry);
  }
  GDALSetRasterColorTable(band, table);
  GDALDestroyColorTable(table);
}

bool isColourPicture(const std::vector<BandFacts>& bands) {
  constexpr std::array<const char*, 3> kColours{"red", "green", "blue"};
  if (bands.size() < 3 || bands.size() > 4) return false;
  for (std::size_t i = 0; i < kColours.size(); ++i)
    if (toLower(bands[i].name) != kColours[i]) return false;
  return bands.size() == 3 || toLower(bands[3].name) == "alpha";
}

void setNodata(GDALRasterBandH band, PixelType type, double nodata) {
  if (type == PixelType::Int64) {
    GDALSetRasterNoDataValueAsInt64(band, convertPixel<std::int64_t>(nodata));
  } else if (type == PixelType::UInt64) {
    GDALSetRasterNoDataValueAsUInt64(band, convertPixel<std::uint64_t>(nodata));
  } else {
    GDALSetRasterNoDataValue(band, nodata);
  }
}

void setBandFacts(GDALRasterBandH band, const BandFacts& facts, const std::string& wavelengthUnit) {
  if (!facts.name.empty()) GDALSetDescription(band, facts.name.c_str());
  const auto set = [band](const char* key, const std::string& value, const char* domain = nullptr) {
    GDALSetMetadataItem(band, key, value.c_str(), domain);
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
  if (facts.scale) {
    GDALSetRasterScale(band, facts.scale->factor);
    GDALSetRasterOffset(band, facts.scale->offset);
  }
  for (const auto& [name, value] : facts.coordinates) set(name.c_str(), value);
}

/// Keys that say how a file is laid out or where its pixels' corners are: the writer's, never the source's.
bool isStructural(const std::string& key) {
  for (const char* own : {"AREA_OR_POINT", "INTERLEAVE", "COMPRESSION", "PREDICTOR", "LAYOUT", "OVERVIEW_RESAMPLING"})
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
  const QuietGdal quiet;
  const MemoryFile file({".tif", ".tif.aux.xml"});
  char** options = nullptr;
  const auto set = [&options](const char* key, const char* value) { options = CSLSetNameValue(options, key, value); };
  set("INTERLEAVE", "BAND");
  set("SPARSE_OK", "YES");
  set("BIGTIFF", "NO");
  set("ENDIANNESS", "LITTLE");
  set("PHOTOMETRIC", takesColours(spec, layout) ? "PALETTE" : isColourPicture(bands) ? "RGB" : "MINISBLACK");
  set("ALPHA", isColourPicture(bands) && bands.size() == 4 ? "YES" : "NO");
  if (spec.type == PixelType::Int8) set("PIXELTYPE", "SIGNEDBYTE");
  GDALDatasetH dataset =
      GDALCreate(GDALGetDriverByName("GTiff"), file.name(0).c_str(), 1, 1, static_cast<int>(layout.bands), gdalTypeOf(spec.type), options);
  CSLDestroy(options);
  if (dataset == nullptr) return quiet.failure("GDAL made no GeoTIFF header");

  if (spec.geobox && !setGrid(dataset, *spec.geobox)) {
    const std::string reason = quiet.reason();
    GDALClose(dataset);
    return gridRefused("GeoTIFF", reason);
  }
  for (const auto* items : {&spec.attributes, &request.metadata})
    for (const auto& [key, value] : *items)
      if (!isStructural(key)) GDALSetMetadataItem(dataset, key.c_str(), value.c_str(), nullptr);
  const std::string wavelengthUnit = wavelengthUnitOf(spec);
  for (std::size_t i = 0; i < bands.size(); ++i) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, static_cast<int>(i) + 1);
    setBandFacts(band, bands[i], wavelengthUnit);
    if (!spec.unit.empty()) GDALSetRasterUnitType(band, spec.unit.c_str());
  }
  if (takesColours(spec, layout)) setColours(GDALGetRasterBand(dataset, 1), spec);
  if (spec.nodata) setNodata(GDALGetRasterBand(dataset, 1), spec.type, *spec.nodata);
  GDALClose(dataset);
  return file.bytes(0);
}

Result<std::vector<std::string>> enviGridLines(const ArraySpec& spec) {
  std::vector<std::string> lines;
  if (!spec.geobox) return lines;
  const Affine& m = spec.geobox->affine();
  const QuietGdal quiet;
  const MemoryFile file({".img", ".hdr", ".img.aux.xml"});
  GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("ENVI"), file.name(0).c_str(), 1, 1, 1, GDT_Byte, nullptr);
  if (dataset == nullptr) return quiet.failure("GDAL made no ENVI header");
  const bool taken = setGrid(dataset, *spec.geobox);
  const std::string reason = quiet.reason();
  GDALClose(dataset);
  if (!taken) return gridRefused("ENVI", reason);

  std::array<double, 6> back{0, 1, 0, 0, 0, 1};
  const char* drivers[] = {"ENVI", nullptr};
  if (GDALDatasetH again = GDALOpenEx(file.name(0).c_str(), GDAL_OF_RASTER, drivers, nullptr, nullptr)) {
    GDALGetGeoTransform(again, back.data());
    GDALClose(again);
  }
  const std::array<double, 6> wanted = m.geotransform();
  const double side = std::max(std::hypot(m.a, m.d), std::hypot(m.b, m.e));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double scale = i % 3 == 0 ? std::max(std::abs(wanted[i]), side) : side;
    if (!isNear(back[i], wanted[i], scale)) return gridRefused("ENVI", "its rows and columns are sheared or mirrored");
  }

  const std::vector<std::byte> bytes = file.bytes(1);
  for (const std::string& line : split(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), '\n')) {
    if (line.starts_with("map info")) lines.push_back(withExactLocation(line, m));
    if (line.starts_with("projection info") || line.starts_with("coordinate system string")) lines.push_back(line);
  }
  return lines;
}

}  // namespace cubeloom
