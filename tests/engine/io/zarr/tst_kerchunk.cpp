// SPDX-License-Identifier: GPL-3.0-or-later
// Kerchunk references: the founding chain over thirteen dates of raw lines, real references, and what is never followed.
#include <QDir>
#include <QElapsedTimer>
#include <QtTest>
#include <cstring>

#include "engine/io/file_provider.h"
#include "engine/io/zarr/kerchunk_refs.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kDates = 13, kLines = 60, kBands = 8, kSamples = 50;
constexpr double kWest = 717720, kNorth = 3865865, kPixel = 5;

std::string quoted(const std::string& text) {
  return QJsonDocument(QJsonArray{QString::fromStdString(text)}).toJson(QJsonDocument::Compact).mid(1).chopped(1).toStdString();
}

/// `"key": "{...}"` of an array without compression.
std::string arrayReference(const std::string& name, const std::string& shape, const std::string& chunks, const std::string& dtype,
                           const std::string& attributes) {
  const std::string array = "{\"zarr_format\": 2, \"shape\": " + shape + R"(, "chunks": )" + chunks + R"(, "dtype": ")" + dtype +
                            "\", \"compressor\": null, \"filters\": null, \"fill_value\": null, \"order\": \"C\"}";
  return quoted(name + "/.zarray") + ": " + quoted(array) + ",\n" + quoted(name + "/.zattrs") + ": " + quoted(attributes) + ",\n";
}

std::string base64Of(const std::vector<double>& values) {
  return "base64:" +
         QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * 8)).toBase64().toStdString();
}

std::string coordinateReference(const std::string& name, const std::vector<double>& values, const std::string& more = {}) {
  const std::string size = "[" + std::to_string(values.size()) + "]";
  return arrayReference(name, size, size, "<f8", "{\"_ARRAY_DIMENSIONS\": [\"" + name + "\"]" + more + "}") + quoted(name + "/0") + ": " +
         quoted(base64Of(values)) + ",\n";
}

std::vector<double> evenly(int count, double first, double step) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(first + i * step);
  return values;
}

}  // namespace

