// SPDX-License-Identifier: GPL-3.0-or-later
// The geometries of a layer.
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/io/gdal/module/confinement.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"
#include "engine/io/gdal/module/wkt.h"

namespace cubeloom::gdal {
namespace {

constexpr int kMostExamples = 3, kMostLookedAt = 50, kMostListed = 500;
constexpr int kMostNested = 32;
constexpr std::size_t kMostIdBytes = 4096;

struct CloseDataset {
  void operator()(void* dataset) const { GDALClose(dataset); }
};
struct DestroyFeature {
  void operator()(void* feature) const { OGR_F_Destroy(static_cast<OGRFeatureH>(feature)); }
};
struct DestroyGeometry {
  void operator()(void* geometry) const { OGR_G_DestroyGeometry(static_cast<OGRGeometryH>(geometry)); }
};
using DatasetPointer = std::unique_ptr<void, CloseDataset>;
using FeaturePointer = std::unique_ptr<void, DestroyFeature>;
using GeometryPointer = std::unique_ptr<void, DestroyGeometry>;

OGRGeometryH geometryOf(const GeometryPointer& pointer) { return static_cast<OGRGeometryH>(pointer.get()); }

/// What of a geometry is a polygon or a point.
class Flattened {
 public:
  Flattened(GdalFeature& to, std::int64_t most) : m_to(to), m_most(most) {}
  bool isTooMuch() const { return m_vertices > m_most; }
  bool isBroken() const { return m_isBroken; }
  std::int64_t vertices() const { return m_vertices; }

  void add(OGRGeometryH geometry, int depth = 0) {
    if (geometry == nullptr || depth > kMostNested || isTooMuch()) return;
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (type == wkbPoint) {
      if (OGR_G_IsEmpty(geometry) == 0) addPart(geometry, GdalPart::Role::Point);
    } else if (type == wkbPolygon || type == wkbTriangle) {
      for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i)
        addPart(OGR_G_GetGeometryRef(geometry, i), i == 0 ? GdalPart::Role::Ring : GdalPart::Role::Hole);
    } else {
      for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i) add(OGR_G_GetGeometryRef(geometry, i), depth + 1);
    }
  }

 private:
  void addPart(OGRGeometryH line, GdalPart::Role role) {
    const int count = OGR_G_GetPointCount(line);
    m_vertices += count;
    if (isTooMuch()) return;
    GdalPart part{role, std::vector<double>(static_cast<std::size_t>(count) * 2)};
    constexpr int kStep = 2 * sizeof(double);
    OGR_G_GetPoints(line, part.places.data(), kStep, part.places.data() + 1, kStep, nullptr, 0);
    m_isBroken = m_isBroken || !std::all_of(part.places.begin(), part.places.end(), [](double v) { return std::isfinite(v); });
    m_to.parts.push_back(std::move(part));
  }

  GdalFeature& m_to;
  std::int64_t m_most, m_vertices = 0;
  bool m_isBroken = false;
};

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 20); ++i) all += (i > 0 ? ", " : "") + names[i];
  return names.size() > 20 ? all + ", ..." : all;
}

std::vector<std::string> layersOf(GDALDatasetH dataset) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(GDALDatasetGetLayerCount(dataset)));
  for (int i = 0; i < GDALDatasetGetLayerCount(dataset); ++i) names.emplace_back(OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
  return names;
}

/// The layer that is meant; null: `to` says why there is none.
OGRLayerH layerOf(GDALDatasetH dataset, const std::string& wanted, GdalFeatures& to) {
  const std::vector<std::string> names = layersOf(dataset);
  if (!wanted.empty()) {
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found != names.end()) return GDALDatasetGetLayer(dataset, static_cast<int>(found - names.begin()));
    to.wrong = {"layer", "there is no layer '" + wanted + "'", "its layers are " + listed(names)};
    return nullptr;
  }
  if (names.size() == 1) return GDALDatasetGetLayer(dataset, 0);
  to.wrong = {"layer", names.empty() ? "it has no layer with geometries" : "it has " + std::to_string(names.size()) + " layers",
              names.empty() ? "name a file of polygons or points" : "name one with |layer=: " + listed(names)};
  return nullptr;
}

