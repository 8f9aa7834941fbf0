// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong on a cluster while it works: a scheduler that is killed and started again, a worker without room on its disk, one that
// does not answer for 10 s, all workers replaced; addresses where another program listens; certificates. Each run ends with the bytes of a
// run here, and no chunk is computed twice but what was in hand. Every process is ended by the test that started it.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>
#include <QTest>
#include <QThread>
#include <QUrl>
#include <memory>
#include <vector>

#include "tests/support/cli_runs.h"
#include "tests/support/range_server.h"

using namespace cubeloom::test;

namespace {

const QString kPython = QStringLiteral("/usr/bin/python3");  // Debian's, which has distributed
/// Seconds of work in many chunks of some MiB.
const QString kSlow = QStringLiteral("reproject crs=EPSG:32610 resolution=0.5 resampling=lanczos ! write slow.tif");

}  // namespace

class TestClusterFaults : public QObject {
  Q_OBJECT
 private:
  using Program = std::unique_ptr<QProcess>;

  CliRuns m_runs;
  QByteArray m_expected;  ///< slow.tif as a run here writes it
  Program m_scheduler;
  std::vector<Program> m_workers;
  QStringList m_security;  ///< options of scheduler and workers
  QString m_address;

  static Program started(const QString& program, const QStringList& arguments) {
    auto process = std::make_unique<QProcess>();
    process->setStandardOutputFile(QProcess::nullDevice());
    process->setStandardErrorFile(QProcess::nullDevice());
    process->start(program, arguments);
    return process;
  }

