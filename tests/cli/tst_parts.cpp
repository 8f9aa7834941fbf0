// SPDX-License-Identifier: GPL-3.0-or-later
// A run cut into parts: made in any order, twice, killed and made again, at the same time, and put together: the bytes of one run.
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <random>

#include "engine/plan/run_parts.h"
#include "tests/support/cli_runs.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestParts : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs, m_large;
  std::mt19937 m_random{20261130};

  static QString partOf(int number, int count) { return QString("%1/%2").arg(number).arg(count); }

  int run(const QString& steps, const QStringList& options, QByteArray* said = nullptr) const {
    return m_runs.run(CliRuns::words(steps, options), said);
  }

  QJsonObject reportOf(const QString& steps, const QStringList& options) const {
    QByteArray said;
    if (run(steps, QStringList{"--report", m_runs.file("report.json")} + options, &said) != 0) return {};
    QFile file(m_runs.file("report.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
  }

  /// The bytes of one run, which is then removed.
  QByteArray whole(const QString& steps, const QStringList& outs) const {
    QByteArray said;
    if (run(steps, {}, &said) != 0) qWarning("%s", said.constData());
    return taken(outs);
  }
  QByteArray taken(const QStringList& outs) const {
    QByteArray all;
    for (const QString& out : outs) {
      all += m_runs.content(out);
      m_runs.clear(out);
      QFile::remove(m_runs.file(out + ".aux.xml"));  // names of classes
    }
    return all;
  }

  /// Begins a part and kills it, mostly in the middle.
  void killPart(const QString& steps, const QStringList& options) {
    QProcess process;
    m_runs.begin(process, CliRuns::words(steps, options));
    QThread::usleep(static_cast<unsigned long>(m_random() % 20000));
    process.kill();
    process.waitForFinished();
  }

  void addChains() const {
    addSinkRuns();
    QTest::newRow("CSV") << "reduce statistic=mean dims=y,x ! write h.csv"
                         << "h.csv";
    QTest::newRow("histogram") << "reduce statistic=histogram dims=y,x bins=20 range=0,1 ! write i.nc"
                               << "i.nc";
    QTest::newRow("argmax") << "reduce statistic=argmax dims=wavelength ! write j.tif"
                            << "j.tif";
    QTest::newRow("statistics") << "statistics dims=y,x ! write k.csv"
                                << "k.csv";
    QTest::newRow("median of all") << "reduce statistic=median dims=y,x ! write l.csv"
                                   << "l.csv";
    QTest::newRow("standardize") << "standardize dims=y,x ! write m.tif"
                                 << "m.tif";
    QTest::newRow("pca") << "pca components=3 ! write n.nc"
                         << "n.nc";
    QTest::newRow("kmeans") << "kmeans clusters=4 sample=500 ! write o.tif"
                            << "o.tif";
    QTest::newRow("stretch") << "stretch low=2 high=98 ! write q.tif"
                             << "q.tif";
  }

 private slots:
  void initTestCase() {
    QCOMPARE(m_runs.makeCube(16), QString());
    QCOMPARE(m_large.makeCube(200), QString());  // large enough that reductions and fits are gathered in several parts
  }
  void cleanup() {
    m_runs.clearParts();
    for (const char* out : {"a.tif", "b.tif", "a.nc", "b.csv", "c.csv", "other.hdr", "other", "other.cubeloom"}) m_runs.clear(out);
  }

  void anyOrderIsOneRun_data() { addChains(); }
  void anyOrderIsOneRun() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    const QByteArray wanted = whole(steps, {out});
    QVERIFY(!wanted.isEmpty());
    for (const int workers : {1, 2, 7}) {
      const int count = workers == 2 ? 3 : 7;
      std::vector<int> order(static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) order[static_cast<std::size_t>(i)] = i + 1;
      std::shuffle(order.begin(), order.end(), m_random);
      const QStringList options{"--workers", QString::number(workers)};
      killPart(steps, options + QStringList{"--part", partOf(order[1], count)});
      QByteArray said;
      for (const int number : order) {
        QVERIFY2(run(steps, options + QStringList{"--part", partOf(number, count)}, &said) == 0, said.constData());
        QVERIFY(!QFile::exists(m_runs.file(out)));
      }
      QVERIFY2(run(steps, options + QStringList{"--part", partOf(order[0], count)}, &said) == 0, said.constData());
      QVERIFY2(run(steps, options + QStringList{"--finalize"}, &said) == 0, said.constData());
      QCOMPARE(m_runs.parts(), QStringList());
      QVERIFY(taken({out}) == wanted);
    }
  }

  void everyUnitIsMadeOnce_data() {
    QTest::addColumn<QList<qint64>>("shape");
    QTest::addColumn<QList<qint64>>("chunk");
    QTest::addColumn<qint64>("parts");
    QTest::newRow("rows, the last one smaller") << QList<qint64>{1000, 700} << QList<qint64>{128, 700} << qint64{1};
    QTest::newRow("one chunk") << QList<qint64>{10, 10} << QList<qint64>{10, 10} << qint64{1};
    QTest::newRow("bands, rows, columns") << QList<qint64>{425, 1210, 1380} << QList<qint64>{425, 64, 500} << qint64{1};
    QTest::newRow("many bands") << QList<qint64>{425, 1210, 1380} << QList<qint64>{1, 512, 512} << qint64{1};
    QTest::newRow("a reduction in parts") << QList<qint64>{53} << QList<qint64>{53} << qint64{12};
  }
  void everyUnitIsMadeOnce() {
    QFETCH(QList<qint64>, shape);
    QFETCH(QList<qint64>, chunk);
    QFETCH(qint64, parts);
    Stage stage;
    stage.chunks = ChunkGrid({shape.begin(), shape.end()}, {chunk.begin(), chunk.end()});
    stage.parts = parts;
    const std::int64_t units = stage.chunks.count() * parts;
    for (const std::int64_t count : {1, 2, 3, 7, 13, 100, 10000}) {
      std::int64_t next = 0, most = 0;
      for (std::int64_t number = 1; number <= count; ++number) {
        const UnitRange range = unitsOfPart(stage, {number, count});
        QCOMPARE(range.first, next);
        QVERIFY(range.end >= range.first);
        most = std::max(most, range.count());
        next = range.end;
      }
      QCOMPARE(next, units);
      // No part has much more to do than its share.
      QVERIFY(static_cast<double>(most) <= std::max(1.0, 1.25 * static_cast<double>(units) / static_cast<double>(count) + 1));
    }
  }

  void rangesAreNamedCompactly() {
    QCOMPARE(rangesText({2, 5, 6, 7}), std::string("2, 5-7"));
    QCOMPARE(rangesText({1, 2}), std::string("1, 2"));
    QCOMPARE(rangesText({4}), std::string("4"));
    QCOMPARE(rangesText({}), std::string());
  }

  void largeInputsAreGatheredInParts_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("out");
    QTest::addColumn<bool>("isFit");
    QTest::newRow("mean") << "reduce statistic=mean dims=y,x ! write a.csv"
                          << "a.csv" << false;
    QTest::newRow("argmin") << "reduce statistic=argmin dims=y ! write b.nc"
                            << "b.nc" << false;
    QTest::newRow("histogram") << "reduce statistic=histogram dims=y,x bins=20 range=0,1 ! write c.nc"
                               << "c.nc" << false;
    QTest::newRow("statistics") << "statistics dims=y,x ! write d.csv"
                                << "d.csv" << false;
    QTest::newRow("median") << "reduce statistic=median dims=y,x ! write e.csv"
                            << "e.csv" << true;
    QTest::newRow("pca") << "pca components=3 ! write f.nc"
                         << "f.nc" << true;
    QTest::newRow("kmeans") << "kmeans clusters=4 sample=500 ! write g.nc"
                            << "g.nc" << true;
    QTest::newRow("standardize") << "standardize dims=y,x ! isel wavelength=0:10 ! write h.tif"
                                 << "h.tif" << true;
  }
  void largeInputsAreGatheredInParts() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    QFETCH(bool, isFit);
    const auto report = [&](const QStringList& options) {
      QByteArray said;
      const QString path = m_large.file("report.json");
      if (m_large.run(CliRuns::words(steps, QStringList{"--report", path} + options), &said) != 0) qWarning("%s", said.constData());
      QFile file(path);
      return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
    };
    const double all = report({})["bytes_read"].toDouble();
    const QByteArray wanted = m_large.content(out);
    QVERIFY(!wanted.isEmpty());
    m_large.clear(out);
    double sum = 0;
    for (const char* part : {"3/3", "1/3", "2/3"}) {
      const QJsonObject made = report({"--part", part, "--workers", "2"});
      const double read = made["bytes_read"].toDouble();
      sum += read;
      if (!isFit) QVERIFY2(read < 0.6 * all, qPrintable(QString("part %1 reads %2 of %3").arg(part).arg(read).arg(all)));
      QVERIFY(made["measured_peak_bytes"].toDouble() <= made["projected_peak_bytes"].toDouble());
    }
    QVERIFY2(sum < 1.1 * all, qPrintable(QString("the parts read %1 of %2").arg(sum).arg(all)));
    const QJsonObject end = report({"--finalize"});
    QCOMPARE(end["status"].toString(), QString("finished"));
    QVERIFY(end["measured_peak_bytes"].toDouble() <= end["projected_peak_bytes"].toDouble());
    QCOMPARE(m_large.parts(), QStringList());
    QVERIFY(m_large.content(out) == wanted);
    m_large.clear(out);
  }

  void reductionsOfOneReadingMayHaveOtherShapes() {
    QFile chain(m_large.file("three.cubeloom"));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    chain.write(R"({"cubeloom": 1, "nodes": [
      {"id": "cube", "op": "open", "params": {"path": "cube.hdr"}},
      {"id": "mean", "op": "reduce", "inputs": ["cube"], "params": {"statistic": "mean", "dims": ["y", "x"]}},
      {"id": "bins", "op": "reduce", "inputs": ["cube"], "params": {"statistic": "histogram", "dims": ["y", "x"], "bins": 9, "range": [0, 1]}},
      {"id": "all", "op": "reduce", "inputs": ["cube"], "params": {"statistic": "max", "dims": ["y", "x"]}},
      {"id": "a", "op": "write", "inputs": ["mean"], "params": {"path": "a.nc"}},
      {"id": "b", "op": "write", "inputs": ["bins"], "params": {"path": "b.nc"}},
      {"id": "c", "op": "write", "inputs": ["all"], "params": {"path": "c.nc"}}], "view": {}})");
    chain.close();
    QByteArray said;
    const auto go = [&](const QStringList& options) {
      const int code = m_large.run(QStringList{"run", "--progress", "none"} + options + QStringList{"three.cubeloom"}, &said);
      if (code != 0) qWarning("%s", said.constData());
      return code;
    };
    const auto all = [this] {
      QByteArray bytes;
      for (const char* out : {"a.nc", "b.nc", "c.nc"}) {
        bytes += m_large.content(out);
        m_large.clear(out);
      }
      return bytes;
    };
    QCOMPARE(go({}), 0);
    const QByteArray wanted = all();
    for (const char* part : {"2/2", "1/2"}) QCOMPARE(go({"--part", part}), 0);
    QCOMPARE(go({"--finalize"}), 0);
    QVERIFY(all() == wanted);
  }

  void aKilledPartGoesOn() {
    const QString steps = "reproject resolution=1 resampling=cubic ! write a.tif";
    const double all = reportOf(steps, {"--part", "1/1", "--workers", "1"})["bytes_read"].toDouble();
    QVERIFY(all > 0);
    int goneOn = 0;
    for (int kill = 0; kill < 30 && goneOn < 2; ++kill) {
      m_runs.clearParts();
      QProcess process;
      m_runs.begin(process, CliRuns::words(steps, {"--part", "1/1", "--workers", "1"}));
      QThread::msleep(static_cast<unsigned long>(20 + 20 * kill));
      process.kill();
      process.waitForFinished();
      const double read = reportOf(steps, {"--part", "1/1", "--workers", "1"})["bytes_read"].toDouble();
      goneOn += read > 0 && read < all;
    }
    QVERIFY(goneOn >= 2);
  }

  void copiesOfAPartDoNoHarm() {
    const QString steps = "reproject resolution=2 resampling=cubic ! write a.tif compress=deflate";
    const QByteArray wanted = whole(steps, {"a.tif"});
    for (const char* part : {"1/2", "2/2"}) {
      QProcess copies[3];
      for (QProcess& copy : copies) {
        copy.setWorkingDirectory(m_runs.file(""));
        copy.start(CUBELOOM_CLI, CliRuns::words(steps, {"--part", part, "--workers", "1"}));
      }
      for (QProcess& copy : copies) {
        QVERIFY(copy.waitForFinished(60000));
        QVERIFY2(copy.exitCode() == 0, copy.readAllStandardError().constData());
      }
    }
    QCOMPARE(run(steps, {"--finalize"}), 0);
    QVERIFY(taken({"a.tif"}) == wanted);
  }

  void partsAtTheSameTimeShareAFit() {
    const QString steps = "pca components=3 ! write a.nc";
    const QByteArray wanted = whole(steps, {"a.nc"});
    QProcess parts[4];
    for (int i = 0; i < 4; ++i) {
      parts[i].setWorkingDirectory(m_runs.file(""));
      parts[i].start(CUBELOOM_CLI, CliRuns::words(steps, {"--part", partOf(i + 1, 4), "--workers", "1"}));
    }
    for (QProcess& part : parts) {
      QVERIFY(part.waitForFinished(60000));
      QVERIFY2(part.exitCode() == 0, part.readAllStandardError().constData());
    }
    QCOMPARE(run(steps, {"--finalize"}), 0);
    QVERIFY(taken({"a.nc"}) == wanted);
  }

  void twoOutputsOfOneChain() {
    const QString steps = "reproject resolution=4 resampling=cubic ! write a.tif";
    QFile chain(m_runs.file("other.cubeloom"));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    chain.write(R"({"cubeloom": 1, "nodes": [
      {"id": "cube", "op": "open", "params": {"path": "cube.hdr"}},
      {"id": "grid", "op": "reproject", "inputs": ["cube"], "params": {"resolution": 4, "resampling": "cubic"}},
      {"id": "mean", "op": "reduce", "inputs": ["cube"], "params": {"statistic": "mean", "dims": ["y", "x"]}},
      {"id": "spread", "op": "reduce", "inputs": ["cube"], "params": {"statistic": "std", "dims": ["y", "x"]}},
      {"id": "a", "op": "write", "inputs": ["grid"], "params": {"path": "a.tif"}},
      {"id": "b", "op": "write", "inputs": ["mean"], "params": {"path": "b.csv"}},
      {"id": "c", "op": "write", "inputs": ["spread"], "params": {"path": "c.csv"}}], "view": {}})");
    chain.close();
    const auto go = [this](const QStringList& options, QByteArray* said) {
      return m_runs.run(QStringList{"run", "--progress", "none"} + options + QStringList{"other.cubeloom"}, said);
    };
    QByteArray said;
    QVERIFY2(go({}, &said) == 0, said.constData());
    const QStringList outs{"a.tif", "b.csv", "c.csv"};
    const QByteArray wanted = taken(outs);
    for (const char* part : {"3/3", "1/3", "2/3"}) QVERIFY2(go({"--part", part}, &said) == 0, said.constData());
    QVERIFY2(go({"--finalize"}, &said) == 0, said.constData());
    QCOMPARE(m_runs.parts(), QStringList());
    QVERIFY(taken(outs) == wanted);
  }

  void aKilledFinalizeIsRunAgain() {
    const QString steps = "reproject resolution=2 resampling=cubic ! write a.tif compress=deflate";
    const QByteArray wanted = whole(steps, {"a.tif"});
    for (int kill = 0; kill < 6; ++kill) {
      for (const char* part : {"1/2", "2/2"}) QCOMPARE(run(steps, {"--part", part}), 0);
      QProcess process;
      m_runs.begin(process, CliRuns::words(steps, {"--finalize", "--workers", "1"}));
      QThread::msleep(static_cast<unsigned long>(5 * kill * kill));
      process.kill();
      process.waitForFinished();
      QByteArray said;
      QVERIFY2(run(steps, {"--finalize"}, &said) == 0, said.constData());
      QCOMPARE(m_runs.parts(), QStringList());
      QVERIFY(m_runs.content("a.tif") == wanted);
      // What is complete stays as it is, for a part and for the end.
      QVERIFY2(run(steps, {"--part", "1/2"}, &said) == 0, said.constData());
      QVERIFY2(run(steps, {"--finalize"}, &said) == 0, said.constData());
      QCOMPARE(m_runs.parts(), QStringList());
      QVERIFY(taken({"a.tif"}) == wanted);
    }
  }

  void missingPartsAreNamed() {
    const QString steps = "isel wavelength=0:4 ! write a.tif";
    QByteArray said;
    QCOMPARE(run(steps, {"--finalize"}, &said), 1);
    QVERIFY2(said.contains("no part") && said.contains("--part 1/N"), said.constData());
    for (const char* part : {"1/7", "3/7", "4/7"})
      QCOMPARE(run("reproject resolution=2 resampling=cubic ! write b.tif", {"--part", part}), 0);
    QCOMPARE(run("reproject resolution=2 resampling=cubic ! write b.tif", {"--finalize"}, &said), 1);
    QVERIFY2(said.contains("2, 5-7 of 7 are missing") && said.contains("--part 2/7"), said.constData());
    QVERIFY(!QFile::exists(m_runs.file("b.tif")));
  }

  void aChangedInputIsAnotherRun() {
    for (const char* suffix : {".hdr", ""})
      QVERIFY(QFile::copy(m_runs.file(QString("cube") + suffix), m_runs.file(QString("other") + suffix)));
    const QStringList chain{"!", "open", "other.hdr", "!", "isel", "wavelength=0:4", "!", "write", "a.tif"};
    QByteArray said;
    QVERIFY2(m_runs.run(QStringList{"run", "--part", "1/1"} + chain, &said) == 0, said.constData());
    QFile data(m_runs.file("other"));
    QVERIFY(data.open(QIODevice::ReadWrite));
    data.write("x");
    data.close();
    QCOMPARE(m_runs.run(QStringList{"run", "--finalize"} + chain, &said), 1);
    QVERIFY2(said.contains("of another run") && said.contains("other"), said.constData());
  }

  void whatIsNoPartIsRefused_data() {
    QTest::addColumn<QString>("part");
    QTest::addColumn<QString>("says");
    QTest::newRow("zero") << "0/3"
                          << "from 1 to 3";
    QTest::newRow("beyond") << "8/7"
                            << "from 1 to 7";
    QTest::newRow("words") << "a/b"
                           << "K/N";
    QTest::newRow("one number") << "3"
                                << "K/N";
    QTest::newRow("of none") << "1/0"
                             << "1 to 10,000";
    QTest::newRow("negative") << "-1/3"
                              << "from 1 to 3";
    QTest::newRow("too many") << "1/10001"
                              << "1 to 10,000";
    QTest::newRow("fraction") << "1.5/3"
                              << "K/N";
  }
  void whatIsNoPartIsRefused() {
    QFETCH(QString, part);
    QFETCH(QString, says);
    QByteArray said;
    QCOMPARE(run("write a.tif", {"--part=" + part}, &said), 2);
    QVERIFY2(said.contains(says.toUtf8()), said.constData());
    QCOMPARE(m_runs.parts(), QStringList());
  }

  void partsNeedAPlaceOfTheirOwn() {
    QByteArray said;
    QCOMPARE(run("write a.tif", {"--part", "1/2", "--finalize"}, &said), 2);
    QVERIFY2(said.contains("together"), said.constData());
    // An output that is there is not replaced unless that is asked for, and then of the end, too.
    QCOMPARE(run("isel wavelength=0 ! write a.tif", {}), 0);
    QCOMPARE(run("write a.tif", {"--part", "1/1"}, &said), 2);
    QVERIFY2(said.contains("overwrite"), said.constData());
    QCOMPARE(run("write a.tif", {"--part", "1/1", "--overwrite"}), 0);
    QCOMPARE(run("write a.tif", {"--finalize"}, &said), 2);
    QCOMPARE(run("write a.tif", {"--finalize", "--overwrite"}), 0);
  }

  void aPartReadsItsShare() {
    const QString steps = "transpose dims=wavelength,y,x ! reproject resolution=1.5 resampling=nearest ! write a.tif";
    const double all = reportOf(steps, {})["bytes_read"].toDouble();
    QVERIFY(all > 0);
    m_runs.clear("a.tif");
    double sum = 0;
    for (int i = 1; i <= 4; ++i) {
      const QJsonObject report = reportOf(steps, {"--part", partOf(i, 4)});
      const double read = report["bytes_read"].toDouble();
      sum += read;
      QVERIFY2(read < 0.4 * all, qPrintable(QString("part %1 reads %2 of %3").arg(i).arg(read).arg(all)));
      QVERIFY(report["measured_peak_bytes"].toDouble() <= report["projected_peak_bytes"].toDouble());
      QVERIFY(report["projected_peak_bytes"].toDouble() <= report["memory_budget_bytes"].toDouble());
      QCOMPARE(report["chunks_done"].toInt(), report["chunks_total"].toInt());
    }
    QVERIFY2(sum < 1.3 * all, qPrintable(QString("the parts read %1 of %2").arg(sum).arg(all)));
    // One that is there already reads nothing.
    QCOMPARE(reportOf(steps, {"--part", "2/4"})["bytes_read"].toDouble(), 0.0);
    const QJsonObject end = reportOf(steps, {"--finalize"});
    QVERIFY(end["measured_peak_bytes"].toDouble() <= end["projected_peak_bytes"].toDouble());
  }

  void aDamagedPartIsMadeAgain() {
    const QString steps = "reproject resolution=2 resampling=cubic ! write a.tif";
    const QByteArray wanted = whole(steps, {"a.tif"});
    for (const char* part : {"1/2", "2/2"}) QCOMPARE(run(steps, {"--part", part}), 0);
    QFile file(m_runs.file(m_runs.parts().at(0) + "/2-of-2"));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(5000));
    file.write("damage");
    file.close();
    QByteArray said;
    QCOMPARE(run(steps, {"--finalize"}, &said), 1);
    QVERIFY2(said.contains("part 2 of 2 is damaged") && said.contains("--part 2/2"), said.constData());
    QVERIFY(!QFile::exists(m_runs.file("a.tif")));
    QCOMPARE(run(steps, {"--part", "2/2"}), 0);
    QVERIFY2(run(steps, {"--finalize"}, &said) == 0, said.constData());
    QVERIFY(taken({"a.tif"}) == wanted);
  }

  void aFullDiskIsToldAndWhatIsDoneIsKept() {
    const QString steps = "reproject resolution=2 resampling=cubic ! write a.tif";
    const QByteArray wanted = whole(steps, {"a.tif"});
    QByteArray said;
    QCOMPARE(m_runs.run(CliRuns::words(steps, {"--part", "1/1"}), &said, 8 << 20), 1);
    QVERIFY2(said.contains("bytes") && said.contains("run this part again"), said.constData());
    QVERIFY2(run(steps, {"--part", "1/1"}, &said) == 0, said.constData());
    QCOMPARE(m_runs.run(CliRuns::words(steps, {"--finalize"}), &said, 8 << 20), 1);
    QVERIFY(!QFile::exists(m_runs.file("a.tif")));
    QVERIFY2(run(steps, {"--finalize"}, &said) == 0, said.constData());
    QCOMPARE(m_runs.parts(), QStringList());
    QVERIFY(taken({"a.tif"}) == wanted);
  }

  void cutsMayBeMixed() {
    const QString steps = "reproject resolution=2 resampling=cubic ! write a.tif";
    const QByteArray wanted = whole(steps, {"a.tif"});
    for (const char* part : {"1/2", "3/4", "4/4"}) QCOMPARE(run(steps, {"--part", part}), 0);
    QByteArray said;
    QVERIFY2(run(steps, {"--finalize"}, &said) == 0, said.constData());
    QVERIFY(taken({"a.tif"}) == wanted);
  }

  void memoryAndWorkersAreNoPartOfTheName() {
    const QString steps = "reproject resolution=1 resampling=cubic ! write a.tif";
    const QByteArray wanted = whole(steps, {"a.tif"});
    QCOMPARE(run(steps, {"--part", "1/3", "--workers", "7"}), 0);
    QCOMPARE(run(steps, {"--part", "2/3", "--memory", "400MiB"}), 0);
    QCOMPARE(run(steps, {"--part", "3/3", "--workers", "1"}), 0);
    QCOMPARE(m_runs.parts().size(), 1);
    QCOMPARE(run(steps, {"--finalize", "--memory", "400MiB"}), 0);
    QVERIFY(taken({"a.tif"}) == wanted);
  }
};

QTEST_GUILESS_MAIN(TestParts)
#include "tst_parts.moc"
