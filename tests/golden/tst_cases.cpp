// SPDX-License-Identifier: GPL-3.0-or-later
// Runs every tests/golden/*.case. A new case is a paragraph of text, not a line of C++: tests/support/text_case.h says how it is written.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/text_case.h"

using namespace cubeloom;

class TestCases : public QObject {
  Q_OBJECT
 private:
  std::vector<test::TextCase> m_cases;

 private slots:
  void initTestCase() {
    const QDir folder(QString(CUBELOOM_SOURCE_DIR) + "/tests/golden");
    const QStringList files = folder.entryList({"*.case"}, QDir::Files, QDir::Name);
    QVERIFY(!files.isEmpty());
    for (const QString& file : files) {
      const auto cases = test::readTextCases(folder.filePath(file).toStdString());
      QVERIFY2(cases.has_value(), cases ? "" : cases.error().message.c_str());
      m_cases.insert(m_cases.end(), cases->begin(), cases->end());
    }
  }

  void asExpected_data() {
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < m_cases.size(); ++i) {
      const QString file = QFileInfo(QString::fromStdString(m_cases[i].file)).baseName();
      QTest::newRow(qPrintable(file + ": " + QString::fromStdString(m_cases[i].name))) << static_cast<int>(i);
    }
  }
  void asExpected() {
    QFETCH(int, number);
    const test::TextCase& test = m_cases[static_cast<std::size_t>(number)];
    const QTemporaryDir folder;
    const auto done = test::runTextCase(test, folder.path().toStdString(), CUBELOOM_TEST_DATA);
    QVERIFY2(done.has_value(), done ? "" : (test.file + ":" + std::to_string(test.line) + ": " + done.error().text()).c_str());
  }

  // The runner itself: what is wrong is found, and named with its place and both values.
  void differencesAreFound_data() {
    QTest::addColumn<QString>("expect");
    QTest::addColumn<QString>("says");
    QTest::newRow("value") << "expect\n 2 4 .\n 6 8 11\n"
                           << "y 1, x 2 is 10, expected is 11 (tolerance 0";
    QTest::newRow("nodata") << "expect tolerance=1\n 2 4 3\n 6 8 10\n"
                            << "y 0, x 2 is nodata, expected is 3";
    QTest::newRow("no nodata") << "expect\n 2 . .\n 6 8 10\n"
                               << "y 0, x 1 is 4, expected is nodata";
    QTest::newRow("shape") << "expect\n 2 4\n 6 8\n"
                           << "6 values in rows of 3";
    QTest::newRow("type") << "expect dtype=float64\n 2 4 .\n 6 8 10\n"
                          << "float32";
    QTest::newRow("grid") << "expect geotransform=500000,20,0,4000000,0,-10\n 2 4 .\n 6 8 10\n"
                          << "number 1 of the geotransform is 10";
    QTest::newRow("sum") << "expect\n sum: 31\n"
                         << "the sum is 30";
    QTest::newRow("single") << "expect\n at 1 1: 9\n"
                            << "y 1, x 1 is 8, expected is 9";
  }
  void differencesAreFound() {
    QFETCH(QString, expect);
    QFETCH(QString, says);
    const QTemporaryDir folder;
    QFile file(folder.filePath("wrong.case"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("case wrong\ntruth by hand\ninput a.tif nodata=-9999\n 1 2 .\n 3 4 5\nchain open a.tif ! calc expression='b1 * 2'\n");
    file.write(expect.toUtf8());
    file.close();
    const auto cases = test::readTextCases(file.fileName().toStdString());
    QVERIFY2(cases.has_value(), cases ? "" : cases.error().message.c_str());
    const auto done = test::runTextCase(cases->front(), folder.path().toStdString(), CUBELOOM_TEST_DATA);
    QVERIFY(!done.has_value());
    QVERIFY2(QString::fromStdString(done.error().message).contains(says), done.error().text().c_str());
  }

  void mistakesNameTheirLine() {
    const QTemporaryDir folder;
    QFile file(folder.filePath("mistake.case"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("case ragged\ntruth by hand\ninput a.tif\n 1 2\n 3\n");
    file.close();
    const auto cases = test::readTextCases(file.fileName().toStdString());
    QVERIFY(!cases.has_value());
    QVERIFY2(cases.error().message.find("mistake.case:5: a row of 1") != std::string::npos, cases.error().message.c_str());
  }
};

QTEST_APPLESS_MAIN(TestCases)
#include "tst_cases.moc"
