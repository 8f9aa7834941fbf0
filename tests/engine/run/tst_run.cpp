// SPDX-License-Identifier: GPL-3.0-or-later
// Runs: the same bytes for any workers and budget, memory as projected, cancel, refusal, nothing half-finished.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "engine/io/sample/sample_cube.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestRun : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::string m_cube, m_wide;
  test::Engine m_engine;

  std::string out(const QString& name) const { return m_folder.filePath(name).toStdString(); }
  /// 130 bands of 12,023 x 13,739 pixels, a hole without a block on disk.
  std::string writeHollow() const {
    const test::EnviRaster raster{
        .samples = 13739, .lines = 12023, .bands = 130, .more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\n"};
    QFile file(m_folder.filePath("hollow"));
    if (!file.open(QIODevice::WriteOnly) || !file.resize(qint64{4} * 13739 * 12023 * 130))
      qFatal("cannot make %s", qPrintable(file.fileName()));
    test::writeFile(file.fileName().toStdString() + ".hdr", raster.header());
    return file.fileName().toStdString();
  }
  QStringList leftovers() const {
    return QDir(m_folder.path()).entryList({"*part*", ".*part*"}, QDir::Files | QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({240, 275, 24, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    m_cube = *cube;
    const auto wide = writeSyntheticCube(SyntheticCube({700, 650, 24, 0, 5}), m_folder.path().toStdString(), "wide");
    QVERIFY(wide.has_value());
    m_wide = *wide;
  }

  void sameBytesForAnyWorkersAndBudget_data() {
    QTest::addColumn<QString>("steps");
    QTest::newRow("founding job") << "transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=50 ! write %1.tif";
    QTest::newRow("COG, deflate")
        << "isel y=0:310 x=0:430 ! reproject crs=EPSG:4326 resampling=bilinear ! write %1.tif format=COG compress=deflate";
    QTest::newRow("all bands in a block")
        << "isel y=0:620 x=0:530 wavelength=0:8 ! transpose dims=wavelength,y,x ! write %1.tif compress=lzw interleave=pixel overviews=all";
    QTest::newRow("all bands in a block, in place") << "isel y=0:310 wavelength=0:9 ! write %1.tif interleave=pixel";
    QTest::newRow("average to ENVI") << "isel y=0:310 x=0:430 ! reproject crs=EPSG:3310 resolution=20 resampling=average ! write %1.img";
    QTest::newRow("NDVI") << "calc expression=(nm(865)-nm(650))/(nm(865)+nm(650)) ! write %1.tif compress=zstd";
    QTest::newRow("mean of the picture") << "reduce dims=y,x statistic=mean ! write %1.img";
    QTest::newRow("std of everything but bands") << "reduce dims=x,y statistic=std ! write %1.img";
    QTest::newRow("mean over wavelength") << "reduce dims=wavelength statistic=mean ! write %1.img";
  }
  void sameBytesForAnyWorkersAndBudget() {
    QFETCH(QString, steps);
    QByteArray first;
    for (const auto& [workers, budget] : {std::pair{1, 0L}, {2, 0L}, {7, 0L}, {2, 1L}, {1, 1L}}) {
      const std::string path = out("same");
      PlanOptions options{workers, 0, {}, true};
      const std::string pipeline = "open " + m_wide + " ! " + steps.arg(QString::fromStdString(path)).toStdString();
      if (budget) {  // the least that the plan says would do
        const auto plan = m_engine.plan(pipeline, options);
        QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
        options.memoryBudgetBytes = static_cast<std::int64_t>(plan->leastBudgetBytes * 1.02) + (1 << 20);
      }
      const auto report = m_engine.run(pipeline, options);
      QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
      QVERIFY2(report->status == RunStatus::Finished, report->errors.empty() ? "" : report->errors[0].text().c_str());
      QVERIFY2(report->measuredPeakBytes <= report->projectedPeakBytes,
               qPrintable(QString("%1 of %2").arg(report->measuredPeakBytes).arg(report->projectedPeakBytes)));
      QVERIFY(report->projectedPeakBytes <= report->memoryBudgetBytes);
      // Planning bounds the footprint of a turned warp; everything else is told to the byte.
      QVERIFY2(report->bytesRead <= report->plannedReadBytes && report->bytesRead >= 0.8 * report->plannedReadBytes,
               qPrintable(QString("read %1, planned %2").arg(report->bytesRead).arg(report->plannedReadBytes)));
      QCOMPARE(report->chunksDone, report->chunksTotal);
      QVERIFY(report->chunksTotal > 2 || steps.startsWith("reduce"));  // those are shared out in parts
      const QByteArray content = test::contentOf(report->outputs[0].path);
      QVERIFY(!content.isEmpty());
      if (first.isEmpty()) first = content;
      QCOMPARE(content, first);
    }
    QCOMPARE(leftovers(), QStringList());
  }

  void readsOnlyTheLinesItNeeds() {
    const auto plan = m_engine.plan(
        "open " + m_cube + " ! transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=50 ! write " + out("lines.tif"),
        {2, 0, {}, true});
    QVERIFY(plan.has_value());
    const auto lines = readPlan(*plan, "open");
    QVERIFY(lines.has_value());
    QCOMPARE(lines->lines, 240);
    // 5 m to 50 m: one line in ten.
    QCOMPARE(lines->touchedLines(), 24);
    // Whole lines, but for the samples before the first and behind the last one taken.
    const double lineBytes = 24.0 * 275 * 4;
    QVERIFY(plan->bytesToRead <= 24 * lineBytes && plan->bytesToRead >= 23.9 * lineBytes);
  }

  // Each worker's ring of events holds some thousand: a run without a listener must not wait for one.
  void manyChunksWithNobodyLooking() {
    auto plan = m_engine.plan("open " + m_cube + " ! isel wavelength=3", {2, 0, "isel", false});
    QVERIFY(plan.has_value());
    plan->stages[0].chunks = ChunkGrid({240, 275}, {2, 11});
    plan->chunks = plan->stages[0].chunks.count();
    QCOMPARE(plan->chunks, 3000);
    const auto run = Run::start(std::move(*plan), m_engine.sinks);
    const auto report = run->wait();
    QVERIFY(report.status == RunStatus::Finished);
    std::size_t cursor = 0;
    QVERIFY(run->events(cursor).size() >= 3 * 3000);
  }

  // Thousands of chunks are not all looked at: the sample's sum still is the file, edges and all.
  void planOfManyChunksTellsTheBytes() {
    const double bytes = 4.0 * 13739 * 12023 * 130;
    const std::string hollow = writeHollow();
    const auto plan =
        m_engine.plan("open " + hollow + " ! reproject resolution=500 resampling=average ! write " + out("many.tif"), {2, 0, {}, true});
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QVERIFY2(plan->chunks > 3000 || !plan->fits(), qPrintable(QString::number(plan->chunks)));
    QVERIFY2(std::abs(plan->bytesToRead - bytes) < 0.02 * bytes, qPrintable(QString("%1 of %2").arg(plan->bytesToRead).arg(bytes)));
  }

  // Nearest onto a rotated grid asks for its samples one by one: chunks of a few bands would ask for all of them again and again.
  void rotatedWarpIsCutAlongItsRows() {
    const auto plan = m_engine.plan(
        "open " + writeHollow() + " ! transpose dims=band,y,x ! reproject crs=EPSG:3310 resolution=500 ! write " + out("rotated.tif"),
        {2, 0, {}, true});
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    const std::vector<std::int64_t> chunk = plan->stages[0].chunks.chunkShape();
    QCOMPARE(chunk[0], 130);
    QVERIFY2(chunk[1] < 20, qPrintable(QString::number(chunk[1])));
  }

  void tightBudgetKeepsChunksSensible() {
    const std::string pipeline =
        "open " + m_wide + " ! calc expression=(nm(865)-nm(650))/(nm(865)+nm(650)) ! write " + out("tight.tif") + " compress=zstd";
    const auto roomy = m_engine.plan(pipeline, {2, 0, {}, true});
    QVERIFY(roomy.has_value());
    const auto tight = m_engine.plan(pipeline, {2, static_cast<std::int64_t>(roomy->leastBudgetBytes * 1.02), {}, true});
    QVERIFY(tight.has_value() && tight->fits());
    QVERIFY2(tight->chunks <= 16 * roomy->chunks, qPrintable(QString("%1 chunks, %2 with room").arg(tight->chunks).arg(roomy->chunks)));
  }

  // Bands that share a block cannot be written one by one: with little memory chunks have fewer rows and columns instead.
  void sharedBlocksKeepTheirBandsTogether() {
    const std::string pipeline = "open " + m_wide + " ! transpose dims=wavelength,y,x ! write " + out("together.tif");
    for (const std::string options : {" interleave=pixel", " compress=zstd interleave=pixel", " format=COG interleave=pixel"}) {
      const auto roomy = m_engine.plan(pipeline + options, {2, 0, {}, true});
      QVERIFY2(roomy.has_value(), roomy ? "" : roomy.error().text().c_str());
      const auto tight = m_engine.plan(pipeline + options, {1, static_cast<std::int64_t>(roomy->leastBudgetBytes), {}, true});
      QVERIFY(tight.has_value());
      const ChunkGrid& some = roomy->stages[0].chunks;
      const ChunkGrid& more = tight->stages[0].chunks;
      QCOMPARE(some.chunkShape()[0], some.shape()[0]);
      QCOMPARE(more.chunkShape()[0], more.shape()[0]);
      QVERIFY(more.chunkShape()[1] < more.shape()[1]);
    }
  }

  void memoryResultNeedsNoFile() {
    const auto report = m_engine.run("open " + m_cube + " ! isel wavelength=3", {2, 0, "isel", false});
    QVERIFY(report.has_value() && report->status == RunStatus::Finished);
    const BlockView& view = report->outputs[0].memory;
    QCOMPARE(view.shape, (std::vector<std::int64_t>{240, 275}));
    const SyntheticCube truth({240, 275, 24, 0, 5});
    for (const auto& [y, x] : {std::pair{0, 0}, {120, 137}, {239, 274}}) QCOMPARE(view.as<float>()[y * 275 + x], truth.value(3, y, x));
  }

  void refusesWhatDoesNotFit() {
    const auto plan = m_engine.plan("open " + m_wide + " ! isel y=0:700", {2, 90 << 20, "isel", false});
    QVERIFY(plan.has_value());
    QVERIFY(!plan->fits());
    QVERIFY(!plan->refusals[0].remedies.empty());
    const auto report = Run::start(*plan, m_engine.sinks)->wait();
    QVERIFY(report.status == RunStatus::Refused);
    QVERIFY(report.outputs.empty());
  }

  void cancelLeavesNothing() {
    const std::string path = out("canceled.tif");
    auto plan =
        m_engine.plan("open " + m_wide + " ! reproject crs=EPSG:3310 resolution=1 resampling=cubic ! write " + path + " compress=zstd",
                      {2, 0, {}, false});
    QVERIFY(plan.has_value());
    const auto run = Run::start(std::move(*plan), m_engine.sinks);
    QThread::msleep(200);
    QVERIFY(!run->isFinished());
    run->cancel();
    QElapsedTimer clock;
    clock.start();
    const auto report = run->wait();
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(report.status == RunStatus::Canceled);
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
    QCOMPARE(leftovers(), QStringList());
    // A second run works.
    const auto again = m_engine.run("open " + m_cube + " ! isel wavelength=0 ! write " + path);
    QVERIFY(again.has_value() && again->status == RunStatus::Finished);
  }

  void pauseAndWorkersWhileRunning() {
    auto plan = m_engine.plan("open " + m_wide + " ! reproject crs=EPSG:3310 resolution=3 resampling=cubic ! write " + out("paused.tif"),
                              {2, 0, {}, true});
    QVERIFY(plan.has_value());
    const auto run = Run::start(std::move(*plan), m_engine.sinks);
    run->setPaused(true);
    QThread::msleep(300);
    const auto held = run->snapshot().states[static_cast<std::size_t>(ChunkState::Done)];
    QThread::msleep(300);
    QVERIFY(run->snapshot().states[static_cast<std::size_t>(ChunkState::Done)] - held <= 2);
    run->setWorkers(1);
    run->setPaused(false);
    double fraction = 0;
    int seenInHand = 0;
    while (!run->isFinished()) {
      const Snapshot now = run->snapshot();
      QVERIFY(now.fraction >= fraction);
      fraction = now.fraction;
      for (const WorkInHand& work : now.inHand) {
        ++seenInHand;
        QVERIFY(work.index >= 0 && work.index < run->plan().chunks && work.stage == 0);
        QVERIFY(work.start > 0 && work.start <= now.t + 1e-3);
        QVERIFY(work.phase == ChunkState::Reading || work.phase == ChunkState::Computing || work.phase == ChunkState::Writing);
      }
      QThread::msleep(5);
    }
    QVERIFY(seenInHand > 0);
    QVERIFY(run->snapshot().inHand.empty());
    QVERIFY(run->wait().status == RunStatus::Finished);
    QCOMPARE(run->snapshot().fraction, 1.0);
    std::size_t cursor = 0;
    std::int64_t done = 0;
    for (const ChunkEvent& event : run->events(cursor)) done += event.phase == ChunkState::Done;
    QCOMPARE(done, run->plan().chunks);
  }

  void inputChangedDuringTheRunIsCaught() {
    const QTemporaryDir folder;
    const auto cube = writeSyntheticCube(SyntheticCube({400, 300, 24, 0, 5}), folder.path().toStdString(), "cube");
    QVERIFY(cube.has_value());
    const std::string path = folder.filePath("o.tif").toStdString();
    test::Engine engine;
    auto plan = engine.plan("open " + *cube + " ! reproject crs=EPSG:3310 resolution=1 resampling=cubic ! write " + path);
    QVERIFY(plan.has_value());
    const auto run = Run::start(std::move(*plan), engine.sinks);
    QFile data(folder.filePath("cube"));
    QVERIFY(data.open(QIODevice::ReadWrite));
    QVERIFY(data.seek(0) && data.write("xxxx") == 4);
    data.close();
    const auto report = run->wait();
    QVERIFY(report.status == RunStatus::Failed);
    QVERIFY2(report.errors[0].message.find("changed") != std::string::npos, report.errors[0].message.c_str());
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
  }

  void inputIsNeverOverwritten() {
    const auto plan = m_engine.plan("open " + m_cube + " ! isel wavelength=0 ! write " + out("cube") + " format=ENVI overwrite=true");
    QVERIFY(!plan.has_value());
    QVERIFY2(plan.error().text().find("input") != std::string::npos, plan.error().text().c_str());
  }
};

QTEST_APPLESS_MAIN(TestRun)
#include "tst_run.moc"
