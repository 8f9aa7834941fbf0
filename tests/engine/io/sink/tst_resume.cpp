// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs that are continued: whatever an earlier run has left, and whatever became of it since, the file is the one of a run in one go.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <random>
#include <thread>

#include "engine/array/chunk_grid.h"
#include "engine/io/file_sinks.h"
#include "engine/io/output_sums.h"
#include "engine/io/sink/journal.h"
#include "engine/io/sink/part_folder.h"
#include "tests/support/engine.h"
#include "tests/support/sink_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kRecordBytes = 40;

QStringList partsOf(const QString& folder) { return QDir(folder).entryList({"*.part-*"}, QDir::Dirs | QDir::Files | QDir::Hidden); }

/// Every file below a folder, by its path there, sorted.
QStringList filesBelow(const QString& folder) {
  QStringList files;
  QDirIterator all(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
  while (all.hasNext()) files << QDir(folder).relativeFilePath(all.next());
  files.sort();
  return files;
}

/// Cuts off, flips bits: a file that came to harm.
void resizeFile(const QString& path, qint64 bytes) { QVERIFY(QFile::resize(path, bytes)); }
void flipByte(const QString& path, qint64 at) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadWrite));
  QVERIFY(file.seek(at));
  char byte = 0;
  QVERIFY(file.getChar(&byte));
  QVERIFY(file.seek(at));
  QVERIFY(file.putChar(static_cast<char>(byte ^ 0x5A)));
}

}  // namespace

class TestResume : public QObject {
  Q_OBJECT
 private:
  SinkRequest m_request;
  Block m_pixels;
  ChunkGrid m_chunks;
  QByteArray m_whole;  ///< the output of one run

