// SPDX-License-Identifier: GPL-3.0-or-later
// georeference: what `open` placed before it was an operation (which is held against gdalwarp in tst_gdal_placed), behind steps that
// choose, order and name bands, and a remedy wherever it cannot stand.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

const std::string kRpc = CUBELOOM_TEST_DATA "/geotiff/rpc_uint16.tif";

}  // namespace

class TestGeoreference : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;
  std::string m_bands;  ///< three bands, five by four pixels, by control points; nodata undeclared

  QString problem(const std::string& pipeline) const {
    const auto graph = m_engine.bind(pipeline);
    return graph ? QString("bound") : QString::fromStdString(graph.error().text());
  }

 private slots:
  void initTestCase() {
    m_bands = m_folder.filePath("bands.tif").toStdString();
    test::GdalFile file;
    file.path = m_bands;
    file.bands = 3;
    file.rows = 40;
    file.cols = 50;
    for (const auto& [col, row] : {std::pair(0.0, 0.0), {50.0, 0.0}, {0.0, 40.0}, {50.0, 40.0}})
      file.controlPoints.push_back({col, row, 500000 + 9 * col + 4 * row, 4000000 - 9 * row + 3 * col});
    std::vector<std::byte> pixels;
    for (int i = 0; i < 3 * 40 * 50; ++i) pixels.push_back(static_cast<std::byte>(1 + i % 251));
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
  }

  void isWhatOpenDid_data() {
    QTest::addColumn<QString>("now");
    QTest::addColumn<QString>("before");
    QTest::newRow("RPC") << "open %1 ! georeference method=rpc"
                         << "open %1 georeference=rpc";
    QTest::newRow("RPC at 300 m, cubic") << "open %1 ! georeference method=rpc rpc_height=300 resampling=cubic"
                                         << "open %1 georeference=rpc rpc_height=300 resampling=cubic";
    QTest::newRow("points, nodata given") << "open %2 nodata=0 ! georeference method=gcp1"
                                          << "open %2 nodata=0 georeference=gcp1";
    QTest::newRow("points, nodata assigned") << "open %2 ! assign_nodata nodata=0 ! georeference method=gcp1"
                                             << "open %2 nodata=0 georeference=gcp1";
    QTest::newRow("one band") << "open %2 nodata=0 ! isel band=1 ! georeference method=tps"
                              << "open %2 nodata=0 georeference=tps ! isel band=1";
    QTest::newRow("bands in another order") << "open %2 nodata=0 ! isel band=2,0 ! transpose dims=y,x,band ! rename names=band:b ! "
                                               "georeference method=gcp resampling=average"
                                            << "open %2 nodata=0 georeference=gcp resampling=average ! isel band=2,0 ! transpose "
                                               "dims=y,x,band ! rename names=band:b";
  }
  void isWhatOpenDid() {
    QFETCH(QString, now);
    QFETCH(QString, before);
    const auto filled = [this](QString text) {
      return text.replace("%1", QString::fromStdString(kRpc)).replace("%2", QString::fromStdString(m_bands)).toStdString();
    };
    const auto one = m_engine.bind(filled(now)), other = m_engine.bind(filled(before));
    QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
    QVERIFY2(other.has_value(), other ? "" : other.error().text().c_str());
    const ArraySpec &a = test::lastOf(**one).operation->spec(), &b = test::lastOf(**other).operation->spec();
    QCOMPARE(a.dimNames(), b.dimNames());
    QVERIFY(a.geobox && *a.geobox == *b.geobox && a.nodata == b.nodata && a.type == b.type);
    const auto values = test::valuesOf(**one);
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    QVERIFY(std::count_if(values->begin(), values->end(), [](double v) { return v != 0; }) > 100);
    QVERIFY(*values == *test::valuesOf(**other));
  }

  // The raster itself is not read; the step shows as one node, which does.
  void isOneNodeThatReads() {
    const std::string out = m_folder.filePath("out.tif").toStdString();
    auto plan = m_engine.plan("open " + m_bands + " nodata=0 ! isel band=0,1 ! georeference method=gcp1 ! write " + out);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QCOMPARE(plan->nodes.size(), std::size_t{4});
    QCOMPARE(plan->nodes[0].bytesToRead, 0.0);
    QCOMPARE(plan->nodes[2].id, std::string("georeference"));
    QVERIFY(plan->nodes[2].bytesToRead > 0 && plan->nodes[2].bytesToRead == plan->bytesToRead);
    const auto report = Run::start(std::move(*plan), m_engine.sinks)->wait();
    QVERIFY(report.status == RunStatus::Finished);
    QVERIFY(report.measuredPeakBytes <= report.projectedPeakBytes);
    QVERIFY(report.nodes[2].bytesIn > 0);
  }

  // What is written depends on the steps behind, though they are not computed: a run is not resumed with others.
  void knowsTheStepsBehind() {
    const auto identity = [this](const std::string& band) {
      const auto plan = m_engine.plan("open " + m_bands + " nodata=0 ! isel band=" + band + " ! georeference method=gcp1 ! write " +
                                      m_folder.filePath("band.tif").toStdString());
      return plan ? plan->stages[0].sinkRequest.identity.steps : std::vector<std::string>{plan.error().text()};
    };
    QVERIFY(identity("0").size() > 3);
    QVERIFY(identity("0") == identity("0"));
    QVERIFY(identity("0") != identity("1"));
  }

  void saysWhereItStands() {
    const QString behind = problem("open " + m_bands + " nodata=0 ! calc expression=x+1 ! georeference method=gcp1");
    QVERIFY2(behind.contains("step 'calc' computes values") && behind.contains("directly behind open"), qPrintable(behind));
    const QString part = problem("open " + m_bands + " nodata=0 ! isel y=0:10 ! georeference method=gcp1");
    QVERIFY2(part.contains("'isel' takes a part") && part.contains("put it behind georeference"), qPrintable(part));
    const QString twice = problem("open " + m_bands + " nodata=0 georeference=gcp1 ! georeference method=gcp1");
    QVERIFY2(twice.contains("on a grid already"), qPrintable(twice));
    const QString again = problem("open " + m_bands + " nodata=0 ! georeference method=gcp1 ! georeference method=gcp1");
    QVERIFY2(again.contains("no raster lies directly behind"), qPrintable(again));
    const QString nothing = problem("open " + kRpc + " ! georeference method=tps");
    QVERIFY2(nothing.contains("has no ground control points"), qPrintable(nothing));
    const QString height = problem("open " + m_bands + " nodata=0 ! georeference method=gcp rpc_height=4");
    QVERIFY2(height.contains("rpc_height") && height.contains("only RPCs"), qPrintable(height));
    const QString method = problem("open " + m_bands + " ! georeference");
    QVERIFY2(method.contains("method"), qPrintable(method));
  }

  // A chain file of before means what it meant, and `open` no longer shows what it read then.
  void readsChainsOfBefore() {
    const auto chain = chainFromJson(R"({"cubeloom": 1, "title": "", "nodes": [{"id": "cube", "op": "open", "params": {"path": ")" + kRpc +
                                     R"(", "georeference": "rpc", "rpc_height": 10}}], "view": {}})");
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    const auto graph = bindChain(*chain, m_engine.registry, *m_engine.sources);
    QVERIFY(graph.has_value() && !(*graph)->firstError());
    QVERIFY((*graph)->specOf("cube")->geobox->crs().isGeographic());
    int former = 0;
    for (const Param& param : m_engine.registry.find("open")->declaration().params) former += param.former ? 1 : 0;
    QCOMPARE(former, 4);
  }
};

QTEST_APPLESS_MAIN(TestGeoreference)
#include "tst_georeference.moc"
