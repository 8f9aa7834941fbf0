// SPDX-License-Identifier: GPL-3.0-or-later
// Output grids against 300 vectors made with odc-geo 0.4.1 (tests/data/geobox_cases.json), and the requests odc-geo has no vectors for.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <cmath>

#include "engine/geo/output_geobox.h"

using namespace cubeloom;

namespace {

Crs crsOf(const QString& text) { return Crs::fromUser(text.toStdString()).value(); }

GeoBox boxOf(const QJsonObject& json, const Crs& crs) {
  std::array<double, 6> gt{};
  const QJsonArray numbers = json["geotransform"].toArray();
  for (int i = 0; i < 6; ++i) gt[static_cast<std::size_t>(i)] = numbers[i].toDouble();
  const QJsonArray shape = json["shape"].toArray();
  return {shape[0].toInteger(), shape[1].toInteger(), Affine::fromGeotransform(gt), crs};
}

GeoBox utm(std::int64_t rows, std::int64_t cols, double x, double y, double size) {
  return {rows, cols, {size, 0, x, 0, -size, y}, crsOf("EPSG:32610")};
}

}  // namespace

class TestOutputGeobox : public QObject {
  Q_OBJECT

 private slots:
  void odcVectors_data();
  void odcVectors();
  void foundingGrid();
  void sameCrsAutoIsTheSource();
  void shapeAndBounds();
  void tightFitsTheSource();
  void tightInAnotherCrs();
  void anchors();
  void conventionsOfLongitudes_data();
  void conventionsOfLongitudes();
  void theWholeEarthOnAMap_data();
  void theWholeEarthOnAMap();
  void overTheEdgeOfAMap();
  void onceRoundInDegrees();
  void refusals();
};

void TestOutputGeobox::odcVectors_data() {
  QTest::addColumn<QJsonObject>("vector");
  QFile file(CUBELOOM_TEST_DATA "/geobox_cases.json");
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QJsonArray cases = QJsonDocument::fromJson(file.readAll()).object()["cases"].toArray();
  QCOMPARE(cases.size(), 300);
  for (int i = 0; i < cases.size(); ++i) QTest::addRow("%d", i) << cases[i].toObject();
}

void TestOutputGeobox::odcVectors() {
  QFETCH(QJsonObject, vector);
  const QJsonObject from = vector["source"].toObject();
  GridRequest request;
  request.crs = crsOf(vector["crs"].toString());
  const QJsonValue resolution = vector["resolution"];
  request.tight = vector["tight"].toBool();
  if (resolution.isDouble()) {
    request.mode = ResolutionMode::Given;
    request.resolutionX = request.resolutionY = resolution.toDouble();
  } else {
    request.mode = resolution.toString() == "fit" ? ResolutionMode::Fit : ResolutionMode::Auto;
  }
  const auto got = outputGeobox(boxOf(from, crsOf(from["crs"].toString())), request);
  QVERIFY2(got, got ? "" : got.error().text().c_str());
  const GeoBox expected = boxOf(vector["expect"].toObject(), request.crs);
  const QString where = QString("%1 -> %2").arg(from["crs"].toString(), vector["crs"].toString());
  QVERIFY2(
      got->rows() == expected.rows() && got->cols() == expected.cols(),
      qPrintable(
          QString("%1: %2x%3 instead of %4x%5").arg(where).arg(got->rows()).arg(got->cols()).arg(expected.rows()).arg(expected.cols())));
  const auto a = got->affine().geotransform();
  const auto b = expected.affine().geotransform();
  for (std::size_t i = 0; i < 6; ++i)
    QVERIFY2(std::abs(a[i] - b[i]) <= 1e-9 * std::max(1e-9, std::abs(b[i])),
             qPrintable(QString("%1: number %2 is %3 instead of %4").arg(where).arg(i).arg(a[i], 0, 'g', 17).arg(b[i], 0, 'g', 17)));
}

