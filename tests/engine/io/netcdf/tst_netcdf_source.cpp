// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF and HDF5 as arrays: values against netCDF4-python, h5py and xarray (tests/data/netcdf/facts.json), axes and CRSs against what is
// known of the files, and files that are broken or hostile.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <complex>
#include <random>

#include "engine/base/cf_time.h"
#include "engine/base/utf8.h"
#include "engine/io/cf/cf_grid_mapping.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;

namespace {

std::uint32_t crc32(const std::byte* bytes, std::size_t count) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= static_cast<std::uint32_t>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

QJsonObject jsonOf(const QString& name) {
  QFile file(QString(CUBELOOM_TEST_DATA "/netcdf/") + name);
  return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

/// NaN becomes 0, whose bits are the same for everyone; says how many.
int dropNans(const BlockView& view) {
  int nans = 0;
  dispatchPixelType(view.type, [&](auto sample) {
    using T = decltype(sample);
    if constexpr (std::is_floating_point_v<T>)
      for (std::int64_t i = 0; i < view.count(); ++i)
        if (T& value = view.as<T>()[i]; std::isnan(value)) {
          value = 0;
          ++nans;
        }
  });
  return nans;
}

double valueAt(Source& source, const std::vector<std::int64_t>& index) {
  Region region;
  for (const std::int64_t i : index) region.push_back(IndexSet::single(i));
  double value = -1;
  BufferPool pool;
  const Block block = makeBlock(pool, source.spec().type, std::vector<std::int64_t>(index.size(), 1));
  ReadContext context;
  if (source.read(region, block.view, context))
    copyBlock(block.view, denseView(reinterpret_cast<std::byte*>(&value), PixelType::Float64, block.view.shape));
  return value;
}

}  // namespace

class TestNetcdfSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  static std::string data(const std::string& name) { return std::string(CUBELOOM_TEST_DATA "/netcdf/") + name; }
  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }
  std::shared_ptr<Source> open(const std::string& name, const std::string& variable = {}) {
    auto source = m_provider->open({data(name), variable, {}});
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  bool hasNote(const std::string& name, const std::string& part) {
    const auto info = m_provider->info(data(name));
    return info &&
           std::any_of(info->notes.begin(), info->notes.end(), [&](const auto& note) { return note.find(part) != std::string::npos; });
  }
  static std::array<double, 6> transformOf(const ArraySpec& spec) { return spec.geobox->affine().geotransform(); }
  static bool close(const std::array<double, 6>& a, const std::array<double, 6>& b, double tolerance) {
    for (std::size_t i = 0; i < 6; ++i)
      if (std::abs(a[i] - b[i]) > tolerance) return false;
    return true;
  }

 private slots:
  void everyVariable_data() {
    QTest::addColumn<QString>("file");
    for (const QString& file : jsonOf("facts.json").keys()) QTest::newRow(qPrintable(file)) << file;
  }
  /// Dims, type and every value of every variable of every file.
  void everyVariable() {
    QFETCH(QString, file);
    const QJsonObject variables = jsonOf("facts.json")[file].toObject();
    QVERIFY(!variables.isEmpty());
    const auto info = m_provider->info(data(file.toStdString()));
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    for (const QString& name : variables.keys()) {
      const QJsonObject facts = variables[name].toObject();
      const bool isPrisma = file.startsWith("prisma");
      const auto source = open(file.toStdString(), name.toStdString());
      QVERIFY2(source, qPrintable(name));
      const ArraySpec& spec = source->spec();
      const QJsonArray dims = facts["dims"].toArray(), shape = facts["shape"].toArray();
      QCOMPARE(static_cast<qsizetype>(spec.dims.size()), dims.size());
      for (qsizetype d = 0; d < dims.size(); ++d) {
        // Dims without names are numbered by the library in an order of its own.
        if (!isPrisma && !dims[d].toString().startsWith("phony_dim"))
          QCOMPARE(QString::fromStdString(spec.dims[static_cast<std::size_t>(d)].name), dims[d].toString());
        QCOMPARE(static_cast<int>(spec.dims[static_cast<std::size_t>(d)].size), shape[d].toInt());
      }
      QCOMPARE(QString::fromUtf8(pixelTypeName(spec.type).data()), facts["dtype"].toString());
      BufferPool pool;
      const Block whole = test::readWhole(*source, pool);
      QVERIFY2(whole.buffer, qPrintable(name));
      QCOMPARE(dropNans(whole.view), facts["nans"].toInt());
      const std::uint32_t crc = crc32(whole.view.data, static_cast<std::size_t>(whole.view.count()) * pixelTypeBytes(spec.type));
      QVERIFY2(crc == static_cast<std::uint32_t>(facts["crc32_nan_as_0"].toDouble()), qPrintable(name + ": values differ"));
    }
    QVERIFY(static_cast<qsizetype>(info->variables.size()) >= variables.size());
  }

  void conforms_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("variable");
    QTest::addColumn<bool>("isExact");
    const auto row = [](const char* file, const char* variable, bool isExact = false) {
      QTest::newRow(qPrintable(QString(file) + " " + variable)) << QString(file) << QString(variable) << isExact;
    };
    row("chunked.nc", "checked_f4");
    row("chunked.nc", "big_f4");
    row("chunked.nc", "packed");
    row("chunked.nc", "holes");
    row("chunked.nc", "never_written");
    row("chunked.nc", "outer/inner/nested", true);
    row("classic.nc", "a");
    row("classic.nc", "b");
    row("classic.nc", "fixed", true);
    row("cdf5.nc", "odd");
    row("other_filters.h5", "scaled");
    row("other_filters.h5", "really_compact");
    row("oisst_0_360.nc", "sst");
    row("prisma_l2d_like.he5", "HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields/VNIR_Cube");
    row("planet_time_utm.nc", "green");
  }
  void conforms() {
    QFETCH(QString, file);
    QFETCH(QString, variable);
    QFETCH(bool, isExact);
    const auto source = open(file.toStdString(), variable.toStdString());
    QVERIFY(source);
    QCOMPARE(QString::fromStdString(test::sourceProblem(*source, isExact ? CostPromise::Exact : CostPromise::UpperBound)), QString());
  }

  void packedUnsigned() {
    const ArraySpec spec = open("tmmx_20190121.nc")->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"lat", "lon"}));
    QVERIFY(std::isnan(spec.nodata.value()));
    QCOMPARE(spec.unit, std::string("K"));
    QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:4326"));
    // GDAL's, from the same coordinates.
    QVERIFY(close(transformOf(spec), {-124.78749996666667, 0.041666666666666664, 0, 49.42083333333334, 0, -0.04166666666666668}, 1e-9));
    QCOMPARE(spec.coordinateNamed("day")->text(), std::string("2019-01-21T00:00:00Z"));
    QVERIFY(hasNote("tmmx_20190121.nc", "stored uint16 * 0.1 + 220 as float32; 32767 becomes NaN"));
  }

  void longitudesTo360AscendingLatitudes() {
    const ArraySpec spec = open("oisst_0_360.nc")->spec();
    QCOMPARE(spec.variable, std::string("sst"));
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"time", "zlev", "lat", "lon"}));
    QCOMPARE(transformOf(spec), (std::array<double, 6>{-1, 2, 0, -90, 0, 2}));
    QCOMPARE(spec.dims[0].coordinate.values, (std::vector<double>{378604800}));
    QCOMPARE(spec.dims[0].coordinate.labels, (std::vector<std::string>{"1981-12-31T00:00:00Z"}));
    QCOMPARE(spec.dims[0].coordinate.unit, std::string("datetime"));
    QCOMPARE(spec.dims[1].coordinate.unit, std::string("meters"));
    QVERIFY(hasNote("oisst_0_360.nc", "of 4 variables \"sst\" is taken"));
    QVERIFY(hasNote("oisst_0_360.nc", "taken as WGS 84 (EPSG:4326)"));
  }

  void conicInKilometres() {
    const ArraySpec spec = open("daymet_lcc_km.nc")->spec();
    QCOMPARE(transformOf(spec), (std::array<double, 6>{-778750, 1000, 0, -119500, 0, -1000}));
    const auto crs = Crs::fromUser("+proj=lcc +lat_0=42.5 +lon_0=-100 +lat_1=25 +lat_2=60 +datum=WGS84 +units=m");
    QVERIFY(spec.geobox->crs().isSameAs(*crs));
    QCOMPARE(spec.nodata.value(), -9999.0);
    QCOMPARE(spec.dims[0].coordinate.labels.front(), std::string("1980-07-01T12:00:00Z"));
  }

  void otherCrss() {
    const ArraySpec polar = open("polar_toa_bt.nc")->spec();
    QVERIFY(polar.geobox->crs().isSameAs(*Crs::fromUser("+proj=stere +lat_0=90 +lon_0=-35 +k_0=1 +R=6378169 +units=m")));
    QVERIFY(close(transformOf(polar), {-2299619.7294117645, 35483.458823529414, 0, -963943.1436713836, 0, -35500.3376572327}, 1e-3));
    QCOMPARE(polar.coordinateNamed("time")->text(), std::string("2016-05-16T12:00:00Z"));

    const ArraySpec modis = open("modis_sinusoidal.nc")->spec();
    QVERIFY(modis.geobox->crs().isSameAs(*Crs::fromUser("+proj=sinu +lon_0=0 +R=6371007.181 +units=m")));
    QVERIFY(close(transformOf(modis), {-7274009.649486291, 231.6563582639561, 0, 5050108.61015275, 0, -231.65635826375018}, 1e-6));

    const ArraySpec planet = open("planet_time_utm.nc")->spec();
    QCOMPARE(planet.geobox->crs().authority(), std::string("EPSG:32722"));
    QCOMPARE(transformOf(planet), (std::array<double, 6>{466266, 3, 0, 8084700, 0, -3}));
    QCOMPARE(planet.dims[0].coordinate.labels, (std::vector<std::string>{"2016-12-19T10:27:29.687763Z", "2016-12-29T12:52:42.347451Z"}));

    QCOMPARE(open("classic.nc")->spec().geobox->crs().authority(), std::string("EPSG:32610"));
    QCOMPARE(transformOf(open("classic.nc")->spec()), (std::array<double, 6>{499985, 30, 0, 3999985, 0, 30}));

    const ArraySpec rain = open("amsr_e_raingrid.h5")->spec();
    QCOMPARE(transformOf(rain), (std::array<double, 6>{0, 5, 0, 70, 0, -5}));
    QCOMPARE(rain.geobox->crs().authority(), std::string("EPSG:4326"));
  }

  /// Scanning angles of packed int16 become metres on the projection plane.
  void geostationary() {
    const ArraySpec spec = open("geostationary.nc")->spec();
    const auto crs = Crs::fromUser("+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80 +units=m");
    QVERIFY(spec.geobox->crs().isSameAs(*crs));
    const double pixel = 5.6e-05 * 35786023;
    QVERIFY(close(transformOf(spec), {-0.1 * 35786023 - pixel / 2, pixel, 0, 0.12 * 35786023 + pixel / 2, 0, -pixel}, 0.5));
    QVERIFY(hasNote("geostationary.nc", "valid_range is not applied"));
  }

  void swathsAndUnevenRows() {
    const ArraySpec swath = open("swath.nc")->spec();
    QCOMPARE(swath.variable, std::string("rain"));
    QCOMPARE(swath.yDim, 1);
    QCOMPARE(swath.xDim, 2);
    QVERIFY(!swath.geobox->crs().isValid());
    QCOMPARE(swath.dims[0].coordinate.values, (std::vector<double>{0, 30}));
    QVERIFY(swath.dims[0].coordinate.labels.empty());
    QVERIFY(hasNote("swath.nc", "in the calendar 360_day is not read as dates"));
    QVERIFY(hasNote("swath.nc", "given per pixel and not applied"));
    const ArraySpec gaussian = open("gaussian.nc")->spec();
    QVERIFY(!gaussian.geobox && !gaussian.isSpatial());
    QCOMPARE(gaussian.dims[0].coordinate.values, (std::vector<double>{-80, -30, 30, 80}));
  }

  void spectra() {
    const ArraySpec spec = open("chunked.nc", "spectra")->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "x", "wavelength"}));
    QCOMPARE(spec.dims[2].coordinate.unit, std::string("nm"));
    QCOMPARE(spec.dims[2].coordinate.values[2], 750.0);
    QVERIFY(std::abs(spec.dims[2].coordinate.aux.at("fwhm")[2] - 20) < 1e-5);
    QCOMPARE(spec.geobox->crs().label(), open("chunked.nc", "plain_f4")->spec().geobox->crs().label());
    QCOMPARE(open("chunked.nc", "outer/inner/nested")->spec().dims[0].coordinate.values, (std::vector<double>{3, 1, 4, 1.5}));
    QCOMPARE(open("chunked.nc", "signed")->spec().nodata.value(), 255.0);
    QCOMPARE(valueAt(*open("chunked.nc", "holes"), {0, 0, 0}), -7.0);
    QCOMPARE(valueAt(*open("chunked.nc", "never_written"), {3, 3}), -1.0);
  }

  void emitGranule() {
    const QJsonObject expected = jsonOf("emit_l2a_like.nc.json");
    const auto source = open("emit_l2a_like.nc");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"downtrack", "crosstrack", "bands"}));
    QCOMPARE(spec.spectralDim(), 2);
    QCOMPARE(spec.yDim, 0);
    const Coordinate& bands = spec.dims[2].coordinate;
    QCOMPARE(bands.unit, std::string("nm"));
    QVERIFY(std::abs(bands.values.front() - 381.0056) < 1e-3);
    QCOMPARE(static_cast<int>(std::count(bands.aux.at("good").begin(), bands.aux.at("good").end(), 0.0)), expected["bad_bands"].toInt());
    QCOMPARE(bands.aux.at("fwhm").size(), std::size_t{285});
    for (const QJsonValue& item : expected["raw_probe"].toArray()) {
      const QJsonObject probe = item.toObject();
      for (qsizetype i = 0; i < probe["values"].toArray().size(); ++i)
        QCOMPARE(valueAt(*source, {probe["downtrack"].toInt(), probe["crosstrack"].toInt(), probe["bands_0based"].toArray()[i].toInt()}),
                 probe["values"].toArray()[i].toDouble());
    }
    const ArraySpec glt = open("emit_l2a_like.nc", "location/glt_x")->spec();
    QCOMPARE(glt.geobox->crs().authority(), std::string("EPSG:4326"));
    std::array<double, 6> transform{};
    for (std::size_t i = 0; i < 6; ++i) transform[i] = expected["geotransform"].toArray()[static_cast<int>(i)].toDouble();
    QVERIFY(close(transformOf(glt), transform, 1e-12));
    QCOMPARE(glt.nodata.value(), 0.0);
  }

  void prismaCubes() {
    const QJsonObject expected = jsonOf("prisma_l2d_like.he5.json");
    for (const QString& part : {QString("Vnir"), QString("Swir")}) {
      const auto source = open("prisma_l2d_like.he5", "HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields/" + part.toUpper().toStdString() + "_Cube");
      QVERIFY(source);
      const ArraySpec& spec = source->spec();
      QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "wavelength", "x"}));
      QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:32633"));
      QCOMPARE(transformOf(spec), (std::array<double, 6>{365985, 30, 0, 5809995, 0, -30}));
      const Coordinate& bands = spec.dims[1].coordinate;
      QCOMPARE(static_cast<int>(std::count(bands.values.begin(), bands.values.end(), 0.0)),
               expected["unused_bands_cw_0"].toObject()[part.toUpper()].toInt());
      for (const QJsonValue& item : expected["probe"].toArray()) {
        const QJsonObject probe = item.toObject();
        if (probe["cube"].toString() != part) continue;
        const int band = probe["band_0based"].toInt();
        QCOMPARE(valueAt(*source, {probe["row"].toInt(), band, probe["col"].toInt()}), probe["dn"].toDouble());
        QVERIFY(std::abs(bands.values[static_cast<std::size_t>(band)] - probe["cw_nm"].toDouble()) < 1e-4);
      }
    }
  }

  /// Nothing outside the file itself is ever read.
  void otherFilesAreNotFollowed() {
    const auto info = m_provider->info(data("hostile.h5"));
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    QCOMPARE(info->variables.size(), std::size_t{1});
    QCOMPARE(info->variables[0].name, std::string("honest"));
    QVERIFY(hasNote("hostile.h5", "2 soft or external links are not followed"));
    for (const auto& [variable, says] :
         {std::pair<const char*, const char*>{"external", "external storage"}, {"virtual", "virtual dataset"}}) {
      const auto source = m_provider->open({data("hostile.h5"), variable, {}});
      QVERIFY(!source);
      QVERIFY2(source.error().message.find(says) != std::string::npos, source.error().text().c_str());
    }
    for (const char* variable : {"linked", "linked/blue", "loop/again/honest"})
      QVERIFY(!m_provider->open({data("hostile.h5"), variable, {}}));
  }

  void textsOfVariableLength() {
    const ArraySpec spec = open("other_filters.h5", "compact")->spec();
    QCOMPARE(spec.unit, std::string("m s-1"));
    QCOMPARE(spec.attributes.at("two"), std::string("first, second"));
  }

  void namesAlongADim_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("second");
    for (const char* file : {"names_string.nc", "names_char.nc", "names_classic.nc"}) QTest::newRow(file) << QString(file) << "süd";
    QTest::newRow("what is no UTF-8") << "names_latin1.h5"
                                      << "s\uFFFDd";
  }
  /// Texts are labels, as in Zarr stores.
  void namesAlongADim() {
    QFETCH(QString, file);
    QFETCH(QString, second);
    const auto source = open(file.toStdString());
    QVERIFY(source);
    const Dim& dim = source->spec().dims[0];
    QCOMPARE(dim.name, std::string("station"));
    QCOMPARE(dim.coordinate.labels, (std::vector<std::string>{"north", second.toStdString()}));
    QCOMPARE((std::vector{dim.coordinate.at(0), dim.coordinate.at(1)}), (std::vector<double>{1, 2}));
    test::Engine engine;
    const auto graph = engine.bind("open " + data(file.toStdString()) + " ! sel station=" + second.toStdString() + " ! isel y=1 x=0:2");
    QVERIFY2(graph, graph ? "" : graph.error().text().c_str());
    QCOMPARE(test::valuesOf(**graph).value(), (std::vector<double>{16, 17}));
  }

  /// One U+FFFD per byte that is no UTF-8: Latin-1, a cut, an overlong form, half of a surrogate pair, beyond Unicode.
  void malformedTexts() {
    QCOMPARE(wellFormed("süd \u20ac \U0001f30d"), std::string("süd \u20ac \U0001f30d"));
    QCOMPARE(wellFormed("s\xfc"
                        "d"),
             std::string("s\ufffd"
                         "d"));
    QCOMPARE(wellFormed("a\xe2\x82"), std::string("a\ufffd\ufffd"));
    QCOMPARE(wellFormed("\xc0\x80"), std::string("\ufffd\ufffd"));
    QCOMPARE(wellFormed("\xed\xa0\x80"), std::string("\ufffd\ufffd\ufffd"));
    QCOMPARE(wellFormed("\xf7\xbf\xbf\xbf"), std::string("\ufffd\ufffd\ufffd\ufffd"));
  }

  /// Addresses count from behind the user's bytes.
  void userBlock() {
    const ArraySpec spec = open("user_block.h5", "chunked")->spec();
    QCOMPARE(transformOf(spec), (std::array<double, 6>{-0.5, 1, 0, 10.5, 0, -1}));
    QCOMPARE(open("latest.h5", "v")->spec().attributes.at("note3"), std::string("xxx"));
  }

  void wrongQuestions() {
    const auto noSuch = m_provider->open({data("oisst_0_360.nc"), "sts", {}});
    QVERIFY(!noSuch);
    QCOMPARE(noSuch.error().parameter, std::string("variable"));
    QVERIFY(noSuch.error().hint.find("sst") != std::string::npos);
    const auto oneDim = m_provider->open({data("oisst_0_360.nc"), "lat", {}});
    QVERIFY(!oneDim);
    test::writeFile(at("empty.nc"), "");
    QVERIFY(!m_provider->open({at("empty.nc"), {}, {}}));
    test::writeFile(at("noise.nc"), std::string(5000, 'x'));
    QVERIFY(!m_provider->open({at("noise.nc"), {}, {}}));
    const auto notNetcdf = m_provider->open({at("noise.nc"), {}, "netCDF"});
    QVERIFY(!notNetcdf);
    QVERIFY(notNetcdf.error().message.find("neither a NetCDF nor an HDF5 file") != std::string::npos);
  }

  void truncated_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"classic.nc", "cdf5.nc", "planet_time_utm.nc", "swath.nc"}) QTest::newRow(file) << QString(file);
  }
  /// Cut anywhere: refused, or an array whose missing part is a read error, never a crash or made-up values.
  void truncated() {
    QFETCH(QString, file);
    QFile original(QString::fromStdString(data(file.toStdString())));
    QVERIFY(original.open(QIODevice::ReadOnly));
    const std::string bytes = original.readAll().toStdString();
    for (int i = 0; i < 40; ++i) {
      test::writeFile(at("cut.nc"), bytes.substr(0, bytes.size() * static_cast<std::size_t>(i) / 40));
      const auto info = m_provider->info(at("cut.nc"));
      if (!info) QVERIFY(info.error().code == ErrorCode::OpenFailed || info.error().code == ErrorCode::UnsupportedType);
    }
  }

  void mutated_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"classic.nc", "cdf5.nc", "swath.nc", "chunked.nc", "hostile.h5", "other_filters.h5", "fake_EMIT_L2A.nc",
                             "names_string.nc", "names_char.nc", "names_classic.nc"})
      QTest::newRow(file) << QString(file);
  }
  void mutated() {
    QFETCH(QString, file);
    QFile original(QString::fromStdString(data(file.toStdString())));
    QVERIFY(original.open(QIODevice::ReadOnly));
    const std::string good = original.readAll().toStdString();
    std::mt19937 random(20220224);
    // A copy of an HDF5 file costs a process.
    const int rounds = good.starts_with("CDF") ? 150 : 30;
    for (int round = 0; round < rounds; ++round) {
      std::string bytes = good;
      for (int change = 1 + static_cast<int>(random() % 8); change > 0; --change) {
        // Headers are at the front; half of the changes go there.
        const std::size_t place = random() % (random() % 2 == 0 ? std::min<std::size_t>(bytes.size(), 4096) : bytes.size());
        bytes[place] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      }
      test::writeFile(at("mutant.nc"), bytes);
      const auto info = m_provider->info(at("mutant.nc"));
      if (!info) continue;
      int opened = 0;
      for (const VariableInfo& variable : info->variables) {
        if (variable.spec.bytes() > 1 << 20 || ++opened > 3) continue;
        const auto source = m_provider->open({at("mutant.nc"), variable.name, {}});
        if (!source) continue;
        BufferPool pool;
        test::readWhole(**source, pool);
      }
    }
  }

  void times_data() {
    QTest::addColumn<QString>("units");
    QTest::addColumn<QString>("calendar");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("iso");
    const auto row = [](const char* units, const char* calendar, double value, const char* iso) {
      QTest::newRow(qPrintable(QString(units) + " " + calendar)) << QString(units) << QString(calendar) << value << QString(iso);
    };
    // The dates are cftime's.
    row("days since 1950-01-01 00:00:00", "standard", 11139.5, "1980-07-01T12:00:00Z");
    row("Hour since 2001-12-31T23:00:00Z", "proleptic_gregorian", 1, "2002-01-01T00:00:00Z");
    row("hours since 1970-01-01 00:00:00", "gregorian", 406500, "2016-05-16T12:00:00Z");
    row("seconds since 2016-12-19T10:27:29.687763", "", 872712.659688, "2016-12-29T12:52:42.347451Z");
    row("minutes since 2000-02-29 12:00 +01:30", "", 0, "2000-02-29T10:30:00Z");
    row("days since 2000-1-1", "", -0.5, "1999-12-31T12:00:00Z");
    row("days since 0001-01-01", "proleptic_gregorian", 738000, "2021-07-30T00:00:00Z");
    row("milliseconds since 1970-01-01", "", 1500, "1970-01-01T00:00:01.5Z");
    row("days since 0001-01-01", "standard", 738000, "2021-07-28T00:00:00Z");
    row("days since 0001-01-01", "gregorian", 577737, "1582-10-15T00:00:00Z");
    row("days since 1582-10-04", "standard", 1, "1582-10-15T00:00:00Z");
    row("days since 0000-03-01", "proleptic_gregorian", 738000, "2020-09-27T00:00:00Z");
    row("days since 0000-03-01", "standard", 0, "");  // no such year
    row("days since 1582-10-09", "standard", 0, "");  // nor such a day
    row("days since 2000-01-01", "noleap", 0, "");
    row("months since 2000-01-01", "", 0, "");
    row("days since 2000-13-01", "", 0, "");
    row("days since yesterday", "", 0, "");
    row("days", "", 0, "");
  }
  void times() {
    QFETCH(QString, units);
    QFETCH(QString, calendar);
    QFETCH(double, value);
    QFETCH(QString, iso);
    const auto unit = cfTimeUnit(units.toStdString(), calendar.toStdString());
    QCOMPARE(unit.has_value(), !iso.isEmpty());
    if (unit) QCOMPARE(QString::fromStdString(formatDatetime(unit->toSeconds(value))), iso);
  }

  void gridMappings_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("parameters");
    QTest::addColumn<QString>("crs");
    const auto row = [](const char* name, const char* parameters, const char* crs) {
      QTest::newRow(qPrintable(QString(name) + " " + crs)) << QString(name) << QString(parameters) << QString(crs);
    };
    const char* wgs84 = "semi_major_axis=6378137;inverse_flattening=298.257223563;";
    const auto with = [&](const char* rest) { return std::string(wgs84) + rest; };
    row("latitude_longitude", wgs84, "EPSG:4326");
    row("transverse_mercator",
        with("longitude_of_central_meridian=15;scale_factor_at_central_meridian=0.9996;false_easting=500000").c_str(), "EPSG:32633");
    row("polar_stereographic",
        with("straight_vertical_longitude_from_pole=-45;latitude_of_projection_origin=90;standard_parallel=70").c_str(), "EPSG:3413");
    row("albers_conical_equal_area",
        "semi_major_axis=6378137;inverse_flattening=298.257222101;standard_parallel=29.5,45.5;latitude_of_projection_origin=23;"
        "longitude_of_central_meridian=-96",
        "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +ellps=GRS80");
    row("lambert_azimuthal_equal_area",
        "semi_major_axis=6378137;inverse_flattening=298.257222101;latitude_of_projection_origin=52;longitude_of_projection_origin=10;"
        "false_easting=4321000;false_northing=3210000",
        "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80");
    row("mercator", with("standard_parallel=-41;longitude_of_projection_origin=100").c_str(),
        "+proj=merc +lon_0=100 +lat_ts=-41 +datum=WGS84");
    row("sinusoidal", "earth_radius=6371007.181", "+proj=sinu +lon_0=0 +R=6371007.181");
    row("lambert_conformal_conic",
        with("standard_parallel=38.5;latitude_of_projection_origin=38.5;longitude_of_central_meridian=-97.5").c_str(),
        "+proj=lcc +lat_0=38.5 +lon_0=-97.5 +lat_1=38.5 +datum=WGS84");
    row("rotated_latitude_longitude", "grid_north_pole_latitude=39", "");
    row("lambert_conformal_conic", wgs84, "");
  }
  void gridMappings() {
    QFETCH(QString, name);
    QFETCH(QString, parameters);
    QFETCH(QString, crs);
    Attributes mapping;
    mapping["grid_mapping_name"].text = name.toStdString();
    for (const QString& parameter : parameters.split(';', Qt::SkipEmptyParts))
      for (const QString& number : parameter.section('=', 1).split(','))
        mapping[parameter.section('=', 0, 0).toStdString()].numbers.push_back(number.toDouble());
    std::vector<std::string> notes;
    const Crs found = crsFromGridMapping(mapping, CoordinateKind::Unknown, notes);
    QCOMPARE(found.isValid(), !crs.isEmpty());
    QCOMPARE(notes.empty(), !crs.isEmpty());
    if (found.isValid()) QVERIFY2(found.isSameAs(*Crs::fromUser(crs.toStdString())), found.wkt().c_str());
  }

  void mappingOfTheDims() {
    const auto of = [](const char* attribute) { return gridMappingOf(attribute, "northing", "easting").value_or("none"); };
    QCOMPARE(of("crs"), std::string("crs"));
    QCOMPARE(of("crs: easting northing"), std::string("crs"));
    QCOMPARE(of("globe: lat lon plane: easting northing"), std::string("plane"));
    QCOMPARE(of("plane:northing easting globe:lat lon"), std::string("plane"));
    QCOMPARE(of("globe: lat lon"), std::string("none"));
    QCOMPARE(of("one: easting two: northing"), std::string("none"));
  }

  /// WKT and parameters of two different systems: what the coordinates can be of.
  void mappingThatContradictsItself() {
    Attributes mapping;
    mapping["grid_mapping_name"].text = "lambert_azimuthal_equal_area";
    mapping["latitude_of_projection_origin"].numbers = {52};
    mapping["longitude_of_projection_origin"].numbers = {10};
    mapping["crs_wkt"].text = Crs::fromUser("EPSG:4258")->wkt();
    const auto plane = Crs::fromUser("+proj=laea +lat_0=52 +lon_0=10 +datum=WGS84");
    for (const auto& [kind, isPlane] :
         {std::pair(CoordinateKind::Lengths, true), std::pair(CoordinateKind::Degrees, false), std::pair(CoordinateKind::Unknown, false)}) {
      std::vector<std::string> notes;
      const Crs found = crsFromGridMapping(mapping, kind, notes);
      QVERIFY2(isPlane ? found.isSameAs(*plane) : found.authority() == "EPSG:4258", found.label().c_str());
      QCOMPARE(notes.size(), std::size_t{1});
      QVERIFY2(notes[0].find("contradicts itself") != std::string::npos, notes[0].c_str());
    }
    // Of two plane systems the WKT, as GDAL takes it; a datum or figure of the Earth that is not told is no contradiction.
    for (const auto& [wkt, isSaid] :
         {std::pair("EPSG:25832", true), std::pair("EPSG:3035", false), std::pair("+proj=laea +lat_0=52 +lon_0=10 +R=6370997", false)}) {
      std::vector<std::string> notes;
      mapping["crs_wkt"].text = Crs::fromUser(wkt)->wkt();
      mapping["false_easting"].numbers = {std::string_view(wkt).starts_with("+") ? 0.0 : 4321000};
      mapping["false_northing"].numbers = {std::string_view(wkt).starts_with("+") ? 0.0 : 3210000};
      QVERIFY(crsFromGridMapping(mapping, CoordinateKind::Lengths, notes).isSameAs(*Crs::fromUser(wkt)));
      QCOMPARE(!notes.empty() && notes[0].find("contradicts itself") != std::string::npos, isSaid);
    }
  }

  /// A CRS in degrees over coordinates in metres is said to be one.
  void mappingThatDoesNotFitTheCoordinates() {
    Attributes mapping;
    mapping["spatial_ref"].text = Crs::fromUser("EPSG:4258")->wkt();
    std::vector<std::string> notes;
    QCOMPARE(crsFromGridMapping(mapping, CoordinateKind::Lengths, notes).authority(), std::string("EPSG:4258"));
    QVERIFY(notes.size() == 1 && notes[0].starts_with("check the CRS: it is EPSG:4258, but the coordinates are lengths"));
    notes.clear();
    crsFromGridMapping(mapping, CoordinateKind::Degrees, notes);
    QVERIFY(notes.empty());
  }
};

QTEST_GUILESS_MAIN(TestNetcdfSource)
#include "tst_netcdf_source.moc"
