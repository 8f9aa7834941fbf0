// SPDX-License-Identifier: GPL-3.0-or-later
// Where the array that is meant cannot be read, no other one is opened in its place: not a mask, not a longitude.
#include <QtTest>

#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestNoSubstitute : public QObject {
  Q_OBJECT

  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  /// An array of zeros that are not stored.
  void putArray(const QString& folder, const char* dims, const char* shape, const char* compressor, const char* attributes = "") const {
    QVERIFY(QDir(m_dir.path()).mkpath(folder));
    const std::string base = m_dir.filePath(folder).toStdString();
    test::writeFile(base + "/.zarray", std::string(R"({"zarr_format": 2, "shape": )") + shape + R"(, "chunks": )" + shape +
                                           R"(, "dtype": "<i2", "order": "C", "filters": null, "fill_value": null, "compressor": )" +
                                           compressor + "}");
    test::writeFile(base + "/.zattrs", std::string(R"({"_ARRAY_DIMENSIONS": )") + dims + attributes + "}");
  }

 private slots:
  void zarrOfACodecThatIsNotRead() {
    putArray("campaign.zarr/radiance", R"(["band", "y", "x"])", "[7, 4, 5]", R"({"id": "pcodec", "level": 8})");
    putArray("campaign.zarr/cloud_mask", R"(["y", "x"])", "[4, 5]", "null");
    putArray("campaign.zarr/longitude", R"(["y", "x"])", "[4, 5]", "null", R"(, "units": "degrees_east")");
    test::writeFile(m_dir.filePath("campaign.zarr/.zgroup").toStdString(), R"({"zarr_format": 2})");
    const std::string path = m_dir.filePath("campaign.zarr").toStdString();
    const auto meant = m_provider->open({path, {}, {}});
    QVERIFY(!meant);
    QVERIFY2(meant.error().message.find("\"pcodec\"") != std::string::npos, meant.error().text().c_str());
    QVERIFY2(meant.error().hint.find("variable=cloud_mask") != std::string::npos, meant.error().text().c_str());
    QCOMPARE(m_provider->open({path, "cloud_mask", {}}).value()->spec().variable, std::string("cloud_mask"));
    const auto asked = m_provider->open({path, "radiance", {}});
    QVERIFY(!asked && asked.error().message.find("\"pcodec\"") != std::string::npos);
    const auto info = m_provider->info(path);
    QVERIFY(info);
    QVERIFY(std::any_of(info->notes.begin(), info->notes.end(), [](const auto& note) {
      return note == "the array that open takes where none is named cannot be read: name another one";
    }));
  }

  /// An axis that cannot be read is not the array that is meant.
  void zarrWithAnUnreadLongitude() {
    putArray("swath.zarr/a_longitude", R"(["y", "x"])", "[4, 5]", R"({"id": "pcodec"})", R"(, "units": "degrees_east")");
    putArray("swath.zarr/sst", R"(["y", "x"])", "[4, 5]", "null");
    test::writeFile(m_dir.filePath("swath.zarr/.zgroup").toStdString(), R"({"zarr_format": 2})");
    const auto opened = m_provider->open({m_dir.filePath("swath.zarr").toStdString(), {}, {}});
    QVERIFY2(opened, opened ? "" : opened.error().text().c_str());
    QCOMPARE((*opened)->spec().variable, std::string("sst"));
  }

  /// tests/data/netcdf/make_cases.py: "radiance" went through a filter that no library here has, "quality" did not; "half" is of float16.
  void hdf5OfAFilterThatIsNotRead() {
    const std::string path = CUBELOOM_TEST_DATA "/netcdf/foreign_filter.h5";
    const auto meant = m_provider->open({path, {}, {}});
    QVERIFY(!meant);
    QVERIFY2(meant.error().message.find("32015") != std::string::npos, meant.error().text().c_str());
    QVERIFY(m_provider->open({path, "quality", {}}).has_value());
    const auto half = m_provider->open({path, "half", {}});
    QVERIFY(!half);
    QVERIFY2(half.error().message.find("numbers of 16 bits") != std::string::npos, half.error().text().c_str());
  }
};

QTEST_GUILESS_MAIN(TestNoSubstitute)
#include "tst_no_substitute.moc"
