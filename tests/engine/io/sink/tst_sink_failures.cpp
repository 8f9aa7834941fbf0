// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs that fail half way: said so, with path and bytes, and nothing left behind.
#include <sys/resource.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "engine/io/file_sinks.h"
#include "engine/io/sink/part_file.h"
#include "tests/support/sink_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

/// Files of this process cannot pass `bytes`: what a full disk looks like to a writer.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &m_before);
    const rlimit limit{bytes, m_before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit m_before{};
};

SinkRequest requestFor(const QTemporaryDir& folder, const char* name, const char* compress) {
  SinkRequest request;
  request.path = folder.filePath(name).toStdString();
  request.compress = compress;
  request.spec.type = PixelType::UInt8;
  request.spec.dims = {{"y", 700, {}}, {"x", 900, {}}};
  return request;
}

QStringList filesIn(const QTemporaryDir& folder) {
  return QDir(folder.path()).entryList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden);
}

}  // namespace

class TestSinkFailures : public QObject {
  Q_OBJECT

 private slots:
  void fullDisk_data();
  void fullDisk();
  void targetThatAppearsMeanwhileIsLeftAlone();
  void folderThatVanishes();
  void longNamesFit();
};

void TestSinkFailures::fullDisk_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("compress");
  QTest::addColumn<int>("limit");
  // The array has 630,000 bytes.
  QTest::newRow("ENVI") << "a.img"
                        << "" << 100000;
  QTest::newRow("ENVI one byte short") << "a.img"
                                       << "" << 629999;
  QTest::newRow("GTiff") << "a.tif"
                         << "" << 100000;
  QTest::newRow("GTiff deflate") << "a.tif"
                                 << "deflate" << 2000;
  QTest::newRow("NetCDF") << "a.nc"
                          << "none" << 100000;
  QTest::newRow("NetCDF deflate, no room for chunks") << "a.nc"
                                                      << "deflate" << 8000;
  QTest::newRow("NetCDF deflate, no room for the header") << "a.nc"
                                                          << "deflate" << 100;
  QTest::newRow("PNG") << "a.png"
                       << "" << 1000;
}

void TestSinkFailures::fullDisk() {
  QFETCH(QString, name);
  QFETCH(QString, compress);
  QFETCH(int, limit);
  QTemporaryDir folder;
  const SinkRequest request = requestFor(folder, qPrintable(name), qPrintable(compress));
  const Block pixels = closedFormPixels(request.spec);
  QString problem;
  {
    const FileSizeLimit full(static_cast<rlim_t>(limit));
    problem = writeArray(*makeSinkProvider(), request, pixels.view, {{100, 900}, false, 2});
  }
  QVERIFY2(problem.contains(QString::fromStdString(request.path)), qPrintable("'" + problem + "'"));
  QCOMPARE(filesIn(folder), QStringList());
  QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{100, 900}, false, 2}), QString());
}

void TestSinkFailures::targetThatAppearsMeanwhileIsLeftAlone() {
  for (const char* name : {"a.img", "a.tif", "a.png", "a.nc"}) {
    QTemporaryDir folder;
    const SinkRequest request = requestFor(folder, name, "");
    const Block pixels = closedFormPixels(request.spec);
    auto sink = makeSinkProvider()->open(request, BufferPool());
    QVERIFY(sink.has_value());
    QVERIFY((*sink)->write(0, fullRegion(request.spec.shape()), pixels.view).has_value());
    QFile other(QString::fromStdString(request.path));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("someone else's");
    other.close();
    const auto published = (*sink)->publish({});
    QVERIFY(!published.has_value());
    QCOMPARE(published.error().parameter, std::string("path"));
    QVERIFY(other.open(QIODevice::ReadOnly));
    QCOMPARE(other.readAll(), QByteArray("someone else's"));
    sink->reset();
    QCOMPARE(filesIn(folder), QStringList{name});
  }
}

void TestSinkFailures::folderThatVanishes() {
  QTemporaryDir folder;
  QVERIFY(QDir(folder.path()).mkdir("in"));
  for (const char* name : {"in/a.img", "in/a.tif", "in/a.png", "in/a.nc"}) {
    QDir(folder.path()).mkdir("in");
    const SinkRequest request = requestFor(folder, name, "");
    const Block pixels = closedFormPixels(request.spec);
    auto sink = makeSinkProvider()->open(request, BufferPool());
    QVERIFY(sink.has_value());
    QVERIFY((*sink)->write(0, fullRegion(request.spec.shape()), pixels.view).has_value());
    QVERIFY(QDir(folder.filePath("in")).removeRecursively());
    const auto published = (*sink)->publish({});
    QVERIFY(!published.has_value());
    QCOMPARE(published.error().code, ErrorCode::WriteFailed);
  }
}

void TestSinkFailures::longNamesFit() {
  QTemporaryDir folder;
  const QByteArray name = QByteArray(251, 'n') + ".img";
  const SinkRequest request = requestFor(folder, name.constData(), "");
  const Block pixels = closedFormPixels(request.spec);
  QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{100, 900}, false, 2}), QString());
  QVERIFY(QFile::exists(QString::fromStdString(request.path)));
  const auto plan = makeSinkProvider()->plan(requestFor(folder, ("n" + name).constData(), ""));
  QVERIFY(!plan.has_value());
  QCOMPARE(plan.error().parameter, std::string("path"));
}

QTEST_GUILESS_MAIN(TestSinkFailures)
#include "tst_sink_failures.moc"
