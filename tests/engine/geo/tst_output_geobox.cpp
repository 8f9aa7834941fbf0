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
