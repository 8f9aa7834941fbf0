// SPDX-License-Identifier: GPL-3.0-or-later
// What a raster file names stays closed unless it lies beside the file: overviews, locations, sources of VRTs, on disk, on the network, in
// memory, through pipes.
#include <sys/stat.h>

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "engine/io/file/trusted_files.h"
#include "engine/io/file_provider.h"
#include "engine/io/gdal/gdal_names.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/range_server.h"
#include "tests/support/source_conformance.h"
#include "tests/support/trap.h"

using namespace cubeloom;

namespace {

constexpr int kRows = 24, kCols = 40;

std::vector<std::byte> ramp(double from, double perRow, double perCol) {
  std::vector<double> values;
  for (int row = 0; row < kRows; ++row)
    for (int col = 0; col < kCols; ++col) values.push_back(from + row * perRow + col * perCol);
  std::vector<std::byte> bytes(values.size() * sizeof(double));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

class TestConfinement : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<Trust> m_trust = makeTrustedFiles("");
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider({.trust = m_trust});

  std::string at(const QString& name) const { return (QDir(m_dir.path()).canonicalPath() + "/" + name).toStdString(); }

  test::GdalFile raster(const QString& name) const {
    test::GdalFile file;
    file.path = at(name);
    file.type = PixelType::Float64;
    file.rows = kRows;
    file.cols = kCols;
    return file;
  }
  void write(const test::GdalFile& file, double from = 0, double perRow = 1, double perCol = 1) const {
    QFile::remove(QString::fromStdString(file.path));  // GDAL would delete all that the old one names
    QCOMPARE(test::writeGdalFile(file, ramp(from, perRow, perCol)), std::string());
  }
  QString notesOf(const std::string& path) const {
    const auto info = m_provider->info(path);
    if (!info) return QString::fromStdString(info.error().text());
    QString all;
    for (const std::string& note : info->notes) all += QString::fromStdString(note) + "\n";
    return all;
  }
  QString problemOf(const OpenRequest& request) const {
    const auto source = m_provider->open(request);
    if (!source) return QString::fromStdString(source.error().text());
    BufferPool pool;
    const Block block = makeBlock(pool, (*source)->spec().type, (*source)->spec().shape());
    ReadContext context;
    const auto read = (*source)->read(fullRegion((*source)->spec().shape()), block.view, context);
    return read ? QString() : QString::fromStdString(read.error().text());
  }

  /// A VRT of one band with `inside` in it, trusted.
  std::string vrt(const QString& name, const std::string& inside, const std::string& band = {}) const {
    test::writeFile(at(name), "<VRTDataset rasterXSize=\"40\" rasterYSize=\"24\"><VRTRasterBand dataType=\"Float64\" band=\"1\"" + band +
                                  ">" + inside + "</VRTRasterBand></VRTDataset>");
    if (!m_trust->trustForNow(at(name))) qFatal("not trusted");
    return at(name);
  }
  static std::string source(const std::string& name, bool isRelative = true) {
    return std::string("<SimpleSource><SourceFilename relativeToVRT=\"") + (isRelative ? "1" : "0") + "\">" + name +
           "</SourceFilename><SourceBand>1</SourceBand></SimpleSource>";
  }

 private slots:
  void initTestCase() {
    for (const char* folder : {"inside", "inside/deeper", "outside"}) QVERIFY(QDir(m_dir.path()).mkdir(folder));
    write(raster("outside/secret.tif"), 500);
    write(raster("inside/deeper/near.tif"), 3);
    QCOMPARE(mkfifo(at("inside/pipe").c_str(), 0600), 0);
    QVERIFY(QFile::link(QString::fromStdString(at("outside/secret.tif")), QString::fromStdString(at("inside/link.tif"))));
  }

  void overviewsElsewhere_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("a file outside") << QString::fromStdString(at("outside/secret.tif"));
    QTest::newRow("a link to it") << QString::fromStdString(at("inside/link.tif"));
    QTest::newRow("a way out") << QString::fromStdString(at("inside/../outside/secret.tif"));
    QTest::newRow("a pipe") << QString::fromStdString(at("inside/pipe"));
    QTest::newRow("the standard input") << "/vsistdin/";
    QTest::newRow("an address in memory") << "MEM:::DATAPOINTER=4096,PIXELS=40,LINES=24,DATATYPE=Float64";
    QTest::newRow("a URL") << "/vsicurl/URL";
    QTest::newRow("a stream") << "/vsicurl_streaming/URL";
    QTest::newRow("a part of it") << "/vsisubfile/0_100,/vsicurl_streaming/URL";
    QTest::newRow("a bucket") << "/vsis3_streaming/bucket/x.tif";
  }
  void overviewsElsewhere() {
    QFETCH(QString, name);
    const test::RangeServer server(std::map<std::string, std::string>{{"/x.tif", "nothing"}});
    name.replace("URL", QString::fromStdString(server.url("/x.tif")));
    test::GdalFile file = raster("inside/names.tif");
    file.overviewFile = name.toStdString();
    write(file, 7);
    const test::Trap secret(at("outside/secret.tif"));
    const test::Trap pipe(at("inside/pipe"));
    QElapsedTimer clock;
    clock.start();
    const QString notes = notesOf(file.path);
    QCOMPARE(problemOf({file.path, {}, {}}), QString());
    QVERIFY(clock.elapsed() < 20000);
    QVERIFY(!secret.isSprung() && !pipe.isSprung());
    QCOMPARE(server.requests(), 0);
    if (!name.startsWith("MEM")) QVERIFY2(notes.contains("is not opened"), qPrintable(notes));
  }

