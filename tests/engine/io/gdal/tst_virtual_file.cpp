// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters in local archives and behind URLs: opened like any other, the network only when it is on, secrets never shown.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "engine/access/catalog_tree.h"
#include "engine/io/catalog/catalog_reader.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/range_server.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

namespace {

std::string contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put(std::string& to, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i));
}

/// A ZIP archive with its members stored as they are (APPNOTE.TXT 4.3).
std::string zipOf(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string zip, directory;
  for (const auto& [name, bytes] : members) {
    std::string facts;
    for (const std::uint32_t half : {20U, 0U, 0U, 0U, 0x21U}) put(facts, half, 2);
    for (const std::size_t word : {static_cast<std::size_t>(crc32(bytes)), bytes.size(), bytes.size()})
      put(facts, static_cast<std::uint32_t>(word), 4);
    put(facts, static_cast<std::uint32_t>(name.size()), 2);
    put(facts, 0, 2);
    directory += std::string("PK\1\2\x14\0", 6) + facts + std::string(10, '\0');
    put(directory, static_cast<std::uint32_t>(zip.size()), 4);
    directory += name;
    zip += std::string("PK\3\4", 4) + facts + name + bytes;
  }
  const std::size_t start = zip.size();
  zip += directory + std::string("PK\5\6\0\0\0\0", 8);
  for (int i = 0; i < 2; ++i) put(zip, static_cast<std::uint32_t>(members.size()), 2);
  put(zip, static_cast<std::uint32_t>(directory.size()), 4);
  put(zip, static_cast<std::uint32_t>(start), 4);
  put(zip, 0, 2);
  return zip;
}

const QString kRaster = CUBELOOM_TEST_DATA "/geotiff/int16_scale_offset.tif";

}  // namespace

