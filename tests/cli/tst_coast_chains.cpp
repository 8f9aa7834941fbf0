// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of the sample coast comes out of the chains that people would write: NDVI, cloud masks, clusters, the burn scar.
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

class TestCoastChains : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  QByteArray bytes(const QString& name) const {
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  std::vector<float> floats(const QString& name) const {
    const QByteArray raw = bytes(name);
    std::vector<float> values(static_cast<std::size_t>(raw.size()) / sizeof(float));
    std::memcpy(values.data(), raw.data(), values.size() * sizeof(float));
    return values;
  }
  /// Empty when all went well.
  QByteArray run(const QString& program, const QStringList& arguments) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(program, arguments);
    process.waitForFinished(120000);
    return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0 ? QByteArray()
                                                                                   : "failed: " + process.readAllStandardError();
  }
  QByteArray runChain(const QString& pipeline) const { return run(CUBELOOM_CLI, {"run", "--progress", "none", pipeline}); }

 private slots:
  void initTestCase() {
    const QByteArray error = run(QFileInfo(CUBELOOM_CLI).path() + "/cubeloom-sample", {"--scene", "coast", m_folder.path()});
    QVERIFY2(error.isEmpty(), error.constData());
  }

  void ndviAndCloudMaskAreNumpys() {
    const QByteArray error = runChain(
        "! cubes= open coast_????????.hdr ! scl= open coast_*_scl.hdr ! clear= qa_mask [cubes] [scl] preset=sentinel2_scl ! ndvi "
        "! write ndvi.img format=ENVI");
    QVERIFY2(error.isEmpty(), error.constData());
    std::ifstream file(CUBELOOM_TEST_DATA "/golden/coast.json");
    const auto golden = nlohmann::json::parse(file);
    const std::vector<float> ndvi = floats("ndvi.img");
    const QByteArray cover = bytes("coast_cover");
    const auto pixels = static_cast<std::size_t>(cover.size());
    QCOMPARE(ndvi.size(), 3 * pixels);
    for (std::size_t t = 0; t < 3; ++t) {
      const auto& date = golden["dates"][t];
      std::size_t masked = 0, fields = 0;
      double sum = 0;
      for (std::size_t i = 0; i < pixels; ++i) {
        const float value = ndvi[t * pixels + i];
        masked += std::isnan(value) ? 1 : 0;
        if (std::isnan(value) || cover[static_cast<qsizetype>(i)] != 3) continue;
        ++fields;
        sum += value;
      }
      QCOMPARE(masked, date["cloudy"].get<std::size_t>() + date["shaded"].get<std::size_t>());
      QCOMPARE(fields, date["clear_field_pixels"].get<std::size_t>());
      QVERIFY(std::abs(sum / static_cast<double>(fields) - date["ndvi_of_fields"].get<double>()) < 1e-6);
    }
  }

  /// Water, beach and forest, each cluster standing for the cover that most of its pixels have.
  void clustersOfUnlikeMaterialsAreTheTruth() {
    const QByteArray error = runChain(
        "! cube= open coast_20220224.hdr ! good= drop_bands bands=bad ! scl= open coast_20220224_scl.hdr "
        "! clear= qa_mask [good] [scl] preset=sentinel2_scl ! cover= open coast_cover.hdr "
        "! three= mask [clear] [cover] 'where=in2.x == 1 or in2.x == 2 or in2.x == 4' ! kmeans clusters=3 ! write clusters.img "
        "format=ENVI");
    QVERIFY2(error.isEmpty(), error.constData());
    const QByteArray clusters = bytes("clusters.img"), cover = bytes("coast_cover");
    QCOMPARE(clusters.size(), cover.size());
    std::map<char, std::map<char, int>> counts;
    int all = 0, right = 0;
    for (qsizetype i = 0; i < cover.size(); ++i) {
      if (clusters[i] == '\xFF') continue;
      ++counts[clusters[i]][cover[i]];
      ++all;
    }
    QCOMPARE(counts.size(), std::size_t{3});
    for (const auto& [cluster, covers] : counts)
      right += std::max_element(covers.begin(), covers.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->second;
    QVERIFY2(right >= 0.98 * all, qPrintable(QString("%1 of %2").arg(right).arg(all)));
  }

  /// 0.27 is where Key and Benson put the lower end of a moderate burn.
  void burnScarIsWhereItIsSaidToBe() {
    const QByteArray error = runChain(
        "! b= open coast_20220224.hdr ! bs= open coast_20220224_scl.hdr ! bc= qa_mask [b] [bs] preset=sentinel2_scl ! bn= index name=NBR "
        "! a= open coast_20220412.hdr ! as= open coast_20220412_scl.hdr ! ac= qa_mask [a] [as] preset=sentinel2_scl ! an= index name=NBR "
        "! calc [bn] [an] 'expression=x - in2.x' ! write dnbr.img format=ENVI");
    QVERIFY2(error.isEmpty(), error.constData());
    const std::vector<float> dnbr = floats("dnbr.img");
    const QByteArray cover = bytes("coast_cover");
    QCOMPARE(static_cast<qsizetype>(dnbr.size()), cover.size());
    int forest = 0, burntForest = 0, burnt = 0, found = 0;
    for (qsizetype i = 0; i < cover.size(); ++i) {
      const float value = dnbr[static_cast<std::size_t>(i)];
      if (std::isnan(value)) continue;
      forest += cover[i] == 4 ? 1 : 0;
      burntForest += cover[i] == 4 && value > 0.27F ? 1 : 0;
      burnt += cover[i] == 7 ? 1 : 0;
      found += cover[i] == 7 && value > 0.27F ? 1 : 0;
    }
    QVERIFY2(found > 0.7 * burnt, qPrintable(QString("%1 of %2").arg(found).arg(burnt)));
    QVERIFY2(burntForest < 0.01 * forest, qPrintable(QString("%1 of %2").arg(burntForest).arg(forest)));
  }

  void fullCoastTakesNothingFromDisk() {
    const QString pipeline =
        "! open sample:full ! isel time=0 ! transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=500 "
        "resampling=nearest ! write full.tif format=COG";
    QProcess plan;
    plan.setWorkingDirectory(m_folder.path());
    plan.start(CUBELOOM_CLI, {"plan", "--json", pipeline});
    plan.waitForFinished(60000);
    const QByteArray text = plan.readAllStandardOutput();
    QVERIFY2(plan.exitCode() == 0, plan.readAllStandardError().constData());
    const auto json = nlohmann::json::parse(text.toStdString());
    QCOMPARE(json["bytes_to_read"].get<double>(), 0.0);
    QVERIFY(text.contains("nothing is read from disk"));
    QVERIFY(text.contains("synthetic"));
    const QByteArray error = runChain(pipeline);
    QVERIFY2(error.isEmpty(), error.constData());
    QVERIFY(QFileInfo(m_folder.filePath("full.tif")).size() > 1000000);
    // Other programs have no file to open: the engine does that step.
    const QByteArray refused = run(CUBELOOM_CLI, {"export", "--to", "python", "-o", "full.py", pipeline});
    QVERIFY2(refused.isEmpty(), refused.constData());
    QVERIFY(bytes("full.py").contains("by_cubeloom(['open', 'sample:full'])"));
  }
};

QTEST_APPLESS_MAIN(TestCoastChains)
#include "tst_coast_chains.moc"
