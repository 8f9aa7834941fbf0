// SPDX-License-Identifier: GPL-3.0-or-later
// How long a plan is expected to take: from what runs took here, and from nothing else.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>

#include "engine/io/sample/sample_cube.h"
#include "engine/run/eta.h"
#include "engine/run/machine_rates.h"
#include "tests/support/engine.h"

using namespace cubeloom;

namespace {

/// Of a cube of 16 MiB.
Plan planOf(const test::Engine& engine, const QTemporaryDir& folder, const char* method, int workers, std::int64_t lines = 400) {
  SyntheticCubeSize size;
  size.lines = lines;
  size.samples = 480;
  size.bands = 22;
  const auto header = writeSyntheticCube(SyntheticCube(size), folder.path().toStdString(), "cube" + std::to_string(lines));
  PlanOptions options;
  options.workers = workers;
  options.overwrite = true;
  return engine
      .plan("open " + header.value() + " ! reproject crs=EPSG:32610 resolution=4 resampling=" + method + " ! write " +
                folder.filePath("out.tif").toStdString(),
            options)
      .value();
}

/// A run of `plan` in which a byte of every step takes a worker `secondsPerByte`, and one that is written as much again at the end.
RunReport reportOf(const Plan& plan, double secondsPerByte) {
  RunReport report;
  double all = 0;
  for (const PlanNode& node : plan.nodes) {
    NodeProgress done;
    done.id = node.id;
    done.op = node.op;
    done.seconds = secondsPerByte * std::max(node.bytesToRead, node.bytesToMake);
    all += done.seconds;
    report.nodes.push_back(done);
  }
  report.bytesWritten = plan.bytesToWrite;
  report.wallSeconds = 0.03 + all / plan.workers + secondsPerByte * plan.bytesToWrite;
  return report;
}

}  // namespace

