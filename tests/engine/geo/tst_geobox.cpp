// SPDX-License-Identifier: GPL-3.0-or-later
// Pixel grids: affine arithmetic, windows of bounds, crops, strides and bounds in other systems.
#include <QtTest>
#include <cmath>

#include "engine/geo/geobox.h"

using namespace cubeloom;

namespace {

Crs utm10() { return Crs::fromUser("EPSG:32610").value(); }
bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

}  // namespace

class TestGeobox : public QObject {
  Q_OBJECT

 private slots:
  void affineInverse();
  void affineProduct();
  void geotransformOrder();
  void boundsOfAnyOrientation();
  void cropAndPad();
  void strided();
  void zoom();
  void windowOf_data();
  void windowOf();
  void windowOfRotated();
  void equality();
  void boundsInAnotherCrs();
};

void TestGeobox::affineInverse() {
  for (const Affine& t :
       {Affine{5, 0, 717720, 0, -5, 3865865}, Affine{4, 3, 10, 3, -4, 20}, Affine{0, 2, 1, -2, 0, 1}, Affine{-1, 0, 7, 0, 2, 3}}) {
    const Affine i = t.inverse();
    const double x = t.x(12.5, -3.25), y = t.y(12.5, -3.25);
    QVERIFY(near(i.x(x, y), 12.5, 1e-7) && near(i.y(x, y), -3.25, 1e-7));
  }
}

void TestGeobox::affineProduct() {
  const Affine outer{2, 1, 3, 4, 5, 6}, inner{1, 2, 3, 4, -5, 6};
  const Affine both = outer * inner;
  QCOMPARE(both.x(7, 8), outer.x(inner.x(7, 8), inner.y(7, 8)));
  QCOMPARE(both.y(7, 8), outer.y(inner.x(7, 8), inner.y(7, 8)));
  QCOMPARE(Affine::translation(3, 4) * Affine::scale(2, -2), (Affine{2, 0, 3, 0, -2, 4}));
}

void TestGeobox::geotransformOrder() {
  const std::array<double, 6> gt{717720, 5, 0.5, 3865865, 0.25, -5};
  const Affine t = Affine::fromGeotransform(gt);
  QCOMPARE(t, (Affine{5, 0.5, 717720, 0.25, -5, 3865865}));
  QCOMPARE(t.geotransform(), gt);
}

void TestGeobox::boundsOfAnyOrientation() {
  const Bounds expected{100, 40, 120, 100};
  QCOMPARE(GeoBox(6, 2, {10, 0, 100, 0, -10, 100}, utm10()).bounds(), expected);
  QCOMPARE(GeoBox(6, 2, {10, 0, 100, 0, 10, 40}, utm10()).bounds(), expected);
  QCOMPARE(GeoBox(6, 2, {-10, 0, 120, 0, -10, 100}, utm10()).bounds(), expected);
  const GeoBox rotated(1, 1, {3, -4, 0, 4, 3, 0}, utm10());
  QCOMPARE(rotated.bounds(), (Bounds{-4, 0, 3, 7}));
  QCOMPARE(rotated.pixelWidth(), 5.0);
  QCOMPARE(rotated.pixelHeight(), 5.0);
  QCOMPARE(GeoBox(6, 2, {-10, 0, 120, 0, 7, 100}, utm10()).pixelWidth(), 10.0);
}

void TestGeobox::cropAndPad() {
  const GeoBox box(6, 8, {10, 0, 100, 0, -10, 100}, utm10());
  const GeoBox part = box.crop({1, 2, 3, 4});
  QCOMPARE(part.bounds(), (Bounds{120, 60, 160, 90}));
  QCOMPARE(box.pad(2).crop({2, 2, 6, 8}), box);
  QCOMPARE(box.pad(2).bounds(), (Bounds{80, 20, 200, 120}));
}

void TestGeobox::strided() {
  const GeoBox box(100, 100, {10, 0, 0, 0, -10, 0}, utm10());
  const GeoBox every4 = box.strided(2, 4, 25, 1, 2, 50);
  QCOMPARE(every4.rows(), 25);
  QCOMPARE(every4.cols(), 50);
  QCOMPARE(every4.pixelWidth(), 20.0);
  QCOMPARE(every4.pixelHeight(), 40.0);
  // The centre of its pixel (i, j) is the centre of the box's pixel (2 + 4 i, 1 + 2 j).
  QCOMPARE(every4.affine().x(3.5, 0), box.affine().x(1 + 2 * 3 + 0.5, 0));
  QCOMPARE(every4.affine().y(0, 5.5), box.affine().y(0, 2 + 4 * 5 + 0.5));
}

