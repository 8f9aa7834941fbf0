// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel beside gdalwarp 3.6.2 -et 0 (tests/data/golden/gdalwarp.json, made by make_gdalwarp.py): nearest to the bit, the others to
// 1e-6 of the value, integers to 1.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <numeric>

#include "engine/geo/warp.h"

using namespace cubeloom;

namespace {

GeoBox boxOf(const QJsonObject& json) {
  std::array<double, 6> gt{};
  const QJsonArray numbers = json["geotransform"].toArray();
  for (int i = 0; i < 6; ++i) gt[static_cast<std::size_t>(i)] = numbers[i].toDouble();
  const QJsonArray shape = json["shape"].toArray();
  return {shape[0].toInteger(), shape[1].toInteger(), Affine::fromGeotransform(gt),
          Crs::fromUser(json["crs"].toString().toStdString()).value()};
}

/// The very pixels of make_gdalwarp.py.
double sourcePixel(std::int64_t r, std::int64_t c, bool isFloat, std::optional<double> nodata) {
  if (nodata && ((r * 7 + c * 3) % 11 == 0 || (r / 6 + c / 9) % 4 == 3)) return *nodata;
  const auto v = static_cast<double>((r * 131 + c * 71 + (r * c) % 17 * 29) % 251);
  return isFloat ? v / 8 - 10 : v;
}

/// Warps in pieces of `pieceRows` x `pieceCols`.
template <class T>
std::vector<T> warped(const GeoBox& source, const GeoBox& target, const WarpOptions& options, PixelType type, std::optional<double> nodata,
                      std::int64_t pieceRows, std::int64_t pieceCols) {
  const auto warp = Warp::create(source, target, options).value();
  std::vector<T> out(static_cast<std::size_t>(target.rows() * target.cols()));
  for (std::int64_t r0 = 0; r0 < target.rows(); r0 += pieceRows)
    for (std::int64_t c0 = 0; c0 < target.cols(); c0 += pieceCols) {
      PixelList rows(static_cast<std::size_t>(std::min(pieceRows, target.rows() - r0)));
      PixelList cols(static_cast<std::size_t>(std::min(pieceCols, target.cols() - c0)));
      std::iota(rows.begin(), rows.end(), r0);
      std::iota(cols.begin(), cols.end(), c0);
      const auto piece = warp->piece(rows, cols).value();
      const WarpNeed& need = piece->need();
      std::vector<T> held;
      for (const std::int64_t r : need.rows)
        for (const std::int64_t c : need.cols) held.push_back(static_cast<T>(sourcePixel(r, c, isFloating(type), nodata)));
      const auto width = static_cast<std::int64_t>(sizeof(T));
      const Plane from{reinterpret_cast<std::byte*>(held.data()), static_cast<std::int64_t>(need.rows.size()),
                       static_cast<std::int64_t>(need.cols.size()), static_cast<std::int64_t>(need.cols.size()) * width, width};
      const Plane to{reinterpret_cast<std::byte*>(out.data() + r0 * target.cols() + c0), static_cast<std::int64_t>(rows.size()),
                     static_cast<std::int64_t>(cols.size()), target.cols() * width, width};
      piece->apply(type, from, to, nodata, nodata.value_or(0));
    }
  return out;
}

}  // namespace

class TestWarpGolden : public QObject {
  Q_OBJECT

 private slots:
  void gdalwarp_data();
  void gdalwarp();

 private:
  template <class T>
  void compare(const QJsonObject& golden, PixelType type);
};

void TestWarpGolden::gdalwarp_data() {
  QTest::addColumn<QJsonObject>("golden");
  QFile file(CUBELOOM_TEST_DATA "/golden/gdalwarp.json");
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QJsonArray cases = QJsonDocument::fromJson(file.readAll()).object()["cases"].toArray();
  QVERIFY(cases.size() >= 140);
  for (const QJsonValue& value : cases) {
    const QJsonObject golden = value.toObject();
    QTest::addRow("%s, %s, %s", qPrintable(golden["grid"].toString()), qPrintable(golden["method"].toString()),
                  qPrintable(golden["type"].toString()))
        << golden;
  }
}

void TestWarpGolden::gdalwarp() {
  QFETCH(QJsonObject, golden);
  const PixelType type = pixelTypeFromName(golden["type"].toString().toStdString()).value();
  dispatchRealType(type, [&](auto sample) { compare<decltype(sample)>(golden, type); });
}

template <class T>
void TestWarpGolden::compare(const QJsonObject& golden, PixelType type) {
  const GeoBox source = boxOf(golden["source"].toObject()), target = boxOf(golden["target"].toObject());
  const QString method = golden["method"].toString();
  const WarpOptions options{resamplingFromName(method.toStdString()).value(), false};
  const std::optional<double> nodata = golden["nodata"].isNull() ? std::nullopt : std::optional(golden["nodata"].toDouble());
  const std::vector<T> got = warped<T>(source, target, options, type, nodata, target.rows(), target.cols());
  const QStringList expected = golden["values"].toString().split(' ');
  QCOMPARE(static_cast<qsizetype>(got.size()), expected.size());
  // A sum under a map that turns or bends: gdalwarp shares pixels out on the target, we on the source, so curvature shows; and its polygon
  // clipping loses corners now and then (a supersampled reference agrees with ours), so a few may differ outright.
  const bool isPolygonSum = options.method == Resampling::Sum && !(target.crs().isSameAs(source.crs()) && source.isAxisAligned());
  const double relative = options.method == Resampling::Nearest ? 0 : isPolygonSum ? 1e-3 : 1e-6;
  const double least = isPolygonSum ? 10 : 1e-3;
  const double whole = isFloating(type) || options.method == Resampling::Nearest ? 0 : 1;
  std::size_t outliers = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double ours = static_cast<double>(got[i]), theirs = expected[static_cast<qsizetype>(i)].toDouble();
    const double tolerance = relative * std::max(least, std::abs(theirs)) + whole;
    const auto cols = static_cast<std::size_t>(target.cols());
    if (std::abs(ours - theirs) <= tolerance) continue;
    ++outliers;
    QVERIFY2(isPolygonSum, qPrintable(QString("row %1, column %2: %3 instead of %4 (tolerance %5)")
                                          .arg(i / cols)
                                          .arg(i % cols)
                                          .arg(ours, 0, 'g', 9)
                                          .arg(theirs, 0, 'g', 9)
                                          .arg(tolerance)));
  }
  QVERIFY2(outliers * 50 <= got.size(), qPrintable(QString("%1 of %2 differ").arg(outliers).arg(got.size())));
  // However the output is cut, the bits are the same.
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{1, target.cols()}, {7, 5}, {target.rows(), 1}}) {
    const std::vector<T> cut = warped<T>(source, target, options, type, nodata, rows, cols);
    QVERIFY2(std::memcmp(cut.data(), got.data(), got.size() * sizeof(T)) == 0,
             qPrintable(QString("pieces of %1 x %2 differ from the whole").arg(rows).arg(cols)));
  }
}

QTEST_APPLESS_MAIN(TestWarpGolden)
#include "tst_warp_golden.moc"
