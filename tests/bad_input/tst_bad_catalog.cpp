// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogs made to harm: each ends soon, with an error that says what is wrong, and without memory in proportion to what it promises.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "engine/access/catalog_tree.h"
#include "engine/base/system.h"
#include "engine/io/catalog/catalog_reader.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using test::writeFile;

namespace {

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// Nine levels of nine aliases: 9^9 nodes when written out.
std::string billionLaughs(const std::string& leaf) {
  std::string yaml = "a0: &a0 " + leaf + "\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string below = "*a" + std::to_string(level - 1);
    yaml += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + below + repeated(", " + below, 8) + "]\n";
  }
  return yaml;
}

}  // namespace

class TestBadCatalog : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<CatalogProvider> m_provider = makeCatalogProvider();
  std::string at(const QString& name) const { return m_dir.filePath(name).toStdString(); }

 private slots:
  void refused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* what, const char* name, const std::string& bytes, const char* says) {
      QTest::newRow(what) << QString(name) << QByteArray::fromStdString(bytes) << QString(says);
    };
    row("empty", "x.yaml", "", "is empty");
    row("no sources", "x.yaml", "a: 1\n", "no \"sources\"");
    row("a list", "x.yaml", "- a\n- b\n", "no \"sources\"");
    row("not YAML", "x.yaml", "a: [1, 2\nb: }", "not valid YAML");
    row("an unknown alias", "x.yaml", "sources: *nowhere\n", "not valid YAML");
    row("a node inside itself", "x.yaml", "sources: &s\n  a: *s\n", "part of");
    row("deep flow lists", "x.yaml", "sources: " + std::string(200000, '['), "line 1");
    row("deep flow maps", "x.yaml", "sources: " + repeated("{a: ", 200000), "line 1");
    row("deep block lists", "x.yaml", "sources:\n  " + repeated("- ", 100000) + "a", "nests deeper than 64");
    row("many nodes", "x.yaml", "sources:\n" + repeated("- a\n", 300000), "more than 200000 nodes");
    row("longer than read", "x.yaml", "sources:\n  a: " + std::string(5 << 20, 'x'), "at most 4.00 MiB");
    row(
        "aliases of a long list", "x.yaml",
        [] {
          std::string yaml = "p: &p\n  x: {allowed: [" + repeated("a, ", 1000) + "b]}\nsources:\n";
          for (int i = 0; i < 5000; ++i) yaml += "  s" + std::to_string(i) + ": {driver: rasterio, parameters: *p, args: {urlpath: a}}\n";
          return yaml;
        }(),
        "holds more than 500,000 values");
    row("junk", "x.json", repeated("\x01\xFF{]garbage", 1000000), "not valid JSON");
    row("junk as YAML", "x.yaml", repeated("\x01\xFF{]garbage", 100000), "");
    row("deep arrays", "x.json", std::string(200000, '['), "nests deeper than 64");
    row("deep objects", "x.json", repeated("{\"a\":", 200000), "nests deeper than 64");
    row("deep after a version", "x.json", R"({"stac_version": "1.0.0", "links": )" + std::string(200000, '['), "nests deeper than 64");
    row("a million values", "x.json", R"({"stac_version": "1.0.0", "links": [)" + repeated("[],", 1100000) + "[]]}",
        "more than 1,000,000 values");
    row("a broken end", "x.json", R"({"stac_version": "1.0.0", "type": "Catalog", "links": [)", "not valid JSON");
    row("something else", "x.json", R"({"type": "FeatureCollection", "features": []})", "neither STAC nor kerchunk");
    row("an unknown type", "x.json", R"({"stac_version": "1.0.0", "type": "Teapot"})", "Teapot");
    row("a raster", "x.tif", "II*", "is no catalog");
    row("text", "x.txt", "hello", "is no catalog");
  }
  void refused() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, says);
    writeFile(at(name), bytes.toStdString());
    QElapsedTimer clock;
    clock.start();
    const std::int64_t before = processPeakRssBytes();
    const auto catalog = m_provider->read({at(name), {}, {}});
    QVERIFY2(!catalog, "it was read");
    QCOMPARE(catalog.error().code, ErrorCode::OpenFailed);
    QVERIFY2(catalog.error().message.find(says.toStdString()) != std::string::npos, catalog.error().text().substr(0, 300).c_str());
    QVERIFY(catalog.error().message.size() < 1000);
    QVERIFY2(clock.elapsed() < 5000, std::to_string(clock.elapsed()).c_str());
    const std::int64_t grown = processPeakRssBytes() - before;
    QVERIFY2(grown < (std::int64_t{400} << 20), std::to_string(grown).c_str());
  }

  void aliasBomb_data() {
    QTest::addColumn<QByteArray>("sources");
    QTest::newRow("unused") << QByteArray("sources: {}\n");
    QTest::newRow("as the sources") << QByteArray("sources: *a9\n");
    QTest::newRow("as paths") << QByteArray("sources: {x: {driver: rasterio, args: {urlpath: *a9}}}\n");
    QTest::newRow("as parameters") << QByteArray("sources: {x: {driver: rasterio, parameters: {p: {allowed: *a9}}, args: {urlpath: a}}}\n");
    QTest::newRow("as a merge") << QByteArray("sources: {x: {<<: *a9}}\n");
  }
  void aliasBomb() {
    QFETCH(QByteArray, sources);
    for (const char* leaf : {"lol", "{driver: rasterio}"}) {
      writeFile(at("bomb.yaml"), billionLaughs(leaf) + sources.toStdString());
      QElapsedTimer clock;
      clock.start();
      const auto catalog = m_provider->read({at("bomb.yaml"), {}, {}});
      if (catalog) QVERIFY(catalog->entries.size() <= 9);
      QVERIFY2(clock.elapsed() < 5000, std::to_string(clock.elapsed()).c_str());
    }
  }

  void wrongTypesEverywhere() {
    for (
        const char* bytes :
        {R"({"stac_version": 1, "type": "Catalog", "links": 5})",
         R"({"stac_version": "1", "type": "Catalog", "links": [1, null, {"rel": 3}]})",
         R"({"stac_version": "1", "type": "Feature", "id": 7, "bbox": "w", "properties": [], "assets": {"a": null, "b": {"href": 5, "roles": 4}}})",
         R"({"stac_version": "1", "type": "Collection", "links": [], "extent": {"spatial": {"bbox": "x"}, "temporal": {"interval": [[5]]}}})",
         R"({"stac_version": "1", "type": "Collection", "links": [], "extent": {"spatial": [], "temporal": 7}})",
         R"({"stac_version": "1", "type": "Feature", "bbox": [1e999, 0, 0, 0], "links": [{"rel": "parent", "href": "x.json"}]})"}) {
      writeFile(at("x.json"), bytes);
      auto catalog = m_provider->read({at("x.json"), {}, {}});
      if (catalog) expandCatalog(*catalog, *m_provider);
    }
    for (const char* bytes :
         {"sources:\n  a: {driver: {x: 1}, args: []}\n  b: {driver: [], args: {urlpath: {x: 1}}}\n  c: {driver: rasterio, parameters: 5, "
          "metadata: [1], args: {urlpath: []}}\n",
          "sources:\n  a: {driver: netcdf, args: {urlpath: 'NETCDF:x:'}}\n  b: {driver: netcdf, args: {urlpath: 'HDF5:'}}\n",
          "sources:\n- {name: {a: 1}}\n- 5\n- ~\n",
          "? [a, b]\n: 1\nsources: {? {a: 1} : {driver: zarr, args: {urlpath: 'reference://'}}}\n"}) {
      writeFile(at("x.yaml"), bytes);
      const auto catalog = m_provider->read({at("x.yaml"), {}, {}});
      QVERIFY2(catalog, catalog ? "" : catalog.error().text().c_str());
      for (const CatalogEntry& entry : catalog->entries) QVERIFY(!entry.isOpenable && !entry.reason.empty());
    }
  }

  /// A wide tree of catalogs is cut, and says so.
  void wideTree() {
    for (int i = 0; i < 30; ++i) {
      std::string links;
      for (int k = 0; k < 30; ++k) links += "{'rel': 'child', 'href': 'c" + std::to_string((i * 7 + k) % 30) + ".json'},";
      links.pop_back();
      std::string json = "{'stac_version': '1.0.0', 'type': 'Catalog', 'id': 'c', 'links': [" + links + "]}";
      std::replace(json.begin(), json.end(), '\'', '"');
      writeFile(at(QString("c%1.json").arg(i)), json);
    }
    auto catalog = m_provider->read({at("c0.json"), {}, {}});
    QVERIFY(catalog);
    expandCatalog(*catalog, *m_provider, {3, 100});
    QVERIFY(!catalog->notes.empty() && catalog->notes.back().find("first 100 entries") != std::string::npos);
  }

  /// Real catalogs with bytes changed at random: read or refused, never a crash. Seeded.
  void mutated() {
    std::mt19937 random(7);
    for (const char* name :
         {"intake/catalog.yaml", "intake/shift_catalog.yml", "stac/planet-disaster/collection.json",
          "stac/planet-disaster/hurricane-harvey/hurricane-harvey-0831/20170831_172754_101c/20170831_172754_101c.json"}) {
      QFile file(QString(CUBELOOM_TEST_DATA "/") + name);
      QVERIFY(file.open(QIODevice::ReadOnly));
      const QByteArray original = file.readAll();
      const std::string copy = at("mutated" + QString(name).section('.', -1).prepend('.'));
      for (int round = 0; round < 300; ++round) {
        std::string bytes = original.toStdString();
        for (int change = 0; change < 1 + round % 8; ++change) {
          const std::size_t place = random() % bytes.size();
          const std::string_view odd = "{}[]\"':,-*&!|>%@\\\0\n\t <~?#";
          if (round % 3 == 0)
            bytes.erase(place, 1 + random() % 40);
          else
            bytes[place] = round % 3 == 1 ? odd[random() % odd.size()] : static_cast<char>(random());
          if (bytes.empty()) bytes = "x";
        }
        writeFile(copy, bytes);
        auto catalog = m_provider->read({copy, {}, {}});
        if (catalog) expandCatalog(*catalog, *m_provider, {4, 1000});
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestBadCatalog)
#include "tst_bad_catalog.moc"
