// SPDX-License-Identifier: GPL-3.0-or-later
// What goes with the pixels comes back from every sink: dims, wavelengths, fwhm, bad bands, nodata, grid, CRS; times and units where the
// format has them.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestMetadataSurvives : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  static std::string data(const std::string& name) { return std::string(CUBELOOM_TEST_DATA "/") + name; }

  /// The array as `steps` make it of `source`, and as it is read back after it was written to `name`, which options may follow.
  void writeAndRead(const std::string& source, const std::string& steps, const std::string& name, ArraySpec& before, ArraySpec& after) {
    const std::string chain = "open " + source + steps, output = m_folder.filePath(QString::fromStdString(name)).toStdString();
    const auto graph = m_engine.bind(chain);
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    before = (*graph)->nodes.back().operation->spec();
    const auto report = m_engine.run(chain + " ! write " + output);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QVERIFY2(report->errors.empty(), report->errors.empty() ? "" : report->errors[0].text().c_str());
    const auto again = m_engine.bind("open " + output.substr(0, output.find(' ')));
    QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
    after = (*again)->nodes.back().operation->spec();
  }

  static void compareNumbers(const std::vector<double>& got, const std::vector<double>& wanted, const char* what) {
    QVERIFY2(got.size() == wanted.size(), qPrintable(QString("%1: %2 instead of %3 values").arg(what).arg(got.size()).arg(wanted.size())));
    for (std::size_t i = 0; i < got.size(); ++i)
      QVERIFY2(std::abs(got[i] - wanted[i]) <= 1e-9 * std::abs(wanted[i]),
               qPrintable(QString("%1 of %2: %3 instead of %4").arg(what).arg(i).arg(got[i], 0, 'g', 17).arg(wanted[i], 0, 'g', 17)));
  }

 private slots:
  void cube_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("dims");
    for (const char* name :
         {"a.tif", "deflate.tif compress=deflate", "pixels.tif compress=zstd interleave=pixel", "a.img", "a.nc", "a.zarr"}) {
      QTest::newRow(name) << name << "wavelength,y,x";
      if (QString(name).contains(".tif")) continue;  // whose bands always come first
      QTest::addRow("%s by lines", name) << QString("bil_%1").arg(name) << "y,wavelength,x";
      QTest::addRow("%s by pixels", name) << QString("bip_%1").arg(name) << "y,x,wavelength";
    }
  }

  /// EnMAP: 224 bands in no ascending order, six of them bad, with fwhm, nodata -32768, UTM 33N.
  void cube() {
    QFETCH(QString, name);
    QFETCH(QString, dims);
    ArraySpec before, after;
    writeAndRead(data("envi/enmap_potsdam_96x64.bil"), " ! isel y=0:20 x=3:40 ! transpose dims=" + dims.toStdString(), name.toStdString(),
                 before, after);
    if (QTest::currentTestFailed()) return;
    QCOMPARE(after.dimNames(), before.dimNames());
    QCOMPARE(after.shape(), before.shape());
    QCOMPARE(after.type, before.type);
    QCOMPARE(after.nodata, before.nodata);
    QVERIFY(after.geobox.has_value());
    QCOMPARE(after.geobox->affine(), before.geobox->affine());
    QVERIFY(after.geobox->crs().isSameAs(before.geobox->crs()));
    const Coordinate& got = after.dims[static_cast<std::size_t>(after.spectralDim())].coordinate;
    const Coordinate& wanted = before.dims[static_cast<std::size_t>(before.spectralDim())].coordinate;
    QCOMPARE(got.unit, wanted.unit);
    compareNumbers(got.values, wanted.values, "wavelength");
    for (const char* aux : {"fwhm", "good"}) {
      QVERIFY2(got.aux.count(aux) == 1, aux);
      compareNumbers(got.aux.at(aux), wanted.aux.at(aux), aux);
    }
    if (!wanted.labels.empty()) QCOMPARE(got.labels, wanted.labels);  // formats that name bands name unnamed ones by their wavelength
  }

  void wavelengthsUnderAnotherName_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"w.img", "w.tif"}) QTest::newRow(name) << name;
  }

  /// EMIT calls its spectral dim "bands".
  void wavelengthsUnderAnotherName() {
    QFETCH(QString, name);
    ArraySpec before, after;
    writeAndRead(data("netcdf/emit_l2a_like.nc"), "", name.toStdString(), before, after);
    if (QTest::currentTestFailed()) return;
    QCOMPARE(before.indexOf("wavelength"), -1);
    const Coordinate& got = after.dims[static_cast<std::size_t>(after.indexOf("wavelength"))].coordinate;
    QCOMPARE(got.unit, std::string("nm"));
    compareNumbers(got.values, before.dims[static_cast<std::size_t>(before.indexOf("bands"))].coordinate.values, "wavelength");
  }

  void enviFields_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"e.img", "e.tif", "e.nc", "e.zarr"}) QTest::newRow(name) << name;
  }

  /// What an ENVI header says of the scene comes back, through other formats, too; what holds for its own file alone does not.
  void enviFields() {
    QFETCH(QString, name);
    const std::string source = m_folder.filePath("scene").toStdString();
    test::EnviRaster raster;
    raster.more =
        "description = {Ridge, first {flight}}\nacquisition time = 2022-02-24T19:03:11Z\nsensor type = AVIRIS-NG\n"
        "flight legs = {north, south}\nreflectance scale factor = 10000\ndefault bands = {3, 2, 1}\nx start = 12\n";
    raster.write(source);
    ArraySpec before, after;
    writeAndRead(source, " ! isel band=0:2", name.toStdString(), before, after);
    if (QTest::currentTestFailed()) return;
    QCOMPARE(before.attributes["description"], std::string("Ridge, first {flight"));
    for (const char* key : {"acquisition time", "sensor type", "flight legs", "reflectance scale factor"}) {
      QVERIFY2(!before.attributes[key].empty(), key);
      const QString read = name == "e.nc" ? QString(key).replace(' ', '_') : QString(key);  // NetCDF's names have no blanks
      QCOMPARE(after.attributes[read.toStdString()], before.attributes[key]);
    }
    if (name != "e.img") return;
    QCOMPARE(after.attributes["description"], std::string("Ridge, first (flight"));  // ENVI cannot quote
    for (const char* key : {"default bands", "x start"}) QVERIFY2(after.attributes.count(key) == 0, key);
    // Values that are computed anew are no stored reflectances any more.
    writeAndRead(source, " ! calc expression=b1*2", "f_" + name.toStdString(), before, after);
    QCOMPARE(after.attributes["sensor type"], std::string("AVIRIS-NG"));
    QVERIFY(after.attributes.count("reflectance scale factor") == 0);
  }

  void oneSlice_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"s.tif", "s.nc", "s.zarr"}) QTest::newRow(name) << name;
  }

  /// One date and one wavelength: no dims any more, and still said.
  void oneSlice() {
    QFETCH(QString, name);
    ArraySpec before, after;
    writeAndRead(data("zarr/campaign.zarr") + " variable=reflectance", " ! isel time=1 wavelength=1", name.toStdString(), before, after);
    if (QTest::currentTestFailed()) return;
    const auto campaign = m_engine.bind("open " + data("zarr/campaign.zarr") + " variable=reflectance");
    const std::vector<Dim>& dims = (*campaign)->nodes.back().operation->spec().dims;
    QCOMPARE(before.coordinateNamed("time")->text(), dims[0].coordinate.labels[1]);
    QCOMPARE(QString::fromStdString(before.coordinateNamed("wavelength")->text()), QString("%1 nm").arg(dims[1].coordinate.at(1)));
    for (const char* dim : {"time", "wavelength"}) {
      const AuxiliaryCoordinate* there = after.coordinateNamed(dim);
      QCOMPARE(there != nullptr ? there->text() : after.attributes[dim], before.coordinateNamed(dim)->text());
    }
  }

  void fillsBeyondDoubles_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"f.tif", "f.nc", "f.zarr"}) QTest::newRow(name) << name;
  }

  /// Nodata is a double: of integers beyond 2^53 it would take its neighbours with it, and what is declared would be another number.
  void fillsBeyondDoubles() {
    QFETCH(QString, name);
    ArraySpec before, after;
    writeAndRead(data("envi/enmap_potsdam_96x64.bil"),
                 " ! isel wavelength=0:2 y=0:5 x=0:7 ! astype dtype=int64 ! assign_nodata nodata=-9223372036854775808", name.toStdString(),
                 before, after);
    if (QTest::currentTestFailed()) return;
    QVERIFY(before.nodata.has_value());
    QVERIFY(!after.nodata.has_value());
    const auto info = m_engine.sources->info(m_folder.filePath(name).toStdString());
    QVERIFY(info.has_value());
    const auto tells = [](const std::string& note) { return note.find("told apart") != std::string::npos; };
    QVERIFY(std::any_of(info->notes.begin(), info->notes.end(), tells));
  }

  void campaign_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"c.nc", "c.zarr"}) QTest::newRow(name) << name;
  }

  /// Three dates of two wavelengths, with a unit and a name.
  void campaign() {
    QFETCH(QString, name);
    ArraySpec before, after;
    writeAndRead(data("zarr/campaign.zarr") + " variable=reflectance", "", name.toStdString(), before, after);
    if (QTest::currentTestFailed()) return;
    QCOMPARE(after.dimNames(), before.dimNames());
    QCOMPARE(after.unit, before.unit);
    QCOMPARE(after.variable, before.variable);
    QCOMPARE(after.dims[0].coordinate.labels, before.dims[0].coordinate.labels);
    QCOMPARE(after.dims[0].coordinate.values, before.dims[0].coordinate.values);
    compareNumbers(after.dims[1].coordinate.values, before.dims[1].coordinate.values, "wavelength");
    for (const char* aux : {"fwhm", "good"})
      compareNumbers(after.dims[1].coordinate.aux.at(aux), before.dims[1].coordinate.aux.at(aux), aux);
    QVERIFY(std::isnan(after.nodata.value()));
    QCOMPARE(after.geobox->affine(), before.geobox->affine());
    QVERIFY(after.geobox->crs().isSameAs(before.geobox->crs()));
  }
};

QTEST_APPLESS_MAIN(TestMetadataSurvives)
#include "tst_metadata_survives.moc"