void TestOutputGeobox::foundingGrid() {
  GridRequest request;
  request.crs = crsOf("EPSG:32610");
  request.mode = ResolutionMode::Given;
  request.resolutionX = request.resolutionY = 500;
  const auto got = outputGeobox(utm(12023, 13739, 717720, 3865865, 5), request);
  QVERIFY(got);
  QCOMPARE(got->rows(), 121);
  QCOMPARE(got->cols(), 138);
  QCOMPARE(got->affine(), (Affine{500, 0, 717500, 0, -500, 3866000}));
}

void TestOutputGeobox::sameCrsAutoIsTheSource() {
  const GeoBox rotated(10, 20, {4, 3, 500001.7, 3, -4, 4000000.3}, crsOf("EPSG:32610"));
  for (const ResolutionMode mode : {ResolutionMode::Auto, ResolutionMode::Same}) {
    GridRequest request;
    request.mode = mode;
    QCOMPARE(outputGeobox(rotated, request).value(), rotated);
    request.crs = crsOf("EPSG:32610");
    QCOMPARE(outputGeobox(rotated, request).value(), rotated);
  }
  GridRequest fit;
  fit.mode = ResolutionMode::Fit;
  QVERIFY(outputGeobox(rotated, fit).value().isAxisAligned());
}

void TestOutputGeobox::shapeAndBounds() {
  const GeoBox source = utm(100, 200, 500000, 4000000, 10);
  GridRequest request;
  request.bounds = Bounds{500003, 3999500, 501003, 4000000};
  request.shapeRows = 5;
  request.shapeCols = 10;
  request.tight = true;
  GeoBox got = outputGeobox(source, request).value();
  QCOMPARE(got.bounds(), *request.bounds);
  QCOMPARE(got.rows(), 5);
  QCOMPARE(got.cols(), 10);

  request.shapeRows = request.shapeCols = std::nullopt;
  request.shapeLongest = 50;
  got = outputGeobox(source, request).value();
  QCOMPARE(got.cols(), 50);
  QCOMPARE(got.rows(), 25);
  QCOMPARE(got.affine().a, 20.0);

  request.shapeLongest = std::nullopt;
  request.tight = false;  // the source's 10 m, snapped outwards
  got = outputGeobox(source, request).value();
  QCOMPARE(got.bounds(), (Bounds{500000, 3999500, 501010, 4000000}));
}

/// gdalwarp -ts and xarray's coarsen: both corners stay.
void TestOutputGeobox::tightFitsTheSource() {
  const GeoBox source = utm(120, 180, 500003, 4000007, 15);
  GridRequest request;
  request.tight = true;
  request.shapeRows = 40;
  request.shapeCols = 60;
  const GeoBox thirds(40, 60, {45, 0, 500003, 0, -45, 4000007}, source.crs());
  QCOMPARE(outputGeobox(source, request).value(), thirds);
  request.shapeRows = request.shapeCols = std::nullopt;
  request.shapeLongest = 60;
  QCOMPARE(outputGeobox(source, request).value(), thirds);
  request.shapeLongest = std::nullopt;
  const GeoBox upward(120, 180, {15, 0, 500003, 0, 15, 3998207}, source.crs());
  request.shapeRows = 40;
  request.shapeCols = 60;
  QCOMPARE(outputGeobox(upward, request).value(), thirds);
}

/// The bounding rectangle of the source's own outline, not of a wider one.
void TestOutputGeobox::tightInAnotherCrs() {
  const GeoBox source = utm(300, 200, 600000, 4400000, 30);
  GridRequest request;
  request.crs = crsOf("EPSG:4326");
  request.shapeRows = 250;
  request.shapeCols = 220;
  request.tight = true;
  const Bounds got = outputGeobox(source, request).value().bounds();
  const Bounds expected = source.boundsIn(request.crs).value();
  const double within = 1e-3 * expected.width() / 220;
  QVERIFY(std::abs(got.xmin - expected.xmin) < within && std::abs(got.xmax - expected.xmax) < within);
  QVERIFY(std::abs(got.ymin - expected.ymin) < within && std::abs(got.ymax - expected.ymax) < within);
}

