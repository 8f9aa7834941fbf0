// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's drivers asked for headers only.
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <atomic>

#include "engine/io/gdal/module/gdal_types.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"

namespace cubeloom::gdal {
namespace {

/// A name in GDAL's memory file system; what lies there goes with it.
class MemoryFile {
 public:
  explicit MemoryFile(const std::vector<std::string>& suffixes) : m_suffixes(suffixes) {
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
    return data != nullptr ? std::vector<std::byte>(first, first + length) : std::vector<std::byte>{};
  }

 private:
  const std::vector<std::string>& m_suffixes;
  std::string m_stem;
};

/// False with GDAL's reason pending when it refuses.
bool setGrid(GDALDatasetH dataset, const GdalHeaderRequest& request) {
  Geotransform transform = *request.geotransform;
  if (GDALSetGeoTransform(dataset, transform.data()) != CE_None) return false;
  if (request.crs.empty()) return true;
  OGRSpatialReferenceH crs = OSRNewSpatialReference(nullptr);
  std::string wkt = request.crs;
  char* text = wkt.data();
  bool isDone = OSRImportFromWkt(crs, &text) == OGRERR_NONE;
  OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
  isDone = isDone && GDALSetSpatialRef(dataset, crs) == CE_None;
  OSRRelease(crs);
  return isDone;
}

void setItems(GDALMajorObjectH object, const std::vector<GdalItem>& items) {
  for (const GdalItem& item : items)
    GDALSetMetadataItem(object, item.key.c_str(), item.value.c_str(), item.domain.empty() ? nullptr : item.domain.c_str());
}

void setBand(GDALRasterBandH band, const GdalHeaderRequest::Band& facts) {
  if (!facts.name.empty()) GDALSetDescription(band, facts.name.c_str());
  if (!facts.colour.empty()) GDALSetRasterColorInterpretation(band, GDALGetColorInterpretationByName(facts.colour.c_str()));
  setItems(band, facts.items);
  if (facts.scale) {
    GDALSetRasterScale(band, (*facts.scale)[0]);
    GDALSetRasterOffset(band, (*facts.scale)[1]);
  }
  if (!facts.unit.empty()) GDALSetRasterUnitType(band, facts.unit.c_str());
}

void setColours(GDALRasterBandH band, const std::vector<Colour>& colours) {
  GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto [red, green, blue, opacity] = colours[i];
    const GDALColorEntry entry{red, green, blue, opacity};
    GDALSetColorEntry(table, static_cast<int>(i), &entry);
  }
  GDALSetRasterColorTable(band, table);
  GDALDestroyColorTable(table);
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

GDALDatasetH create(const GdalHeaderRequest& request, const std::string& name) {
  char** options = nullptr;
  for (const std::string& option : request.options) options = CSLAddString(options, option.c_str());
  GDALDatasetH dataset = GDALCreate(GDALGetDriverByName(request.driver.c_str()), name.c_str(), 1, 1, static_cast<int>(request.bands.size()),
                                    gdalTypeOf(request.type), options);
  CSLDestroy(options);
  return dataset;
}

void readBack(const GdalHeaderRequest& request, const std::string& name, GdalHeader& header) {
  const char* drivers[] = {request.driver.c_str(), nullptr};
  if (GDALDatasetH again = GDALOpenEx(name.c_str(), GDAL_OF_RASTER, drivers, nullptr, nullptr)) {
    GDALGetGeoTransform(again, header.readBack.data());
    GDALClose(again);
  }
}

}  // namespace

GdalAnswer<GdalHeader> makeHeader(const GdalHeaderRequest& request) {
  admitSinkDrivers();
  const Setting noSideFiles("GDAL_PAM_ENABLED", "NO");
  const Complaints complaints;
  const MemoryFile file(request.suffixes);
  GDALDatasetH dataset = create(request, file.name(0));
  if (dataset == nullptr) return complaints.failure();
  GdalHeader header;
  if (request.geotransform && !setGrid(dataset, request)) {
    header.refusal = complaints.reason();
    GDALClose(dataset);
    return header;
  }
  setItems(dataset, request.items);
  for (std::size_t i = 0; i < request.bands.size(); ++i) setBand(GDALGetRasterBand(dataset, static_cast<int>(i) + 1), request.bands[i]);
  if (!request.colours.empty()) setColours(GDALGetRasterBand(dataset, 1), request.colours);
  if (request.nodata) setNodata(GDALGetRasterBand(dataset, 1), request.type, *request.nodata);
  GDALClose(dataset);
  if (request.isReadBack) readBack(request, file.name(0), header);
  for (std::size_t i = 0; i < request.suffixes.size(); ++i) header.files.push_back(file.bytes(i));
  return header;
}

}  // namespace cubeloom::gdal
