// SPDX-License-Identifier: GPL-3.0-or-later
// The sample coast is the truth of examples, so it is held against numpy here; sample:full is the same coast, computed as it is read.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/io/file_provider.h"
#include "engine/io/sample/coast_files.h"
#include "engine/io/sample/coast_scene.h"

using namespace cubeloom;

namespace {

using Json = nlohmann::json;

Json coastOfNumpy() {
  std::ifstream file(CUBELOOM_TEST_DATA "/golden/coast.json");
  return Json::parse(file);
}

QByteArray bytesAt(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class TestCoast : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  QString file(const QString& name) const { return m_folder.filePath(name); }

 private slots:
  void initTestCase() { QVERIFY(makeSampleCoast(m_folder.path().toStdString())); }

  void pixelsAreNumpys() {
    const Json golden = coastOfNumpy();
    for (const Json& pixel : golden["pixels"]) {
      const CoastPoint point = coast::pixelAt(pixel["line"], pixel["sample"], pixel["date"]);
      QCOMPARE(static_cast<int>(point.cover), pixel["cover"].get<int>());
      QVERIFY(std::abs(point.cloud - pixel["cloud"].get<double>()) < 1e-9);
      QVERIFY(std::abs(point.shadow - pixel["shadow"].get<double>()) < 1e-9);
      for (const auto& [nm, value] : pixel["values"].items()) {
        const double found = coast::seen(point, coast::spectra({std::stod(nm)})[0]);
        QVERIFY2(std::abs(found - value.get<double>()) < 1e-9, qPrintable(QString::fromStdString(pixel.dump())));
      }
    }
  }

  /// Materials and clouds are shares: fractions that unmixing has to find sum to one.
  void materialsSumToOne() {
    for (std::int64_t line = 0; line < coast::kLines; line += 97)
      for (std::int64_t sample = 0; sample < coast::kSamples; sample += 101) {
        const CoastPoint point = coast::pixelAt(line, sample, 6);
        double sum = 0;
        for (const double amount : point.amount) {
          QVERIFY(amount >= 0);
          sum += amount;
        }
        QVERIFY2(std::abs(sum - 1) < 1e-12, qPrintable(QString("line %1, sample %2: %3").arg(line).arg(sample).arg(sum)));
      }
  }

  void filesHoldWhatNumpyCounts() {
    const Json golden = coastOfNumpy();
    const QByteArray cover = bytesAt(file("coast_cover"));
    const std::int64_t pixels = coast::kFileLines * coast::kFileSamples;
    QCOMPARE(cover.size(), pixels);
    for (const Json& date : golden["dates"]) {
      const QString name = QString::fromStdString("coast_" + coast::dateText(date["date"]));
      const QByteArray scene = bytesAt(file(name + "_scl"));
      QCOMPARE(bytesAt(file(name)).size(), pixels * coast::kFileBands * 2);
      std::vector<std::int64_t> covers(8), scenes(12);
      for (qsizetype i = 0; i < cover.size(); ++i) {
        ++covers[static_cast<std::size_t>(cover[i])];
        ++scenes[static_cast<std::size_t>(scene[i])];
      }
      QCOMPARE(Json(covers), date["covers"]);
      QCOMPARE(scenes[8] + scenes[9], date["cloudy"].get<std::int64_t>());
      QCOMPARE(scenes[3], date["shaded"].get<std::int64_t>());
    }
  }

  void bytesAreTheSameEachTime() {
    QTemporaryDir other;
    QVERIFY(makeSampleCoast(other.path().toStdString()));
    const QStringList names = QDir(other.path()).entryList(QDir::Files);
    QCOMPARE(names.size(), 16);
    for (const QString& name : names) QCOMPARE(bytesAt(other.filePath(name)), bytesAt(file(name)));
  }

  void completeFilesAreLeftAlone() {
    const auto written = QFileInfo(file("coast_20220224")).lastModified();
    QVERIFY(makeSampleCoast(m_folder.path().toStdString()));
    QCOMPARE(QFileInfo(file("coast_20220224")).lastModified(), written);
    QVERIFY(QFile::remove(file("coast_cover")));
    QVERIFY(makeSampleCoast(m_folder.path().toStdString()));
    QVERIFY(QFile::exists(file("coast_cover")));
  }

  void fullCoastIsComputedAndSaysSo() {
    const auto provider = makeFileProvider();
    const auto info = provider->info("sample:full");
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    QCOMPARE(info->fileBytes, 0.0);
    QVERIFY(info->notes[0].starts_with("synthetic"));
    QVERIFY(info->notes[0].find("nothing is read from disk") != std::string::npos);
    const ArraySpec& spec = info->variables[0].spec;
    QCOMPARE(spec.shape(), (std::vector<std::int64_t>{13, 12023, 425, 13739}));
    QVERIFY(spec.attributes.at("title").starts_with("Synthetic"));
    QVERIFY(spec.attributes.contains("synthetic"));  // the Open step says it, and outputs do
    // A chain's folder stands before its paths.
    QVERIFY(provider->open({.path = "/some/folder/sample:full", .variable = {}, .driver = {}}));
    QVERIFY(!provider->open({.path = "sample:ful", .variable = {}, .driver = {}}));
  }

  /// Steps, lists and single bands, against the formula.
  void fullCoastGivesThePixelsAskedFor() {
    const auto provider = makeFileProvider();
    const auto source = provider->open({.path = "sample:full", .variable = {}, .driver = {}});
    QVERIFY(source);
    const Region region{IndexSet::list({6, 0}), IndexSet::range(6732, 5, 31), IndexSet::list({55, 35, 3}), IndexSet::range(7488, 7, 60)};
    QCOMPARE((*source)->cost(region).bytes, 0.0);
    std::vector<float> values(static_cast<std::size_t>(regionCount(region)));
    ReadContext context;
    QVERIFY(
        (*source)->read(region, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float32, regionShape(region)), context));
    QCOMPARE(context.bytesRead, std::int64_t{0});
    std::size_t i = 0;
    const auto& wavelengths = (*source)->spec().dims[2].coordinate.values;
    for (std::int64_t t = 0; t < 2; ++t)
      for (std::int64_t y = 0; y < 5; ++y)
        for (std::int64_t b = 0; b < 3; ++b)
          for (std::int64_t x = 0; x < 7; ++x) {
            const CoastPoint point = coast::pixelAt(region[1].at(y), region[3].at(x), static_cast<int>(region[0].at(t)));
            const double expected = coast::seen(point, coast::spectra({wavelengths[static_cast<std::size_t>(region[2].at(b))]})[0]);
            QVERIFY(std::abs(values[i++] - expected) < 1e-6);
          }
    QCOMPARE((*source)->touchedLines(region).size(), std::size_t{5});
  }
};

QTEST_GUILESS_MAIN(TestCoast)
#include "tst_coast.moc"