  /// Writes what is not there yet, at most `most` chunks; how many were there.
  int write(Sink& sink, std::int64_t most) {
    const auto done = sink.done(CancelToken());
    for (std::int64_t i = 0; i < m_chunks.count() && most > 0; ++i) {
      if (std::find(done.begin(), done.end(), i) != done.end()) continue;
      const Region region = m_chunks.region(i);
      std::vector<std::int64_t> offset;
      for (const IndexSet& set : region) offset.push_back(set.first());
      const auto written = sink.write(i, region, m_pixels.view.sub(offset, regionShape(region)));
      if (!written) qCritical("%s", written.error().text().c_str());
      --most;
    }
    return static_cast<int>(done.size());
  }
  std::unique_ptr<Sink> open(bool resume) {
    m_request.resume = resume;
    auto sink = makeSinkProvider()->open(m_request, BufferPool());
    if (!sink) qCritical("%s", sink.error().text().c_str());
    return std::move(*sink);
  }
  void removeOutput() const {
    const QString path = QString::fromStdString(m_request.path);
    if (QFileInfo(path).isDir()) QDir(path).removeRecursively();
    QFile::remove(path);
    QFile::remove(QString(path).replace(".img", ".hdr"));
  }
  /// Continues what lies there and publishes; how many chunks were there, -1 when the file is not the right one.
  int finish() {
    auto sink = open(true);
    const int there = write(*sink, m_chunks.count());
    if (const auto published = sink->publish({}); !published) {
      qCritical("%s", published.error().text().c_str());
      return -1;
    }
    sink.reset();
    const bool isRight = contentOf(m_request.path) == m_whole;
    removeOutput();
    return isRight ? there : -1;
  }
  void prepare(const QTemporaryDir& folder, const QString& format, const QString& compress, const QString& interleave = {}) {
    m_request = {};
    m_request.path =
        folder.filePath(QMap<QString, QString>{{"ENVI", "o.img"}, {"Zarr", "o.zarr"}, {"netCDF", "o.nc"}}.value(format, "o.tif"))
            .toStdString();
    m_request.format = format.toStdString();
    m_request.compress = compress.toStdString();
    m_request.interleave = interleave.toStdString();
    m_request.spec.type = PixelType::Int16;
    m_request.spec.dims = {{"band", 2, {}}, {"y", 530, {}}, {"x", 520, {}}};
    if (format == "ENVI") m_request.spec.dims = {{"y", 300, {}}, {"wavelength", 5, {}}, {"x", 200, {}}};
    m_request.spec.yDim = format == "ENVI" ? 0 : 1;
    m_request.spec.xDim = 2;
    m_request.spec.setGeobox(GeoBox(m_request.spec.dims[format == "ENVI" ? 0 : 1].size, m_request.spec.dims[2].size, Affine{}, Crs()));
    m_request.identity.steps = {"made for this test"};
    m_request.identity.chunk = format == "ENVI" ? std::vector<std::int64_t>{37, 2, 200} : std::vector<std::int64_t>{1, 150, 233};
    if (interleave == "pixel") m_request.identity.chunk[0] = 2;
    m_chunks = ChunkGrid(m_request.spec.shape(), m_request.identity.chunk);
    m_pixels = closedFormPixels(m_request.spec);
    auto sink = open(false);
    write(*sink, m_chunks.count());
    QVERIFY(sink->publish({}).has_value());
    sink.reset();
    m_whole = contentOf(m_request.path);
    QCOMPARE(partsOf(folder.path()), QStringList());
    removeOutput();
  }
  static void formats() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("compress");
    QTest::addColumn<QString>("interleave");
    const auto row = [](const char* name, const char* format, const char* compress, const char* interleave = "") {
      QTest::newRow(name) << format << compress << interleave;
    };
    row("ENVI", "ENVI", "");
    row("GTiff", "GTiff", "none");
    row("GTiff zstd", "GTiff", "zstd", "band");
    row("GTiff lerc", "GTiff", "lerc_zstd");
    row("GTiff pixels", "GTiff", "none", "pixel");
    row("COG lzw", "COG", "lzw", "band");
    row("COG none", "COG", "none");
    row("COG pixels", "COG", "zstd", "pixel");
    row("Zarr", "Zarr", "zstd");
    row("Zarr none", "Zarr", "none");
    row("NetCDF", "netCDF", "deflate");
    row("NetCDF none", "netCDF", "none");
  }

 private slots:
  void everyChunkThatWasWrittenIsKept_data() { formats(); }
  void everyChunkThatWasWrittenIsKept() {
    QFETCH(QString, format);
    QFETCH(QString, compress);
    QFETCH(QString, interleave);
    const QTemporaryDir folder;
    prepare(folder, format, compress, interleave);
    for (std::int64_t count : {std::int64_t{1}, std::int64_t{2}, m_chunks.count() / 2, m_chunks.count()}) {
      auto sink = open(false);
      write(*sink, count);
      const std::string kept = sink->keep();
      sink.reset();
      QCOMPARE(partsOf(folder.path()), QStringList{QFileInfo(QString::fromStdString(kept)).fileName()});
      QVERIFY(!QFile::exists(QString::fromStdString(m_request.path)));
      QCOMPARE(finish(), static_cast<int>(count));
      QCOMPARE(partsOf(folder.path()), QStringList());
    }
  }

  // Putting an output together may take minutes: a run that is stopped then keeps all its chunks, and what stood at the path stays.
  void stoppedWhileItIsPutTogether_data() { formats(); }
  void stoppedWhileItIsPutTogether() {
    QFETCH(QString, format);
    QFETCH(QString, compress);
    QFETCH(QString, interleave);
    const QTemporaryDir folder;
    prepare(folder, format, compress, interleave);
    for (const int afterMs : {0, 1, 3}) {
      auto sink = open(false);
      write(*sink, m_chunks.count());
      const CancelToken cancel;
      std::thread stopper([&] {
        if (afterMs > 0) QThread::msleep(static_cast<unsigned long>(afterMs));
        cancel.cancel();
      });
      if (afterMs == 0) stopper.join();
      const auto published = sink->publish(cancel);
      if (stopper.joinable()) stopper.join();
      if (published) {
        QVERIFY(afterMs > 0);
        removeOutput();
        continue;
      }
      QVERIFY2(published.error().code == ErrorCode::Canceled, published.error().text().c_str());
      QVERIFY(!QFile::exists(QString::fromStdString(m_request.path)));
      QVERIFY(!sink->keep().empty());
      sink.reset();
      QCOMPARE(finish(), static_cast<int>(m_chunks.count()));
      QCOMPARE(partsOf(folder.path()), QStringList());
    }
  }

  // A run that replaces an output and is stopped before it does leaves the old one as it was, with its checksums.
  void theFormerOutputKeepsItsChecksums() {
    const QTemporaryDir folder;
    prepare(folder, "GTiff", "zstd", "band");
    auto first = open(false);
    write(*first, m_chunks.count());
    QVERIFY(first->publish({}).has_value());
    first.reset();
    const QString path = QString::fromStdString(m_request.path), sums = path + ".checksums";
    QVERIFY(QFile::exists(sums));
    m_request.overwrite = true;
    auto second = open(false);
    write(*second, m_chunks.count());
    const CancelToken cancel;
    cancel.cancel();
    QVERIFY(!second->publish(cancel).has_value());
    second->discard();
    second.reset();
    QVERIFY(QFile::exists(sums));
    const auto verified = verifyOutput(m_request.path);
    QVERIFY(verified.has_value());
    for (const VerifiedFile& file : *verified) QCOMPARE(file.damages, std::vector<std::string>());
  }

  void nothingWrittenNothingKept() {
    const QTemporaryDir folder;
    prepare(folder, "COG", "deflate", "band");
    auto sink = open(false);
    QCOMPARE(sink->keep(), std::string());
    sink.reset();
    QCOMPARE(partsOf(folder.path()), QStringList());
  }

  // The data may be newer than the journal by any amount, and the last record may be torn anywhere.
  void everyPrefixOfTheJournal_data() { formats(); }
  void everyPrefixOfTheJournal() {
    QFETCH(QString, format);
    QFETCH(QString, compress);
    QFETCH(QString, interleave);
    const QTemporaryDir folder;
    prepare(folder, format, compress, interleave);
    auto sink = open(false);
    write(*sink, m_chunks.count());
    const QString kept = QString::fromStdString(sink->keep());
    sink.reset();
    const QString saved = folder.filePath("saved");
    test::copyFolder(kept, saved);
    QVERIFY(QDir(kept).removeRecursively());
    const qint64 bytes = QFileInfo(saved + "/journal").size();
    std::mt19937 random(11);
    for (int trial = 0; trial < 25; ++trial) {
      test::copyFolder(saved, kept);
      const qint64 torn = trial == 0 ? 0 : static_cast<qint64>(random() % static_cast<unsigned>(bytes));
      resizeFile(kept + "/journal", bytes - torn);
      QVERIFY2(finish() >= 0, qPrintable(QString("journal cut by %1 of %2 bytes").arg(torn).arg(bytes)));
      QCOMPARE(partsOf(folder.path()), QStringList());
    }
  }

  // A power cut leaves records without their bytes; disks rot. Only what agrees with its checksum counts.
  void harmIsFoundAndMended_data() { formats(); }
  void harmIsFoundAndMended() {
    QFETCH(QString, format);
    QFETCH(QString, compress);
    QFETCH(QString, interleave);
    const QTemporaryDir folder;
    prepare(folder, format, compress, interleave);
    auto sink = open(false);
    write(*sink, m_chunks.count() - 2);
    const QString kept = QString::fromStdString(sink->keep());
    sink.reset();
    const QString saved = folder.filePath("saved");
    test::copyFolder(kept, saved);
    QVERIFY(QDir(kept).removeRecursively());
    std::mt19937 random(5);
    for (int trial = 0; trial < 20; ++trial) {
      test::copyFolder(saved, kept);
      for (const QString& name : filesBelow(kept)) {
        const qint64 bytes = QFileInfo(kept + "/" + name).size();
        if (bytes == 0 || (trial % 2 == 0 && name == "journal")) continue;
        // A journal that does not begin as one is not known for ours, and is left alone.
        const qint64 first = name == "journal" ? 8 : 0;
        for (int i = 0; i < 3; ++i)
          flipByte(kept + "/" + name, first + static_cast<qint64>(random() % static_cast<unsigned>(bytes - first)));
        if (trial == 7 && name != "journal") resizeFile(kept + "/" + name, bytes / 2);
        if (trial == 8 && name != "journal") QVERIFY(QFile::remove(kept + "/" + name));
      }
      QVERIFY2(finish() >= 0, qPrintable(QString("trial %1").arg(trial)));
      QCOMPARE(partsOf(folder.path()), QStringList());
    }
  }

  void anotherOutputIsNotContinued_data() {
    QTest::addColumn<QString>("change");
    for (const char* change : {"step", "input", "chunk", "not asked"}) QTest::newRow(change) << change;
  }
  void anotherOutputIsNotContinued() {
    QFETCH(QString, change);
    const QTemporaryDir folder;
    prepare(folder, "COG", "deflate", "band");
    m_request.identity.inputs = {{"/data/cube", 100, 5, 6, 7}};
    auto first = open(false);
    write(*first, 3);
    first->keep();
    first.reset();
    SinkRequest now = m_request;
    now.resume = change != "not asked";
    if (change == "step") now.identity.steps[0] = "made another way";
    if (change == "input") now.identity.inputs[0].modifiedNs = 55;
    if (change == "chunk") now.identity.chunk[1] = 151;
    const auto plan = makeSinkProvider()->plan(now);
    QVERIFY(plan.has_value());
    // Chunks are the earlier run's to say; everything else must agree.
    QCOMPARE(plan->leftover.chunk.empty(), change != "chunk");
    QVERIFY(plan->leftover.bytes > 0);
    const QString note = QString::fromStdString(plan->leftover.note);
    if (change == "step") QVERIFY2(note.contains("made another way"), qPrintable(note));
    if (change == "input") QVERIFY2(note.contains("/data/cube was written to"), qPrintable(note));
    auto sink = makeSinkProvider()->open(now, BufferPool());
    QVERIFY(sink.has_value());
    QCOMPARE((*sink)->done(CancelToken()).size(), std::size_t{0});
    sink->reset();
    QCOMPARE(partsOf(folder.path()), QStringList());  // the abandoned one is gone as well
  }

  void aRunThatLivesIsTheOnlyWriter() {
    const QTemporaryDir folder;
    prepare(folder, "COG", "deflate", "band");
    auto living = open(false);
    write(*living, 3);
    for (const bool resumes : {false, true}) {
      SinkRequest second = m_request;
      second.resume = resumes;
      const auto plan = makeSinkProvider()->plan(second);
      QVERIFY(!plan && plan.error().code == ErrorCode::InvalidParameter && plan.error().parameter == "path");
      QVERIFY2(plan.error().message.find("another run") != std::string::npos, plan.error().message.c_str());
      QVERIFY(!makeSinkProvider()->open(second, BufferPool()));
    }
    QCOMPARE(partsOf(folder.path()).size(), 1);
    write(*living, m_chunks.count());
    living->discard();
    living.reset();
    QCOMPARE(partsOf(folder.path()), QStringList());
  }

  void partsOfOtherTargetsAreLeftAlone() {
    const QTemporaryDir folder;
    prepare(folder, "GTiff", "deflate", "band");
    const std::string target = m_request.path;
    m_request.path = folder.filePath("o.tif.part-12345678.tif").toStdString();
    auto sink = open(false);
    write(*sink, 2);
    sink->keep();
    sink.reset();
    QVERIFY(QDir(folder.path()).mkdir("o.tif.part-backup12"));
    m_request.path = target;
    QCOMPARE(finish(), 0);
    QCOMPARE(partsOf(folder.path()).size(), 2);
  }

  // Killed between the two renames of an ENVI pair, and between the rename and the end of the run.
  void publishedAlready() {
    const QTemporaryDir folder;
    prepare(folder, "ENVI", "");
    for (const bool headerMissing : {false, true}) {
      auto sink = open(false);
      write(*sink, m_chunks.count());
      QVERIFY(sink->publish({}).has_value());
      const QString part = QString::fromStdString(sink->keep());
      sink.reset();
      QVERIFY(QDir(part).exists());
      if (headerMissing) QVERIFY(QFile::rename(folder.filePath("o.hdr"), part + "/data.hdr"));
      m_request.resume = true;
      const auto plan = makeSinkProvider()->plan(m_request);
      QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
      QVERIFY(plan->leftover.note.find("complete") != std::string::npos);
      auto again = open(true);
      QCOMPARE(again->done(CancelToken()).size(), static_cast<std::size_t>(m_chunks.count()));
      QVERIFY(again->publish({}).has_value());
      again.reset();
      QVERIFY(QFile::exists(folder.filePath("o.hdr")));
      QCOMPARE(contentOf(m_request.path), m_whole);
      QCOMPARE(partsOf(folder.path()), QStringList());
      QFile::remove(folder.filePath("o.img"));
      QFile::remove(folder.filePath("o.hdr"));
    }
  }

  void journalHoldsWhatItWasTold() {
    const QTemporaryDir folder;
    auto part = PartFolder::create(folder.filePath("x.tif").toStdString());
    QVERIFY(part.has_value());
    JournalHeader header{"x.tif", {{"one", "two \n three"}, {{"/a b", 1, 2, 3, 4}}, {5, 6}}};
    Journal journal;
    QVERIFY(journal.begin(part->journalDescriptor(), "x.tif", header).has_value());
    QVERIFY(journal.append({{JournalRecord::Part, 7, 8, 9, 10}, {JournalRecord::Block, 11, 12, 13, 14}}).has_value());
    const auto content = readJournal(part->journalDescriptor());
    QVERIFY(content.has_value());
    QCOMPARE(content->header.target, std::string("x.tif"));
    QCOMPARE(content->header.identity.steps, header.identity.steps);
    QVERIFY(content->header.identity.inputs == header.identity.inputs);
    QCOMPARE(content->header.identity.chunk, header.identity.chunk);
    QCOMPARE(content->records.size(), std::size_t{2});
    QCOMPARE(content->records[1].b, std::int64_t{14});
    const QString path = QString::fromStdString(part->file("journal"));
    // A header that is not whole is none; a length beyond the file is no reason to take memory.
    for (qint64 bytes = content->bytes; bytes >= 0; --bytes) {
      QVERIFY(QFile::resize(path, bytes));
      const auto cut = readJournal(part->journalDescriptor());
      const qint64 headerEnd = content->bytes - 2 * kRecordBytes;
      QCOMPARE(cut.has_value(), bytes >= headerEnd);
      if (cut) QCOMPARE(static_cast<qint64>(cut->records.size()), (bytes - headerEnd) / kRecordBytes);
    }
  }
};

QTEST_APPLESS_MAIN(TestResume)
#include "tst_resume.moc"
