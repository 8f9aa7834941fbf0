// SPDX-License-Identifier: GPL-3.0-or-later
// What operations do to a cube whose every value is known, beyond what tests/contract asks of all of them.
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <random>

#include "engine/io/sample/sample_cube.h"
#include "engine/op/view/selection.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestOperations : public QObject {
  Q_OBJECT
 private:
  static constexpr int kBands = 6, kLines = 41, kSamples = 53;
  QTemporaryDir m_folder;
  std::string m_cube;
  test::Engine m_engine;
  SyntheticCube m_truth{{kLines, kSamples, kBands, 0, 5}};

  std::string open(const std::string& rest) const { return "open " + m_cube + " ! " + rest; }

 private slots:
  void initTestCase() {
    const auto path = writeSyntheticCube(m_truth, m_folder.path().toStdString(), "cube");
    QVERIFY2(path.has_value(), path ? "" : path.error().text().c_str());
    m_cube = *path;
  }

  // Whole equals chunked, over boxes and over scattered indices, for what the examples of the declarations (tst_contract) do not show.
  void wholeEqualsPieces_data() {
    QTest::addColumn<QString>("steps");
    QTest::newRow("isel") << "isel wavelength=1:5:2 y=-1:0:-3";
    QTest::newRow("sel") << "sel wavelength=500:2000 drop_bad=true";
    QTest::newRow("flip") << "flip dims=y,wavelength";
    QTest::newRow("flip behind a mean") << "focal size=3 ! flip dims=x ! isel y=3:30:2";
    QTest::newRow("sortby") << "isel wavelength=4,0,5,2 ! sortby ascending=false";
    QTest::newRow("squeeze") << "isel wavelength=3:4 ! squeeze";
    QTest::newRow("calc over bands") << "calc expression=(b4-b2)/(b4+b2)";
    QTest::newRow("calc over x") << "calc expression=x*2+1";
    QTest::newRow("clamp") << "clamp minimum=0.1 maximum=0.3";
    QTest::newRow("ndvi") << "ndvi";
    QTest::newRow("smooth") << "smooth window=5";
    QTest::newRow("smooth, medians along x") << "smooth method=median window=5 dim=x";
    QTest::newRow("derivative") << "derivative order=2";
    QTest::newRow("focal mean") << "focal size=5 edge=reflect";
    QTest::newRow("focal std") << "focal statistic=std size=7";
    QTest::newRow("focal median, bands first") << "transpose dims=wavelength,y,x ! focal statistic=median edge=nearest";
    QTest::newRow("slope") << "slope unit=percent";
    QTest::newRow("reduce wavelength") << "reduce dims=wavelength statistic=std";
    QTest::newRow("reduce y and x") << "reduce dims=y,x statistic=mean";
    QTest::newRow("histogram") << "reduce dims=y,x statistic=histogram bins=7 range=0,0.5";
    QTest::newRow("histogram of bands") << "reduce dims=wavelength statistic=histogram bins=3 range=0,0.5";
    QTest::newRow("median") << "reduce dims=y,x statistic=median";
    QTest::newRow("quantiles of bands") << "reduce dims=wavelength statistic=quantile q=0.1,0.5,0.9";
    QTest::newRow("statistics of bands") << "transpose dims=y,x,wavelength ! statistics dims=wavelength";
    QTest::newRow("nearest, same CRS") << "reproject resolution=13 resampling=nearest";
    QTest::newRow("nearest, other CRS") << "reproject crs=EPSG:4326 resampling=nearest";
    QTest::newRow("bilinear") << "reproject crs=EPSG:3310 resolution=7 resampling=bilinear";
    QTest::newRow("cubic, same CRS") << "reproject resolution=4 resampling=cubic";
    QTest::newRow("average") << "reproject crs=EPSG:3857 resolution=30 resampling=average";
    QTest::newRow("chained")
        << "transpose dims=wavelength,y,x ! reproject resolution=10 resampling=average ! calc expression=x/3 ! isel y=2:15";
  }
  void wholeEqualsPieces() {
    QFETCH(QString, steps);
    const auto graph = m_engine.bind(open(steps.toStdString()));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    const auto whole = test::valuesOf(**graph);
    QVERIFY2(whole.has_value(), whole ? "" : whole.error().text().c_str());
    std::mt19937 random(7);
    for (int trial = 0; trial < 6; ++trial) {
      Region region;
      for (const Dim& dim : spec.dims) {
        const std::int64_t first = static_cast<std::int64_t>(random() % static_cast<unsigned>(dim.size));
        const std::int64_t step = trial < 3 ? 1 : 1 + static_cast<std::int64_t>(random() % 4);
        const std::int64_t most = (dim.size - 1 - first) / step + 1;
        region.push_back(IndexSet::range(first, 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(most)), step));
      }
      const auto piece = test::valuesOf(**graph, region);
      QVERIFY2(piece.has_value(), piece ? "" : piece.error().text().c_str());
      const auto strides = denseStrides(spec.shape(), 1);
      for (std::size_t i = 0; i < piece->size(); ++i) {
        std::int64_t rest = static_cast<std::int64_t>(i), at = 0;
        for (std::size_t d = region.size(); d-- > 0;) {
          at += region[d].at(rest % region[d].count()) * strides[d];
          rest /= region[d].count();
        }
        const double a = (*piece)[i], b = (*whole)[static_cast<std::size_t>(at)];
        QVERIFY2(a == b || (std::isnan(a) && std::isnan(b)),
                 qPrintable(QString("piece %1 whole %2 at %3").arg(a, 0, 'g', 17).arg(b, 0, 'g', 17).arg(at)));
      }
      // What planning promised is what the evaluation took.
      const auto cost = evaluateCost(**graph, static_cast<int>((*graph)->nodes.size()) - 1, region);
      EvaluateContext context;
      const Block block = makeBlock(context.pool, spec.type, regionShape(region));
      const auto before = context.pool.liveBytes();
      context.pool.resetPeak();
      QVERIFY(evaluate(**graph, static_cast<int>((*graph)->nodes.size()) - 1, region, block.view, context).has_value());
      QVERIFY2(static_cast<double>(context.pool.peakBytes() - before) <= cost->peakBytes + 4096,
               qPrintable(QString("peak %1 of %2 projected").arg(context.pool.peakBytes() - before).arg(cost->peakBytes)));
      QVERIFY(static_cast<double>(context.bytesRead) <= cost->bytesToRead * 1.0001);
    }
  }

  // A coarse rotated grid over raw lines: each sample is read by itself, and is the one that the pixel on its own takes.
  void coarseNearestReadsSingleSamples() {
    const test::EnviRaster raster{
        .samples = 700, .lines = 600, .bands = 3, .more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\n"};
    const std::string path = m_folder.filePath("wide").toStdString();
    raster.write(path);
    const auto graph = m_engine.bind("open " + path + " ! reproject crs=EPSG:3310 resolution=400 resampling=nearest fill=-1");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    const auto whole = test::valuesOf(**graph);
    QVERIFY2(whole.has_value(), whole ? "" : whole.error().text().c_str());
    const auto cost = evaluateCost(**graph, 1, fullRegion(spec.shape()));
    const double file = 4.0 * 700 * 600 * 3;  // every line holds a sample
    QVERIFY2(cost->bytesToRead <= 0.1 * file, qPrintable(QString("%1 of %2 bytes").arg(cost->bytesToRead).arg(file)));
    const auto rows = spec.dims[0].size, bands = spec.dims[1].size, cols = spec.dims[2].size;
    int filled = 0;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t b = 0; b < bands; ++b)
        for (std::int64_t c = 0; c < cols; ++c) {
          const auto one = test::valuesOf(**graph, {IndexSet::single(r), IndexSet::single(b), IndexSet::single(c)});
          QCOMPARE((*whole)[static_cast<std::size_t>((r * bands + b) * cols + c)], (*one)[0]);
          filled += (*one)[0] == -1 ? 1 : 0;
        }
    QVERIFY(filled > 0 && filled < spec.count());
  }

  void openHasTheCubesValues() {
    const auto graph = m_engine.bind("open " + m_cube);
    QVERIFY(graph.has_value());
    QCOMPARE((*graph)->nodes.back().operation->spec().dimNames(), (std::vector<std::string>{"y", "wavelength", "x"}));
    const auto values = test::valuesOf(**graph);
    for (int y = 0; y < kLines; ++y)
      for (int b = 0; b < kBands; ++b)
        for (int x = 0; x < kSamples; ++x)
          QCOMPARE((*values)[static_cast<std::size_t>((y * kBands + b) * kSamples + x)], static_cast<double>(m_truth.value(b, y, x)));
  }

  // Second implementation, plain loops: mean and std over wavelength and over the picture.
  void reduceAgreesWithPlainLoops() {
    for (const char* dims : {"wavelength", "y,x"}) {
      for (const char* statistic : {"mean", "std", "min", "max", "sum", "count"}) {
        const auto graph = m_engine.bind(open(std::string("reduce dims=") + dims + " statistic=" + statistic));
        QVERIFY(graph.has_value());
        const auto& bound = *std::get<const ReducerOperation*>((*graph)->nodes.back().operation->work());
        const Region everything = fullRegion(bound.spec().shape());
        QCOMPARE(bound.partialBytes(everything), static_cast<double>(bound.partial(everything)->bytes()));
        const auto values = test::valuesOf(**graph);
        QVERIFY(values.has_value());
        const bool overBands = std::string(dims) == "wavelength";
        for (std::size_t i = 0; i < values->size(); ++i) {
          std::vector<double> set;
          for (int b = 0; b < kBands; ++b)
            for (int y = 0; y < kLines; ++y)
              for (int x = 0; x < kSamples; ++x) {
                const bool mine = overBands ? static_cast<std::size_t>(y * kSamples + x) == i : static_cast<std::size_t>(b) == i;
                if (mine && m_truth.inside(y, x)) set.push_back(static_cast<double>(m_truth.value(b, y, x)));
              }
          const std::string s = statistic;
          double sum = 0, lo = INFINITY, hi = -INFINITY, squares = 0;
          for (const double v : set) {
            sum += v;
            lo = std::min(lo, v);
            hi = std::max(hi, v);
          }
          const double n = static_cast<double>(set.size());
          for (const double v : set) squares += (v - sum / n) * (v - sum / n);
          const double expected = s == "count"  ? n
                                  : set.empty() ? (s == "min" || s == "max" ? -9999 : NAN)
                                  : s == "mean" ? sum / n
                                  : s == "std"  ? std::sqrt(squares / n)
                                  : s == "min"  ? lo
                                  : s == "max"  ? hi
                                                : sum;
          const double got = (*values)[i];
          QVERIFY2((std::isnan(got) && std::isnan(expected)) || std::abs(got - expected) <= 1e-6 * std::max(1e-3, std::abs(expected)),
                   qPrintable(QString("%1 over %2: %3, expected %4").arg(statistic, dims).arg(got).arg(expected)));
        }
      }
    }
  }

  void ndviLeavesNodataOut() {
    const auto graph = m_engine.bind(open("calc expression=(nm(865)-nm(650))/(nm(865)+nm(650))"));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "x"}));
    QVERIFY(std::isnan(*spec.nodata));
    const auto values = test::valuesOf(**graph);
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x) QCOMPARE(std::isnan((*values)[static_cast<std::size_t>(y * kSamples + x)]), !m_truth.inside(y, x));
  }

  // Which band a wavelength or a name has picked is said; one too far from every band, and a name that none or several have, are errors.
  void bandsByWavelengthAndName() {
    const std::string data = std::string(CUBELOOM_TEST_DATA) + "/envi/";
    const auto bind = [&](const std::string& file, const std::string& expression) {
      return m_engine.bind("open " + data + file + " ! calc expression=" + expression);
    };
    const auto picked = bind("enmap_potsdam_96x64.bil", "nm(865)/nm(650)");
    QVERIFY2(picked.has_value(), picked ? "" : picked.error().text().c_str());
    const std::string& summary = (*picked)->nodes.back().operation->summary();
    QVERIFY2(summary.find("nm(865) = b75, 863.") != std::string::npos && summary.find("nm(650) = b45, 64") != std::string::npos,
             summary.c_str());
    QVERIFY(bind("enmap_potsdam_96x64.bil", "nm(404)").has_value());  // 14.24 nm before the first band: within 15 nm
    const auto far = bind("enmap_potsdam_96x64.bil", "nm(403)");      // 15.24 nm, and its band is 7 nm wide
    QVERIFY(!far);
    for (const char* part : {"the nearest band is b1 at 418.24 nm", "15.24 nm away", "at most 15", "write b1"})
      QVERIFY2(far.error().text().find(part) != std::string::npos, far.error().text().c_str());

    const auto named = bind("rotated_enmap_rgb.hdr", "band('green')-band('red')"), numbered = bind("rotated_enmap_rgb.hdr", "b2-b1");
    QVERIFY2(named.has_value(), named ? "" : named.error().text().c_str());
    QVERIFY(*test::valuesOf(**named) == *test::valuesOf(**numbered));
    QVERIFY((*named)->nodes.back().operation->summary().find("green = b2; red = b1") != std::string::npos);
    const auto unknown = bind("rotated_enmap_rgb.hdr", "band('gren')"), none = bind("enmap_potsdam_96x64.bil", "band('red')");
    QVERIFY(!unknown && unknown.error().text().find("did you mean 'green'?") != std::string::npos);
    QVERIFY(!none.has_value());
    const auto bits = bind("rotated_enmap_rgb.hdr", "b1/2&1");
    QVERIFY(!bits && bits.error().text().find("may not be a whole one") != std::string::npos);

    const auto several = bind("rotated_enmap_rgb.hdr", "sum=b1+b2;ratio=b1/b3");
    QVERIFY2(several.has_value(), several ? "" : several.error().text().c_str());
    const ArraySpec& spec = (*several)->nodes.back().operation->spec();
    QCOMPARE(spec.dims[0].name, std::string("band"));
    QCOMPARE(spec.dims[0].coordinate.labels, (std::vector<std::string>{"sum", "ratio"}));
    const auto whole = *test::valuesOf(**several), ratio = *test::valuesOf(**bind("rotated_enmap_rgb.hdr", "b1/b3"));
    QCOMPARE(whole.size(), 2 * ratio.size());
    for (std::size_t i = 0; i < ratio.size(); ++i)
      QVERIFY(whole[ratio.size() + i] == ratio[i] || (std::isnan(ratio[i]) && std::isnan(whole[ratio.size() + i])));
    const auto ofWhole = bind("rotated_enmap_rgb.hdr", "a=x+1;c=x*2");
    QVERIFY(!ofWhole && ofWhole.error().text().find("has bands already") != std::string::npos);
  }

  void astypeRoundsClampsAndKeepsNodata() {
    const auto graph = m_engine.bind(open("calc expression=x*1000-100 ! astype dtype=uint8 nodata=255"));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const auto values = test::valuesOf(**graph);
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x) {
        const float v = m_truth.value(0, y, x) * 1000 - 100;
        const double expected = !m_truth.inside(y, x) ? 255.0 : std::clamp(std::floor(static_cast<double>(v) + 0.5), 0.0, 255.0);
        QCOMPARE((*values)[static_cast<std::size_t>(y * kBands * kSamples + x)], expected);
      }
  }

  void unknownNameIsMetWithTheNames() {
    Dim dim{"band", 3, {}};
    dim.coordinate.kind = Coordinate::Kind::Regular;
    dim.coordinate.labels = {"red", "green", "blue"};
    QCOMPARE(selectValues(dim, "green", {false, {}})->indices, IndexSet::single(1));
    const auto wrong = selectValues(dim, "Green", {false, {}});
    QVERIFY(!wrong);
    QVERIFY2(wrong.error().message.find("no entry of 'band' is called 'Green' (it has red, green, blue)") != std::string::npos,
             wrong.error().text().c_str());
    QVERIFY(wrong.error().hint.find("capitals") != std::string::npos);
  }

  void errorsNameParameterAndRemedy_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("parameter");
    QTest::addColumn<QString>("says");
    QTest::newRow("no such dim") << "isel time=0"
                                 << "indexers"
                                 << "y, wavelength, x";
    QTest::newRow("index outside") << "isel wavelength=6"
                                   << "indexers"
                                   << "0..5";
    QTest::newRow("empty slice") << "isel y=10:10"
                                 << "indexers"
                                 << "selects nothing";
    QTest::newRow("no such wavelength") << "sel wavelength=865 method=exact"
                                        << "indexers"
                                        << "nearest";
    QTest::newRow("two entries squeezed") << "squeeze dims=wavelength"
                                          << "dims"
                                          << "6 entries";
    QTest::newRow("no such dim to flip") << "flip dims=y,time"
                                         << "dims"
                                         << "y, wavelength, x";
    QTest::newRow("flipped twice at once") << "flip dims=y,y"
                                           << "dims"
                                           << "more than once";
    QTest::newRow("no such dim to sort") << "sortby dim=time"
                                         << "dim"
                                         << "y, wavelength, x";
    QTest::newRow("dims missing") << "transpose dims=y,x"
                                  << "dims"
                                  << "wavelength";
    QTest::newRow("unknown CRS") << "reproject crs=EPSG:999999"
                                 << "crs"
                                 << "999999";
    QTest::newRow("CRS as URL") << "assign_crs crs=http://example.com/x"
                                << "crs"
                                << "";
    QTest::newRow("resampling") << "reproject resampling=cubics"
                                << "resampling"
                                << "did you mean 'cubic";
    QTest::newRow("resolution") << "reproject resolution=-5"
                                << "resolution"
                                << "positive";
    QTest::newRow("outside") << "clip bounds=0,0,10,10"
                             << "bounds"
                             << "717720";
    QTest::newRow("nodata does not fit") << "astype dtype=uint8"
                                         << "dtype"
                                         << "-9999";
    QTest::newRow("band outside") << "calc expression=b7"
                                  << "expression"
                                  << "b1..b6";
    QTest::newRow("second input missing") << "calc expression=in2.b1"
                                          << "expression"
                                          << "not connected";
    QTest::newRow("wavelength far outside") << "calc expression=nm(9999)"
                                            << "expression"
                                            << "the nearest band is b";
    QTest::newRow("wavelength in micrometres") << "calc expression=nm(0.865)"
                                               << "expression"
                                               << "nm away";
    QTest::newRow("farther than the tolerance") << "sel wavelength=9999 tolerance=5"
                                                << "indexers"
                                                << "more than the tolerance";
    QTest::newRow("clamp upside down") << "clamp minimum=2 maximum=1"
                                       << "minimum"
                                       << "above";
    QTest::newRow("window without a middle") << "smooth window=4"
                                             << "window"
                                             << "odd";
    QTest::newRow("window too long") << "smooth window=9"
                                     << "window"
                                     << "6 entries";
    QTest::newRow("degree too high") << "smooth window=3 order=3"
                                     << "order"
                                     << "window";
    QTest::newRow("no dim of that name") << "derivative dim=time"
                                         << "dim"
                                         << "y, wavelength, x";
    QTest::newRow("square without a middle") << "focal size=4"
                                             << "size"
                                             << "odd";
    QTest::newRow("reduce nothing") << "reduce dims=time"
                                    << "dims"
                                    << "y, wavelength, x";
  }
  void errorsNameParameterAndRemedy() {
    QFETCH(QString, steps);
    QFETCH(QString, parameter);
    QFETCH(QString, says);
    const auto graph = m_engine.bind(open(steps.toStdString()));
    QVERIFY(!graph.has_value());
    QCOMPARE(QString::fromStdString(graph.error().parameter), parameter);
    QVERIFY2(QString::fromStdString(graph.error().text()).contains(says), graph.error().text().c_str());
  }
};

QTEST_APPLESS_MAIN(TestOperations)
#include "tst_operations.moc"
