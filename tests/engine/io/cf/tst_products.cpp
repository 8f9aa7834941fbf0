// SPDX-License-Identifier: GPL-3.0-or-later
// Layouts of products whose bands or grid stand elsewhere than CF has them: PACE, EMIT, grids of HDF-EOS5. Right are what netCDF4-python
// reads of the bands and GDAL makes of the projections (tests/data/products/facts.json).
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

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
    QCOMPARE(time.values[2], 953164800.0);  // 2000-03-16
    const auto notes = m_provider->info(CUBELOOM_TEST_DATA "/products/dates.nc").value().notes;
    QVERIFY(std::any_of(notes.begin(), notes.end(), [](const auto& note) { return note.starts_with("the bounds \"time_bnds\""); }));
    const auto texts = open("dates.nc", "texts/w");
    QVERIFY(texts);
    QCOMPARE(texts->spec().dims[0].coordinate.unit, std::string("datetime"));
    QCOMPARE(texts->spec().dims[0].coordinate.values, (std::vector<double>{980899200, 983318400}));
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
