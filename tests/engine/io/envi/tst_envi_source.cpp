// SPDX-License-Identifier: GPL-3.0-or-later
// Raw cubes: every type, byte order and interleave against pixels written by the test; real ones against GDAL's facts.
#include <QtTest>

#include <algorithm>
#include <complex>

#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"
#include "tests/support/raster_facts.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;
using cubeloom::test::EnviRaster;

class TestEnviSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }
  static std::string data(const char* name) { return std::string(CUBELOOM_TEST_DATA "/envi/") + name; }

  std::shared_ptr<Source> open(const std::string& path) {
    auto source = m_provider->open({path, {}, {}});
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  /// A pixel of a whole array by line, sample and band.
  static double pixel(const ArraySpec& spec, const BlockView& whole, std::int64_t line, std::int64_t sample, std::int64_t band) {
    std::vector<std::int64_t> index(3);
    index[static_cast<std::size_t>(spec.yDim)] = line;
    index[static_cast<std::size_t>(spec.xDim)] = sample;
    index[static_cast<std::size_t>(spec.spectralDim())] = band;
    const BlockView one = whole.sub(index, {1, 1, 1});
    double value = 0;
    copyBlock(one, denseView(reinterpret_cast<std::byte*>(&value), PixelType::Float64, {1, 1, 1}));
    return value;
  }

 private slots:
  void layouts_data() {
    QTest::addColumn<int>("dataType");
    QTest::addColumn<QString>("interleave");
    QTest::addColumn<bool>("bigEndian");
    QTest::addColumn<int>("offset");
    for (const int type : {1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 15})
      for (const char* interleave : {"bil", "bsq", "bip"})
        for (const bool big : {false, true}) {
          const QByteArray name = QByteArray::number(type) + " " + interleave + (big ? " big-endian" : " little-endian");
          QTest::newRow(name.constData()) << type << QString(interleave) << big << (big ? 0 : 517);
        }
  }
  void layouts() {
    QFETCH(int, dataType);
    QFETCH(QString, interleave);
    QFETCH(bool, bigEndian);
    QFETCH(int, offset);
    EnviRaster raster{11, 7, 5, dataType, interleave.toStdString(), bigEndian, offset, {}};
    raster.write(at("cube"));
    const auto source = open(at("cube"));
    QVERIFY(source);
    BufferPool pool;
    const Block whole = test::readWhole(*source, pool);
    QVERIFY(whole.buffer);
    for (std::int64_t y = 0; y < raster.lines; ++y)
      for (std::int64_t x = 0; x < raster.samples; ++x)
        for (std::int64_t b = 0; b < raster.bands; ++b) {
          const double expected = EnviRaster::valueAt(y, x, b);
          QCOMPARE(pixel(source->spec(), whole.view, y, x, b),
                   dataType == 1 ? static_cast<double>(static_cast<int>(expected) & 255) : expected);
        }
    if (dataType == 6) QCOMPARE(whole.view.as<std::complex<float>>()[3].imag(), -whole.view.as<std::complex<float>>()[3].real());
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }
  void wideRows_data() {
    QTest::addColumn<QString>("interleave");
    for (const char* interleave : {"bil", "bsq", "bip"}) QTest::newRow(interleave) << QString(interleave);
  }
  /// Rows longer than the scratch, long stretches that go straight to memory, gaps on both sides of the limit.
  void wideRows() {
    QFETCH(QString, interleave);
    EnviRaster raster{70001, 3, 4, 4, interleave.toStdString(), true, 0, {}};
    raster.write(at("wide"));
    const auto source = open(at("wide"));
    QVERIFY(source);
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }
  void dimsInFileOrder() {
    EnviRaster raster;
    raster.more = "wavelength = {400, 500, 600}\nwavelength units = nm\n";
    raster.write(at("bil"));
    raster.interleave = "bsq";
    raster.write(at("bsq"));
    raster.interleave = "bip";
    raster.more.clear();
    raster.write(at("bip"));
    QCOMPARE(open(at("bil"))->spec().dimNames(), (std::vector<std::string>{"y", "wavelength", "x"}));
    QCOMPARE(open(at("bsq"))->spec().dimNames(), (std::vector<std::string>{"wavelength", "y", "x"}));
    const ArraySpec spec = open(at("bip"))->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"y", "x", "band"}));
    QCOMPARE(spec.dims[2].coordinate.at(0), 1.0);
    QVERIFY(!spec.nodata);
  }

  void realFiles_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"ang20170323t202244_rdn_7000-7010", "ang20170323t202244_loc_7000-7010", "enmap_berlin_10x7.bsq",
                             "envi_rgbsmall_bil.img", "envi_rgbsmall_bip.img", "rotated_enmap_rgb.bsq"})
      QTest::newRow(file) << QString(file);
  }
  void realFiles() {
    QFETCH(QString, file);
    const auto source = open(data(file.toUtf8().constData()));
    QVERIFY(source);
    QCOMPARE(test::factsProblem(*source, CUBELOOM_TEST_DATA, "envi/" + file.toStdString()), std::string());
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }

  void spectra() {
    const ArraySpec micrometres = open(data("enmap_berlin_10x7.bsq"))->spec();
    QCOMPARE(micrometres.dims[0].coordinate.values.front(), 460.0);
    QCOMPARE(micrometres.dims[0].coordinate.unit, std::string("nm"));
    const auto info = m_provider->info(data("ang20170323t202244_rdn_7000-7010"));
    QVERIFY(info);
    const ArraySpec& spec = info->variables.at(info->chosen).spec;
    QCOMPARE(spec.dims[1].coordinate.aux.at("fwhm").size(), std::size_t{425});
    QCOMPARE(spec.dims[1].coordinate.aux.at("fwhm").front(), 5.57);
    QCOMPARE(info->driver, std::string("ENVI"));
    QVERIFY(std::find(info->notes.begin(), info->notes.end(),
                      "wavelength unit is not declared: nanometres assumed, as the values exceed 100") != info->notes.end());
    QVERIFY(std::find(info->notes.begin(), info->notes.end(), "nodata is not declared: the header has no \"data ignore value\"") !=
            info->notes.end());
    QVERIFY(!info->cheap.empty() && !info->expensive.empty());
  }

  /// X, X.hdr and X.ext in all their combinations lead to one array.
  void names_data() {
    QTest::addColumn<QString>("dataName");
    QTest::addColumn<QString>("headerName");
    for (const char* suffix : {"", ".img", ".bil", ".bip", ".bsq", ".dat"}) {
      const QString name = QString("scene") + suffix;
      QTest::newRow(qPrintable(name + " scene.hdr")) << name << QString("scene.hdr");
      QTest::newRow(qPrintable(name + " " + name + ".hdr")) << name << name + ".hdr";
    }
    QTest::newRow("a blank, a quote and an umlaut") << QString("s 'c\u00e4ne.img") << QString("s 'c\u00e4ne.hdr");
  }
  void names() {
    QFETCH(QString, dataName);
    QFETCH(QString, headerName);
    QTemporaryDir dir;
    EnviRaster raster;
    const std::string dataPath = dir.filePath(dataName).toStdString(), headerPath = dir.filePath(headerName).toStdString();
    raster.write(dataPath);
    QVERIFY(QFile::rename(dir.filePath(dataName + ".hdr"), dir.filePath(headerName)) || dataName + ".hdr" == headerName);
    const auto byData = open(dataPath), byHeader = open(headerPath);
    QVERIFY(byData && byHeader);
    QCOMPARE(byData->files(), byHeader->files());
    QCOMPARE(byData->files(), (std::vector<std::string>{dataPath, headerPath}));
  }

  void sharedWhileUnchanged() {
    EnviRaster raster;
    raster.write(at("shared"));
    const auto first = open(at("shared"));
    QVERIFY(first == open(at("shared")));
    raster.lines = 9;
    raster.write(at("shared"));
    const auto changed = open(at("shared"));
    QVERIFY(first != changed);
    QCOMPARE(changed->spec().dims[0].size, std::int64_t{9});
  }

  void variables() {
    EnviRaster().write(at("scene"));
    QVERIFY(m_provider->open({at("scene"), "scene", {}}));
    const auto wrong = m_provider->open({at("scene"), "scenes", {}});
    QVERIFY(!wrong);
    QCOMPARE(wrong.error().code, ErrorCode::InvalidParameter);
    QCOMPARE(wrong.error().parameter, std::string("variable"));
    QCOMPARE(wrong.error().hint, std::string("did you mean \"scene\"?"));
  }

  void longerThanDeclared() {
    EnviRaster raster;
    raster.write(at("longer"));
    QFile file(QString::fromStdString(at("longer")));
    QVERIFY(file.open(QIODevice::Append));
    file.write("more");
    file.close();
    const auto info = m_provider->info(at("longer"));
    QVERIFY(info);
    QVERIFY(std::find(info->notes.begin(), info->notes.end(), "the file is 4 bytes longer than its header declares") != info->notes.end());
  }

  /// 121 of 12,000 lines, every 99th sample, all bands: what the founding job reads must cost just those lines.
  void sparseCost() {
    QFile file(QString::fromStdString(at("sparse")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    EnviRaster raster{13739, 12023, 425, 4, "bil", false, 0, {}};
    QVERIFY(file.resize(raster.samples * raster.lines * raster.bands * 4));
    test::writeFile(at("sparse.hdr"), raster.header());
    QElapsedTimer timer;
    timer.start();
    const auto source = open(at("sparse"));
    QVERIFY(source);
    QVERIFY2(timer.elapsed() < 200, "opening takes no longer than the header");
    const Region region{IndexSet::range(23, 120, 100), IndexSet::all(425), IndexSet::range(6, 138, 99)};
    const ReadCost cost = source->cost(region);
    QCOMPARE(cost.extents, 120.0);
    QCOMPARE(cost.bytes, 120.0 * ((424 * 13739 + 137 * 99 + 1) * 4.0));
    QCOMPARE(source->touchedLines(region).size(), std::size_t{120});
    QCOMPARE(source->touchedLines(region).front(), (std::pair<std::int64_t, std::int64_t>{23, 1}));
    const ReadCost oneBand = source->cost({IndexSet::all(12023), IndexSet::single(7), IndexSet::all(13739)});
    QCOMPARE(oneBand.bytes, 12023 * 13739 * 4.0);
    QCOMPARE(oneBand.extents, 12023.0);
  }

  void truncatedWhileOpen() {
    EnviRaster raster{2000, 20, 3, 4, "bil", false, 0, {}};
    raster.write(at("shrinking"));
    const auto source = open(at("shrinking"));
    QVERIFY(source);
    QVERIFY(QFile(QString::fromStdString(at("shrinking"))).resize(100000));
    BufferPool pool;
    const Block block = makeBlock(pool, PixelType::Float32, source->spec().shape());
    ReadContext context;
    const auto read = source->read(fullRegion(source->spec().shape()), block.view, context);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::ReadFailed);
    QCOMPARE(read.error().path, at("shrinking"));
    QVERIFY(read.error().message.find("byte 100000") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestEnviSource)
#include "tst_envi_source.moc"
