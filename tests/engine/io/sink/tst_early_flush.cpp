// SPDX-License-Identifier: GPL-3.0-or-later
// Files on their way to the disk while they are written: the same bytes, and files closed or removed meanwhile are no matter.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <thread>
#include <vector>

#include "engine/io/sink/early_flush.h"

using namespace cubeloom;

class TestEarlyFlush : public QObject {
  Q_OBJECT
 private:
  static constexpr std::int64_t kPiece = 1000, kPieces = 400, kStep = 16 * kPiece;
  QTemporaryDir m_folder;
  QString path(const char* name) const { return m_folder.filePath(name); }

  /// Piece i holds i in every byte; thread t of four writes every fourth piece.
  static void writeAll(const PartFile& file, EarlyFlush& flush) {
    std::vector<std::thread> threads;
    for (std::int64_t t = 0; t < 4; ++t)
      threads.emplace_back([&file, &flush, t] {
        for (std::int64_t i = t; i < kPieces; i += 4) {
          const std::vector<std::byte> piece(kPiece, std::byte(i));
          QVERIFY(file.write(i * kPiece, piece.data(), piece.size()));
          flush.wrote(kPiece);
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  static int descriptors() { return static_cast<int>(QDir("/proc/self/fd").entryList(QDir::Files | QDir::System).size()); }

 private slots:
  void everyByteArrives() {
    PartFile file = PartFile::inside(path("all").toStdString(), path("all").toStdString());
    QVERIFY(file.open());
    const int before = descriptors();
    {
      EarlyFlush flush(file, kStep);
      writeAll(file, flush);
      QTRY_COMPARE(descriptors(), before + 1);  // a thread that begins may read what the system tells of it
      QVERIFY(file.finish());
    }
    QTRY_COMPARE(descriptors(), before - 1);
    file.leave();
    QFile written(path("all"));
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QByteArray bytes = written.readAll();
    QCOMPARE(bytes.size(), kPiece * kPieces);
    for (std::int64_t i = 0; i < kPieces; ++i) QCOMPARE(bytes.mid(i * kPiece, kPiece), QByteArray(kPiece, static_cast<char>(i)));
  }

  void fileMayBeRemovedMeanwhile() {
    PartFile file = PartFile::inside(path("gone").toStdString(), path("gone").toStdString());
    QVERIFY(file.open());
    EarlyFlush flush(file, kStep);
    writeAll(file, flush);
    file.remove();
    QVERIFY(!QFile::exists(path("gone")));
  }

  void smallOutputsHaveNoThread() {
    PartFile file = PartFile::inside(path("small").toStdString(), path("small").toStdString());
    QVERIFY(file.open());
    const int before = descriptors();
    EarlyFlush flush(file, kStep);
    flush.wrote(kStep - 1);
    QCOMPARE(descriptors(), before);
    flush.wrote(1);
    QTRY_COMPARE(descriptors(), before + 1);  // a thread that begins may read what the system tells of it
  }
};

QTEST_GUILESS_MAIN(TestEarlyFlush)
#include "tst_early_flush.moc"
