// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs as users ask for them: a file for each band or tile, chunks and tiles of a given size, tables, and single numbers.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>

class TestWrittenOutputs : public QObject {
  Q_OBJECT
 private:
  std::unique_ptr<QTemporaryDir> m_folder;

  QString path(const QString& name) const { return m_folder->filePath(name); }
  QByteArray content(const QString& name) const {
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  bool writeFile(const QString& name, const QByteArray& bytes) const {
    QFile file(path(name));
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
  }
  struct Answer {
    int code = -1;
    QByteArray out, error;
  };
  /// A pipeline's words behind those of the command.
  Answer cli(const QStringList& arguments) const {
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }
  Answer run(const QString& pipeline, const QStringList& options = {}) const {
    return cli(QStringList{"run", "--progress", "none"} + options + QStringList{pipeline});
  }
  /// What a chain that ends in a number prints.
  QByteArray sumOf(const QString& file) const { return run("open " + file + " ! reduce dims=band,y,x statistic=sum").out.trimmed(); }
  QStringList files(const QString& pattern) const { return QDir(m_folder->path()).entryList({pattern}, QDir::Files, QDir::Name); }

 private slots:
  /// scene.bil: band 1 is 1 2 / 5 6, band 2 is 3 4 / 7 8.
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(writeFile("scene.hdr",
                      "ENVI\nsamples = 2\nlines = 2\nbands = 2\ndata type = 1\ninterleave = bil\nbyte order = 0\nheader offset = 0\n"
                      "map info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n"));
    QVERIFY(writeFile("scene.bil", QByteArray("\1\2\3\4\5\6\7\10", 8)));
  }

  void eachBandIsAFile() {
    const Answer done = run("open scene.bil ! write out_{band:02d}.tif");
    QVERIFY2(done.code == 0, done.error.constData());
    QCOMPARE(files("out_*.tif"), (QStringList{"out_01.tif", "out_02.tif"}));
    QCOMPARE(sumOf("out_01.tif"), QByteArray("14"));
    QCOMPARE(sumOf("out_02.tif"), QByteArray("22"));
    QCOMPARE(run("open scene.bil ! isel band=1: ! write alone.tif").code, 0);
    QCOMPARE(content("out_02.tif"), content("alone.tif"));
  }

  void eachTileIsAFile() {
    const Answer done = run("open scene.bil ! write tile_{row}_{col}.tif tile_size=1,2");
    QVERIFY2(done.code == 0, done.error.constData());
    QCOMPARE(files("tile_*.tif"), (QStringList{"tile_0_0.tif", "tile_1_0.tif"}));
    QCOMPARE(sumOf("tile_0_0.tif"), QByteArray("10"));
    QCOMPARE(sumOf("tile_1_0.tif"), QByteArray("26"));
  }

  /// The files are outputs of the one step: what the report says of it is the sum of all. Each has 2 x 2 pixels of a byte.
  void theReportSumsTheFiles() {
    const Answer done = run("open scene.bil ! write out_{band}.tif", {"--report", "report.json"});
    QVERIFY2(done.code == 0, done.error.constData());
    const QJsonArray nodes = QJsonDocument::fromJson(content("report.json")).object()["nodes"].toArray();
    const QJsonObject write = nodes.last().toObject();
    QCOMPARE(nodes.size(), 2);
    QCOMPARE(write["id"].toString(), QString("write"));
    QCOMPARE(write["bytes_out"].toDouble(), 8.0);
    QCOMPARE(write["chunks"].toDouble(), 2.0);
  }

  void theSameBytesForAnyWorkers() {
    QByteArray first;
    for (const char* workers : {"1", "2", "7"}) {
      const Answer done = run("open scene.bil ! write out_{band}_{row}.tif tile_size=1 overwrite=true", {"--workers", workers});
      QVERIFY2(done.code == 0, done.error.constData());
      QByteArray all;
      for (const QString& file : files("out_*.tif")) all += content(file);
      if (first.isEmpty()) first = all;
      QVERIFY(!all.isEmpty() && all == first);
    }
  }

  void thePlanSaysHowMany() {
    const Answer plan = cli({"plan", "open scene.bil ! write out_{band}_{row}_{col}.tif tile_size=1"});
    QVERIFY2(plan.code == 0 && plan.error.contains("8 files: out_1_0_0.tif to out_2_1_1.tif"), plan.error.constData());
  }

