// SPDX-License-Identifier: GPL-3.0-or-later
// When two grids are one, and what is said where they are not.
#include <QtTest>

#include "engine/geo/same_grid.h"

using namespace cubeloom;

class TestSameGrid : public QObject {
  Q_OBJECT

  const Crs m_utm = Crs::fromUser("EPSG:32633").value();
  GeoBox box(const Affine& affine) const { return {400, 1000, affine, m_utm}; }
  QString difference(const Affine& other) const {
    return QString::fromStdString(gridDifference(box({60, 0, 300000, 0, -20, 5000000}), box(other)));
  }

 private slots:
  /// In pixels along each axis: 60 m wide, 20 m high.
  void withinAThousandthOfAPixel() {
    QCOMPARE(difference({60, 0, 300000, 0, -20, 5000000}), QString());
    QCOMPARE(difference({60, 0, 300000.059, 0, -20, 5000000.019}), QString());
    QVERIFY(difference({60, 0, 300000.061, 0, -20, 5000000}).contains("up to 0.00102 px"));
    QVERIFY(difference({60, 0, 300000, 0, -20, 5000000.021}).contains("up to 0.00105 px"));
  }

  /// The far corners count as well: a step that is wrong by a millionth is off by a thousandth after 1,000 pixels.
  void atEveryCorner() {
    QCOMPARE(difference({60 * (1 + 0.9e-6), 0, 300000, 0, -20, 5000000}), QString());
    QVERIFY(difference({60 * (1 + 2e-6), 0, 300000, 0, -20, 5000000}).contains("up to 0.002 px"));
    QVERIFY(difference({60, 0, 300000, 0, -20 * (1 - 1e-5), 5000000}).contains("up to 0.004 px"));
    QVERIFY(difference({60, 0, 300000, 0, 20, 5000000}).contains("up to 800 px"));
  }

  void shapeAndCrs() {
    const GeoBox grid = box({60, 0, 300000, 0, -20, 5000000});
    QCOMPARE(gridDifference(grid, GeoBox(400, 999, grid.affine(), m_utm)), std::string("it has 400 x 999 pixels, not 400 x 1000"));
    QCOMPARE(gridDifference(grid, grid.withCrs(Crs::fromUser("EPSG:32634").value())), std::string("its CRS is EPSG:32634, not EPSG:32633"));
    QCOMPARE(gridDifference(grid, grid.withCrs(Crs())), std::string("its CRS is unknown, not EPSG:32633"));
    QVERIFY(isSameGrid(grid, grid.withCrs(Crs::fromUser(m_utm.wkt1()).value())));
  }
};

QTEST_APPLESS_MAIN(TestSameGrid)
#include "tst_same_grid.moc"
