// SPDX-License-Identifier: GPL-3.0-or-later
// The window's way to run the chains of tests/python/ways.py, which are run in seven other ways there: opened and run by its button they
// give the bytes that the command line writes.
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QtTest>

#include "tests/ui/support/desk.h"
#include "ui/run/session.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestWays : public QObject {
  Q_OBJECT
  QTemporaryDir m_home, m_folder;

  bool started(const QString& program, const QStringList& arguments) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("CUBELOOM_CLI"), QStringLiteral(CUBELOOM_CLI));
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(program, arguments);
    return process.waitForFinished(120000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
  }

  /// Of a file, or of all files of a folder with their names; then it is removed.
  QMap<QString, QByteArray> taken(const QString& name) const {
    QMap<QString, QByteArray> all;
    const QString path = m_folder.filePath(name);
    QStringList files{path};
    if (name.endsWith(".bil")) files << path.chopped(4) + ".hdr";
    for (QDirIterator inside(path, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); inside.hasNext();) files << inside.next();
    for (const QString& one : files)
      if (QFile file(one); !QFileInfo(one).isDir() && file.open(QIODevice::ReadOnly)) all[one] = file.readAll();
    QDir(path).removeRecursively();
    for (const QString& one : files) QFile::remove(one);
    return all;
  }

 private slots:
  void theWindowWritesTheSameBytes() {
    settleIn(m_home);
    if (!started("/usr/bin/python3", {"-B", QString(CUBELOOM_SOURCE_DIR) + "/tests/python/ways.py", m_folder.path()}))
      QSKIP("the system's python3 has no xarray with netCDF4: the inputs cannot be made");
    const QStringList chains = QDir(m_folder.path()).entryList({"*.cubeloom"}, QDir::Files);
    QCOMPARE(chains.size(), 11);
    MainWindow window(makeServices(), makeSmallSample);
    window.resize(1200, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    Session& session = window.session();
    for (const QString& chain : chains) {
      const QString out = chain.chopped(QString(".cubeloom").size());
      QVERIFY2(started(CUBELOOM_CLI, {"run", "--progress", "none", chain}), qPrintable(chain));
      const auto expected = taken(out);
      QVERIFY(!expected.isEmpty());
      QString problem;
      QVERIFY2(window.document().open(m_folder.filePath(chain), &problem), qPrintable(problem));
      QTRY_VERIFY2_WITH_TIMEOUT(session.plan() && !session.isPlanning() && !window.document().isBinding(), qPrintable(chain), 60000);
      session.start();
      QTRY_VERIFY_WITH_TIMEOUT(session.isRunning() || session.report(), 60000);
      QTRY_VERIFY_WITH_TIMEOUT(!session.isRunning() && !session.isStarting(), 60000);
      QVERIFY2(session.report() && session.report()->status == RunStatus::Finished, qPrintable(chain));
      QVERIFY2(taken(out) == expected, qPrintable(chain));
    }
  }
};

QTEST_MAIN(TestWays)
#include "tst_ways.moc"
