// SPDX-License-Identifier: GPL-3.0-or-later
// Files with geometries: the same fields from every format, and errors where a file is none, damaged or too much.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <random>

#include "engine/access/feature_layers.h"
#include "engine/io/gdal/gdal_features.h"

using namespace cubeloom;

namespace {

constexpr const char* kFields = R"({"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"name": "north", "crop": "maize", "area": 5}, "geometry": {"type": "Polygon", "coordinates":
  [[[11, 51, 7], [12, 51, 7], [12, 52, 7], [11, 52, 7], [11, 51, 7]], [[11.2, 51.2, 7], [11.2, 51.4, 7], [11.4, 51.4, 7], [11.2, 51.2, 7]]]}},
{"type": "Feature", "properties": {"name": "south", "crop": "wheat", "area": 2}, "geometry": {"type": "MultiPolygon", "coordinates":
  [[[[11, 49], [12, 49], [12, 50], [11, 49]]], [[[13, 49], [14, 49], [14, 50], [13, 49]]]]}}]})";

}  // namespace

class TestFeatures : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::shared_ptr<FeatureProvider> m_provider = makeGdalFeatures();

  std::string path(const QString& name) const { return m_folder.filePath(name).toStdString(); }
  void write(const QString& name, const QByteArray& text) const {
    QFile file(m_folder.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
  }
  void convert(const QStringList& words) const {
    QProcess process;
    process.start("ogr2ogr", words);
    QVERIFY(process.waitForFinished());
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
  }
  Result<std::shared_ptr<const Features>> read(const QString& name, const std::string& layer = {}, const std::string& where = {},
                                               const std::string& id = {}) const {
    return m_provider->read({path(name), layer, where, id});
  }
  QString problem(const Result<std::shared_ptr<const Features>>& features) const {
    return features ? QString("read") : QString::fromStdString(features.error().text());
  }

 private slots:
  void initTestCase() { write("fields.geojson", kFields); }

  void everyFormatTellsTheSame_data() {
    QTest::addColumn<QString>("driver");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("id");
    QTest::newRow("GeoJSON") << ""
                             << "fields.geojson"
                             << "name";
    QTest::newRow("GeoPackage") << "GPKG"
                                << "fields.gpkg"
                                << "name";
    QTest::newRow("Shapefile") << "ESRI Shapefile"
                               << "fields.shp"
                               << "name";
    QTest::newRow("FlatGeobuf") << "FlatGeobuf"
                                << "fields.fgb"
                                << "name";
    QTest::newRow("KML") << "KML"
                         << "fields.kml"
                         << "Name";
    QTest::newRow("CSV") << "CSV"
                         << "table.csv"
                         << "name";
  }
  void everyFormatTellsTheSame() {
    QFETCH(QString, driver);
    QFETCH(QString, name);
    QFETCH(QString, id);
    if (!driver.isEmpty()) {
      QStringList words{"-f", driver, m_folder.filePath(name), m_folder.filePath("fields.geojson"), "-nlt", "PROMOTE_TO_MULTI"};
      if (driver == "CSV")
        words = QStringList{"-f", "CSV", m_folder.filePath(name), m_folder.filePath("fields.geojson"), "-lco", "GEOMETRY=AS_WKT"};
      convert(words);
    }
    const auto features = read(name, {}, {}, id.toStdString());
    QVERIFY2(features.has_value(), qPrintable(problem(features)));
    const Features& all = **features;
    QCOMPARE(all.features.size(), std::size_t{2});
    std::vector<const Feature*> sorted{&all.features[0], &all.features[1]};  // FlatGeobuf has an order of its own
    if (sorted[0]->id != "north") std::swap(sorted[0], sorted[1]);
    QCOMPARE(sorted[0]->id, std::string("north"));
    QCOMPARE(sorted[1]->id, std::string("south"));
    QCOMPARE(sorted[0]->geometry.rings.size(), std::size_t{2});
    QCOMPARE(sorted[0]->geometry.rings[1].isHole, true);
    QCOMPARE(sorted[1]->geometry.rings.size(), std::size_t{2});
    QCOMPARE(sorted[1]->geometry.rings[1].isHole, false);
    double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
    for (const Feature& one : all.features)
      for (const GeometryRing& ring : one.geometry.rings)
        for (const Vertex& v : ring.vertices) {
          west = std::min(west, v.x), east = std::max(east, v.x);
          south = std::min(south, v.y), north = std::max(north, v.y);
        }
    QCOMPARE((std::vector{west, south, east, north}), (std::vector{11.0, 49.0, 14.0, 52.0}));
    QCOMPARE(all.crs.isValid(), driver != "CSV");
    if (all.crs.isValid()) QVERIFY(all.crs.isGeographic());
  }

  void choosesLayerFeaturesAndNames() {
    convert({"-f", "GPKG", m_folder.filePath("two.gpkg"), m_folder.filePath("fields.geojson"), "-nln", "a"});
    convert(
        {"-f", "GPKG", "-update", m_folder.filePath("two.gpkg"), m_folder.filePath("fields.geojson"), "-nln", "b", "-where", "area < 3"});
    QVERIFY2(problem(read("two.gpkg")).contains("|layer=: a, b"), qPrintable(problem(read("two.gpkg"))));
    QCOMPARE((*read("two.gpkg", "b"))->features.size(), std::size_t{1});
    QVERIFY(problem(read("two.gpkg", "c")).contains("its layers are a, b"));
    for (const QString name : {"two.gpkg", "fields.geojson"}) {
      const std::string layer = name == "two.gpkg" ? "a" : "";
      const auto one = read(name, layer, "crop = 'maize' AND area > 3", "area");
      QVERIFY2(one.has_value(), qPrintable(problem(one)));
      QCOMPARE((*one)->features.size(), std::size_t{1});
      QCOMPARE((*one)->features[0].id, std::string("5"));
      QVERIFY(problem(read(name, layer, "crop = ")).contains("condition is not understood"));
      QVERIFY(problem(read(name, layer, "area > 100")).contains("no feature meets the condition"));
      QVERIFY2(problem(read(name, layer, {}, "naem")).contains("its attributes are name, crop, area"),
               qPrintable(problem(read(name, layer, {}, "naem"))));
    }
    QCOMPARE((*read("fields.geojson"))->features[1].id, std::string("2"));
  }

  // GeoJSON's former member `crs`, as many still write it.
  void crsMemberOfGeoJson() {
    write("utm.geojson",
          R"({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}, "features": [
{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [500000, 5500000]}}]})");
    const auto features = read("utm.geojson");
    QVERIFY2(features.has_value(), qPrintable(problem(features)));
    QCOMPARE((*features)->crs.authority(), std::string("EPSG:32633"));
    QCOMPARE((*features)->features[0].geometry.points, (std::vector<Vertex>{{500000, 5500000}}));
  }

  void saysWhatIsLeftOut() {
    write("mixed.geojson", R"({"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {}, "geometry": null},
{"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}},
{"type": "Feature", "properties": {}, "geometry": {"type": "GeometryCollection", "geometries": [
  {"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}]}}]})");
    const auto features = read("mixed.geojson");
    QVERIFY2(features.has_value(), qPrintable(problem(features)));
    QCOMPARE((*features)->warnings,
             (std::vector<std::string>{"1 feature without a geometry: left out", "1 feature with lines alone: left out"}));
    QCOMPARE((*features)->features.size(), std::size_t{1});
    QCOMPARE((*features)->features[0].id, std::string("3"));
  }

  // What is a name of GDAL's and not a file, or reaches elsewhere, is not opened.
  void opensFilesOnly() {
    const auto wrong = [this](const std::string& name) { return problem(m_provider->read({name, {}, {}, {}})); };
    QVERIFY(wrong("/vsizip/a.zip/fields.shp").contains("files on disk only"));
    QVERIFY(wrong("https://example.com/fields.geojson").contains("files on disk only"));
    QVERIFY(wrong(path("nothing.gpkg")).contains("there is no file"));
    QVERIFY(wrong(m_folder.path().toStdString()).contains("is not a file"));
    QVERIFY(wrong(R"({"type": "Point", "coordinates": [1, 2]})").contains("there is no file"));
    write("union.vrt",
          "<OGRVRTDataSource><OGRVRTLayer name='fields'><SrcDataSource>fields.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>");
    QVERIFY2(wrong(path("union.vrt")).contains("no geometries can be read"), qPrintable(wrong(path("union.vrt"))));
    write(
        "link.kml",
        "<kml xmlns='http://www.opengis.net/kml/2.2'><NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink></kml>");
    QVERIFY(!m_provider->read({path("link.kml"), {}, {}, {}}).has_value());
  }

  // Cut off, and with bytes changed: an error or features, never a crash; and afterwards a good file is read as before.
  void damagedFilesAreErrors() {
    std::mt19937 random(5);
    for (const QString name : {"fields.geojson", "fields.gpkg", "fields.shp", "fields.fgb", "fields.kml", "table.csv"}) {
      QFile file(m_folder.filePath(name));
      QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(name));
      const QByteArray whole = file.readAll();
      for (int trial = 0; trial < 12; ++trial) {
        QByteArray bad = whole;
        if (trial < 4) bad.truncate(whole.size() * trial / 4);
        for (int i = 0; trial >= 4 && i < 1 + trial; ++i)
          bad[static_cast<qsizetype>(random() % static_cast<unsigned>(bad.size()))] = static_cast<char>(random());
        const QString to = "bad." + QFileInfo(name).suffix();
        write(to, bad);
        if (name == "fields.shp")
          for (const char* beside : {".dbf", ".shx"}) {
            QFile::remove(m_folder.filePath(QString("bad") + beside));
            QFile::copy(m_folder.filePath(QString("fields") + beside), m_folder.filePath(QString("bad") + beside));
          }
        const auto features = read(to);
        if (!features) QVERIFY2(!features.error().message.empty(), qPrintable(name));
      }
    }
    QVERIFY(read("fields.gpkg").has_value());
  }

  void keepsWhatIsUnchanged() {
    const auto first = read("fields.geojson"), again = read("fields.geojson");
    QCOMPARE(first->get(), again->get());
    write("fields.geojson", QByteArray(kFields).replace("maize", "oats"));
    QVERIFY((*read("fields.geojson"))->features.size() == 2 && read("fields.geojson")->get() != first->get());
  }

  /// What ogrinfo says of the file.
  void layersTellWhatThereIsToChoose() {
    write("fields.geojson", kFields);
    convert({"-f", "GPKG", "-nln", "plots", m_folder.filePath("two.gpkg"), m_folder.filePath("fields.geojson")});
    convert({"-update", "-f", "GPKG", "-nln", "stations", m_folder.filePath("two.gpkg"), m_folder.filePath("fields.geojson"), "-dialect",
             "SQLite", "-sql", "SELECT ST_Centroid(geometry) AS geometry, name AS station FROM fields"});
    const auto layers = FeatureLister::of(m_provider.get())->layers(path("two.gpkg"));
    QVERIFY2(layers.has_value(), layers ? "" : layers.error().text().c_str());
    QCOMPARE(layers->size(), std::size_t(2));
    const FeatureLayer& plots = (*layers)[0];
    QCOMPARE(plots.name, std::string("plots"));
    QCOMPARE(plots.count, 2);
    QStringList fields;
    for (const FeatureField& field : plots.fields)
      fields << QString::fromStdString(field.name + " " + field.type + " " + (field.examples.empty() ? "" : field.examples[0]));
    QCOMPARE(fields.join("; "), QString("name text north; crop text maize; area whole number 5"));
    QCOMPARE((*layers)[1].name, std::string("stations"));
    QCOMPARE((*layers)[1].geometry, std::string("points"));

    write("stations.csv", "station,x,y\nA,1,2\n");
    const auto table = FeatureLister::of(m_provider.get())->layers(path("stations.csv"));
    QVERIFY(table && table->size() == 1);
    QCOMPARE((*table)[0].geometry, std::string("points"));
    const auto none = FeatureLister::of(m_provider.get())->layers(path("nothing.gpkg"));
    QVERIFY(!none);
    QVERIFY2(none.error().text().find("there is no file") != std::string::npos, none.error().text().c_str());
    write("damaged.gpkg", "SQLite format 3, but no more");
    QVERIFY(!FeatureLister::of(m_provider.get())->layers(path("damaged.gpkg")));
  }
};

QTEST_APPLESS_MAIN(TestFeatures)
#include "tst_features.moc"
