// SPDX-License-Identifier: GPL-3.0-or-later
// What a file says of itself.
#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "engine/io/gdal/module/confinement.h"
#include "engine/io/gdal/module/gdal_types.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"
#include "engine/io/gdal/module/wkt.h"

namespace cubeloom::gdal {
namespace {

std::string item(GDALMajorObjectH object, const char* key, const char* domain = nullptr) {
  const char* value = GDALGetMetadataItem(object, key, domain);
  return value != nullptr ? value : "";
}

/// The one type that holds every band.
void readType(GDALDatasetH dataset, GdalFacts& facts) {
  GDALDataType type = GDT_Unknown;
  int signedBytes = 0;
  const int bands = GDALGetRasterCount(dataset);
  for (int b = 1; b <= bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, b);
    type = b == 1 ? GDALGetRasterDataType(band) : GDALDataTypeUnion(type, GDALGetRasterDataType(band));
    signedBytes += item(band, "PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE" ? 1 : 0;
  }
  facts.typeName = GDALGetDataTypeName(type);
  facts.type = pixelTypeOf(type);
  if (signedBytes == 0) return;
  facts.type.reset();
  if (signedBytes == bands && type == GDT_Byte) facts.type = PixelType::Int8;
}

std::optional<double> nodataOf(GDALRasterBandH band, PixelType type) {
  int isDeclared = 0;
  double value = 0;
  if (type == PixelType::Int64) {
    value = static_cast<double>(GDALGetRasterNoDataValueAsInt64(band, &isDeclared));
  } else if (type == PixelType::UInt64) {
    value = static_cast<double>(GDALGetRasterNoDataValueAsUInt64(band, &isDeclared));
  } else {
    value = GDALGetRasterNoDataValue(band, &isDeclared);
  }
  if (isDeclared == 0) return std::nullopt;
  return value;
}

/// Where the spectra of a file are: as EnMAP-Box and ENVI-minded writers put them, or as GDAL does.
struct SpectralKeys {
  const char *wavelength, *fwhm, *domain;
};
constexpr SpectralKeys kPlain{"wavelength", "fwhm", nullptr}, kImagery{"CENTRAL_WAVELENGTH_UM", "FWHM_UM", "IMAGERY"};

std::string colourOf(GDALRasterBandH band) {
  switch (GDALGetRasterColorInterpretation(band)) {
    case GCI_RedBand: return "red";
    case GCI_GreenBand: return "green";
    case GCI_BlueBand: return "blue";
    case GCI_AlphaBand: return "alpha";
    default: return {};
  }
}

GdalBand bandOf(GDALRasterBandH band, PixelType type, const SpectralKeys& keys) {
  GdalBand facts;
  facts.name = GDALGetDescription(band);
  facts.unit = GDALGetRasterUnitType(band);
  facts.colour = colourOf(band);
  facts.nodata = nodataOf(band, type);
  facts.scale = GDALGetRasterScale(band, nullptr);
  facts.offset = GDALGetRasterOffset(band, nullptr);
  facts.good = item(band, "bbl");
  facts.wavelength = item(band, keys.wavelength, keys.domain);
  facts.fwhm = item(band, keys.fwhm, keys.domain);
  facts.wavelengthUnit = keys.domain != nullptr ? "um" : item(band, "wavelength_units");
  if (facts.wavelengthUnit.empty()) facts.wavelengthUnit = item(band, "wavelength_unit");
  const int flags = GDALGetMaskFlags(band);
  // NODATA_VALUES: a pixel is nodata where each band has its own value of the tuple, which is more than what one band can say.
  facts.isMaskTuple = (flags & GMF_NODATA) != 0 && (flags & GMF_PER_DATASET) != 0;
  facts.isMasked = facts.isMaskTuple || (flags & (GMF_ALL_VALID | GMF_NODATA)) == 0;
  facts.isMaskShared = (flags & GMF_PER_DATASET) != 0;
  facts.isMaskAlpha = (flags & GMF_ALPHA) != 0;
  return facts;
}

void readBands(GDALDatasetH dataset, GdalFacts& facts) {
  const SpectralKeys& keys = item(GDALGetRasterBand(dataset, 1), kPlain.wavelength).empty() ? kImagery : kPlain;
  for (int b = 1; b <= GDALGetRasterCount(dataset); ++b) facts.bands.push_back(bandOf(GDALGetRasterBand(dataset, b), *facts.type, keys));
}

/// The dataset that `key` names; empty: the raster itself.
std::string locationsIn(GDALDatasetH dataset, const char* key, const std::string& path) {
  std::string name = item(dataset, key, "GEOLOCATION");
  const std::string isRelative = item(dataset, (std::string(key) + "_RELATIVE_TO_SOURCE").c_str(), "GEOLOCATION");
  if (name.empty() || isRelative.empty() || !CPLTestBool(isRelative.c_str())) return name;
  return (std::filesystem::path(path).parent_path() / name).string();
}

void readPlace(GDALDatasetH dataset, const std::string& path, GdalFacts& facts) {
  Geotransform transform{};
  if (GDALGetGeoTransform(dataset, transform.data()) == CE_None) {
    facts.geotransform = transform;
    if (OGRSpatialReferenceH reference = GDALGetSpatialRef(dataset); reference != nullptr)
      facts.crs = {wktOf(reference, "FORMAT=WKT2_2019"), wktOf(reference, "FORMAT=WKT1_GDAL")};
  }
  facts.hasRpc = GDALGetMetadata(dataset, "RPC") != nullptr;
  facts.controlPoints = GDALGetGCPCount(dataset);
  if (facts.controlPoints > 0) facts.controlPointsCrs = wktOf(GDALGetGCPSpatialRef(dataset), "FORMAT=WKT2_2019");
  if (GDALGetMetadata(dataset, "GEOLOCATION") != nullptr)
    facts.locations = GdalLocations{locationsIn(dataset, "X_DATASET", path), locationsIn(dataset, "Y_DATASET", path),
                                    item(dataset, "SRS", "GEOLOCATION")};
}

std::optional<std::vector<Colour>> coloursOf(GDALRasterBandH band) {
  GDALColorTableH table = GDALGetRasterColorTable(band);
  if (table == nullptr) return std::nullopt;
  std::vector<Colour> colours;
  for (int i = 0; i < GDALGetColorEntryCount(table); ++i) {
    GDALColorEntry entry{};
    GDALGetColorEntryAsRGB(table, i, &entry);
    const auto byte = [](short value) { return static_cast<std::uint8_t>(std::clamp<short>(value, 0, 255)); };
    colours.push_back({byte(entry.c1), byte(entry.c2), byte(entry.c3), byte(entry.c4)});
  }
  return colours;
}

/// From the whole domain: drivers that make it up (HDF4) know no single items of it.
std::vector<GdalSubdataset> subdatasetsOf(GDALDatasetH dataset) {
  std::vector<GdalSubdataset> all;
  char** items = GDALGetMetadata(dataset, "SUBDATASETS");
  for (int i = 1;; ++i) {
    const std::string key = "SUBDATASET_" + std::to_string(i);
    const char* name = CSLFetchNameValue(items, (key + "_NAME").c_str());
    if (name == nullptr) return all;
    const char* description = CSLFetchNameValue(items, (key + "_DESC").c_str());
    all.push_back({name, description != nullptr ? description : ""});
  }
}

std::vector<std::string> categoriesOf(GDALRasterBandH band) {
  std::vector<std::string> names;
  char** list = GDALGetRasterCategoryNames(band);
  for (char** name = list; name != nullptr && *name != nullptr; ++name) names.emplace_back(*name);
  return names;
}

/// Of a TIFF. A file's size would count its overviews, too.
double storedBlockBytes(GDALDatasetH dataset, const GdalFacts& facts) {
  constexpr std::int64_t kMostLookedAt = 4096;
  const std::int64_t across = (GDALGetRasterXSize(dataset) + facts.blockCols - 1) / facts.blockCols;
  const std::int64_t down = (GDALGetRasterYSize(dataset) + facts.blockRows - 1) / facts.blockRows;
  const int planes = facts.bandsTogether ? 1 : GDALGetRasterCount(dataset);
  constexpr double kMostBlocks = 1e12;  // far more than any file has
  if (static_cast<double>(across) * static_cast<double>(down) * planes > kMostBlocks) return 0;
  const std::int64_t count = across * down * planes;
  const std::int64_t looked = std::min(count, kMostLookedAt);
  double bytes = 0;
  for (std::int64_t k = 0; k < looked; ++k) {
    const std::int64_t block = k * count / looked;
    const std::string key = "BLOCK_SIZE_" + std::to_string(block % across) + "_" + std::to_string(block / across % down);
    const std::string size = item(GDALGetRasterBand(dataset, static_cast<int>(block / (across * down)) + 1), key.c_str(), "TIFF");
    bytes += static_cast<double>(std::strtoll(size.c_str(), nullptr, 10));
  }
  return bytes / static_cast<double>(looked);
}

void readStorage(GDALDatasetH dataset, bool isVirtual, GdalFacts& facts) {
  int blockCols = 0, blockRows = 0;
  GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &blockCols, &blockRows);
  facts.blockCols = std::max(blockCols, 1);
  facts.blockRows = std::max(blockRows, 1);
  facts.bandsTogether = GDALGetRasterCount(dataset) > 1 && item(dataset, "INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL";
  // Over a network the table of blocks would be fetched for it.
  if (!isVirtual) facts.storedBlockBytes = storedBlockBytes(dataset, facts);
}

void readFiles(GDALDatasetH dataset, const std::string& path, bool isVirtual, GdalFacts& facts) {
  if (isVirtual) {
    VSIStatBufL stat{};
    if (VSIStatExL(path.c_str(), &stat, VSI_STAT_SIZE_FLAG) == 0) facts.fileBytes = static_cast<double>(stat.st_size);
    return;
  }
  char** list = GDALGetFileList(dataset);
  for (char** file = list; file != nullptr && *file != nullptr; ++file) facts.files.emplace_back(*file);
  CSLDestroy(list);
}

}  // namespace

GdalAnswer<GdalFacts> describe(const GdalFile& file) {
  const Complaints complaints;
  const Confinement bounds(file.path);
  GDALDatasetH dataset = file.handle.get();
  const bool isVirtual = file.path.starts_with("/vsi");
  GdalFacts facts;
  facts.subdatasets = subdatasetsOf(dataset);
  if (file.bands < 1) return facts;
  readType(dataset, facts);
  if (!facts.type) return facts;
  readStorage(dataset, isVirtual, facts);
  readBands(dataset, facts);
  readPlace(dataset, file.path, facts);
  for (char** pair = GDALGetMetadata(dataset, nullptr); pair != nullptr && *pair != nullptr; ++pair) facts.metadata.emplace_back(*pair);
  facts.colours = coloursOf(GDALGetRasterBand(dataset, 1));
  facts.categories = categoriesOf(GDALGetRasterBand(dataset, 1));
  readFiles(dataset, file.path, isVirtual, facts);
  if (!complaints.lostTag().empty()) return tl::unexpected(complaints.lostTag());
  facts.refused = bounds.refused();
  return facts;
}

}  // namespace cubeloom::gdal
