// SPDX-License-Identifier: GPL-3.0-or-later
// The Zarr sink against the conformance suite, read back in full, and what it replaces or refuses to.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "engine/array/cell_bounds.h"
#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/sink_conformance.h"
#include "tests/support/sink_requests.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

/// A cube whose bands have names beyond ASCII.
ArraySpec cubeOf(const std::string& order, PixelType type, std::int64_t bands, std::int64_t rows, std::int64_t cols) {
  ArraySpec spec = specOf(order, type, bands, rows, cols);
  spec.variable = "cube";
  if (const int d = spec.indexOf("wavelength"); d >= 0)
    for (std::int64_t i = 0; i < bands; ++i)
      spec.dims[static_cast<std::size_t>(d)].coordinate.labels.push_back("band " + std::to_string(i) + " \xC2\xB5");
  return spec;
}

QJsonObject jsonOf(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {};
  return QJsonDocument::fromJson(file.readAll()).object();
}

}  // namespace

class TestZarrSink : public QObject {
  Q_OBJECT

 private:
  std::shared_ptr<SinkProvider> m_sinks = makeSinkProvider();

  /// Writes the closed-form pixels and reads them back through the source; empty when specs and pixels are the same.
  QString differs(const SinkRequest& request) {
    const Block pixels = closedFormPixels(request.spec);
    if (const QString problem = writeArray(*m_sinks, request, pixels.view, {request.spec.shape(), false, 1}); !problem.isEmpty())
      return problem;
    auto source = makeFileProvider()->open({request.path, {}, {}});
    if (!source) return QString::fromStdString(source.error().text());
    const ArraySpec &back = (*source)->spec(), &spec = request.spec;
    if (back.dimNames() != spec.dimNames() || back.shape() != spec.shape() || back.type != spec.type) return "dims, shape or type differ";
    if (back.nodata.has_value() != spec.nodata.has_value()) return "nodata differs";
    if (back.geobox != spec.geobox) return "the grid differs";
    for (std::size_t d = 0; d < spec.dims.size(); ++d) {
      const Coordinate &a = back.dims[d].coordinate, &b = spec.dims[d].coordinate;
      const bool sameValues = b.kind == Coordinate::Kind::None || a.at(spec.dims[d].size - 1) == b.at(spec.dims[d].size - 1);
      if (!sameValues || a.labels != b.labels || a.aux != b.aux || a.unit != b.unit)
        return QString::fromStdString("the coordinate of " + spec.dims[d].name + " differs");
    }
    BufferPool pool;
    const Block whole = readWhole(**source, pool);
    const auto bytes = static_cast<std::size_t>(spec.bytes());
    return std::memcmp(whole.view.data, pixels.view.data, bytes) == 0 ? "" : "pixels differ";
  }
  std::string refused(const SinkRequest& request) {
    const auto plan = m_sinks->plan(request);
    return plan ? "" : plan.error().parameter + ": " + plan.error().message;
  }

 private slots:
  void conforms_data() {
    QTest::addColumn<QString>("order");
    QTest::addColumn<QString>("compress");
    QTest::addColumn<int>("type");
    const int f32 = static_cast<int>(PixelType::Float32), i16 = static_cast<int>(PixelType::Int16);
    QTest::newRow("bands first") << "byx"
                                 << "" << f32;
    QTest::newRow("lines first") << "ybx"
                                 << "zstd" << i16;
    QTest::newRow("pixels first") << "yxb"
                                  << "deflate" << f32;
    QTest::newRow("with times") << "tbyx"
                                << "blosc" << f32;
    QTest::newRow("plain") << "tbyx"
                           << "none" << i16;
    QTest::newRow("one row") << "x"
                             << "" << f32;
  }
  void conforms() {
    QFETCH(QString, order);
    QFETCH(QString, compress);
    QFETCH(int, type);
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf(order.toStdString(), static_cast<PixelType>(type), 7, 151, 137);
    spec.nodata = -9999;
    QCOMPARE(checkSink(*m_sinks, requestOf(folder.filePath("out.zarr").toStdString(), spec, compress.toStdString())), QString());
  }

  void severalChunksAlongEachDim() {
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("tbyx", PixelType::Float64, 70, 150, 260);
    const SinkRequest request = requestOf(folder.filePath("out.zarr").toStdString(), spec);
    const auto plan = m_sinks->plan(request);
    QVERIFY(plan.has_value());
    QCOMPARE(plan->unit[0], std::int64_t{1});
    for (std::size_t d = 1; d < 4; ++d) QVERIFY(plan->unit[d] < spec.dims[d].size || d == 1);
    QCOMPARE(checkSink(*m_sinks, request), QString());
  }

