// SPDX-License-Identifier: GPL-3.0-or-later
// Lookup tables and location arrays: literal ones, a search through everything as the judge, and an AVIRIS-NG-like flight line whose table
// and locations must agree.
#include <QCryptographicHash>
#include <QFile>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <random>

#include "engine/geo/warp/index_map.h"
#include "engine/io/file_provider.h"
#include "tests/support/source_conformance.h"
#include "tests/support/warping.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

Crs utm() { return Crs::fromUser("EPSG:32610").value(); }

std::shared_ptr<const IndexMap> shared(Result<IndexMap> map) { return std::make_shared<const IndexMap>(std::move(map.value())); }

template <class T>
std::vector<T> contents(const char* name) {
  QFile file(QString(CUBELOOM_TEST_DATA "/envi/%1").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  const QByteArray bytes = file.readAll();
  std::vector<T> values(static_cast<std::size_t>(bytes.size()) / sizeof(T));
  std::memcpy(values.data(), bytes.constData(), values.size() * sizeof(T));
  return values;
}

/// What takes an int32 array that holds row * 1000 + column.
std::vector<std::int32_t> gathered(const std::shared_ptr<const IndexMap>& map, std::int64_t pieceRows, std::int64_t pieceCols) {
  std::vector<std::int32_t> raw;
  for (std::int64_t r = 0; r < map->rawRows(); ++r)
    for (std::int64_t c = 0; c < map->rawCols(); ++c) raw.push_back(static_cast<std::int32_t>(r * 1000 + c));
  std::vector<std::byte> pixels(raw.size() * 4);
  std::memcpy(pixels.data(), raw.data(), pixels.size());
  const GeoBox source(map->rawRows(), map->rawCols(), {}, Crs()), target(map->rows(), map->cols(), {}, Crs());
  const auto out = warpInPieces(*makeIndexWarp(map), source, target, PixelType::Int32, pixels, std::nullopt, -1, pieceRows, pieceCols);
  std::vector<std::int32_t> values(out.size() / 4);
  std::memcpy(values.data(), out.data(), out.size());
  return values;
}

}  // namespace

class TestIndexMap : public QObject {
  Q_OBJECT

 private slots:
  void lookup();
  void lookupRefusals();
  void gathers();
  void runsAndBounds();
  void nearestPlace();
  void nearestPlaceBesideAll_data();
  void nearestPlaceBesideAll();
  void locationRefusals();
  void flightLine();
  void emitGranule();
};

void TestIndexMap::lookup() {
  // 2 x 3 output pixels of a raw array of 4 lines and 5 samples.
  const IndexMap map = IndexMap::fromLookup({1, 5, 0, -2, 3, 4}, {1, 4, 0, -3, 2, 1}, 2, 3, 4, 5).value();
  QCOMPARE(map.at(0, 0), (IndexMap::Entry{0, 0, false}));
  QCOMPARE(map.at(0, 1), (IndexMap::Entry{3, 4, false}));
  QVERIFY(!map.at(0, 2).isSet());
  QCOMPARE(map.at(1, 0), (IndexMap::Entry{2, 1, true}));
  QCOMPARE(map.at(1, 2), (IndexMap::Entry{0, 3, false}));
}

void TestIndexMap::lookupRefusals() {
  const auto message = [](const Result<IndexMap>& map) { return map ? QString("accepted") : QString::fromStdString(map.error().message); };
  QVERIFY(message(IndexMap::fromLookup({1, 6}, {1, 1}, 1, 2, 4, 5)).contains("row 0, column 1 points to sample 6, line 1"));
  QVERIFY(message(IndexMap::fromLookup({1, 0}, {1, 1}, 1, 2, 4, 5)).contains("column 1"));
  QVERIFY(message(IndexMap::fromLookup({1}, {1}, 1, 2, 4, 5)).contains("holds 1 samples"));
  QVERIFY(message(IndexMap::fromLookup({}, {}, 0, 2, 4, 5)).contains("0 x 2"));
  QVERIFY(message(IndexMap::fromLookup({INT32_MIN}, {1}, 1, 1, 4, 5)).contains("-2147483648"));
}