/// The place of the attribute; -1: none is wanted, or `to` says that there is none.
int fieldOf(OGRLayerH layer, const std::string& wanted, GdalFeatures& to) {
  if (wanted.empty()) return -1;
  OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
  const int field = OGR_FD_GetFieldIndex(definition, wanted.c_str());
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(OGR_FD_GetFieldCount(definition)));
  for (int i = 0; i < OGR_FD_GetFieldCount(definition); ++i) names.emplace_back(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i)));
  if (field < 0)
    to.wrong = {"id", "there is no attribute '" + wanted + "'",
                names.empty() ? "the layer has none: leave id out" : "its attributes are " + listed(names)};
  return field;
}

std::string idOf(OGRFeatureH feature, int field, std::int64_t number) {
  if (field < 0) return std::to_string(number);
  if (OGR_F_IsFieldSetAndNotNull(feature, field) == 0) return {};
  std::string id = OGR_F_GetFieldAsString(feature, field);
  if (id.size() > kMostIdBytes) id.resize(kMostIdBytes);
  return id;
}

DatasetPointer openVector(const GdalFeaturesRequest& request) {
  const auto listOf = [](const std::vector<std::string>& texts) {
    CPLStringList list;
    for (const std::string& text : texts) list.AddString(text.c_str());
    return list;
  };
  const CPLStringList drivers = listOf(request.drivers), options = listOf(request.options);
  return DatasetPointer(
      GDALOpenEx(request.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers.List(), options.List(), nullptr));
}

const char* geometryWord(OGRwkbGeometryType type) {
  switch (wkbFlatten(type)) {
    case wkbNone: return "";
    case wkbPoint:
    case wkbMultiPoint: return "points";
    case wkbPolygon:
    case wkbMultiPolygon:
    case wkbCurvePolygon:
    case wkbMultiSurface:
    case wkbTriangle: return "polygons";
    case wkbLineString:
    case wkbMultiLineString:
    case wkbCircularString:
    case wkbCompoundCurve:
    case wkbMultiCurve: return "lines";
    default: return "mixed";
  }
}

const char* fieldWord(OGRFieldType type) {
  switch (type) {
    case OFTString: return "text";
    case OFTInteger:
    case OFTInteger64: return "whole number";
    case OFTReal: return "number";
    case OFTDate:
    case OFTTime:
    case OFTDateTime: return "date";
    default: return "other";
  }
}

GdalLayer layerFacts(OGRLayerH layer) {
  GdalLayer facts{OGR_L_GetName(layer), geometryWord(OGR_L_GetGeomType(layer)), OGR_L_GetFeatureCount(layer, FALSE), {}};
  OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
  const int count = std::min(OGR_FD_GetFieldCount(definition), kMostListed);
  facts.fields.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
    facts.fields.push_back({OGR_Fld_GetNameRef(field), fieldWord(OGR_Fld_GetType(field)), {}});
  }
  OGR_L_ResetReading(layer);
  const bool isSaid = OGR_GT_Flatten(OGR_L_GetGeomType(layer)) != wkbUnknown;
  for (int looked = 0; looked < kMostLookedAt; ++looked) {
    const FeaturePointer feature{OGR_L_GetNextFeature(layer)};
    if (!feature) break;
    OGRGeometryH geometry = OGR_F_GetGeometryRef(static_cast<OGRFeatureH>(feature.get()));
    if (!isSaid && geometry != nullptr) {
      const std::string word = geometryWord(OGR_G_GetGeometryType(geometry));
      facts.geometry = looked == 0 || facts.geometry == word ? word : "mixed";
    }
    for (int i = 0; i < count; ++i) {
      std::vector<std::string>& examples = facts.fields[static_cast<std::size_t>(i)].examples;
      if (static_cast<int>(examples.size()) == kMostExamples) continue;
      const std::string value = idOf(static_cast<OGRFeatureH>(feature.get()), i, 0);
      if (!value.empty() && std::find(examples.begin(), examples.end(), value) == examples.end()) examples.push_back(value);
    }
  }
  return facts;
}

}  // namespace

