// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters are read by another process: it may end or stop at any moment, and this one says so.
#include <signal.h>
#include <sys/wait.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

namespace {

/// The processes that this one has started and that have not ended.
std::vector<pid_t> startedProcesses() {
  std::vector<pid_t> all;
  for (const QString& thread : QDir("/proc/self/task").entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
    QFile list("/proc/self/task/" + thread + "/children");
    if (!list.open(QIODevice::ReadOnly)) continue;
    for (const QByteArray& number : list.readAll().split(' '))
      if (const int process = number.trimmed().toInt(); process > 0) all.push_back(process);
  }
  return all;
}

/// All of them stand still when it returns.
void stopProcesses() {
  for (const pid_t process : startedProcesses()) {
    kill(process, SIGSTOP);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(process), &info, WSTOPPED | WEXITED | WNOWAIT);
  }
}

/// Whether one of them has the file open.
bool isOpenElsewhere(const std::string& path) {
  for (const pid_t process : startedProcesses())
    for (const QFileInfo& open : QDir(QStringLiteral("/proc/%1/fd").arg(process)).entryInfoList(QDir::Files | QDir::System))
      if (open.symLinkTarget().toStdString() == path) return true;
  return false;
}

}  // namespace

class TestGdalReader : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string raster(const char* name) const {
    test::GdalFile file;
    file.path = (QDir(m_dir.path()).canonicalPath() + "/" + name).toStdString();
    file.type = PixelType::UInt16;
    file.bands = 2;
    file.rows = 300;
    file.cols = 700;
    file.options = {"TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=64"};
    std::vector<std::byte> pixels(static_cast<std::size_t>(file.bands * file.rows * file.cols) * 2);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * 7 + i / 251);
    if (const std::string problem = test::writeGdalFile(file, pixels); !problem.empty()) qFatal("%s", problem.c_str());
    return file.path;
  }

 private slots:
  /// Rows and blocks larger than the memory that is shared come through in pieces, in their places.
  void pixelsComeThrough() {
    test::GdalFile file;
    file.path = (QDir(m_dir.path()).canonicalPath() + "/wide.tif").toStdString();
    file.type = PixelType::Float64;
    file.rows = 3;
    file.cols = 700001;
    std::vector<double> values(static_cast<std::size_t>(file.rows) * static_cast<std::size_t>(file.cols));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) * 0.5;
    std::vector<std::byte> pixels(values.size() * sizeof(double));
    std::memcpy(pixels.data(), values.data(), pixels.size());
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    const auto source = m_provider->open({file.path, {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    BufferPool pool;
    const Block whole = test::readWhole(**source, pool);
    QVERIFY(whole.buffer);
    QVERIFY(std::memcmp(whole.view.data, pixels.data(), pixels.size()) == 0);
    QCOMPARE(test::sourceProblem(*m_provider->open({raster("tiles.tif"), {}, {}}).value(), test::CostPromise::UpperBound), std::string());
  }

  /// It may have ended over another file of the folder: it is started anew once.
  void aReaderThatEndsIsStartedAnew() {
    const std::string path = raster("ends.tif");
    const auto source = m_provider->open({path, {}, {}});
    QVERIFY(source);
    QCOMPARE(test::readingProblemOf(**source), std::string());
    const std::vector<pid_t> readers = startedProcesses();
    QVERIFY(!readers.empty());
    for (const pid_t reader : readers) {
      kill(reader, SIGSEGV);
      siginfo_t info{};
      waitid(P_PID, static_cast<id_t>(reader), &info, WEXITED | WNOWAIT);  // it may answer before it takes note of the signal
    }
    QCOMPARE(test::readingProblemOf(**source), std::string());
    QVERIFY(startedProcesses() != readers);
    QVERIFY(m_provider->info(raster("other.tif")));
  }

  void aReaderThatHangsIsEnded() {
    QVERIFY(m_provider->info(raster("first.tif")));
    stopProcesses();
    const std::string path = raster("hangs.tif");
    QElapsedTimer clock;
    clock.start();
    const auto info = m_provider->info(path);
    QVERIFY(!info);
    QCOMPARE(info.error().code, ErrorCode::OpenFailed);
    QVERIFY2(info.error().message.find("keeps GDAL busy") != std::string::npos, info.error().message.c_str());
    QVERIFY(clock.elapsed() < 35000);
    QVERIFY(m_provider->info(path));
  }

  /// Who has been told to stop does not wait for a process that does not answer, as one does whose disk is gone; the next read is served by
  /// another one.
  void whoStopsDoesNotWaitForAReaderThatHangs() {
    const auto source = m_provider->open({raster("stopped.tif"), {}, {}});
    QVERIFY(source);
    stopProcesses();
    BufferPool pool;
    ReadContext context{pool, {}, 0};
    const Block block = makeBlock(pool, PixelType::UInt16, (*source)->spec().shape());
    Result<void> outcome;
    std::thread reading([&] { outcome = (*source)->read(fullRegion((*source)->spec().shape()), block.view, context); });
    QTest::qWait(100);
    QElapsedTimer clock;
    clock.start();
    context.cancel.cancel();
    reading.join();
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(!outcome);
    QVERIFY2(outcome.error().code == ErrorCode::Canceled, outcome.error().text().c_str());
    QCOMPARE(test::readingProblemOf(**source), std::string());
  }

  /// A window that shows another file drops the one before: it does not wait for a disk that is gone. Closed it is all the same.
  void droppingAFileWaitsForNobody() {
    const QString cube = QDir(m_dir.path()).canonicalPath() + "/dropped.nc";
    QVERIFY(QFile::copy(QStringLiteral(CUBELOOM_TEST_DATA "/netcdf/chunked.nc"), cube));
    for (const std::string& path : {raster("dropped.tif"), cube.toStdString()}) {
      auto source = m_provider->open({path, {}, {}});
      QVERIFY2(source, source ? "" : source.error().text().c_str());
      QVERIFY(isOpenElsewhere(path));
      stopProcesses();
      QElapsedTimer clock;
      clock.start();
      source->reset();
      QVERIFY2(clock.elapsed() < 100, qPrintable(QString::number(clock.elapsed())));
      QVERIFY(isOpenElsewhere(path));
      for (const pid_t process : startedProcesses()) kill(process, SIGCONT);
      QTRY_VERIFY(!isOpenElsewhere(path));
    }
  }
};

QTEST_GUILESS_MAIN(TestGdalReader)
#include "tst_gdal_reader.moc"
