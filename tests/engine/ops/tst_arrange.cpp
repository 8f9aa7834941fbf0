// SPDX-License-Identifier: GPL-3.0-or-later
// What coordinates and grid become where dims are reversed, sorted or dropped. The truths are xarray's of the same arrays.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::EnviRaster;

class TestArrange : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }
  std::shared_ptr<const Graph> graphOf(const std::string& rest) const {
    const auto graph = m_engine.bind("open " + at("cube") + " ! " + rest);
    if (!graph) qWarning("%s", graph.error().text().c_str());
    return graph ? *graph : nullptr;
  }
  static const ArraySpec& specOf(const Graph& graph) { return test::lastOf(graph).operation->spec(); }
  static std::vector<double> coordinate(const ArraySpec& spec, const std::string& dim) {
    const Dim& along = spec.dims[static_cast<std::size_t>(spec.indexOf(dim))];
    std::vector<double> values;
    for (std::int64_t i = 0; i < along.size; ++i) values.push_back(along.coordinate.at(i));
    return values;
  }

 private slots:
  void initTestCase() {
    EnviRaster raster;  // 5 samples, 4 lines
    raster.bands = 4;
    raster.more =
        "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\n"
        "wavelength units = nanometers\nwavelength = {700, 500, 900, 500}\nfwhm = {7, 5, 9, 4}\nband names = {red, green, nir, blue}\n";
    raster.write(at("cube"));
  }

  /// array.sortby("wavelength"): numpy.lexsort keeps the order of the two bands at 500 nm.
  void metadataGoesWithTheBands() {
    const auto rising = graphOf("sortby dim=wavelength"), falling = graphOf("sortby dim=wavelength ascending=false");
    QVERIFY(rising && falling);
    QCOMPARE(coordinate(specOf(*rising), "wavelength"), (std::vector<double>{500, 500, 700, 900}));
    QCOMPARE(coordinate(specOf(*falling), "wavelength"), (std::vector<double>{900, 700, 500, 500}));
    const Coordinate& bands = specOf(*rising).dims[static_cast<std::size_t>(specOf(*rising).indexOf("wavelength"))].coordinate;
    QCOMPARE(bands.aux.at("fwhm"), (std::vector<double>{5, 4, 7, 9}));
    const auto original = graphOf("isel wavelength=1,3,0,2");
    QVERIFY(original);
    QCOMPARE(*test::valuesOf(*rising), *test::valuesOf(*original));
    const auto reversed = graphOf("isel wavelength=2,0,3,1");
    QVERIFY(reversed);
    QCOMPARE(*test::valuesOf(*falling), *test::valuesOf(*reversed));
  }

  /// Rows that run to the north lie where they lay.
  void theGroundStaysWhereItIs() {
    const auto before = graphOf("isel y=:"), after = graphOf("flip dims=y,x");
    QVERIFY(before && after);
    std::vector<double> north = coordinate(specOf(*before), "y"), east = coordinate(specOf(*before), "x");
    std::reverse(north.begin(), north.end());
    std::reverse(east.begin(), east.end());
    QCOMPARE(coordinate(specOf(*after), "y"), north);
    QCOMPARE(coordinate(specOf(*after), "x"), east);
    QVERIFY(specOf(*after).geobox.has_value());
    QCOMPARE(specOf(*after).geobox->bounds(), specOf(*before).geobox->bounds());
  }

  /// array.isel(wavelength=slice(2, 3)).squeeze() has the scalar coordinate wavelength = 900.
  void whatIsDroppedIsRemembered() {
    const auto graph = graphOf("isel wavelength=2:3 ! squeeze");
    QVERIFY(graph);
    const ArraySpec& spec = specOf(*graph);
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "x"}));
    const AuxiliaryCoordinate* wavelength = spec.coordinateNamed("wavelength");
    QVERIFY(wavelength != nullptr && wavelength->dims.empty());
    QCOMPARE(wavelength->values->at(0), 900.0);
    QVERIFY(spec.geobox.has_value());
    const auto row = graphOf("isel y=1:2 ! squeeze");
    QVERIFY(row);
    QVERIFY(!specOf(*row).geobox && !test::lastOf(*row).operation->warnings().empty());
    const auto nothing = graphOf("squeeze");
    QVERIFY(nothing);
    QCOMPARE(specOf(*nothing).dims.size(), std::size_t{3});
  }
};

QTEST_GUILESS_MAIN(TestArrange)
#include "tst_arrange.moc"
