// SPDX-License-Identifier: GPL-3.0-or-later
// ENVI rasters that are broken, hostile or something else: each ends as an error that says what is wrong, never in a crash or a wrong
// array.
#include <QtTest>

#include <random>

#include "engine/io/envi/envi_header.h"
#include "engine/io/envi/envi_layout.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::EnviRaster;
using cubeloom::test::writeFile;

class TestBadEnvi : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();
  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }

 private slots:
  void headers_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QByteArray& header, const char* says) { QTest::newRow(name) << header << QString(says); };
    const QByteArray good = QByteArray::fromStdString(EnviRaster().header());
    const auto with = [&good](const char* from, const char* to) { return QByteArray(good).replace(from, to); };
    row("binary garbage", "ENVI\nsamples = 5\n" + QByteArray(200, '\x01'), "not text");
    row("zero bytes", QByteArray("ENVI\nsamples\0= 5\n", 17), "not text");
    row("unclosed brace", good + "description = { no end\n", "never closed");
    row("no samples", with("samples = 5\n", ""), "no \"samples\"");
    row("no lines", with("lines = 4\n", ""), "no \"lines\"");
    row("no bands", with("bands = 3\n", ""), "no \"bands\"");
    row("no data type", with("data type = 4\n", ""), "no \"data type\"");
    row("no interleave", with("interleave = bil\n", ""), "no \"interleave\"");
    row("unknown interleave", with("bil", "zigzag"), "\"interleave = zigzag\" is unknown");
    row("unknown type", with("data type = 4", "data type = 7"), "\"data type = 7\" is unknown");
    row("zero samples", with("samples = 5", "samples = 0"), "outside 1 to 2147483647");
    row("negative lines", with("lines = 4", "lines = -4"), "outside 1 to");
    row("words for a number", with("bands = 3", "bands = three"), "not a whole number");
    row("fraction", with("bands = 3", "bands = 3.5"), "not a whole number");
    row("more digits than a number has", with("bands = 3", "bands = 99999999999999999999999"), "not a whole number");
    row("absurd samples", with("samples = 5", "samples = 99999999999"), "outside 1 to 2147483647");
    row("sizes that overflow", with("samples = 5", "samples = 2147483647").replace("lines = 4", "lines = 2147483647"), "no file can hold");
    row("offset that overflows", with("header offset = 0", "header offset = 4611686018427387904"), "no file can hold");
    row("negative offset", with("header offset = 0", "header offset = -1"), "outside 0 to");
    row("offset beyond the file", with("header offset = 0", "header offset = 100000"), "declares 100240");
    row("larger than the file", with("lines = 4", "lines = 4000000"), "has 240 bytes, but its header declares 240000000");
    row("byte order 2", with("byte order = 0", "byte order = 2"), "outside 0 to 1");
    row("spectral library", with("ENVI Standard", "ENVI Spectral Library"), "spectral library");
    row("tiff in disguise", with("ENVI Standard", "TIFF"), "not a raw raster");
    row("compressed", good + "file compression = 1\n", "compressed");
    row("frames", good + "major frame offsets = {16, 0}\n", "frame offsets");
  }
  void headers() {
    QFETCH(QByteArray, header);
    QFETCH(QString, says);
    EnviRaster().write(at("bad"));
    writeFile(at("bad.hdr"), header.toStdString());
    for (const char* name : {"bad", "bad.hdr"}) {
      const auto source = m_provider->open({at(name), {}, {}});
      QVERIFY(!source);
      QVERIFY(source.error().code == ErrorCode::OpenFailed || source.error().code == ErrorCode::UnsupportedType);
      QVERIFY2(source.error().message.find(says.toStdString()) != std::string::npos, source.error().text().c_str());
      QVERIFY(!source.error().path.empty());
      QVERIFY(!m_provider->info(at(name)));
    }
  }

  void spectralLibrary() {
    const auto source = m_provider->open({CUBELOOM_TEST_DATA "/envi/speclib.sli", {}, {}});
    QVERIFY(source);
    const ArraySpec& spec = (*source)->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"spectrum", "wavelength"}));
    QCOMPARE(spec.shape(), (std::vector<std::int64_t>{7, 177}));
    QCOMPARE(spec.dims[0].coordinate.labels[1], std::string("enmap.tif 383916.7403025907 5818352.604175545 EPSG:32633"));
    QCOMPARE(spec.dims[1].coordinate.at(1), 465.0);
  }

  void missingFiles() {
    EnviRaster().write(at("lonely"));
    QVERIFY(QFile::remove(QString::fromStdString(at("lonely.hdr"))));
    const auto noHeader = m_provider->open({at("lonely"), {}, {}});
    QVERIFY(!noHeader);
    QCOMPARE(noHeader.error().code, ErrorCode::OpenFailed);
    QVERIFY(noHeader.error().hint.find("lonely.hdr") != std::string::npos);

    writeFile(at("orphan.hdr"), EnviRaster().header());
    const auto noData = m_provider->open({at("orphan.hdr"), {}, {}});
    QVERIFY(!noData);
    QVERIFY(noData.error().message.find("the data file of") != std::string::npos);

    const auto nothing = m_provider->open({at("nowhere.hdr"), {}, {}});
    QVERIFY(!nothing);
    QVERIFY(nothing.error().message.find("there is no file") != std::string::npos);
  }

  void otherHeaders() {
    EnviRaster().write(at("esri.bil"));
    QVERIFY(QFile::remove(QString::fromStdString(at("esri.bil.hdr"))));
    writeFile(at("esri.hdr"), "NROWS 4\nNCOLS 5\n");
    QVERIFY(!m_provider->open({at("esri.bil"), {}, {}}));
    const auto source = m_provider->open({at("esri.hdr"), {}, {}});
    QVERIFY(!source);
    QVERIFY(source.error().message.find("first word is not \"ENVI\"") != std::string::npos);
  }

  void hugeHeader() {
    const auto header = EnviHeader::parse("ENVI\n" + std::string(EnviHeader::kMaxBytes, ' '));
    QVERIFY(!header);
    QVERIFY(header.error().message.find("8.00 MiB") != std::string::npos);
    writeFile(at("huge.hdr"), EnviRaster().header() + "description = {" + std::string(EnviHeader::kMaxBytes, 'x') + "}\n");
    QVERIFY(!EnviHeader::read(at("huge.hdr")));
  }

  /// A header with anything at all in it parses or is refused, in time proportional to its size.
  void mutations() {
    std::mt19937 random(20220224);
    EnviRaster raster;
    raster.more =
        "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84, rotation=3}\nwavelength = {400, 500, 600}\n"
        "wavelength units = nm\nbbl = {1,0,1}\nband names = {a, b, c}\ndata ignore value = -9999\n";
    raster.write(at("mutant"));
    const std::string good = raster.header();
    const std::string alphabet =
        "{}=,;\n\r\t 0123456789-+.eE\x01\xff"
        "ENVIsamplesbands";
    int opened = 0;
    for (int round = 0; round < 500; ++round) {
      std::string header = good;
      for (int change = 1 + static_cast<int>(random() % 6); change > 0; --change) {
        const std::size_t place = 5 + random() % (header.size() - 5);
        switch (random() % 3) {
          case 0: header[place] = alphabet[random() % alphabet.size()]; break;
          case 1: header.erase(place, 1 + random() % 20); break;
          default: header.insert(place, header.substr(random() % header.size(), random() % 30)); break;
        }
      }
      writeFile(at("mutant.hdr"), header);
      const auto source = m_provider->open({at("mutant"), {}, {}});
      if (!source) continue;
      ++opened;
      const ArraySpec& spec = (*source)->spec();
      QVERIFY(spec.bytes() <= 240);
      QCOMPARE(spec.dims.size(), std::size_t{3});
    }
    QVERIFY(opened > 0);
  }
};

QTEST_GUILESS_MAIN(TestBadEnvi)
#include "tst_bad_envi.moc"
