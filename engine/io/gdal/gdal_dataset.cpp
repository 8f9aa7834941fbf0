// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_handles.h"
#include "engine/io/gdal/gdal_mask.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/gdal_placed_source.h"
#include "engine/io/gdal/gdal_reader.h"
#include "engine/io/gdal/gdal_source.h"
#include "engine/io/gdal/product_bands.h"
#include "engine/io/source/exact_nodata.h"
#include "engine/io/source/one_nodata.h"
#include "engine/io/source/stored_scales.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

constexpr double kMaxBlockBytes = 512.0 * 1024 * 1024;
constexpr double kMaxArrayBytes = 4.6e18;
constexpr std::size_t kMaxAttributes = 200, kMaxAttributeBytes = 4096;
using Notes = std::vector<std::string>;

/// A float's limit written with few decimals lies beyond it; what the pixels hold is the limit.
std::optional<double> bandNodata(const GdalBand& band, PixelType type) {
  if (!band.nodata || type != PixelType::Float32 || !std::isfinite(*band.nodata)) return band.nodata;
  constexpr double kLimit = std::numeric_limits<float>::max();
  const double size = std::abs(*band.nodata);
  if (size > kLimit && size < kLimit * (1 + 1e-6)) return std::copysign(kLimit, *band.nodata);
  return size <= kLimit ? static_cast<double>(static_cast<float>(*band.nodata)) : band.nodata;
}

/// The bands' nodata values where they differ and are made one (see one_nodata.h); else none.
using BandsNodata = std::vector<std::optional<double>>;

BandsNodata readNodata(const GdalFacts& facts, const OpenRequest& request, ArraySpec& spec, Notes& notes) {
  const auto first = bandNodata(facts.bands.front(), spec.type);
  const auto same = [](const std::optional<double>& a, const std::optional<double>& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b || (std::isnan(*a) && std::isnan(*b)));
  };
  const auto text = [](const std::optional<double>& value) { return value ? formatNumber(*value) : std::string("none"); };
  for (std::size_t b = 1; b < facts.bands.size(); ++b) {
    const auto other = bandNodata(facts.bands[b], spec.type);
    if (same(first, other)) continue;
    const std::string bands = "band 1: " + text(first) + ", band " + std::to_string(b + 1) + ": " + text(other);
    const auto one = request.nodata || request.asksForPlacing() || findMask(facts.bands).hasAny() ? std::nullopt : oneNodata(spec.type);
    if (!one) {
      notes.push_back("nodata left undeclared: it differs from band to band (" + bands + ")");
      return {};
    }
    notes.push_back("nodata differs from band to band (" + bands + "): in all of them it is read as " + formatNumber(one->value) +
                    (one->type == spec.type ? "" : ", values as " + std::string(pixelTypeName(one->type))));
    BandsNodata values;
    for (const GdalBand& band : facts.bands) values.push_back(bandNodata(band, spec.type));
    return values;
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
  return {};
}

/// The names of classes as CF has them: flag_values and flag_meanings, in which blanks part the names.
void readCategories(const GdalFacts& facts, ArraySpec& spec) {
  std::vector<std::string> values, meanings;
  for (std::size_t i = 0; i < facts.categories.size(); ++i) {
    std::string meaning(trim(facts.categories[i]));
    if (meaning.empty()) continue;
    std::replace_if(
        meaning.begin(), meaning.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '_');
    values.push_back(std::to_string(i));
    meanings.push_back(std::move(meaning));
  }
  if (values.empty() || !isInteger(spec.type)) return;
  spec.classNames = facts.categories;
  spec.attributes.try_emplace("flag_values", join(values, ", "));
  spec.attributes.try_emplace("flag_meanings", join(meanings, " "));
}

