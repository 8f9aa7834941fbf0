// SPDX-License-Identifier: GPL-3.0-or-later
// The synthetic cube is the truth of other tests, so it is held against numpy here, bit by bit.
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/io/sample/sample_cube.h"

using cubeloom::makeSampleCube;
using cubeloom::SyntheticCube;
using cubeloom::SyntheticCubeSize;

namespace {

using Json = nlohmann::json;

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Json golden() {
  const QByteArray text = contentOf(QStringLiteral(CUBELOOM_TEST_DATA "/golden/synthetic_cube.json"));
  return Json::parse(text.begin(), text.end());
}

/// The CRC-32 of zlib and PNG, bit by bit: slow, but nothing to trust.
std::uint32_t crc32(const QByteArray& bytes) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = (table[i] & 1U) != 0 ? (table[i] >> 1U) ^ 0xEDB88320U : table[i] >> 1U;
  }
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = table[(crc ^ static_cast<std::uint8_t>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

}  // namespace

class TestSampleCube : public QObject {
  Q_OBJECT

 private slots:
  void pixelsAreNumpysBits() {
    const Json truth = golden();
    for (const Json& pixel : truth["pixels"]) {
      SyntheticCubeSize size;
      size.lines = pixel["lines"];
      size.samples = pixel["samples"];
      size.bands = pixel["bands"];
      size.seed = pixel["seed"];
      const SyntheticCube cube(size);
      const std::int64_t line = pixel["line"], sample = pixel["sample"];
      QCOMPARE(cube.inside(line, sample), pixel["inside"].get<bool>());
      const Json& values = pixel["values"];
      for (int band = 0; band < size.bands; ++band) {
        const float expected =
            values.empty() ? SyntheticCube::kNodata : static_cast<float>(values[static_cast<std::size_t>(band)].get<double>());
        const float actual = cube.value(band, line, sample);
        QVERIFY2(
            std::memcmp(&actual, &expected, sizeof actual) == 0,
            qPrintable(QString("line %1, sample %2, band %3: %4, expected %5").arg(line).arg(sample).arg(band).arg(actual).arg(expected)));
      }
    }
  }

  void footprintIsNumpys() {
    const SyntheticCube cube;
    const Json truth = golden();
    for (const Json& row : truth["sample_cube"]["footprint"]) {
      int inside = 0;
      for (std::int64_t sample = 0; sample < cube.size().samples; ++sample) inside += cube.inside(row["line"], sample) ? 1 : 0;
      QCOMPARE(inside, row["inside"].get<int>());
    }
  }

  void bandsAreSpreadOverTheSensors() {
    const SyntheticCube cube;
    QCOMPARE(Json(cube.wavelengths()), golden()["sample_cube"]["wavelength"]);
    QCOMPARE(Json(cube.widths()), golden()["sample_cube"]["fwhm"]);
  }

  void fileHoldsEveryValueAndIsMadeOnce() {
    QTemporaryDir folder;
    const auto header = makeSampleCube(folder.filePath("new/deep").toStdString());
    QVERIFY2(header, header ? "" : header.error().text().c_str());
    QCOMPARE(*header, folder.filePath("new/deep/shift_sample.hdr").toStdString());
    const QString data = folder.filePath("new/deep/shift_sample");
    QCOMPARE(crc32(contentOf(data)), golden()["sample_cube"]["crc32"].get<std::uint32_t>());

    const auto written = std::filesystem::last_write_time(data.toStdString());
    QVERIFY(makeSampleCube(folder.filePath("new/deep").toStdString()));
    QVERIFY(std::filesystem::last_write_time(data.toStdString()) == written);
    QCOMPARE(QDir(folder.filePath("new/deep")).entryList(QDir::Files | QDir::Hidden), (QStringList{"shift_sample", "shift_sample.hdr"}));
  }

  void incompletePairIsMadeAgain() {
    QTemporaryDir folder;
    QVERIFY(makeSampleCube(folder.path().toStdString()));
    const QByteArray header = contentOf(folder.filePath("shift_sample.hdr"));
    QVERIFY(QFile::resize(folder.filePath("shift_sample"), 1000));
    QVERIFY(makeSampleCube(folder.path().toStdString()));
    QCOMPARE(QFileInfo(folder.filePath("shift_sample")).size(), 4LL * 480 * 400 * 53);
    QVERIFY(QFile::remove(folder.filePath("shift_sample.hdr")));
    QVERIFY(makeSampleCube(folder.path().toStdString()));
    QCOMPARE(contentOf(folder.filePath("shift_sample.hdr")), header);
  }

  void folderThatCannotBeMadeIsNamed() {
    const auto header = makeSampleCube("/dev/null/folder");
    QVERIFY(!header);
    QVERIFY(header.error().message.find("/dev/null/folder") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestSampleCube)
#include "tst_sample_cube.moc"
