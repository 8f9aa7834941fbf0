// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on a Dask cluster, real ones of this computer: the same bytes as a run here; lost workers, cancel, wrong addresses, workers that
// cannot do their part. Every cluster is ended by the test that started it.
#include <signal.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

namespace {

const QString kPython = QStringLiteral("/usr/bin/python3");  // Debian's, which has distributed

struct Ending {
  int code = -1;
  QByteArray out, error;
};

/// Some seconds of work in many chunks.
const QString kSlow = QStringLiteral("reproject crs=EPSG:32610 resolution=0.7 resampling=lanczos ! write slow.tif");

}  // namespace

class TestCluster : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;
  QString m_address;
  qint64 m_clusterPid = 0;

  void begin(QProcess& process, const QStringList& arguments, const QString& python = kPython) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("CUBELOOM_PYTHON"), python);
    environment.insert(QStringLiteral("XDG_DATA_HOME"), m_runs.file("data"));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_runs.file(""));
    process.start(CUBELOOM_CLI, arguments);
  }
  Ending end(QProcess& process) const {
    if (process.state() != QProcess::NotRunning && !process.waitForFinished(120000)) return {-1, {}, "it hangs"};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }
  Ending run(const QStringList& arguments, const QString& python = kPython) const {
    QProcess process;
    begin(process, arguments, python);
    return end(process);
  }
  static QStringList on(const QString& address, const QString& steps, const QStringList& options = {}) {
    return QStringList{"run", "--cluster", address} + options + QStringList{"!", "open", "cube.hdr", "!"} + steps.split(' ');
  }
  /// Processes of the cluster's workers.
  QList<qint64> workers() const {
    QList<qint64> found;
    for (const QString& name : QDir("/proc").entryList(QDir::Dirs)) {
      QFile status("/proc/" + name + "/status"), command("/proc/" + name + "/cmdline");
      if (!status.open(QIODevice::ReadOnly) || !command.open(QIODevice::ReadOnly)) continue;
      const bool isChild = status.readAll().contains("PPid:\t" + QByteArray::number(m_clusterPid) + "\n");
      if (isChild && command.readAll().contains("spawn_main")) found << name.toLongLong();
    }
    return found;
  }

 private slots:
  void initTestCase() {
    QCOMPARE(m_runs.makeCube(16), QString());
    const Ending started = run({"cluster", "start", "--workers", "2", "--memory", "2GiB", "--json"});
    QVERIFY2(started.code == 0, started.error.constData());
    const QJsonObject cluster = QJsonDocument::fromJson(started.out)["clusters"].toArray()[0].toObject();
    m_address = cluster["address"].toString();
    m_clusterPid = cluster["pid"].toInteger();
    QVERIFY2(m_address.startsWith("tcp://127.0.0.1:"), started.out.constData());
    QCOMPARE(cluster["workers"].toInt(), 2);
  }

  void cleanupTestCase() {
    if (m_clusterPid == 0) return;
    QCOMPARE(run({"cluster", "stop"}).code, 0);
    QVERIFY(run({"cluster", "list"}).error.contains("no cluster runs here"));
    QFile command("/proc/" + QString::number(m_clusterPid) + "/cmdline");
    QVERIFY(!command.open(QIODevice::ReadOnly) || command.readAll().isEmpty());
  }

  void sameBytesAsARunHere_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("out");
    QTest::newRow("reprojected GeoTIFF")
        << "transpose dims=wavelength,y,x ! reproject crs=EPSG:3310 resolution=7 resampling=cubic ! write out.tif"
        << "out.tif";
    QTest::newRow("standardized Zarr") << "standardize dims=y,x ! write out.zarr"
                                       << "out.zarr";
    QTest::newRow("reduced NetCDF") << "reduce statistic=mean dims=y,x ! write out.nc"
                                    << "out.nc";
  }
  void sameBytesAsARunHere() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    QCOMPARE(m_runs.run(CliRuns::words(steps)), 0);
    const QByteArray expected = m_runs.content(out);
    QVERIFY(!expected.isEmpty());
    m_runs.clear(out);
    const Ending there = run(on(m_address, steps, {"--report", "report.json", "--progress", "jsonl"}));
    QVERIFY2(there.code == 0, there.error.constData());
    QVERIFY(m_runs.content(out) == expected);
    QCOMPARE(m_runs.parts(), QStringList());
    QFile file(m_runs.file("report.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject report = QJsonDocument::fromJson(file.readAll()).object();
    QCOMPARE(report["status"].toString(), QString("finished"));
    QCOMPARE(report["workers"].toInt(), 2);
    QCOMPARE(report["cluster"].toObject()["parts_done"].toInt(), report["cluster"].toObject()["parts"].toInt());
    // The stream is that of a local run: chunks with their workers, growing fractions, an end.
    double fraction = 0;
    QSet<int> lanes;
    QString last;
    for (const QByteArray& line : there.out.split('\n')) {
      if (line.isEmpty()) continue;
      const QJsonObject event = QJsonDocument::fromJson(line).object();
      last = event["event"].toString();
      if (last == "chunk") lanes << event["worker"].toInt();
      if (last != "snapshot") continue;
      QVERIFY(event["fraction"].toDouble() >= fraction);
      fraction = event["fraction"].toDouble();
    }
    QCOMPARE(last, QString("run_finished"));
    QCOMPARE(fraction, 1.0);
    QVERIFY(!lanes.isEmpty() && lanes.size() <= 2);
    m_runs.clear(out);
  }

  // Ended in the middle nothing stands at the output's path; the same command goes on, and reads less than all again.
  void canceledAndContinued() {
    QProcess process;
    begin(process, on(m_address, kSlow, {"--progress", "jsonl"}));
    QByteArray out;
    QElapsedTimer timer;
    timer.start();
    const QRegularExpression hasParts("\"parts_done\": [1-9]");
    while (!hasParts.match(out).hasMatch() && timer.elapsed() < 60000 && process.waitForReadyRead(10000))
      out += process.readAllStandardOutput();
    QVERIFY2(hasParts.match(out).hasMatch(), out.constData());
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    const Ending canceled = end(process);
    QCOMPARE(canceled.code, 130);
    QVERIFY2(canceled.error.contains("goes on from them"), canceled.error.constData());
    QVERIFY(!QFile::exists(m_runs.file("slow.tif")));
    QCOMPARE(m_runs.parts().size(), 1);
    const Ending again = run(on(m_address, kSlow, {"--progress", "none"}));
    QVERIFY2(again.code == 0, again.error.constData());
    const QByteArray there = m_runs.content("slow.tif");
    m_runs.clear("slow.tif");
    QCOMPARE(m_runs.run(CliRuns::words(kSlow)), 0);
    QVERIFY(m_runs.content("slow.tif") == there);
    m_runs.clear("slow.tif");
  }

  // A worker that dies in the middle is replaced by its cluster; what it had in hand is made by others.
  void aWorkerIsKilled() {
    QProcess process;
    begin(process, on(m_address, kSlow, {"--progress", "jsonl"}));
    QByteArray out;
    QElapsedTimer timer;
    timer.start();
    while (!out.contains("\"chunk\"") && timer.elapsed() < 60000 && process.waitForReadyRead(10000)) out += process.readAllStandardOutput();
    const QList<qint64> all = workers();
    QVERIFY(all.size() >= 2);
    ::kill(static_cast<pid_t>(all.front()), SIGKILL);
    const Ending ending = end(process);
    QVERIFY2(ending.code == 0, ending.error.constData());
    QVERIFY(QFile::exists(m_runs.file("slow.tif")));
    QCOMPARE(m_runs.parts(), QStringList());
    m_runs.clear("slow.tif");
  }

  void scaledAndListed() {
    const Ending scaled = run({"cluster", "scale", "--workers", "1", m_address, "--json"});
    QVERIFY2(scaled.code == 0, scaled.error.constData());
    QCOMPARE(QJsonDocument::fromJson(scaled.out)["clusters"].toArray()[0].toObject()["workers"].toInt(), 1);
    const Ending listed = run({"cluster", "list"});
    QVERIFY2(listed.out.contains(m_address.toUtf8()) && listed.out.contains("Client("), listed.out.constData());
    const Ending wrong = run({"cluster", "stop", "tcp://127.0.0.1:1"});
    QVERIFY(wrong.code == 2 && wrong.error.contains(m_address.toUtf8()));
  }

  void badInput_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("says");
    const QString steps = "write bad.tif";
    QTest::newRow("no address") << on("here", steps) << 2 << QByteArray("write tcp://HOST:PORT");
    QTest::newRow("nobody there") << on("tcp://127.0.0.1:1", steps) << 2
                                  << QByteArray("no Dask scheduler answers at tcp://127.0.0.1:1: tried for 5 s");
    QTest::newRow("with a part") << on(m_address, steps, {"--part", "1/2"}) << 2 << QByteArray("a cluster makes all parts");
    QTest::newRow("a step that writes nothing")
        << on(m_address, "isel y=0 ! write bad.tif", {"--node", "isel"}) << 2 << QByteArray("that step writes nothing");
    QTest::newRow("a certificate that is not there") << on(m_address, steps, {"--tls-cert", "none.pem"}) << 2 << QByteArray("none.pem");
    QTest::newRow("no input") << QStringList{"run", "--cluster", m_address, "!", "open", "missing.hdr", "!", "write", "bad.tif"} << 3
                              << QByteArray("missing.hdr");
  }
  void badInput() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QByteArray, says);
    QElapsedTimer timer;
    timer.start();
    const Ending ending = run(arguments);
    QVERIFY2(ending.code == code && ending.error.contains(says), ending.error.constData());
    QCOMPARE(ending.error.count('\n'), 1);
    QVERIFY(timer.elapsed() < 20000);
    QVERIFY(!QFile::exists(m_runs.file("bad.tif")));
  }

  void aPythonWithoutDistributed() {
    QFile bare(m_runs.file("bare-python"));
    QVERIFY(bare.open(QIODevice::WriteOnly));
    bare.write("#!/bin/sh\nexec /usr/bin/python3 -S -E -s \"$@\"\n");
    bare.close();
    bare.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    const Ending ending = run(on(m_address, "write bad.tif"), bare.fileName());
    QVERIFY2(ending.code == 3 && ending.error.contains("install python3-distributed"), ending.error.constData());
    const Ending none = run(on(m_address, "write bad.tif"), "/no/such/python");
    QVERIFY2(none.code == 3 && none.error.contains("/no/such/python"), none.error.constData());
  }

  // Workers that see no input, or have another version, are named before anything runs.
  void workersThatCannot() {
    const auto job = [this](const QString& version, const QString& input) {
      const QJsonObject words{{"chain", "{}"},
                              {"parts", 1},
                              {"most_parts", 1},
                              {"cli", CUBELOOM_CLI},
                              {"version", version},
                              {"inputs", QJsonArray{QJsonObject{{"path", input}, {"bytes", 1}}}},
                              {"folders", QJsonArray{"/no/such/folder"}},
                              {"memory", ""},
                              {"node", ""},
                              {"least_bytes", 1e15},
                              {"overwrite", false},
                              {"report", ""},
                              {"events", ""},
                              {"progress", "none"},
                              {"control", false}};
      QFile file(m_runs.file("job.json"));
      if (file.open(QIODevice::WriteOnly)) file.write(QJsonDocument(words).toJson());
      return file.fileName();
    };
    QProcess process;
    process.start(kPython, {QString(CUBELOOM_SOURCE_DIR) + "/resources/dask/cubeloom_dask.py", job("9.9", "/no/such/input"), m_address});
    const Ending ending = end(process);
    QCOMPARE(ending.code, 3);
    for (const char* said : {"here it is 9.9", "it cannot read /no/such/input", "it cannot write into /no/such/folder",
                             "for a part, which needs", "no worker of the cluster can make parts of this run"})
      QVERIFY2(ending.error.contains(said), (QByteArray(said) + " is not in: " + ending.error).constData());
  }

  // A scheduler without workers is waited for, and says so; cancel works.
  void aSchedulerWithoutWorkers() {
    const QString facts = m_runs.file("scheduler.json");
    QProcess scheduler;
    scheduler.start(kPython, {"-m", "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--dashboard-address",
                              "127.0.0.1:0", "--scheduler-file", facts});
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(facts), 30000);
    QFile file(facts);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString address = QJsonDocument::fromJson(file.readAll())["address"].toString();
    QProcess process;
    begin(process, on(address, "write waits.tif"));
    QByteArray error;
    QElapsedTimer timer;
    timer.start();
    while (!error.contains("has no workers") && timer.elapsed() < 30000) {
      process.waitForReadyRead(200);
      error += process.readAllStandardError();
    }
    QVERIFY2(error.contains("has no workers: waiting for one"), error.constData());
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QCOMPARE(end(process).code, 130);
    scheduler.terminate();
    QVERIFY(scheduler.waitForFinished(20000));
  }
};

QTEST_GUILESS_MAIN(TestCluster)
#include "tst_cluster.moc"
