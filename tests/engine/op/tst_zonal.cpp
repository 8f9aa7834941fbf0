// SPDX-License-Identifier: GPL-3.0-or-later
// Zones: numpy's answers for each label, in any pieces and for any workers the same bits.
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "engine/op/family/zone_moments.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

constexpr int kBands = 3, kRows = 397, kCols = 213;  // more pixels than are looked at together

/// float64 [zone, statistic, band], little endian, from the two rasters.
constexpr const char* kNumpy = R"(
import sys
import numpy as np
from osgeo import gdal
values = gdal.Open(sys.argv[1]).ReadAsArray().astype('f8')
labels = gdal.Open(sys.argv[2]).ReadAsArray()
values[values == -9999] = np.nan
zones = [int(z) for z in sys.argv[3].split(',')]
names = {'count': len, 'sum': np.sum, 'mean': np.mean, 'std': lambda v: np.std(v, ddof=int(sys.argv[4])), 'min': np.min, 'max': np.max,
         'range': np.ptp, 'area': lambda v: 100.0 * len(v)}
def number(name, v):
    v = v[~np.isnan(v)]
    return names[name](v) if len(v) or name in ('count', 'area') else np.nan
out = [[[number(name, band[labels == z]) for band in values] for name in names] for z in zones]
sys.stdout.buffer.write(np.array(out, '<f8').tobytes())
)";

const std::string kAll = "statistics=count,sum,mean,std,min,max,range,area";

test::GdalFile rasterAt(const std::string& path, PixelType type, int bands) {
  test::GdalFile file;
  file.path = path;
  file.type = type;
  file.bands = bands;
  file.rows = kRows;
  file.cols = kCols;
  return file;
}

}  // namespace