  /// CF conventions 7.1: "time_bnds" and the like, named by `bounds`.
  void cellsGoWithTheirEntries() {
    const QTemporaryDir folder;
    ArraySpec spec = specOf("tyx", PixelType::Float32, 1, 4, 5, "EPSG:4326");
    setCellBounds(spec.dims[0].coordinate, {1645574400, 1645747200.25, 1646697600, 1646784000});
    setCellBounds(spec.dims[1].coordinate, {34.7, 34.6, 34.6, 34.5, 34.5, 34.4, 34.4, 34.3});
    const QString path = folder.filePath("out.zarr");
    QCOMPARE(differs(requestOf(path.toStdString(), spec)), QString());
    QCOMPARE(jsonOf(path + "/time/.zattrs")["bounds"].toString(), QString("time_bnds"));
    QCOMPARE(jsonOf(path + "/y_bnds/.zarray")["shape"].toArray(), (QJsonArray{4, 2}));
    QVERIFY(!jsonOf(path + "/y_bnds/.zattrs").contains("units"));
  }

  void everyTypeReadsBack_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<double>("nodata");
    using enum PixelType;
    const auto row = [](PixelType type, double nodata) {
      QTest::newRow(std::string(pixelTypeName(type)).c_str()) << static_cast<int>(type) << nodata;
    };
    row(UInt8, 255);
    row(Int8, -128);
    row(UInt16, 65535);
    row(Int16, -32768);
    row(UInt32, 4294967295.0);
    row(Int32, -9999);
    row(UInt64, 0);
    row(Int64, -1);
    row(Float32, NAN);
    row(Float64, -1.7976931348623157e308);
    row(Complex64, 0);
    row(Complex128, 0);
  }
  void everyTypeReadsBack() {
    QFETCH(int, type);
    QFETCH(double, nodata);
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("tbyx", static_cast<PixelType>(type), 3, 21, 17);
    if (!isComplex(spec.type)) spec.nodata = nodata;
    QCOMPARE(differs(requestOf(folder.filePath("typed.zarr").toStdString(), spec)), QString());
  }

  void gridsSurvive() {
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("byx", PixelType::Float32, 3, 21, 17);
    spec.setGeobox(GeoBox(21, 17, {0.1, 0, -120, 0, 0.1, 34}, *Crs::fromUser("EPSG:4326")));  // south up
    QCOMPARE(differs(requestOf(folder.filePath("south.zarr").toStdString(), spec)), QString());
    spec.setGeobox(GeoBox(21, 17, {20, 5, 500000, 5, -20, 4000000}, *Crs::fromUser("EPSG:32610")));  // rotated: no 1-D coordinates
    for (const char* dim : {"y", "x"}) spec.dims[static_cast<std::size_t>(spec.indexOf(dim))].coordinate = {};
    QCOMPARE(differs(requestOf(folder.filePath("rotated.zarr").toStdString(), spec)), QString());
    QVERIFY(!QFile::exists(folder.filePath("rotated.zarr/x")));
    spec.setGeobox(GeoBox(21, 17, {30, 0, 500000, 0, -30, 4000000}, Crs()));
    QCOMPARE(differs(requestOf(folder.filePath("nowhere.zarr").toStdString(), spec)), QString());
  }

  void metadataAreXarrays() {
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("tbyx", PixelType::Float32, 3, 21, 17);
    spec.nodata = NAN;
    spec.unit = "W m-2 sr-1 um-1";
    spec.attributes["sensor type"] = "AVIRIS-NG";
    QCOMPARE(differs(requestOf(folder.filePath("cube.zarr").toStdString(), spec)), QString());
    const QJsonObject all = jsonOf(folder.filePath("cube.zarr/.zmetadata"))["metadata"].toObject();
    QCOMPARE(all["cube/.zarray"].toObject()["fill_value"].toString(), QString("NaN"));
    QCOMPARE(all["cube/.zarray"].toObject()["dtype"].toString(), QString("<f4"));
    const QJsonObject attributes = all["cube/.zattrs"].toObject();
    QCOMPARE(attributes["_ARRAY_DIMENSIONS"].toArray(), (QJsonArray{"time", "wavelength", "y", "x"}));
    QCOMPARE(attributes["grid_mapping"].toString(), QString("spatial_ref"));
    QCOMPARE(attributes["units"].toString(), QString("W m-2 sr-1 um-1"));
    QCOMPARE(attributes["sensor type"].toString(), QString("AVIRIS-NG"));
    QCOMPARE(all["spatial_ref/.zattrs"].toObject()["GeoTransform"].toString(), QString("717500 500 0 3866000 0 -500"));
    QCOMPARE(all["time/.zattrs"].toObject()["units"].toString(), QString("seconds since 1970-01-01 00:00:00"));
    QCOMPARE(all["x/.zattrs"].toObject()["standard_name"].toString(), QString("projection_x_coordinate"));
  }

  void aNameThatIsTakenIsChanged() {
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("yx", PixelType::Float32, 1, 5, 4);
    spec.variable = "x";
    QCOMPARE(differs(requestOf(folder.filePath("a.zarr").toStdString(), spec)), QString());
    QVERIFY(QFile::exists(folder.filePath("a.zarr/x_values/.zarray")));
    spec.variable = "../../climbs";
    QCOMPARE(differs(requestOf(folder.filePath("b.zarr").toStdString(), spec)), QString());
    QVERIFY(QFile::exists(folder.filePath("b.zarr/data.._.._climbs/.zarray")));
  }

  void namesOfOthersStayInside() {
    const QTemporaryDir folder;
    ArraySpec spec = cubeOf("byx", PixelType::Float32, 3, 5, 4);
    spec.dims[0].name = "../../climbs";
    spec.dims[0].coordinate.aux["/etc/fwhm"] = {1, 2, 3};
    const SinkRequest request = requestOf(folder.filePath("a.zarr").toStdString(), spec);
    const Block pixels = closedFormPixels(spec);
    QCOMPARE(writeArray(*m_sinks, request, pixels.view, {spec.shape(), false, 1}), QString());
    QVERIFY(QFile::exists(folder.filePath("a.zarr/data.._.._climbs/.zarray")));
    QVERIFY(QFile::exists(folder.filePath("a.zarr/_etc_fwhm/.zarray")));
  }

  void replacesNothingButZarr() {
    const QTemporaryDir folder;
    const ArraySpec spec = cubeOf("byx", PixelType::Float32, 3, 21, 17);
    SinkRequest request = requestOf(folder.filePath("out.zarr").toStdString(), spec);
    QCOMPARE(differs(request), QString());
    QVERIFY(refused(request).find("exists; set overwrite=true") != std::string::npos);
    request.overwrite = true;
    QCOMPARE(differs(request), QString());
    QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden), QStringList{"out.zarr"});

    writeFile(folder.filePath("out.zarr/thesis.docx").toStdString(), "years of work");
    QVERIFY(refused(request).find("thesis.docx") != std::string::npos);
    QDir(folder.path()).mkdir("photos.zarr");
    request.path = folder.filePath("photos.zarr").toStdString();
    QVERIFY(refused(request).find("holds no Zarr metadata") != std::string::npos);
    writeFile(folder.filePath("file.zarr").toStdString(), "a file");
    request.path = folder.filePath("file.zarr").toStdString();
    QVERIFY(refused(request).find("is not a folder") != std::string::npos);
    request.path = folder.filePath("missing/out.zarr").toStdString();
    QVERIFY(refused(request).starts_with("path: folder"));
    request.path = folder.filePath("new.zarr").toStdString();
    request.compress = "lzw";
    QVERIFY(refused(request).starts_with("compress: compression 'lzw' is not for Zarr"));
  }

  void aTargetThatAppearsMeanwhileIsSpared() {
    const QTemporaryDir folder;
    const SinkRequest request = requestOf(folder.filePath("out.zarr").toStdString(), cubeOf("byx", PixelType::Float32, 3, 21, 17));
    const Block pixels = closedFormPixels(request.spec);
    auto sink = m_sinks->open(request, BufferPool());
    QVERIFY(sink.has_value());
    QVERIFY((*sink)->write(0, fullRegion(request.spec.shape()), pixels.view).has_value());
    QDir(folder.path()).mkdir("out.zarr");
    QVERIFY(!(*sink)->publish({}));
    sink->reset();
    QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden), QStringList{"out.zarr"});
  }

  void chainsWriteTheSameBytes() {
    const QTemporaryDir folder;
    EnviRaster raster;
    raster.samples = 300;
    raster.lines = 200;
    raster.bands = 40;
    raster.dataType = 2;
    raster.more = "map info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n";
    raster.write(folder.filePath("cube.img").toStdString());
    const Engine engine;
    QByteArray first;
    for (const auto& [workers, isTight] : {std::pair{1, false}, {3, false}, {2, true}}) {
      PlanOptions options;
      options.workers = workers;
      const std::string out = folder.filePath(QString("out%1.zarr").arg(workers)).toStdString();
      const std::string text = "open " + folder.filePath("cube.img").toStdString() + " nodata=7 ! transpose dims=band,y,x ! write " + out;
      const auto plan = engine.plan(text, options);
      QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
      if (isTight) options.memoryBudgetBytes = static_cast<std::int64_t>(plan->leastBudgetBytes * 1.02) + (1 << 20);
      const auto report = engine.run(text, options);
      QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
      QVERIFY2(report->status == RunStatus::Finished, report->errors.empty() ? "" : report->errors[0].text().c_str());
      const QByteArray content = contentOf(out);
      if (first.isEmpty()) first = content;
      QCOMPARE(content, first);
    }
  }
};

QTEST_GUILESS_MAIN(TestZarrSink)
#include "tst_zarr_sink.moc"
