// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_handles.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/gdal_mask.h"
#include "engine/io/gdal/gdal_placed_source.h"
#include "engine/io/gdal/gdal_source.h"
#include "engine/io/gdal/gdal_types.h"
#include "engine/io/source/exact_nodata.h"
#include "engine/io/source/stored_scales.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

constexpr double kMaxBlockBytes = 512.0 * 1024 * 1024;
constexpr double kMaxArrayBytes = 4.6e18;
constexpr std::size_t kMaxAttributes = 200, kMaxAttributeBytes = 4096;
using Notes = std::vector<std::string>;

std::string item(GDALMajorObjectH object, const char* key, const char* domain = nullptr) {
  const char* value = GDALGetMetadataItem(object, key, domain);
  return value != nullptr ? value : "";
}

/// The one type that holds every band.
Result<PixelType> commonType(GDALDatasetH dataset, const std::string& path) {
  GDALDataType type = GDT_Unknown;
  int signedBytes = 0;
  const int bands = GDALGetRasterCount(dataset);
  for (int b = 1; b <= bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, b);
    type = b == 1 ? GDALGetRasterDataType(band) : GDALDataTypeUnion(type, GDALGetRasterDataType(band));
    signedBytes += item(band, "PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE" ? 1 : 0;
  }
  const auto known = pixelTypeOf(type);
  if (!known || (signedBytes > 0 && (signedBytes < bands || type != GDT_Byte)))
    return failAt(ErrorCode::UnsupportedType, path,
                  "the pixels of " + path + " are of a type that is not read: " + GDALGetDataTypeName(type));
  return signedBytes > 0 ? PixelType::Int8 : *known;
}

std::optional<double> bandNodata(GDALRasterBandH band, PixelType type) {
  int declared = 0;
  double value = 0;
  if (type == PixelType::Int64) {
    value = static_cast<double>(GDALGetRasterNoDataValueAsInt64(band, &declared));
  } else if (type == PixelType::UInt64) {
    value = static_cast<double>(GDALGetRasterNoDataValueAsUInt64(band, &declared));
  } else {
    value = GDALGetRasterNoDataValue(band, &declared);
  }
  if (declared == 0) return std::nullopt;
  if (type == PixelType::Float32 && std::isfinite(value)) {
    // A float's limit written with few decimals lies beyond it; what the pixels hold is the limit.
    constexpr double kLimit = std::numeric_limits<float>::max();
    if (std::abs(value) > kLimit && std::abs(value) < kLimit * (1 + 1e-6)) return std::copysign(kLimit, value);
    if (std::abs(value) <= kLimit) return static_cast<double>(static_cast<float>(value));
  }
  return value;
}

void readNodata(GDALDatasetH dataset, ArraySpec& spec, Notes& notes) {
  const int bands = GDALGetRasterCount(dataset);
  const auto first = bandNodata(GDALGetRasterBand(dataset, 1), spec.type);
  const auto same = [](const std::optional<double>& a, const std::optional<double>& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b || (std::isnan(*a) && std::isnan(*b)));
  };
  const auto text = [](const std::optional<double>& value) { return value ? formatNumber(*value) : std::string("none"); };
  for (int b = 2; b <= bands; ++b) {
    const auto other = bandNodata(GDALGetRasterBand(dataset, b), spec.type);
    if (same(first, other)) continue;
    notes.push_back("nodata left undeclared: it differs from band to band (band 1: " + text(first) + ", band " + std::to_string(b) + ": " +
                    text(other) + ")");
    return;
  }
  if (!first) {
    notes.emplace_back("nodata is not declared");
  } else if (!isToldApart(spec.type, *first)) {
    notes.emplace_back(kNotToldApart);
  } else if (!canHold(spec.type, *first)) {
    notes.push_back("nodata left undeclared: no " + std::string(pixelTypeName(spec.type)) + " can be " + formatNumber(*first));
  } else {
    spec.nodata = first;
  }
}