class TestKerchunk : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();
  std::string at(const QString& name) const { return m_dir.filePath(name).toStdString(); }

  /// Thirteen ENVI BIL cubes as SHIFT's, each with other values, and the references that make them (time, y, wavelength, x).
  void writeDates() {
    QDir(m_dir.path()).mkpath("envi");
    QDir(m_dir.path()).mkpath("references");
    std::string refs = "{\"version\": 1, \"templates\": {\"root\": \"../envi\"}, \"refs\": {\n\".zgroup\": \"{\\\"zarr_format\\\": 2}\",\n";
    refs += coordinateReference("time", evenly(kDates, 0, 7), R"(, "units": "days since 2022-02-24")");
    refs += coordinateReference("wavelength", evenly(kBands, 377, 5), R"(, "units": "nm")");
    refs += coordinateReference("y", evenly(kLines, kNorth - kPixel / 2, -kPixel));
    refs += coordinateReference("x", evenly(kSamples, kWest + kPixel / 2, kPixel));
    refs += arrayReference("spatial_ref", "[]", "[]", "<i8", R"({"crs_wkt": "EPSG:32610"})");
    const std::string shape = join({std::to_string(kDates), std::to_string(kLines), std::to_string(kBands), std::to_string(kSamples)});
    refs +=
        arrayReference("reflectance", "[" + shape + "]", "[1, 1, " + std::to_string(kBands) + ", " + std::to_string(kSamples) + "]", "<f4",
                       R"({"_ARRAY_DIMENSIONS": ["time", "y", "wavelength", "x"], "grid_mapping": "spatial_ref", "_FillValue": -9999.0})");
    constexpr int kLineBytes = kBands * kSamples * 4;
    for (int t = 0; t < kDates; ++t) {
      const std::string name = "date_" + std::to_string(t);
      std::vector<float> pixels(static_cast<std::size_t>(kLines * kBands * kSamples));
      for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = i % 31 == 0 ? -9999.0F : static_cast<float>(t * 1000) + 0.25F * static_cast<float>(i % 4001);
      writeFile(at("envi/") + name, std::string(reinterpret_cast<const char*>(pixels.data()), pixels.size() * 4));
      EnviRaster header;
      header.samples = kSamples;
      header.lines = kLines;
      header.bands = kBands;
      header.more =
          "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\ndata ignore value = -9999\nwavelength = {377, 382, 387, 392, "
          "397, 402, 407, 412}\nwavelength units = nm\n";
      writeFile(at("envi/") + name + ".hdr", header.header());
      for (int y = 0; y < kLines; ++y)
        refs += quoted("reflectance/" + std::to_string(t) + "." + std::to_string(y) + ".0.0") + ": [\"{{ root }}/" + name + "\", " +
                std::to_string(y * kLineBytes) + ", " + std::to_string(kLineBytes) + "],\n";
    }
    refs.resize(refs.size() - 2);
    writeFile(at("references/shift.json"), refs + "}}");
  }
  static std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  }

  /// References to one array of 4 bytes, "a/0" being `reference`.
  std::string referring(const char* name, const std::string& reference, const std::string& head = "{") {
    const std::string path = at(QString("references/") + name + ".json");
    QDir(m_dir.path()).mkpath("references");
    writeFile(path, head + R"(".zgroup": {"zarr_format": 2}, )" +
                        arrayReference("a", "[4]", "[4]", "|u1", R"({"_ARRAY_DIMENSIONS": ["x"]})") + "\"a/0\": " + reference + "}");
    return path;
  }
  QString complaint(const std::string& path) {
    auto source = makeFileProvider()->open({path, {}, {}});
    if (!source) return QString::fromStdString(errorCodeName(source.error().code) + (": " + source.error().text()));
    BufferPool pool;
    const Block block = makeBlock(pool, (*source)->spec().type, (*source)->spec().shape());
    ReadContext context;
    const auto read = (*source)->read(fullRegion((*source)->spec().shape()), block.view, context);
    if (!read) return QString::fromStdString(errorCodeName(read.error().code) + (": " + read.error().text()));
    return QString("reads %1")
        .arg(QString(QByteArray(reinterpret_cast<const char*>(block.view.data), static_cast<qsizetype>(block.view.count())).toHex()));
  }

 private slots:
  void initTestCase() {
    writeDates();
    writeFile(at("envi/four"), "\x01\x02\x03\x04");
  }

  void foundingChainEqualsEnvi() {
    const Engine engine;
    const std::string steps =
        " ! transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=25 resampling=nearest ! write " + at("out");
    for (const int date : {0, 7, 12}) {
      const std::string number = std::to_string(date);
      const auto ours = engine.run("open " + at("references/shift.json") + " ! isel time=" + number + steps + number + "_ours.tif");
      const auto envis = engine.run("open " + at("envi/date_") + number + steps + number + "_envi.tif");
      QVERIFY2(ours.has_value(), ours ? "" : ours.error().text().c_str());
      QVERIFY2(ours->status == RunStatus::Finished, ours->errors.empty() ? "" : ours->errors[0].text().c_str());
      QVERIFY(envis.has_value() && envis->status == RunStatus::Finished);
      const auto ourValues = engine.bind("open " + at("out") + number + "_ours.tif");
      const auto enviValues = engine.bind("open " + at("out") + number + "_envi.tif");
      QVERIFY(ourValues.has_value() && enviValues.has_value());
      QCOMPARE(valuesOf(**ourValues).value(), valuesOf(**enviValues).value());
      QCOMPARE((*ourValues)->nodes[0].operation->spec().geobox, (*enviValues)->nodes[0].operation->spec().geobox);
      // The lines themselves: between them, the ENVI reader reads through what is short.
      QVERIFY(ours->bytesRead <= envis->bytesRead);
      QCOMPARE(ours->bytesRead, ours->plannedReadBytes);
    }
  }

  void describesThirteenDates() {
    const auto source = m_provider->open({at("references/shift.json"), {}, {}});
    QVERIFY2(source.has_value(), source ? "" : source.error().text().c_str());
    const ArraySpec& spec = (*source)->spec();
    QCOMPARE(spec.shape(), (std::vector<std::int64_t>{kDates, kLines, kBands, kSamples}));
    QCOMPARE(spec.dims[0].coordinate.labels[12], std::string("2022-05-19T00:00:00Z"));
    QCOMPARE(spec.geobox->affine(), (Affine{kPixel, 0, kWest, 0, -kPixel, kNorth}));
    QCOMPARE(spec.nodata.value(), -9999.0);
    QCOMPARE((*source)->files().size(), std::size_t{1 + kDates});
    QCOMPARE(sourceProblem(**source, CostPromise::Exact), std::string());
  }

  void everyKindOfReference_data() {
    QTest::addColumn<QString>("array");
    QTest::addColumn<QString>("how");
    for (const char* array : {"f8_none", "i8_plainzlib", "u8_plainzstd", "f4_gzip", "f4_plainlz4", "u1_blosclz", "u4_zstd", "filtered"})
      for (const char* how : {"whole file", "part of a file", "inline"})
        QTest::addRow("%s, %s", array, how) << QString(array) << QString(how);
  }
  /// The chunks of a Zarr store by reference; two of them put into one file behind 5 bytes of something else.
  void everyKindOfReference() {
    QFETCH(QString, array);
    QFETCH(QString, how);
    const QString folder = QString(CUBELOOM_TEST_DATA "/zarr/kinds.zarr/") + array;
    const auto contents = [](const QString& path) {
      QFile file(path);
      return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QByteArray refs = R"({"version": 1, "refs": {".zgroup": {"zarr_format": 2}, "a/.zarray": )" + contents(folder + "/.zarray") +
                      R"(, "a/.zattrs": )" + contents(folder + "/.zattrs");
    QByteArray joined = "12345";
    for (const QString& name : QDir(folder).entryList({"*.*"}, QDir::Files)) {
      const QByteArray chunk = contents(folder + "/" + name);
      refs += ", \"a/" + name.toUtf8() + "\": ";
      if (how == "inline") {
        refs += "\"base64:" + chunk.toBase64() + "\"";
      } else if (how == "whole file") {
        writeFile(at("envi/" + name), chunk.toStdString());
        refs += "[\"../envi/" + name.toUtf8() + "\"]";
      } else {
        refs += "[\"../envi/joined\", " + QByteArray::number(joined.size()) + ", " + QByteArray::number(chunk.size()) + "]";
      }
      joined += chunk;
    }
    writeFile(at("envi/joined"), joined.toStdString());
    writeFile(at("references/kind.json"), (refs + "}}").toStdString());
    const auto provider = makeFileProvider();
    const auto source = provider->open({at("references/kind.json"), "a", {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    BufferPool pool;
    const Block whole = readWhole(**source, pool);
    const Block plain = readWhole(**provider->open({CUBELOOM_TEST_DATA "/zarr/kinds.zarr", array.toStdString(), {}}), pool);
    QVERIFY(whole.buffer && plain.buffer);
    QCOMPARE(whole.view.shape, plain.view.shape);
    QVERIFY(std::memcmp(whole.view.data, plain.view.data, static_cast<std::size_t>(whole.view.count()) * pixelTypeBytes(whole.view.type)) ==
            0);
    QCOMPARE(sourceProblem(**source, CostPromise::Exact), std::string());
  }

  void aBandOrAPixelReadsLittle() {
    const auto source = m_provider->open({at("references/shift.json"), {}, {}});
    Region region = fullRegion((*source)->spec().shape());
    region[0] = IndexSet::single(3);
    region[2] = IndexSet::single(5);
    QCOMPARE((*source)->cost(region).bytes, static_cast<double>(kLines * kSamples * 4));
    region[2] = IndexSet::all(kBands);
    region[1] = IndexSet::single(9);
    region[3] = IndexSet::single(9);
    // One line's bands lie close together: read through in one go.
    QCOMPARE((*source)->cost(region).extents, 1.0);
  }

  void realReferencesEqualTheirCube() {
    const std::string data = CUBELOOM_TEST_DATA;
    const auto references = m_provider->open({data + "/kerchunk/ang_rdn_ref.json", "radiance", {}});
    QVERIFY2(references.has_value(), references ? "" : references.error().text().c_str());
    const auto cube = m_provider->open({data + "/envi/ang20170323t202244_rdn_7000-7010", {}, {}});
    QVERIFY(cube.has_value());
    QCOMPARE((*references)->spec().dimNames(), (std::vector<std::string>{"line", "wavelength", "sample"}));
    BufferPool pool;
    const Block a = readWhole(**references, pool), b = readWhole(**cube, pool);
    QVERIFY(a.buffer && b.buffer);
    QCOMPARE(std::memcmp(a.view.data, b.view.data, 10 * 425 * 10 * 4), 0);
    // The header has them in decimal, the references as float32.
    for (const std::size_t band : {std::size_t{0}, std::size_t{424}})
      QCOMPARE(static_cast<float>((*references)->spec().dims[1].coordinate.values[band]),
               static_cast<float>((*cube)->spec().dims[1].coordinate.values[band]));
    // Without spatial dims, the largest is taken.
    QCOMPARE((*m_provider->open({data + "/kerchunk/ang_rdn_ref.json", {}, {}}))->spec().variable, std::string("radiance"));
    QVERIFY(complaint(data + "/kerchunk/json_ref_v0_min/ref.json").startsWith("reads"));
  }

  void waysToRefer_data() {
    QTest::addColumn<QString>("reference");
    QTest::addColumn<QString>("head");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QString& reference, const char* says, const QString& head = "{") {
      QTest::newRow(name) << reference << head << QString(says);
    };
    const QString one = "{\"version\": 1, \"templates\": {\"u\": \"../envi\", \"f\": \"{{ c }}.tif\"}, \"refs\": {";
    row("text", "\"abcd\"", "reads 61626364");
    row("base64", "\"base64:AQIDBA==\"", "reads 01020304");
    row("whole file", "[\"../envi/four\"]", "reads 01020304");
    row("file url", QString("[\"file://%1/envi/four\", 0, 4]").arg(m_dir.path()), "reads 01020304");
    row("range", "[\"../envi/date_0\", 4, 4]", "reads");
    row("template", "[\"{{u}}/four\"]}", "reads 01020304", one);
    row("empty base64", "\"base64:?!\"", "is not base64");
    row("short text", "\"abc\"", "has 3 bytes, not 4");
    row("missing file", "[\"../envi/five\"]", "cannot be opened");
    row("range past the end", "[\"../envi/four\", 2, 4]", "to bytes 2 to 6 of");
    row("offset beyond all", "[\"../envi/four\", 4611686018427387000, 4]", "which has 4");
    row("negative offset", "[\"../envi/four\", -1, 4]", "neither [url] nor [url, offset, length]");
    row("fraction", "[\"../envi/four\", 0.5, 4]", "neither [url] nor");
    row("two members", "[\"../envi/four\", 0]", "neither [url] nor");
    row("remote", "[\"s3://bucket/key\", 0, 4]", "not a file of this machine");
    row("http", "[\"http://localhost/x\"]", "not a file of this machine");
    row("virtual", "[\"/vsizip/x.zip/y\"]", "not a file of this machine");
    row("absolute", "[\"/etc/passwd\", 0, 4]", "outside");
    row("climbing", "[\"../../../../../../../../etc/passwd\", 0, 4]", "refers to");
    row("device", "[\"/dev/zero\", 0, 4]", "outside");
    row("folder", "[\"../envi\"]", "not a regular file");
    row("link out", "[\"link\", 0, 4]", "outside");
    row("hidden", "[\"../.secret/key\", 0, 4]", "hidden");
    row("unknown template", "[\"{{v}}/four\"]}", "\"v\" is not given", one);
    row("evaluated template", "[\"{{f}}\"]}", "would have to be evaluated", one);
    row("generated", "[\"../envi/four\"]}", "generates references by rules",
        "{\"version\": 1, \"gen\": [{\"key\": \"a/{{i}}\"}], \"refs\": {");
    row("version 2", "[\"../envi/four\"]}", "has version 2", "{\"version\": 2, \"refs\": {");
    row("number", "4", "is not an object of references");
    row("cut off", "\"abcd", "not valid JSON");
    row("deep", QString(100000, '['), "nests deeper than 32");
  }
  void waysToRefer() {
    QFETCH(QString, reference);
    QFETCH(QString, head);
    QFETCH(QString, says);
    QFile::link("/etc/hostname", m_dir.filePath("references/link"));
    QDir(m_dir.path()).mkpath(".secret");
    writeFile(at(".secret/key"), "keys");
    const QString said = complaint(referring("way", reference.toStdString(), head.toStdString()));
    QVERIFY2(said.contains(says), qPrintable(said));
  }

  void aTargetThatShrinksIsCaught() {
    writeFile(at("envi/shrinks"), "abcd");
    const auto source = makeFileProvider()->open({referring("shrinks", "[\"../envi/shrinks\", 0, 4]"), {}, {}});
    QVERIFY(source.has_value());
    writeFile(at("envi/shrinks"), "ab");
    BufferPool pool;
    const Block block = makeBlock(pool, PixelType::UInt8, {4});
    ReadContext context;
    const auto read = (*source)->read({IndexSet::all(4)}, block.view, context);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::ReadFailed);
  }

  void manyReferencesAreReadFastAndLean() {
    // As many as SHIFT's thirteen dates have lines.
    std::string text = "{\"version\": 1, \"refs\": {\".zgroup\": \"{}\"";
    for (int t = 0; t < 13; ++t)
      for (int y = 0; y < 12023; ++y)
        text += ",\"reflectance/" + std::to_string(t) + "." + std::to_string(y) + ".0.0\":[\"date_" + std::to_string(t) + "\"," +
                std::to_string(y * 23356300LL) + ",23356300]";
    text += "}}";
    QElapsedTimer timer;
    timer.start();
    const auto refs = KerchunkRefs::parse(text, "many.json");
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(refs.has_value());
    QCOMPARE(refs->entries().size(), std::size_t{13 * 12023 + 1});
    QCOMPARE(refs->targets().size(), std::size_t{13});
    const auto* entry = refs->find("reflectance/7.11000.0.0");
    QVERIFY(entry != nullptr);
    QCOMPARE(entry->offset, 11000LL * 23356300LL);
    QCOMPARE(refs->targets()[entry->target], std::string("date_7"));
    QVERIFY(refs->find("reflectance/13.0.0.0") == nullptr);
  }
};

QTEST_GUILESS_MAIN(TestKerchunk)
#include "tst_kerchunk.moc"