void TestOutputGeobox::anchors() {
  GridRequest request;
  request.bounds = Bounds{3, 3, 97, 97};
  request.mode = ResolutionMode::Given;
  request.resolutionX = request.resolutionY = 10;
  const GeoBox source = utm(10, 10, 0, 100, 10);
  QCOMPARE(outputGeobox(source, request).value().bounds(), (Bounds{0, 0, 100, 100}));
  request.anchor = Anchor::Center;
  QCOMPARE(outputGeobox(source, request).value().bounds(), (Bounds{-5, -5, 105, 105}));
  request.anchor = Anchor::Floating;
  QCOMPARE(outputGeobox(source, request).value().bounds(), (Bounds{3, -3, 103, 97}));
}

/// The same data from -180 to 180, from 0 to 360 and from anywhere else, in degrees of `size`, from `south` to `north`.
static GeoBox allRound(double west, double south, double north, double size, bool isAscending = false) {
  const auto rows = static_cast<std::int64_t>((north - south) / size), cols = static_cast<std::int64_t>(360 / size);
  return {rows, cols, {size, 0, west, 0, isAscending ? size : -size, isAscending ? south : north}, crsOf("EPSG:4326")};
}

void TestOutputGeobox::conventionsOfLongitudes_data() {
  QTest::addColumn<QString>("crs");
  QTest::addColumn<double>("resolution");
  for (const char* crs : {"EPSG:6933", "ESRI:54009", "ESRI:54030", "+proj=eqc +lon_0=0 +datum=WGS84", "EPSG:3857", "EPSG:3832", "EPSG:3413",
                          "+proj=aea +lat_1=30 +lat_2=60 +lon_0=40 +datum=WGS84", "EPSG:4258"})
    for (const double resolution : {0.0, 0.7}) QTest::addRow("%s %g", crs, resolution) << QString(crs) << resolution;
}

/// Bit for bit: of the same places the grid is the same.
void TestOutputGeobox::conventionsOfLongitudes() {
  QFETCH(QString, crs);
  QFETCH(double, resolution);
  GridRequest request;
  request.crs = crsOf(crs);
  if (resolution > 0) {
    request.mode = ResolutionMode::Given;
    request.resolutionX = request.resolutionY = request.crs.isGeographic() ? resolution : resolution * 1e6;
  }
  for (const double size : {1.25, 30.0})
    for (const bool isAscending : {false, true})
      for (const double north : {90.0, 60.0}) {
        const GeoBox truth = outputGeobox(allRound(-180, -60, north, size, isAscending), request).value();
        for (const double west : {0.0, -0.5 * size, 19.375})
          QCOMPARE(outputGeobox(allRound(west, -60, north, size, isAscending), request).value(), truth);
      }
}

void TestOutputGeobox::theWholeEarthOnAMap_data() {
  QTest::addColumn<QString>("crs");
  QTest::addColumn<double>("halfWidth");
  const double radius = 6378137, pi = 3.14159265358979;
  QTest::newRow("Mercator") << "EPSG:3857" << pi * radius;
  QTest::newRow("Mercator from 150 east") << "EPSG:3832" << pi * radius;
  QTest::newRow("EASE") << "EPSG:6933" << 17367530.45;
  QTest::newRow("Mollweide") << "ESRI:54009" << 2 * std::sqrt(2.0) * radius;
}

