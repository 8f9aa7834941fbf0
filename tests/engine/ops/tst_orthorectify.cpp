// SPDX-License-Identifier: GPL-3.0-or-later
// orthorectify: every value is the swath's at the line and sample that the table names, in each order of the swath's dims, read in parts;
// and a table that cannot be the swath's is refused.
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <random>

#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/fit_here.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

/// [sample, line][row, col]
using Table = std::array<std::vector<std::int32_t>, 2>;

constexpr int kLines = 90, kSamples = 40, kBands = 5, kRows = 100, kCols = 80;

/// A flight line at an angle of 30 degrees to the grid, its pixels as wide as the grid's; every seventh pixel as if filled in.
Table flightLine() {
  Table table;
  for (int row = 0; row < kRows; ++row)
    for (int col = 0; col < kCols; ++col) {
      const double x = col - 50, y = row - 2;
      const int sample = static_cast<int>(std::floor(x * 0.866 + y * 0.5)) + 1,
                line = static_cast<int>(std::floor(y * 0.866 - x * 0.5)) + 1;
      const bool isInside = sample >= 1 && line >= 1 && sample <= kSamples && line <= kLines;
      const int sign = (row + col) % 7 == 0 ? -1 : 1;
      table[0].push_back(isInside ? sign * sample : 0);
      table[1].push_back(isInside ? sign * line : 0);
    }
  return table;
}

}  // namespace

