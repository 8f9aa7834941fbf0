// SPDX-License-Identifier: GPL-3.0-or-later
// Tables: zones, points and reductions as CSV, read back by pandas.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>

#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestCsv : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  /// The table that a chain behind the raster writes, or why there is none.
  QString table(const std::string& steps) const {
    const std::string to = path("out.csv");
    const auto report = m_engine.run("open " + path("a.tif") + " ! " + steps + " ! write " + to);
    if (!report) return QString::fromStdString(report.error().text());
    if (!report->errors.empty()) return QString::fromStdString(report->errors[0].text());
    const QString text = test::contentOf(to);
    QFile::remove(QString::fromStdString(to));
    return text;
  }

 private slots:
  void initTestCase() {
    test::GdalFile file;
    file.path = path("a.tif");
    file.type = PixelType::Float32;
    file.bands = 2;
    file.rows = 2;
    file.cols = 3;
    file.nodata = -1;
    const std::vector<float> pixels{0.1F, 2, -1, 4, 5, 6, 7, 8, 9, 1e10F, 11, 12};
    std::vector<std::byte> bytes(pixels.size() * sizeof(float));
    std::memcpy(bytes.data(), pixels.data(), bytes.size());
    QCOMPARE(test::writeGdalFile(file, bytes), std::string());
    std::ofstream(path("fields.csv"))
        << "WKT,name\n"
           "\"POLYGON((500000 4000000,500020 4000000,500020 3999980,500000 3999980,500000 4000000))\",\"left, \"\"old\"\"\"\n"
           "\"POLYGON((500020 4000000,500030 4000000,500030 3999990,500020 3999990,500020 4000000))\",right\n";
    std::ofstream(path("plots.csv")) << "x,y,name\n500005,3999995,a\n500025,3999995,b\n499995,3999995,c\n";
  }

  // An element per line, the last dim fastest; float32 in as few digits as it needs.
  void elementsAreLines() {
    QCOMPARE(table("reduce dims=y statistic=max"),
             QString("band,x,a\n1,500005,4\n1,500015,5\n1,500025,6\n2,500005,10000000000\n2,500015,11\n2,500025,12\n")
                 .replace("10000000000", "1e+10"));
    QCOMPARE(table("isel y=0"), QString("band,x,a\n1,500005,0.1\n1,500015,2\n1,500025,\n2,500005,7\n2,500015,8\n2,500025,9\n"));
  }

  // Statistics are columns; a zone of nodata has a count and no mean.
  void statisticsAreColumns() {
    QCOMPARE(table("zonal_stats polygons=" + path("fields.csv") + "|id=name statistics=count,min,max"),
             QString("zone,band,count,min,max\n\"left, \"\"old\"\"\",1,4,0.10000000149011612,5\n\"left, \"\"old\"\"\",2,4,7,1e+10\n"
                     "right,1,0,,\nright,2,1,9,9\n"));
  }

  void pointsHavePlaces() {
    QCOMPARE(table("sample_points points=" + path("plots.csv") + "|id=name"),
             QString("point,x,y,band,a\na,500005,3999995,1,0.1\na,500005,3999995,2,7\nb,500025,3999995,1,\nb,500025,3999995,2,9\n"
                     "c,499995,3999995,1,\nc,499995,3999995,2,\n"));
  }

  void refusesWhatIsNoTable() {
    QVERIFY(table("astype dtype=complex64 ! isel y=0").contains("a table holds real numbers"));
    QVERIFY(table("isel band=0").contains("a table takes arrays without rows and columns"));
    const auto plan = m_engine.plan("open " + path("a.tif") + " ! write compress=deflate " + path("b.csv"));
    QVERIFY(!plan && plan.error().parameter == "compress");
  }

  // pandas reads the numbers that were there.
  void pandasReadsIt() {
    const auto report = m_engine.run("open " + path("a.tif") + " ! zonal_stats polygons=" + path("fields.csv") +
                                     " statistics=mean,std ! write " + path("z.csv"));
    QVERIFY(report && report->status == RunStatus::Finished);
    QProcess python;
    python.start("/usr/bin/python3",
                 {"-c", "import sys, pandas; t = pandas.read_csv(sys.argv[1]); print(t['mean'].tolist(), t['std'].tolist())",
                  QString::fromStdString(path("z.csv"))});
    QVERIFY(python.waitForFinished());
    const QByteArray told = python.readAllStandardOutput();
    QVERIFY2(told.startsWith("[2.7750000003725"), told.constData());  // (0.1 + 2 + 4 + 5) / 4 of float32
  }
};

QTEST_APPLESS_MAIN(TestCsv)
#include "tst_csv.moc"
