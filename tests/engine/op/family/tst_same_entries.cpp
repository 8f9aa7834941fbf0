// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of two arrays are put together only where they are the same: by date, number or name, never by position alone.
#include <QtTest>

#include "engine/op/family/pointwise.h"
#include "engine/op/family/same_entries.h"

using namespace cubeloom;

namespace {

Dim numbersOf(const char* name, const char* unit, const std::vector<double>& values) {
  Dim dim{name, static_cast<std::int64_t>(values.size()), {}};
  dim.coordinate.kind = Coordinate::Kind::Values;
  dim.coordinate.unit = unit;
  dim.coordinate.values = values;
  return dim;
}

Dim namesOf(const char* name, const std::vector<std::string>& names) {
  Dim dim{name, static_cast<std::int64_t>(names.size()), {}};
  dim.coordinate.labels = names;
  return dim;
}

}  // namespace

class TestSameEntries : public QObject {
  Q_OBJECT

 private slots:
  void firstOther_data() {
    QTest::addColumn<Dim>("a");
    QTest::addColumn<Dim>("b");
    QTest::addColumn<int>("other");
    const auto row = [](const char* name, const Dim& a, const Dim& b, int other) { QTest::newRow(name) << a << b << other; };
    const char* const k2001 = "days since 2001-01-01 [noleap]";
    row("equal wavelengths", numbersOf("wavelength", "nm", {450, 550}), numbersOf("wavelength", "nm", {450.004, 550}), -1);
    row("other wavelengths", numbersOf("wavelength", "nm", {450, 550}), numbersOf("wavelength", "nm", {450, 560}), 1);
    row("members without a unit", numbersOf("member", "", {1, 2}), numbersOf("member", "", {3, 4}), 0);
    row("members counted by 1", numbersOf("member", "1", {1, 2}), numbersOf("member", "1", {1, 3}), 1);
    row("levels the other way round", numbersOf("level", "", {500, 850}), numbersOf("level", "", {850, 500}), 0);
    row("a unit against none", numbersOf("level", "hPa", {500, 850}), numbersOf("level", "", {500, 850}), -1);
    row("other units", numbersOf("level", "hPa", {1000, 200}), numbersOf("level", "Pa", {1000, 200}), 0);
    row("longitudes with and without a grid", numbersOf("lon", "degree", {10, 20}), numbersOf("lon", "degrees_east", {10, 20}), -1);
    row("other longitudes", numbersOf("lon", "degree", {10, 20}), numbersOf("lon", "degrees_east", {10, 30}), 1);
    row("stations", namesOf("station", {"a", "b"}), namesOf("station", {"b", "c"}), 0);
    row("equal stations", namesOf("station", {"a", "b"}), namesOf("station", {"a", "b"}), -1);
    row("months since another century", numbersOf("time", k2001, {0, 31}), numbersOf("time", "days since 1851-01-01 [noleap]", {0, 31}), 0);
    row("the same dates, counted from elsewhere", numbersOf("time", k2001, {365, 396}),
        numbersOf("time", "days since 2002-01-01 [noleap]", {0, 31}), -1);
    row("other calendars", numbersOf("time", k2001, {0, 31}), numbersOf("time", "days since 2001-01-01 [360_day]", {0, 31}), 0);
    row("a model's calendar against the world's", numbersOf("time", "datetime", {978307200, 980985600}), numbersOf("time", k2001, {0, 31}),
        0);
    row("bands are only counted", numbersOf("band", "1", {4, 5}), numbersOf("band", "1", {8, 9}), -1);
    row("no coordinate", Dim{"x", 2, {}}, numbersOf("x", "metre", {5, 15}), -1);
  }
  void firstOther() {
    QFETCH(Dim, a);
    QFETCH(Dim, b);
    QFETCH(int, other);
    QCOMPARE(static_cast<int>(firstOtherEntry(a, b)), other);
    QCOMPARE(static_cast<int>(firstOtherEntry(b, a)), other);
  }

  // A spectrum beside a reference: band by band, and only of the same bands.
  void entriesOfSeveralInputs() {
    ArraySpec cube, library;
    cube.dims = {{"y", 2, {}}, numbersOf("wavelength", "nm", {450, 550})};
    library.dims = {numbersOf("wavelength", "nm", {450, 550}), {"spectrum", 3, {}}};
    const auto both = entriesAlong({cube, library}, 1);
    QVERIFY(both.has_value());
    QCOMPARE(both->size(), std::size_t{4});
    QVERIFY((*both)[1].input == 0 && (*both)[1].dim == 1 && (*both)[1].index == 1);
    QVERIFY((*both)[2].input == 1 && (*both)[2].dim == 0 && (*both)[2].index == 0);
    const auto saysOf = [&cube, &library](const Dim& dim) {
      library.dims[0] = dim;
      return entriesAlong({cube, library}, 1).error().message;
    };
    QCOMPARE(saysOf(numbersOf("wavelength", "nm", {450, 560})),
             std::string("input 2 is at 560 nm in entry 1 of 'wavelength', input 1 at 550 nm"));
    QCOMPARE(saysOf(numbersOf("wavelength", "nm", {450, 550, 650})),
             std::string("input 2: 3 entries along 'wavelength'; input 1: 2; 650 nm is in input 2 alone"));
    QVERIFY(saysOf(numbersOf("band", "1", {1, 2})).starts_with("input 2 has no 'wavelength'"));
  }
};

QTEST_APPLESS_MAIN(TestSameEntries)
#include "tst_same_entries.moc"