class TstMachineRates : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    m_home = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_home->path().toUtf8());
  }

  /// What was never run is named; nothing is made up for it.
  void unknownStepsAreNamed() {
    QTemporaryDir folder;
    const Plan plan = planOf(m_engine, folder, "bilinear", 2);
    const ExpectedTime expected = MachineRates().expect(plan);
    QCOMPARE(expected.unmet, (std::vector<std::string>{"open bil", "reproject bilinear", "write .tif"}));
  }

  /// A run like those before takes as long as they did.
  void likeRunsTakeAlike() {
    QTemporaryDir folder;
    const Plan plan = planOf(m_engine, folder, "bilinear", 2);
    MachineRates rates;
    for (int i = 0; i < 6; ++i) rates.learn(plan, reportOf(plan, 1e-8));
    const ExpectedTime expected = rates.expect(plan);
    QVERIFY(expected.unmet.empty());
    const double wall = reportOf(plan, 1e-8).wallSeconds;
    QVERIFY2(expected.low < wall && wall < expected.high,
             qPrintable(QString("%1 in %2..%3").arg(wall).arg(expected.low).arg(expected.high)));
    QVERIFY2(expected.high < 1.6 * expected.low, "six equal runs leave little doubt");
  }

  /// One run says less than six, and runs that differ widen the range.
  void doubtWidensTheRange() {
    QTemporaryDir folder;
    const Plan plan = planOf(m_engine, folder, "bilinear", 2);
    MachineRates one, six, differing;
    one.learn(plan, reportOf(plan, 1e-8));
    for (int i = 0; i < 6; ++i) {
      six.learn(plan, reportOf(plan, 1e-8));
      differing.learn(plan, reportOf(plan, i % 2 ? 4e-8 : 1e-8));
    }
    const auto width = [&plan](const MachineRates& rates) { return rates.expect(plan).high / rates.expect(plan).low; };
    QVERIFY(width(one) > width(six));
    QVERIFY(width(differing) > width(six));
    QVERIFY(differing.expect(plan).high > reportOf(plan, 4e-8).wallSeconds * 0.8);
  }

  /// Another method of the same operation is another rate; until it has run, the slowest that is known stands for it.
  void methodsHaveRatesOfTheirOwn() {
    QTemporaryDir folder;
    const Plan nearest = planOf(m_engine, folder, "nearest", 1), cubic = planOf(m_engine, folder, "cubic", 1);
    MachineRates rates;
    rates.learn(nearest, reportOf(nearest, 1e-9));
    QVERIFY(rates.expect(cubic).unmet.empty());
    const double before = rates.expect(cubic).high;
    rates.learn(cubic, reportOf(cubic, 1e-7));
    QVERIFY(rates.expect(cubic).low > before);
    QVERIFY(rates.steps().contains("reproject nearest") && rates.steps().contains("reproject cubic"));
  }

  /// What a small output waits for at its end (files opened, checked, renamed) does not grow with its size; and nothing is taken from
  /// another kind of output.
  void smallOutputsSayNothingOfTheEndsOfLargeOnes() {
    QTemporaryDir folder;
    const Plan small = planOf(m_engine, folder, "bilinear", 2, 60), large = planOf(m_engine, folder, "bilinear", 2);
    MachineRates rates;
    RunReport report = reportOf(small, 1e-9);
    report.wallSeconds += 1;
    rates.learn(small, report);
    QVERIFY2(rates.expect(large).high < reportOf(large, 1e-9).wallSeconds + 2, qPrintable(QString::number(rates.expect(large).high)));
  }

  /// Of most outputs little is not on the disk by the last chunk; of a Zarr's many files nothing is: its end grows with all of it.
  void theEndOfAZarrGrowsWithAllOfIt() {
    constexpr double kGiB = 1073741824.0;
    QVERIFY(isFlushedEarly("GTiff") && !isFlushedEarly("Zarr"));
    QCOMPARE(publishingSeconds(0, 10 * kGiB), publishingSeconds(0, 20 * kGiB));
    QCOMPARE(publishingSeconds(0, 20 * kGiB, false), 2 * publishingSeconds(0, 10 * kGiB, false));
  }

  /// Kept from one program to the next, beside what other machines that share the folder keep.
  void keptBesideOtherMachines() {
    QTemporaryDir folder;
    const Plan plan = planOf(m_engine, folder, "bilinear", 2);
    QVERIFY(QDir(m_home->path()).mkpath("cubeloom"));
    std::ofstream(machineRatesPath()) << "{\"cubeloom_rates\": 1, \"machines\": {\"another\": {\"open bil\": [-20.5, 0.1, 3]}}}";
    MachineRates rates = MachineRates::load();
    QVERIFY(rates.steps().empty());
    rates.learn(plan, reportOf(plan, 1e-8));
    QVERIFY(rates.save());
    const MachineRates again = MachineRates::load();
    QCOMPARE(again.steps().size(), rates.steps().size());
    QCOMPARE(again.expect(plan).high, rates.expect(plan).high);
    std::ifstream file(machineRatesPath());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    QVERIFY(text.find("another") != std::string::npos);
  }

  /// What is damaged or not ours is as nothing.
  void damagedFilesSayNothing_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut off") << QByteArray("{\"cubeloom_rates\": 1, \"machi");
    QTest::newRow("another version") << QByteArray("{\"cubeloom_rates\": 2, \"machines\": {}}");
    QTest::newRow("a list") << QByteArray("[1, 2]");
    const QByteArray here = QSysInfo::machineHostName().toUtf8();
    QTest::newRow("a rate beyond all bounds") << "{\"cubeloom_rates\": 1, \"machines\": {\"" + here + "\": {\"calc\": [1000, 0.1, 3]}}}";
    QTest::newRow("a variance below 0") << "{\"cubeloom_rates\": 1, \"machines\": {\"" + here + "\": {\"calc\": [-20, -1, 3]}}}";
    QTest::newRow("machines of another kind") << QByteArray("{\"cubeloom_rates\": 1, \"machines\": 7}");
  }
  void damagedFilesSayNothing() {
    QFETCH(QByteArray, text);
    QVERIFY(QDir(m_home->path()).mkpath("cubeloom"));
    std::ofstream(machineRatesPath()) << text.toStdString();
    QVERIFY(MachineRates::load().steps().empty());
  }

 private:
  const test::Engine m_engine;
  std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_GUILESS_MAIN(TstMachineRates)
#include "tst_machine_rates.moc"
