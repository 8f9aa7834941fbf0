// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF-4 outputs against the conformance suite, and read back with everything that goes with the pixels. What other programs make of
// them is tests/peers/check_netcdf.py's to say.
#include <QtTest>
#include <cmath>

#include "engine/array/cell_bounds.h"
#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "tests/support/engine.h"
#include "tests/support/sink_conformance.h"
#include "tests/support/sink_requests.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestNetcdfSink : public QObject {
  Q_OBJECT

 private:
  std::shared_ptr<SinkProvider> m_sinks = makeSinkProvider();
  std::shared_ptr<SourceProvider> m_sources = makeFileProvider();

  std::string pathIn(const QTemporaryDir& folder, const char* name) { return folder.filePath(name).toStdString(); }
  QString write(const SinkRequest& request) {
    const Block pixels = closedFormPixels(request.spec);
    return writeArray(*m_sinks, request, pixels.view, {request.spec.shape(), false, 1});
  }
  std::shared_ptr<Source> open(const std::string& path) {
    auto source = m_sources->open({path, {}, {}});
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  std::string refused(const SinkRequest& request) { return refusedParameter(*m_sinks, request); }

 private slots:
  void conforms_data() {
    QTest::addColumn<QString>("order");
    QTest::addColumn<QString>("compress");
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("bands");
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("cols");
    const int f32 = static_cast<int>(PixelType::Float32), i16 = static_cast<int>(PixelType::Int16), u8 = static_cast<int>(PixelType::UInt8);
    const auto row = [](const char* name, const char* order, const char* compress, int type, int bands, int rows, int cols) {
      QTest::newRow(name) << QString(order) << QString(compress) << type << bands << rows << cols;
    };
    row("bands first", "byx", "", f32, 21, 141, 157);
    row("bands first, plain", "byx", "none", i16, 5, 61, 47);
    row("one map", "yx", "deflate", u8, 1, 601, 577);
    row("one map, plain", "yx", "none", f32, 1, 61, 47);
  }
  /// The suite, GDAL's reading included; it takes y, x last.
  void conforms() {
    QFETCH(QString, order);
    QFETCH(QString, compress);
    QFETCH(int, type);
    QFETCH(int, bands);
    QFETCH(int, rows);
    QFETCH(int, cols);
    QTemporaryDir folder;
    ArraySpec spec = specOf(order.toStdString(), static_cast<PixelType>(type), bands, rows, cols);
    if (type == static_cast<int>(PixelType::Float32)) spec.nodata = -9999;
    const SinkRequest request = requestOf(pathIn(folder, "a.nc"), spec, compress.toStdString());
    QCOMPARE(checkSink(*m_sinks, request), QString());
  }

  void everyOrderAndType_data() {
    QTest::addColumn<QString>("order");
    QTest::addColumn<QString>("compress");
    for (const char* order : {"ybx", "yxb", "tbyx", "tyx", "nyx", "xby", "b"})
      for (const char* compress : {"deflate", "none"})
        QTest::newRow(qPrintable(QString(order) + " " + compress)) << QString(order) << QString(compress);
  }
  /// Cut in any way, delivered in any order by any number of threads: the same file, and the same values out of it.
  void everyOrderAndType() {
    QFETCH(QString, order);
    QFETCH(QString, compress);
    for (int t = 0; t <= static_cast<int>(PixelType::Float64); ++t) {
      const auto type = static_cast<PixelType>(t);
      if (order != "ybx" && type != PixelType::UInt16 && type != PixelType::Float32) continue;
      QTemporaryDir folder;
      ArraySpec spec = specOf(order.toStdString(), type, 18, 35, 140);
      spec.nodata = 7;
      SinkRequest request = requestOf(pathIn(folder, "a.nc"), spec, compress.toStdString());
      request.overwrite = true;
      const Block pixels = closedFormPixels(spec);
      std::vector<std::int64_t> odd;
      for (const Dim& dim : spec.dims) odd.push_back(std::min<std::int64_t>(dim.size, 9 + 4 * static_cast<std::int64_t>(odd.size())));
      QByteArray content;
      for (const Delivery& delivery : {Delivery{spec.shape(), false, 1}, Delivery{odd, true, 3}}) {
        QCOMPARE(writeArray(*m_sinks, request, pixels.view, delivery), QString());
        if (content.isEmpty()) content = contentOf(request.path);
        QCOMPARE(contentOf(request.path), content);
      }
      if (order == "b") continue;  // one dim is no raster to open
      const auto source = open(request.path);
      QVERIFY(source);
      QCOMPARE(source->spec().dimNames(), spec.dimNames());
      QCOMPARE(source->spec().type, type);
      QCOMPARE(source->spec().nodata.value(), 7.0);
      BufferPool pool;
      const Block back = readWhole(*source, pool);
      QCOMPARE(std::memcmp(back.view.data, pixels.view.data, static_cast<std::size_t>(spec.bytes())), 0);
    }
  }

  void carriesMetadata() {
    QTemporaryDir folder;
    ArraySpec spec = specOf("tbyx", PixelType::Float32, 3, 20, 30);
    spec.nodata = std::nan("");
    spec.attributes = {{"sensor type", "AVIRIS-NG"}, {"history", "made by someone at noon"}, {"scale_factor", "0.1"}};
    const std::string path = pathIn(folder, "a.nc");
    QCOMPARE(write(requestOf(path, spec)), QString());
    const auto source = open(path);
    QVERIFY(source);
    const ArraySpec& back = source->spec();
    QCOMPARE(back.variable, std::string("reflectance"));
    QCOMPARE(back.unit, std::string("1"));
    QVERIFY(*back.geobox == *spec.geobox);
    QCOMPARE(back.geobox->crs().authority(), std::string("EPSG:32610"));
    QCOMPARE(back.dims[0].coordinate.values, spec.dims[0].coordinate.values);
    QCOMPARE(back.dims[0].coordinate.labels, spec.dims[0].coordinate.labels);
    QCOMPARE(back.dims[1].coordinate.values, spec.dims[1].coordinate.values);
    QCOMPARE(back.dims[1].coordinate.aux, spec.dims[1].coordinate.aux);
    QVERIFY(std::isnan(back.nodata.value()));
    QCOMPARE(back.attributes.at("sensor_type"), std::string("AVIRIS-NG"));
    QVERIFY(!back.attributes.contains("history") && !back.attributes.contains("scale_factor"));
  }

  /// CF conventions 7.1: cells go with their entries, in the unit of the coordinate; with fewer entries there are fewer cells.
  void cellsGoWithTheirEntries() {
    QTemporaryDir folder;
    ArraySpec spec = specOf("tbyx", PixelType::Float32, 3, 4, 5, "EPSG:4326");
    setCellBounds(spec.dims[0].coordinate, {1645574400, 1645747200.25, 1646697600, 1646784000});
    setCellBounds(spec.dims[1].coordinate, {375, 379, 380, 384.5, 385, 389});
    setCellBounds(spec.dims[2].coordinate, {34.7, 34.6, 34.6, 34.5, 34.5, 34.4, 34.4, 34.3});
    const std::string path = pathIn(folder, "a.nc");
    QCOMPARE(write(requestOf(path, spec)), QString());
    const auto source = open(path);
    QVERIFY(source);
    const ArraySpec& back = source->spec();
    for (std::size_t d = 0; d < 4; ++d) QCOMPARE(cellBounds(back.dims[d].coordinate), cellBounds(spec.dims[d].coordinate));
    QVERIFY(back.coordinateNamed("time_bnds") == nullptr);
    const auto info = m_sources->info(path);
    QVERIFY(info && info->variables.size() == 1);
    Region region;
    for (const Dim& dim : back.dims) region.push_back(IndexSet::all(dim.size));
    region[0] = IndexSet::list({1});
    QCOMPARE(cellBounds(back.select(region).dims[0].coordinate), (std::vector<double>{1646697600, 1646784000}));
    ArraySpec moved = back;
    moved.setGeobox(*spec.geobox);  // another grid has other cells
    QCOMPARE(cellBounds(moved.dims[2].coordinate), std::vector<double>());
  }

  /// Beside numbers and without them.
  void namesSurvive() {
    QTemporaryDir folder;
    ArraySpec spec = specOf("nyx", PixelType::Int16, 3, 20, 30);
    spec.dims[0].coordinate.labels = {"red", "vert d'eau", "nahes Infrarot \u00fc"};
    for (const Coordinate::Kind kind : {Coordinate::Kind::Regular, Coordinate::Kind::None}) {
      spec.dims[0].coordinate.kind = kind;
      const std::string path = pathIn(folder, kind == Coordinate::Kind::None ? "names.nc" : "numbered.nc");
      QCOMPARE(write(requestOf(path, spec)), QString());
      const auto source = open(path);
      QVERIFY(source);
      const Coordinate& back = source->spec().dims[0].coordinate;
      QCOMPARE(back.labels, spec.dims[0].coordinate.labels);
      QCOMPARE((std::vector{back.at(0), back.at(2)}), (std::vector<double>{1, 3}));
    }
  }

  /// Times of a calendar that stay numbers keep units and calendar, in Zarr stores too.
  void calendarsSurvive_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("unit");
    for (const char* file : {"a.nc", "a.zarr"})
      for (const char* unit : {"days since 2000-01-01 [noleap]", "hours since 1850-02-30 [360_day]", "months since 2000-01-01 [standard]",
                               "months since 2000-01-01", "days since 2000-01-01 [local] []"})
        QTest::newRow(qPrintable(QString(file) + ", " + unit)) << QString(file) << QString(unit);
  }
  void calendarsSurvive() {
    QFETCH(QString, file);
    QFETCH(QString, unit);
    QTemporaryDir folder;
    ArraySpec spec = specOf("tyx", PixelType::Int16, 1, 20, 30);
    spec.dims[0].coordinate.unit = unit.toStdString();
    spec.dims[0].coordinate.values = {363, 364.25};
    spec.dims[0].coordinate.labels.clear();
    const std::string path = folder.filePath(file).toStdString();
    QCOMPARE(write(requestOf(path, spec)), QString());
    const auto source = open(path);
    QVERIFY(source);
    const Coordinate& back = source->spec().dims[0].coordinate;
    QCOMPARE(QString::fromStdString(back.unit), unit);
    QCOMPARE((std::vector{back.at(0), back.at(1)}), spec.dims[0].coordinate.values);
  }

  void gridsSurvive_data() {
    QTest::addColumn<QString>("crs");
    for (const char* crs : {"EPSG:4326", "EPSG:32722", "EPSG:3035", "EPSG:5070", "EPSG:3413", "EPSG:3857", "EPSG:2227", "",
                            "+proj=sinu +lon_0=0 +R=6371007.181", "+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80"})
      QTest::newRow(crs[0] == 0 ? "unknown" : crs) << QString(crs);
  }
  void gridsSurvive() {
    QFETCH(QString, crs);
    const ArraySpec plain = specOf("yx", PixelType::Int16, 1, 20, 30, crs.toStdString());
    const Affine base = plain.geobox->affine();
    const Affine southUp{base.a / 3, 0, base.c, 0, -base.e / 3, base.f}, rotated{base.a, base.a / 4, base.c, base.a / 5, base.e, base.f};
    for (const Affine& affine : {base, southUp, rotated}) {
      QTemporaryDir folder;
      ArraySpec spec = plain;
      spec.setGeobox(GeoBox(20, 30, affine, plain.geobox->crs()));
      QCOMPARE(write(requestOf(pathIn(folder, "a.nc"), spec)), QString());
      const auto source = open(pathIn(folder, "a.nc"));
      QVERIFY(source && source->spec().geobox);
      QVERIFY(source->spec().geobox->affine() == affine);
      if (crs.isEmpty()) {
        QVERIFY(!source->spec().geobox->crs().isValid());
      } else {
        QVERIFY(source->spec().geobox->crs().isSameAs(plain.geobox->crs()));
      }
    }
  }

  void refusals() {
    QTemporaryDir folder;
    const ArraySpec spec = specOf("byx", PixelType::Float32, 2, 20, 30);
    const std::string path = pathIn(folder, "a.nc");
    QCOMPARE(refused(requestOf(path, spec)), std::string());
    QCOMPARE(refused(requestOf(path, spec, "zstd")), std::string("compress"));
    QCOMPARE(refused(requestOf(path, specOf("byx", PixelType::Complex64, 2, 20, 30))), std::string("dtype"));
    ArraySpec odd = spec;
    odd.dims[0].name = "a/b";
    QCOMPARE(refused(requestOf(path, odd)), std::string("input"));
    QCOMPARE(write(requestOf(path, spec)), QString());
    QCOMPARE(refused(requestOf(path, spec)), std::string("path"));
  }

  /// A chain's result does not depend on workers or memory.
  void sameBytesForAnyWorkers() {
    QTemporaryDir folder;
    Engine engine;
    QByteArray content;
    for (const int workers : {1, 2, 5}) {
      PlanOptions options;
      options.workers = workers;
      const std::string path = pathIn(folder, qPrintable(QString("w%1.nc").arg(workers)));
      const auto report =
          engine.run("open " CUBELOOM_TEST_DATA "/envi/enmap_potsdam_96x64.bil ! transpose dims=wavelength,y,x ! write " + path, options);
      QVERIFY2(report && report->status == RunStatus::Finished, report ? "not finished" : report.error().text().c_str());
      if (content.isEmpty()) content = contentOf(path);
      QCOMPARE(contentOf(path), content);
    }
  }
};

QTEST_GUILESS_MAIN(TestNetcdfSink)
#include "tst_netcdf_sink.moc"
