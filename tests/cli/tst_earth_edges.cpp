// SPDX-License-Identifier: GPL-3.0-or-later
// Output grids that reach beyond the edge of the Earth: each chunk is planned with what it really reads.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestEarthEdges : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  QString file(const QString& name) const { return m_folder.filePath(name); }

  /// The whole Earth in degrees, float32; all zeros without room on the disk, or a ramp.
  void makeEarth(const QString& name, qint64 cols, bool isRamp) {
    const qint64 rows = cols / 2;
    const QByteArray step = QByteArray::number(360.0 / static_cast<double>(cols), 'g', 17);
    QFile header(file(name + ".hdr")), data(file(name));
    QVERIFY(header.open(QIODevice::WriteOnly) && data.open(QIODevice::WriteOnly));
    header.write("ENVI\nsamples = " + QByteArray::number(cols) + "\nlines = " + QByteArray::number(rows) +
                 "\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\nheader offset = 0\n"
                 "map info = {Geographic Lat/Lon, 1, 1, -180, 90, " +
                 step + ", " + step + ", WGS-84, units=Degrees}\n");
    QVERIFY(data.resize(cols * rows * 4));
    for (qint64 i = 0; isRamp && i < cols * rows; ++i) {
      const auto value = static_cast<float>(i % 977);
      data.write(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }

  int cli(const QStringList& arguments, QByteArray& error) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return -1;
    error = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }

  static QStringList disc(const QString& source, const QString& method, const QString& resolution, const QString& out) {
    return {"!",
            "open",
            source,
            "!",
            "reproject",
            "crs=+proj=ortho +lat_0=40 +lon_0=10 +datum=WGS84",
            "resolution=" + resolution,
            "resampling=" + method,
            "!",
            "write",
            out};
  }

 private slots:
  void aDiscOfAMuchLargerEarthFits_data() {
    QTest::addColumn<QString>("method");
    for (const char* method : {"average", "bilinear", "max"}) QTest::newRow(method) << method;
  }
  void aDiscOfAMuchLargerEarthFits() {
    QFETCH(QString, method);
    makeEarth("large", 43200, false);  // 3.5 GiB
    QByteArray error;
    const int code = cli(QStringList{"plan", "--memory", "1GiB"} + disc("large.hdr", method, "20000", "disc.tif"), error);
    QVERIFY2(code == 0, error.constData());
  }

  void theDiscIsTheSameWithLittleMemory_data() { aDiscOfAMuchLargerEarthFits_data(); }
  void theDiscIsTheSameWithLittleMemory() {
    QFETCH(QString, method);
    makeEarth("ramp", 2880, true);
    QByteArray error, first;
    for (const char* memory : {"2GiB", "112MiB"}) {
      const int code = cli(QStringList{"run", "--progress", "none", "--overwrite", "--workers", "2", "--memory", memory} +
                               disc("ramp.hdr", method, "40000", "disc.tif"),
                           error);
      QVERIFY2(code == 0, error.constData());
      QFile out(file("disc.tif"));
      QVERIFY(out.open(QIODevice::ReadOnly));
      const QByteArray bytes = out.readAll();
      QVERIFY(first.isEmpty() || bytes == first);
      first = bytes;
    }
  }
};

QTEST_APPLESS_MAIN(TestEarthEdges)
#include "tst_earth_edges.moc"