void TestIndexMap::gathers() {
  const auto map = shared(IndexMap::fromLookup({1, 5, 0, -2, 3, 4}, {1, 4, 0, -3, 2, 1}, 2, 3, 4, 5));
  const std::vector<std::int32_t> expected{0, 3004, -1, 2001, 1002, 3};
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{2, 3}, {1, 1}, {1, 3}, {2, 2}})
    QCOMPARE(gathered(map, rows, cols), expected);
  const auto piece = makeIndexWarp(map)->piece({0}, {1, 2}).value();
  QCOMPARE(piece->need().rows, IndexSet::single(3));
  QCOMPARE(piece->need().cols, IndexSet::single(4));
  QVERIFY(makeIndexWarp(map)->piece({0}, {2}).value()->need().isEmpty());
}

void TestIndexMap::runsAndBounds() {
  const auto warp = makeIndexWarp(shared(IndexMap::fromLookup({1, 2, 0, -2, 3, 4}, {1, 1, 0, -3, 2, 2}, 2, 3, 4, 5)));
  const auto runs = warp->nearestRuns({0, 1}, {0, 1, 2});
  QCOMPARE(runs.size(), std::size_t(3));
  QCOMPARE(runs[0].sourceCols, (PixelList{0, 1}));
  QCOMPARE(runs[2].col, 1);
  QCOMPARE(runs[2].sourceRow, 1);
  const auto piece = warp->piece({0, 1}, {0, 1, 2}).value();
  QCOMPARE(warp->needBound({0, 1}, {0, 1, 2}).value().rows, piece->need().rows);
  QVERIFY(piece->bytes() <= warp->pieceBytesBound(2, 3));
}

void TestIndexMap::nearestPlace() {
  // Pixels of 10 m with centres at 5, 15, 25; the second raw pixel lies halfway between two of them, the third has no place.
  const Geolocation places{1, 4, {5, 10, NAN, 31}, {-5, -5, -5, -5}, utm()};
  const GeoBox target(1, 4, {10, 0, 0, 0, -10, 0}, utm());
  const auto map = shared(IndexMap::fromLocations(places, target, 6.5));
  QCOMPARE(gathered(map, 1, 4), (std::vector<std::int32_t>{0, 1, 3, 3}));
  // At 15 the second is 5 m away and the fourth 16; at 25 the fourth is exactly 6 m away.
  QCOMPARE(gathered(shared(IndexMap::fromLocations(places, target, 6)), 1, 4), (std::vector<std::int32_t>{0, 1, 3, 3}));
  QCOMPARE(gathered(shared(IndexMap::fromLocations(places, target, 5.99)), 1, 4), (std::vector<std::int32_t>{0, 1, -1, 3}));
  // Two at the same place: the first.
  const Geolocation twins{2, 1, {15, 15}, {-5, -5}, utm()};
  QCOMPARE(gathered(shared(IndexMap::fromLocations(twins, target, 1)), 1, 4), (std::vector<std::int32_t>{-1, 0, -1, -1}));
}

void TestIndexMap::nearestPlaceBesideAll_data() {
  QTest::addColumn<QString>("crs");
  QTest::addColumn<double>("a");
  QTest::addColumn<double>("b");
  QTest::addColumn<double>("farthest");
  QTest::newRow("north up") << "EPSG:32610" << 20.0 << 0.0 << 35.0;
  QTest::newRow("turned") << "EPSG:32610" << 12.0 << 16.0 << 35.0;
  QTest::newRow("coarse") << "EPSG:32610" << 90.0 << 0.0 << 200.0;
  QTest::newRow("fine") << "EPSG:32610" << 3.0 << 1.0 << 25.0;
  QTest::newRow("degrees to metres") << "EPSG:4326" << 20.0 << 0.0 << 35.0;
}

