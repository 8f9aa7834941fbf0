// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks as the TIFF encoder leaves them: what zlib finds in them, and that a block's bytes do not depend on those before it.
#include <QByteArray>
#include <QTest>
#include <QtEndian>
#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "engine/io/tiff/tiff_codec.h"

using namespace cubeloom;

namespace {

constexpr int kSide = 512;
using Pixels = std::vector<std::uint16_t>;

/// A slope with noise of 6 bits, as a satellite's band has it.
Pixels noise() {
  std::mt19937 random(7);
  Pixels pixels(kSide * kSide);
  for (int i = 0; i < kSide * kSide; ++i)
    pixels[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(1000 + i % kSide + random() % 64);
  return pixels;
}

/// Areas of one value between borders that wander, as a classification has them.
Pixels areas() {
  std::mt19937 random(11);
  std::vector<int> borders;
  for (int x = 20; x < kSide; x += 20) borders.push_back(x);
  Pixels pixels;
  for (int row = 0; row < kSide; ++row) {
    for (int& border : borders) border += static_cast<int>(random() % 3) - 1;
    std::sort(borders.begin(), borders.end());
    for (int x = 0; x < kSide; ++x)
      pixels.push_back(static_cast<std::uint16_t>(std::upper_bound(borders.begin(), borders.end(), x) - borders.begin()) * 7 % 11);
  }
  return pixels;
}

QByteArray encoded(TiffEncoder& encoder, Pixels pixels) {
  QByteArray to(static_cast<qsizetype>(encodedBound(TiffCompression::Deflate, pixels.size() * 2)), 0);
  const auto bytes = encoder.encode(reinterpret_cast<std::byte*>(pixels.data()), kSide, kSide, reinterpret_cast<std::byte*>(to.data()),
                                    static_cast<std::size_t>(to.size()));
  return bytes ? to.left(static_cast<qsizetype>(*bytes)) : QByteArray();
}

/// By zlib, and the sum over each row, which undoes predictor 2.
Pixels decoded(const QByteArray& block) {
  QByteArray sized(4, 0);
  qToBigEndian<quint32>(kSide * kSide * 2, sized.data());
  const QByteArray raw = qUncompress(sized + block);
  Pixels pixels(static_cast<std::size_t>(raw.size()) / 2);
  std::memcpy(pixels.data(), raw.data(), static_cast<std::size_t>(raw.size()));
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (i % kSide != 0) pixels[i] = static_cast<std::uint16_t>(pixels[i] + pixels[i - 1]);
  return pixels;
}

}  // namespace

class TestTiffCodec : public QObject {
  Q_OBJECT

 private slots:
  void zlibReadsWhateverLevelWasTaken() {
    const auto encoder = TiffEncoder::create(TiffCompression::Deflate, PixelType::UInt16, 1);
    const QByteArray first = encoded(*encoder, noise()), second = encoded(*encoder, areas());
    QVERIFY(decoded(first) == noise());
    QVERIFY(decoded(second) == areas());
    QCOMPARE(encoded(*encoder, noise()), first);
    QCOMPARE(encoded(*encoder, areas()), second);
    QCOMPARE(encoded(*TiffEncoder::create(TiffCompression::Deflate, PixelType::UInt16, 1), areas()), second);
  }

  /// Against zlib's default level on the same differences. The fast level alone would take 1.5 times as much for the areas.
  void theLevelFitsTheBlock() {
    const auto encoder = TiffEncoder::create(TiffCompression::Deflate, PixelType::UInt16, 1);
    for (const auto& [pixels, most] : {std::pair<Pixels, double>{noise(), 1.0}, {areas(), 1.2}}) {
      Pixels differences = pixels;
      for (std::size_t i = pixels.size() - 1; i > 0; --i)
        if (i % kSide != 0) differences[i] = static_cast<std::uint16_t>(pixels[i] - pixels[i - 1]);
      const QByteArray zlib = qCompress(reinterpret_cast<const uchar*>(differences.data()), kSide * kSide * 2, 6);
      const double share = static_cast<double>(encoded(*encoder, pixels).size()) / static_cast<double>(zlib.size() - 4);
      QVERIFY2(share <= most, qPrintable(QString::number(share)));
    }
  }
};

QTEST_GUILESS_MAIN(TestTiffCodec)
#include "tst_tiff_codec.moc"
