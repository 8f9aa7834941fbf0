// SPDX-License-Identifier: GPL-3.0-or-later
// Operations in other words: what a template gives, and that nothing in a value can break out of it.
#include <QTest>

#include "engine/base/shell_words.h"
#include "engine/chain/chain.h"
#include "engine/op/export_forms.h"
#include "engine/ops/register_operations.h"

using namespace cubeloom;

class TestExportForms : public QObject {
  Q_OBJECT
 private:
  Registry m_registry;

  std::string form(const std::string& step, ExportLanguage language) const {
    const auto chain = chainFromPipeline(shellWords(step), m_registry);
    if (!chain) return chain.error().text();
    const Node& node = chain->nodes[0];
    const auto text = exportForm(m_registry.find(node.op)->declaration(), node.params, language, "in put.tif", "out.tif");
    return text ? text->text + text->reason : text.error().text();
  }

 private slots:
  void initTestCase() { registerOperations(m_registry); }

  void stepsInPython_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("python");
    const auto row = [](const char* step, const char* python) { QTest::newRow(step) << QString(step) << QString(python); };
    row("isel time=0 wavelength=10:60:5 x=1,2", "array.isel({'time': 0, 'wavelength': slice(10, 60, 5), 'x': [1, 2]})");
    row("sel wavelength=400:700 time=2022-02-24",
        "array.sel({'wavelength': slice(400, 700)}).sel({'time': '2022-02-24'}, method='nearest')");
    row("transpose dims=...,y,x", "array.transpose(..., 'y', 'x')");
    row("reproject resolution=20 resampling=near", "array.odc.reproject(array.odc.crs, resolution=20, resampling='nearest')");
    row("reduce dims=y,x", "array.mean(dim=['y', 'x'])");
    row("reduce dims=y statistic=quantile q=0.1,0.9",
        "array.quantile([0.1, 0.9], dim=['y']).pipe(lambda a: a.isel(quantile=0, drop=True) if a.sizes['quantile'] == 1 else a)");
    row("reduce dims=y statistic=histogram bins=4 range=0,1", "numpy.histogram(array, bins=4, range=(0, 1))");
    row("assign_nodata nodata=nan", "array.rio.write_nodata(float('nan'))");
    row("assign_nodata", "array.rio.write_nodata(None)");
    row("calc expression='b2 - 2 * nm(865) + sqrt(in2.x)'",
        "((array.isel(band=1) - (2 * array.sel(wavelength=865, method='nearest'))) + numpy.sqrt(in2))");
    row("calc expression='b2 > 3'",
        "(lambda a, b: xarray.where(numpy.isnan(a) | numpy.isnan(b), numpy.nan, a > b))(array.isel(band=1), 3)");
    row("write \"it's.tif\" compress=deflate", "array.rio.to_raster('it\\'s.tif', compress='deflate')");
    row("write out.zarr format=zarr", "array.to_zarr('out.zarr')");
  }
  void stepsInPython() {
    QFETCH(QString, step);
    QFETCH(QString, python);
    QCOMPARE(QString::fromStdString(form(step.toStdString(), ExportLanguage::Python)), python);
  }

  void stepsInGdalsWords_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("gdal");
    const auto row = [](const char* step, const char* gdal) { QTest::newRow(step) << QString(step) << QString(gdal); };
    row("reproject crs=EPSG:32610 resolution=500 bounds=1,2,3,4 resampling=average",
        "gdalwarp -t_srs EPSG:32610 -tr 500 500 -te 1 2 3 4 -r average 'in put.tif' out.tif");
    row("reproject crs='+proj=utm +zone=10'", "gdalwarp -t_srs '+proj=utm +zone=10' -r nearest 'in put.tif' out.tif");
    row("clip bounds=1,2,3,4", "gdal_translate -projwin 1 4 3 2 'in put.tif' out.tif");
    row("astype dtype=uint8", "gdal_translate -q -ot Byte 'in put.tif' out.tif");
    row("write o.tif format=COG compress=deflate", "gdal_translate -q -of COG -co COMPRESS=DEFLATE 'in put.tif' o.tif");
    row("transpose dims=x,y", "GDAL's rasters are always bands, rows, columns");
  }
  void stepsInGdalsWords() {
    QFETCH(QString, step);
    QFETCH(QString, gdal);
    QCOMPARE(QString::fromStdString(form(step.toStdString(), ExportLanguage::Gdal)), gdal);
  }

  void valuesCannotBreakOut() {
    const std::string evil = "a'; import os; os.system(\"rm\") #\n\\";
    const Declaration& d = m_registry.find("assign_crs")->declaration();
    const Json values{{"crs", evil}};
    QCOMPARE(exportForm(d, values, ExportLanguage::Python)->text,
             std::string("array.rio.write_crs('a\\'; import os; os.system(\"rm\") #\\x0a\\\\')"));
    const auto words = shellWords(exportForm(d, values, ExportLanguage::Gdal)->text);
    QCOMPARE(words.size(), std::size_t{5});
    QCOMPARE(words[2], evil);
    QCOMPARE(shellWords(exportForm(d, values, ExportLanguage::Shell)->text)[1], "crs=" + evil);
  }

  void wrongTemplatesAreFound_data() {
    QTest::addColumn<QString>("form");
    QTest::newRow("unknown parameter") << "array.f({no_such})";
    QTest::newRow("segment without end") << "array.f({? {a}";
    QTest::newRow("value that may be missing") << "array.f({a})";
    QTest::newRow("condition on nothing") << "{?b=1:x?}";
  }
  void wrongTemplatesAreFound() {
    QFETCH(QString, form);
    Declaration d;
    d.id = "f";
    d.params = {Param{.name = "a"}};
    d.python = form.toStdString();
    const auto text = exportForm(d, Json::object(), ExportLanguage::Python);
    QVERIFY(!text.has_value());
    QCOMPARE(text.error().code, ErrorCode::Internal);
  }

  // Rows of a table as numpy.select takes them.
  void tablesAreConditionsAndResults() {
    Declaration d;
    d.id = "f";
    d.params = {Param{.name = "map", .type = ParamType::Table}};
    d.python = "np.select({map:conditions}, {map:results})";
    const Json map = tableFromText("[-inf,0)=1;(0,0.3]=2.5:water:#0000ff;7=nan;nodata=0;[-inf,inf]=9;(-inf,inf)=8");
    const auto text = exportForm(d, Json{{"map", map}}, ExportLanguage::Python);
    QVERIFY2(text.has_value(), text ? "" : text.error().text().c_str());
    QCOMPARE(text->text, std::string("np.select([array < 0, (0 < array) & (array <= 0.3), array == 7, array.isnull(), array.notnull(), "
                                     "(float('-inf') < array) & (array < float('inf'))], [1, 2.5, float('nan'), 0, 9, 8])"));
  }

  void bracesThatAreNoPlaceholdersStay() {
    Declaration d;
    d.id = "f";
    d.params = {Param{.name = "a", .defaultTo = "v"}};
    d.python = "f({'x': {}}, {a})";
    QCOMPARE(exportForm(d, Json::object(), ExportLanguage::Python)->text, std::string("f({'x': {}}, 'v')"));
  }
};

QTEST_APPLESS_MAIN(TestExportForms)
#include "tst_export_forms.moc"