void TestIndexMap::nearestPlaceBesideAll() {
  QFETCH(QString, crs);
  QFETCH(double, a);
  QFETCH(double, b);
  QFETCH(double, farthest);
  Geolocation places{25, 20, {}, {}, Crs::fromUser(crs.toStdString()).value()};
  std::mt19937 random(5);
  std::vector<double> x, y;
  for (int i = 0; i < 500; ++i) {
    x.push_back(500000 + (i % 20) * 20 + static_cast<double>(random() % 1000) / 40);
    y.push_back(4000000 - (i / 20) * 20 - static_cast<double>(random() % 1000) / 40);
  }
  places.x = x;
  places.y = y;
  Transformer::between(utm(), places.crs).value().forward(places.x.data(), places.y.data(), 500);
  const GeoBox target(30, 26, {a, b, 500000 - 60 - 15 * b, b, -a, 4000060 - 13 * b}, utm());
  const auto map = shared(IndexMap::fromLocations(places, target, farthest));
  std::size_t set = 0;
  for (std::int64_t r = 0; r < 30; ++r)
    for (std::int64_t c = 0; c < 26; ++c) {
      const double cx = target.affine().x(static_cast<double>(c) + 0.5, static_cast<double>(r) + 0.5);
      const double cy = target.affine().y(static_cast<double>(c) + 0.5, static_cast<double>(r) + 0.5);
      int best = -1;
      double bestDistance = farthest;
      for (int i = 0; i < 500; ++i) {
        const double distance = std::hypot(x[static_cast<std::size_t>(i)] - cx, y[static_cast<std::size_t>(i)] - cy);
        if (distance < bestDistance) {
          best = i;
          bestDistance = distance;
        }
      }
      const IndexMap::Entry entry = map->at(r, c);
      QCOMPARE(entry.isSet() ? entry.row * 20 + entry.col : -1, best);
      set += entry.isSet() ? 1 : 0;
    }
  QVERIFY2(set > 20, qPrintable(QString::number(set)));
  QCOMPARE(gathered(map, 7, 5), gathered(map, 30, 26));
}

void TestIndexMap::locationRefusals() {
  const GeoBox target(2, 2, {10, 0, 0, 0, -10, 0}, utm());
  const auto code = [&target](const Geolocation& places, double farthest) {
    const auto map = IndexMap::fromLocations(places, target, farthest);
    return map ? ErrorCode::Internal : map.error().code;
  };
  QCOMPARE(code({1, 2, {1}, {1, 2}, utm()}, 10), ErrorCode::InvalidParameter);
  QCOMPARE(code({1, 1, {1}, {1}, utm()}, 0), ErrorCode::InvalidParameter);
  QCOMPARE(code({1, 1, {1}, {1}, utm()}, 1e6), ErrorCode::InvalidParameter);
  QCOMPARE(code({1, 1, {1}, {1}, Crs()}, 10), ErrorCode::CrsUnavailable);
}

void TestIndexMap::flightLine() {
  // 123 x 52 output pixels of 5 m, turned by 66 degrees; 120 lines of 48 samples.
  const auto table = contents<std::int32_t>("ang_like_glt");
  const auto ground = contents<double>("ang_like_igm");
  QCOMPARE(table.size(), std::size_t(123 * 52 * 2));
  QCOMPARE(ground.size(), std::size_t(120 * 48 * 3));
  std::vector<std::int32_t> samples, lines;
  for (std::size_t i = 0; i < table.size(); i += 2) {
    samples.push_back(table[i]);
    lines.push_back(table[i + 1]);
  }
  const auto map = shared(IndexMap::fromLookup(samples, lines, 123, 52, 120, 48));
  std::size_t valid = 0, infilled = 0;
  for (std::int64_t r = 0; r < 123; ++r)
    for (std::int64_t c = 0; c < 52; ++c) {
      valid += map->at(r, c).isSet() ? 1 : 0;
      infilled += map->at(r, c).isInfilled ? 1 : 0;
    }
  QCOMPARE(valid, std::size_t(5947));
  QCOMPARE(infilled, std::size_t(98));
  QCOMPARE(map->at(41, 26), (IndexMap::Entry{39, 24, false}));
  QCOMPARE(map->at(106, 30), (IndexMap::Entry{105, 28, false}));

  Geolocation places{120, 48, {}, {}, utm()};
  for (std::size_t line = 0; line < 120; ++line)
    for (std::size_t s = 0; s < 48; ++s) {
      places.x.push_back(ground[line * 144 + s]);
      places.y.push_back(ground[line * 144 + 48 + s]);
    }
  const GeoBox ortho(
      123, 52,
      Affine::fromGeotransform({736829.056, 2.033683215379001, -4.567727288213004, 3826241.548, -4.567727288213004, -2.033683215379001}),
      utm());
  const auto inverse = shared(IndexMap::fromLocations(places, ortho, 5));
  std::size_t same = 0, near = 0;
  for (std::int64_t r = 0; r < 123; ++r)
    for (std::int64_t c = 0; c < 52; ++c) {
      const auto byTable = map->at(r, c), byPlace = inverse->at(r, c);
      if (!byTable.isSet() || !byPlace.isSet()) continue;
      ++near;
      same += byTable.row == byPlace.row && byTable.col == byPlace.col ? 1 : 0;
      QVERIFY(std::abs(byTable.row - byPlace.row) <= 2 && std::abs(byTable.col - byPlace.col) <= 2);
    }
  qInfo("%zu of %zu pixels by the table and by the places alike", same, near);
  QVERIFY(near > 5800 && same * 10 > near * 8);
}