class TestVirtualFile : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_offline = makeFileProvider();
  std::string m_expected;

  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }
  static std::string bytesOf(Source& source) {
    BufferPool pool;
    const Block whole = test::readWhole(source, pool);
    if (!whole.buffer) return "the array cannot be read";
    return {reinterpret_cast<const char*>(whole.view.data), static_cast<std::size_t>(whole.view.count()) * pixelTypeBytes(whole.view.type)};
  }

  struct Outcome {
    int code = -1;
    QByteArray text;
  };
  static Outcome cli(const QStringList& arguments, const QString& network) {
    QProcess process;
    process.setEnvironment(QProcess::systemEnvironment() + QStringList{"CUBELOOM_NETWORK=" + network});
    process.start(CUBELOOM_CLI, arguments);
    process.waitForFinished(60000);
    return {process.exitCode(), process.readAllStandardOutput() + process.readAllStandardError()};
  }

 private slots:
  void initTestCase() {
    for (const char* name : {"no_proxy", "NO_PROXY"}) qputenv(name, "127.0.0.1");
    auto plain = m_offline->open({kRaster.toStdString(), {}, {}});
    QVERIFY(plain);
    m_expected = bytesOf(**plain);
    test::writeFile(at("scenes.zip"), zipOf({{"deep/scene.tif", contents(kRaster)},
                                             {"vrt.tif", "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"/>"},
                                             {"notes.txt", "none"}}));
  }

  void archives() {
    for (const std::string& name :
         {"/vsizip/" + at("scenes.zip") + "/deep/scene.tif", "/vsizip/{" + at("scenes.zip") + "}/deep/scene.tif"}) {
      auto source = m_offline->open({name, {}, {}});
      QVERIFY2(source, source ? "" : source.error().text().c_str());
      QCOMPARE((*source)->spec().variable, std::string("scene"));
      QVERIFY(bytesOf(**source) == m_expected);
      QCOMPARE((*source)->files().size(), std::size_t(1));
      QVERIFY((*source)->files()[0].ends_with("scenes.zip"));
      QCOMPARE(test::sourceProblem(**source, test::CostPromise::UpperBound), std::string());
    }
    QVERIFY(m_offline->info("/vsizip/" + at("scenes.zip") + "/deep/scene.tif")->fileBytes == static_cast<double>(contents(kRaster).size()));
  }

  void tar() {
    test::writeFile(at("member.tif"), contents(kRaster));
    for (const char* archive : {"scenes.tar", "scenes.tgz"}) {
      const QString path = QString::fromStdString(at(archive));
      QCOMPARE(QProcess::execute("tar", {"-C", m_dir.path(), path.endsWith("tgz") ? "-czf" : "-cf", path, "member.tif"}), 0);
      auto source = m_offline->open({"/vsitar/" + at(archive) + "/member.tif", {}, {}});
      QVERIFY2(source.has_value(), source ? "" : source.error().text().c_str());
      QVERIFY((*source)->files()[0].ends_with(archive));
    }
  }

  void gzip() {
    QProcess process;
    process.setStandardOutputFile(m_dir.filePath("scene.tif.gz"));
    process.start("gzip", {"-c", kRaster});
    QVERIFY(process.waitForFinished() && process.exitCode() == 0);
    auto source = m_offline->open({"/vsigzip/" + at("scene.tif.gz"), {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE((*source)->spec().variable, std::string("scene"));
    QVERIFY(bytesOf(**source) == m_expected);
    QVERIFY(!QFile::exists(m_dir.filePath("scene.tif.gz.properties")));
  }

  void refused_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("says");
    const QString zip = "/vsizip/" + m_dir.filePath("scenes.zip");
    QTest::newRow("no archive") << "/vsizip/" + m_dir.filePath("nosuch.zip") + "/a.tif"
                                << "local archive";
    QTest::newRow("no member") << zip + "/nosuch.tif"
                               << "cannot open";
    QTest::newRow("no raster") << zip + "/notes.txt"
                               << "cannot open";
    QTest::newRow("a program in it") << zip + "/vrt.tif"
                                     << "cannot open";
    QTest::newRow("out of it") << zip + "/deep/../../../etc/passwd"
                               << "leaves its archive";
    QTest::newRow("a network inside") << "/vsizip/vsicurl/http://localhost/a.zip/a.tif"
                                      << "within one another";
    QTest::newRow("braces with a network") << "/vsizip/{/vsicurl/http://localhost/a.zip}/a.tif"
                                           << "within one another";
    QTest::newRow("memory") << "/vsimem/a.tif"
                            << "not opened";
    QTest::newRow("standard input") << "/vsistdin/"
                                    << "not opened";
    QTest::newRow("a part of a file") << "/vsisubfile/0_100,/etc/passwd"
                                      << "not opened";
    QTest::newRow("a local file as a URL") << "/vsicurl/file:///etc/passwd"
                                           << "not opened";
    QTest::newRow("options of curl") << "/vsicurl?header_file=/etc/passwd&url=http://localhost/x.tif"
                                     << "not opened";
    QTest::newRow("off") << "http://127.0.0.1:1/x.tif"
                         << "CUBELOOM_NETWORK=on";
    QTest::newRow("off by GDAL's name") << "/vsicurl/http://127.0.0.1:1/x.tif"
                                        << "CUBELOOM_NETWORK=on";
    QTest::newRow("bucket") << "s3://bucket/x.tif"
                            << "CUBELOOM_NETWORK=on";
  }
  void refused() {
    QFETCH(QString, path);
    QFETCH(QString, says);
    const auto source = m_offline->open({path.toStdString(), {}, {}});
    QVERIFY(!source);
    QCOMPARE(source.error().code, ErrorCode::OpenFailed);
    QVERIFY2(QString::fromStdString(source.error().text()).contains(says), source.error().text().c_str());
  }

  void rangesOverTheNetwork() {
    const test::RangeServer server({{"/scene.tif", contents(kRaster)}});
    const std::string url = server.url("/scene.tif");
    QVERIFY(!m_offline->open({url, {}, {}}));
    QCOMPARE(server.requests(), 0);

    const auto online = makeFileProvider({true});
    auto source = online->open({url, {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    BufferPool pool;
    const Block pixel = makeBlock(pool, (*source)->spec().type, {1, 1, 1});
    ReadContext context;
    QVERIFY((*source)->read({IndexSet::single(0), IndexSet::single(200), IndexSet::single(200)}, pixel.view, context));
    const auto size = static_cast<std::int64_t>(contents(kRaster).size());
    QVERIFY2(server.bytesServed() < size / 2, std::to_string(server.bytesServed()).c_str());
    QVERIFY(bytesOf(**source) == m_expected);
    QCOMPARE((*source)->spec().variable, std::string("scene"));
    // A provider that is offline stays so, though another is online.
    QVERIFY(!m_offline->open({url, {}, {}}));
  }

  void programsOverTheNetwork() {
    const test::RangeServer server({{"/scene.tif", contents(kRaster)}, {"/bad.tif", "<VRTDataset/>"}});
    const QString secret = QString::fromStdString(server.url("/scene.tif?token=SECRET"));
    const auto off = cli({"info", secret}, "off");
    QCOMPARE(off.code, 3);
    QVERIFY2(off.text.contains("CUBELOOM_NETWORK=on") && !off.text.contains("SECRET"), off.text.constData());
    QCOMPARE(server.requests(), 0);
    const auto on = cli({"info", secret}, "on");
    QVERIFY2(on.code == 0 && on.text.contains("GTiff") && !on.text.contains("SECRET"), on.text.constData());
    for (const char* bad : {"/gone.tif?token=SECRET", "/bad.tif?sig=SECRET"}) {
      const auto outcome = cli({"info", QString::fromStdString(server.url(bad))}, "on");
      QCOMPARE(outcome.code, 3);
      QVERIFY2(!outcome.text.contains("SECRET"), outcome.text.constData());
    }
    const QString out = m_dir.filePath("out.tif"), report = m_dir.filePath("report.json");
    const auto run = cli({"run", "--report", report, "!", "open", secret, "!", "isel", "band=0", "!", "write", out}, "on");
    QVERIFY2(run.code == 0 && !run.text.contains("SECRET"), run.text.constData());
    QVERIFY(QFile::exists(out) && !QByteArray::fromStdString(contents(report)).contains("SECRET"));
  }

  void catalogsAskNoHost() {
    const test::RangeServer server({{"/scene.tif", contents(kRaster)}});
    test::writeFile(at("remote.yaml"), "sources:\n  scene: {driver: rasterio, args: {urlpath: '" + server.url("/scene.tif") + "'}}\n" +
                                           "  below: {driver: yaml_file_cat, args: {path: '" + server.url("/c.yaml") + "'}}\n");
    for (const bool isOn : {false, true}) {
      const auto provider = makeCatalogProvider(isOn);
      auto catalog = provider->read({at("remote.yaml"), {}, {}});
      QVERIFY(catalog);
      expandCatalog(*catalog, *provider);
      QCOMPARE(catalog->entries[0].isOpenable, isOn);
      QVERIFY(!catalog->entries[1].furtherOn);
    }
    QCOMPARE(server.requests(), 0);
  }
};

QTEST_GUILESS_MAIN(TestVirtualFile)
#include "tst_virtual_file.moc"
