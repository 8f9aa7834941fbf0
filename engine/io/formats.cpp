// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/formats.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/io/envi/envi_dataset.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/text_file.h"
#include "engine/io/file/zarr_names.h"
#include "engine/io/gdal/gdal_dataset.h"
#include "engine/io/netcdf/netcdf_dataset.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/source/variable_file.h"
#include "engine/io/table/csv_library.h"
#include "engine/io/table/csv_sink.h"
#include "engine/io/table/geojson_sink.h"
#include "engine/io/table/gpkg_sink.h"
#include "engine/io/zarr/kerchunk_store.h"
#include "engine/io/zarr/zarr_dataset.h"
#include "engine/io/zarr/zarr_folder.h"

namespace cubeloom {
namespace {

bool hasSuffixOf(const std::string& path, const char* name) {
  const FormatFacts* told = formatOfSuffix(path);
  return told != nullptr && told->name == name;
}

Result<bool> isZarr(const std::string& path) { return isZarrFolder(path); }

Result<OpenedDataset> openZarrRoot(const OpenRequest& request) {
  auto store = openZarrFolder(request.path);
  if (!store) return fail(store.error());
  return openZarr(*store, request);
}

Result<bool> isKerchunk(const std::string& path) {
  if (toLower(std::filesystem::path(path).extension().string()) != ".json") return false;
  return sniffJson(path).map([](JsonKind kind) { return kind == JsonKind::Kerchunk; });
}

Result<OpenedDataset> openReferences(const OpenRequest& request) {
  auto store = openKerchunk(request.path);
  if (!store) return fail(store.error());
  return openZarr(*store, request);
}

/// A NetCDF-4 file is an HDF5 file: the name tells which one its author means.
Result<bool> isNetcdf(const std::string& path) {
  return variableFileKind(path).map([&path](VariableFileKind kind) {
    return kind == VariableFileKind::Netcdf3 || (kind == VariableFileKind::Hdf5 && hasSuffixOf(path, "netCDF"));
  });
}

Result<bool> isHdf5(const std::string& path) {
  return variableFileKind(path).map([](VariableFileKind kind) { return kind == VariableFileKind::Hdf5; });
}

/// Raw pixels begin with anything, even as a TIFF does: the header beside them tells, unless the name tells another format.
Result<bool> isEnvi(const std::string& path) {
  if (const FormatFacts* told = formatOfSuffix(path); told != nullptr && told->isToldBySuffix) return false;
  auto files = findEnviFiles(path);
  if (!files) return fail(files.error());
  return files->has_value();
}

Result<OpenedDataset> openEnviFiles(const OpenRequest& request) {
  const std::string& path = request.path;
  auto files = findEnviFiles(path);
  if (!files) return fail(files.error());
  if (*files) return openEnvi(**files);
  return failAt(ErrorCode::OpenFailed, path,
                path + " has no ENVI header: neither " + path + ".hdr nor one with the suffix replaced by .hdr");
}

Result<OpenedDataset> openRaster(const OpenRequest& request) { return openGdal(request); }

Format row(const char* name, Format functions) {
  functions.facts = formatNamed(name);
  return functions;
}

/// In the order in which a file is held against them.
const std::vector<Format>& table() {
  static const FormatFacts kMemory{.name = "MEM"};
  static const std::vector<Format> kTable{
      row("Zarr", {.recognizes = isZarr, .open = openZarrRoot, .checkTarget = checkZarrTarget, .plan = planZarr, .openSink = openZarrSink}),
      row("kerchunk", {.recognizes = isKerchunk, .open = openReferences}),
      row("netCDF",
          {.recognizes = isNetcdf, .open = openVariables, .checkTarget = checkTarget, .plan = planNetcdf, .openSink = openNetcdf}),
      row("HDF5", {.recognizes = isHdf5, .open = openVariables}),
      row("ENVI", {.recognizes = isEnvi, .open = openEnviFiles, .checkTarget = checkTarget, .plan = planEnvi, .openSink = openEnvi}),
      row("GTiff", {.open = openRaster, .mayHaveMask = true, .checkTarget = checkTarget, .plan = planTiff, .openSink = openTiff}),
      row("COG", {.checkTarget = checkTarget, .plan = planTiff, .openSink = openTiff}),
      row("PNG", {.open = openRaster, .mayHaveMask = true, .checkTarget = checkTarget, .plan = planPng, .openSink = openPng}),
      row("CSV",
          {.recognizes = isSpectraTable, .open = openSpectraTable, .checkTarget = checkTarget, .plan = planCsv, .openSink = openCsv}),
      row("GeoJSON", {.checkTarget = checkTarget, .plan = planGeojson, .openSink = openGeojson}),
      row("GPKG", {.checkTarget = checkTarget, .plan = planGpkg, .openSink = openGpkg}),
      row("JPEG", {.open = openRaster, .mayHaveMask = true}),
      row("JP2OpenJPEG", {.open = openRaster, .mayHaveMask = true}),
      row("VRT", {.open = openRaster, .mayHaveMask = true}),
      row("GRIB", {.open = openRaster, .mayHaveMask = true}),
      {.facts = &kMemory, .plan = planMemory, .openSink = openMemory},
  };
  return kTable;
}

const Format* rowOf(const FormatFacts* facts) {
  for (const Format& format : table())
    if (facts != nullptr && format.facts == facts) return &format;
  return nullptr;
}

}  // namespace

const Format* formatRow(const std::string& word) { return rowOf(formatNamed(word)); }

Result<const Format*> recognizedFormat(const std::string& path) {
  std::string start;
  if (std::error_code ignored; std::filesystem::is_regular_file(path, ignored)) {
    auto read = fileStart(path, 16);
    if (!read) return fail(std::move(read.error()));
    start = std::move(*read);
  }
  for (const Format& format : table()) {
    if (format.recognizes != nullptr) {
      auto isOne = format.recognizes(path);
      if (!isOne) return fail(std::move(isOne.error()));
      if (*isOne) return &format;
    }
    for (const std::string& beginning : format.facts->beginnings)
      if (start.starts_with(beginning)) return &format;
    if (format.facts->isOnlyOnChoice && formatOfSuffix(path) == format.facts) return &format;
  }
  return nullptr;
}

Result<const Format*> sinkFormat(const SinkRequest& request) {
  const std::string asked = toLower(request.format);
  const std::string hint = "use format=" + join(writtenFormats(), ", ");
  if (request.path.empty()) {
    if (asked.empty() || asked == "mem") return &table().back();
    return invalidParameter("path", "format " + request.format + " needs a path", "name the file to write");
  }
  const FormatFacts* facts = asked.empty() ? formatOfSuffix(request.path) : formatNamed(asked);
  if (facts != nullptr && facts->isWritten) return rowOf(facts);
  if (!asked.empty()) return invalidParameter("format", "cannot write format '" + request.format + "'", hint);
  const std::string name = std::filesystem::path(request.path).filename().string();
  return invalidParameter("format", "the name '" + name + "' does not tell a format", hint);
}

}  // namespace cubeloom
