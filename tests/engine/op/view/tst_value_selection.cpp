// SPDX-License-Identifier: GPL-3.0-or-later
// What a value, a date or a range selects along a dim. The truths for dates are pandas' and xarray's partial indexing.
#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/base/datetime.h"
#include "engine/op/operation.h"
#include "engine/op/view/selection.h"

using namespace cubeloom;

namespace {

Dim datesOf(const std::vector<std::string>& dates) {
  Dim dim{"time", static_cast<std::int64_t>(dates.size()), {}};
  dim.coordinate.kind = Coordinate::Kind::Values;
  dim.coordinate.unit = "datetime";
  for (const std::string& date : dates) {
    dim.coordinate.values.push_back(*parseDatetime(date));
    dim.coordinate.labels.push_back(formatDatetime(dim.coordinate.values.back()));
  }
  return dim;
}

Dim wavelengths() {
  Dim dim{"wavelength", 4, {}};
  dim.coordinate.kind = Coordinate::Kind::Values;
  dim.coordinate.unit = "nm";
  dim.coordinate.values = {400, 410, 420, 450};
  return dim;
}

/// "0 2", "0 as one", or what is wrong.
QString chosen(const Dim& dim, const Json& selection, const ValueRule& rule = {}) {
  const auto found = selectValues(dim, selection, rule);
  if (!found) return "error: " + QString::fromStdString(found.error().text());
  QStringList entries;
  for (const std::int64_t i : found->indices.toVector()) entries << QString::number(i);
  return entries.join(' ') + (found->dropsDim ? " as one" : "") + (found->warning.empty() ? "" : ", far");
}

/// Days since 2001-01-01 in a calendar of models.
Dim daysOf(const char* calendar, const std::vector<double>& days) {
  Dim dim{"time", static_cast<std::int64_t>(days.size()), {}};
  dim.coordinate.kind = Coordinate::Kind::Values;
  dim.coordinate.unit = std::string("days since 2001-01-01 [") + calendar + "]";
  dim.coordinate.values = days;
  return dim;
}

}  // namespace

class TestValueSelection : public QObject {
  Q_OBJECT

 private slots:
  /// As xarray 2023.1 with cftime 1.6 selects them.
  void calendars_data() {
    QTest::addColumn<Dim>("dim");
    QTest::addColumn<QString>("selection");
    QTest::addColumn<QString>("expected");
    const auto rows = [](const char* name, const Dim& dim, const std::vector<std::pair<const char*, const char*>>& cases) {
      for (const auto& [selection, expected] : cases)
        QTest::addRow("%s %s", name, selection) << dim << QString(selection) << QString(expected);
    };
    // 2001-01-01, 02-01, 02-28, 03-01, 03-02, 2002-03-01, 2002-03-02
    rows("noleap", daysOf("noleap", {0, 31, 58, 59, 60, 424, 425}),
         {{"\"2001-02\"", "1 2"},
          {"\"2001-02-28\"", "2 as one"},
          {"20010228", "2 as one"},
          {"\"2001\"", "0 1 2 3 4"},
          {"2001", "0 1 2 3 4"},
          {"\"2002-03\"", "5 6"},
          {"\"2001-02:2001-03\"", "1 2 3 4"},
          {"\"2001-02-28:2002-02-28\"", "2 3 4"},
          {"\"2001-02-10T12:00\"", "1 as one"}});
    // 2001-01-01, 01-30, 02-01, 02-30, 03-01, 2002-02-01
    rows(
        "360_day", daysOf("360_day", {0, 29, 30, 59, 60, 390}),
        {{"\"2001-02\"", "2 3"}, {"\"2001-02-30\"", "3 as one"}, {"\"2001-02:2001-03\"", "2 3 4"}, {"\"2001-02-28:2002-02-28\"", "3 4 5"}});
    // 2001-02-28, 02-29, 03-01, 12-31, 2002-01-01
    rows("all_leap", daysOf("all_leap", {58, 59, 60, 365, 366}),
         {{"\"2001-02\"", "0 1"}, {"\"2001-02-29\"", "1 as one"}, {"\"2001\"", "0 1 2 3"}, {"\"2001-02-28:2002-02-28\"", "0 1 2 3 4"}});
    // 2001-01-01, 02-28, 03-01, 03-02, 2002-01-01
    rows("julian", daysOf("julian", {0, 58, 59, 60, 365}),
         {{"\"2001-02\"", "1"}, {"\"2001\"", "0 1 2 3"}, {"\"2001-02:2001-03\"", "1 2 3"}});
  }
  void calendars() {
    QFETCH(Dim, dim);
    QFETCH(QString, selection);
    QTEST(chosen(dim, Json::parse(selection.toStdString())), "expected");
  }

