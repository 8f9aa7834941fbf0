// SPDX-License-Identifier: GPL-3.0-or-later
// Dates as text to seconds since 1970. The numbers are those of GNU date: date -u -d 2017-08-31T16:27:42Z +%s
#include <QtTest>

#include "engine/base/cf_calendar.h"
#include "engine/base/datetime.h"

using namespace cubeloom;

class TestDatetime : public QObject {
  Q_OBJECT
 private slots:
  void dates_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("seconds");
    const auto row = [](const char* text, double seconds) { QTest::newRow(text) << QString(text) << seconds; };
    row("1970-01-01", 0);
    row("2017-08-31T16:27:42Z", 1504196862);
    row("2017-08-31t16:27:42z", 1504196862);
    row("2017-08-31 16:27:42.5", 1504196862.5);
    row("2017-08-31T16:27:42.123456Z", 1504196862.123456);
    row("2017-08-31T18:27:42+02:00", 1504196862);
    row("2017-08-31T08:57:42-0730", 1504196862);
    row("2017-08-31 16:27", 1504196820);
    row("20170831T162742Z", 1504196862);
    row("20170831", 1504137600);
    row("2016-02-29", 1456704000);
    row("2000-02-29", 951782400);
    row("1900-02-28", -2203977600);
    row("0001-01-01", -62135596800);
    row("1-1-1 00:00:0.0", -62135596800);
    row("1992-10-8 15:15:42.5 -6:00", 718578942.5);
    row("2016-12-31T23:59:60Z", 1483228800);
    row("2016-12-31T24:00:00Z", 1483228800);
  }

  void dates() {
    QFETCH(QString, text);
    QFETCH(double, seconds);
    const auto parsed = parseDatetime(text.toStdString());
    QVERIFY(parsed.has_value());
    QCOMPARE(*parsed, seconds);
  }

  void whatIsNoDate_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"",
                             "yesterday",
                             "2017",
                             "2017-08",
                             "2017-13-01",
                             "2017-00-01",
                             "2022-02-31",
                             "2022-02-29",
                             "1900-02-29",
                             "2022-04-31",
                             "20220231",
                             "2022-02-00",
                             "2017-08-31T25:00",
                             "2017-08-31T24:00:01",
                             "2017-08-31T10:60",
                             "2017-08-31T10:00:61",
                             "2017-08-31X",
                             "2017-08-31T10-",
                             "2017-08-31T10:00:00+99:00",
                             "2017-08-31T10:00:00Z and more",
                             "12017-08-31"})
      QTest::newRow(text) << QString(text);
  }

  void whatIsNoDate() {
    QFETCH(QString, text);
    QVERIFY(!parseDatetime(text.toStdString()));
  }

  void backToText() {
    QCOMPARE(formatDatetime(1504196862.5), std::string("2017-08-31T16:27:42.5Z"));
    QCOMPARE(formatDatetime(-62135596800), std::string("0001-01-01T00:00:00Z"));
    for (const double seconds : {0.0, -1.0, 951782399.0, 4102444800.25}) QCOMPARE(parseDatetime(formatDatetime(seconds)).value(), seconds);
  }

  void spans() {
    const auto day = parseTimeSpan("2017-08-31");
    QVERIFY(day && day->begin == 1504137600 && day->end > 1504137600 + 86399 && day->end < 1504137600 + 86400);
    QVERIFY(parseTimeSpan("20170831")->end == day->end);
    QVERIFY(parseTimeSpan("2017-08-31T16:27:42Z")->end == 1504196862.0);
    const auto open = parseTimeSpan("2017-08-31/..");
    QVERIFY(open && open->begin && !open->end);
    QVERIFY(!parseTimeSpan("2018-01-01/2017-01-01"));
    QVERIFY(!parseTimeSpan("2017-02-01/2017-02-31"));
    QVERIFY(!parseTimeSpan("a/b/c"));
    // A year and a month are all of their days, as in pandas.
    QCOMPARE(parseTimeSpan("2000")->begin, parseDatetime("2000-01-01"));
    QCOMPARE(parseTimeSpan("2000")->end, parseTimeSpan("2000-12-31")->end);
    QCOMPARE(parseTimeSpan("2000-02")->end, parseTimeSpan("2000-02-29")->end);
    QCOMPARE(parseTimeSpan("1999-12/2000")->begin, parseDatetime("1999-12-01"));
    for (const char* text : {"2000-13", "2000-", "20", "200003", "2000-02-30", "951782399"}) QVERIFY2(!parseTimeSpan(text), text);
  }

  /// Dates by numpy: np.datetime64("2001-11") + [-22, 3] months, and years.
  void stepsOfTheCalendar() {
    const auto dates = [](const char* units, const char* calendar, const std::vector<double>& values) {
      std::string text;
      for (const double second : cfCalendarSteps(units, calendar, values).value_or(std::vector<double>{}))
        text += formatDatetime(second) + " ";
      return text;
    };
    QCOMPARE(dates("months since 2001-11-15 06:00", "", {-22, 3}), std::string("2000-01-15T06:00:00Z 2002-02-15T06:00:00Z "));
    QCOMPARE(dates("years since 2000-02-28", "standard", {1, 4}), std::string("2001-02-28T00:00:00Z 2004-02-28T00:00:00Z "));
    QCOMPARE(dates("months since 2001-11-15", "", {0.5}), std::string());
    // A step neither runs over into the next month nor stops at the end of one: February has no 29th, 30th or 31st, or the numbers stay.
    QCOMPARE(dates("months since 2001-01-29", "", {1}), std::string());
    QCOMPARE(dates("months since 2000-01-31", "", {0, 2, 4}),
             std::string("2000-01-31T00:00:00Z 2000-03-31T00:00:00Z 2000-05-31T00:00:00Z "));
    QCOMPARE(dates("months since 2000-01-31", "", {0, 1, 2}), std::string());
    QCOMPARE(dates("years since 2000-02-29", "", {4}), std::string("2004-02-29T00:00:00Z "));
    QCOMPARE(dates("years since 2000-02-29", "", {1}), std::string());
    QCOMPARE(cfCalendarSteps("months since 2000-01-31", "", {1}).error().message,
             std::string("1 months after its origin comes a month without a day 31"));
    QCOMPARE(dates("months since 2001-11-15", "noleap", {1}), std::string());
    QCOMPARE(dates("years since 1600-01-01", "standard", {-100}), std::string());
    QCOMPARE(dates("years since 1600-01-01", "proleptic_gregorian", {-100}), std::string("1500-01-01T00:00:00Z "));
    QCOMPARE(dates("days since 2001-11-15", "", {1}), std::string());
  }

  /// Months of 30 days and years of 365 are exact in their calendars. By cftime: num2date(13.5, "months since 2000-01-31", "360_day") is no
  /// date, since that calendar has no 31st; since 2000-01-30 it is 2001-03-15; num2date(2, "common_years since 2000-01-01", "noleap").
  void monthsOfModelCalendars() {
    const auto date = [](const char* units, const char* calendar, double value) {
      const auto unit = calendarUnit({units, calendar});
      return unit ? formatDatetime(unit->toSeconds(value), calendarDays(calendar)) : std::string();
    };
    QCOMPARE(date("months since 2000-01-30", "360_day", 13.5), std::string("2001-03-15T00:00:00"));
    QCOMPARE(date("months since 2000-01-31", "360_day", 13.5), std::string());
    QCOMPARE(date("common_years since 2000-01-01", "noleap", 2), std::string("2002-01-01T00:00:00"));
    QCOMPARE(date("months since 2000-01-01", "noleap", 1), std::string());
  }
};

QTEST_APPLESS_MAIN(TestDatetime)
#include "tst_datetime.moc"