/// Spectra, only when every band has a wavelength.
Dim bandDim(const GdalFacts& facts, Notes& notes) {
  BandSpectra spectra;
  std::vector<std::string> labels;
  bool isNamed = false, hasSpectra = !facts.bands.front().wavelength.empty();
  if (hasSpectra) spectra.unit = facts.bands.front().wavelengthUnit;
  const auto append = [](std::vector<double>& values, const std::string& text) {
    if (const auto value = parseNumber(text)) values.push_back(*value);
  };
  for (const GdalBand& band : facts.bands) {
    labels.push_back(band.name);
    isNamed |= !band.name.empty();
    append(spectra.good, band.good);
    if (!hasSpectra) continue;
    append(spectra.wavelengths, band.wavelength);
    append(spectra.fwhm, band.fwhm);
    if (band.wavelengthUnit == spectra.unit) continue;
    notes.emplace_back("wavelengths left out: their unit differs from band to band");
    hasSpectra = false;
    spectra = {};
  }
  if (!isNamed) labels.clear();
  Dim dim = spectralDim(static_cast<std::int64_t>(facts.bands.size()), spectra, std::move(labels), notes);
  if (std::any_of(facts.bands.begin(), facts.bands.end(), [](const GdalBand& band) { return !band.colour.empty(); }))
    for (const GdalBand& band : facts.bands) dim.coordinate.colours.push_back(band.colour);
  return dim;
}

/// WKT 1 without AUTHORITY["EPSG","6326"]: what it says, not by which numbers.
std::string withoutCodes(std::string wkt) {
  constexpr std::string_view kCode = ",AUTHORITY[";
  for (std::size_t at = wkt.find(kCode); at != wkt.npos; at = wkt.find(kCode, at)) wkt.erase(at, wkt.find(']', at) - at + 1);
  return wkt;
}

/// GDAL writes one EPSG code with a datum or with the ensemble that it is, as what it has opened before leaves its own store of them. Where
/// both are the same but for that, it is the database's.
Crs settled(const Crs& crs) {
  const bool isOneCode = crs.authority().starts_with("EPSG:") && crs.verticalName().empty();
  const Crs known = isOneCode ? Crs::fromUser(crs.authority()).value_or(Crs()) : Crs();
  return known.isValid() && withoutCodes(known.wkt1()) == withoutCodes(crs.wkt1()) ? known : crs;
}

Crs datasetCrs(const GdalFacts& facts, Notes& notes) {
  for (const std::string& wkt : facts.crs)
    if (Crs crs = Crs::fromUser(wkt).value_or(Crs()); crs.isValid()) return settled(crs);
  if (!facts.crs.empty()) notes.emplace_back("the file's CRS is not understood: it is taken as unknown");
  return {};
}

GeoBox datasetGrid(const GdalFile& file, const GdalFacts& facts, Notes& notes) {
  bool placed = facts.geotransform.has_value();
  const Geotransform transform = facts.geotransform.value_or(Geotransform{});
  const Affine affine = Affine::fromGeotransform(transform);
  if (placed &&
      (!std::all_of(transform.begin(), transform.end(), [](double v) { return std::isfinite(v); }) || affine.determinant() == 0)) {
    notes.emplace_back("the geotransform is left out: its numbers span no area");
    placed = false;
  }
  if (facts.hasRpc && placed && affine == Affine{1, 0, 0, 0, 1, 0}) placed = false;
  if (facts.hasRpc) notes.emplace_back("the raster is placed by RPCs: georeference method=rpc puts it on a grid");
  if (facts.controlPoints > 0)
    notes.push_back("the raster has " + std::to_string(facts.controlPoints) +
                    " ground control points: georeference method=gcp or tps puts it on a grid");
  if (!placed) {
    notes.emplace_back("no geotransform: the grid is in pixels, its place on the ground is unknown");
    return {file.rows, file.cols, Affine{}, Crs()};
  }
  return {file.rows, file.cols, affine, datasetCrs(facts, notes)};
}