  void whatIsMissingIsWritten() {
    QCOMPARE(run("open scene.bil ! write out_{band}.tif").code, 0);
    const QByteArray second = content("out_2.tif");
    QVERIFY(QFile::remove(path("out_2.tif")));
    const QDateTime before = QFileInfo(path("out_1.tif")).lastModified();
    const Answer again = run("open scene.bil ! write out_{band}.tif", {"--resume"});
    QVERIFY2(again.code == 0, again.error.constData());
    QCOMPARE(content("out_2.tif"), second);
    QCOMPARE(QFileInfo(path("out_1.tif")).lastModified(), before);
  }

  void namesAreRefused_data() {
    QTest::addColumn<QString>("chain");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("no such dim") << "open scene.bil ! write out_{time:%Y}.tif" << QByteArray("its dims are y, band, x");
    QTest::newRow("two of one name") << "open scene.bil ! set_labels dim=band names=a,a ! write out_{band}.tif"
                                     << QByteArray("two outputs have the name 'out_a.tif'");
    QTest::newRow("no form of a number") << "open scene.bil ! write out_{band:x}.tif" << QByteArray("is no form of 1");
  }
  void namesAreRefused() {
    QFETCH(QString, chain);
    QFETCH(QByteArray, says);
    const Answer refused = run(chain);
    QCOMPARE(refused.code, 2);
    QVERIFY2(refused.error.contains(says), refused.error.constData());
    QVERIFY(files("out_*.tif").isEmpty());
  }

  /// As with one file: the run does without what would come after it, and says so.
  void nothingComesAfterThem() {
    const Answer done = run("open scene.bil ! write out_{band}.tif ! isel y=0");
    QCOMPARE(done.code, 0);
    QVERIFY2(done.error.contains("hands nothing on"), done.error.constData());
    QCOMPARE(files("out_*.tif").size(), 2);
  }

