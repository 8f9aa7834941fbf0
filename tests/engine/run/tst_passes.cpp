// SPDX-License-Identifier: GPL-3.0-or-later
// Passes: what is learned first and applied then, and reductions that share one reading. Same bytes for any workers and budget.
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/io/sample/sample_cube.h"
#include "engine/preview/preview.h"
#include "engine/walk/fit_here.h"
#include "tests/support/engine.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;

class TestPasses : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::string m_cube;
  test::Engine m_engine;
  static constexpr int kLines = 640, kSamples = 600, kBands = 24;
  SyntheticCube m_truth{{kLines, kSamples, kBands, 0, 5}};
  double m_bytes = 4.0 * kLines * kSamples * kBands;  // 35 MiB: two parts

  std::string out(const QString& name) const { return m_folder.filePath(name).toStdString(); }

  struct Step {
    std::string id, op, input;
    Json params;
  };
  static Chain chainOf(const std::vector<Step>& steps) {
    Chain chain;
    for (const Step& step : steps) {
      Node node;
      node.id = step.id;
      node.op = step.op;
      if (!step.input.empty()) node.inputs = {step.input};
      node.params = step.params;
      chain.nodes.push_back(std::move(node));
    }
    return chain;
  }
  /// Statistics, a histogram and a minimum of one cube, each into a file of its own.
  Chain three() const {
    const Json dims{"y", "x"};
    return chainOf({{"cube", "open", "", {{"path", m_cube}}},
                    {"stats", "statistics", "cube", {{"dims", dims}}},
                    {"a", "write", "stats", {{"path", out("stats.zarr")}}},
                    {"histogram", "reduce", "cube", {{"dims", dims}, {"statistic", "histogram"}, {"range", "0,1"}}},
                    {"b", "write", "histogram", {{"path", out("histogram.zarr")}}},
                    {"least", "reduce", "cube", {{"dims", dims}, {"statistic", "min"}}},
                    {"c", "write", "least", {{"path", out("least.zarr")}}}});
  }
  Result<Plan> plan(const Chain& chain, const PlanOptions& options) const {
    auto graph = bindChain(chain, m_engine.registry, *m_engine.sources);
    if (!graph) return fail(graph.error());
    if (const Error* error = (*graph)->firstError()) return fail(*error);
    return makePlan(*graph, *m_engine.sinks, options);
  }
  RunReport run(const Chain& chain, const PlanOptions& options) const {
    auto made = plan(chain, options);
    if (!made) qFatal("%s", made.error().text().c_str());
    return Run::start(std::move(*made), m_engine.sinks)->wait();
  }
  /// All bytes of a folder.
  static QByteArray contents(const std::string& folder) {
    QByteArray all;
    QDir dir(QString::fromStdString(folder));
    for (const QString& name : dir.entryList(QDir::Files | QDir::Hidden, QDir::Name)) {
      QFile file(dir.filePath(name));
      if (file.open(QIODevice::ReadOnly)) all += name.toUtf8() + file.readAll();
    }
    for (const QString& name : dir.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name))
      all += contents(dir.filePath(name).toStdString());
    return all;
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(m_truth, m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    m_cube = *cube;
  }

  void reductionsShareOneReading() {
    const auto planned = plan(three(), {2, 0, {}, true});
    QVERIFY2(planned.has_value(), planned ? "" : planned.error().text().c_str());
    QCOMPARE(planned->passes, 1);
    QCOMPARE(planned->bytesToRead, m_bytes);
    QCOMPARE(planned->chunks, 3);
    QCOMPARE(Json::parse(planToJson(*planned, "three"))["passes"].get<int>(), 1);
    QByteArray first;
    for (const int workers : {1, 2, 7}) {
      const RunReport report = run(three(), {workers, 0, {}, true});
      QVERIFY2(report.status == RunStatus::Finished, report.errors.empty() ? "" : report.errors[0].text().c_str());
      QCOMPARE(report.outputs.size(), std::size_t{3});
      QCOMPARE(report.bytesRead, m_bytes);
      QCOMPARE(report.chunksDone, 3);
      QVERIFY(report.measuredPeakBytes <= report.projectedPeakBytes);
      for (const NodeProgress& node : report.nodes) {
        QCOMPARE(node.chunksDone, node.chunksTotal);
        if (node.id == "cube") QCOMPARE(node.bytesIn, m_bytes);
      }
      const QByteArray bytes = contents(out("stats.zarr")) + contents(out("histogram.zarr")) + contents(out("least.zarr"));
      if (first.isEmpty()) first = bytes;
      QVERIFY(bytes == first);
    }
    // Each by itself: the same bytes.
    const auto alone = m_engine.run("open " + m_cube + " ! reduce dims=y,x statistic=histogram range=0,1 ! write " + out("alone.zarr"));
    QVERIFY(alone.has_value() && alone->status == RunStatus::Finished);
    const auto counts = [](QByteArray all) { return all.replace("alone", "").replace("histogram", ""); };
    QCOMPARE(counts(contents(out("alone.zarr"))), counts(contents(out("histogram.zarr"))));
  }

  // A budget that cannot hold the states of all at once reads once for each.
  void tightBudgetsReadAgain() {
    PlanOptions options{1, 0, {}, true};
    QVERIFY(plan(three(), options).has_value());  // plans count the process's memory, which the first one of all lets grow
    const auto roomy = plan(three(), options);
    // A little above: the process itself may grow between two plans.
    options.memoryBudgetBytes = static_cast<std::int64_t>(roomy->leastBudgetBytes) + (3 << 20);
    const auto tight = plan(three(), options);
    QVERIFY2(tight->fits(), tight->refusals.empty() ? "" : tight->refusals[0].reason.c_str());
    QVERIFY(tight->passes > 1);
    QCOMPARE(tight->bytesToRead, tight->passes * m_bytes);
    const RunReport whole = run(three(), {1, 0, {}, true});
    const QByteArray expected = contents(out("histogram.zarr"));
    QVERIFY(whole.status == RunStatus::Finished);
    const RunReport report = Run::start(*tight, m_engine.sinks)->wait();
    QVERIFY2(report.status == RunStatus::Finished, report.errors.empty() ? "" : report.errors[0].text().c_str());
    QCOMPARE(contents(out("histogram.zarr")), expected);
  }

  void oneFailingMemberFailsTheRun() {
    const std::string blocked = out("blocked");
    QVERIFY(QDir().mkpath(QString::fromStdString(blocked)));
    auto chain = three();
    chain.nodes[4].params["path"] = blocked + "/b.zarr";
    auto made = plan(chain, {2, 0, {}, true});
    QVERIFY(made.has_value());
    QVERIFY(QDir(QString::fromStdString(blocked)).removeRecursively());  // between plan and run
    const auto report = Run::start(std::move(*made), m_engine.sinks)->wait();
    QCOMPARE(report.status, RunStatus::Failed);
    QCOMPARE(report.errors.size(), std::size_t{1});
    QCOMPARE(report.errors[0].node, std::string("b"));
  }

  void standardizeHasMeanZeroAndStdOne() {
    const std::string steps = "open " + m_cube + " ! standardize dims=y,x";
    const auto planned = m_engine.plan(steps + " ! write " + out("z.img"), {2, 0, {}, true});
    QVERIFY2(planned.has_value(), planned ? "" : planned.error().text().c_str());
    QCOMPARE(planned->passes, 2);
    QCOMPARE(planned->bytesToRead, 2 * m_bytes);
    const auto z = m_engine.bind(steps + " ! statistics dims=y,x");
    const auto statistics = test::valuesOf(**z);
    QVERIFY2(statistics.has_value(), statistics ? "" : statistics.error().text().c_str());
    for (std::size_t b = 0; b < kBands; ++b) {
      QVERIFY(std::abs((*statistics)[3 * kBands + b]) < 1e-6);
      QVERIFY(std::abs((*statistics)[4 * kBands + b] - 1) < 1e-6);
    }
    // Beside plain loops, nodata where it was.
    const auto graph = m_engine.bind(steps + " ! isel wavelength=3");
    QCOMPARE(*(*graph)->nodes.back().operation->spec().nodata, -9999.0);
    const auto values = test::valuesOf(**graph);
    double sum = 0, squares = 0, n = 0;
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x)
        if (m_truth.inside(y, x)) {
          sum += static_cast<double>(m_truth.value(3, y, x));
          ++n;
        }
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x)
        if (m_truth.inside(y, x)) squares += std::pow(static_cast<double>(m_truth.value(3, y, x)) - sum / n, 2);
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x) {
        const double got = (*values)[static_cast<std::size_t>(y * kSamples + x)];
        const double expected = (static_cast<double>(m_truth.value(3, y, x)) - sum / n) / std::sqrt(squares / n);
        if (m_truth.inside(y, x))
          QVERIFY2(std::abs(got - expected) <= 1e-6 * std::max(1.0, std::abs(expected)), qPrintable(QString::number(got - expected)));
        else
          QCOMPARE(got, -9999.0);
      }
  }

  void sameBytesForAnyWorkersAndBudget_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<int>("passes");
    QTest::newRow("per band") << "standardize dims=y,x" << 2;
    QTest::newRow("per pixel") << "standardize dims=wavelength" << 2;
    QTest::newRow("transposed") << "transpose dims=wavelength,y,x ! standardize dims=x,y" << 2;
    QTest::newRow("fit below fit") << "standardize dims=y,x ! calc expression=x*2 ! standardize dims=wavelength" << 3;
    QTest::newRow("searched quantiles") << "reduce dims=wavelength,y,x statistic=quantile q=0.1,0.5" << 0;
    QTest::newRow("median of z-scores") << "standardize dims=y,x ! reduce dims=wavelength,y,x statistic=quantile q=0,0.5" << 0;
    QTest::newRow("selected median") << "reduce dims=y,x statistic=median" << 1;
    QTest::newRow("statistics over wavelength") << "statistics dims=wavelength" << 1;
    QTest::newRow("histogram over y") << "reduce dims=y statistic=histogram bins=8 range=0,1" << 1;
  }
  void sameBytesForAnyWorkersAndBudget() {
    QFETCH(QString, steps);
    QFETCH(int, passes);
    QByteArray first;
    for (const auto& [workers, isTight] : {std::pair{1, false}, {2, false}, {7, false}, {2, true}}) {
      PlanOptions options{workers, 0, {}, true};
      const std::string in =
          "open " + m_cube + (steps.contains("standardize") ? " ! isel y=0:220 ! " : " ! ");  // 12 MiB to write are enough
      const std::string pipeline = in + steps.toStdString() + " ! write " + out("same.zarr") + " compress=none";
      const auto plan = m_engine.plan(pipeline, options);
      QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
      if (passes > 0) QCOMPARE(plan->passes, passes);
      if (isTight) options.memoryBudgetBytes = static_cast<std::int64_t>(plan->leastBudgetBytes * 1.02) + (1 << 20);
      const auto report = m_engine.run(pipeline, options);
      QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
      QVERIFY2(report->status == RunStatus::Finished, report->errors.empty() ? "" : report->errors[0].text().c_str());
      QVERIFY2(report->measuredPeakBytes <= report->projectedPeakBytes,
               qPrintable(QString("%1 of %2").arg(report->measuredPeakBytes).arg(report->projectedPeakBytes)));
      QCOMPARE(report->bytesRead, report->plannedReadBytes);
      for (const NodeProgress& node : report->nodes) QCOMPARE(node.chunksDone, node.chunksTotal);
      const QByteArray bytes = contents(out("same.zarr"));
      QVERIFY(!bytes.isEmpty());
      if (first.isEmpty()) first = bytes;
      QVERIFY(bytes == first);
      QVERIFY(QDir(QString::fromStdString(out("same.zarr"))).removeRecursively());
    }
  }

  // Set while the fit runs, it holds in the pass behind it, too, where decoded blocks are kept beside the chunks of a turned grid: four
  // chunks for four workers, none of which is shared.
  void aNewBudgetHoldsInEveryPass() {
    const std::string stored = out("budget.zarr");
    const auto made = m_engine.run("open " + m_cube + " ! transpose dims=wavelength,y,x ! write " + stored);
    QVERIFY(made.has_value() && made->status == RunStatus::Finished);
    auto plan = m_engine.plan(
        "open " + stored + " ! standardize dims=y,x ! reproject crs=EPSG:32613 resampling=nearest ! write " + out("budget.img"),
        {4, 0, {}, true});
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    const FitStage& fit = plan->fitStages[0];
    const Stage& last = plan->stages[0];
    const auto held = [&plan](const auto& phase, double chunks) {
      return plan->processBytes + phase.fixedBytes + chunks * phase.chunkBytes;
    };
    // A chunk and a half: one at a time, but for what the fit has begun by then.
    const double budget = std::max(held(fit, 1.5), held(last, 1.5)), begun = held(fit, fit.inFlight);
    QVERIFY(last.fixedBytes - fit.fixedBytes > last.chunkBytes && plan->projectedPeakBytes > std::max(budget, begun));
    const auto run = Run::start(std::move(*plan), m_engine.sinks, {});
    run->setMemoryBudget(static_cast<std::int64_t>(budget));
    const RunReport report = run->wait();
    QVERIFY(report.status == RunStatus::Finished);
    QVERIFY2(report.measuredPeakBytes <= std::max(budget, begun),
             qPrintable(QString("%1 of %2 or %3").arg(report.measuredPeakBytes).arg(budget).arg(begun)));
  }

  // What the output's sink keeps does not lie beside the buffers of the fit before it.
  void eachPassHasAPeakOfItsOwn() {
    const std::string counts = out("counts.nc");
    const auto made =
        m_engine.run("open " + m_cube + " ! transpose dims=wavelength,y,x ! astype dtype=int16 ! write " + counts + " compress=deflate");
    QVERIFY(made.has_value() && made->status == RunStatus::Finished);
    for (const char* steps : {"standardize dims=wavelength", "standardize dims=y,x", "standardize dims=y,x ! isel wavelength=0:2"}) {
      const auto report =
          m_engine.run("open " + counts + " ! " + steps + " ! write " + out("scores.tif") + " format=COG", {1, 0, {}, true});
      QVERIFY(report.has_value() && report->status == RunStatus::Finished);
      QVERIFY2(report->measuredPeakBytes <= report->projectedPeakBytes,
               qPrintable(QString("%1: %2 of %3").arg(steps).arg(report->measuredPeakBytes).arg(report->projectedPeakBytes)));
    }
  }

  // 35 MiB of values, and half of that beside the process itself: counted, never held.
  void searchedQuantilesStayWithinABudget() {
    const std::string pipeline = "open " + m_cube + " ! reduce dims=wavelength,y,x statistic=quantile q=0,0.3,1 ! write " + out("q.zarr");
    PlanOptions options{1, 0, {}, true};
    const auto roomy = m_engine.plan(pipeline, options);
    QVERIFY(roomy->leastBudgetBytes - roomy->processBytes < 0.5 * m_bytes);
    options.memoryBudgetBytes = static_cast<std::int64_t>(roomy->leastBudgetBytes) + (1 << 20);
    const auto report = m_engine.run(pipeline, options);
    QVERIFY(report->status == RunStatus::Finished);
    std::vector<float> all;
    for (int b = 0; b < kBands; ++b)
      for (int y = 0; y < kLines; ++y)
        for (int x = 0; x < kSamples; ++x)
          if (m_truth.inside(y, x)) all.push_back(m_truth.value(b, y, x));
    std::sort(all.begin(), all.end());
    const double place = 0.3 * static_cast<double>(all.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double between = static_cast<double>(all[below]) +
                           (place - std::floor(place)) * (static_cast<double>(all[below + 1]) - static_cast<double>(all[below]));
    const auto got = test::valuesOf(**m_engine.bind("open " + out("q.zarr")));
    QVERIFY2(got.has_value(), got ? "" : got.error().text().c_str());
    QCOMPARE((*got)[0], static_cast<double>(all.front()));
    QCOMPARE((*got)[1], static_cast<double>(static_cast<float>(between)));
    QCOMPARE((*got)[2], static_cast<double>(all.back()));
  }

  void budgetsBelowAFitAreRefused() {
    PlanOptions options{1, 0, {}, true};
    const std::string pipeline = "open " + m_cube + " ! standardize dims=y,x ! write " + out("refused.img");
    const auto roomy = m_engine.plan(pipeline, options);
    options.memoryBudgetBytes = static_cast<std::int64_t>(roomy->processBytes) + 4096;
    const auto refused = m_engine.plan(pipeline, options);
    QVERIFY(refused.has_value() && !refused->fits());
    QVERIFY(refused->refusals[0].reason.find("does not fit") != std::string::npos);
  }

  void cancelDuringAFit() {
    auto made = m_engine.plan("open " + m_cube + " ! reduce dims=wavelength,y,x statistic=quantile q=0,1 ! write " + out("canceled.zarr"),
                              {2, 0, {}, true});
    const auto started = Run::start(std::move(*made), m_engine.sinks);
    QElapsedTimer timer;
    timer.start();
    started->cancel();
    QCOMPARE(started->wait().status, RunStatus::Canceled);
    QVERIFY(timer.elapsed() < 1000);
    QVERIFY(!QDir(QString::fromStdString(out("canceled.zarr"))).exists());
  }

  void resumedRunsFitAgain() {
    const std::string pipeline = "open " + m_cube + " ! standardize dims=y,x ! write " + out("resumed.img");
    QVERIFY(m_engine.run(pipeline, {2, 0, {}, true})->status == RunStatus::Finished);
    const QByteArray expected = test::contentOf(out("resumed.img"));
    auto made = m_engine.plan(pipeline, {2, 0, {}, true});
    RunOptions keep;
    keep.keepUnfinished = true;
    {
      const auto interrupted = Run::start(std::move(*made), m_engine.sinks, keep);
      while (interrupted->snapshot().fraction < 0.7 && !interrupted->isFinished()) QThread::msleep(1);
      interrupted->cancel();
      interrupted->wait();
    }
    PlanOptions options{2, 0, {}, true};
    options.resume = true;
    const auto report = m_engine.run(pipeline, options);
    QVERIFY2(report->status == RunStatus::Finished, report->errors.empty() ? "" : report->errors[0].text().c_str());
    QCOMPARE(test::contentOf(out("resumed.img")), expected);
  }

  void previewsLearnFromASample() {
    const auto graph = m_engine.bind("open " + m_cube + " ! standardize dims=y,x");
    PreviewRequest request;
    request.node = 1;
    request.bands = {5};
    const auto sampled = renderPreview(**graph, request, {});
    QVERIFY2(sampled.has_value(), sampled ? "" : sampled.error().text().c_str());
    QVERIFY(sampled->approximate);
    QVERIFY(sampled->bytesRead < 0.7 * m_bytes);
    EvaluateContext context;
    const auto fitted = fitHere(**graph, 1, 0, context);
    QVERIFY(fitted.has_value() && !fitted->isApproximate);
    const auto exact = renderPreview(*fitted->graph, request, {});
    QVERIFY(!exact->approximate);
    double largest = 0;
    for (std::size_t i = 0; i < exact->bands[0].size(); ++i)
      if (!std::isnan(exact->bands[0][i]))
        largest = std::max(largest, static_cast<double>(std::abs(exact->bands[0][i] - sampled->bands[0][i])));
    QVERIFY2(largest > 0 && largest < 0.05, qPrintable(QString::number(largest)));
    request.maxReadBytes = 100;
    QVERIFY(renderPreview(**graph, request, {}).error().code == ErrorCode::OverBudget);
    const auto spectrum = readSpectrum(**graph, 1, kLines / 2, kSamples / 2, {}, {});
    QVERIFY(spectrum.has_value() && spectrum->size() == kBands);
  }

  void canceledPreviewsSaySo() {
    const auto graph = m_engine.bind("open " + m_cube + " ! standardize dims=y,x");
    CancelToken cancel;
    cancel.cancel();
    PreviewRequest request;
    request.node = 1;
    QVERIFY(renderPreview(**graph, request, cancel).error().code == ErrorCode::Canceled);
  }

  // A z-score can be 0, so 0 can be no nodata; and a set of equal values has none.
  void nodataThatScoresCouldBe() {
    const auto ramps = std::make_shared<test::RampProvider>();
    ArraySpec spec = test::rampSpec(2, 1, 3, Affine{}, "");
    spec.type = PixelType::UInt8;
    spec.nodata = 0;
    ramps->add("small", spec, [](const std::vector<std::int64_t>& i) { return i[0] == 1 ? 5.0 : static_cast<double>(i[2]); });
    test::Engine engine;
    engine.sources = ramps;
    const auto graph = engine.bind("open small ! standardize dims=y,x");
    QVERIFY(std::isnan(*(*graph)->nodes.back().operation->spec().nodata));
    const auto z = test::valuesOf(**graph);
    QVERIFY(std::isnan((*z)[0]) && (*z)[1] == -1 && (*z)[2] == 1);
    QVERIFY(std::isnan((*z)[3]) && std::isnan((*z)[4]) && std::isnan((*z)[5]));
  }
};

QTEST_APPLESS_MAIN(TestPasses)
#include "tst_passes.moc"
