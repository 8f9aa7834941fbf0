// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/gdal_writer.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <cstring>
#include <utility>

#include "engine/io/gdal/module/gdal_types.h"

namespace cubeloom::test {
namespace {

void setPlace(GDALDatasetH dataset, const GdalFile& file) {
  if (!file.geolocation.empty()) return;
  OGRSpatialReferenceH srs = OSRNewSpatialReference(nullptr);
  OSRSetFromUserInput(srs, file.crs.c_str());
  OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
  std::vector<GDAL_GCP> points(file.controlPoints.size());
  GDALInitGCPs(static_cast<int>(points.size()), points.data());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [col, row, x, y] = file.controlPoints[i];
    points[i].dfGCPPixel = col;
    points[i].dfGCPLine = row;
    points[i].dfGCPX = x;
    points[i].dfGCPY = y;
  }
  if (points.empty()) {
    std::array<double, 6> geotransform = file.geotransform;
    GDALSetGeoTransform(dataset, geotransform.data());
    GDALSetSpatialRef(dataset, srs);
  } else {
    GDALSetGCPs2(dataset, static_cast<int>(points.size()), points.data(), srs);
  }
  GDALDeinitGCPs(static_cast<int>(points.size()), points.data());
  OSRDestroySpatialReference(srs);
}

void setGeolocation(GDALDatasetH dataset, const std::vector<std::string>& items) {
  char** metadata = nullptr;
  for (const std::string& item : items) metadata = CSLAddString(metadata, item.c_str());
  if (metadata != nullptr) GDALSetMetadata(dataset, metadata, "GEOLOCATION");
  CSLDestroy(metadata);
}

void setPalette(GDALDatasetH dataset) {
  GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
  for (int i = 0; i < 256; ++i) {
    const GDALColorEntry entry{static_cast<short>(255 - i), static_cast<short>(i), 7, 255};
    GDALSetColorEntry(table, i, &entry);
  }
  GDALSetRasterColorTable(GDALGetRasterBand(dataset, 1), table);
  GDALDestroyColorTable(table);
}

}  // namespace

std::string writeGdalFile(const GdalFile& file, std::vector<std::byte> pixels) {
  GDALAllRegister();
  CPLSetThreadLocalConfigOption("OSR_USE_NON_DEPRECATED", "NO");
  CPLErrorReset();
  GDALDriverH driver = GDALGetDriverByName(file.driver.c_str());
  if (driver == nullptr) return "no driver " + file.driver;
  const GDALDataType type = gdalTypeOf(file.type);
  GDALDatasetH memory = GDALCreate(GDALGetDriverByName("MEM"), "", file.cols, file.rows, file.bands, type, nullptr);
  setPlace(memory, file);
  for (int band = 1; file.nodata && band <= file.bands; ++band) GDALSetRasterNoDataValue(GDALGetRasterBand(memory, band), *file.nodata);
  for (std::size_t b = 0; b < file.scales.size(); ++b) {
    GDALRasterBandH band = GDALGetRasterBand(memory, static_cast<int>(b) + 1);
    GDALSetRasterScale(band, file.scales[b].first);
    GDALSetRasterOffset(band, file.scales[b].second);
    GDALSetRasterUnitType(band, file.unit.c_str());
  }
  if (file.hasPalette) setPalette(memory);
  if (file.isPoint) GDALSetMetadataItem(memory, "AREA_OR_POINT", "Point", nullptr);
  CPLErr written = GDALDatasetRasterIO(memory, GF_Write, 0, 0, file.cols, file.rows, pixels.data(), file.cols, file.rows, type, file.bands,
                                       nullptr, 0, 0, 0);
  char** options = nullptr;
  for (const std::string& option : file.options) options = CSLAddString(options, option.c_str());
  GDALDatasetH copy = written == CE_None ? GDALCreateCopy(driver, file.path.c_str(), memory, FALSE, options, nullptr, nullptr) : nullptr;
  CSLDestroy(options);
  GDALClose(memory);
  if (copy == nullptr) return std::string("not created: ") + CPLGetLastErrorMsg();
  setGeolocation(copy, file.geolocation);
  if (!file.overviewFile.empty()) GDALSetMetadataItem(copy, "OVERVIEW_FILE", file.overviewFile.c_str(), "OVERVIEWS");
  std::vector<int> factors = file.overviews;
  if (!factors.empty())
    written = GDALBuildOverviews(copy, "NEAREST", static_cast<int>(factors.size()), factors.data(), 0, nullptr, nullptr, nullptr);
  GDALClose(copy);
  CPLSetThreadLocalConfigOption("OSR_USE_NON_DEPRECATED", nullptr);
  return written == CE_None ? "" : CPLGetLastErrorMsg();
}

std::string writeSlope(const std::string& path, const Bounds& bounds, float lowest) {
  constexpr int kSide = 40;
  GdalFile file;
  file.path = path;
  file.type = PixelType::Float32;
  file.rows = file.cols = kSide;
  file.crs = "EPSG:4326";
  file.geotransform = {bounds.xmin - 0.02, (bounds.width() + 0.04) / kSide, 0, bounds.ymax + 0.02, 0, -(bounds.height() + 0.04) / kSide};
  std::vector<float> heights;
  for (int row = 0; row < kSide; ++row)
    for (int col = 0; col < kSide; ++col) heights.push_back(lowest + 10 * static_cast<float>(row + col));
  std::vector<std::byte> pixels(heights.size() * sizeof(float));
  std::memcpy(pixels.data(), heights.data(), pixels.size());
  return writeGdalFile(file, std::move(pixels));
}

std::string vrtOfTwoParts(const GdalFile& file, int cut) {
  const std::string cols = std::to_string(file.cols), rows = std::to_string(file.rows);
  std::string vrt = "<VRTDataset rasterXSize=\"" + cols + "\" rasterYSize=\"" + rows + "\">";
  for (int band = 1; band <= file.bands; ++band) {
    vrt += "<VRTRasterBand dataType=\"" + std::string(GDALGetDataTypeName(gdalTypeOf(file.type))) + "\" band=\"" + std::to_string(band) +
           "\">";
    const auto addPart = [&](int from, int count, int to) {
      const auto rect = [&](const char* name, int first) {
        return "<" + std::string(name) + " xOff=\"0\" yOff=\"" + std::to_string(first) + "\" xSize=\"" + cols + "\" ySize=\"" +
               std::to_string(count) + "\"/>";
      };
      vrt += "<SimpleSource><SourceFilename relativeToVRT=\"1\">" + file.path.substr(file.path.rfind('/') + 1) +
             "</SourceFilename><SourceBand>" + std::to_string(band) + "</SourceBand>" + rect("SrcRect", from) + rect("DstRect", to) +
             "</SimpleSource>";
    };
    addPart(cut, file.rows - cut, 0);
    addPart(0, cut, file.rows - cut);
    vrt += "</VRTRasterBand>";
  }
  return vrt + "</VRTDataset>";
}

}  // namespace cubeloom::test
