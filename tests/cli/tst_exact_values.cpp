// SPDX-License-Identifier: GPL-3.0-or-later
// Values at the limits of their types, from file to file: what a double cannot hold, what lies next to a half, what a header happens to
// say.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

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
    QTest::newRow("clamp of int64") << "clamp minimum=-100" << 14 << true;
    QTest::newRow("focal extreme of uint64") << "focal statistic=max size=3" << 15 << true;
    QTest::newRow("blocks of int64") << "coarsen x=2 statistic=max" << 14 << true;
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