  void calendarsSayTheirDates() {
    const Dim dim = daysOf("360_day", {59, 60.5, 720});
    QCOMPARE(entryText(dim, 0), std::string("2001-02-30T00:00:00"));
    QCOMPARE(entryText(dim, 1), std::string("2001-03-01T12:00:00"));
    QCOMPARE(entryText(dim, 2), std::string("2003-01-01T00:00:00"));
    QVERIFY(chosen(dim, "2001-02-31").contains("'2001-02-31' along 'time' is no date"));
    QVERIFY(chosen(daysOf("noleap", {0, 1}), "2004-02-29").contains("is no date"));
    QCOMPARE(entryText(daysOf("julian", {59}), 0), std::string("2001-03-01T00:00:00"));
    QCOMPARE(entryText(daysOf("noleap", {424}), 0), std::string("2002-03-01T00:00:00"));
  }

  /// pandas: get_indexer(method="nearest") prefers the larger value, whichever way the axis runs.
  void ofTwoAsNearTheLarger() {
    Dim dim = wavelengths();
    QCOMPARE(chosen(dim, 405), QString("1 as one"));
    QCOMPARE(chosen(dim, 435), QString("3 as one"));
    dim.coordinate.values = {450, 420, 410, 400};
    QCOMPARE(chosen(dim, 435), QString("0 as one"));
    QCOMPARE(chosen(dim, 405), QString("2 as one"));
  }

  void dates_data() {
    QTest::addColumn<QString>("selection");
    QTest::addColumn<QString>("expected");
    // 0: 2022-02-28T20:00, 1: 2022-03-01T18:30, 2: 2022-03-15T06:00, 3: 2022-03-15T12:00, 4: 2023-01-02
    const auto row = [](const char* selection, const char* expected) {
      QTest::newRow(selection) << QString(selection) << QString(expected);
    };
    row("\"2022-03-01\"", "1 as one");  // not the flight of the evening before, which is nearer to midnight
    row("\"20220301\"", "1 as one");
    row("20220301", "1 as one");
    row("\"2022-03-15\"", "2 3");
    row("\"2022-03\"", "1 2 3");
    row("\"2022\"", "0 1 2 3");
    row("2022", "0 1 2 3");
    row("2023", "4");
    row("\"2022-03-15T11:00\"", "3 as one");
    row("\"2022-03-02\"", "1 as one, far");  // a day without an entry
    row("\"2022-02-27T23:30\"", "0 as one");
    row("\"2022-02-28:2022-03-01\"", "0 1");
    row("\"2022-03:2023\"", "1 2 3 4");
    row("\"2023:2022-03\"", "1 2 3 4");
    row("\":2022-02\"", "0");
    row("\"2022-03-15T06:00:2022-03-15T12:00\"", "2 3");
    row("\"2022-03-15T07:00/2022-03-15T12:00\"", "3");
    row("[\"2022-02-28\", \"2023-01-02\"]", "0 4");
    row("\"2035-01-01\"", "4 as one, far");
  }
  void dates() {
    QFETCH(QString, selection);
    const Dim dim = datesOf({"2022-02-28T20:00", "2022-03-01T18:30", "2022-03-15T06:00", "2022-03-15T12:00", "2023-01-02"});
    QTEST(chosen(dim, Json::parse(selection.toStdString())), "expected");
  }