/// Spectra from the metadata of the bands: `wavelength` with `wavelength_units` (as EnMAP-Box and ENVI-minded writers put them), else
/// GDAL's own IMAGERY domain in micrometres. Only when every band has one.
Dim bandDim(GDALDatasetH dataset, Notes& notes) {
  const int bands = GDALGetRasterCount(dataset);
  BandSpectra spectra;
  std::vector<std::string> labels;
  bool named = false;
  struct Keys {
    const char *wavelength, *fwhm, *domain;
  };
  constexpr std::array<Keys, 2> kKeys{{{"wavelength", "fwhm", nullptr}, {"CENTRAL_WAVELENGTH_UM", "FWHM_UM", "IMAGERY"}}};
  const Keys* keys = nullptr;
  for (const Keys& candidate : kKeys)
    if (keys == nullptr && !item(GDALGetRasterBand(dataset, 1), candidate.wavelength, candidate.domain).empty()) keys = &candidate;
  const auto append = [](std::vector<double>& values, const std::string& text) {
    if (const auto value = parseNumber(text)) values.push_back(*value);
  };
  for (int b = 1; b <= bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, b);
    labels.emplace_back(GDALGetDescription(band));
    named |= !labels.back().empty();
    append(spectra.good, item(band, "bbl"));
    if (keys == nullptr) continue;
    append(spectra.wavelengths, item(band, keys->wavelength, keys->domain));
    append(spectra.fwhm, item(band, keys->fwhm, keys->domain));
    std::string unit = keys->domain != nullptr ? "um" : item(band, "wavelength_units");
    if (unit.empty()) unit = item(band, "wavelength_unit");
    if (b == 1) spectra.unit = unit;
    if (unit != spectra.unit) {
      notes.emplace_back("wavelengths left out: their unit differs from band to band");
      keys = nullptr;
      spectra = {};
    }
  }
  if (!named) labels.clear();
  return spectralDim(bands, spectra, std::move(labels), notes);
}

Crs datasetCrs(GDALDatasetH dataset, Notes& notes) {
  OGRSpatialReferenceH reference = GDALGetSpatialRef(dataset);
  if (reference == nullptr) return {};
  for (const char* format : {"FORMAT=WKT2_2019", "FORMAT=WKT1_GDAL"}) {
    const std::array<const char*, 2> options{format, nullptr};
    char* wkt = nullptr;
    Crs crs;
    if (OSRExportToWktEx(reference, &wkt, options.data()) == OGRERR_NONE && wkt != nullptr) crs = Crs::fromUser(wkt).value_or(Crs());
    CPLFree(wkt);
    if (crs.isValid()) return crs;
  }
  notes.emplace_back("the file's CRS is not understood: it is taken as unknown");
  return {};
}

GeoBox datasetGrid(GDALDatasetH dataset, Notes& notes) {
  const std::int64_t rows = GDALGetRasterYSize(dataset), cols = GDALGetRasterXSize(dataset);
  std::array<double, 6> transform{};
  bool placed = GDALGetGeoTransform(dataset, transform.data()) == CE_None;
  const Affine affine = Affine::fromGeotransform(transform);
  if (placed &&
      (!std::all_of(transform.begin(), transform.end(), [](double v) { return std::isfinite(v); }) || affine.determinant() == 0)) {
    notes.emplace_back("the geotransform is left out: its numbers span no area");
    placed = false;
  }
  const bool hasRpc = GDALGetMetadata(dataset, "RPC") != nullptr;
  if (hasRpc && placed && affine == Affine{1, 0, 0, 0, 1, 0}) placed = false;
  if (hasRpc) notes.emplace_back("the raster is placed by RPCs: open with georeference=rpc puts it on a grid");
  if (const int points = GDALGetGCPCount(dataset); points > 0)
    notes.push_back("the raster has " + std::to_string(points) +
                    " ground control points: open with georeference=gcp or tps puts it on a grid");
  if (!placed) {
    notes.emplace_back("no geotransform: the grid is in pixels, its place on the ground is unknown");
    return {rows, cols, Affine{}, Crs()};
  }
  return {rows, cols, affine, datasetCrs(dataset, notes)};
}

std::vector<std::array<std::uint8_t, 4>> classColours(GDALColorTableH table) {
  std::vector<std::array<std::uint8_t, 4>> colours;
  for (int i = 0; i < GDALGetColorEntryCount(table); ++i) {
    GDALColorEntry entry{};
    GDALGetColorEntryAsRGB(table, i, &entry);
    const auto byte = [](short value) { return static_cast<std::uint8_t>(std::clamp<short>(value, 0, 255)); };
    colours.push_back({byte(entry.c1), byte(entry.c2), byte(entry.c3), byte(entry.c4)});
  }
  return colours;
}

