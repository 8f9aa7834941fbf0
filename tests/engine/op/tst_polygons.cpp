// SPDX-License-Identifier: GPL-3.0-or-later
// Polygons and points on grids: rasterio's masks, GEOS' areas, numpy's and xarray's numbers.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>

#include "engine/geo/coverage.h"
#include "engine/geo/geometry_on_grid.h"
#include "engine/op/family/polygon_zones.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

constexpr int kRows = 83, kCols = 97, kBands = 3;

/// What Python knows of the files: `values` [band, y, x] with NaN for nodata, `shapes` in the raster's CRS, `names`. Prints doubles.
constexpr const char* kPrelude = R"(
import json, sys
import numpy as np, rasterio, rasterio.features, rasterio.mask, rasterio.warp, rasterio.sample, xarray
from osgeo import ogr
ogr.UseExceptions()
folder = sys.argv[1]
raster = rasterio.open(folder + '/values.tif')
values = raster.read().astype('f8')
if raster.nodata is not None: values[values == raster.nodata] = np.nan
fields = json.load(open(folder + '/fields.geojson'))['features']
shapes, names = [f['geometry'] for f in fields], [f['properties']['name'] for f in fields]
def masks(all_touched):
    return [rasterio.features.geometry_mask([s], raster.shape, raster.transform, all_touched=all_touched, invert=True) for s in shapes]
def fractions():
    out = np.zeros((len(shapes),) + raster.shape)
    for k, s in enumerate(shapes):
        g = ogr.CreateGeometryFromJson(json.dumps(s))
        for r in range(raster.height):
            for c in range(raster.width):
                (x0, y0), (x1, y1) = raster.transform * (c, r), raster.transform * (c + 1, r + 1)
                box = ogr.CreateGeometryFromWkt(f'POLYGON(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))')
                if g.Intersects(box): out[k, r, c] = g.Intersection(box).Area() / box.Area()
    return out
def put(a): sys.stdout.buffer.write(np.ascontiguousarray(a, '<f8').tobytes())
)";

std::vector<double> python(const QString& folder, const std::string& program) {
  QProcess process;
  process.start("/usr/bin/python3", {"-W", "ignore", "-c", kPrelude + QString::fromStdString(program), folder});
  if (!process.waitForFinished(120000) || process.exitCode() != 0) {
    qWarning("%s", process.readAllStandardError().constData());
    return {};
  }
  const QByteArray bytes = process.readAllStandardOutput();
  std::vector<double> numbers(static_cast<std::size_t>(bytes.size()) / sizeof(double));
  std::memcpy(numbers.data(), bytes.constData(), numbers.size() * sizeof(double));
  return numbers;
}

/// The first place where they differ, or "".
QString difference(const std::vector<double>& ours, const std::vector<double>& theirs, double relative, double absolute) {
  if (ours.size() != theirs.size()) return QString("%1 numbers, expected are %2").arg(ours.size()).arg(theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool bothNan = std::isnan(ours[i]) && std::isnan(theirs[i]);
    if (!bothNan && !(std::abs(ours[i] - theirs[i]) <= absolute + relative * std::abs(theirs[i])))
      return QString("number %1 is %2, expected %3").arg(i).arg(ours[i], 0, 'g', 17).arg(theirs[i], 0, 'g', 17);
  }
  return {};
}

Json collection(const Json& features, const std::string& crs) {
  Json all{{"type", "FeatureCollection"}, {"features", features}};
  if (!crs.empty()) all["crs"] = Json{{"type", "name"}, {"properties", {{"name", crs}}}};
  return all;
}

Json feature(const std::string& name, const std::string& type, const Json& coordinates) {
  return {{"type", "Feature"},
          {"properties", {{"name", name}, {"area", static_cast<double>(name.size())}}},
          {"geometry", {{"type", type}, {"coordinates", coordinates}}}};
}

