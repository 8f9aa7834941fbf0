// SPDX-License-Identifier: GPL-3.0-or-later
// An output never takes the place of an input, of an input's header, or of another output of the chain, however its path is spelled.
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

class TestOutputTargets : public QObject {
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
  int cli(const QStringList& arguments, QByteArray& error) const {
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return -1;
    error = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }

 private slots:
  /// scene.bil with its header (two bands), a hard link to it, a link to the folder, and a Zarr store with the same pixels.
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(writeFile("scene.hdr",
                      "ENVI\nsamples = 2\nlines = 2\nbands = 2\ndata type = 1\ninterleave = bil\nbyte order = 0\nheader offset = 0\n"
                      "map info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n"));
    QVERIFY(writeFile("scene.bil", QByteArray("\1\2\3\4\5\6\7\10", 8)));
    QCOMPARE(::link(path("scene.bil").toUtf8().constData(), path("linked.img").toUtf8().constData()), 0);
    QVERIFY(QFile::link(m_folder->path(), path("here")));
    QByteArray error;
    QVERIFY2(cli({"run", "--progress", "none", "!", "open", "scene.bil", "!", "write", "scene.zarr"}, error) == 0, error.constData());
  }

  void isRefused_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("the input itself") << "scene.bil"
                                      << "scene.bil" << QByteArray("is an input");
    QTest::newRow("by another spelling") << "scene.bil"
                                         << "./here/.//scene.bil" << QByteArray("is an input");
    QTest::newRow("by a hard link") << "scene.bil"
                                    << "linked.img" << QByteArray("is an input");
    QTest::newRow("its header") << "scene.bil"
                                << "scene.img" << QByteArray("scene.hdr is an input");
    QTest::newRow("its header, through a link") << "scene.bil"
                                                << "here/scene.img" << QByteArray("scene.hdr is an input");
    QTest::newRow("the store it lies in") << "scene.zarr"
                                          << "here/scene.zarr" << QByteArray("is an input");
  }
  void isRefused() {
    QFETCH(QString, source);
    QFETCH(QString, out);
    QFETCH(QByteArray, says);
    const QByteArray header = content("scene.hdr"), pixels = content("scene.bil");
    QByteArray error;
    const QStringList chain{"!", "open", source, "!", "isel", "band=0", "!", "write", out};
    QCOMPARE(cli(QStringList{"run", "--overwrite", "--progress", "none"} + chain, error), 2);
    QVERIFY2(error.contains(says) && error.contains("another path"), error.constData());
    QCOMPARE(content("scene.hdr"), header);
    QCOMPARE(content("scene.bil"), pixels);
  }

  void twoOutputsAreTwoFiles_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<int>("code");
    QTest::newRow("two spellings") << "b.tif"
                                   << "./b.tif" << 2;
    QTest::newRow("two ways") << "b.tif"
                              << "here/b.tif" << 2;
    QTest::newRow("one header for two") << "b.img"
                                        << "b.dat" << 2;
    QTest::newRow("two") << "b.img"
                         << "c.img" << 0;
  }
  void twoOutputsAreTwoFiles() {
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(int, code);
    const QString format = first.endsWith("tif") ? "GTiff" : "ENVI";
    const QString node = R"({"id": "%1", "op": "write", "inputs": ["a"], "params": {"path": "%2", "format": "%3", "overwrite": true}})";
    QVERIFY(writeFile("two.cubeloom",
                      QString(R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "open", "params": {"path": "scene.bil"}}, %1, %2]})")
                          .arg(node.arg("one", first, format), node.arg("two", second, format))
                          .toUtf8()));
    QByteArray error;
    QVERIFY2(cli({"run", "--progress", "none", "two.cubeloom"}, error) == code, error.constData());
    QCOMPARE(error.contains("two nodes write"), code == 2);
    QCOMPARE(QFile::exists(path(first)), code == 0);
  }
};

QTEST_APPLESS_MAIN(TestOutputTargets)
#include "tst_output_targets.moc"
