// SPDX-License-Identifier: GPL-3.0-or-later
// The pool of pixel buffers: what it keeps for reuse is never memory that nobody has planned.
#include <QTest>
#include <vector>

#include "engine/array/buffer_pool.h"

using namespace cubeloom;

class TestBufferPool : public QObject {
  Q_OBJECT
  static constexpr std::size_t kMiB = std::size_t{1} << 20;

 private slots:
  void reusesTheNewestOfTheSameSize() {
    BufferPool pool;
    Buffer first = pool.take(4 * kMiB), second = pool.take(4 * kMiB);
    const std::byte* last = second.data();
    first = Buffer();
    second = Buffer();
    QCOMPARE(pool.take(4 * kMiB).data(), last);
  }

  void buffersOfManySizesDoNotPileUp() {
    BufferPool pool;
    for (std::size_t size = 2; size <= 64; size += 2) (void)pool.take(size * kMiB);
    // One after the other: never more than the largest was handed out, and no more is held.
    QCOMPARE(pool.peakBytes(), static_cast<std::int64_t>(64 * kMiB));
    QVERIFY2(pool.heldBytes() <= pool.peakBytes(), qPrintable(QString::number(pool.heldBytes())));
  }

  void roomKeepsWhatTheNextChunkAsksFor() {
    BufferPool pool;
    // A chunk reads, gives its input back and compresses its output: never more than 30 MiB at once, 32 MiB in all.
    const auto chunk = [&pool] {
      const Buffer output = pool.take(2 * kMiB);
      const std::byte* input = pool.take(28 * kMiB).data();
      (void)pool.take(2 * kMiB);
      return input;
    };
    pool.setRoom(32 * kMiB);
    const std::byte* first = chunk();
    QCOMPARE(pool.heldBytes(), static_cast<std::int64_t>(32 * kMiB));
    QCOMPARE(pool.peakBytes(), static_cast<std::int64_t>(32 * kMiB));
    QCOMPARE(chunk(), first);
    pool.setRoom(4 * kMiB);
    QVERIFY2(pool.heldBytes() <= static_cast<std::int64_t>(4 * kMiB), qPrintable(QString::number(pool.heldBytes())));
    QCOMPARE(pool.peakBytes(), static_cast<std::int64_t>(32 * kMiB));
  }

  void holdsNoMoreThanThePeak() {
    BufferPool pool;
    std::vector<Buffer> buffers;
    std::uint32_t state = 1;
    for (int turn = 0; turn < 2000; ++turn) {
      state = state * 1664525U + 1013904223U;
      if (state >> 31 || buffers.empty())
        buffers.push_back(pool.take((state >> 8) % (256 * 1024)));
      else
        buffers.erase(buffers.begin() + (state >> 8) % static_cast<std::uint32_t>(buffers.size()));
      QVERIFY(pool.heldBytes() <= pool.peakBytes());
    }
    buffers.clear();
    QCOMPARE(pool.liveBytes(), 0);
    pool.setRoom(0);
    QCOMPARE(pool.heldBytes(), 0);
  }
};

QTEST_APPLESS_MAIN(TestBufferPool)
#include "tst_buffer_pool.moc"