/// A star around a place, on no pixel's corner or centre; its vertices turn left.
Json star(std::mt19937& random, double x, double y, double radius, int points) {
  Json ring = Json::array();
  std::uniform_real_distribution<double> shrink(0.4, 1.0);
  for (int i = 0; i < points; ++i) {
    const double angle = 2 * 3.14159265358979 * i / points, r = radius * shrink(random);
    ring.push_back({x + r * std::cos(angle), y + r * std::sin(angle)});
  }
  ring.push_back(ring[0]);
  return ring;
}

}  // namespace

class TestPolygons : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  void write(const char* name, const Json& json) const { std::ofstream(path(name)) << json.dump(); }

  std::vector<double> result(const std::string& step, const char* raster = "values.tif") const {
    const auto graph = m_engine.bind("open " + path(raster) + " ! " + step);
    if (!graph) {
      qWarning("%s", graph.error().text().c_str());
      return {};
    }
    auto values = test::valuesOf(**graph);
    if (!values) return {};
    const auto nodata = test::lastOf(**graph).operation->spec().nodata;
    for (double& value : *values)
      if (nodata && value == *nodata) value = NAN;
    return *values;
  }
  QString problem(const std::string& step) const {
    const auto graph = m_engine.bind("open " + path("values.tif") + " ! " + step);
    return graph ? QString("bound") : QString::fromStdString(graph.error().text());
  }
  std::string warnings(const std::string& step) const {
    const auto graph = m_engine.bind("open " + path("values.tif") + " ! " + step);
    if (!graph) return graph.error().text();
    std::string all;
    for (const std::string& warning : test::lastOf(**graph).operation->warnings()) all += warning + "\n";
    return all;
  }

  void writeRaster(const char* name, PixelType type, std::optional<double> nodata) const {
    test::GdalFile file;
    file.path = path(name);
    file.type = type;
    file.bands = kBands;
    file.rows = kRows;
    file.cols = kCols;
    file.nodata = nodata;
    file.crs = "EPSG:32610";
    file.geotransform = {700000, 20, 0, 3860000, 0, -20};
    file.options = {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=16"};
    std::vector<float> pixels;
    for (int i = 0; i < kBands * kRows * kCols; ++i)
      pixels.push_back(nodata && i % 11 == 3 ? static_cast<float>(*nodata) : static_cast<float>((i * 7919 % 251)) / (nodata ? 4 : 1));
    std::vector<std::byte> bytes(pixels.size() * pixelTypeBytes(type));
    copyBlock(denseView(reinterpret_cast<std::byte*>(pixels.data()), PixelType::Float32, {static_cast<std::int64_t>(pixels.size())}),
              denseView(bytes.data(), type, {static_cast<std::int64_t>(pixels.size())}));
    QCOMPARE(test::writeGdalFile(file, bytes), std::string());
  }

 private slots:
  void initTestCase() {
    writeRaster("values.tif", PixelType::Float32, -9999);
    writeRaster("bytes.tif", PixelType::UInt8, {});
    std::mt19937 random(11);
    Json fields = Json::array();
    const auto at = [](double col, double row) { return std::pair(700000 + 20 * col, 3860000 - 20 * row); };
    const auto ringAt = [&](double col, double row, double radius, int points) {
      const auto [x, y] = at(col, row);
      return star(random, x, y, 20 * radius, points);
    };
    fields.push_back(feature("star", "Polygon", Json::array({ringAt(30.3, 25.7, 22, 17)})));
    fields.push_back(feature("holed", "Polygon", Json::array({ringAt(55.1, 40.2, 30, 40), ringAt(55.1, 40.2, 8, 9)})));
    fields.push_back(feature("parts", "MultiPolygon",
                             Json::array({Json::array({ringAt(20.2, 60.9, 9, 7)}), Json::array({ringAt(70.7, 15.4, 12, 11)})})));
    fields.push_back(feature("beyond", "Polygon", Json::array({ringAt(95.3, 80.1, 14, 9)})));
    fields.push_back(feature("tiny", "Polygon", Json::array({ringAt(44.2, 61.2, 0.2, 5)})));
    write("fields.geojson", collection(fields, "urn:ogc:def:crs:EPSG::32610"));
    Json plots = Json::array();
    std::uniform_real_distribution<double> col(-4, kCols + 4), row(-4, kRows + 4);
    for (int i = 0; i < 60; ++i) {
      const auto [x, y] = at(col(random), row(random));
      plots.push_back(feature("plot " + std::to_string(i), "Point", {x, y}));
    }
    write("plots.geojson", collection(plots, "urn:ogc:def:crs:EPSG::32610"));
  }

  // Every window gives what the whole gives, bit for bit.
  void coverageDependsOnTheShapeAlone() {
    std::mt19937 random(3);
    Geometry shape;
    for (const bool isHole : {false, true}) {
      GeometryRing ring{{}, isHole};
      for (const Json& v : star(random, 20.37, 18.21, isHole ? 5 : 19, 23)) ring.vertices.push_back({v[0], v[1]});
      shape.rings.push_back(ring);
    }
    const PixelPolygon polygon(shape);
    CoverScratch scratch;
    for (const CoverageRule rule : {CoverageRule::Centre, CoverageRule::AllTouched, CoverageRule::Fraction})
      for (std::int64_t row = -3; row < 43; ++row) {
        std::vector<double> whole(50), piece(50);
        polygon.cover(rule, row, -5, 50, whole.data(), scratch);
        for (std::int64_t first = 0; first < 50; first += 7) {
          const auto count = static_cast<std::size_t>(std::min<std::int64_t>(13, 50 - first));
          polygon.cover(rule, row, first - 5, count, piece.data(), scratch);
          for (std::size_t i = 0; i < count; ++i) QCOMPARE(piece[i], whole[static_cast<std::size_t>(first) + i]);
        }
      }
  }

  // A square from corner to corner, by hand.
  void coverageByHand() {
    const auto square = [](double left, double top, double right, double bottom) {
      Geometry shape;
      shape.rings.push_back({{{left, top}, {right, top}, {right, bottom}, {left, bottom}}, false});
      return PixelPolygon(shape);
    };
    CoverScratch scratch;
    std::vector<double> row(4);
    const auto covers = [&](const PixelPolygon& shape, CoverageRule rule, std::int64_t y) {
      shape.cover(rule, y, 0, 4, row.data(), scratch);
      return row;
    };
    using Row = std::vector<double>;
    // Along the pixels' borders nothing beside them is touched.
    for (const CoverageRule rule : {CoverageRule::Centre, CoverageRule::AllTouched, CoverageRule::Fraction}) {
      QCOMPARE(covers(square(1, 1, 3, 2), rule, 1), (Row{0, 1, 1, 0}));
      QCOMPARE(covers(square(1, 1, 3, 2), rule, 0), (Row{0, 0, 0, 0}));
      QCOMPARE(covers(square(1, 1, 3, 2), rule, 2), (Row{0, 0, 0, 0}));
    }
    QCOMPARE(covers(square(0.75, 0.5, 2.25, 1.5), CoverageRule::Fraction, 0), (Row{0.125, 0.5, 0.125, 0}));
    QCOMPARE(covers(square(0.75, 0.5, 2.25, 1.5), CoverageRule::AllTouched, 1), (Row{1, 1, 1, 0}));
    QCOMPARE(covers(square(0.75, 0.4, 2.25, 1.6), CoverageRule::Centre, 1), (Row{0, 1, 0, 0}));
    // Neighbours share what lies between them out among themselves.
    Row sum(4);
    for (const auto& part : {square(0, 0, 1.3, 1), square(1.3, 0, 2.7, 1), square(2.7, 0, 4, 1)}) {
      covers(part, CoverageRule::Fraction, 0);
      for (std::size_t i = 0; i < 4; ++i) sum[i] += row[i];
    }
    QVERIFY2(difference(sum, {1, 1, 1, 1}, 0, 1e-8).isEmpty(), qPrintable(difference(sum, {1, 1, 1, 1}, 0, 1e-8)));
  }

  // Each polygon's pixels, by the sums and counts of ones.
  void clipEqualsRasterio_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("rasterio");
    QTest::newRow("centres") << ""
                             << "";
    QTest::newRow("touched") << "all_touched=true"
                             << "all_touched=True";
    QTest::newRow("inverted") << "invert=true"
                              << "invert=True, crop=False";
    QTest::newRow("whole grid") << "crop=false"
                                << "crop=False";
  }
  void clipEqualsRasterio() {
    QFETCH(QString, step);
    QFETCH(QString, rasterio);
    const auto theirs = python(m_folder.path(), "kw = dict(crop=True); kw.update(dict(" + rasterio.toStdString() + R"())
out, transform = rasterio.mask.mask(raster, shapes, filled=True, nodata=-9999, **kw)
out = out.astype('f8'); out[out == -9999] = np.nan
put(out))");
    const QString problem = difference(result("clip polygons=" + path("fields.geojson") + " " + step.toStdString()), theirs, 0, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  // Whole numbers without nodata: the next wider type, all values as they are.
  void clipGivesNodata() {
    const std::string step = "clip polygons=" + path("fields.geojson") + " crop=false";
    const auto graph = *m_engine.bind("open " + path("bytes.tif") + " ! " + step);
    const ArraySpec& spec = test::lastOf(*graph).operation->spec();
    QCOMPARE(spec.type, PixelType::Int16);
    QCOMPARE(*spec.nodata, -32768.0);
    QVERIFY(test::lastOf(*graph).operation->warnings().front().find("assign_nodata") != std::string::npos);
    const auto theirs = python(m_folder.path(), R"(
b = rasterio.open(folder + '/bytes.tif').read().astype('f8')
put(np.where(np.any(masks(False), axis=0), b, np.nan)))");
    const QString problem = difference(result(step, "bytes.tif"), theirs, 0, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  // Only tiles under polygons are read.
  void clipReadsWhatItKeeps() {
    const auto read = [this](const std::string& step) {
      PlanOptions options;
      options.overwrite = true;
      auto report = m_engine.run("open " + path("values.tif") + " ! " + step + " ! write " + path("read.zarr"), options);
      return report ? report->bytesRead : -1;
    };
    const auto all = read("isel x=:"),
               some = read("clip crop=false all_touched=true polygons=" + path("fields.geojson") + "|where=name='tiny'");
    QVERIFY2(some > 0 && some * 10 < all, qPrintable(QString("%1 of %2 bytes").arg(some).arg(all)));
  }

  // A run is of the polygons as they are, and does not write over them.
  void polygonsAreInputs() {
    const std::string fields = path("fields.geojson"), chain = "open " + path("values.tif") + " ! clip polygons=" + fields + " ! write ";
    const auto plan = m_engine.plan(chain + path("identity.tif"));
    QVERIFY(plan.has_value());
    QVERIFY(std::any_of(plan->inputs.begin(), plan->inputs.end(), [&fields](const FileFingerprint& one) { return one.path == fields; }));
    PlanOptions options;
    options.overwrite = true;
    const auto refused = m_engine.plan(chain + fields + " format=GTiff", options);
    QVERIFY(!refused && refused.error().message.find("is an input of this chain") != std::string::npos);
  }

  void saysWhatIsWrong() {
    const std::string fields = path("fields.geojson"), plots = path("plots.geojson");
    QVERIFY(problem("clip polygons=" + fields + " bounds=0,0,1,1").contains("both bounds and polygons"));
    QVERIFY(problem("clip all_touched=true").contains("neither bounds nor polygons"));
    QVERIFY(problem("clip polygons=" + plots).contains("no polygons in it"));
    QVERIFY(problem("sample_points points=" + fields).contains("no points in it"));
    QVERIFY(problem("sample_points window=4 points=" + plots).contains("choose 5"));
    QVERIFY(problem("zonal_stats polygons=" + fields + " statistics=p101").contains("no statistic 'p101'"));
    QVERIFY(problem("zonal_stats").contains("neither polygons nor labels"));
    QVERIFY(problem("zonal_stats polygons=" + fields + " zones=1").contains("of labels, not of polygons"));
    const Json away = Json::parse("[[[10, 50], [11, 50], [11, 51], [10, 50]]]");
    write("away.geojson", collection(Json::array({feature("away", "Polygon", away)}), ""));
    QVERIFY2(problem("clip polygons=" + path("away.geojson")).contains("meets the grid"),
             qPrintable(problem("clip polygons=" + path("away.geojson"))));
    // Zones of nothing are rows all the same.
    QCOMPARE(result("zonal_stats statistics=count polygons=" + path("away.geojson")), (std::vector<double>{0, 0, 0}));
  }

  void zonesEqualNumpy_data() {
    QTest::addColumn<QString>("coverage");
    QTest::addColumn<QString>("weights");
    QTest::newRow("centre") << "centre"
                            << "np.array(masks(False), 'f8')";
    QTest::newRow("all_touched") << "all_touched"
                                 << "np.array(masks(True), 'f8')";
    QTest::newRow("fraction") << "fraction"
                              << "fractions()";
  }
  void zonesEqualNumpy() {
    QFETCH(QString, coverage);
    QFETCH(QString, weights);
    const auto theirs = python(m_folder.path(), "weights = " + weights.toStdString() + R"(
def numbers(w, v):
    use = (w > 0) & ~np.isnan(v)
    w, v = w[use], v[use]
    if not len(v): return [0, np.nan, np.nan, np.nan, np.nan, np.nan, 0]
    mean = np.average(v, weights=w)
    kinds = np.unique(v)
    return [w.sum(), (w * v).sum(), mean, np.sqrt(np.average((v - mean) ** 2, weights=w)), v.min(), v.max(), 400 * w.sum()]
put(np.moveaxis([[numbers(w, v) for v in values] for w in weights], 2, 1)))");
    const QString problem =
        difference(result("zonal_stats polygons=" + path("fields.geojson") + "|id=name coverage=" + coverage.toStdString() +
                          " statistics=count,sum,mean,std,min,max,area"),
                   theirs, 1e-7, 1e-7);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  void orderStatisticsEqualNumpy() {
    const auto theirs = python(m_folder.path(), R"(
def numbers(m, v):
    v = v[m & ~np.isnan(v)]
    if not len(v): return [np.nan] * 4
    kinds, counts = np.unique(v, return_counts=True)
    return [np.median(v), np.percentile(v, 10), np.percentile(v, 97.5), kinds[counts.argmax()]]
put(np.moveaxis([[numbers(m, v) for v in values] for m in masks(False)], 2, 1)))");
    const QString problem =
        difference(result("zonal_stats polygons=" + path("fields.geojson") + " statistics=median,p10,p97.5,majority"), theirs, 1e-12, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  // Equal weights give numpy's quantile; twice the weight is not twice the value, but pulls towards it.
  void weightedQuantiles() {
    const std::vector<WeightedValue> equal{{1, 0.3}, {2, 0.3}, {4, 0.3}, {8, 0.3}};
    QCOMPARE(weightedQuantile(equal, 0.5), 3.0);
    QCOMPARE(weightedQuantile(equal, 0), 1.0);
    QCOMPARE(weightedQuantile(equal, 1), 8.0);
    const std::vector<WeightedValue> heavy{{1, 1}, {2, 1}, {3, 2}};
    QCOMPARE(weightedQuantile(heavy, 0.5), 2.2);  // half of 2 * 4 is 4; the 2 lies at 1 * 1 + 2 * 1 = 3, the 3 at 2 * 2 + 2 * 2 = 8
    QCOMPARE(majorityOf(heavy), 3.0);
  }

  void zonesAreNamed() {
    const auto graph = *m_engine.bind("open " + path("values.tif") + " ! zonal_stats polygons=" + path("fields.geojson") + "|id=name");
    const ArraySpec& spec = test::lastOf(*graph).operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"zone", "statistic", "band"}));
    QCOMPARE(spec.dims[0].coordinate.labels, (std::vector<std::string>{"star", "holed", "parts", "beyond", "tiny"}));
    const std::string told = warnings("zonal_stats polygons=" + path("fields.geojson") + "|id=name");
    QVERIFY2(told.find("1 polygon (tiny) so small") != std::string::npos, told.c_str());
    QVERIFY2(warnings("zonal_stats coverage=all_touched polygons=" + path("fields.geojson")).find("so small") == std::string::npos, "");
    // Numbers are a coordinate: a zone can be chosen by it.
    QVERIFY(m_engine.bind("open " + path("values.tif") + " ! zonal_stats polygons=" + path("fields.geojson") + "|id=area ! sel zone=6")
                .has_value());
  }

  void pointsEqualRasterio() {
    const auto theirs = python(m_folder.path(), R"(
plots = [f['geometry']['coordinates'] for f in json.load(open(folder + '/plots.geojson'))['features']]
out = np.array(list(raster.sample(plots)), 'f8')
inside = [0 <= c < raster.width and 0 <= r < raster.height for c, r in [~raster.transform * p for p in plots]]
out[~np.array(inside)] = np.nan
out[out == -9999] = np.nan
put(out))");
    const QString problem = difference(result("sample_points points=" + path("plots.geojson")), theirs, 0, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  void bilinearEqualsXarray() {
    const auto theirs = python(m_folder.path(), R"(
plots = np.array([f['geometry']['coordinates'] for f in json.load(open(folder + '/plots.geojson'))['features']])
x = [(raster.transform * (c + .5, 0))[0] for c in range(raster.width)]; y = [(raster.transform * (0, r + .5))[1] for r in range(raster.height)]
a = xarray.DataArray(values, dims=('band', 'y', 'x'), coords=dict(x=x, y=y))
out = a.interp(x=xarray.DataArray(plots[:, 0], dims='p'), y=xarray.DataArray(plots[:, 1], dims='p'), method='linear')
put(out.transpose('p', 'band')))");
    QVERIFY(std::count_if(theirs.begin(), theirs.end(), [](double v) { return !std::isnan(v); }) > 20);
    const QString problem = difference(result("sample_points method=bilinear points=" + path("plots.geojson")), theirs, 1e-6, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  void windowsEqualNumpy_data() {
    QTest::addColumn<QString>("statistic");
    for (const char* one : {"mean", "median", "min", "max", "std", "sum", "count"}) QTest::newRow(one) << one;
  }
  void windowsEqualNumpy() {
    QFETCH(QString, statistic);
    const auto theirs = python(m_folder.path(), "name = '" + statistic.toStdString() + R"('
out = []
for p in [f['geometry']['coordinates'] for f in json.load(open(folder + '/plots.geojson'))['features']]:
    c, r = [int(np.floor(v)) for v in ~raster.transform * p]
    if not (0 <= c < raster.width and 0 <= r < raster.height):
        out.append([np.nan] * 3)
        continue
    box = values[:, max(0, r - 2):r + 3, max(0, c - 2):c + 3].reshape(3, -1)
    out.append((~np.isnan(box)).sum(1) if name == 'count' else getattr(np, 'nan' + name)(box, axis=1))
put(out))");
    const QString problem = difference(
        result("sample_points window=5 statistic=" + statistic.toStdString() + " points=" + path("plots.geojson")), theirs, 1e-6, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  // The same fields in longitudes and latitudes: their edges are curves on the grid. The truth divides each edge in a thousand.
  void edgesAreDensified() {
    const Json ring = Json::parse("[[[-121.5, 35], [-117.2, 35.1], [-119, 38], [-121.5, 35]]]");
    write("lonlat.geojson", collection(Json::array({feature("wide", "Polygon", ring)}), ""));
    test::GdalFile coarse;
    coarse.path = path("coarse.tif");
    coarse.rows = kRows;
    coarse.cols = kCols;
    coarse.geotransform = {600000, 5000, 0, 4220000, 0, -5000};
    QCOMPARE(test::writeGdalFile(coarse, std::vector<std::byte>(kRows * kCols, std::byte{1})), std::string());
    const std::string program = R"(
raster = rasterio.open(folder + '/coarse.tif')
ring = np.array(json.load(open(folder + '/lonlat.geojson'))['features'][0]['geometry']['coordinates'][0])
def pixels(steps):
    dense = np.concatenate([a + np.linspace(0, 1, steps, endpoint=False)[:, None] * (b - a) for a, b in zip(ring, ring[1:])])
    g = rasterio.warp.transform_geom('OGC:CRS84', raster.crs, dict(type='Polygon', coordinates=[np.concatenate([dense, dense[:1]]).tolist()]))
    return rasterio.features.geometry_mask([g], raster.shape, raster.transform, invert=True).sum()
put([pixels(1000), pixels(1)]))";
    auto theirs = python(m_folder.path(), program);
    QVERIFY(theirs.size() == 2 && theirs[0] > 1000 && std::abs(theirs[0] - theirs[1]) > 10);  // it matters
    theirs.pop_back();
    const auto ours = result("zonal_stats statistics=count polygons=" + path("lonlat.geojson"), "coarse.tif");
    const QString problem = difference(ours, theirs, 0, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  // RFC 7946 cuts what crosses the antimeridian into two parts: on a grid from 0 to 360 they join, in UTM zone 1 as well.
  void antimeridianPartsJoin() {
    const Json parts = Json::parse(
        "[[[[177.25, -19.25], [180, -19.25], [180, -15.75], [177.25, -15.75], [177.25, -19.25]]],"
        "[[[-180, -19.25], [-178.25, -19.25], [-178.25, -15.75], [-180, -15.75], [-180, -19.25]]]]");
    write("fiji.geojson", collection(Json::array({feature("fiji", "MultiPolygon", parts)}), ""));
    const auto numbers = [this](const std::string& crs, const std::array<double, 6>& transform, int rows, int cols,
                                const std::string& name) {
      test::GdalFile file;
      file.path = path(name.c_str());
      file.rows = rows;
      file.cols = cols;
      file.crs = crs;
      file.geotransform = transform;
      if (!test::writeGdalFile(file, std::vector<std::byte>(static_cast<std::size_t>(rows * cols), std::byte{1})).empty())
        qFatal("no raster");
      return result("zonal_stats statistics=count coverage=fraction polygons=" + path("fiji.geojson"), name.c_str());
    };
    // 9 by 7 pixels of half a degree, cut in their middles; in other words, in -180 to 180, the part on either side.
    QCOMPARE(numbers("EPSG:4326", {170, 0.5, 0, -10, 0, -0.5}, 30, 40, "round.tif"), std::vector<double>{63});
    QCOMPARE(numbers("EPSG:4326", {160, 0.5, 0, -10, 0, -0.5}, 30, 40, "east.tif"), std::vector<double>{38.5});
    QCOMPARE(numbers("EPSG:4326", {-180, 0.5, 0, -10, 0, -0.5}, 30, 40, "west.tif"), std::vector<double>{24.5});
    const auto theirs = python(m_folder.path(), R"(
total = 0
for part in json.load(open(folder + '/fiji.geojson'))['features'][0]['geometry']['coordinates']:
    ring = np.array(part[0])
    dense = np.concatenate([a + np.linspace(0, 1, 500, endpoint=False)[:, None] * (b - a) for a, b in zip(ring, ring[1:])])
    g = rasterio.warp.transform_geom('OGC:CRS84', 'EPSG:32701', dict(type='Polygon', coordinates=[np.concatenate([dense, dense[:1]]).tolist()]))
    total += ogr.CreateGeometryFromJson(json.dumps(g)).Area() / 1e8
put([total]))");
    const QString problem = difference(numbers("EPSG:32701", {-200000, 10000, 0, 8400000, 0, -10000}, 70, 80, "utm.tif"), theirs, 2e-6, 0);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
};

QTEST_APPLESS_MAIN(TestPolygons)
#include "tst_polygons.moc"