void readAttributes(const GdalFacts& facts, ArraySpec& spec, Notes& notes) {
  for (std::size_t i = 0; i < std::min(facts.metadata.size(), kMaxAttributes); ++i) {
    const std::string& pair = facts.metadata[i];
    const std::size_t equals = pair.find('=');
    if (equals != std::string::npos && pair.size() <= kMaxAttributeBytes) spec.attributes[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  const std::string& unit = facts.bands.front().unit;
  bool sameUnit = true;
  std::vector<StoredScale> scales;
  for (const GdalBand& band : facts.bands) {
    scales.push_back({band.scale, band.offset});
    sameUnit &= band.unit == unit;
  }
  if (sameUnit) spec.unit = unit;
  noteStoredScales(spec, 0, scales, notes);
  if (facts.colours) {
    if (isInteger(spec.type)) spec.classColours = *facts.colours;
    notes.push_back("values are classes: the file has a colour table of " + std::to_string(facts.colours->size()) +
                    " entries; resample them with nearest or mode, their average means nothing");
  }
}

Result<GdalStorage> storageOf(const GdalFile& file, const GdalFacts& facts, double fileBytes) {
  const auto rows = static_cast<double>(file.rows), cols = static_cast<double>(file.cols), bands = static_cast<double>(file.bands);
  const auto blockRows = static_cast<double>(facts.blockRows), blockCols = static_cast<double>(facts.blockCols);
  const auto pixel = static_cast<double>(pixelTypeBytes(*facts.type));
  GdalStorage storage;
  storage.blockCols = std::min(facts.blockCols, file.cols);
  storage.blockRows = std::min(facts.blockRows, file.rows);
  storage.bandsTogether = facts.bandsTogether;
  const double decoded = blockCols * blockRows * pixel * (storage.bandsTogether ? bands : 1.0);
  if (decoded > kMaxBlockBytes)
    return failAt(ErrorCode::OpenFailed, file.path,
                  file.path + " stores blocks of " + std::to_string(facts.blockCols) + " x " + std::to_string(facts.blockRows) +
                      " pixels, " + formatSize(decoded) + " each; the limit is " + formatSize(kMaxBlockBytes),
                  "write it anew in tiles, for instance with gdal_translate -co TILED=YES");
  if (rows * cols * bands * pixel > kMaxArrayBytes)
    return failAt(ErrorCode::OpenFailed, file.path,
                  file.path + " declares " + formatSize(rows * cols * bands * pixel) + ", which no file can hold");
  const double blocks = std::ceil(rows / blockRows) * std::ceil(cols / blockCols) * (storage.bandsTogether ? 1.0 : bands);
  storage.blockBytes = fileBytes > 0 ? std::min(decoded, fileBytes / blocks) : decoded;
  if (facts.storedBlockBytes > 0) storage.blockBytes = facts.storedBlockBytes;
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
    info.expensive = {"Expensive here: one band, which decodes all of them."};
  } else {
    info.expensive = {"Expensive here: the spectrum of a pixel, which decodes a block per band."};
  }
}

/// What lies in an archive changes with it; what lies on the network is not watched.
std::vector<std::string> watchedFiles(const std::string& path, const GdalFacts& facts, const VirtualFile* place) {
  if (place != nullptr) return place->onDisk;
  std::vector<std::string> files{path};
  for (const std::string& file : facts.files)
    if (file != path) files.push_back(file);
  return files;
}

/// `file` as an array, with `facts` about it.
Result<OpenedDataset> describedDataset(std::shared_ptr<GdalHandles> handles, const GdalFile& file, const GdalFacts& facts,
                                       const OpenRequest& request, const VirtualFile* place, const std::string& variable = {}) {
  const std::string& path = place != nullptr ? file.path : request.path;
  OpenedDataset opened;
  DatasetInfo& info = opened.info;
  info.path = place != nullptr ? redactSecrets(request.path) : path;
  info.driver = file.driver;
  std::error_code ignored;
  info.fileBytes = place != nullptr ? facts.fileBytes : static_cast<double>(std::filesystem::file_size(path, ignored));
  if (file.bands < 1) return failAt(ErrorCode::OpenFailed, path, path + " holds no raster");
  if (!facts.type)
    return failAt(ErrorCode::UnsupportedType, path, "the pixels of " + path + " are of a type that is not read: " + facts.typeName);
  const auto storage = storageOf(file, facts, info.fileBytes);
  if (!storage) return fail(storage.error());

  ArraySpec spec;
  spec.type = *facts.type;
  spec.variable = !variable.empty() ? variable : place != nullptr ? place->stem : std::filesystem::path(path).stem().string();
  spec.dims = {bandDim(facts, info.notes), {"y", file.rows, {}}, {"x", file.cols, {}}};
  spec.yDim = 1;
  spec.xDim = 2;
  spec.setGeobox(datasetGrid(file, facts, info.notes));
  spec.storage.block = {storage->bandsTogether ? spec.dims[0].size : 1, storage->blockRows, storage->blockCols};
  spec.storage.name = storageName(*storage, file.cols);
  BandsNodata differing = readNodata(facts, request, spec, info.notes);
  readAttributes(facts, spec, info.notes);
  readCategories(facts, spec);
  GdalMask mask = findMask(facts.bands);
  CUBELOOM_TRY(settleMask(mask, request, spec, info.notes));
  describeAccess(*storage, storage->blockCols >= file.cols, info);
  if (!facts.refused.empty())
    info.notes.push_back("the file names " + redactSecrets(facts.refused) + ", which is not beside it: it is not opened");
  if (facts.subdatasets.size() > 1 && place == nullptr)
    info.notes.push_back("the file holds " + std::to_string(facts.subdatasets.size()) +
                         " rasters, of which the first is read: take the others out with gdal_translate");
  const std::string name = spec.variable;
  opened.source =
      std::make_shared<GdalSource>(std::move(handles), std::move(spec), *storage, std::move(mask), watchedFiles(path, facts, place));
  if (!differing.empty()) opened.source = oneNodataSource(opened.source, std::move(differing), *oneNodata(opened.source->spec().type));
  info.variables = {{name, opened.source->spec()}};
  return opened;
}

constexpr std::size_t kMostSubdatasets = 500;

/// What the rasters of a file are called: the last word of GDAL's name, `HDF4_EOS:EOS_GRID:"file":grid:field`, or where that is a number
/// the name in its description; with the word before it where two would be the same.
std::vector<std::string> variableNames(const std::vector<GdalSubdataset>& subdatasets) {
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  for (const GdalSubdataset& one : subdatasets) {
    std::string name = one.name.substr(one.name.find_last_of(":/") + 1);
    const std::size_t begin = one.description.find("] "), end = one.description.rfind(" (");
    const bool isNumber = name.find_first_not_of("0123456789") == std::string::npos;
    if (isNumber && begin != std::string::npos && end != std::string::npos && end > begin + 2)
      name = one.description.substr(begin + 2, end - begin - 2);
    ++uses[name];
    names.push_back(std::move(name));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (uses[names[i]] < 2) continue;
    const std::vector<std::string> words = split(subdatasets[i].name, ':');
    const std::string before = words.size() > 1 ? words[words.size() - 2] : std::to_string(i + 1);
    names[i] = (before.find('/') == std::string::npos ? before : std::to_string(i + 1)) + "/" + names[i];
  }
  return names;
}

/// The rasters of a file as its variables; of them only the one that is asked for, if it is there.
Result<OpenedDataset> openSubdatasets(const GdalService& gdal, const std::vector<std::string>& drivers, const GdalFacts& facts,
                                      const OpenRequest& request) {
  const std::vector<std::string> names = variableNames(facts.subdatasets);
  const bool isThere = std::find(names.begin(), names.end(), request.variable) != names.end();
  OpenedDataset opened;
  std::vector<VariableInfo> variables;
  std::vector<std::string> leftOut;
  for (std::size_t i = 0; i < std::min(names.size(), kMostSubdatasets); ++i) {
    if (isThere && names[i] != request.variable) continue;
    if (!isThere && !request.variable.empty()) {
      variables.push_back({names[i], {}});  // to be listed
      continue;
    }
    // A name that does not lead into this very file is not followed.
    if (facts.subdatasets[i].name.find(request.path) == std::string::npos) continue;
    auto handles = std::make_shared<GdalHandles>(gdal, facts.subdatasets[i].name, drivers);
    Result<OpenedDataset> one = [&]() -> Result<OpenedDataset> {
      auto loan = handles->borrow();
      if (!loan) return fail(loan.error());
      const auto itsFacts = gdal.describe(loan->file());
      if (!itsFacts) return gdalFailure(ErrorCode::OpenFailed, request.path, "cannot read " + names[i], itsFacts.error());
      return describedDataset(handles, loan->file(), *itsFacts, request, nullptr, names[i]);
    }();
    if (!one) {
      if (isThere) return fail(std::move(one.error()));
      leftOut.push_back("left out: " + names[i] + ": " + one.error().message);
      continue;
    }
    variables.push_back(one->info.variables.front());
    if (!opened.source) opened = std::move(*one);
  }
  if (variables.empty()) return failAt(ErrorCode::OpenFailed, request.path, request.path + " holds no raster that is read");
  if (variables.size() > 1 && request.variable.empty())
    opened.info.notes.push_back("of " + std::to_string(variables.size()) + " variables \"" + variables.front().name + "\" is taken");
  opened.info.notes.insert(opened.info.notes.end(), leftOut.begin(), leftOut.end());
  opened.info.variables = std::move(variables);
  return opened;
}

/// Of files on disk, in a process of their own. Placing takes more of GDAL than that answers, and the network is the user's own choice.
Result<const GdalService*> serviceFor(const OpenRequest& request, const VirtualFile* place) {
  if (request.asksForPlacing() || (place != nullptr && place->isRemote)) return gdalService(ErrorCode::OpenFailed);
  return &gdalReaders();
}

}  // namespace