class TestZonal : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;
  std::string m_values, m_labels;

  Result<Chain> chain(const std::string& step, const std::string& more = {}) const {
    auto made = m_engine.chain("open " + m_values + " ! zonal_stats " + step + more);
    if (!made) return made;
    made->nodes.insert(made->nodes.begin(), Node{"labels", "open", {}, Json{{"path", m_labels}}});
    made->nodes[2].inputs.push_back("labels");
    return made;
  }
  Result<std::shared_ptr<const Graph>> bound(const std::string& step, const std::string& more = {}) const {
    const auto made = chain(step, more);
    if (!made) return fail(made.error());
    auto graph = bindChain(*made, m_engine.registry, *m_engine.sources);
    if (graph && (*graph)->firstError()) return fail(*(*graph)->firstError());
    return graph;
  }
  QString problem(const std::string& step) const {
    const auto graph = bound(step);
    return graph ? QString("bound") : QString::fromStdString(graph.error().text());
  }

 private slots:
  void initTestCase() {
    m_values = m_folder.filePath("values.tif").toStdString();
    m_labels = m_folder.filePath("labels.tif").toStdString();
    // Large numbers that differ little, so that careless sums show; holes; a zone of nothing else.
    test::GdalFile values = rasterAt(m_values, PixelType::Float32, kBands);
    values.nodata = -9999;
    values.options = {"BLOCKXSIZE=32", "BLOCKYSIZE=16", "TILED=YES"};
    std::vector<float> pixels;
    for (int b = 0; b < kBands; ++b)
      for (int i = 0; i < kRows * kCols; ++i) {
        const bool isHole = i % 7 == b || (i / kCols > 80 && i % kCols < 10);
        pixels.push_back(isHole ? (i % 2 ? -9999.0F : NAN) : static_cast<float>(100000 * b + (i * 7919 % 1013) / 8.0));
      }
    std::vector<std::byte> bytes(pixels.size() * sizeof(float));
    std::memcpy(bytes.data(), pixels.data(), bytes.size());
    QCOMPARE(test::writeGdalFile(values, bytes), std::string());
    const test::GdalFile labels = rasterAt(m_labels, PixelType::Int16, 1);
    std::vector<std::int16_t> zones;
    for (int i = 0; i < kRows * kCols; ++i) {
      const int row = i / kCols, col = i % kCols;
      zones.push_back(static_cast<std::int16_t>(row > 85 && col < 8 ? 900 : (row / 13 * 4 + col / 11) % 9 - 2));
    }
    bytes.resize(zones.size() * sizeof(std::int16_t));
    std::memcpy(bytes.data(), zones.data(), bytes.size());
    QCOMPARE(test::writeGdalFile(labels, bytes), std::string());
  }

  void equalsNumpy_data() {
    QTest::addColumn<QString>("zones");
    QTest::addColumn<int>("ddof");
    QTest::newRow("all") << "-2,-1,0,1,2,3,4,5,6,900" << 0;
    QTest::newRow("some, in another order, one that is nowhere") << "4,1,77,-2" << 1;
  }
  void equalsNumpy() {
    QFETCH(QString, zones);
    QFETCH(int, ddof);
    QProcess python;
    python.start("/usr/bin/python3",
                 {"-c", kNumpy, QString::fromStdString(m_values), QString::fromStdString(m_labels), zones, QString::number(ddof)});
    QVERIFY(python.waitForFinished());
    QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
    const QByteArray answer = python.readAllStandardOutput();
    std::vector<double> expected(static_cast<std::size_t>(answer.size()) / sizeof(double));
    std::memcpy(expected.data(), answer.constData(), static_cast<std::size_t>(answer.size()));
    const auto graph = bound("zones=" + zones.toStdString() + " ddof=" + std::to_string(ddof) + " " + kAll);
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = test::lastOf(**graph).operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"zone", "statistic", "band"}));
    QCOMPARE(spec.dims[0].coordinate.values.back(), zones.split(',').back().toDouble());
    QCOMPARE(spec.dims[1].coordinate.labels[3], std::string("std"));
    const auto values = test::valuesOf(**graph);
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    QCOMPARE(values->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double got = (*values)[i], wanted = expected[i];
      const bool isSame = std::isnan(wanted) ? std::isnan(got) : std::abs(got - wanted) <= 1e-12 * std::max(1.0, std::abs(wanted));
      QVERIFY2(isSame, qPrintable(QString("element %1: %2, numpy has %3").arg(i).arg(got, 0, 'g', 17).arg(wanted, 0, 'g', 17)));
    }
    // Any part of the result is that of the whole.
    const Region piece{IndexSet::range(1, 2), IndexSet::list({4, 0}), IndexSet::range(1, 2)};
    const auto part = *test::valuesOf(**graph, piece);
    std::size_t k = 0;
    for (const std::size_t zone : {1, 2})
      for (const std::size_t statistic : {4, 0})
        for (const std::size_t band : {1, 2}) {
          const double whole = (*values)[(zone * 8 + statistic) * kBands + band];
          QVERIFY(part[k] == whole || (std::isnan(part[k]) && std::isnan(whole)));
          ++k;
        }
  }

  void anyWorkersTheSame() {
    QByteArray first;
    for (const int workers : {1, 2, 7}) {
      const std::string out = m_folder.filePath(QString("out%1.zarr").arg(workers)).toStdString();
      const auto graph = bound("zones=0,1,2,3,4,5,6", " ! write " + out);
      QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
      PlanOptions options;
      options.workers = workers;
      auto plan = makePlan(*graph, *m_engine.sinks, options);
      QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
      const auto report = Run::start(std::move(*plan), m_engine.sinks)->wait();
      QVERIFY2(report.status == RunStatus::Finished, report.errors.empty() ? "" : report.errors[0].text().c_str());
      QVERIFY(report.measuredPeakBytes <= report.projectedPeakBytes);
      const QByteArray content = test::contentOf(out);
      QVERIFY(!content.isEmpty());
      if (first.isEmpty()) first = content;
      QVERIFY(content == first);
    }
  }

  // Labels far apart, and labels of 64 bits beyond the signed ones, which are none that can be named.
  void anyLabels() {
    const std::vector<std::int64_t> named{-1, 40, 9007199254740992, 5};
    const ZoneTable table(named);
    for (std::size_t i = 0; i < named.size(); ++i) QCOMPARE(table.zoneOf(named[i]), static_cast<std::int32_t>(i));
    for (const std::int64_t other : {std::int64_t{-2}, std::int64_t{0}, std::int64_t{41}, std::numeric_limits<std::int64_t>::max()})
      QCOMPARE(table.zoneOf(other), -1);
    QVERIFY(static_cast<double>(table.bytes()) <= ZoneTable::mostBytes(4));
    std::vector<std::int64_t> many(5000);
    std::iota(many.begin(), many.end(), -7);
    QCOMPARE(ZoneTable(many).zoneOf(4992), 4999);
    QVERIFY(static_cast<double>(ZoneTable(many).bytes()) <= ZoneTable::mostBytes(5000));

    ZonalInputs inputs;
    inputs.values.type = PixelType::Float32;
    inputs.values.dims = {{"x", 3, {}}};
    inputs.labelType = PixelType::UInt64;
    inputs.dims.keptPlace = {-1};
    inputs.labelDims = {0};
    inputs.labelDimCount = 1;
    ZoneMoments moments(inputs, table, named.size(), 1);
    std::array<std::uint64_t, 3> labels{std::numeric_limits<std::uint64_t>::max(), 40, 40};
    std::array<float, 3> values{1, 2, 4};
    QVERIFY(moments.addWith(denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float32, {3}),
                            {denseView(reinterpret_cast<std::byte*>(labels.data()), PixelType::UInt64, {3})}));
    QCOMPARE(moments.moment(0, 0).count, 0.0);
    QCOMPARE(moments.moment(1, 0).count, 2.0);
    QCOMPARE(moments.moment(1, 0).mean, 3.0);
  }

  void refusals() {
    QVERIFY2(problem("statistics=count").contains("'highest'"), qPrintable(problem("statistics=count")));
    QVERIFY(problem("zones=1,1").contains("named twice"));
    QVERIFY(problem("zones=1.5").contains("no whole number"));
    QVERIFY(problem("zones=1 statistics=average").contains("there is no statistic 'average'"));
    const QString many = problem("highest=5000000");
    QVERIFY2(many.contains("the limit is 256 MiB") && many.contains("fewer zones"), qPrintable(many));
    const auto beside = [this](const std::string& op, const Json& params) {
      auto made = *chain("zones=1");
      made.nodes.insert(made.nodes.begin() + 1, Node{"other", op, {"labels"}, params});
      made.nodes.back().inputs[1] = "other";
      const auto graph = bindChain(made, m_engine.registry, *m_engine.sources);
      return graph && (*graph)->firstError() ? QString::fromStdString((*graph)->firstError()->text()) : QString("bound");
    };
    const QString type = beside("astype", Json{{"dtype", "float32"}});
    QVERIFY2(type.contains("whole numbers are needed"), qPrintable(type));
    const QString size = beside("isel", Json{{"indexers", {{"y", "0:40"}}}});
    QVERIFY2(size.contains("entries along 'y'") && size.contains("align resampling=nearest"), qPrintable(size));
  }
};

QTEST_APPLESS_MAIN(TestZonal)
#include "tst_zonal.moc"
