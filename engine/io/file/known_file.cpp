// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/known_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "engine/base/text.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/text_file.h"

namespace cubeloom {
namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;

constexpr const char* kVectors = "only rasters are opened: make one of it, for instance with gdal_rasterize";
constexpr const char* kOtherRaster = "make a GeoTIFF of it, for instance with gdal_translate";
constexpr const char* kUnpack = "unpack it, or name a member: ";

struct Beginning {
  std::string_view bytes;
  const char *what, *driver, *remedy;  ///< a driver is its own remedy
};
constexpr std::array<Beginning, 30> kBeginnings{{
    {"EHFA_HEADER_TAG"sv, "an ERDAS Imagine raster", "HFA", ""},
    {"<VRTDataset"sv, "a VRT", "VRT", ""},
    {"GRIB"sv, "a GRIB file", "GRIB", ""},
    {"NITF"sv, "a NITF file", "NITF", ""},
    {"NSIF"sv, "a NITF file", "NITF", ""},
    {"PCIDSK"sv, "a PCIDSK file", "PCIDSK", ""},
    {"DatasetHeader"sv, "an ER Mapper header", "ERS", ""},
    {"Object = IsisCube"sv, "an ISIS cube", "ISIS3", ""},
    {"PDS_VERSION_ID"sv, "a PDS file", "PDS", ""},
    {"GIF8"sv, "a GIF picture", "GIF", ""},
    {"UHL1"sv, "a DTED elevation model", "DTED", ""},
    {"\x0E\x03\x13\x01"sv, "an HDF4 file", "HDF4", ""},
    {"\0\0\x27\x0A"sv, "a shapefile: vectors", "", kVectors},
    {"fgb\x03"sv, "a FlatGeobuf file: vectors", "", kVectors},
    {"PAR1"sv, "a Parquet file: a table, maybe of vectors", "", kVectors},
    {"<kml"sv, "a KML file: vectors", "", kVectors},
    {"LASF"sv, "a LAS file: a cloud of points", "", "only rasters are opened: make one of it, for instance with pdal"},
    {"DSAA"sv, "a Surfer grid", "", kOtherRaster},
    {"DSBB"sv, "a Surfer grid", "", kOtherRaster},
    {"DSRB"sv, "a Surfer grid", "", kOtherRaster},
    {"SIMPLE  ="sv, "a FITS file", "", kOtherRaster},
    {"MATLAB 5.0"sv, "a MATLAB file", "", "write its array as NetCDF or GeoTIFF"},
    {"\x93NUMPY"sv, "a numpy array", "", "write it as NetCDF or GeoTIFF, or as raw pixels with an ENVI header"},
    {"%PDF"sv, "a PDF document", "", kOtherRaster},
    {"PK\x03\x04"sv, "a ZIP archive", "", "/vsizip/"},
    {"\x1F\x8B\x08"sv, "a gzip archive", "", "/vsigzip/"},
    {"BZh"sv, "a bzip2 archive", "", "unpack it"},
    {"\xFD"
     "7zXZ"sv,
     "an xz archive", "", "unpack it"},
    {"7z\xBC\xAF"sv, "a 7-Zip archive", "", "unpack it"},
    {"Rar!"sv, "a RAR archive", "", "unpack it"},
}};

/// Formats that people have, whose drivers look at no other file than one that belongs to the raster. The others are opened on explicit
/// choice.
constexpr std::array<std::string_view, 8> kOpenedByThemselves{"HFA", "GRIB", "NITF", "PCIDSK", "HDF4", "AAIGrid", "EHdr", "GPKG"};

KnownFile withDriver(std::string what, const std::string& driver) {
  if (std::find(kOpenedByThemselves.begin(), kOpenedByThemselves.end(), driver) != kOpenedByThemselves.end())
    return {std::move(what), driver, "it may be damaged or of a variety that GDAL does not read", true};
  return {std::move(what), driver, "open it with driver=" + driver};
}

std::optional<KnownFile> byBeginning(std::string_view start, const std::string& path) {
  for (const Beginning& one : kBeginnings) {
    if (!start.starts_with(one.bytes)) continue;
    const std::string_view remedy = one.remedy;
    if (remedy.starts_with("/vsi"))
      return KnownFile{one.what, "", kUnpack + std::string(remedy) + (path.starts_with('/') ? "" : "/folder/") + path};
    if (one.driver[0] != '\0' && remedy.empty()) return withDriver(one.what, one.driver);
    return KnownFile{one.what, one.driver, one.remedy};
  }
  constexpr std::size_t kTarAt = 257, kApplicationAt = 68;
  if (start.substr(std::min(kTarAt, start.size())).starts_with("ustar"))
    return KnownFile{"a tar archive", "", kUnpack + ("/vsitar" + path)};
  if (start.starts_with("RIFF") && start.substr(0, 12).ends_with("WEBP")) return withDriver("a WebP picture", "WEBP");
  if (start.starts_with("BM") && start.substr(0, 10).ends_with("\0\0\0\0"sv)) return withDriver("a BMP picture", "BMP");
  if (start.starts_with("SQLite format 3")) {
    const bool isPackage = start.substr(std::min(kApplicationAt, start.size())).starts_with("GPKG");
    const char* remedy = "only rasters are opened: export a layer of it, for instance with gdal_translate or gdal_rasterize";
    if (isPackage) return KnownFile{"a GeoPackage: a database of vectors or tiles", "GPKG", remedy, true};
    return KnownFile{"an SQLite database", "", remedy};
  }
  return std::nullopt;
}

std::optional<KnownFile> byWords(const std::string& start, const std::string& path) {
  const std::string words = toLower(trim(start)), suffix = toLower(fs::path(path).extension().string());
  if (words.starts_with("ncols")) return withDriver("an ASCII grid", "AAIGrid");
  if (words.starts_with("<?xml") && words.find("product_observational") != std::string::npos) return withDriver("a PDS4 label", "PDS4");
  if (words.starts_with("<?xml") && words.find("<kml") != std::string::npos) return KnownFile{"a KML file: vectors", "", kVectors};
  if (words.starts_with("<?xml") || words.starts_with("<")) return KnownFile{"an XML document", "", "name the raster that it is about"};
  if ((suffix == ".yaml" || suffix == ".yml") && words.find("sources:") != std::string::npos)
    return KnownFile{"an intake catalog", "", "list it with cubeloom-cli catalog, and open one of its entries"};
  if (words.starts_with('{')) {
    if (const auto kind = sniffJson(path); kind && *kind == JsonKind::Stac)
      return KnownFile{"a STAC catalog or item", "", "list it with cubeloom-cli catalog, and open one of its assets"};
    if (words.find("\"featurecollection\"") != std::string::npos || words.find("\"feature\"") != std::string::npos)
      return KnownFile{"a GeoJSON file: vectors", "", kVectors};
    return KnownFile{"a JSON document", "", "name the raster that it is about"};
  }
  return std::nullopt;
}

/// NROWS and NCOLS, as the headers of raw pixels from ESRI's programs say them.
bool isEsriHeader(const fs::path& path) {
  constexpr std::size_t kLook = 2048;
  const std::string text = toLower(readFileStart(path.string(), kLook));
  return text.find("nrows") != std::string::npos && text.find("ncols") != std::string::npos;
}

}  // namespace

