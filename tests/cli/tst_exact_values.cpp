// SPDX-License-Identifier: GPL-3.0-or-later
// Values at the limits of their types, from file to file: what a double cannot hold, what lies next to a half, what a header happens to
// say.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <limits>

class TestExactValues : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// One line of pixels of ENVI's `type`, with further lines of the header.
  template <class T>
  void makeInput(const QList<T>& values, int type, const QByteArray& more = {}) {
    QFile header(m_folder.filePath("in.hdr")), data(m_folder.filePath("in"));
    QVERIFY(header.open(QIODevice::WriteOnly) && data.open(QIODevice::WriteOnly));
    header.write(
        "ENVI\nsamples = " + QByteArray::number(values.size()) + "\nlines = 1\nbands = 1\ndata type = " + QByteArray::number(type) +
        "\ninterleave = bsq\nbyte order = 0\nheader offset = 0\nmap info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n" +
        more);
    data.write(reinterpret_cast<const char*>(values.constData()), values.size() * static_cast<qsizetype>(sizeof(T)));
  }

  void run(const QString& from, const QString& steps, const QString& to) {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    QStringList arguments{"run", "--progress", "none", "--overwrite", "!", "open", from, "!"};
    if (!steps.isEmpty()) arguments += steps.split(' ') + QStringList{"!"};
    process.start(CUBELOOM_CLI, arguments + QStringList{"write", to});
    QVERIFY(process.waitForFinished(120000));
    const QByteArray error = process.readAllStandardError();
    QVERIFY2(process.exitCode() == 0, error.constData());
  }

  template <class T>
  QList<T> output(const QString& name) const {
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::ReadOnly)) return {};
    const QByteArray bytes = file.readAll();
    QList<T> values(bytes.size() / static_cast<qsizetype>(sizeof(T)));
    std::memcpy(values.data(), bytes.constData(), static_cast<std::size_t>(bytes.size()));
    return values;
  }

 private slots:
  /// What computes in float64 says so where that is not every whole number.
  void whatIsNotExactIsSaid_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("isSaid");
    QTest::newRow("clamp of int64, which is exact") << "clamp minimum=-100" << 14 << false;
    QTest::newRow("focal extreme of uint64, which is exact") << "focal statistic=max size=3" << 15 << false;
    QTest::newRow("blocks of int64, whose extremes are exact") << "coarsen x=2 statistic=max" << 14 << false;
    QTest::newRow("classes of int64, which are exact") << "reclassify map=[0,6)=1" << 14 << false;
    QTest::newRow("shares of int64") << "reclassify map=[0,6)=0.5" << 14 << true;
    QTest::newRow("median of int64") << "focal statistic=median size=3" << 14 << true;
    QTest::newRow("brightness of uint64") << "stretch" << 15 << true;
    QTest::newRow("clusters of int64") << "kmeans clusters=2" << 14 << true;
    QTest::newRow("expression over int64") << "calc expression=x+1" << 14 << true;
    QTest::newRow("mean of uint64") << "reduce dims=band statistic=mean" << 15 << true;
    QTest::newRow("extreme of int64, which is exact") << "reduce dims=band statistic=max" << 14 << false;
    QTest::newRow("condition on int64") << "assign_nodata nodata=5 ! mask where=x>6" << 14 << true;
    QTest::newRow("float64 of int64") << "astype dtype=float64" << 14 << true;
    QTest::newRow("average pixels of int64") << "reproject resolution=20 resampling=average fill=0" << 14 << true;
    QTest::newRow("nearest pixels of int64") << "reproject resolution=20 fill=0" << 14 << false;
    QTest::newRow("clamp of int32") << "clamp minimum=-100" << 3 << false;
  }
  void whatIsNotExactIsSaid() {
    QFETCH(QString, step);
    QFETCH(int, type);
    QFETCH(bool, isSaid);
    makeInput(QList<qint64>{5, 6, 7, 8}, type);
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(CUBELOOM_CLI, QStringList{"plan", "!", "open", "in.hdr", "!"} + step.split(' ') + QStringList{"!", "write", "said.img"});
    QVERIFY(process.waitForFinished(120000));
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.contains("computed in float64: whole numbers beyond 9,007,199,254,740,992") == isSaid, said.constData());
  }

  // std::llround says the same of each.
  void doublesBecomeTheNearestWholeNumber() {
    const QList<double> values{
        4503599627370497.0, -4503599627370497.0, 9007199254740991.0, 0.49999999999999994, -0.49999999999999994, 0.5, -0.5, 2.5};
    makeInput(values, 5);
    run("in.hdr", "astype dtype=int64", "out.img");
    QList<qint64> expected;
    for (const double value : values) expected << std::llround(value);
    QCOMPARE(output<qint64>("out.img"), expected);
    run("in.hdr", "astype dtype=int16", "out.img");
    QCOMPARE(output<qint16>("out.img").mid(3), (QList<qint16>{0, 0, 1, -1, 3}));
  }

  // 2^53 + 1 is no double.
  void extremesOfWholeNumbersAreAmongThem() {
    const QList<qint64> values{9007199254740993, 9007199254740997, -9007199254740995, 9007199254740999};
    makeInput(values, 14);
    run("in.hdr", "reduce dims=band statistic=min", "out.img");
    QCOMPARE(output<qint64>("out.img"), values);
    run("in.hdr", "reduce dims=band statistic=max", "out.img");
    QCOMPARE(output<qint64>("out.img"), values);
    run("in.hdr", "reduce dims=band,x statistic=max", "out.img");
    QCOMPARE(output<qint64>("out.img"), (QList<qint64>{9007199254740999}));
  }

  // numpy: clip, scipy.ndimage.maximum_filter and minimum_filter, numpy.where, xarray's coarsen; all of int64 and uint64 themselves.
  void wholeNumbersStayExact_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QList<qint64>>("expected");
    const qint64 big = 9007199254740992;  // 2^53
    QTest::newRow("no limit") << "clamp" << QList<qint64>{big + 1, big + 3, -big - 3, 5, big + 7};
    QTest::newRow("limits") << "clamp minimum=-9007199254740993 maximum=9007199254740997"
                            << QList<qint64>{big + 1, big + 3, -big - 1, 5, big + 5};
    QTest::newRow("greatest around") << "focal statistic=max size=3" << QList<qint64>{big + 3, big + 3, big + 3, big + 7, big + 7};
    QTest::newRow("least around") << "focal statistic=min size=3" << QList<qint64>{big + 1, -big - 3, -big - 3, -big - 3, 5};
    QTest::newRow("greatest of two") << "coarsen x=2 boundary=pad statistic=max" << QList<qint64>{big + 3, 5, big + 7};
    QTest::newRow("nearest") << "assign_nodata nodata=5 ! fill_nodata" << QList<qint64>{big + 1, big + 3, -big - 3, -big - 3, big + 7};
    QTest::newRow("before") << "assign_nodata nodata=5 ! fill_nodata method=ffill dim=x"
                            << QList<qint64>{big + 1, big + 3, -big - 3, -big - 3, big + 7};
    QTest::newRow("after") << "assign_nodata nodata=5 ! fill_nodata method=bfill dim=x"
                           << QList<qint64>{big + 1, big + 3, -big - 3, big + 7, big + 7};
    QTest::newRow("a constant") << "assign_nodata nodata=5 ! fill_nodata method=value value=9007199254740995"
                                << QList<qint64>{big + 1, big + 3, -big - 3, big + 3, big + 7};
    QTest::newRow("up to two entries") << "rolling dim=x window=2 min_periods=1 statistic=max"
                                       << QList<qint64>{big + 1, big + 3, big + 3, 5, big + 7};
  }
  void wholeNumbersStayExact() {
    QFETCH(QString, steps);
    QFETCH(QList<qint64>, expected);
    const qint64 big = 9007199254740992;
    makeInput(QList<qint64>{big + 1, big + 3, -big - 3, 5, big + 7}, 14);
    run("in.hdr", steps, "out.img");
    QCOMPARE(output<qint64>("out.img"), expected);
  }

  void unsignedOnesToo() {
    const quint64 most = std::numeric_limits<quint64>::max();
    makeInput(QList<quint64>{most, most - 1, 9223372036854775809U, 9007199254740993, 7}, 15);
    run("in.hdr", "clamp minimum=9007199254740995 maximum=18446744073709551614", "out.img");
    QCOMPARE(output<quint64>("out.img"), (QList<quint64>{most - 1, most - 1, 9223372036854775809U, 9007199254740995, 9007199254740995}));
    run("in.hdr", "focal statistic=min size=3", "out.img");
    QCOMPARE(output<quint64>("out.img"), (QList<quint64>{most - 1, 9223372036854775809U, 9007199254740993, 7, 7}));
    run("in.hdr", "assign_nodata nodata=7 ! fill_nodata method=value value=18446744073709551615", "out.img");
    QCOMPARE(output<quint64>("out.img"), (QList<quint64>{most, most - 1, 9223372036854775809U, 9007199254740993, most}));
  }

  // numpy.select over int64: bounds that differ by one beyond 2^53 are told apart.
  void classesOfWholeNumbersAreExact() {
    const qint64 big = 9007199254740992;
    makeInput(QList<qint64>{big, big + 1, big + 2, -big - 1, 5}, 14);
    run("in.hdr", "reclassify map=9007199254740993=1;(9007199254740993,inf]=2;[-inf,-9007199254740993]=3;5=4 otherwise=9", "out.img");
    QCOMPARE(output<quint8>("out.img"), (QList<quint8>{9, 1, 2, 3, 4}));
    run("in.hdr", "assign_nodata nodata=5 ! reclassify map=nodata=7;(9007199254740992,9007199254740994)=1 otherwise=0", "out.img");
    QCOMPARE(output<quint8>("out.img"), (QList<quint8>{0, 1, 0, 0, 7}));
  }

  // float32 has no 3,000,000,001.
  void newValuesAreKeptAsTheyAreGiven() {
    makeInput(QList<quint8>{1, 2}, 1);
    run("in.hdr", "reclassify map=1=3000000001;2=0.5", "out.img");
    QCOMPARE(output<double>("out.img"), (QList<double>{3000000001, 0.5}));
  }

  /// What a type cannot hold is said by the plan, with the numbers.
  void whatATypeCannotHoldIsSaid_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("step");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("wide to narrow") << 3 << "astype dtype=uint8" << QByteArray("values below 0 become 0, above 255 become 255");
    QTest::newRow("signed to unsigned") << 2 << "astype dtype=uint16" << QByteArray("values below 0 become 0\n");
    QTest::newRow("fractions") << 4 << "astype dtype=int16 nodata=-32768"
                               << QByteArray(
                                      "below -32,768 become nodata, which is -32,768, above 32,767 become 32,767; fractions are rounded");
    QTest::newRow("onto nodata") << 2 << "astype dtype=int16 nodata=0" << QByteArray("a value that is 0 afterwards is nodata");
    QTest::newRow("digits") << 3 << "astype dtype=float32" << QByteArray("16,777,216");
    QTest::newRow("of an output") << 3 << "write said.img dtype=int16" << QByteArray("below -32,768 become -32,768");
    QTest::newRow("nothing lost") << 1 << "astype dtype=int16" << QByteArray();
    QTest::newRow("nothing lost to float64") << 3 << "astype dtype=float64" << QByteArray();
    QTest::newRow("nothing lost to float32") << 12 << "astype dtype=float32" << QByteArray();
  }
  void whatATypeCannotHoldIsSaid() {
    QFETCH(int, type);
    QFETCH(QString, step);
    QFETCH(QByteArray, says);
    makeInput(QList<double>{5, 6, 7, 8}, type, "data ignore value = 99\n");
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    QStringList words = QStringList{"plan", "!", "open", "in.hdr", "!"} + step.split(' ');
    if (!step.startsWith("write")) words += {"!", "write", "said.img"};
    process.start(CUBELOOM_CLI, words);
    QVERIFY(process.waitForFinished(120000));
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(process.exitCode() == 0 && (says.isEmpty() ? !said.contains("become") && !said.contains("16,777,216") : said.contains(says)),
             said.constData());
  }

  void whatHasNoMeaningIsRefused_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("above the type") << "clamp minimum=300" << QByteArray("0 to 255");
    QTest::newRow("below the type") << "clamp maximum=-1" << QByteArray("0 to 255");
    QTest::newRow("a chain of comparisons") << "calc expression=1<x<5" << QByteArray("a < x && x < b");
    QTest::newRow("of equalities") << "calc expression=x==b1<5" << QByteArray("compared again");
  }
  void whatHasNoMeaningIsRefused() {
    QFETCH(QString, step);
    QFETCH(QByteArray, says);
    makeInput(QList<quint8>{0, 3, 255}, 1);
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(CUBELOOM_CLI, QStringList{"plan", "!", "open", "in.hdr", "!"} + step.split(' ') + QStringList{"!", "write", "no.img"});
    QVERIFY(process.waitForFinished(120000));
    const QByteArray error = process.readAllStandardError();
    QVERIFY2(process.exitCode() == 2 && error.contains(says), error.constData());
  }

  void parenthesesAndAndsMayCompare() {
    makeInput(QList<quint8>{0, 3, 7}, 1);
    run("in.hdr", "calc expression=(1<x)==(x<5)", "out.img");
    QCOMPARE(output<float>("out.img"), (QList<float>{0, 1, 0}));
    run("in.hdr", "calc expression=1<x&&x<5", "out.img");
    QCOMPARE(output<float>("out.img"), (QList<float>{0, 1, 0}));
  }

  // Words of an ENVI header that would mean something else as attributes of a NetCDF variable.
  void wordsOfAHeaderScaleNothing() {
    const QList<float> values{1, 2.5, -3};
    makeInput(values, 4, "scale factor = 10000\nadd offset = 7\nvalid range = {0, 1}\nmissing value = 2.5\n");
    run("in.hdr", "", "out.nc");
    run("out.nc", "", "back.img");
    QCOMPARE(output<float>("back.img"), values);
  }
};

QTEST_APPLESS_MAIN(TestExactValues)
#include "tst_exact_values.moc"
