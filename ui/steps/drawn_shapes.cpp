// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/steps/drawn_shapes.h"

#include <QCoreApplication>
#include <QDir>
#include <QSaveFile>
#include <QStandardPaths>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

QString words(const char* text) { return QCoreApplication::translate("DrawnShapes", text); }

/// The exact CRS of the file, else nothing: then it is longitude and latitude.
std::string codeOf(const Crs& crs) {
  const std::string code = crs.isGeographic() ? std::string() : crs.authority();
  return code.starts_with("EPSG:") ? "urn:ogc:def:crs:EPSG::" + code.substr(5) : std::string();
}

/// RFC 7946: closed, the outline counter-clockwise, holes clockwise.
Json ringJson(QPolygonF ring, bool isHole) {
  double area = 0;
  for (int i = 0; i < static_cast<int>(ring.size()); ++i) {
    const QPointF a = ring[i], b = ring[(i + 1) % ring.size()];
    area += a.x() * b.y() - b.x() * a.y();
  }
  if ((area > 0) == isHole) std::reverse(ring.begin(), ring.end());
  Json json = Json::array();
  for (const QPointF& place : ring) json.push_back({place.x(), place.y()});
  if (!json.empty()) json.push_back(json.front());
  return json;
}

QByteArray geoJson(const MapShapes& shapes, bool arePolygons) {
  const std::string code = codeOf(shapes.crs);
  const std::vector<MapShape> placed = code.empty() ? inCrs(shapes, Crs::fromUser("OGC:CRS84").value_or(Crs())) : shapes.shapes;
  Json features = Json::array();
  for (const MapShape& shape : placed) {
    Json coordinates = Json::array();
    if (arePolygons)
      for (std::size_t r = 0; r < shape.rings.size(); ++r) coordinates.push_back(ringJson(shape.rings[r], r > 0));
    else
      coordinates = {shape.rings.front().front().x(), shape.rings.front().front().y()};
    features.push_back({{"type", "Feature"},
                        {"properties", {{"name", shape.name.toStdString()}}},
                        {"geometry", {{"type", arePolygons ? "Polygon" : "Point"}, {"coordinates", coordinates}}}});
  }
  Json document{{"type", "FeatureCollection"}, {"features", features}};
  if (!code.empty()) document["crs"] = {{"type", "name"}, {"properties", {{"name", code}}}};
  return QByteArray::fromStdString(document.dump(1)) + '\n';
}

QByteArray csv(const MapShapes& shapes, bool arePolygons) {
  std::string text = "name,WKT\n";
  for (const MapShape& shape : shapes.shapes) {
    std::string places;
    for (QPolygonF ring : shape.rings) {
      if (arePolygons) ring << ring.front();
      std::string line;
      for (const QPointF& place : ring) line += (line.empty() ? "" : ", ") + formatNumber(place.x()) + " " + formatNumber(place.y());
      places += (places.empty() ? "(" : ", (") + line + ")";
    }
    const std::string name = QString(shape.name).replace(QLatin1Char('"'), QStringLiteral("\"\"")).toStdString();
    text += "\"" + name + "\",\"" + (arePolygons ? "POLYGON (" + places + ")" : "POINT " + places) + "\"\n";
  }
  return QByteArray::fromStdString(text);
}

}  // namespace

Result<Json> saveShapes(const MapShapes& shapes, bool arePolygons, const QString& folder, const QString& stem) {
  const QString place =
      folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/drawn") : folder;
  if (!QDir().mkpath(place))
    return fail(ErrorCode::WriteFailed, words("the folder %1 cannot be made").arg(place).toStdString(),
                words("save the chain elsewhere").toStdString());
  const QString ending = shapes.crs.isValid() ? QStringLiteral(".geojson") : QStringLiteral(".csv");
  QString name;
  for (int number = 1; name.isEmpty() || QFile::exists(QDir(place).filePath(name)); ++number)
    name = QStringLiteral("%1_%2%3").arg(stem).arg(number).arg(ending);
  QSaveFile file(QDir(place).filePath(name));
  const QByteArray text = shapes.crs.isValid() ? geoJson(shapes, arePolygons) : csv(shapes, arePolygons);
  if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
    return fail(ErrorCode::WriteFailed, words("%1 cannot be written: %2").arg(file.fileName(), file.errorString()).toStdString(),
                words("save the chain where files may be written").toStdString());
  const std::string path = (folder.isEmpty() ? QDir(place).filePath(name) : name).toStdString();
  bool areNumbered = true;
  for (std::size_t i = 0; i < shapes.shapes.size(); ++i)
    areNumbered = areNumbered && shapes.shapes[i].name == QString::number(static_cast<int>(i) + 1);
  return areNumbered ? Json(path) : Json{{"path", path}, {"id", "name"}};
}

MapShapes shapesOf(const Features& features, bool arePolygons) {
  const auto ringOf = [](const std::vector<Vertex>& vertices) {
    QPolygonF ring;
    for (const Vertex& vertex : vertices) ring << QPointF(vertex.x, vertex.y);
    if (ring.size() > 1 && ring.front() == ring.back()) ring.removeLast();
    return ring;
  };
  MapShapes shapes{features.crs, {}};
  for (const Feature& feature : features.features) {
    const QString name = QString::fromStdString(feature.id);
    if (arePolygons) {
      for (const GeometryRing& ring : feature.geometry.rings) {
        if (!ring.isHole || shapes.shapes.empty()) shapes.shapes.push_back({name, {}});
        shapes.shapes.back().rings.push_back(ringOf(ring.vertices));
      }
    } else {
      for (const Vertex& point : feature.geometry.points) shapes.shapes.push_back({name, {QPolygonF({QPointF(point.x, point.y)})}});
    }
  }
  return shapes;
}

int cornerCount(const MapShapes& shapes) {
  qsizetype count = 0;
  for (const MapShape& shape : shapes.shapes)
    for (const QPolygonF& ring : shape.rings) count += ring.size();
  return static_cast<int>(count);
}

}  // namespace cubeloom
