// SPDX-License-Identifier: GPL-3.0-or-later
// The checksums of a file that is written in pieces are those of its bytes, or are not known.
#include <QTest>
#include <algorithm>
#include <random>
#include <vector>

#include "engine/io/file/crc32.h"
#include "engine/io/sink/written_sums.h"

using namespace cubeloom;

namespace {

constexpr std::int64_t kSegment = 1000, kFile = 2500;  // the last segment is half as long

struct Cut {
  std::int64_t begin = 0, end = 0;
};

/// The file cut at random places, in random order.
std::vector<Cut> shuffledCuts(std::mt19937& random, int count) {
  std::vector<std::int64_t> ends{0, kFile};
  for (int i = 0; i < count; ++i) ends.push_back(std::uniform_int_distribution<std::int64_t>(0, kFile)(random));
  std::sort(ends.begin(), ends.end());
  std::vector<Cut> cuts;
  for (std::size_t i = 1; i < ends.size(); ++i) cuts.push_back({ends[i - 1], ends[i]});
  std::shuffle(cuts.begin(), cuts.end(), random);
  return cuts;
}

}  // namespace

class TestWrittenSums : public QObject {
  Q_OBJECT
 private:
  std::mt19937 m_random{1};
  std::vector<std::byte> m_file = std::vector<std::byte>(kFile);

  void add(WrittenSums& sums, Cut cut) { sums.add(cut.begin, m_file.data() + cut.begin, static_cast<std::size_t>(cut.end - cut.begin)); }
  std::uint32_t truth(std::int64_t segment) {
    const std::int64_t begin = segment * kSegment;
    return crc32(0, m_file.data() + begin, static_cast<std::size_t>(std::min(kSegment, kFile - begin)));
  }

 private slots:
  void initTestCase() {
    for (std::byte& byte : m_file) byte = static_cast<std::byte>(m_random());
  }

  void piecesInAnyOrder() {
    for (int i = 0; i < 200; ++i) {
      WrittenSums sums(kSegment);
      for (const Cut& cut : shuffledCuts(m_random, i)) add(sums, cut);
      for (std::int64_t segment = 0; segment < 3; ++segment) QCOMPARE(sums.of(segment, kFile).value_or(0), truth(segment));
      QVERIFY(!sums.of(3, kFile));
    }
  }

  void aGapIsNotKnown() {
    WrittenSums sums(kSegment);
    add(sums, {0, 1200});
    add(sums, {1201, kFile});
    QVERIFY(sums.of(0, kFile));
    QVERIFY(!sums.of(1, kFile));
    QVERIFY(sums.of(2, kFile));
    QVERIFY2(!sums.of(2, kFile + 1), "the file is longer than what was written");
    add(sums, {1200, 1201});
    QCOMPARE(sums.of(1, kFile).value_or(0), truth(1));
  }

  /// What is written over something is another file than its pieces tell.
  void writtenTwiceIsNotKnown() {
    for (const Cut again : {Cut{1000, 2000}, Cut{1999, 2000}, Cut{1500, 1501}, Cut{1000, 1001}}) {
      WrittenSums sums(kSegment);
      for (const Cut& cut : shuffledCuts(m_random, 10)) add(sums, cut);
      add(sums, again);
      QVERIFY(sums.of(0, kFile) && sums.of(2, kFile));
      QVERIFY(!sums.of(1, kFile));
    }
    WrittenSums sums(kSegment);
    add(sums, {0, kFile});
    sums.forget(999, 2);
    QVERIFY(!sums.of(0, kFile) && !sums.of(1, kFile));
    QVERIFY(sums.of(2, kFile));
  }

  /// Single bytes that never touch: what is remembered of them stays small.
  void tooManyPiecesAreNotKnown() {
    WrittenSums sums(std::int64_t{1} << 30);
    const std::byte one{1};
    for (std::int64_t at = 0; at < 200000; at += 2) sums.add(at, &one, 1);
    for (std::int64_t at = 1; at < 200000; at += 2) sums.add(at, &one, 1);
    QVERIFY(!sums.of(0, 200000));
  }
};

QTEST_GUILESS_MAIN(TestWrittenSums)
#include "tst_written_sums.moc"