  /// As above, one step further: what is beside the file names something else.
  void overviewsOfOverviews() {
    test::GdalFile file = raster("inside/two.tif"), beside = raster("inside/two.tif.ovr");
    beside.overviewFile = at("outside/secret.tif");
    write(file, 8);
    write(beside, 9);
    const test::Trap secret(at("outside/secret.tif")), own(at("inside/two.tif.ovr"));
    QCOMPARE(problemOf({file.path, {}, {}}), QString());
    notesOf(file.path);
    QVERIFY(own.isSprung());
    QVERIFY(!secret.isSprung());
  }

  /// A VRT that was trusted once lets no other file in as one.
  void noVrtInside() {
    write(raster("inside/plain.tif"), 4);
    QCOMPARE(problemOf({vrt("inside/first.vrt", source("plain.tif")), {}, {}}), QString());
    vrt("inside/second.vrt", source("deeper/near.tif"));
    test::GdalFile file = raster("inside/leads_on.tif");
    file.overviewFile = at("inside/second.vrt");
    write(file, 7);
    const test::Trap trap(at("inside/deeper/near.tif"));
    notesOf(file.path);
    QCOMPARE(problemOf({file.path, {}, {}}), QString());
    QVERIFY(!trap.isSprung());
  }

  void locations() {
    test::GdalFile x = raster("inside/x.tif"), y = raster("inside/y.tif"), scene = raster("inside/scene.tif");
    write(x, 10, 0, 0.01);
    write(y, 50, -0.01, 0);
    const auto place = [&](const std::string& xFile, const std::string& srs) {
      scene.geolocation = {"X_BAND=1",    "Y_BAND=1",   "PIXEL_OFFSET=0",     "LINE_OFFSET=0",      "PIXEL_STEP=1",
                           "LINE_STEP=1", "SRS=" + srs, "X_DATASET=" + xFile, "Y_DATASET=" + y.path};
      write(scene, 1);
      OpenRequest request{scene.path, {}, {}};
      request.georeference = "geolocation";
      request.nodata = -1;
      return problemOf(request);
    };
    const QStringList before = QDir::current().entryList();
    QCOMPARE(place(x.path, "EPSG:4326"), QString());
    QCOMPARE(QDir::current().entryList(), before);  // GDAL fills the holes between locations in files of its own

    const test::RangeServer server(std::map<std::string, std::string>{{"/4326", "EPSG:4326"}});
    QVERIFY(place(x.path, server.url("/4326")).contains("is not understood"));
    QCOMPARE(server.requests(), 0);
    const test::Trap secret(at("outside/secret.tif"));
    for (const char* name : {"outside/secret.tif", "inside/link.tif", "inside/../outside/secret.tif"})
      QVERIFY2(place(at(name), "EPSG:4326").contains("not under the raster's folder"), name);
    QVERIFY(!secret.isSprung());
    QVERIFY(!place(at("inside/pipe"), "EPSG:4326").isEmpty());
    QVERIFY(!place(vrt("inside/x.vrt", source("x.tif")), "EPSG:4326").isEmpty());
  }

  void trustedVrt() {
    const std::string honest = vrt("inside/honest.vrt", source("deeper/near.tif"));
    QCOMPARE(problemOf({honest, {}, {}}), QString());
    const auto opened = m_provider->open({honest, {}, "vrt"});
    QVERIFY(opened);
    BufferPool pool;
    const Block block = test::readWhole(**opened, pool);
    QCOMPARE(reinterpret_cast<const double*>(block.view.data)[kCols + 2], 3.0 + 1 + 2);
    // What is written to since is another file.
    test::writeFile(honest, "<VRTDataset rasterXSize=\"40\" rasterYSize=\"24\"/>");
    const auto changed = m_provider->open({honest, {}, "VRT"});
    QVERIFY(!changed);
    QVERIFY2(changed.error().text().find("only where you trust it") != std::string::npos, changed.error().text().c_str());
  }