Result<OpenedDataset> openGdal(const OpenRequest& request, const VirtualFile* place) {
  const std::string& path = place != nullptr ? place->name : request.path;
  if (place == nullptr && path.starts_with("/vsi"))
    return failAt(ErrorCode::OpenFailed, path, path + ": GDAL's virtual file systems are not opened by name");
  auto gdal = serviceFor(request, place);
  if (!gdal) return fail(std::move(gdal.error()));
  auto drivers = place != nullptr ? virtualFileDrivers(**gdal, request.driver) : allowedDrivers(**gdal, request.driver);
  if (!drivers) return fail(drivers.error());
  if (*drivers == std::vector<std::string>{"HDF4"}) {  // the arrays of a file have a driver of their own
    CUBELOOM_TRY(allowedDrivers(**gdal, "HDF4Image"));
    drivers->emplace_back("HDF4Image");
  }
  auto handles = std::make_shared<GdalHandles>(**gdal, path, *drivers);
  auto loan = std::optional(handles->borrow());
  if (!*loan) return fail(loan->error());
  auto facts = (*gdal)->describe((*loan)->file());
  if (!facts) return gdalFailure(ErrorCode::OpenFailed, path, "cannot read " + path, facts.error());
  Notes ofBands;
  if (place == nullptr) CUBELOOM_TRY(readProductBands(path, *facts, ofBands));
  if ((*loan)->file().bands < 1 && !facts->subdatasets.empty() && place == nullptr) {
    loan.reset();
    return openSubdatasets(**gdal, *drivers, *facts, request);
  }
  auto opened = describedDataset(handles, (*loan)->file(), *facts, request, place);
  loan.reset();  // placing borrows for itself
  if (opened) opened->info.notes.insert(opened->info.notes.end(), ofBands.begin(), ofBands.end());
  if (opened && request.asksForPlacing()) CUBELOOM_TRY(placeOnGrid(*opened, handles, *facts, request));
  return opened;
}

}  // namespace cubeloom
