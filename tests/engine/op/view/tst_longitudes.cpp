// SPDX-License-Identifier: GPL-3.0-or-later
// Selections along longitudes, which go round. The truths are xarray's after assign_coords(lon=(lon - first) % 360 + first).sortby(lon),
// which puts an axis into the convention of what is asked for.
#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/op/operation.h"
#include "engine/op/view/longitudes.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;

namespace {

Dim axis(double start, double step, std::int64_t size) {
  Dim dim{"lon", size, {}};
  dim.coordinate.kind = Coordinate::Kind::Regular;
  dim.coordinate.start = start;
  dim.coordinate.step = step;
  dim.coordinate.unit = "degree";
  return dim;
}

/// "34 35 0 1 from -20": the entries, and the longitude of the first; or what is wrong.
QString chosen(const Dim& dim, const std::string& range) {
  ValueRule rule;
  rule.period = 360;
  const auto found = selectValues(dim, range, rule);
  if (!found) return "error: " + QString::fromStdString(found.error().text());
  QStringList entries;
  for (const std::int64_t i : found->indices.toVector()) entries << QString::number(i);
  return entries.join(' ') + " from " + QString::number(dim.coordinate.at(found->indices.first()) + found->turn.value_or(0));
}

}  // namespace

class TestLongitudes : public QObject {
  Q_OBJECT

 private slots:
  void ranges() {
    const Dim to360 = axis(5, 10, 36);
    QCOMPARE(chosen(to360, "-20:10"), QString("34 35 0 from -15"));
    QCOMPARE(chosen(to360, "350:370"), QString("35 0 from 355"));
    QCOMPARE(chosen(to360, "-140:-120"), QString("22 23 from -135"));
    QCOMPARE(chosen(to360, "340:355"), QString("34 35 from 345"));  // the axis's own
    QCOMPARE(chosen(to360, ":12"), QString("0 from 5"));
    const Dim to180 = axis(-170, 20, 18);
    QCOMPARE(chosen(to180, "165:200"), QString("17 0 from 170"));
    QCOMPARE(chosen(to180, "300:320"), QString("6 from 310"));
    QCOMPARE(chosen(to360, "350:10"), QString("35 0 from 355"));  // from west to east
    QCOMPARE(chosen(to180, "170:-170"), QString("17 0 from 170"));
    const Dim falling = axis(357.5, -5, 72);
    QCOMPARE(chosen(falling, "4:-6"), QString("71 0 from 2.5"));
    QCOMPARE(chosen(falling, "-6:4"), QString("71 0 from 2.5"));
    QCOMPARE(chosen(falling, "-100:-90"), QString("18 19 from -92.5"));
  }

  /// All the way round every place comes once, although the axis or the range says it twice.
  void onceRound() {
    QCOMPARE(chosen(axis(0, 90, 4), "-180:180"), QString("2 3 0 1 from -180"));
    QCOMPARE(chosen(axis(0, 90, 5), "-90:90"), QString("3 4 1 from -90"));           // 0 and 360
    QCOMPARE(chosen(axis(2.5, 5, 74), "-10:10"), QString("70 71 72 73 from -7.5"));  // two columns twice
    QCOMPARE(chosen(axis(0, 90, 4), "-400:400"), QString("0 1 2 3 from 0"));
    QCOMPARE(chosen(axis(190, 10, 3), "-180:180"), QString("0 1 2 from -170"));
  }

  void whatDoesNotGoOnIsRefused() {
    // 0..320 by 20: 340 is missing; steps of 7 degrees do not come out even.
    for (const Dim& dim : {axis(0, 20, 17), axis(0, 7, 51)}) {
      const QString refused = chosen(dim, "-40:30");
      QVERIFY2(refused.contains("both ends of 'lon'") && refused.contains("reproject bounds="), qPrintable(refused));
    }
    QCOMPARE(chosen(axis(0, 20, 17), "-60:-30"), QString("15 16 from -60"));
    QVERIFY(chosen(axis(100, 10, 5), "20:60").contains("lies in 20:60"));
    QVERIFY(chosen(axis(100, 10, 5), "-340:-300").contains("lies in"));
  }

  void unevenOnesHaveNoGridAndGoRoundAllTheSame() {
    ArraySpec spec;
    spec.dims = {axis(0, 0, 5)};
    Coordinate& c = spec.dims[0].coordinate;
    c.kind = Coordinate::Kind::Values;
    c.values = {1, 50, 180, 300, 350};
    c.unit = "degrees_east";
    QCOMPARE(periodAlong(spec, 0), std::optional(360.0));
    QCOMPARE(chosen(spec.dims[0], "-70:60"), QString("3 4 0 1 from -60"));
    const ArraySpec out = selectRound(spec, {IndexSet::list({3, 4, 0, 1})}, 0, -360);
    QCOMPARE(out.dims[0].coordinate.values, (std::vector<double>{-60, -10, 1, 50}));
  }

  /// The grid goes with its rows; the longitudes stay longitudes, and latitudes never are.
  void withoutTheGrid() {
    const ArraySpec spec = test::rampSpec(0, 6, 24, Affine{15, 0, -180, 0, -30, 90}, "EPSG:4326");
    const auto row = IndexSet::list({4, 1, 2}), rows = IndexSet::all(6), cols = IndexSet::all(24);
    for (const ArraySpec& left : {spec.withoutDim(spec.yDim), spec.select({row, cols}), spec.select({rows, IndexSet::list({0, 1, 5})})}) {
      QVERIFY(!left.geobox);
      QCOMPARE(periodAlong(left, left.indexOf("x")), std::optional(360.0));
      if (left.indexOf("y") >= 0) QVERIFY(!periodAlong(left, left.indexOf("y")));
    }
    QVERIFY(!periodAlong(spec.withoutDim(spec.xDim), 0));
    const ArraySpec metres = test::rampSpec(0, 6, 24, Affine{15, 0, 0, 0, -15, 90}, "EPSG:32633").withoutDim(0);
    QVERIFY(!periodAlong(metres, 0));
  }

  void whereTheyDoNot() {
    ArraySpec spec = test::rampSpec(0, 4, 36, Affine{10, 0, 0, 0, -10, 40}, "EPSG:4326");
    QCOMPARE(periodAlong(spec, spec.xDim), std::optional(360.0));
    QVERIFY(!periodAlong(spec, spec.yDim));
    for (const char* crs : {"EPSG:32633", "", "EPSG:4807"}) {  // metres, unknown, grads
      spec = test::rampSpec(0, 4, 36, Affine{10, 0, 0, 0, -10, 40}, crs);
      QVERIFY2(!periodAlong(spec, spec.xDim), crs);
    }
  }
};

QTEST_APPLESS_MAIN(TestLongitudes)
#include "tst_longitudes.moc"
