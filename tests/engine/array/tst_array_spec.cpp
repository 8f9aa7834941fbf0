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
};

QTEST_APPLESS_MAIN(TestArraySpec)
#include "tst_array_spec.moc"
