// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/formats.h"

#include <algorithm>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

using namespace std::string_literals;

const std::vector<std::string> kTiffCompressions{"none", "deflate", "zstd", "lzw", "lerc", "lerc_deflate", "lerc_zstd"};

std::vector<FormatFacts> makeFormats() {
  return {
      {.name = "GTiff",
       .synonyms = {"tiff", "tif", "geotiff"},
       .suffixes = {".tif", ".tiff", ".gtiff"},
       .beginnings = {"II*\0"s, "II+\0"s, "MM\0*"s, "MM\0+"s},
       .isGdalRaster = true,
       .isWritten = true,
       .compressions = kTiffCompressions,
       .takesOverviews = true,
       .takesInterleave = true,
       .takesBlocks = true},
      {.name = "COG",
       .isWritten = true,
       .compressions = kTiffCompressions,
       .takesOverviews = true,
       .takesInterleave = true,
       .takesBlocks = true},
      {.name = "ENVI",
       .suffixes = {".img", ".bil", ".bsq", ".bip", ".dat", ".hdr"},
       .isToldBySuffix = false,
       .isWritten = true,
       .compressions = {"none"},
       .interleaveHint = "leave it out: ENVI takes its interleave from the order of the dims, see transpose"},
      {.name = "netCDF",
       .synonyms = {"netcdf4", "nc", "h5netcdf"},
       .suffixes = {".nc", ".nc4", ".cdf"},
       .isWritten = true,
       .keepsDims = true,
       .compressions = {"none", "deflate"},
       .takesChunks = true},
      {.name = "Zarr",
       .suffixes = {".zarr"},
       .isWritten = true,
       .keepsDims = true,
       .compressions = {"none", "deflate", "zstd", "blosc"},
       .takesChunks = true},
      {.name = "PNG",
       .suffixes = {".png"},
       .beginnings = {"\x89PNG"},
       .isGdalRaster = true,
       .isWritten = true,
       .compressions = {"none", "deflate"}},
      {.name = "CSV", .suffixes = {".csv"}, .isWritten = true, .keepsDims = true, .compressions = {"none"}, .takesLayout = true},
      {.name = "GeoJSON", .synonyms = {"json"}, .suffixes = {".geojson"}, .isWritten = true, .keepsDims = true, .compressions = {"none"}},
      {.name = "GPKG", .synonyms = {"geopackage"}, .suffixes = {".gpkg"}, .isWritten = true, .keepsDims = true, .compressions = {"none"}},
      {.name = "HDF5", .synonyms = {"h5"}, .suffixes = {".h5", ".he5", ".hdf5"}},
      {.name = "kerchunk", .synonyms = {"reference"}},
      {.name = "JPEG", .synonyms = {"jpg"}, .suffixes = {".jpg", ".jpeg"}, .beginnings = {"\xFF\xD8\xFF"}, .isGdalRaster = true},
      {.name = "JP2OpenJPEG",
       .synonyms = {"jp2", "jpeg2000"},
       .suffixes = {".jp2", ".j2k"},
       .beginnings = {"\0\0\0\x0CjP  "s, "\xFF\x4F\xFF\x51"},
       .isGdalRaster = true},
      {.name = "VRT", .suffixes = {".vrt"}, .isOnlyOnChoice = true, .isOnlyOnTrust = true},
      {.name = "GRIB", .suffixes = {".grib", ".grb", ".grib2", ".grb2"}},
  };
}

bool isOneOf(const std::vector<std::string>& words, const std::string& lower) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return toLower(word) == lower; });
}

}  // namespace

const std::vector<FormatFacts>& formats() {
  static const std::vector<FormatFacts> kFormats = makeFormats();
  return kFormats;
}

const FormatFacts* formatNamed(std::string_view word) {
  const std::string lower = toLower(word);
  for (const FormatFacts& format : formats())
    if (toLower(format.name) == lower || isOneOf(format.synonyms, lower)) return &format;
  return nullptr;
}

const FormatFacts* formatOfSuffix(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return nullptr;
  const std::string suffix = toLower(name.substr(dot));
  for (const FormatFacts& format : formats())
    if (isOneOf(format.suffixes, suffix)) return &format;
  return nullptr;
}

std::string onlyOnChoice(const FormatFacts& format) {
  if (format.isOnlyOnTrust) return "a " + format.name + " reads other files: it " + kOnlyOnTrust;
  return "a " + format.name + " file is opened on explicit choice only, with driver=" + format.name;
}

std::vector<std::string> writtenFormats() {
  std::vector<std::string> names;
  for (const FormatFacts& format : formats())
    if (format.isWritten) names.push_back(format.name);
  return names;
}

std::vector<std::string> writtenCompressions() {
  std::vector<std::string> all;
  for (const FormatFacts& format : formats())
    for (const std::string& compression : format.compressions)
      if (!isOneOf(all, compression)) all.push_back(compression);
  return all;
}

std::vector<std::string> compressionSynonyms(const std::string& compression) {
  if (compression == "none") return {"uncompressed"};
  if (compression == "deflate") return {"zlib", "gzip"};
  if (compression == "zstd") return {"zstandard"};
  return {};
}

}  // namespace cubeloom
