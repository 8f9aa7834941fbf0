// SPDX-License-Identifier: GPL-3.0-or-later
// A GeoPackage of one layer.
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <cmath>
#include <memory>

#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"

namespace cubeloom::gdal {
namespace {

struct CloseTable {
  void operator()(void* dataset) const { GDALClose(dataset); }
};
struct ReleaseReference {
  void operator()(void* reference) const { OSRRelease(static_cast<OGRSpatialReferenceH>(reference)); }
};
struct DestroyLine {
  void operator()(void* feature) const { OGR_F_Destroy(static_cast<OGRFeatureH>(feature)); }
};

OGRFieldType fieldTypeOf(GdalTable::Column::Kind kind) {
  switch (kind) {
    case GdalTable::Column::Kind::Text: return OFTString;
    case GdalTable::Column::Kind::Whole: return OFTInteger64;
    case GdalTable::Column::Kind::Real: break;
  }
  return OFTReal;
}

bool addColumns(OGRLayerH layer, const GdalTable& table) {
  for (const GdalTable::Column& column : table.columns) {
    OGRFieldDefnH field = OGR_Fld_Create(column.name.c_str(), fieldTypeOf(column.kind));
    const OGRErr made = OGR_L_CreateField(layer, field, FALSE);
    OGR_Fld_Destroy(field);
    if (made != OGRERR_NONE) return false;
  }
  return true;
}

void setCell(OGRFeatureH line, int field, const GdalTable::Column& column, std::size_t i) {
  if (column.kind == GdalTable::Column::Kind::Text) {
    if (column.texts[i].empty()) {
      OGR_F_SetFieldNull(line, field);
    } else {
      OGR_F_SetFieldString(line, field, column.texts[i].c_str());
    }
  } else if (const double number = column.numbers[i]; std::isnan(number)) {
    OGR_F_SetFieldNull(line, field);
  } else if (column.kind == GdalTable::Column::Kind::Whole) {
    OGR_F_SetFieldInteger64(line, field, static_cast<GIntBig>(number));
  } else {
    OGR_F_SetFieldDouble(line, field, number);
  }
}

bool addLines(OGRLayerH layer, const GdalTable& table) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(table.lines); ++i) {
    const std::unique_ptr<void, DestroyLine> line(OGR_F_Create(OGR_L_GetLayerDefn(layer)));
    auto* const feature = static_cast<OGRFeatureH>(line.get());
    for (std::size_t c = 0; c < table.columns.size(); ++c) setCell(feature, static_cast<int>(c), table.columns[c], i);
    if (i < table.geometries.size() && table.geometries[i] != "null") {
      OGRGeometryH geometry = OGR_G_CreateGeometryFromJson(table.geometries[i].c_str());
      if (geometry == nullptr || OGR_F_SetGeometryDirectly(feature, geometry) != OGRERR_NONE) return false;
    }
    if (OGR_L_CreateFeature(layer, feature) != OGRERR_NONE) return false;
  }
  return true;
}

bool isWritten(const GdalTable& table) {
  const std::unique_ptr<void, CloseTable> file(GDALCreate(GDALGetDriverByName("GPKG"), table.path.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
  if (file == nullptr) return false;
  const std::unique_ptr<void, ReleaseReference> degrees(OSRNewSpatialReference(nullptr));
  auto* const reference = static_cast<OGRSpatialReferenceH>(degrees.get());
  if (OSRImportFromEPSG(reference, 4326) != OGRERR_NONE) return false;
  OSRSetAxisMappingStrategy(reference, OAMS_TRADITIONAL_GIS_ORDER);
  const bool hasPlaces = !table.geometries.empty();
  OGRLayerH layer =
      GDALDatasetCreateLayer(file.get(), table.layer.c_str(), hasPlaces ? reference : nullptr, hasPlaces ? wkbUnknown : wkbNone, nullptr);
  if (layer == nullptr || !addColumns(layer, table)) return false;
  if (OGR_L_StartTransaction(layer) != OGRERR_NONE || !addLines(layer, table)) return false;
  return OGR_L_CommitTransaction(layer) == OGRERR_NONE;
}

bool readsBack(const GdalTable& table) {
  const char* const drivers[] = {"GPKG", nullptr};
  const std::unique_ptr<void, CloseTable> file(
      GDALOpenEx(table.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers, nullptr, nullptr));
  if (file == nullptr || GDALDatasetGetLayerCount(file.get()) != 1) return false;
  OGRLayerH layer = GDALDatasetGetLayer(file.get(), 0);
  return OGR_L_GetFeatureCount(layer, TRUE) == table.lines &&
         OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(layer)) == static_cast<int>(table.columns.size());
}

}  // namespace

GdalAnswer<> writeTable(const GdalTable& table) {
  const Complaints complaints;
  const Setting date("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z");  // the same table makes the same bytes
  const Setting noJournalFile("OGR_SQLITE_JOURNAL", "MEMORY");
  // A full disk may show only while closing, which returns nothing: the complaints tell.
  if (!isWritten(table) || complaints.hasFailed()) return complaints.failure();
  if (!readsBack(table) || complaints.hasFailed())
    return tl::unexpected(complaints.hasFailed() ? complaints.reason() : std::string("it does not read back as it was written"));
  return {};
}

}  // namespace cubeloom::gdal
