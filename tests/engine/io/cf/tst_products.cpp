// SPDX-License-Identifier: GPL-3.0-or-later
// Layouts of products whose bands or grid stand elsewhere than CF has them: PACE, EMIT, grids of HDF-EOS5. Right are what netCDF4-python
// reads of the bands and GDAL makes of the projections (tests/data/products/facts.json).
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/array/cell_bounds.h"
#include "engine/io/file_provider.h"

using namespace cubeloom;
using nlohmann::json;

class TestProducts : public QObject {
  Q_OBJECT

 private:
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();
  json m_facts;

  std::shared_ptr<Source> open(const std::string& name, const std::string& variable = "") const {
    OpenRequest request;
    request.path = CUBELOOM_TEST_DATA "/products/" + name;
    request.variable = variable;
    const auto source = m_provider->open(request);
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }

 private slots:
  void initTestCase() {
    std::ifstream file(CUBELOOM_TEST_DATA "/products/facts.json");
    m_facts = json::parse(file, nullptr, false);
    QVERIFY(m_facts.is_object());
  }

  void bandsHaveWavelengths_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("variable");
    QTest::newRow("named as their dim, in another group") << "pace_l2.nc"
                                                          << "geophysical_data/"
                                                          << "Rrs";
    for (const char* part : {"rhot_blue", "rhot_red", "rhot_SWIR"})
      QTest::newRow(part) << "pace_l1b.nc"
                          << "observation_data/" << part;
    QTest::newRow("by the standard name") << "spectra.nc"
                                          << ""
                                          << "rad";
    QTest::newRow("wavenumbers") << "spectra.nc"
                                 << ""
                                 << "infrared";
    QTest::newRow("of the own group") << "spectra.nc"
                                      << ""
                                      << "vnir/rad";
    QTest::newRow("of the own group, which is not the first") << "spectra.nc"
                                                              << ""
                                                              << "swir/rad";
  }

  void bandsHaveWavelengths() {
    QFETCH(QString, file);
    QFETCH(QString, group);
    QFETCH(QString, variable);
    const auto source = open(file.toStdString(), (group + variable).toStdString());
    QVERIFY(source);
    const auto expected = m_facts.at(file.toStdString()).at(variable.toStdString()).get<std::vector<double>>();
    const int d = source->spec().spectralDim();
    QVERIFY(d >= 0);
    const Coordinate& bands = source->spec().dims[static_cast<std::size_t>(d)].coordinate;
    QCOMPARE(bands.unit, std::string("nm"));
    QCOMPARE(bands.values, expected);
  }

  void widthsStandBesideThem() {
    const auto source = open("pace_l1b.nc", "observation_data/rhot_SWIR");
    QVERIFY(source);
    QCOMPARE(source->spec().dims[0].coordinate.aux.at("fwhm"), (std::vector<double>{45, 75}));
  }

  /// The cube is taken, not the tables before it; their geotransform is not the swath's.
  void bareEmit() {
    const auto source = open("emit_bare.nc");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(spec.variable, std::string("zz/reflectance"));
    QCOMPARE(spec.dims[2].coordinate.values, (std::vector<double>{381, 1200, 2493}));
    QCOMPARE(spec.dims[2].coordinate.aux.at("good"), (std::vector<double>{1, 0, 1}));
    QVERIFY(spec.isSpatial());
    QVERIFY(!spec.geobox->crs().isValid());
    QCOMPARE(spec.geobox->affine(), Affine{});
    QVERIFY(spec.coordinateNamed("lon") != nullptr && spec.coordinateNamed("lat") != nullptr);
    const auto table = open("emit_bare.nc", "location/glt_x");
    QVERIFY(table);
    QCOMPARE(table->spec().geobox->affine(), (Affine{0.0005, 0, -120, 0, -0.0005, 35}));
  }

  /// xarray has NaT where a date is missing; texts are the days that they name.
  void datesThatAreMissingOrTexts() {
    const auto source = open("dates.nc", "v");
    QVERIFY(source);
    const Coordinate& time = source->spec().dims[0].coordinate;
    QCOMPARE(time.values[0], 947980800.0);  // 2000-01-16
    QVERIFY(std::isnan(time.values[1]));
    QCOMPARE(time.values[2], 953164800.0);              // 2000-03-16
    QCOMPARE(cellBounds(time).size(), std::size_t(6));  // the cells are those of the dates, no array
    const auto texts = open("dates.nc", "texts/w");
    QVERIFY(texts);
    QCOMPARE(texts->spec().dims[0].coordinate.unit, std::string("datetime"));
    QCOMPARE(texts->spec().dims[0].coordinate.values, (std::vector<double>{980899200, 983318400}));
  }

  /// Map_Info says where the outer corner of the first pixel is and how large pixels are.
  void neon() {
    const auto source = open("neon.h5");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(spec.variable, std::string("SITE/Reflectance/Reflectance_Data"));
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "x", "wavelength"}));
    QCOMPARE(spec.geobox->affine(), (Affine{2, 0, 257000, 0, -1, 4112000}));
    QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:32611"));
    QCOMPARE(spec.dims[2].coordinate.values, (std::vector<double>{383.5, 500, 1000.25, 2512}));
    QCOMPARE(spec.dims[2].coordinate.aux.at("fwhm"), (std::vector<double>{5, 5, 6, 7}));
    QCOMPARE(spec.nodata, std::optional(-9999.0));
    QVERIFY(spec.storedScale && spec.storedScale->factor == 1 / 10000.0 && spec.storedScale->offset == 0);
    const auto beside = open("neon.h5", "SITE/Reflectance/Metadata/Ancillary_Imagery/Path_Length");
    QVERIFY(beside);
    QCOMPARE(beside->spec().geobox->affine(), spec.geobox->affine());
  }

  /// (y, wavelength, x) although the file has no names of dims, with the places of its own sensor's pixels.
  void prismaInItsOwnGeometry() {
    const auto source = open("prisma_l1.he5", "HDFEOS/SWATHS/PRS_L1_HCO/Data Fields/VNIR_Cube");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "wavelength", "x"}));
    QCOMPARE(spec.dims[1].coordinate.values, (std::vector<double>{420, 410}));
    QVERIFY(spec.storedScale && spec.storedScale->factor == 1 / 100.0 && spec.storedScale->offset == -2);
    for (const char* name : {"Latitude_VNIR", "Longitude_VNIR"}) {
      QVERIFY2(spec.coordinateNamed(name) != nullptr, name);
      QCOMPARE(spec.coordinateNamed(name)->dims, (std::vector<std::string>{"y", "x"}));
    }
    QVERIFY(spec.coordinateNamed("Latitude_SWIR") == nullptr);
    QCOMPARE(open("prisma_l1.he5")->spec().variable, std::string("HDFEOS/SWATHS/PRS_L1_HCO/Data Fields/SWIR_Cube"));
  }

  void swaths_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("taken");
    QTest::addColumn<QString>("longitude");
    QTest::addColumn<QString>("dims");
    QTest::newRow("control points") << "viirs_l2.nc"
                                    << ""
                                    << "geophysical_data/Rrs_443"
                                    << "longitude"
                                    << "number_of_lines pixels_per_line";
    QTest::newRow("one time before") << "swath_in_time.nc"
                                     << ""
                                     << "PRODUCT/methane"
                                     << "longitude"
                                     << "scanline ground_pixel";
    QTest::newRow("by NEMO's names") << "swath_in_time.nc"
                                     << "ocean/votemper"
                                     << "ocean/votemper"
                                     << "nav_lon"
                                     << "y_grid x_grid";
    QTest::newRow("bounds before it") << "bounds.nc"
                                      << ""
                                      << "tos"
                                      << "lon"
                                      << "j i";
  }

  /// The array is taken, not its places nor their bounds; rows and columns are those of its longitudes, which go with it.
  void swaths() {
    QFETCH(QString, file);
    QFETCH(QString, variable);
    QFETCH(QString, taken);
    QFETCH(QString, longitude);
    QFETCH(QString, dims);
    const auto source = open(file.toStdString(), variable.toStdString());
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(QString::fromStdString(spec.variable), taken);
    QVERIFY(spec.isSpatial());
    const auto* places = spec.coordinateNamed(longitude.toStdString());
    QVERIFY(places != nullptr);
    QCOMPARE(QString::fromStdString(places->dims[0] + " " + places->dims[1]), dims);
    QCOMPARE(places->dims[0], spec.dims[static_cast<std::size_t>(spec.yDim)].name);
    QCOMPARE(places->dims[1], spec.dims[static_cast<std::size_t>(spec.xDim)].name);
  }

  /// They are no variables, are opened where they are asked for, and what does not go with the array is said.
  void boundsAreNoArrays() {
    const auto info = m_provider->info(CUBELOOM_TEST_DATA "/products/bounds.nc").value();
    std::vector<std::string> names;
    for (const VariableInfo& one : info.variables) names.push_back(one.name);
    QCOMPARE(names, (std::vector<std::string>{"lat", "lon", "tos"}));
    QVERIFY(std::any_of(info.notes.begin(), info.notes.end(), [](const auto& note) { return note.starts_with("the bounds \"spans\""); }));
    QVERIFY(open("bounds.nc", "spans"));
  }

  void hdfEosGrids_data() {
    QTest::addColumn<QString>("grid");
    for (const char* grid : {"Tile", "Cube", "Climate", "Minutes", "North", "Ice", "Zone", "Conic"}) QTest::newRow(grid) << grid;
  }

  void hdfEosGrids() {
    QFETCH(QString, grid);
    const auto source = open("eos_grids.h5", "HDFEOS/GRIDS/" + grid.toStdString() + "/Data Fields/field");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    const json& expected = m_facts.at("eos_grids.h5").at(grid.toStdString());
    QCOMPARE(spec.dimNames(), expected.at("dims").get<std::vector<std::string>>());
    QVERIFY(spec.isSpatial());
    const auto transform = expected.at("geotransform").get<std::vector<double>>();
    const auto found = spec.geobox->affine().geotransform();
    for (std::size_t i = 0; i < transform.size(); ++i) QVERIFY2(std::abs(found[i] - transform[i]) < 1e-6, std::to_string(found[i]).c_str());
    const auto crs = Crs::fromUser(expected.at("crs").get<std::string>());
    QVERIFY(crs.has_value());
    QVERIFY2(spec.geobox->crs().isSameAs(*crs), spec.geobox->crs().wkt().c_str());
  }
};

QTEST_APPLESS_MAIN(TestProducts)
#include "tst_products.moc"
