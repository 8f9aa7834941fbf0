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

#include "tests/support/warping.h"

using namespace cubeloom;
using namespace cubeloom::test;

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

template <class T>
std::vector<std::byte> sourcePixels(const GeoBox& source, std::optional<double> nodata) {
  std::vector<std::byte> pixels;
  for (std::int64_t r = 0; r < source.rows(); ++r)
    for (std::int64_t c = 0; c < source.cols(); ++c) {
      const auto value = static_cast<T>(sourcePixel(r, c, std::is_floating_point_v<T>, nodata));
      const auto* bytes = reinterpret_cast<const std::byte*>(&value);
      pixels.insert(pixels.end(), bytes, bytes + sizeof(T));
    }
  return pixels;
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
  const auto warp = Warp::create(source, target, options).value();
  const std::vector<std::byte> pixels = sourcePixels<T>(source, nodata);
  const auto warped = [&](std::int64_t rows, std::int64_t cols) {
    return warpInPieces(*warp, source, target, type, pixels, nodata, nodata.value_or(0), rows, cols);
  };
  const std::vector<std::byte> whole = warped(target.rows(), target.cols());
  const QStringList expected = golden["values"].toString().split(' ');
  QCOMPARE(static_cast<qsizetype>(whole.size() / sizeof(T)), expected.size());
  const double relative = options.method == Resampling::Nearest ? 0 : 1e-6;
  const double rounding = isFloating(type) || options.method == Resampling::Nearest ? 0 : 1;
  // gdalwarp's polygon clipping loses corners of sheared pixels now and then (a supersampled reference agrees with ours).
  const bool losesCorners = options.method == Resampling::Sum && !source.isAxisAligned();
  qsizetype outliers = 0;
  for (qsizetype i = 0; i < expected.size(); ++i) {
    T got;
    std::memcpy(&got, whole.data() + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
    const double ours = static_cast<double>(got), theirs = expected[i].toDouble();
    const double tolerance = relative * std::max(1e-3, std::abs(theirs)) + rounding;
    if (std::abs(ours - theirs) <= tolerance) continue;
    ++outliers;
    QVERIFY2(losesCorners, qPrintable(QString("row %1, column %2: %3 instead of %4 (tolerance %5)")
                                          .arg(i / target.cols())
                                          .arg(i % target.cols())
                                          .arg(ours, 0, 'g', 9)
                                          .arg(theirs, 0, 'g', 9)
                                          .arg(tolerance)));
  }
  QVERIFY2(outliers * 50 <= expected.size(), qPrintable(QString("%1 of %2 differ").arg(outliers).arg(expected.size())));
  // However the output is cut, the bits are the same.
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{1, target.cols()}, {7, 5}, {target.rows(), 1}})
    QVERIFY2(warped(rows, cols) == whole, qPrintable(QString("pieces of %1 x %2 differ from the whole").arg(rows).arg(cols)));
}

QTEST_APPLESS_MAIN(TestWarpGolden)
#include "tst_warp_golden.moc"