void readAttributes(GDALDatasetH dataset, ArraySpec& spec, Notes& notes) {
  char** pairs = GDALGetMetadata(dataset, nullptr);
  for (std::size_t i = 0; pairs != nullptr && pairs[i] != nullptr && i < kMaxAttributes; ++i) {
    const std::string_view pair = pairs[i];
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.size() <= kMaxAttributeBytes)
      spec.attributes[std::string(pair.substr(0, equals))] = std::string(pair.substr(equals + 1));
  }
  const int bands = GDALGetRasterCount(dataset);
  GDALRasterBandH first = GDALGetRasterBand(dataset, 1);
  const std::string unit = GDALGetRasterUnitType(first);
  bool sameUnit = true;
  std::vector<StoredScale> scales;
  for (int b = 1; b <= bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, b);
    scales.push_back({GDALGetRasterScale(band, nullptr), GDALGetRasterOffset(band, nullptr)});
    sameUnit &= GDALGetRasterUnitType(band) == unit;
  }
  if (sameUnit) spec.unit = unit;
  noteStoredScales(spec, 0, scales, notes);
  if (GDALColorTableH colours = GDALGetRasterColorTable(first); colours != nullptr) {
    if (isInteger(spec.type)) spec.classColours = classColours(colours);
    notes.push_back("values are classes: the file has a colour table of " + std::to_string(GDALGetColorEntryCount(colours)) +
                    " entries; resample them with nearest or mode, their average means nothing");
  }
}

/// "NETCDF:"/x/y.nc":rain" of a file of several variables -> "rain".
std::vector<std::string> subdatasetNames(GDALDatasetH dataset) {
  std::vector<std::string> names;
  for (int i = 1;; ++i) {
    const std::string full = item(dataset, ("SUBDATASET_" + std::to_string(i) + "_NAME").c_str(), "SUBDATASETS");
    if (full.empty()) return names;
    names.push_back(full.substr(full.find_last_of(":/") + 1));
  }
}

/// What a block takes in a TIFF, on average over an even sample; 0: not told. A file's size would count its overviews, too.
double storedBlockBytes(GDALDatasetH dataset, const GdalStorage& storage) {
  constexpr std::int64_t kMostLookedAt = 4096;
  const std::int64_t across = (GDALGetRasterXSize(dataset) + storage.blockCols - 1) / storage.blockCols;
  const std::int64_t down = (GDALGetRasterYSize(dataset) + storage.blockRows - 1) / storage.blockRows;
  const std::int64_t count = across * down * (storage.bandsTogether ? 1 : GDALGetRasterCount(dataset));
  const std::int64_t looked = std::min(count, kMostLookedAt);
  double bytes = 0;
  for (std::int64_t k = 0; k < looked; ++k) {
    const std::int64_t block = k * count / looked;
    const std::string key = "BLOCK_SIZE_" + std::to_string(block % across) + "_" + std::to_string(block / across % down);
    bytes += parseNumber(item(GDALGetRasterBand(dataset, static_cast<int>(block / (across * down)) + 1), key.c_str(), "TIFF")).value_or(0);
  }
  return bytes / static_cast<double>(looked);
}

Result<GdalStorage> storageOf(GDALDatasetH dataset, PixelType type, double fileBytes, const std::string& path) {
  int blockCols = 0, blockRows = 0;
  GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &blockCols, &blockRows);
  const double rows = GDALGetRasterYSize(dataset), cols = GDALGetRasterXSize(dataset), bands = GDALGetRasterCount(dataset);
  const auto pixel = static_cast<double>(pixelTypeBytes(type));
  GdalStorage storage;
  storage.blockCols = std::clamp(blockCols, 1, GDALGetRasterXSize(dataset));
  storage.blockRows = std::clamp(blockRows, 1, GDALGetRasterYSize(dataset));
  storage.bandsTogether = bands > 1 && item(dataset, "INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL";
  const double decoded = static_cast<double>(blockCols) * static_cast<double>(blockRows) * pixel * (storage.bandsTogether ? bands : 1.0);
  if (decoded > kMaxBlockBytes)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " stores blocks of " + std::to_string(blockCols) + " x " + std::to_string(blockRows) + " pixels, " +
                      formatSize(decoded) + " each; the limit is " + formatSize(kMaxBlockBytes),
                  "write it anew in tiles, for instance with gdal_translate -co TILED=YES");
  if (rows * cols * bands * pixel > kMaxArrayBytes)
    return failAt(ErrorCode::OpenFailed, path, path + " declares " + formatSize(rows * cols * bands * pixel) + ", which no file can hold");
  const double blocks = std::ceil(rows / blockRows) * std::ceil(cols / blockCols) * (storage.bandsTogether ? 1.0 : bands);
  storage.blockBytes = fileBytes > 0 ? std::min(decoded, fileBytes / blocks) : decoded;
  // Over a network the table of blocks would be fetched for it.
  const double stored = path.starts_with("/vsi") ? 0 : storedBlockBytes(dataset, storage);
  if (stored > 0) storage.blockBytes = stored;
  return storage;
}

