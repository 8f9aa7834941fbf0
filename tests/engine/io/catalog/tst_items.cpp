// SPDX-License-Identifier: GPL-3.0-or-later
// Items of STAC as load sees them: grids, bands and times before a file is opened; their groups by the sun.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "engine/base/datetime.h"
#include "engine/io/catalog/item_reader.h"
#include "engine/op/family/item_groups.h"

using namespace cubeloom;

class TestItems : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::shared_ptr<ItemProvider> m_items = makeItemProvider();

  std::string written(const QString& name, const QByteArray& text) const {
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) qFatal("cannot write");
    return file.fileName().toStdString();
  }
  /// One item with one asset of which `said` is said.
  Item itemOf(const QByteArray& said, const QByteArray& properties = R"("datetime":"2022-03-01T18:40:11Z")") const {
    const QByteArray text = R"({"type":"Feature","stac_version":"1.0.0","id":"x","properties":{)" + properties +
                            R"(},"assets":{"B04":{"href":"./b04.tif",)" + said + "}}}";
    const auto list = m_items->read({written("item.json", text), {}, {}});
    return list && !(*list)->items.empty() ? (*list)->items.front() : Item();
  }
  static Item at(const std::string& id, const char* moment) {
    Item item;
    item.id = id;
    item.seconds = parseDatetime(moment);
    return item;
  }

 private slots:
  /// proj:transform is rasterio's, row by row; an asset's words go before its item's.
  void grids() {
    const QByteArray properties = R"("datetime":"2022-03-01T00:00:00Z","proj:epsg":32610,"proj:shape":[5,5])";
    const Item item = itemOf(R"("proj:shape":[100,200],"proj:transform":[10,0,600000,0,-10,4000000,0,0,1])", properties);
    QCOMPARE(item.assets.size(), std::size_t{1});
    const GeoBox& grid = item.assets[0].grid.value();
    QCOMPARE(grid.rows(), 100);
    QCOMPARE(grid.cols(), 200);
    QCOMPARE(grid.crs().authority(), std::string("EPSG:32610"));
    QCOMPARE(grid.bounds(), (Bounds{600000, 3999000, 602000, 4000000}));
    QCOMPARE(item.seconds, parseDatetime("2022-03-01"));
  }

  void badGrids_data() {
    QTest::addColumn<QByteArray>("said");
    for (const char* said :
         {R"("proj:shape":[0,5],"proj:transform":[10,0,0,0,-10,0])", R"("proj:shape":[5,5],"proj:transform":[0,0,0,0,0,0])",
          R"("proj:shape":[5],"proj:transform":[10,0,0,0,-10,0])", R"("proj:shape":[1e300,5],"proj:transform":[10,0,0,0,-10,0])",
          R"("proj:shape":"5,5","proj:transform":{})", R"("proj:shape":[5,5],"proj:transform":[10,0,0,0,-10,0],"proj:epsg":-7)",
          R"("proj:shape":[5,5],"proj:transform":[10,0,0,0,-10,0],"proj:code":"/etc/passwd")"})
      QTest::newRow(said) << QByteArray(said);
  }
  /// What is said wrongly is as if it were not said: the file's header counts.
  void badGrids() {
    QFETCH(QByteArray, said);
    const Item item = itemOf(said, R"("datetime":null)");
    QCOMPARE(item.assets.size(), std::size_t{1});
    QVERIFY(!item.assets[0].grid);
    QVERIFY(!item.seconds);
  }

  /// Bands of the raster and eo extensions belong together; those of STAC 1.1 say both. Wavelengths are in micrometres.
  void bands() {
    for (
        const char* said :
        {R"("raster:bands":[{"data_type":"uint16","nodata":0,"scale":0.0001}],"eo:bands":[{"name":"B4","common_name":"red","center_wavelength":0.665}])",
         R"("data_type":"uint16","bands":[{"name":"B4","nodata":0,"raster:scale":0.0001,"eo:common_name":"red","eo:center_wavelength":0.665}])"}) {
      const Item item = itemOf(said);
      QCOMPARE(item.assets[0].bands.size(), std::size_t{1});
      const ItemBand& band = item.assets[0].bands[0];
      QCOMPARE(band.name, std::string("B4"));
      QCOMPARE(band.commonName, std::string("red"));
      QVERIFY(band.type == PixelType::UInt16);
      QCOMPARE(band.nodata.value_or(-1), 0.0);
      QCOMPARE(band.scale.value_or(-1), 0.0001);
      QCOMPARE(band.wavelength, 665.0);
    }
  }

  void linksThatLeadOut() {
    written("inside.json", R"({"type":"Feature","stac_version":"1.0.0","id":"in","properties":{},"assets":{}})");
    QByteArray links;
    for (const char* target : {"item\",\"href\":\"./inside.json", "item\",\"href\":\"/etc/hostname", "child\",\"href\":\"./collection.json",
                               "item\",\"href\":\"https://example.org/x.json"})
      links += QByteArray(links.isEmpty() ? "" : ",") + "{\"rel\":\"" + target + "\"}";
    const std::string path = written("collection.json", R"({"type":"Collection","stac_version":"1.0.0","id":"c","links":[)" + links + "]}");
    const auto list = m_items->read({path, {}, {}});
    QVERIFY(list.has_value());
    QCOMPARE((*list)->items.size(), std::size_t{1});
    QCOMPARE((*list)->notes.size(), std::size_t{2});
  }

  /// 120 degrees west is eight hours behind: the evening's pass of UTC is the afternoon of the day before.
  void solarDays() {
    const std::vector<Item> items{at("b", "2022-03-01T18:40:25Z"), at("a", "2022-03-01T18:40:11Z"), at("late", "2022-03-02T07:59:59Z"),
                                  at("next", "2022-03-02T08:00:00Z")};
    const auto groups = groupItems(items, "solar_day", "date", -121.5);
    QVERIFY(groups.has_value());
    QCOMPARE(groups->size(), std::size_t{2});
    QCOMPARE((*groups)[0].items, (std::vector<std::size_t>{1, 0, 2}));
    QCOMPARE((*groups)[0].seconds, *items[1].seconds);
    QCOMPARE((*groups)[1].items, std::vector<std::size_t>{3});
    QCOMPARE(groupItems(items, "solar_day", "-date", -121.5)->front().items, (std::vector<std::size_t>{2, 0, 1}));
    QCOMPARE(groupItems(items, "time", "date", 0)->size(), std::size_t{4});
    QCOMPARE(groupItems(items, "none", "name", 0)->front().items, (std::vector<std::size_t>{1, 0, 2, 3}));
    QVERIFY(!groupItems(items, "id", "cloud_cover", 0));
  }
};

QTEST_APPLESS_MAIN(TestItems)
#include "tst_items.moc"