  /// At the port that it had, or at any.
  void startScheduler(int port = 0) {
    const QString facts = m_runs.file("scheduler.json");
    QFile::remove(facts);
    m_scheduler = started(kPython, QStringList{"-m", "distributed.cli.dask_scheduler", "--host",
                                               (m_security.isEmpty() ? "tcp" : "tls") + QString("://127.0.0.1"), "--port",
                                               QString::number(port), "--no-dashboard", "--scheduler-file", facts} +
                                       m_security);
    QTRY_VERIFY_WITH_TIMEOUT(addressIn(facts).startsWith("t"), 60000);
    m_address = addressIn(facts);
  }
  static QString addressIn(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())["address"].toString() : QString();
  }
  void startWorker(qint64 mostFileBytes = 0) {
    QStringList words{"-m",
                      "distributed.cli.dask_worker",
                      m_address,
                      "--nthreads",
                      "1",
                      "--memory-limit",
                      "1GiB",
                      "--no-nanny",
                      "--no-dashboard",
                      "--local-directory",
                      m_runs.file("workers"),
                      "--host",
                      (m_security.isEmpty() ? "tcp" : "tls") + QString("://127.0.0.1")};
    words += m_security;
    if (mostFileBytes > 0)
      m_workers.push_back(started("prlimit", QStringList{"--fsize=" + QString::number(mostFileBytes), kPython} + words));
    else
      m_workers.push_back(started(kPython, words));
  }
  static void end(Program& process) {
    process->kill();
    process->waitForFinished(20000);
  }

  void begin(QProcess& process, const QStringList& options = {}, const QString& steps = kSlow) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("CUBELOOM_PYTHON"), kPython);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_runs.file(""));
    process.setStandardErrorFile(m_runs.file("said"));
    process.start(CUBELOOM_CLI, QStringList{"run", "--cluster", m_address, "--events", "events"} + options +
                                    QStringList{"!", "open", "cube.hdr", "!"} + steps.split(' '));
  }
  QByteArray contentOf(const QString& name) const {
    QFile file(m_runs.file(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  QByteArray said() const { return contentOf("said"); }
  bool waitForEvent(const char* pattern) const {
    const QRegularExpression expected((QLatin1String(pattern)));
    const auto isThere = [&] { return QString::fromUtf8(contentOf("events")).contains(expected); };
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 90000 && !isThere()) QThread::msleep(20);
    return isThere();
  }

  /// It has ended as a run here would have, and left nothing else; `twice`: chunks that were computed again, at most.
  void verifyFinished(QProcess& process, int twice) {
    QVERIFY(process.waitForFinished(180000));
    QVERIFY2(process.exitCode() == 0, said().constData());
    QVERIFY(m_runs.content("slow.tif") == m_expected);
    QCOMPARE(m_runs.parts(), QStringList());
    QMap<QString, int> made;
    int all = 0;
    for (const QByteArray& line : contentOf("events").split('\n')) {
      const QJsonObject event = QJsonDocument::fromJson(line).object();
      if (event["event"] != "chunk" || event["state"] != "done") continue;
      ++made[QString("%1/%2/%3").arg(event["node"].toString()).arg(event["stage"].toInt()).arg(event["index"].toInt())];
      ++all;
    }
    QVERIFY(!made.isEmpty());
    const int again = all - static_cast<int>(made.size());
    QVERIFY2(again <= twice, qPrintable(QString("%1 of %2 chunks were computed again").arg(again).arg(made.size())));
  }

 private slots:
  void initTestCase() {
    QCOMPARE(m_runs.makeCube(4), QString());
    QCOMPARE(m_runs.run(CliRuns::words(kSlow)), 0);
    m_expected = m_runs.content("slow.tif");
    QVERIFY(!m_expected.isEmpty());
    m_runs.clear("slow.tif");
    startScheduler();
    startWorker();
    startWorker();
  }
  void cleanup() {
    for (const char* name : {"slow.tif", "never.tif"}) m_runs.clear(name);
    QFile::remove(m_runs.file("events"));
  }
  void cleanupTestCase() {
    for (Program& worker : m_workers) end(worker);
    if (m_scheduler) end(m_scheduler);
  }

  // A network that is gone for 10 s: what the worker has in hand goes on; nobody makes it a second time.
  void aWorkerIsStoppedFor10Seconds() {
    QProcess process;
    begin(process);
    QVERIFY2(waitForEvent("\"chunk\""), said().constData());
    ::kill(static_cast<pid_t>(m_workers[0]->processId()), SIGSTOP);
    QThread::sleep(10);
    ::kill(static_cast<pid_t>(m_workers[0]->processId()), SIGCONT);
    verifyFinished(process, 0);
  }

  // Parts that fail on one worker are made by the other; the one without room is named and left out.
  void theDiskOfOneWorkerIsFull() {
    startWorker(200000);
    QTest::qWait(4000);
    QProcess process;
    begin(process);
    verifyFinished(process, 1000);
    QVERIFY2(said().contains("it is given no more parts"), said().constData());
    end(m_workers.back());
    m_workers.pop_back();
  }

  // The parts that were finished are not made again.
  void theSchedulerIsKilledAndStartedAgain() {
    const int port = m_address.section(':', -1).toInt();
    QProcess process;
    begin(process);
    QVERIFY2(waitForEvent("\"parts_done\": ?[1-9]"), said().constData());
    end(m_scheduler);
    for (Program& worker : m_workers) end(worker);  // without their scheduler they would end by themselves, some time
    m_workers.clear();
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains("is gone: waiting 60 s"), said().constData(), 60000);
    QVERIFY(!QFile::exists(m_runs.file("slow.tif")));
    startScheduler(port);
    startWorker();
    startWorker();
    verifyFinished(process, 4);
  }

  // All workers one after the other: parts that were handed out to those that are gone are handed out again.
  void allWorkersAreReplaced() {
    QProcess process;
    begin(process);
    QVERIFY2(waitForEvent("\"chunk\""), said().constData());
    for (Program& worker : m_workers) end(worker);
    m_workers.clear();
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains("is gone; its parts are made by others"), said().constData(), 60000);
    startWorker();
    startWorker();
    verifyFinished(process, 4);
  }

  // Somebody listens, but is no scheduler: said within seconds, in one sentence.
  void anotherProgramListens_data() {
    QTest::addColumn<bool>("answers");
    QTest::newRow("who never answers") << false;
    QTest::newRow("who answers something else") << true;
  }
  void anotherProgramListens() {
    QFETCH(bool, answers);
    const RangeServer web({});
    const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    QVERIFY(::bind(silent, reinterpret_cast<sockaddr*>(&place), size) == 0 && ::listen(silent, 9) == 0);
    QVERIFY(::getsockname(silent, reinterpret_cast<sockaddr*>(&place), &size) == 0);
    const int port = answers ? QUrl(QString::fromStdString(web.url("x"))).port() : ntohs(place.sin_port);
    const QString scheduler = std::exchange(m_address, QString("tcp://127.0.0.1:%1").arg(port));
    QProcess process;
    begin(process, {}, "write never.tif");
    QVERIFY(process.waitForFinished(60000));
    ::close(silent);
    m_address = scheduler;
    QVERIFY2(process.exitCode() == 2, said().constData());
    QVERIFY2(said().contains("no Dask scheduler answers at") && said().count('\n') == 1, said().constData());
  }

  // tls:// by the words of Dask's own programs.
  void certificates() {
    QProcess openssl;
    openssl.setWorkingDirectory(m_runs.file(""));
    openssl.start("openssl", {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
                              "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"});
    if (!openssl.waitForFinished(60000) || openssl.exitCode() != 0) QSKIP("no openssl here: no certificate can be made");
    cleanupTestCase();
    m_workers.clear();
    const QString certificate = m_runs.file("cert.pem"), key = m_runs.file("key.pem");
    m_security = {"--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key};
    startScheduler();
    QVERIFY2(m_address.startsWith("tls://"), qPrintable(m_address));
    startWorker();
    startWorker();
    QProcess without;
    begin(without, {}, "write never.tif");
    QVERIFY(without.waitForFinished(60000));
    QVERIFY2(without.exitCode() == 2 && said().contains("--tls-ca-file"), said().constData());
    QProcess process;
    begin(process, m_security);
    verifyFinished(process, 0);
  }
};

QTEST_GUILESS_MAIN(TestClusterFaults)
#include "tst_cluster_faults.moc"
