// SPDX-License-Identifier: GPL-3.0-or-later
// What a selection announces is what it visits: the sums that planning takes in closed form beside the extents themselves.
#include <QTest>
#include <numeric>
#include <random>

#include "engine/io/source/raw_selection.h"

using namespace cubeloom;

class TestRawSelection : public QObject {
  Q_OBJECT
 private:
  static RawSelection::Total visited(const RawSelection& selection) {
    RawSelection::Total total;
    selection.forEachExtent([&total](std::int64_t, std::int64_t count) {
      ++total.extents;
      total.elements += count;
      return true;
    });
    return total;
  }
  static RawSelection select(const std::vector<std::int64_t>& shape, const Region& region, std::size_t bytes) {
    std::vector<std::int64_t> strides(shape.size(), static_cast<std::int64_t>(bytes));
    for (std::size_t d = shape.size() - 1; d > 0; --d) strides[d - 1] = strides[d] * region[d].count();
    return {shape, region, bytes, strides};
  }

 private slots:
  void linesOfABandSequentialCube() {
    // 3 bands of 100 lines of 20,000 floats; lines 10 to 19 of the outer two bands: two extents.
    const std::vector<std::int64_t> shape{3, 100, 20000};
    const auto total = select(shape, {IndexSet::range(0, 2, 2), IndexSet::range(10, 10), IndexSet::all(20000)}, 4).total();
    QCOMPARE(total.extents, 2);
    QCOMPARE(total.elements, 2 * 10 * 20000);
  }

  void shortGapsAreReadThrough() {
    // Every second of ten floats: one extent from the first to the last one.
    const auto total = select({10}, {IndexSet::range(0, 5, 2)}, 4).total();
    QCOMPARE(total.extents, 1);
    QCOMPARE(total.elements, 9);
  }

  void aMillionExtentsTakeNoTime() {
    // A tile of 256 columns of every line of 400,000 lines x 425 bands: 170 million extents.
    const auto selection = select({400000, 425, 20000}, {IndexSet::all(400000), IndexSet::all(425), IndexSet::range(512, 256)}, 4);
    QCOMPARE(selection.total().extents, std::int64_t{400000} * 425);
  }

  void totalsAreWhatIsVisited() {
    std::mt19937 random(20261126);
    const auto pick = [&random](std::int64_t below) { return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(below)); };
    for (int turn = 0; turn < 3000; ++turn) {
      const auto dims = static_cast<std::size_t>(1 + pick(4));
      std::vector<std::int64_t> shape;
      Region region;
      for (std::size_t d = 0; d < dims; ++d) {
        const std::int64_t size = 1 + pick(d + 1 == dims ? 30000 : 12);
        shape.push_back(size);
        if (pick(3) > 0) {
          const std::int64_t step = 1 + pick(std::max<std::int64_t>(1, size / 2)), first = pick(size);
          region.push_back(IndexSet::range(first, 1 + pick((size - first + step - 1) / step), step));
        } else {
          std::vector<std::int64_t> list(static_cast<std::size_t>(1 + pick(8)));
          for (auto& index : list) index = pick(size);
          if (pick(2) == 0) std::sort(list.begin(), list.end());
          region.push_back(IndexSet::list(list));
        }
      }
      const RawSelection selection = select(shape, region, pick(2) == 0 ? 4 : 1);
      const auto total = selection.total(), seen = visited(selection);
      QVERIFY2(total.extents == seen.extents && total.elements == seen.elements,
               qPrintable(QString("turn %1: %2 extents of %3 elements announced, %4 of %5 visited")
                              .arg(turn)
                              .arg(total.extents)
                              .arg(total.elements)
                              .arg(seen.extents)
                              .arg(seen.elements)));
    }
  }
};

QTEST_APPLESS_MAIN(TestRawSelection)
#include "tst_raw_selection.moc"