  void chunksOfAZarr() {
    QByteArray first;
    for (const char* workers : {"1", "2", "7"}) {
      const Answer done = run("open scene.bil ! write out.zarr chunks=band=1,x=1 overwrite=true", {"--workers", workers});
      QVERIFY2(done.code == 0, done.error.constData());
      const QStringList arrays = QDir(path("out.zarr")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
      QByteArray all;
      for (const QString& array : arrays) {
        const QJsonObject facts = QJsonDocument::fromJson(content("out.zarr/" + array + "/.zarray")).object();
        if (facts["shape"].toArray().size() != 3) continue;
        QCOMPARE(facts["chunks"].toArray(), (QJsonArray{2, 1, 1}));
        for (const QString& chunk : QDir(path("out.zarr/" + array)).entryList(QDir::Files, QDir::Name))
          all += chunk.toUtf8() + content("out.zarr/" + array + "/" + chunk);
      }
      if (first.isEmpty()) first = all;
      QVERIFY(!all.isEmpty() && all == first);
    }
  }

  void layoutsAreRefused_data() {
    QTest::addColumn<QString>("write");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("no such dim") << "out.zarr chunks=time=1" << QByteArray("there is no dim 'time'");
    QTest::newRow("too few") << "out.zarr chunks=1,1" << QByteArray("2 numbers for 3 dims");
    QTest::newRow("of a GeoTIFF") << "out.tif chunks=1,1,1" << QByteArray("blocksize");
    QTest::newRow("no multiple of 16") << "out.tif blocksize=100" << QByteArray("take 112");
    QTest::newRow("of a NetCDF") << "out.nc blocksize=256" << QByteArray("say its chunks with chunks");
  }
  void layoutsAreRefused() {
    QFETCH(QString, write);
    QFETCH(QByteArray, says);
    const Answer refused = run("open scene.bil ! write " + write);
    QCOMPARE(refused.code, 2);
    QVERIFY2(refused.error.contains(says), refused.error.constData());
  }

  void tablesLongAndWide() {
    const QString table = "open scene.bil ! reduce dims=x statistic=sum ! write ";
    QCOMPARE(run(table + "long.csv layout=long").code, 0);
    QCOMPARE(run(table + "wide.csv layout=wide").code, 0);
    QVERIFY2(content("long.csv").startsWith("y,band,"), content("long.csv").constData());
    QVERIFY2(content("long.csv").endsWith("3999995,1,3\n3999995,2,7\n3999985,1,11\n3999985,2,15\n"), content("long.csv").constData());
    QCOMPARE(content("wide.csv"), QByteArray("y,1,2\n3999995,3,7\n3999985,11,15\n"));
  }

  void oneNumber() {
    const QString number = "open scene.bil ! reduce dims=band,y,x statistic=mean";
    QCOMPARE(run(number).out, QByteArray("4.5\n"));
    for (const char* file : {"one.csv", "one.nc", "one.zarr compress=none"}) {
      const Answer done = run(number + " ! write " + file);
      QVERIFY2(done.code == 0, done.error.constData());
    }
    QVERIFY2(content("one.csv").endsWith("\n4.5\n"), content("one.csv").constData());
    QVERIFY(QFileInfo(path("one.nc")).size() > 0);
    // As zarr-python has an array without dims: one chunk, "0", here of a float32.
    const QStringList arrays = QDir(path("one.zarr")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QVERIFY(std::any_of(arrays.begin(), arrays.end(),
                        [this](const QString& array) { return content("one.zarr/" + array + "/0") == QByteArray("\x00\x00\x90\x40", 4); }));
  }

  void aShortTableIsPrinted() {
    const QByteArray printed = run("open scene.bil ! reduce dims=y,x statistic=max").out;
    QVERIFY2(printed.endsWith("\n1,6\n2,8\n"), printed.constData());
  }

  /// xarray: the maxima of the file's blue and green are 6.994962339348002 and 69.18117595878977.
  void severalVariablesAreBands() {
    for (const char* variables : {"blue,green", "all"}) {
      const Answer both = run(QString("open '%1/netcdf/planet_time_utm.nc' variable=%2 ! reduce dims=time,y,x statistic=max")
                                  .arg(CUBELOOM_TEST_DATA, variables));
      QVERIFY2(both.code == 0, both.error.constData());
      const QList<QByteArray> lines = both.out.trimmed().split('\n');
      QVERIFY2(lines.size() == 3 && lines[1].startsWith("1,") && lines[2].startsWith("2,"), both.out.constData());
      QVERIFY(qAbs(lines[1].split(',').last().toDouble() - 6.994962339348002) < 1e-9);
      QVERIFY(qAbs(lines[2].split(',').last().toDouble() - 69.18117595878977) < 1e-9);
    }
    const Answer refused = run("open '" + QString(CUBELOOM_TEST_DATA) + "/netcdf/classic.nc' variable=a,b ! write ab.nc");
    QCOMPARE(refused.code, 2);
    QVERIFY2(refused.error.contains("variable 'b' does not go with 'a': it has nodata"), refused.error.constData());
  }

  void zonesAsGeojson() {
    QVERIFY(writeFile(
        "zones.geojson",
        R"({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32610"}}, "features": [
  {"type": "Feature", "properties": {"name": "left"}, "geometry": {"type": "Polygon", "coordinates":
    [[[500000, 3999980], [500010, 3999980], [500010, 4000000], [500000, 4000000], [500000, 3999980]]]}}]})"));
    const Answer done =
        run("open scene.bil crs=EPSG:32610 ! isel band=0 ! zonal_stats polygons='zones.geojson|id=name' statistics=count,sum ! write "
            "out.geojson");
    QVERIFY2(done.code == 0, done.error.constData());
    const QJsonObject feature = QJsonDocument::fromJson(content("out.geojson")).object()["features"].toArray()[0].toObject();
    const QJsonObject properties = feature["properties"].toObject();
    QCOMPARE(properties["zone"].toString(), QString("left"));
    QCOMPARE(properties["count"].toDouble(), 2.0);
    QCOMPARE(properties["sum"].toDouble(), 6.0);
    // gdaltransform -s_srs EPSG:32610 -t_srs EPSG:4326: 500000 3999980 is -123 36.1445378
    const QJsonArray corner = feature["geometry"].toObject()["coordinates"].toArray()[0].toArray()[0].toArray();
    QVERIFY(qAbs(corner[0].toDouble() + 123) < 1e-8);
    QVERIFY(qAbs(corner[1].toDouble() - 36.1445378) < 1e-6);
  }
};

QTEST_APPLESS_MAIN(TestWrittenOutputs)
#include "tst_written_outputs.moc"