GdalAnswer<GdalLayers> listLayers(const GdalFeaturesRequest& request) {
  const Complaints complaints;
  const Confinement bounds(request.path);
  const DatasetPointer dataset = openVector(request);
  if (dataset == nullptr) return complaints.failure();
  GdalLayers answer;
  const int count = std::min(GDALDatasetGetLayerCount(dataset.get()), kMostListed);
  answer.layers.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) answer.layers.push_back(layerFacts(GDALDatasetGetLayer(dataset.get(), i)));
  return answer;
}

GdalAnswer<GdalFeatures> readFeatures(const GdalFeaturesRequest& request) {
  const Complaints complaints;
  const Confinement bounds(request.path);
  const DatasetPointer dataset = openVector(request);
  if (dataset == nullptr) return complaints.failure();
  GdalFeatures answer;
  OGRLayerH layer = layerOf(dataset.get(), request.layer, answer);
  if (layer == nullptr) return answer;
  const int field = fieldOf(layer, request.id, answer);
  if (!answer.wrong.parameter.empty()) return answer;
  answer.layer = OGR_L_GetName(layer);
  const auto isNotUnderstood = [&] {
    answer.wrong = {"where", "the condition is not understood: " + complaints.reason(), "write it as in SQL: crop = 'maize' AND area > 2"};
    return answer;
  };
  if (!request.where.empty() && OGR_L_SetAttributeFilter(layer, request.where.c_str()) != OGRERR_NONE) return isNotUnderstood();
  if (OGRSpatialReferenceH reference = OGR_L_GetSpatialRef(layer))
    for (const char* format : {"FORMAT=WKT2_2019", "FORMAT=WKT1_GDAL"})
      if (std::string wkt = wktOf(reference, format); !wkt.empty()) answer.crs.push_back(std::move(wkt));
  OGR_L_ResetReading(layer);
  std::int64_t vertices = 0, number = 0;
  while (const FeaturePointer feature{OGR_L_GetNextFeature(layer)}) {
    ++number;
    auto* const handle = static_cast<OGRFeatureH>(feature.get());
    OGRGeometryH geometry = OGR_F_GetGeometryRef(handle);
    if (geometry == nullptr || OGR_G_IsEmpty(geometry) != 0) {
      ++answer.withoutGeometry;
      continue;
    }
    GeometryPointer straight;
    if (OGR_G_HasCurveGeometry(geometry, FALSE) != 0) straight.reset(OGR_G_GetLinearGeometry(geometry, 0, nullptr));
    GdalFeature one{idOf(handle, field, number), {}};
    Flattened flattened(one, request.mostVertices - vertices);
    flattened.add(straight ? geometryOf(straight) : geometry);
    vertices += flattened.vertices();
    if (flattened.isTooMuch() || static_cast<std::int64_t>(answer.features.size()) >= request.mostFeatures) {
      answer.isTooMuch = true;
      return answer;
    }
    if (flattened.isBroken()) {
      ++answer.broken;
    } else if (one.parts.empty()) {
      ++answer.others;
    } else {
      answer.features.push_back(std::move(one));
    }
  }
  // A database looks at the condition when it is first asked for a feature.
  if (complaints.hasFailed() && !request.where.empty() && number == 0) return isNotUnderstood();
  if (complaints.hasFailed()) return complaints.failure();
  return answer;
}

}  // namespace cubeloom::gdal