  void aNumberIsNoDate_data() {
    QTest::addColumn<QString>("selection");
    for (const char* selection : {"1646092800", "\"1646092800\"", "0", "2022.5", "\"2022-02-30\"", "\"2022-13\"", "\"202203\"", "\"soon\""})
      QTest::newRow(selection) << QString(selection);
  }
  void aNumberIsNoDate() {
    QFETCH(QString, selection);
    const QString answer = chosen(datesOf({"2022-02-28", "2022-03-01"}), Json::parse(selection.toStdString()));
    QVERIFY2(answer.contains("is no date") && answer.contains("2022-02-24"), qPrintable(answer));
  }

  /// The next month's entry is another month's: pandas has no nearest for a span either.
  void aMonthWithoutEntriesHasNoNearest_data() {
    QTest::addColumn<Dim>("dim");
    QTest::addColumn<QString>("selection");
    QTest::addColumn<QString>("nearest");
    const Dim months = datesOf({"2001-03-16", "2001-04-16", "2001-05-16"}), years = datesOf({"2010-07-01", "2011-07-01"});
    QTest::newRow("the month after") << months << QString("2001-06") << QString("2001-05-16");
    QTest::newRow("the month before") << months << QString("2001-02") << QString("2001-03-16");
    QTest::newRow("the year after") << years << QString("2012") << QString("2011-07-01");
    QTest::newRow("of days, another year") << datesOf({"2000-12-30", "2000-12-31"}) << QString("2001") << QString("2000-12-31");
    QTest::newRow("in a model's calendar") << daysOf("360_day", {15, 45}) << QString("2001-03") << QString("2001-02-16");
  }
  void aMonthWithoutEntriesHasNoNearest() {
    QFETCH(Dim, dim);
    QFETCH(QString, selection);
    QFETCH(QString, nearest);
    const QString answer = chosen(dim, selection.toStdString());
    QVERIFY2(answer.contains("no entry of 'time' lies in " + selection) && answer.contains("the nearest is at " + nearest),
             qPrintable(answer));
    // Asked for, it is given.
    QVERIFY(!chosen(dim, selection.toStdString(), {true, 400}).startsWith("error"));
  }

  void aWholeYearOfMonths() {
    std::vector<std::string> months;
    for (int m = 1; m <= 12; ++m) months.push_back((m < 10 ? "1999-0" : "1999-") + std::to_string(m) + "-01");
    QCOMPARE(chosen(datesOf(months), 1999), QString("0 1 2 3 4 5 6 7 8 9 10 11"));
    QCOMPARE(chosen(datesOf(months), "1999-05"), QString("4"));
  }

  void whatIsNotThere() {
    const Dim dim = wavelengths();
    QCOMPARE(chosen(dim, 424), QString("2 as one"));
    QCOMPARE(chosen(dim, 479), QString("3 as one"));  // within the last step, of 30 nm
    QCOMPARE(chosen(dim, 481), QString("3 as one, far"));
    QCOMPARE(chosen(dim, 0.865), QString("0 as one, far"));
    QVERIFY(chosen(dim, 424, {false, {}}).startsWith("error"));
    QCOMPARE(chosen(dim, 424, {true, 4}), QString("2 as one"));
    const QString refused = chosen(dim, 424, {true, 3.5});
    QVERIFY2(refused.contains("nearest to 424 is at 420 nm, 4 nm away") && refused.contains("tolerance"), qPrintable(refused));
    Dim padded = wavelengths();  // the axis is filled up with zeros
    padded.size = 6;
    for (int i = 0; i < 2; ++i) padded.coordinate.values.push_back(0);
    QCOMPARE(axisStep(padded, 3), 30.0);
    const QString late = chosen(datesOf({"2022-02-28", "2022-03-01"}), "2022-03-04", {true, 1});
    QVERIFY2(late.contains("3 days away"), qPrintable(late));
  }
};

QTEST_APPLESS_MAIN(TestValueSelection)
#include "tst_value_selection.moc"
