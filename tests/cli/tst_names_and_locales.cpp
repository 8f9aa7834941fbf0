// SPDX-License-Identifier: GPL-3.0-or-later
// Neither the language of the system nor the names of files change a byte of what is written.
#include <unistd.h>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonValue>
#include <QProcess>
#include <QTest>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestNamesAndLocales : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  QProcessEnvironment environment(const QString& locale) const {
    QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
    all.insert("LOCPATH", m_runs.file("locales"));
    all.insert("LC_ALL", locale);
    return all;
  }

  struct Answer {
    int code = -1;
    QByteArray out, error;
  };
  /// In the folder of the runs, with a locale that initTestCase has made.
  Answer cli(const QStringList& arguments, const QString& locale = "C") const {
    QProcess process;
    process.setWorkingDirectory(m_runs.file(""));
    process.setProcessEnvironment(environment(locale));
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }

  /// Of a plan; free disk and memory differ from one moment to the next.
  static QJsonValue nodesOf(const QByteArray& plan) { return QJsonDocument::fromJson(plan)["nodes"]; }

  QByteArray bytesOf(const QString& folder) const {
    QStringList files;
    for (QDirIterator each(m_runs.file(folder), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); each.hasNext();)
      files << each.next();
    files.sort();
    files.removeIf([](const QString& path) { return path.endsWith(".checksums"); });  // they tell when it was written
    QByteArray bytes;
    for (const QString& path : files) {
      QFile file(path);
      if (file.open(QIODevice::ReadOnly)) bytes += file.readAll();
    }
    return bytes;
  }

  /// What a program prints for 1.5 with the locale: the proof that it is there.
  QByteArray printedNumber(const QString& locale) const {
    QProcess process;
    process.setProcessEnvironment(environment(locale));
    process.start("/usr/bin/printf", {"%.1f", locale == "C" ? "1.5" : "1,5"});
    process.waitForFinished(10000);
    return process.readAllStandardOutput();
  }

 private slots:
  void initTestCase() {
    QCOMPARE(m_runs.makeCube(6), QString());
    QVERIFY(QDir().mkpath(m_runs.file("locales")));
    for (const char* name : {"de_DE", "tr_TR"}) {
      const QString folder = m_runs.file(QStringLiteral("locales/%1.UTF-8").arg(QLatin1String(name)));
      QCOMPARE(QProcess::execute("localedef", {"--no-archive", "-i", QLatin1String(name), "-f", "UTF-8", folder}), 0);
    }
    QCOMPARE(printedNumber("de_DE.UTF-8"), QByteArray("1,5"));
  }

  // Names of files are bytes. A chain file and a report hold them as Python's json does, byte E9 as \\udce9.
  void namesThatAreNoTextSurvive() {
    const std::string folder = m_runs.file("").toStdString() + "/";
    for (const char* suffix : {"", ".hdr"})
      QVERIFY(QFile::exists(m_runs.file(QString("cube") + suffix)) &&
              ::link((folder + "cube" + suffix).c_str(), (folder + "cub\xe9" + suffix).c_str()) == 0);
    QFile chain(m_runs.file("names.cubeloom"));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    chain.write(R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "open", "params": {"path": "cub\udce9.hdr"}},
                  {"id": "b", "op": "isel", "inputs": ["a"], "params": {"indexers": {"wavelength": 0}}},
                  {"id": "c", "op": "write", "inputs": ["b"], "params": {"path": "out\udcff.tif"}}]})");
    chain.close();
    const Answer ran = cli({"run", "--progress", "none", "--report", "report.json", "--events", "events.jsonl", "names.cubeloom"});
    QVERIFY2(ran.code == 0, ran.error.constData());
    QCOMPARE(::access((folder + "out\xff.tif").c_str(), R_OK), 0);
    for (const char* name : {"report.json", "events.jsonl"}) {
      QFile file(m_runs.file(name));
      QVERIFY(file.open(QIODevice::ReadOnly));
      QVERIFY2(file.readAll().contains("out\\udcff.tif"), name);
    }
    const Answer saved = cli({"export", "--to", "chain", "names.cubeloom"});
    QVERIFY2(saved.code != 0 || saved.out.contains("cub\\udce9.hdr"), saved.out.constData());
  }

  void everyFormatIsTheSameInEveryLanguage_data() {
    QTest::addColumn<QString>("locale");
    QTest::newRow("German: a comma in numbers") << "de_DE.UTF-8";
    QTest::newRow("Turkish: another capital i") << "tr_TR.UTF-8";
  }
  void everyFormatIsTheSameInEveryLanguage() {
    QFETCH(QString, locale);
    const QString warp = "! open cube.hdr ! reproject crs=EPSG:32611 resolution=12.5 resampling=bilinear";
    for (const QString& where : {QString("C"), locale}) {
      QVERIFY(QDir().mkpath(m_runs.file(where)));
      for (const char* out : {"out.tif", "out.img", "out.nc", "out.zarr"}) {
        const QString write = QStringLiteral(" ! write %1/%2").arg(where, QLatin1String(out));
        const Answer ran = cli(("run --progress none --overwrite " + warp + write).split(' '), where);
        QVERIFY2(ran.code == 0, ran.error.constData());
      }
    }
    QVERIFY(!bytesOf("C").isEmpty());
    QVERIFY(bytesOf(locale) == bytesOf("C"));
    const QStringList plan = ("plan --json " + warp + " ! write p.tif").split(' ');
    QCOMPARE(nodesOf(cli(plan, locale).out), nodesOf(cli(plan).out));
    const Answer refused = cli(("plan " + warp + "x ! write p.tif").split(' '), locale);
    QCOMPARE(refused.code, 2);
    QCOMPARE(refused.error, cli(("plan " + warp + "x ! write p.tif").split(' ')).error);
  }

  void everyNameIsAName_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"with a blank", "it's \"quoted\"", "two\nlines", "100%d %s", "-leading", "\xC3\xBCn\xC3\xAF\xE2\x9C\x93",
                             "$(touch shell)", "semi;colon&", "back\\slash", "tab\there", "[a-c]*?", "x=y", "a,b", "!", "~"})
      QTest::newRow(name) << QString::fromUtf8(name);
    QTest::newRow("of 255 bytes") << QString(251, 'n');
  }
  void everyNameIsAName() {
    QFETCH(QString, name);
    QVERIFY(QDir().mkpath(m_runs.file("names")));
    const QString source = "names/" + name.left(240) + ".hdr";
    QVERIFY(QFile::copy(m_runs.file("cube.hdr"), m_runs.file(source)));
    QVERIFY(QFile::copy(m_runs.file("cube"), m_runs.file("names/" + name.left(240))));
    const auto write = [this](const QString& from, const QString& to) {
      return cli({"run", "--progress", "none", "--overwrite", "!", "open", "path=" + from, "!", "isel", "wavelength=0", "!", "write",
                  "path=" + to});
    };
    const Answer plain = write("cube.hdr", "plain.tif"), strange = write(source, "names/" + name + ".tif");
    QVERIFY2(plain.code == 0 && strange.code == 0, strange.error.constData());
    QVERIFY(!m_runs.content("plain.tif").isEmpty());
    QVERIFY(m_runs.content("names/" + name + ".tif") == m_runs.content("plain.tif"));
    QVERIFY(!QFile::exists(m_runs.file("shell")));
  }

  void bytesThatAreNoTextAreShown_data() {
    QTest::addColumn<QByteArray>("steps");
    QTest::newRow("choice") << QByteArray("write o.tif compress=$'zst\\xfb'");
    QTest::newRow("flag") << QByteArray("write o.tif overwrite=$'\\xfb'");
    QTest::newRow("type") << QByteArray("astype dtype=$'\\xfb' ! write o.tif");
    QTest::newRow("dim") << QByteArray("transpose dims=$'\\xfb' ! write o.tif");
    QTest::newRow("operation") << QByteArray("$'\\xfb' ! write o.tif");
  }
  /// Their bytes, also those that would steer the terminal.
  void bytesThatAreNoTextAreShown() {
    QFETCH(QByteArray, steps);
    QProcess process;
    process.setWorkingDirectory(m_runs.file(""));
    process.start("/bin/bash", {"-c", "'" CUBELOOM_CLI "' plan ! open cube.hdr ! " + QString::fromLatin1(steps)});
    QVERIFY(process.waitForFinished(20000));
    const QByteArray error = process.readAllStandardError();
    QCOMPARE(process.exitCode(), 2);
    QVERIFY2(error.contains("\\xfb") && !error.contains('\xfb'), error.constData());
  }
};

QTEST_GUILESS_MAIN(TestNamesAndLocales)
#include "tst_names_and_locales.moc"
