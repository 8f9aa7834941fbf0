// SPDX-License-Identifier: GPL-3.0-or-later
// Reading in another process: what a file can do to that process, and what is said of it. Small scripts stand in for a reader that a file
// breaks; the real one is cubeloom-cli.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>
#include <vector>

#include "engine/io/file/confined_process.h"
#include "engine/io/file/own_program.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestReaderProcess : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// Makes a script the program that reads. `r`: it is ready.
  void stand(const std::string& script) const {
    const QString path = m_folder.filePath("reader");
    QFile::remove(path);
    test::writeFile(path.toStdString(), "#!/bin/bash\n" + script + "\n");
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    setOwnProgram(path.toStdString());
  }
  std::string folder(const char* name) const {
    QDir(m_folder.path()).mkpath(name);
    return m_folder.filePath(name).toStdString();
  }
  std::string copyOf(const char* file, const std::string& inFolder) const {
    const QString to = QString::fromStdString(inFolder) + "/copy.nc";
    QFile::copy(QString(CUBELOOM_TEST_DATA "/netcdf/") + file, to);
    return to.toStdString();
  }
  static std::string problemOf(SourceProvider& provider, const std::string& path) {
    const auto opened = provider.open({.path = path, .variable = {}, .driver = {}});
    return opened ? std::string() : opened.error().text();
  }

 private slots:
  void cleanup() { setOwnProgram({}); }

  void aCrashSpeaksAgainstTheFile() {
    stand("printf r >&0; sleep 0.2; kill -SEGV $$");
    const std::string path = copyOf("chunked.nc", folder("crash"));
    const std::string problem = problemOf(*makeFileProvider(), path);
    QVERIFY2(problem.starts_with(path + ": the process that reads it has ended: the file is damaged"), problem.c_str());
  }

  void theLimitThatEndedItIsNamed() {
    stand("printf r >&0; sleep 0.2; kill -XCPU $$");
    const std::string problem = problemOf(*makeFileProvider(), copyOf("chunked.nc", folder("busy")));
    QVERIFY2(problem.find("600 s of processor time that it may (RLIMIT_CPU)") != std::string::npos, problem.c_str());
  }

  /// The time of one answer, not of all: the limit moves on with each.
  void processorTimeIsLimited() {
    const pid_t child = ::fork();
    if (child == 0) {
      const rlimit none{0, 0};
      ::setrlimit(RLIMIT_CORE, &none);
      allowProcessorTime(1, 1);
      allowProcessorTime(1, 2);
      rlimit limit{};
      if (::getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur > 4) ::_exit(1);
      for (std::atomic<unsigned> spin{0};;) ++spin;
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(WTERMSIG(status), SIGXCPU);
  }

  /// Nothing is skipped: without a reader a file is not opened, and the error says what is missing.
  void withoutAReader() {
    const std::string path = copyOf("chunked.nc", folder("none"));
    setOwnProgram(m_folder.filePath("none/none").toStdString());
    QVERIFY(problemOf(*makeFileProvider(), path).find("cannot start " + m_folder.filePath("none/none").toStdString()) != std::string::npos);
    stand("exit 2");
    const std::string problem = problemOf(*makeFileProvider(), path);
    QVERIFY2(problem.find("does not read: keep cubeloom-cli of this version") != std::string::npos, problem.c_str());
  }

  /// A dataset of many folders, as satellite scenes lie on disk, does not become as many processes; each file is read all the same.
  void manyFoldersShareFewProcesses() {
    const auto provider = makeFileProvider();
    std::vector<std::shared_ptr<Source>> sources;
    for (int i = 0; i < 20; ++i) {
      const std::string path = copyOf("chunked.nc", folder(("many/" + std::to_string(i)).c_str()));
      const auto source = provider->open({.path = path, .variable = {}, .driver = {}});
      QVERIFY2(source, source ? "" : source.error().text().c_str());
      sources.push_back(*source);
    }
    std::set<std::shared_ptr<ReaderProcess>> readers;
    for (int i = 0; i < 20; ++i) {
      const auto reader = readerOf({"hdf5", "HDF5"}, folder(("many/" + std::to_string(i)).c_str()));
      QVERIFY(reader);
      readers.insert(*reader);
    }
    QVERIFY2(readers.size() <= kMostReaders, std::to_string(readers.size()).c_str());
    for (const auto& source : sources) QCOMPARE(test::readingProblemOf(*source), std::string());
  }

  /// What is large may take longer, and only that.
  void largeFilesMayTakeLonger() {
    const std::string path = m_folder.filePath("large").toStdString();
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(3'000'000'000));
    QCOMPARE(secondsToOpen(path), 30 + 150);
    QCOMPARE(secondsToOpen(path + ".none"), 30);
  }

  /// The reader that lies beside this test, started while other threads are busy: the fork of a process with threads could wait for ever
  /// for a lock that one of them had held.
  void threadsMayBeBusyMeanwhile() {
    QVERIFY2(ownProgram().ends_with("/cubeloom-cli"), ownProgram().c_str());
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

  /// The last of these: afterwards nothing is read here any more. The reader hangs, and so does the one who waits for it.
  void theEndOfTheProgramWaitsForNobody() {
    stand("printf r >&0; exec sleep 60");
    const std::string path = copyOf("chunked.nc", folder("end"));
    const auto provider = makeFileProvider();
    std::string problem;
    std::thread waiting([&] { problem = problemOf(*provider, path); });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    QElapsedTimer timer;
    timer.start();
    endReaders();
    waiting.join();
    QVERIFY2(timer.elapsed() < 1000, std::to_string(timer.elapsed()).c_str());
    QVERIFY(!problem.empty());
    QVERIFY(!problemOf(*provider, copyOf("chunked.nc", folder("after"))).empty());
  }
};

QTEST_GUILESS_MAIN(TestReaderProcess)
#include "tst_reader_process.moc"
