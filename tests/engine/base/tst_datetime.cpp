// SPDX-License-Identifier: GPL-3.0-or-later
// Dates as text to seconds since 1970. The numbers are those of GNU date: date -u -d 2017-08-31T16:27:42Z +%s
#include <QtTest>

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
};

QTEST_APPLESS_MAIN(TestDatetime)
#include "tst_datetime.moc"