void TestGeobox::zoom() {
  const GeoBox box(100, 50, {10, 0, 5, 0, -10, 7}, utm10());
  const GeoBox half = box.zoomTo(50, 25);
  QCOMPARE(half.bounds(), box.bounds());
  QCOMPARE(half.pixelWidth(), 20.0);
}

void TestGeobox::windowOf_data() {
  QTest::addColumn<double>("xmin");
  QTest::addColumn<double>("ymin");
  QTest::addColumn<double>("xmax");
  QTest::addColumn<double>("ymax");
  QTest::addColumn<QString>("expected");  // row, col, rows, cols
  QTest::newRow("all") << 0.0 << -60.0 << 80.0 << 0.0 << "0 0 6 8";
  QTest::newRow("beyond") << -1000.0 << -1000.0 << 1000.0 << 1000.0 << "0 0 6 8";
  QTest::newRow("one pixel") << 20.0 << -40.0 << 30.0 << -30.0 << "3 2 1 1";
  QTest::newRow("sliver within tolerance") << 20.0 - 5e-6 << -40.0 - 5e-6 << 30.0 + 5e-6 << -30.0 + 5e-6 << "3 2 1 1";
  QTest::newRow("sliver beyond tolerance") << 20.0 - 5e-5 << -40.0 << 30.0 << -30.0 << "3 1 1 2";
  QTest::newRow("inside a pixel") << 21.0 << -39.0 << 22.0 << -38.0 << "3 2 1 1";
  QTest::newRow("outside") << 80.0 << -60.0 << 90.0 << 0.0 << "0 0 0 0";
  QTest::newRow("empty") << 20.0 << -40.0 << 20.0 << -30.0 << "0 0 0 0";
}

void TestGeobox::windowOf() {
  QFETCH(double, xmin);
  QFETCH(double, ymin);
  QFETCH(double, xmax);
  QFETCH(double, ymax);
  QFETCH(QString, expected);
  const Window w = GeoBox(6, 8, {10, 0, 0, 0, -10, 0}, utm10()).windowOf({xmin, ymin, xmax, ymax});
  QCOMPARE(QString("%1 %2 %3 %4").arg(w.row).arg(w.col).arg(w.rows).arg(w.cols), expected);
}

void TestGeobox::windowOfRotated() {
  // A quarter turn: columns run north, rows run east.
  const GeoBox box(6, 8, {0, 10, 0, 10, 0, 0}, utm10());
  QCOMPARE(box.windowOf({10, 20, 30, 50}), (Window{1, 2, 2, 3}));
}

void TestGeobox::equality() {
  const GeoBox box(6, 8, {10, 0, 0, 0, -10, 0}, utm10());
  QCOMPARE(box, box.withCrs(Crs::fromUser("+proj=utm +zone=10 +datum=WGS84").value()));
  QVERIFY(!(box == box.withCrs(Crs())));
  QVERIFY(!(box == box.pad(1)));
  QVERIFY(!(box == GeoBox(6, 8, {10, 0, 0, 0, -10, 1e-9}, utm10())));
}

void TestGeobox::boundsInAnotherCrs() {
  const GeoBox box(12023, 13739, {5, 0, 717720, 0, -5, 3865865}, utm10());
  const Bounds lonLat = box.boundsIn(Crs::fromUser("EPSG:4326").value()).value();
  QVERIFY(near(lonLat.xmin, -120.63, 0.02) && near(lonLat.xmax, -119.85, 0.02));
  QVERIFY(near(lonLat.ymin, 34.34, 0.05) && near(lonLat.ymax, 34.91, 0.05));
  // The pole lies inside, not on the outline.
  const GeoBox polar(100, 100, {100000, 0, -5000000, 0, -100000, 5000000}, Crs::fromUser("EPSG:3031").value());
  QVERIFY(near(polar.boundsIn(Crs::fromUser("EPSG:4326").value()).value().ymin, -90, 1));
  QCOMPARE(box.boundsIn(utm10()).value(), box.bounds());
  QVERIFY(!box.withCrs(Crs()).boundsIn(utm10()));
}

QTEST_APPLESS_MAIN(TestGeobox)
#include "tst_geobox.moc"
