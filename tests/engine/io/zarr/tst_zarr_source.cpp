// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr as zarr-python, GDAL and xarray write it, version 3 as its specification has it, and stores that are broken or hostile.
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <cmath>
#include <numeric>

#include "engine/base/cf_time.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;
using cubeloom::test::writeFile;

namespace {

using Names = std::vector<std::string>;
const std::string kData = CUBELOOM_TEST_DATA "/zarr/";

/// All values as doubles; of complex arrays the real parts.
std::vector<double> valuesOf(Source& source) {
  BufferPool pool;
  const Block whole = test::readWhole(source, pool);
  std::vector<double> values(static_cast<std::size_t>(source.spec().count()));
  if (!whole.buffer) return {};
  copyBlock(whole.view, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, whole.view.shape));
  return values;
}

/// 10 * y + x + 3, as make_zarr.py has it.
std::vector<double> ramp(std::int64_t rows = 5, std::int64_t cols = 7) {
  std::vector<double> values;
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < cols; ++x) values.push_back(static_cast<double>(10 * y + x + 3));
  return values;
}

QByteArray document(const char* shape, const char* chunks, const char* more = R"("compressor": null, "dtype": "<f4")") {
  return QByteArray(R"({"zarr_format": 2, "order": "C", "filters": null, "fill_value": null, "shape": )") + shape +
         ", \"chunks\": " + chunks + ", " + more + "}";
}

}  // namespace

class TestZarrSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::shared_ptr<Source> open(const std::string& path, const std::string& variable = {}) {
    auto source = m_provider->open({path, variable, {}});
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  bool hasNote(const std::string& path, const std::string& part) {
    const auto info = m_provider->info(path);
    if (!info) return false;
    return std::any_of(info->notes.begin(), info->notes.end(),
                       [&](const std::string& note) { return note.find(part) != std::string::npos; });
  }
  /// A store with the array "a" of one .zarray, in a folder of its own.
  std::string store(const char* name, const QByteArray& array) {
    QDir(m_dir.path()).mkpath(QString(name) + "/a");
    const std::string path = m_dir.filePath(name).toStdString();
    writeFile(path + "/.zgroup", R"({"zarr_format": 2})");
    writeFile(path + "/a/.zarray", array.toStdString());
    return path;
  }
  /// What opening or reading it whole complains of.
  QString complaint(const std::string& path) {
    auto source = m_provider->open({path, {}, {}});
    if (!source) return QString::fromStdString(errorCodeName(source.error().code) + (": " + source.error().text()));
    BufferPool pool;
    const Block block = makeBlock(pool, (*source)->spec().type, (*source)->spec().shape());
    ReadContext context;
    const auto read = (*source)->read(fullRegion((*source)->spec().shape()), block.view, context);
    return read ? QString() : QString::fromStdString(errorCodeName(read.error().code) + (": " + read.error().text()));
  }

 private slots:
  void everyKind_data() {
    QTest::addColumn<int>("type");
    const auto row = [](const char* name, PixelType type) { QTest::newRow(name) << static_cast<int>(type); };
    using enum PixelType;
    row("u1_blosclz", UInt8);
    row("i1_lz4", Int8);
    row("u2_lz4hc", UInt16);
    row("i2_zlib", Int16);
    row("u4_zstd", UInt32);
    row("i4_snappy", Int32);
    row("u8_plainzstd", UInt64);
    row("i8_plainzlib", Int64);
    row("f4_gzip", Float32);
    row("f4_plainlz4", Float32);
    row("f8_none", Float64);
    row("f8_swapped", Float64);
    row("c8_blosc", Complex64);
    row("c16_none", Complex128);
    row("fortran", Int16);
    row("fortran_plain", Float32);
    row("nested", Int16);
    row("filtered", Int32);
    row("sub/deeper", UInt16);
  }
  void everyKind() {
    QFETCH(int, type);
    const std::string name = QTest::currentDataTag();
    const auto source = open(kData + "kinds.zarr", name);
    QVERIFY(source);
    QCOMPARE(source->spec().variable, name);
    QCOMPARE(static_cast<int>(source->spec().type), type);
    QCOMPARE(valuesOf(*source), ramp());
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }

  void booleansAreBytes() {
    const auto source = open(kData + "kinds.zarr", "bool");
    QVERIFY(source);
    QCOMPARE(valuesOf(*source), std::vector<double>(35, 1.0));
  }

  void complexPartsAreBothThere() {
    const auto source = open(kData + "kinds.zarr", "c16_none");
    QVERIFY(source);
    BufferPool pool;
    const Block whole = test::readWhole(*source, pool);
    QCOMPARE(whole.view.as<double>()[2 * 12 + 1], -5.0);  // (1, 5)
  }

  void missingChunksAreFill() {
    for (const char* name : {"holes", "holes_plain"}) {
      const auto source = open(kData + "kinds.zarr", name);
      QVERIFY(source);
      const std::vector<double> values = valuesOf(*source), full = ramp();
      for (std::size_t i = 0; i < full.size(); ++i) {
        const bool there = (i / 7 < 3) == (i % 7 < 4);
        const bool same = there ? values[i] == full[i] : values[i] == -9999 || std::isnan(values[i]);
        QVERIFY2(same, qPrintable(QString("%1: element %2 is %3").arg(name).arg(i).arg(values[i])));
      }
      QVERIFY(source->spec().nodata.has_value());
      QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
    }
    QCOMPARE(open(kData + "kinds.zarr", "holes")->spec().nodata.value(), -9999.0);
    QVERIFY(std::isnan(open(kData + "kinds.zarr", "holes_plain")->spec().nodata.value()));
  }

  void everyFilter_data() {
    QTest::addColumn<int>("type");
    const auto row = [](const char* name, PixelType type) { QTest::newRow(name) << static_cast<int>(type); };
    using enum PixelType;
    row("bz2", Float32);
    row("xz", Int16);
    row("xz9", Float64);
    row("alone", UInt32);
    row("crc32", Int32);
    row("adler32_zlib", Int32);
    row("half", Float32);
    row("half_plain", Float32);
    row("half_shuffled", Float32);
    row("scaled_u2", Float32);
    row("scaled_big", Float64);
    row("quantized", Float64);
    row("quantized_half", Float32);
    row("cast", Int32);
    row("narrow_delta", Int32);
    row("delta_big", Int16);
    row("delta_float", Float64);
  }
  void everyFilter() {
    QFETCH(int, type);
    const auto source = open(kData + "filters.zarr", QTest::currentDataTag());
    QVERIFY(source);
    QCOMPARE(static_cast<int>(source->spec().type), type);
    QCOMPARE(valuesOf(*source), ramp());
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }

  void filtersThatRoundAreUndoneAsNumcodecsDoes() {
    QFile file(QString::fromStdString(kData + "filters.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject decoded = QJsonDocument::fromJson(file.readAll()).object();
    QCOMPARE(decoded.size(), 4);
    for (const QString& name : decoded.keys()) {
      std::vector<double> expected;
      for (const QJsonValue& value : decoded[name].toArray()) expected.push_back(value.toDouble());
      const auto source = open(kData + "filters.zarr", name.toStdString());
      QVERIFY(source);
      QCOMPARE(valuesOf(*source), expected);
    }
  }

  void unknownCodecIsNamed() {
    for (const auto& [name, codec] : {std::pair{"wavy", "\"wavelets\""}, {"packed", "\"pcodec\""}}) {
      const auto refused = m_provider->open({kData + "version3.zarr", name, {}});
      QVERIFY(!refused);
      QCOMPARE(refused.error().code, ErrorCode::UnsupportedType);
      QVERIFY2(refused.error().message.find(codec) != std::string::npos, refused.error().message.c_str());
    }
    QVERIFY(hasNote(kData + "version3.zarr", "left out: array \"wavy\""));
  }

  void everyFormOfVersion3_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("storage");
    const auto row = [](const char* name, PixelType type, const char* storage = "chunks 3 x 4") {
      QTest::newRow(name) << static_cast<int>(type) << QString(storage);
    };
    using enum PixelType;
    row("plain", Float32);
    row("big", Float64);
    row("half", Float32);
    row("bytes", UInt8);
    row("blosc", Int16);
    row("summed", Int32);
    row("turned", UInt32);
    row("dotted", UInt16);
    row("dots", UInt16);
    row("sharded", Int16, "chunks 2 x 2 in shards 4 x 4");
    row("sharded_plain", Float32, "chunks 1 x 4 in shards 4 x 8");
  }
  void everyFormOfVersion3() {
    QFETCH(int, type);
    QFETCH(QString, storage);
    const auto source = open(kData + "version3.zarr", QTest::currentDataTag());
    QVERIFY(source);
    QCOMPARE(static_cast<int>(source->spec().type), type);
    QCOMPARE(QString::fromStdString(source->spec().storage.name), storage);
    QCOMPARE(source->spec().dimNames(), (Names{"y", "x"}));
    QCOMPARE(valuesOf(*source), ramp());
    QVERIFY(!source->spec().nodata);  // the fill_value of version 3 says nothing of missing values
    QCOMPARE(test::sourceProblem(*source, CostPromise::Exact), std::string());
  }

  void missingChunksOfVersion3() {
    const std::vector<double> full = ramp();
    const std::vector<double> holes = valuesOf(*open(kData + "version3.zarr", "holes"));
    for (std::size_t i = 0; i < full.size(); ++i) QVERIFY((i / 7 < 3) == (i % 7 < 4) ? holes[i] == full[i] : std::isnan(holes[i]));
    QVERIFY(std::isnan(open(kData + "version3.zarr", "holes")->spec().nodata.value_or(0)));
    QCOMPARE(open(kData + "version3.zarr", "minus")->spec().nodata, std::optional(54.0));
    // The fourth chunk of each shard of 4 x 4 is not there.
    const auto sharded = open(kData + "version3.zarr", "sharded_holes");
    const std::vector<double> values = valuesOf(*sharded);
    for (std::size_t i = 0; i < full.size(); ++i) QCOMPARE(values[i], (i / 7) % 4 >= 2 && (i % 7) % 4 >= 2 ? -7.0 : full[i]);
    QCOMPARE(test::sourceProblem(*sharded, CostPromise::Exact), std::string());
  }

  void version3AsXarrayHasIt() {
    const auto cube = open(kData + "version3.zarr", "cube");
    QVERIFY(cube);
    QCOMPARE(cube->spec().dimNames(), (Names{"time", "lat", "lon"}));
    QCOMPARE(cube->spec().dims[0].coordinate.labels, (Names{"2023-05-01T00:00:00Z", "2023-05-02T12:00:00Z"}));
    QCOMPARE(cube->spec().unit, std::string("K"));
    const std::vector<double> values = valuesOf(*cube);
    QVERIFY(std::isnan(values[0]));
    QCOMPARE(values[11], 1.75);
    const auto turned = open(kData + "version3.zarr", "turned3");
    QVERIFY(turned);
    std::vector<double> ascending(24);
    std::iota(ascending.begin(), ascending.end(), 0);
    QCOMPARE(valuesOf(*turned), ascending);
    QCOMPARE(test::sourceProblem(*turned, CostPromise::Exact), std::string());
    const auto nested = open(kData + "v3_groups.zarr", "north/deep/a");
    QVERIFY(nested);
    QCOMPARE(valuesOf(*nested), ramp());
  }

  void damagedShardsAreSaid() {
    const QString folder = m_dir.filePath("shards.zarr/sharded");
    QDir().mkpath(folder + "/c/0");
    QDir().mkpath(folder + "/c/1");
    const auto copy = [&](const QString& file) {
      return QFile::copy(QString::fromStdString(kData) + "version3.zarr/sharded/" + file, folder + "/" + file);
    };
    for (const char* file : {"zarr.json", "c/0/0", "c/0/1", "c/1/0", "c/1/1"}) QVERIFY(copy(file));
    const std::string path = folder.toStdString();
    QCOMPARE(complaint(path), QString());
    QFile shard(folder + "/c/0/1");
    QVERIFY(shard.setPermissions(QFile::ReadOwner | QFile::WriteOwner) && shard.open(QIODevice::ReadOnly));
    const QByteArray whole = shard.readAll();
    QByteArray flipped = whole;
    flipped[whole.size() - 9] = static_cast<char>(flipped[whole.size() - 9] ^ 1);
    for (const auto& [bytes, says] :
         {std::pair{flipped, "its checksum crc32c is not that of its bytes"}, {whole.left(20), "of its index"}}) {
      m_provider = makeFileProvider();
      writeFile(shard.fileName().toStdString(), bytes.toStdString());
      const QString said = complaint(path);
      QVERIFY2(said.startsWith("ReadFailed") && said.contains("c/0/1") && said.contains(says), qPrintable(said));
    }
  }

  void theSizeIsThatOfAllChunks() {
    const std::string path = store("many", document("[5000, 2]", "[1, 2]", R"("compressor": null, "dtype": "|u1")"));
    for (int i = 0; i < 5000; ++i) writeFile(path + "/a/" + std::to_string(i) + ".0", "ab");
    const auto info = m_provider->info(path);
    QVERIFY(info.has_value());
    QCOMPARE(info->fileBytes, 10000.0 + static_cast<double>(QFileInfo(QString::fromStdString(path + "/a/.zarray")).size()));
  }

  void unknownVariableListsTheOthers() {
    const auto refused = m_provider->open({kData + "campaign.zarr", "reflectanze", {}});
    QVERIFY(!refused);
    QCOMPARE(refused.error().parameter, std::string("variable"));
    QVERIFY(refused.error().hint.find("reflectance") != std::string::npos);
  }

  void coordinatesAsCfHasThem() {
    const auto source = open(kData + "campaign.zarr", "reflectance");
    QVERIFY(source);
    const ArraySpec& spec = source->spec();
    QCOMPARE(spec.dimNames(), (Names{"time", "wavelength", "northing", "easting"}));
    // 2022-02-24T06:00 at +01:00 is 05:00 UTC.
    QCOMPARE(spec.dims[0].coordinate.labels, (Names{"2022-02-24T05:00:00Z", "2022-02-24T17:30:00Z", "2022-02-25T17:00:00Z"}));
    QCOMPARE(spec.dims[0].coordinate.values[0], 1645678800.0);
    QCOMPARE(spec.dims[0].coordinate.unit, std::string("datetime"));
    const Coordinate& nm = spec.dims[1].coordinate;
    QCOMPARE(nm.values, (std::vector<double>{450, 865}));
    QCOMPARE(nm.unit, std::string("nm"));
    QCOMPARE(nm.aux.at("fwhm"), (std::vector<double>{20, 30}));
    QCOMPARE(nm.aux.at("good"), (std::vector<double>{1, 0}));
    QCOMPARE(nm.labels, (Names{"blue", "near-infrared \xC3\xA9"}));
    QCOMPARE(spec.yDim, 2);
    QCOMPARE(spec.xDim, 3);
    QCOMPARE(spec.geobox->affine(), (Affine{30, 0, 500000, 0, 30, 4000000}));  // south up
    QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:32610"));
    QCOMPARE(spec.attributes.at("long_name"), std::string("reflectance"));
    QCOMPARE(spec.attributes.at("title"), std::string("made for the tests"));
  }

  void packedValuesAreTheTrueOnes() {
    const auto reflectance = open(kData + "campaign.zarr", "reflectance");
    QCOMPARE(reflectance->spec().type, PixelType::Float32);
    QVERIFY(std::isnan(reflectance->spec().nodata.value()));
    const std::vector<double> r = valuesOf(*reflectance);
    QCOMPARE(r.back(), static_cast<double>(533.0F * 1e-4F));  // 119 * 7 - 300, in float32 as xarray
    QVERIFY(std::isnan(r[1 * 40 + 1 * 20 + 2 * 5 + 3]));
    QCOMPARE(test::sourceProblem(*reflectance, CostPromise::Exact), std::string());
    const auto temperature = open(kData + "campaign.zarr", "temperature");
    // Integers of 16 bits with an offset: float32, since xarray makes floats of them for the fill value before it scales.
    QCOMPARE(temperature->spec().type, PixelType::Float32);
    QCOMPARE(valuesOf(*temperature).back(), static_cast<double>(393.0F * 0.01F + 273.15F));
    const auto count = open(kData + "campaign.zarr", "count");
    QCOMPARE(count->spec().type, PixelType::UInt8);
    QCOMPARE(count->spec().nodata.value(), 255.0);
    QCOMPARE(valuesOf(*count)[0], 246.0);
    QVERIFY(hasNote(kData + "campaign.zarr", "of 3 variables \"count\" is taken"));
  }

  void storesOfOthers() {
    const auto gdal = open(kData + "byte_cf1.zarr");
    QVERIFY(gdal);
    QCOMPARE(gdal->spec().variable, std::string("Band1"));
    QCOMPARE(gdal->spec().geobox->affine(), (Affine{60, 0, 440720, 0, 60, 3750120}));
    QCOMPARE(valuesOf(*gdal)[19 * 20], 107.0);      // south up; GDAL's byte.tif begins in the north with it
    QVERIFY(gdal->spec().geobox->crs().isValid());  // from CF's parameters alone
    QVERIFY(gdal->spec().geobox->crs().wkt().find("Transverse Mercator") != std::string::npos);
    const auto blank = open(kData + "blank.zarr", "rh");
    QVERIFY(blank);
    QCOMPARE(blank->spec().dims[0].coordinate.labels, (Names{"1996-01-01T12:00:00Z"}));
    QVERIFY(!blank->spec().geobox);
    QVERIFY(hasNote(kData + "blank.zarr", "not evenly spaced"));
    QCOMPARE(test::sourceProblem(*blank, CostPromise::Exact), std::string());
  }

  void costIsTheFilesThemselves() {
    const auto source = open(kData + "kinds.zarr", "f4_gzip");
    const double bytes = static_cast<double>(QFileInfo(QString::fromStdString(kData + "kinds.zarr/f4_gzip/1.0")).size());
    const ReadCost cost = source->cost({IndexSet::single(3), IndexSet::range(0, 4)});
    QCOMPARE(cost.bytes, bytes);
    QCOMPARE(cost.extents, 1.0);
    QCOMPARE(source->touchedLines({IndexSet::single(3), IndexSet::all(7)}), (std::vector<std::pair<std::int64_t, std::int64_t>>{{3, 2}}));
    // Of chunks that are not compressed, only what is needed.
    QCOMPARE(open(kData + "kinds.zarr", "f8_none")->cost({IndexSet::single(0), IndexSet::single(0)}).bytes, 8.0);
  }

  void timesAreUnderstoodOrLeftAlone() {
    const auto seconds = [](const char* units, const char* calendar, double number) {
      const auto unit = cfTimeUnit(units, calendar);
      return unit ? QString::fromStdString(formatDatetime(unit->toSeconds(number))) : QString("no date");
    };
    // As cftime 1.6 gives them.
    QCOMPARE(seconds("days since 1800-01-01 00:00:00", "gregorian", 80000.5), QString("2019-01-13T12:00:00Z"));
    QCOMPARE(seconds("days since 0001-01-01", "standard", 738000), QString("2021-07-28T00:00:00Z"));
    QCOMPARE(seconds("days since 0001-01-01", "proleptic_gregorian", 738000), QString("2021-07-30T00:00:00Z"));
    QCOMPARE(seconds("seconds since 1970-1-1T0:0:0Z", "", 1.25), QString("1970-01-01T00:00:01.25Z"));
    QCOMPARE(seconds("minutes since 2000-02-29 12:00 -8", "standard", 30), QString("2000-02-29T20:30:00Z"));
    QCOMPARE(seconds("days since 2001-01-01", "360_day", 1), QString("no date"));
    QCOMPARE(seconds("months since 2001-01-01", "", 1), QString("no date"));
    QCOMPARE(seconds("days since yesterday", "", 1), QString("no date"));
  }

  void brokenStores_data() {
    QTest::addColumn<QByteArray>("array");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QByteArray& array, const char* says) { QTest::newRow(name) << array << QString(says); };
    row("no json", "{\"zarr_format\": 2, ", "not valid JSON");
    row("nested deeply", QByteArray(100000, '['), "nests deeper than 64");
    row("version 3", R"({"zarr_format": 3})", "\"zarr_format\" is not 2");
    row("huge shape", document("[4000000000, 4000000000, 4000000000]", "[1, 1, 1]"), "which no storage can hold");
    row("chunk of 0", document("[4, 4]", "[0, 4]"), "a chunk has the size 0");
    row("negative shape", document("[-4, 4]", "[4, 4]"), "are not two lists");
    row("other count of chunks", document("[4, 4]", "[4]"), "are not two lists");
    row("shape of texts", document(R"(["4", 4])", "[4, 4]"), "are not two lists");
    row("huge chunks", document("[100000, 100000]", "[100000, 100000]", R"("compressor": {"id": "zlib"}, "dtype": "<f4")"),
        "the limit is 512 MiB");
    row("long doubles", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": "<f16")"), "UnsupportedType");
    row("compressed twice", document("[4, 4]", "[4, 4]", R"("compressor": {"id": "zlib"}, "filters": [{"id": "bz2"}], "dtype": "<f4")"),
        "encoded once more");
    row("lzma without a header", document("[4, 4]", "[4, 4]", R"("compressor": {"id": "lzma", "format": 3}, "dtype": "<f4")"), "RAW");
    row("half of halves",
        document("[4, 4]", "[4, 4]", R"("compressor": null, "filters": [{"id": "delta", "dtype": "<f2"}], "dtype": "<f2")"),
        "filter delta from \"<f2\"");
    row("objects", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": "|O")"), "UnsupportedType");
    row("structs", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": [["a", "<f4"]])"), "UnsupportedType");
    row("unknown codec", document("[4, 4]", "[4, 4]", R"("compressor": {"id": "jpeg2k"}, "dtype": "<f4")"), "\"jpeg2k\" is not read");
    row("bad order", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": "<f4", "order": "Z")"), "neither \"C\" nor \"F\"");
    row("bad separator", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": "<f4", "dimension_separator": "../")"),
        "neither \".\"");
    row("bad fill", document("[4, 4]", "[4, 4]", R"("compressor": null, "dtype": "<f4", "fill_value": "what")"), "not of its type");
    row("empty", document("[0, 4]", "[4, 4]"), "no array of numbers with pixels");
  }
  void brokenStores() {
    QFETCH(QByteArray, array);
    QFETCH(QString, says);
    const QString said = complaint(store(QTest::currentDataTag(), array));
    QVERIFY2(said.contains(says), qPrintable(said));
  }

  void brokenChunks() {
    const QByteArray blosc = document("[4, 4]", "[4, 4]", R"("compressor": {"id": "blosc"}, "dtype": "<f4")");
    const std::string path = store("chunks", blosc);
    QCOMPARE(complaint(path), QString());  // missing: 0
    QFile good(QString::fromStdString(kData + "kinds.zarr/u4_zstd/0.0"));
    QVERIFY(good.open(QIODevice::ReadOnly));
    const QByteArray whole = good.readAll();
    const auto with = [&](const std::string& bytes) {
      m_provider = makeFileProvider();
      writeFile(path + "/a/0.0", bytes);
      return complaint(path);
    };
    QVERIFY(with(whole.left(20).toStdString()).contains("blosc data are broken"));
    QVERIFY(with(whole.left(3).toStdString()).contains("blosc data are broken"));
    QVERIFY(with("").contains("blosc data are broken"));
    const QString other = with(whole.toStdString());
    QVERIFY2(other.contains("hold 48 bytes, but a chunk has 64"), qPrintable(other));
    QVERIFY(with(std::string(200000, 'x')).contains("more than any encoding"));
    for (const char* codec : {"zstd", "zlib", "gzip", "lz4", "bz2", "lzma", "crc32"}) {
      const QByteArray array =
          document("[4, 4]", "[4, 4]", ("\"dtype\": \"<f4\", \"compressor\": {\"id\": \"" + QByteArray(codec) + "\"}").constData());
      const std::string other = store(codec, array);
      writeFile(other + "/a/0.0", std::string(40, '\x07'));
      const QString said = complaint(other);
      QVERIFY2(said.contains(codec) && said.contains("ReadFailed"), qPrintable(said));
    }
    const std::string plain = store("plain", document("[4, 4]", "[4, 4]"));
    writeFile(plain + "/a/0.0", std::string(63, 'x'));
    QVERIFY(complaint(plain).contains("has 63 bytes, not 64"));
  }

  void nothingOutsideIsRead() {
    const std::string path = store("links", document("[4, 4]", "[4, 4]"));
    writeFile(m_dir.filePath("secret").toStdString(), std::string(64, 's'));
    QVERIFY(QFile::link(m_dir.filePath("secret"), QString::fromStdString(path) + "/a/0.0"));
    QVERIFY(complaint(path).contains("which is not followed"));
    const std::string consolidated = store("climbs", document("[4, 4]", "[4, 4]"));
    writeFile(consolidated + "/.zmetadata", R"({"zarr_consolidated_format": 1, "metadata": {"../links/a/.zarray": {}}})");
    QVERIFY(complaint(consolidated).contains("leaves the folder"));
    const std::string depth = store("deep", document("[4, 4]", "[4, 4]"));
    writeFile(depth + "/.zmetadata", std::string(200000, '{'));
    QVERIFY(complaint(depth).contains("nests deeper"));
  }

  void otherFolders() {
    QDir(m_dir.path()).mkpath("folder");
    QVERIFY(complaint(m_dir.filePath("folder").toStdString()).contains("is a folder, not a raster file"));
    writeFile(m_dir.filePath("folder/zarr.json").toStdString(), R"({"zarr_format": 3})");
    QVERIFY(complaint(m_dir.filePath("folder").toStdString()).contains("holds no Zarr array"));
  }

  void absurdArraysAreNotWalked() {
    // A quadrillion chunks: opening and costing must not enumerate them.
    const std::string path =
        store("quadrillion", document("[1000000000, 1000000]", "[1, 1]", R"("compressor": {"id": "zlib"}, "dtype": "<f4")"));
    const auto source = open(path);
    QVERIFY(source);
    QVERIFY(source->cost(fullRegion(source->spec().shape())).bytes > 1e15);
    const ReadCost one = source->cost({IndexSet::single(999), IndexSet::single(7)});
    QCOMPARE(one.bytes, 0.0);  // missing
  }
};

QTEST_GUILESS_MAIN(TestZarrSource)
#include "tst_zarr_source.moc"
