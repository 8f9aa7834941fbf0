// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli where the system gives it too little memory: every size from "cannot start" to "fits" ends in an exit code and a sentence,
// never in a signal, and leaves nothing behind that was not finished.
#include <sys/resource.h>

#include <QFile>
#include <QTest>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMapsTerabytes = true;  // the sanitizer, before the program begins
#else
constexpr bool kMapsTerabytes = false;
#endif

constexpr qint64 kMiB = 1048576;
constexpr int kSizes = 20;

struct Ending {
  bool isNormal = false;
  int code = -1;
  QByteArray error;
};

}  // namespace

class TestLimitedMemory : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  /// With at most `bytes` of address space.
  Ending run(const QStringList& arguments, qint64 bytes) const {
    QProcess process;
    process.setWorkingDirectory(m_runs.file(""));
    process.setChildProcessModifier([bytes] {
      const rlimit none{0, 0}, limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
      ::setrlimit(RLIMIT_CORE, &none);
      ::setrlimit(RLIMIT_AS, &limit);
    });
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return {false, -1, "it hangs"};
    return {process.exitStatus() == QProcess::NormalExit, process.exitCode(), process.readAllStandardError()};
  }

  /// Ended by itself, with a sentence. 127 is the system's loader, which finds no room for the libraries.
  static bool isOrderly(const Ending& ending) {
    if (!ending.isNormal) return false;
    if (ending.code == 127) return ending.error.contains("shared object") || ending.error.contains("shared libraries");
    return ending.code == 0 || ((ending.code == 1 || ending.code == 3 || ending.code == 4) && ending.error.contains("cubeloom-cli: "));
  }

 private slots:
  void initTestCase() {
    if (kMapsTerabytes) QSKIP("a sanitizer maps more address space than any limit here");
    QCOMPARE(m_runs.makeCube(16), QString());
  }

  void everySizeEndsInOrder_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("out");
    const QStringList few{"run", "--progress", "none", "--memory", "1GiB", "--workers", "2", "!", "open", "cube.hdr", "!"};
    const auto steps = [](const char* text) { return QString(text).split(' '); };
    QTest::newRow("sample chain") << few + steps(
                                               "transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=5 resampling=nearest ! "
                                               "write out.tif format=COG")
                                  << "out.tif";
    QTest::newRow("one large chunk") << few + steps(
                                                  "reproject crs=EPSG:3310 resolution=1 resampling=cubic ! isel wavelength=0:3 ! "
                                                  "astype dtype=uint8 nodata=0 ! write out.png")
                                     << "out.png";
    QTest::newRow("reduction") << few + steps("reduce statistic=median dims=wavelength ! write out.nc") << "out.nc";
    QTest::newRow("plan") << QStringList{"plan", "!", "open", "cube.hdr", "!"} + steps("reproject resolution=2 ! write out.tif")
                          << "out.tif";
    QTest::newRow("info") << QStringList{"info", "cube.hdr", "--json"} << "out.tif";
  }
  void everySizeEndsInOrder() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, out);
    qint64 fits = 256 * kMiB;
    while (run(arguments, fits).code != 0) {
      m_runs.clear(out);
      fits *= 2;
      QVERIFY2(fits < 64 * 1024 * kMiB, "it fits nowhere");
    }
    m_runs.clear(out);
    for (int i = 1; i <= kSizes; ++i) {
      const qint64 bytes = fits * i / kSizes;
      const Ending ending = run(arguments, bytes);
      const QByteArray where = QByteArray::number(bytes / kMiB) + " MiB: exit " + QByteArray::number(ending.code) + ", " + ending.error;
      QVERIFY2(isOrderly(ending), where.constData());
      if (ending.code != 0) QVERIFY2(!QFile::exists(m_runs.file(out)), where.constData());
      for (const QString& part : m_runs.parts()) QVERIFY2(ending.code != 0 && ending.error.contains(part.toUtf8()), where.constData());
      m_runs.clear(out);
      m_runs.clearParts();
    }
  }

  /// A band of 1 GiB is summed a few rows at a time, in less memory than it has; ENVI BSQ, so that its first dim is that of its one band.
  void aLargeBandIsSummedInSlices() {
    const QByteArray header =
        "ENVI\nsamples = 16384\nlines = 16384\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\nheader offset = 0\n";
    QFile described(m_runs.file("band.hdr")), values(m_runs.file("band"));
    QVERIFY(described.open(QIODevice::WriteOnly) && described.write(header) == header.size());
    described.close();
    QVERIFY(values.open(QIODevice::WriteOnly) && values.resize(1024 * kMiB));
    values.close();
    const Ending ending = run({"info", "--checksum", "band.hdr"}, 768 * kMiB);
    QVERIFY2(ending.code == 0, ending.error.constData());
  }

  /// More memory than there is address space: the error names the node and what helps.
  void tellsNodeAndRemedy() {
    const QStringList arguments{"run",
                                "--progress",
                                "none",
                                "--memory",
                                "8GiB",
                                "--workers",
                                "1",
                                "!",
                                "open",
                                "cube.hdr",
                                "!",
                                "reproject",
                                "crs=EPSG:3310",
                                "resolution=0.5",
                                "resampling=cubic",
                                "!",
                                "isel",
                                "wavelength=0:3",
                                "!",
                                "astype",
                                "dtype=uint8",
                                "nodata=0",
                                "!",
                                "write",
                                "out.png"};
    bool isTold = false;
    for (qint64 bytes = 192 * kMiB; bytes < 4096 * kMiB && !isTold; bytes += 64 * kMiB) {
      const Ending ending = run(arguments, bytes);
      if (ending.code == 0) break;
      isTold = ending.code == 4 && ending.error.contains("node ") && ending.error.contains("no more memory") &&
               ending.error.contains("smaller memory budget");
    }
    QVERIFY(isTold);
    QVERIFY(!QFile::exists(m_runs.file("out.png")));
    QCOMPARE(m_runs.parts(), QStringList());
  }
};

QTEST_GUILESS_MAIN(TestLimitedMemory)
#include "tst_limited_memory.moc"