// EMIT's layout: bands last, tables beside the raw array. The judge is numpy: ortho[:, glt > 0] = raw[glt_y - 1, glt_x - 1], the rest
// -9999.
void TestIndexMap::emitGranule() {
  const auto provider = makeFileProvider();
  BufferPool pool;
  const auto read = [&](const char* variable) {
    const auto source = provider->open({CUBELOOM_TEST_DATA "/netcdf/emit_l2a_like.nc", variable, {}});
    return source ? readWhole(**source, pool) : Block();
  };
  const Block raw = read("reflectance"), x = read("location/glt_x"), y = read("location/glt_y");
  QCOMPARE(raw.view.shape, (std::vector<std::int64_t>{48, 40, 285}));
  QCOMPARE(x.view.shape, (std::vector<std::int64_t>{63, 74}));
  const std::size_t ortho = 63 * 74, bands = 285;
  const auto table = [ortho](const Block& block) {
    return std::vector<std::int32_t>(block.view.as<std::int32_t>(), block.view.as<std::int32_t>() + ortho);
  };
  const auto map = shared(IndexMap::fromLookup(table(x), table(y), 63, 74, 48, 40));
  const auto warp = makeIndexWarp(map);
  const GeoBox source(48, 40, {}, Crs()), target(63, 74, {}, Crs());
  QByteArray picture;
  for (std::size_t band = 0; band < bands; ++band) {
    std::vector<float> plane;
    for (std::size_t i = 0; i < 48 * 40; ++i) plane.push_back(raw.view.as<float>()[i * bands + band]);
    std::vector<std::byte> pixels(plane.size() * sizeof(float));
    std::memcpy(pixels.data(), plane.data(), pixels.size());
    const auto out = warpInPieces(*warp, source, target, PixelType::Float32, pixels, -9999, -9999, 1 + static_cast<std::int64_t>(band % 63),
                                  1 + static_cast<std::int64_t>(band % 17));
    picture.append(reinterpret_cast<const char*>(out.data()), static_cast<qsizetype>(out.size()));
  }
  const auto at = [&](qsizetype band, qsizetype row, qsizetype col) {
    float value = 0;
    std::memcpy(&value, picture.constData() + ((band * 63 + row) * 74 + col) * 4, sizeof value);
    return value;
  };
  QCOMPARE(at(100, 21, 37), 0.3661152124404907F);
  QCOMPARE(at(284, 27, 20), 0.11794183403253555F);
  QCOMPARE(at(30, 2, 56), -9999.0F);
  QCOMPARE(QCryptographicHash::hash(picture, QCryptographicHash::Md5).toHex(), QByteArray("d41a6ea1bad40021fdcee55873c0d54d"));
}

QTEST_APPLESS_MAIN(TestIndexMap)
#include "tst_index_map.moc"