std::optional<KnownFile> knownFile(const std::string& path, bool mayBeText) {
  constexpr std::size_t kLook = 2048;
  std::string start = readFileStart(path, kLook);
  if (start.starts_with("\xEF\xBB\xBF")) start.erase(0, 3);
  if (auto known = byBeginning(start, path)) return known;
  if (mayBeText && start.find('\0') == std::string::npos)
    if (auto known = byWords(start, path)) return known;
  const std::string suffix = toLower(fs::path(path).extension().string());
  for (const char* sidecar : {".dbf", ".prj", ".cpg"})
    if (std::error_code ignored; suffix == sidecar && fs::exists(fs::path(path).replace_extension(".shp"), ignored))
      return KnownFile{"a part of a shapefile: vectors", "", kVectors};
  if (suffix == ".hdr") {
    if (!isEsriHeader(path)) return std::nullopt;
    return KnownFile{"an ESRI header", "", "name the file of its pixels"};
  }
  for (const char* raw : {".bil", ".bip", ".bsq", ".flt", ".dem", ".raw", ".bin", ".dat", ".img"})
    if (suffix == raw && isEsriHeader(fs::path(path).replace_extension(".hdr")))
      return withDriver("raw pixels with an ESRI header", "EHdr");
  return std::nullopt;
}

}  // namespace cubeloom