class TestOrthorectify : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;
  Table m_table = flightLine();

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  /// One plane per list.
  void writeTable(const std::string& name, const std::vector<std::vector<std::int32_t>>& planes, int rows, int cols) const {
    test::GdalFile file;
    file.path = at(name);
    file.type = PixelType::Int32;
    file.bands = static_cast<int>(planes.size());
    file.rows = rows;
    file.cols = cols;
    file.geotransform = {500000, 5, 2, 4000000, 2, -5};
    std::vector<std::byte> bytes;
    for (const auto& plane : planes) {
      const auto* first = reinterpret_cast<const std::byte*>(plane.data());
      bytes.insert(bytes.end(), first, first + plane.size() * sizeof(std::int32_t));
    }
    QCOMPARE(test::writeGdalFile(file, bytes), std::string());
  }

  void writeSwath(const std::string& name, const std::string& interleave, int lines, int samples, int bands) const {
    test::EnviRaster swath;
    swath.lines = lines;
    swath.samples = samples;
    swath.bands = bands;
    swath.interleave = interleave;
    swath.more = "data ignore value = -9999\n";
    swath.write(at(name));
  }

  Result<std::shared_ptr<const Graph>> bind(const std::string& swath, const std::string& tables, const std::string& more = {}) const {
    return m_engine.bind(swath + " " + tables + more);
  }
  std::string swath(const std::string& name) const { return "! swath= open " + at(name); }
  std::string table(const std::string& name) const { return "! glt= open " + at(name) + " ! orthorectify [swath] [glt]"; }

  QString problem(const std::string& pipeline) const {
    const auto graph = m_engine.bind(pipeline);
    if (!graph) return QString::fromStdString(graph.error().text());
    const auto values = test::valuesOf(**graph);
    return values ? QString("bound") : QString::fromStdString(values.error().text());
  }

 private slots:
  void initTestCase() {
    writeTable("glt.tif", {m_table[0], m_table[1]}, kRows, kCols);
    writeTable("x.tif", {m_table[0]}, kRows, kCols);
    writeTable("y.tif", {m_table[1]}, kRows, kCols);
    for (const char* interleave : {"bil", "bip", "bsq"}) writeSwath(interleave, interleave, kLines, kSamples, kBands);
  }

  void everyPixelIsTheOneNamed_data() {
    QTest::addColumn<QString>("swathFile");
    QTest::addColumn<bool>("isTwo");
    QTest::addColumn<bool>("infill");
    for (const char* name : {"bil", "bip", "bsq"})
      for (const bool isTwo : {false, true})
        QTest::newRow(qPrintable(QString("%1, %2").arg(name, isTwo ? "two files" : "two bands"))) << name << isTwo << true;
    QTest::newRow("without what is filled in") << "bil" << false << false;
  }
  void everyPixelIsTheOneNamed() {
    QFETCH(QString, swathFile);
    QFETCH(bool, isTwo);
    QFETCH(bool, infill);
    const std::string tables =
        isTwo ? "! x= open " + at("x.tif") + " ! y= open " + at("y.tif") + " ! orthorectify [swath] [x] [y]" : table("glt.tif");
    const auto graph = bind(swath(swathFile.toStdString()), tables, infill ? "" : " infill=false");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = test::lastOf(**graph).operation->spec();
    QVERIFY(spec.geobox && spec.geobox->affine() == (Affine{5, 2, 500000, 2, -5, 4000000}));
    QCOMPARE(spec.geobox->crs().label(), std::string("EPSG:32610"));
    const auto values = test::valuesOf(**graph);
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    const int band = 3 - spec.yDim - spec.xDim;
    const auto strides = denseStrides(spec.shape(), 1);
    int found = 0;
    for (std::int64_t row = 0; row < kRows; ++row)
      for (std::int64_t col = 0; col < kCols; ++col)
        for (std::int64_t b = 0; b < kBands; ++b) {
          const auto place = static_cast<std::size_t>(row * kCols + col);
          const int sample = m_table[0][place], line = m_table[1][place];
          const bool isThere = infill ? sample != 0 : sample > 0;
          const double expected = isThere ? test::EnviRaster::valueAt(std::abs(line) - 1, std::abs(sample) - 1, b) : -9999;
          const double value = (*values)[static_cast<std::size_t>(row * strides[static_cast<std::size_t>(spec.yDim)] +
                                                                  col * strides[static_cast<std::size_t>(spec.xDim)] +
                                                                  b * strides[static_cast<std::size_t>(band)])];
          QCOMPARE(value, expected);
          found += isThere;
        }
    QVERIFY(found > 10000);
  }

  // A table without any order asks for pixels all over the swath: they are read in tiles, in less memory than the swath takes.
  void scatteredPixelsAreReadInTiles() {
    constexpr int kMany = 3000, kSide = 150;
    writeSwath("large", "bsq", kMany, kMany, 1);
    std::mt19937 random(3);
    std::vector<std::int32_t> samples, lines;
    for (int i = 0; i < kSide * kSide; ++i) {
      samples.push_back(1 + static_cast<std::int32_t>(random() % kMany));
      lines.push_back(1 + static_cast<std::int32_t>(random() % kMany));
    }
    writeTable("random.tif", {samples, lines}, kSide, kSide);
    const auto graph = bind(swath("large"), table("random.tif"));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    EvaluateContext context;
    const int last = test::lastIndex(**graph);
    const auto fitted = fitHere(**graph, last, 0, context);
    QVERIFY2(fitted.has_value() && fitted->graph, fitted ? "" : fitted.error().text().c_str());
    const auto cost = evaluateCost(*fitted->graph, last, fullRegion({1, kSide, kSide}));
    QVERIFY(cost && cost->peakBytes < 0.97 * 4 * kMany * kMany);
    QVERIFY(cost->reads > 10);
    const auto values = test::valuesOf(*fitted->graph);
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    for (std::size_t i = 0; i < values->size(); ++i) QCOMPARE((*values)[i], test::EnviRaster::valueAt(lines[i] - 1, samples[i] - 1, 0));
  }

  // A preview that may not read all of the table takes every n-th number of it, and each pixel that of a pixel nearby.
  void aSampleOfTheTableWillDo() {
    const auto graph = bind(swath("bsq"), table("glt.tif"));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const FitPass* pass = test::lastOf(**graph).operation->fitPass();
    QVERIFY(pass && pass->canBeSampled() == (std::vector<bool>{false, true, true}));
    std::vector<std::int32_t> numbers;
    for (const auto& plane : m_table)
      for (int row = 1; row < kRows; row += 2)
        for (int col = 1; col < kCols; col += 2) numbers.push_back(plane[static_cast<std::size_t>(row * kCols + col)]);
    const auto total = pass->accumulator();
    const Region sample{IndexSet::all(2), IndexSet::range(1, kRows / 2, 2), IndexSet::range(1, kCols / 2, 2)};
    QVERIFY(total->addAt(sample, denseView(reinterpret_cast<std::byte*>(numbers.data()), PixelType::Int32, regionShape(sample)), {}));
    auto fitted = pass->fitted(*total, {});
    QVERIFY2(fitted.has_value(), fitted ? "" : fitted.error().text().c_str());
    const auto ready = withOperation(**graph, test::lastIndex(**graph), std::move(*fitted));
    const auto values = test::valuesOf(*ready, {IndexSet::single(2), IndexSet::all(kRows), IndexSet::all(kCols)});
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    for (int row = 0; row < kRows; ++row)
      for (int col = 0; col < kCols; ++col) {
        const auto near = static_cast<std::size_t>((row / 2 * 2 + 1) * kCols + col / 2 * 2 + 1);
        const int number = std::abs(m_table[0][near]), line = std::abs(m_table[1][near]);
        QCOMPARE((*values)[static_cast<std::size_t>(row * kCols + col)],
                 number > 0 ? test::EnviRaster::valueAt(line - 1, number - 1, 2) : -9999.0);
      }
  }

  // What a plan says before the table is known: the swath is read about once, and the run keeps within its memory.
  void plansBeforeTheTableIsKnown() {
    const auto plan = m_engine.plan(swath("bil") + " " + table("glt.tif") + " ! write " + at("out.zarr"));
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QCOMPARE(plan->fitStages.size(), std::size_t{1});
    const double all = 4.0 * kLines * kSamples * kBands, table = 8.0 * kRows * kCols;
    QVERIFY2(plan->bytesToRead >= 0.9 * all + table && plan->bytesToRead <= 1.5 * all + table,
             qPrintable(QString::number(plan->bytesToRead)));
    const auto report = m_engine.run(swath("bil") + " " + this->table("glt.tif") + " ! write " + at("out2.zarr"));
    QVERIFY2(report.has_value() && report->status == RunStatus::Finished, report ? "" : report.error().text().c_str());
    QVERIFY(report->measuredPeakBytes <= report->projectedPeakBytes);
  }

  void refusals_data() {
    QTest::addColumn<QString>("pipeline");
    QTest::addColumn<QString>("says");
    QTest::newRow("part of the swath") << "! open %1/bil ! a= isel y=3: ! glt= open %1/glt.tif ! orthorectify [a] [glt]"
                                       << "a part of its swath";
    QTest::newRow("one number") << "! swath= open %1/bil ! glt= open %1/x.tif ! orthorectify [swath] [glt]"
                                << "two are wanted";
    QTest::newRow("five bands") << "! swath= open %1/bil ! orthorectify [swath] [swath]"
                                << "two bands are wanted";
    QTest::newRow("other grids") << "! swath= open %1/bil ! x= open %1/x.tif ! open %1/y.tif ! z= isel y=1: ! orthorectify [swath] [x] [z]"
                                 << "another grid";
    QTest::newRow("table of another swath") << "! swath= open %1/bil ! glt= open %1/far.tif ! orthorectify [swath] [glt]"
                                            << "names no pixel";
  }
  void refusals() {
    QFETCH(QString, pipeline);
    QFETCH(QString, says);
    writeTable("far.tif", {{0, 1000}, {0, 1}}, 1, 2);
    const QString text = problem(pipeline.replace("%1", m_folder.path()).toStdString());
    QVERIFY2(text.contains(says), qPrintable(text));
  }
};

QTEST_APPLESS_MAIN(TestOrthorectify)
#include "tst_orthorectify.moc"