  void vrtsThatReachFurther_data() {
    QTest::addColumn<QString>("inside");
    QTest::addColumn<QString>("band");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const std::string& inside, const char* says, const char* band = "") {
      QTest::newRow(name) << QString::fromStdString(inside) << band << says;
    };
    const std::string raw = "<SourceFilename relativeToVRT=\"1\">deeper/near.tif</SourceFilename><ImageOffset>0</ImageOffset>";
    row("absolute", source(at("inside/deeper/near.tif"), false), "not named relative");
    row("outside", source("../outside/secret.tif"), "lies outside its folder");
    row("through a link", source("link.tif"), "lies outside its folder");
    row("a URL", source("/vsicurl_streaming/http://127.0.0.1:9/x.tif"), "is no file under its folder");
    row("a pipe", source("pipe"), "is no file under its folder");
    row("memory", source("MEM:::DATAPOINTER=4096,PIXELS=40,LINES=24"), "is no file under its folder");
    row("a part of a file", source("GTIFF_DIR:1:deeper/near.tif"), "is no file under its folder");
    row("a VRT as text", source("&lt;VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"/>"), "is no file under its folder");
    row("raw", raw, "VRTRawRasterBand", " subClass=\"VRTRawRasterBand\"");
    row("raw, spelt otherwise", raw, "VRTRawRasterBand", " SUBCLASS=\"VRT&#82;awRasterBand\"");
    row("derived", source("deeper/near.tif"), "VRTDerivedRasterBand", " subClass=\"VRTDerivedRasterBand\"");
    row("code", "<PixelFunctionCode>import os</PixelFunctionCode>" + source("deeper/near.tif"), "PixelFunctionCode");
    row("in a mask", "<MaskBand><VRTRasterBand dataType=\"Byte\">" + source("../outside/secret.tif") + "</VRTRasterBand></MaskBand>",
        "lies outside its folder");
  }
  void vrtsThatReachFurther() {
    QFETCH(QString, inside);
    QFETCH(QString, band);
    QFETCH(QString, says);
    const test::Trap secret(at("outside/secret.tif")), pipe(at("inside/pipe"));
    const QString problem = problemOf({vrt("inside/reaches.vrt", inside.toStdString(), band.toStdString()), {}, "VRT"});
    QVERIFY2(problem.contains(says), qPrintable(problem));
    QVERIFY(!secret.isSprung() && !pipe.isSprung());
  }

  /// Rasters of a file are confined to the folder of the file, whatever stands around it in their names.
  void filesOfRasters() {
    for (const auto& [name, file] :
         std::vector<std::pair<std::string, std::string>>{{"/data/a:b.tif", "/data/a:b.tif"},
                                                          {R"(HDF4_EOS:EOS_GRID:"/data/x.hdf":grid:field)", "/data/x.hdf"},
                                                          {"HDF4_SDS:UNKNOWN:/data/x.hdf:0", "/data/x.hdf"},
                                                          {"HDF4_SDS:UNKNOWN:/data/9:30/x.hdf:12", "/data/9:30/x.hdf"},
                                                          {"GTIFF_DIR:2:/data/x.tif", "/data/x.tif"},
                                                          {"/vsizip/{/data/x.zip}/a.tif", "/vsizip/{/data/x.zip}/a.tif"}})
      QCOMPARE(fileOfRaster(name), file);
  }

  void trustIsKept() {
    const std::string list = at("settings/trusted.json"), file = at("outside/secret.tif");
    QVERIFY(!makeTrustedFiles(list)->isTrusted(file));
    QVERIFY(makeTrustedFiles(list)->trust(file));
    QVERIFY(makeTrustedFiles(list)->trust(at("inside/deeper/near.tif")));
    QVERIFY(makeTrustedFiles(list)->isTrusted(file));
    QVERIFY(makeTrustedFiles(list)->isTrusted(at("inside/link.tif")));  // the same file
    QVERIFY(!makeTrustedFiles(list)->isTrusted(at("inside/plain.tif")));
    QVERIFY(makeTrustedFiles(list)->distrust(file));
    QVERIFY(!makeTrustedFiles(list)->isTrusted(file));
    QVERIFY(makeTrustedFiles(list)->isTrusted(at("inside/deeper/near.tif")));
    // A list that cannot be read, or is another program version's, trusts nothing and is not written over.
    const std::string answers = cubeloom::test::contentOf(list).toStdString();
    for (const std::string& broken : {answers.substr(0, answers.size() / 2), std::string(R"({"cubeloom_trusted": 2, "files": []})"),
                                      std::string(R"({"cubeloom_trusted": 1, "files": [{"path": "/a"}]})")}) {
      test::writeFile(list, broken);
      QVERIFY(!makeTrustedFiles(list)->isTrusted(at("inside/deeper/near.tif")));
      const auto kept = makeTrustedFiles(list)->trust(file);
      QVERIFY(!kept && kept.error().code == ErrorCode::WriteFailed && kept.error().path == list);
      QCOMPARE(cubeloom::test::contentOf(list).toStdString(), broken);
    }
    test::writeFile(list, answers);
    QVERIFY(!makeTrustedFiles(list)->trust(at("nowhere")));
    test::writeFile(list, "no JSON");
    QVERIFY(!makeTrustedFiles(list)->isTrusted(at("inside/deeper/near.tif")));
  }
};

QTEST_GUILESS_MAIN(TestConfinement)
#include "tst_confinement.moc"