std::string storageName(const GdalStorage& storage, std::int64_t cols) {
  if (storage.blockCols >= cols) return "strips of " + std::to_string(storage.blockRows) + " lines";
  return "tiles " + std::to_string(storage.blockCols) + " x " + std::to_string(storage.blockRows);
}

void describeAccess(const GdalStorage& storage, bool strips, DatasetInfo& info) {
  info.cheap = {strips ? "Cheap here: whole lines." : "Cheap here: small areas."};
  if (storage.bandsTogether) {
    info.cheap.emplace_back("Cheap here: all bands of a pixel.");
    info.dear = {"Expensive here: one band, which decodes all of them."};
  } else {
    info.dear = {"Expensive here: the spectrum of a pixel, which decodes a block per band."};
  }
}

}  // namespace

Result<OpenedDataset> openGdal(const OpenRequest& request, const VirtualFile* place) {
  const std::string& path = place != nullptr ? place->name : request.path;
  if (place == nullptr && path.starts_with("/vsi"))
    return failAt(ErrorCode::OpenFailed, path, path + ": GDAL's virtual file systems are not opened by name");
  auto drivers = place != nullptr ? virtualFileDrivers(request.driver) : allowedDrivers(request.driver);
  if (!drivers) return fail(drivers.error());
  auto handles = std::make_shared<GdalHandles>(path, std::move(*drivers));
  auto loan = handles->borrow();
  if (!loan) return fail(loan.error());
  const GdalErrorScope errors;
  GDALDatasetH dataset = loan->dataset();

  OpenedDataset opened;
  DatasetInfo& info = opened.info;
  info.path = place != nullptr ? redactSecrets(request.path) : path;
  info.driver = GDALGetDriverShortName(GDALGetDatasetDriver(dataset));
  std::error_code ignored;
  info.fileBytes = place != nullptr ? virtualFileBytes(path) : static_cast<double>(std::filesystem::file_size(path, ignored));
  if (GDALGetRasterCount(dataset) < 1) {
    const std::vector<std::string> names = subdatasetNames(dataset);
    return failAt(
        ErrorCode::OpenFailed, path,
        names.empty() ? path + " holds no raster" : path + " holds several arrays (" + join(names, ", ") + "), which are not read yet",
        names.empty() ? "" : "extract one, for instance with gdal_translate");
  }
  const auto type = commonType(dataset, path);
  if (!type) return fail(type.error());
  const auto storage = storageOf(dataset, *type, info.fileBytes, path);
  if (!storage) return fail(storage.error());

  ArraySpec spec;
  spec.type = *type;
  spec.variable = place != nullptr ? place->stem : std::filesystem::path(path).stem().string();
  const std::int64_t rows = GDALGetRasterYSize(dataset), cols = GDALGetRasterXSize(dataset);
  spec.dims = {bandDim(dataset, info.notes), {"y", rows, {}}, {"x", cols, {}}};
  spec.yDim = 1;
  spec.xDim = 2;
  spec.setGeobox(datasetGrid(dataset, info.notes));
  spec.storage.block = {storage->bandsTogether ? spec.dims[0].size : 1, storage->blockRows, storage->blockCols};
  spec.storage.name = storageName(*storage, cols);
  readNodata(dataset, spec, info.notes);
  readAttributes(dataset, spec, info.notes);
  GdalMask mask = findMask(dataset);
  CUBELOOM_TRY(settleMask(mask, request, spec, info.notes));
  describeAccess(*storage, storage->blockCols >= cols, info);
  info.variables = {{spec.variable, spec}};

  // What lies in an archive changes with it; what lies on the network is not watched.
  std::vector<std::string> files = place != nullptr ? place->onDisk : std::vector<std::string>{path};
  if (char** list = place == nullptr ? GDALGetFileList(dataset) : nullptr; list != nullptr) {
    for (char** file = list; *file != nullptr; ++file)
      if (path != *file) files.emplace_back(*file);
    CSLDestroy(list);
  }
  opened.source = std::make_shared<GdalSource>(handles, std::move(spec), *storage, std::move(mask), std::move(files));
  if (request.asksForPlacing()) CUBELOOM_TRY(placeOnGrid(opened, handles, request));
  return opened;
}

}  // namespace cubeloom
