// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of an array without its pixels follows its dims wherever they go.
#include <QTest>

#include "engine/array/array_spec.h"

using namespace cubeloom;

class TestArraySpec : public QObject {
  Q_OBJECT
 private:
  /// A BIL file: line by line, in each line band by band.
  static ArraySpec bil() {
    ArraySpec spec;
    spec.dims = {{"y", 600, {}}, {"wavelength", 425, {}}, {"x", 687, {}}};
    spec.yDim = 0;
    spec.xDim = 2;
    spec.storage.block = {1, 425, 687};
    return spec;
  }

 private slots:
  void theOrderInTheFileOutlivesATranspose() {
    const ArraySpec bands = bil().permuted({1, 0, 2});
    QCOMPARE(bands.dimNames(), (std::vector<std::string>{"wavelength", "y", "x"}));
    QCOMPARE(bands.storage.block, (std::vector<std::int64_t>{425, 1, 687}));
    QCOMPARE(bands.storage.order, (std::vector<int>{1, 0, 2}));
    const ArraySpec pixels = bands.permuted({1, 2, 0});
    QCOMPARE(pixels.dimNames(), (std::vector<std::string>{"y", "x", "wavelength"}));
    QCOMPARE(pixels.storage.order, (std::vector<int>{0, 2, 1}));
    QCOMPARE(pixels.permuted({0, 2, 1}).storage.order, (std::vector<int>{0, 1, 2}));
  }

  void aDimThatGoesLeavesTheOthersInOrder() {
    const ArraySpec bands = bil().permuted({1, 0, 2});
    QCOMPARE(bands.withoutDim(1).storage.order, (std::vector<int>{0, 1}));
    QCOMPARE(bands.withoutDim(0).storage.order, (std::vector<int>{0, 1}));
    QCOMPARE(bands.withoutDim(2).storage.order, (std::vector<int>{1, 0}));
    QCOMPARE(bil().withoutDim(1).storage.order, std::vector<int>());
  }

  /// Attributes with an entry for each band are those of the bands that are left; other lists stay.
  void listsOfBandsFollowASelection() {
    ArraySpec spec;
    spec.dims = {{"wavelength", 4, {}}, {"y", 4, {}}, {"x", 5, {}}};
    spec.yDim = 1;
    spec.xDim = 2;
    spec.attributes = {{"solar irradiance", "{1.5, 2.5, 3.5, 4.5}"},
                       {"gains", "10 20 30 40"},
                       {"sensor bands", "{a, b, c, d}"},
                       {"default bands", "{3, 2, 1}"},
                       {"title", "one two three four"},
                       {"flag_values", "1, 2, 3, 4"},
                       {"GeoTransform", "1 2 3 4"},
                       {"dates", "2020, 2021, 2022"}};
    const auto all = IndexSet::all;
    const auto after = [&](const IndexSet& bands) { return spec.select({bands, all(4), all(5)}).attributes; };
    auto two = after(IndexSet::list({3, 1}));
    QCOMPARE(two["solar irradiance"], std::string("{4.5, 2.5}"));
    QCOMPARE(two["gains"], std::string("40 20"));
    QCOMPARE(two["sensor bands"], std::string("{d, b}"));
    QVERIFY(!two.contains("default bands"));
    for (const char* other : {"title", "flag_values", "GeoTransform", "dates"}) QCOMPARE(two[other], spec.attributes[other]);
    QCOMPARE(after(all(4)), spec.attributes);
    QCOMPARE(after(IndexSet::range(3, 4, -1))["gains"], std::string("40 30 20 10"));
    QCOMPARE(spec.select({all(4), IndexSet::range(0, 2), all(5)}).attributes, spec.attributes);
    auto none = spec.withoutDim(0).attributes;
    QVERIFY(!none.contains("gains") && !none.contains("solar irradiance") && !none.contains("default bands"));
    QCOMPARE(none["title"], spec.attributes["title"]);
  }
};

QTEST_APPLESS_MAIN(TestArraySpec)
#include "tst_array_spec.moc"
