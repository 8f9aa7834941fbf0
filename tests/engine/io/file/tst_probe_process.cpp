// SPDX-License-Identifier: GPL-3.0-or-later
// Looking into a file in another process: what a file can do to that process, and what is said of it. Small scripts stand in for a probe
// that a file breaks; the real one is cubeloom-cli.
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/io/file/probe_process.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestProbeProcess : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// Makes a script the probe program. `r`: it is ready, `l`: it has looked.
  void stand(const std::string& script) const {
    const QString path = m_folder.filePath("probe");
    QFile::remove(path);
    test::writeFile(path.toStdString(), "#!/bin/bash\n" + script + "\n");
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    setProbeProgram(path.toStdString());
  }
  static QString saidOf(ProbeProcess& probe) {
    const auto looked = probe.look("/data/a.nc", "HDF5");
    return looked ? QString() : QString::fromStdString(looked.error().text());
  }

 private slots:
  void cleanup() { setProbeProgram({}); }

  void aCrashSpeaksAgainstTheFile() {
    stand("printf r >&0; IFS= read -r -d '' path; kill -SEGV $$");
    ProbeProcess probe("hdf5");
    QCOMPARE(saidOf(probe), QStringLiteral("/data/a.nc makes the HDF5 library crash: it is damaged (fetch it again)"));
  }

  /// What an earlier file has broken is not laid to the next one: a fresh process decides.
  void onlyAFreshProcessSpeaksAgainstAFile() {
    stand("printf r >&0; IFS= read -r -d '' path; printf l >&0; IFS= read -r -d '' path; kill -SEGV $$");
    ProbeProcess probe("hdf5");
    for (int file = 0; file < 4; ++file) QCOMPARE(saidOf(probe), QString());
  }

  void aFileThatTakesTooLong() {
    stand("printf r >&0; IFS= read -r -d '' path; exec sleep 60");
    ProbeProcess probe("hdf5", 1);
    QElapsedTimer clock;
    clock.start();
    QVERIFY(saidOf(probe).startsWith("/data/a.nc keeps the HDF5 library busy for more than 1 s"));
    QVERIFY(clock.elapsed() < 20'000);
  }

  /// Nothing is skipped: without a probe a file is not opened, and the error says what is missing.
  void withoutAProbeProgram() {
    ProbeProcess probe("hdf5");
    setProbeProgram(m_folder.filePath("none").toStdString());
    const QString remedy = QStringLiteral(" (keep the program cubeloom-cli of this version beside the program that runs)");
    QCOMPARE(saidOf(probe), "cannot look into /data/a.nc in a process of its own: cannot start " + m_folder.filePath("none") +
                                ": No such file or directory" + remedy);
    stand("exit 2");
    QCOMPARE(saidOf(probe),
             "cannot look into /data/a.nc in a process of its own: " + m_folder.filePath("probe") + " does not answer" + remedy);
    const auto opened = makeFileProvider()->open({.path = CUBELOOM_TEST_DATA "/netcdf/chunked.nc", .variable = {}, .driver = {}});
    QVERIFY(!opened && opened.error().code == ErrorCode::OpenFailed);
  }

  /// The probe that lies beside this test, asked while other threads are busy: the fork of a process with threads could wait for ever for a
  /// lock that one of them had held.
  void threadsMayBeBusyMeanwhile() {
    QVERIFY2(probeProgram().ends_with("/cubeloom-cli"), probeProgram().c_str());
    std::atomic<bool> isOver{false};
    std::vector<std::thread> busy;
    for (int i = 0; i < 4; ++i)
      busy.emplace_back([&isOver] {
        for (std::size_t bytes = 1; !isOver; bytes = bytes * 7 % 100'003)
          std::vector<char>(bytes, 'x').swap(*std::make_unique<std::vector<char>>());
      });
    const auto provider = makeFileProvider();
    std::atomic<int> opened{0};
    std::vector<std::thread> openers;
    for (int i = 0; i < 4; ++i)
      openers.emplace_back([&, i] {
        for (int copy = 0; copy < 5; ++copy) {
          const QString path = m_folder.filePath(QStringLiteral("%1_%2.nc").arg(i).arg(copy));
          QFile::copy(QStringLiteral(CUBELOOM_TEST_DATA "/netcdf/chunked.nc"), path);
          if (provider->open({.path = path.toStdString(), .variable = {}, .driver = {}})) ++opened;
        }
      });
    for (std::thread& thread : openers) thread.join();
    isOver = true;
    for (std::thread& thread : busy) thread.join();
    QCOMPARE(opened.load(), 20);
  }
};

QTEST_GUILESS_MAIN(TestProbeProcess)
#include "tst_probe_process.moc"
