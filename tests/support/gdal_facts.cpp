// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/gdal_facts.h"

#include <gdal.h>
#include <ogr_srs_api.h>

namespace cubeloom::test {
namespace {

void readDims(GDALMDArrayH array, StoredArray& read, std::vector<std::size_t>& size) {
  std::size_t count = 0;
  GDALDimensionH* dims = GDALMDArrayGetDimensions(array, &count);
  for (std::size_t i = 0; i < count; ++i) {
    read.dims += (i > 0 ? "," : "") + std::string(GDALDimensionGetName(dims[i]));
    size.push_back(static_cast<std::size_t>(GDALDimensionGetSize(dims[i])));
  }
  GDALReleaseDimensions(dims, count);
}

void readValues(GDALMDArrayH array, const std::vector<std::size_t>& size, StoredArray& read) {
  const std::vector<GUInt64> start(size.size(), 0);
  std::size_t all = 1;
  for (const std::size_t side : size) all *= side;
  read.values.resize(all);
  GDALExtendedDataTypeH type = GDALExtendedDataTypeCreate(GDT_Float64);
  if (GDALMDArrayRead(array, start.data(), size.data(), nullptr, nullptr, type, read.values.data(), nullptr, 0) == FALSE)
    read.values.clear();
  GDALExtendedDataTypeRelease(type);
}

void readAttributes(GDALMDArrayH array, StoredArray& read) {
  read.attributes["units"] = GDALMDArrayGetUnit(array);
  std::size_t count = 0;
  GDALAttributeH* attributes = GDALMDArrayGetAttributes(array, &count, nullptr);
  for (std::size_t i = 0; i < count; ++i)
    if (const char* text = GDALAttributeReadAsString(attributes[i])) read.attributes[GDALAttributeGetName(attributes[i])] = text;
  GDALReleaseAttributes(attributes, count);
}

}  // namespace

StoredArray storedArray(const std::string& path, const std::string& variable) {
  GDALAllRegister();
  StoredArray read;
  GDALDatasetH dataset = GDALOpenEx(path.c_str(), GDAL_OF_MULTIDIM_RASTER, nullptr, nullptr, nullptr);
  if (dataset == nullptr) return read;
  GDALGroupH root = GDALDatasetGetRootGroup(dataset);
  if (GDALMDArrayH array = GDALGroupOpenMDArray(root, variable.c_str(), nullptr)) {
    read.isThere = true;
    std::vector<std::size_t> size;
    readDims(array, read, size);
    GDALExtendedDataTypeH type = GDALMDArrayGetDataType(array);
    const bool isNumber = GDALExtendedDataTypeGetClass(type) == GEDTC_NUMERIC;
    read.type = isNumber ? GDALGetDataTypeName(GDALExtendedDataTypeGetNumericDataType(type)) : "String";
    GDALExtendedDataTypeRelease(type);
    if (isNumber) readValues(array, size, read);
    readAttributes(array, read);
    GDALMDArrayRelease(array);
  }
  GDALGroupRelease(root);
  GDALClose(dataset);
  return read;
}

RasterWords rasterWords(const std::string& path) {
  GDALAllRegister();
  RasterWords words;
  GDALDatasetH dataset = GDALOpenEx(path.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr);
  if (dataset == nullptr) return words;
  GDALGetGeoTransform(dataset, words.transform.data());
  if (const char* place = GDALGetMetadataItem(dataset, "AREA_OR_POINT", nullptr)) words.areaOrPoint = place;
  if (OGRSpatialReferenceH crs = GDALGetSpatialRef(dataset))
    if (const char* vertical = OSRGetAttrValue(crs, "COMPD_CS|VERT_CS", 0)) words.vertical = vertical;
  GDALClose(dataset);
  return words;
}

}  // namespace cubeloom::test