/// 12 columns of 30 degrees are as wide as the map, in either convention.
void TestOutputGeobox::theWholeEarthOnAMap() {
  QFETCH(QString, crs);
  QFETCH(double, halfWidth);
  GridRequest request;
  request.crs = crsOf(crs);
  request.mode = ResolutionMode::Given;
  request.resolutionX = request.resolutionY = 1000;
  for (const double west : {0.0, -180.0, -15.0}) {
    const Bounds extent = outputGeobox(allRound(west, -60, 60, 30), request).value().bounds();
    QVERIFY2(std::abs(extent.xmax - halfWidth) <= 1000, qPrintable(QString::number(extent.xmax, 'f')));
    QVERIFY2(std::abs(extent.xmin + halfWidth) <= 1000, qPrintable(QString::number(extent.xmin, 'f')));
  }
}

/// From 165 east to 170 west lies on both ends of a map around Greenwich, and within one around the antimeridian.
void TestOutputGeobox::overTheEdgeOfAMap() {
  const GeoBox source(20, 25, {1, 0, 165, 0, -1, 10}, crsOf("EPSG:4326"));
  GridRequest request;
  request.crs = crsOf("EPSG:3857");
  request.mode = ResolutionMode::Given;
  request.resolutionX = request.resolutionY = 500;
  Bounds extent = outputGeobox(source, request).value().bounds();
  QCOMPARE(extent.xmin, -20037500.0 - 500);
  QCOMPARE(extent.xmax, 20037500.0 + 500);
  request.mode = ResolutionMode::Auto;
  const GeoBox fitted = outputGeobox(source, request).value();
  QVERIFY2(std::abs(fitted.affine().a - 111319.49) < 600, qPrintable(QString::number(fitted.affine().a)));
  request.crs = crsOf("EPSG:3832");
  extent = outputGeobox(source, request).value().bounds();
  QVERIFY(extent.xmin > 111000 * 13 && extent.xmax < 111400 * 43);
}

/// 360 degrees are once round: no column comes twice.
void TestOutputGeobox::onceRoundInDegrees() {
  GridRequest request;
  request.mode = ResolutionMode::Given;
  request.resolutionX = request.resolutionY = 30;
  const GeoBox centred = allRound(-15, -90, 90, 30);
  QCOMPARE(outputGeobox(centred, request).value().cols(), 12);
  const GeoBox inclusive(6, 13, {30, 0, -15, 0, -30, 90}, crsOf("EPSG:4326"));  // 0, 30, ..., 360
  QCOMPARE(outputGeobox(inclusive, request).value(), outputGeobox(centred, request).value());
  request.resolutionX = request.resolutionY = 7;
  QCOMPARE(outputGeobox(centred, request).value().cols(), 52);
  request.crs = crsOf("EPSG:4258");
  QCOMPARE(outputGeobox(centred, request).value().cols(), 52);
  const GeoBox gap(6, 11, {30, 0, -15, 0, -30, 90}, crsOf("EPSG:4326"));  // not round
  request.crs = Crs();
  QCOMPARE(outputGeobox(gap, request).value().bounds().xmin, -42.0);
}

void TestOutputGeobox::refusals() {
  const GeoBox source = utm(100, 200, 500000, 4000000, 10);
  GridRequest request;
  request.mode = ResolutionMode::Given;
  request.resolutionX = 5;
  auto got = outputGeobox(source, request);
  QVERIFY(!got);
  QCOMPARE(got.error().code, ErrorCode::InvalidParameter);

  request.resolutionX = request.resolutionY = 1e-12;
  got = outputGeobox(source, request);
  QVERIFY(!got);
  QCOMPARE(got.error().code, ErrorCode::InvalidParameter);

  GridRequest nowhere;
  nowhere.crs = crsOf("EPSG:32610");
  const GeoBox beyondPoles(4, 4, {1, 0, 0, 0, -1, 500}, crsOf("EPSG:4326"));
  got = outputGeobox(beyondPoles, nowhere);
  QVERIFY(!got);
  QCOMPARE(got.error().code, ErrorCode::CrsUnavailable);
}

QTEST_APPLESS_MAIN(TestOutputGeobox)
#include "tst_output_geobox.moc"
