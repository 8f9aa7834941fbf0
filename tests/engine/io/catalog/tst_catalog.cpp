// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogs: real intake and STAC files with every trap they hold, folders, references; and the search by place and time.
#include <QDir>
#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include "engine/access/catalog_tree.h"
#include "engine/base/datetime.h"
#include "engine/io/catalog/catalog_reader.h"
#include "tests/support/envi_writer.h"
#include "tests/support/trap.h"

using namespace cubeloom;
using test::writeFile;

namespace {

/// The entry at "nested/tiff_source"; nullptr when there is none.
const CatalogEntry* entryAt(const std::vector<CatalogEntry>& entries, const QString& path) {
  const QString first = path.section('/', 0, 0), rest = path.section('/', 1);
  for (const CatalogEntry& entry : entries)
    if (entry.name == first.toStdString()) return rest.isEmpty() ? &entry : entryAt(entry.children, rest);
  return nullptr;
}

std::vector<std::string> names(const std::vector<CatalogEntry>& entries) {
  std::vector<std::string> all;
  for (const CatalogEntry& entry : entries) all.push_back(entry.name);
  return all;
}

const std::string kTiff("II*\0\x08\0\0\0\0\0\0\0\0\0", 14);

}  // namespace

class TestCatalog : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<CatalogProvider> m_provider = makeCatalogProvider();

  QString at(const QString& name) const { return QDir(m_dir.path()).canonicalPath() + "/" + name; }
  /// JSON is given with single quotes for double ones.
  void put(const QString& name, std::string bytes = kTiff) const {
    QDir().mkpath(QFileInfo(at(name)).path());
    if (name.endsWith(".json") || name.contains("/.z")) std::replace(bytes.begin(), bytes.end(), '\'', '"');
    writeFile(at(name).toStdString(), bytes);
  }
  Catalog read(const QString& path, const CatalogRequest& more = {}) const {
    auto catalog = m_provider->read({path.toStdString(), more.root, more.values});
    if (!catalog) qWarning("%s", catalog.error().text().c_str());
    return catalog ? *catalog : Catalog{};
  }
  Catalog tree(const QString& path) const {
    Catalog catalog = read(path);
    expandCatalog(catalog, *m_provider);
    return catalog;
  }
  Catalog fromYaml(const char* text) const {
    put("try/catalog.yml", text);
    return read(at("try/catalog.yml"));
  }

 private slots:
  void initTestCase() {
    // The catalogs are the real ones; what they point to needs only to be there.
    const QString data = CUBELOOM_TEST_DATA;
    QDir().mkpath(at("intake"));
    for (const char* name : {"intake/catalog.yaml", "intake/shift_catalog.yml"}) QVERIFY(QFile::copy(data + "/" + name, at(name)));
    for (const char* name :
         {"intake/RGB.byte.tif", "intake/little_red.tif", "intake/little_green.tif", "geotiff/ecostress_lst_dangermond_20230219.tif"})
      put(name);
    put("intake/example_1.nc", "CDF\1....");
    put("intake/blank.zarr/.zgroup", "{'zarr_format': 2}");
    put("kerchunk/ang_rdn_ref.json", "{'version': 1, 'refs': {'.zgroup': '{}', 'a/.zarray': '{}'}}");
    test::EnviRaster cube;
    QDir().mkpath(at("synthetic"));
    cube.write(at("synthetic/shift_like_120x105x40").toStdString());
    QDir().mkpath(at("envi"));
    cube.write(at("envi/ang20170323t202244_rdn_7000-7010").toStdString());

    QDirIterator it(data + "/stac/planet-disaster", {"*.json"}, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
      const QString from = it.next(), to = at("stac/" + QDir(data + "/stac").relativeFilePath(from));
      QDir().mkpath(QFileInfo(to).path());
      QVERIFY(QFile::copy(from, to));
    }
    const QString day = "stac/planet-disaster/hurricane-harvey/hurricane-harvey-0831/";
    for (const char* name :
         {"20170831_172754_101c/20170831_172754_101c_3B_AnalyticMS.tif", "20170831_172754_101c/20170831_172754_101c_3b_Visual.tif",
          "20170831_162740_ssc1d1/SkySat_Freeport_s03_20170831T162740Z.tif"})
      put(day + name);
    put(day + "20170831_172754_101c/20170831_172754_101c_3B_AnalyticMS_metadata.xml", "<xml/>");
  }

  void intakeEntries_data() {
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("reason");
    QTest::newRow("folder with a slash") << "xarray_source"
                                         << "intake/example_1.nc"
                                         << "";
    QTest::newRow("no blanks in the braces") << "blank"
                                             << "intake/blank.zarr"
                                             << "";
    QTest::newRow("wildcard with one match") << "tiff_glob_source"
                                             << "intake/RGB.byte.tif"
                                             << "";
    QTest::newRow("wildcard with none") << "empty_glob"
                                        << "intake/*.empty"
                                        << "no file matches";
    QTest::newRow("fields, no slash after the folder") << "pattern_tiff_source_path_pattern_field_as_band"
                                                       << ""
                                                       << "2 files";
    QTest::newRow("one of them") << "pattern_tiff_source_path_pattern_field_as_band/little_red.tif"
                                 << "intake/little_red.tif"
                                 << "";
    QTest::newRow("a list of files") << "pattern_tiff_source_path_pattern_as_str"
                                     << ""
                                     << "2 files";
    QTest::newRow("remote") << "opendap_source_pydap"
                            << "http://test.opendap.org/opendap/hyrax/data/nc/data.nc"
                            << "network";
  }
  void intakeEntries() {
    QFETCH(QString, entry);
    QFETCH(QString, path);
    QFETCH(QString, reason);
    const Catalog catalog = read(at("intake/catalog.yaml"));
    QCOMPARE(catalog.kind, std::string("intake"));
    const CatalogEntry* found = entryAt(catalog.entries, entry);
    QVERIFY(found);
    QCOMPARE(QString::fromStdString(found->path), path.isEmpty() || path.contains("://") ? path : at(path));
    QCOMPARE(found->isOpenable, reason.isEmpty());
    QVERIFY2(QString::fromStdString(found->reason).contains(reason) && found->reason.empty() == reason.isEmpty(), found->reason.c_str());
  }

  void intakeFieldsOfNames() {
    const Catalog catalog = read(at("intake/catalog.yaml"));
    for (const char* source : {"pattern_tiff_source_concat_on_new_dim", "pattern_tiff_source_path_pattern_as_str"}) {
      const CatalogEntry* red = entryAt(catalog.entries, QString(source) + "/little_red.tif");
      QVERIFY(red);
      QCOMPARE(red->metadata.at("color"), std::string("red"));
    }
    QCOMPARE(catalog.entries.size(), std::size_t(12));
    QCOMPARE(catalog.entries.front().description, std::string("example xarray source plugin"));
    QVERIFY(catalog.notes.front().find("never loaded") != std::string::npos);
  }

  void intakeOfACampaign() {
    const Catalog catalog = tree(at("intake/shift_catalog.yml"));
    QCOMPARE(names(catalog.entries), (std::vector<std::string>{"aviris_v1_gridded", "L2a", "lst", "reference", "nested"}));
    const CatalogEntry& cube = catalog.entries[0];
    QVERIFY(cube.isOpenable);
    QCOMPARE(QString::fromStdString(cube.path), at("synthetic/shift_like_120x105x40"));
    QCOMPARE(cube.parameters.size(), std::size_t(1));
    QCOMPARE(cube.parameters[0].defaultValue, std::string("20220224"));
    QCOMPARE(cube.parameters[0].allowed, (std::vector<std::string>{"20220224", "20220228"}));
    QCOMPARE(QString::fromStdString(catalog.entries[3].path), at("kerchunk/ang_rdn_ref.json"));
    QVERIFY(catalog.entries[3].isOpenable);
    QVERIFY(!catalog.entries[4].isOpenable);
    QCOMPARE(catalog.entries[4].children.size(), std::size_t(12));
  }

  void intakeParameters() {
    put("try/scene_20220224.tif");
    put("try/scene_20220228.tif");
    const char* text =
        "sources:\n"
        "  scene:\n"
        "    driver: rasterio\n"
        "    parameters:\n"
        "      date: {type: str, default: '20220224', allowed: ['20220224', '20220228']}\n"
        "    args: {urlpath: '{{ CATALOG_DIR }}/scene_{{ date }}.tif'}\n";
    QCOMPARE(QString::fromStdString(fromYaml(text).entries[0].path), at("try/scene_20220224.tif"));
    const Catalog other = read(at("try/catalog.yml"), {{}, {}, {{"date", "20220228"}}});
    QCOMPARE(QString::fromStdString(other.entries[0].path), at("try/scene_20220228.tif"));
    const CatalogEntry wrong = read(at("try/catalog.yml"), {{}, {}, {{"date", "../../etc/passwd"}}}).entries[0];
    QVERIFY(!wrong.isOpenable);
    QVERIFY2(wrong.reason.find("allowed are 20220224, 20220228") != std::string::npos, wrong.reason.c_str());
  }

  /// Nothing is evaluated: such an entry stays in the list and says why.
  void intakeNeverEvaluates_data() {
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QString>("says");
    QTest::newRow("env") << QByteArray("{{ env(HOME) }}/a.tif") << "env(HOME)";
    QTest::newRow("shell") << QByteArray("{{ shell('touch /tmp/x')[0] }}") << "never evaluated";
    QTest::newRow("a block") << QByteArray("{% for i in range(9) %}a{% endfor %}") << "needs Jinja";
    QTest::newRow("a filter") << QByteArray("{{ date | upper }}.tif") << "never evaluated";
    QTest::newRow("a method") << QByteArray("{{ date.strftime('%Y') }}.tif") << "never evaluated";
    QTest::newRow("an unknown name") << QByteArray("{{ where }}/a.tif") << "{{ where }}";
    QTest::newRow("a parameter with such a default") << QByteArray("{{ user }}.tif") << "env(USER)";
    QTest::newRow("never closed") << QByteArray("{{ date") << "never closed";
    QTest::newRow("virtual file system") << QByteArray("/vsicurl/http://host/x.tif") << "local paths";
    QTest::newRow("chained URL") << QByteArray("simplecache::s3://bucket/x.tif") << "not followed";
    QTest::newRow("bucket") << QByteArray("s3://dh-shift-curated/aviris/x.tif") << "network";
    QTest::newRow("recursive") << QByteArray("{{ CATALOG_DIR }}/**/x.tif") << "\"**\"";
    QTest::newRow("a device") << QByteArray("/dev/zero") << "neither a file nor a folder";
    QTest::newRow("explicit choice") << QByteArray("{{ CATALOG_DIR }}/a.vrt") << "trust";
    QTest::newRow("no raster") << QByteArray("{{ CATALOG_DIR }}/catalog.yml") << "not recognised";
  }
  void intakeNeverEvaluates() {
    QFETCH(QByteArray, path);
    QFETCH(QString, says);
    put("try/a.vrt", "<VRTDataset/>");
    const QByteArray text =
        "sources:\n  x:\n    driver: rasterio\n    parameters:\n      date: {default: '2022'}\n"
        "      user: {default: '{{ env(USER) }}'}\n    args:\n      urlpath: \"" +
        path + "\"\n";
    const Catalog catalog = fromYaml(text.constData());
    QCOMPARE(catalog.entries.size(), std::size_t(1));
    QVERIFY(!catalog.entries[0].isOpenable);
    QVERIFY2(catalog.entries[0].reason.find(says.toStdString()) != std::string::npos, catalog.entries[0].reason.c_str());
  }

  /// A catalog lists what it names; it has nothing read of it.
  void whatACatalogNamesStaysClosed() {
    std::vector<std::string> files;
    for (const char* name : {"try/plain", "try/a.tif", "try/b.nc", "try/c.h5", "try/d.hdr", "try/d.img", "try/e.json", "try/f.bin"})
      put(name, "secret words, of no format"), files.push_back(at(name).toStdString());
    std::string text = "sources:\n";
    for (std::size_t i = 0; i < files.size(); ++i)
      text += "  s" + std::to_string(i) + ": {driver: rasterio, args: {urlpath: '" + files[i] + "'}}\n";
    std::vector<std::unique_ptr<test::Trap>> traps;
    for (const std::string& file : files) traps.push_back(std::make_unique<test::Trap>(file));
    const Catalog catalog = fromYaml(text.c_str());
    for (std::size_t i = 0; i < files.size(); ++i) QVERIFY2(!traps[i]->isSprung(), files[i].c_str());
    QCOMPARE(catalog.entries.size(), files.size());
    QVERIFY(!catalog.entries[0].isOpenable);
    QVERIFY(catalog.entries[1].isOpenable && catalog.entries[5].isOpenable);
  }

  void intakeDriversAndShapes() {
    put("try/a.tif");
    const Catalog catalog = fromYaml(
        "shared: &raster\n"
        "  driver: intake_xarray.raster.RasterIOSource\n"
        "  args: {urlpath: '{{CATALOG_DIR}}a.tif'}\n"
        "sources:\n"
        "  merged: {<<: *raster, description: of its own}\n"
        "  table: {driver: csv, args: {urlpath: '{{ CATALOG_DIR }}/a.csv'}}\n"
        "  text: nothing\n"
        "  bare: {driver: rasterio}\n"
        "  variable: {driver: netcdf, args: {urlpath: 'NETCDF:\"{{ CATALOG_DIR }}/a.tif\":rain'}}\n"
        "  relative: {driver: rasterio, args: {urlpath: a.tif}}\n"
        "  url: {driver: rasterio, args: {urlpath: 'file://{{ CATALOG_DIR }}/a.tif'}}\n"
        "  chunks elsewhere: {driver: zarr, args: {urlpath: 'reference://', storage_options: {fo: a.json, remote_protocol: s3}}}\n");
    const auto entry = [&](const char* name) { return *entryAt(catalog.entries, name); };
    QVERIFY(entry("merged").isOpenable);
    QCOMPARE(entry("merged").description, std::string("of its own"));
    QVERIFY(entry("table").reason.find("csv") != std::string::npos);
    QVERIFY(entry("text").reason.find("no mapping") != std::string::npos);
    QVERIFY(entry("bare").reason.find("no args") != std::string::npos);
    QCOMPARE(entry("variable").variable, std::string("rain"));
    QVERIFY(entry("variable").isOpenable && entry("relative").isOpenable && entry("url").isOpenable);
    QVERIFY(entry("chunks elsewhere").reason.find("s3") != std::string::npos);
  }

  void stacTree() {
    const Catalog catalog = tree(at("stac/planet-disaster/collection.json"));
    QCOMPARE(catalog.kind, std::string("stac"));
    QCOMPARE(catalog.title, std::string("Planet Disaster Data"));
    QCOMPARE(catalog.datetime, std::string("2017-08-28T18:00:00Z/.."));
    QCOMPARE((*catalog.bbox)[3], 31.0);
    const CatalogEntry* day = entryAt(catalog.entries, "hurricane-harvey/hurricane-harvey-0831");
    QVERIFY(day);
    QCOMPARE(day->children.size(), std::size_t(5));

    const CatalogEntry* scene = entryAt(day->children, "20170831_172754_101c");
    QVERIFY(scene && scene->isOpenable);  // by its one asset with the role "data"
    QVERIFY(scene->path.ends_with("_3B_AnalyticMS.tif"));
    QCOMPARE(scene->datetime, std::string("2017-08-31T17:27:54.960530Z"));
    QCOMPARE((*scene->bbox)[0], -96.04001623809913);
    QCOMPARE(scene->metadata.at("collection"), std::string("planet-disaster-data"));
    QCOMPARE(scene->metadata.at("eo:cloud_cover"), std::string("2"));
    QVERIFY(entryAt(scene->children, "visual")->isOpenable);
    QVERIFY(entryAt(scene->children, "thumbnail")->reason.starts_with("missing"));
    QVERIFY(entryAt(scene->children, "udm")->reason.starts_with("missing"));
    QVERIFY(entryAt(scene->children, "analytic_xml")->reason.find("not recognised") != std::string::npos);

    const CatalogEntry* gone = entryAt(day->children, "20170831_195425_SS02");
    QVERIFY(gone && !gone->isOpenable);
    QVERIFY2(gone->reason.starts_with("missing"), gone->reason.c_str());
  }

  void stacFromBelow() {
    const QString item = at("stac/planet-disaster/hurricane-harvey/hurricane-harvey-0831/20170831_172754_101c/20170831_172754_101c.json");
    const Catalog catalog = tree(item);
    QCOMPARE(names(catalog.entries), (std::vector<std::string>{"20170831_172754_101c"}));
    QVERIFY(catalog.entries[0].isOpenable);
  }

  /// A file widens the folder that links may not leave only where the catalog above agrees.
  void stacStaysInside() {
    put("secret/data.tif");
    put("secret/collection.json", "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 'other', 'links': []}");
    put("secret/inner/assets.tif");
    put("secret/inner/item.json",
        "{'stac_version': '1.0.0', 'type': 'Feature', 'id': 'i', 'properties': {},"
        "'links': [{'rel': 'root', 'href': '../collection.json'}, {'rel': 'parent', 'href': '../collection.json'}],"
        "'assets': {'inside': {'href': 'assets.tif'}, 'up': {'href': '../data.tif'}, 'url': {'href': 'https://host/x.tif?sig=1'},"
        "'escaped': {'href': '%2e%2e/data.tif'}, 'link': {'href': 'link.tif'}, 'file': {'href': 'file:///etc/passwd'}}}");
    QVERIFY(QFile::link(at("secret/data.tif"), at("secret/inner/link.tif")));
    const auto outside = [&](const char* asset) {
      const Catalog item = read(at("secret/inner/item.json"));
      const CatalogEntry* entry = entryAt(item.entries, QString("i/") + asset);
      if (entry && !entry->isOpenable && entry->reason.find("leads out") != std::string::npos) return true;
      qWarning("%s: %s", asset, entry ? entry->reason.c_str() : "not listed");
      return false;
    };
    QVERIFY(outside("up") && outside("escaped") && outside("link") && outside("file"));
    const Catalog item = read(at("secret/inner/item.json"));
    QVERIFY(entryAt(item.entries, "i/inside")->isOpenable);
    QVERIFY(entryAt(item.entries, "i/url")->reason.find("network") != std::string::npos);
    put("secret/collection.json",
        "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 'other',"
        "'links': [{'rel': 'item', 'href': 'inner/item.json'}, {'rel': 'child', 'href': '../stac/planet-disaster/collection.json'}]}");
    QVERIFY(!outside("up"));
    const CatalogEntry above = tree(at("secret/collection.json")).entries[1];
    QVERIFY2(above.reason.find("leads out") != std::string::npos && above.children.empty(), above.reason.c_str());
  }

  void cyclesEnd() {
    put("cycle/a.json",
        "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 'a',"
        "'links': [{'rel': 'child', 'href': 'a.json'}, {'rel': 'child', 'href': 'b.json'}]}");
    put("cycle/b.json",
        "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 'b', 'links': [{'rel': 'child', 'href': './../cycle/a.json'}]}");
    const Catalog stac = tree(at("cycle/a.json"));
    QVERIFY(entryAt(stac.entries, "a")->reason.starts_with("listed already"));
    QVERIFY(entryAt(stac.entries, "b/a")->reason.starts_with("listed already"));
    put("cycle/c.yaml", "sources:\n  self: {driver: yaml_file_cat, args: {path: '{{ CATALOG_DIR }}/c.yaml'}}\n");
    QVERIFY(tree(at("cycle/c.yaml")).entries[0].reason.starts_with("listed already"));
  }

  void listsOfItemsAndOldCatalogs() {
    put("list/items.json",
        "{'type': 'FeatureCollection', 'features': ["
        "{'stac_version': '1.0.0', 'type': 'Feature', 'id': 'fiji', 'bbox': [178, -19, 0, -178, -16, 900], 'assets': {},"
        "'properties': {'datetime': null, 'start_datetime': '2020-01-01T00:00:00Z', 'end_datetime': '2020-02-01T00:00:00Z'}}]}");
    const Catalog list = read(at("list/items.json"));
    QCOMPARE(list.entries[0].datetime, std::string("2020-01-01T00:00:00Z/2020-02-01T00:00:00Z"));
    put("list/old.json", "{'stac_version': '0.9.0', 'id': 'old', 'description': 'no type', 'links': []}");
    QCOMPARE(read(at("list/old.json")).title, std::string("old"));
  }

  void folder() {
    put("folder/b.tif");
    put("folder/notes.txt", "x");
    put("folder/deep/c.nc");
    put("folder/deep/deeper/d.tif");
    put("folder/store.zarr/.zarray", "{}");
    put("folder/a.img.aux.xml", "<xml/>");
    test::EnviRaster().write(at("folder/a.img").toStdString());
    put("folder/a.log", "what shares the stem of a.hdr need be no raster");
    put("folder/fire_20220224.tif");
    put("folder/stac.json", "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 's', 'links': []}");
    put("folder/refs.json", "{'.zgroup': {'zarr_format': 2}}");
    put("folder/other.json", "{}");
    put("folder/chain.yaml", "a: 1\n");
    const Catalog catalog = tree(at("folder"));
    QCOMPARE(catalog.kind, std::string("folder"));
    QCOMPARE(names(catalog.entries),
             (std::vector<std::string>{"a.img", "b.tif", "deep", "fire_20220224.tif", "refs.json", "stac.json", "store.zarr"}));
    QCOMPARE(catalog.entries[0].driver, std::string("ENVI"));
    QCOMPARE(names(catalog.entries[2].children), (std::vector<std::string>{"c.nc", "deeper"}));
    QVERIFY(catalog.entries[2].children[1].children.empty());
    QCOMPARE(catalog.entries[3].datetime, std::string("2022-02-24"));  // as its name tells
    QVERIFY(catalog.entries[1].datetime.empty());
    QCOMPARE(catalog.entries[4].driver, std::string("reference"));
    QVERIFY(catalog.entries[5].furtherOn.has_value() && catalog.entries[6].isOpenable);
  }
};

QTEST_APPLESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
