// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli from outside, as scripts rely on it: subcommands, JSON, exit codes, streams.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "engine/io/sample/sample_cube.h"

using namespace cubeloom;

namespace {

struct Outcome {
  int code = -1;
  QByteArray out, error;
  QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

}  // namespace

class TestCli : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  QString m_cube;

  Outcome cli(const QStringList& arguments, const QStringList& environment = {}) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.setEnvironment(QProcess::systemEnvironment() + environment);
    process.start(CUBELOOM_CLI, arguments);
    process.waitForFinished(120000);
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }
  QString file(const QString& name) const { return m_folder.filePath(name); }
  QString chain(const QByteArray& nodes) const {
    QFile f(file("chain.cubeloom"));
    if (!f.open(QIODevice::WriteOnly)) return {};
    f.write("{\"cubeloom\": 1, \"nodes\": [" + nodes + "]}");
    return f.fileName();
  }
  static QJsonObject load(const QString& path) {
    QFile f(path);
    if (!f.open(QIODevice::ReadOnly)) return {};
    return QJsonDocument::fromJson(f.readAll()).object();
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({60, 70, 5, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY(cube.has_value());
    m_cube = QString::fromStdString(*cube);
  }

  /// A chain that someone wrote names a driver; only the user trusts a file.
  void trustIsTheUsersAnswer() {
    QVERIFY(QFile::copy(CUBELOOM_TEST_DATA "/geotiff/skewed_utm11n_f64.tif", file("part.tif")));
    QFile vrt(file("mosaic.vrt"));
    QVERIFY(vrt.open(QIODevice::WriteOnly));
    vrt.write(
        "<VRTDataset rasterXSize='10' rasterYSize='10'><VRTRasterBand dataType='Float64' band='1'><SimpleSource>"
        "<SourceFilename "
        "relativeToVRT='1'>part.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>");
    vrt.close();
    const QStringList home{"XDG_CONFIG_HOME=" + file("config")};
    const QString named = chain(R"({"id": "a", "op": "open", "params": {"path": "mosaic.vrt", "driver": "VRT"}},)"
                                R"({"id": "w", "op": "write", "inputs": ["a"], "params": {"path": "copy.tif"}})");
    const QStringList run{"run", "--progress", "none", "--overwrite", named};
    const Outcome refused = cli(run, home);
    QCOMPARE(refused.code, 3);
    QVERIFY2(refused.error.contains("cubeloom-cli trust "), refused.error.constData());
    QCOMPARE(cli({"plan", "--trust", "mosaic.vrt", named}, home).code, 0);
    QCOMPARE(cli({"info", "--trust", "mosaic.vrt", "mosaic.vrt"}, home).code, 0);
    QCOMPARE(cli(run, home).code, 3);  // that was for one command
    QCOMPARE(cli({"trust", "mosaic.vrt"}, home).code, 0);
    QCOMPARE(cli(run, home).code, 0);
    QCOMPARE(cli({"info", "mosaic.vrt"}, home).code, 0);
    QCOMPARE(cli({"trust", "--remove", "mosaic.vrt"}, home).code, 0);
    QCOMPARE(cli({"info", "mosaic.vrt"}, home).code, 3);
    QCOMPARE(cli({"trust", "nowhere.vrt"}, home).code, 3);
  }

  // gdalinfo prints statistics: it makes no raster that a next step could take, and no program of GDAL's writes the table.
  void aTableIsNoRasterOfGdal() {
    const QStringList pipeline{"!", "open", m_cube, "!", "statistics", "dims=y,x", "!", "write", "table.csv"};
    const auto strict = cli(QStringList{"export", "--to", "gdal", "--strict"} + pipeline);
    QCOMPARE(strict.code, 2);
    QVERIFY2(strict.error.contains("node statistics: not in gdal: GDAL's program prints it"), strict.error.constData());
    QVERIFY2(strict.error.contains("node write: not in gdal: GDAL's programs write rasters"), strict.error.constData());
    const auto alone = cli({"export", "--to", "gdal", "--strict", "!", "open", m_cube, "!", "statistics", "dims=y,x"});
    QVERIFY2(alone.code == 0 && alone.out.contains("gdalinfo -stats"), alone.error.constData());
  }

  void infoSaysWhatACubeIs() {
    const auto info = cli({"info", m_cube, "--json", "--checksum"});
    QCOMPARE(info.code, 0);
    const QJsonObject variable = info.json()["variables"].toArray()[0].toObject();
    QCOMPARE(variable["dims"].toArray(), (QJsonArray{"y", "wavelength", "x"}));
    QCOMPARE(variable["shape"].toArray(), (QJsonArray{60, 5, 70}));
    QCOMPARE(variable["crs"].toString(), QString("EPSG:32610"));
    QCOMPARE(variable["nodata"].toDouble(), -9999.0);
    QCOMPARE(info.json()["crc32"].toString().size(), 8);
    QVERIFY(cli({"info", m_cube}).out.contains("BIL"));
  }

  void catalogListsWhatItNames() {
    QFile yaml(file("catalog.yml"));
    QVERIFY(yaml.open(QIODevice::WriteOnly));
    yaml.write(
        "sources:\n  cube: {driver: envi, description: a cube, args: {urlpath: '{{ CATALOG_DIR }}/cube'}}\n"
        "  secret: {driver: rasterio, args: {urlpath: 'https:"
        "//me:pass@host/x.tif?token=abc'}}\n");
    yaml.close();
    const auto listed = cli({"catalog", yaml.fileName(), "--json"});
    QCOMPARE(listed.code, 0);
    QCOMPARE(listed.json()["kind"].toString(), QString("intake"));
    const QJsonArray entries = listed.json()["entries"].toArray();
    QCOMPARE(entries.size(), 2);
    for (const char* key : {"name", "title", "driver", "path", "variable", "parameters", "bbox", "datetime", "openable", "reason"})
      QVERIFY2(entries[0].toObject().contains(key), key);
    QVERIFY(entries[0].toObject()["openable"].toBool() && !entries[1].toObject()["openable"].toBool());
    // What it names can be opened by that name.
    QCOMPARE(cli({"info", entries[0].toObject()["path"].toString()}).code, 0);
    QVERIFY(!listed.out.contains("abc") && !listed.out.contains("pass"));
    const auto table = cli({"catalog", yaml.fileName()});
    QVERIFY(table.out.contains("cube") && table.out.contains("network") && !table.out.contains("abc"));
    QVERIFY(cli({"catalog", m_folder.path()}).out.contains("catalog.yml"));
  }
  void catalogRefuses() {
    QCOMPARE(cli({"catalog", "missing.yml"}).code, 3);
    const auto cube = cli({"catalog", m_cube});
    QCOMPARE(cube.code, 3);
    QVERIFY2(cube.error.contains("no catalog") && cube.out.isEmpty(), cube.error.constData());
  }

  void systemAndOps() {
    const auto system = cli({"system", "--json"});
    QCOMPARE(system.code, 0);
    QVERIFY(system.json()["recommended_workers"].toInt() >= 1);
    QVERIFY(system.json()["default_memory_budget_bytes"].toDouble() > 0);
    const auto ops = cli({"ops", "reproject", "--json"}).json()["operations"].toArray();
    QCOMPARE(ops.size(), 1);
    QVERIFY(ops[0].toObject()["parameters"].toArray().size() >= 8);
    QCOMPARE(cli({"ops", "reprojct"}).code, 2);
  }

  // A word that is no operation's id finds some; an id is met first. `ops calc` lists the words of expressions.
  void opsAreFoundByWords() {
    const auto found = cli({"ops", "vegetation"});
    QVERIFY2(found.code == 0 && (found.out.contains("\nndvi") || found.out.startsWith("ndvi")), found.out.constData());
    QVERIFY2(found.error.contains("no operation is called 'vegetation'"), found.error.constData());
    const auto exact = cli({"ops", "ndvi"});
    QVERIFY(exact.out.startsWith("ndvi: ") && exact.error.isEmpty());
    const auto json = cli({"ops", "Band Math", "--json"}).json()["operations"].toArray();
    QVERIFY(!json.isEmpty());
    QCOMPARE(json[0].toObject()["id"].toString(), QString("calc"));
    const auto none = cli({"ops", "qqqqqq"});
    QVERIFY2(none.code == 2 && none.error.contains("none is found by that"), none.error.constData());

    const auto calc = cli({"ops", "calc"});
    for (const char* line : {"min(a, b, ...)", "band(\"B04\")", "a & b", "where(condition, a, b)", "the loosest first"})
      QVERIFY2(calc.out.contains(line), line);
    const QJsonArray words = cli({"ops", "calc", "--json"}).json()["operations"].toArray()[0].toObject()["expressions"].toArray();
    QVERIFY(words.size() > 50);
    for (const auto& word : words)
      for (const char* key : {"kind", "name", "form", "help"}) QVERIFY2(!word.toObject()[key].toString().isEmpty(), key);
    QVERIFY(!cli({"ops", "isel", "--json"}).json()["operations"].toArray()[0].toObject().contains("expressions"));
  }

  // Bash itself completes: its function is called as readline calls it, with the line cut at blanks, '=' and ':'.
  void bashCompletes_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("words");  // as bash cuts the line
    QTest::addColumn<QStringList>("replies");
    const auto row = [](const char* line, const char* words, const QStringList& replies) {
      QTest::newRow(line) << line << words << replies;
    };
    row("cubeloom-cli ver", "cubeloom-cli ver", {"verify"});
    row("cubeloom-cli run --re", "cubeloom-cli run --re", {"--report", "--resume"});
    row("cubeloom-cli ops zon", "cubeloom-cli ops zon", {"zonal_stats"});
    row("cubeloom-cli info cu", "cubeloom-cli info cu", {"cube", "cube.hdr"});
    row("cubeloom-cli run ! ope", "cubeloom-cli run '!' ope", {"open"});
    row("cubeloom-cli run ! a= ope", "cubeloom-cli run '!' a = ope", {"open"});
    row("cubeloom-cli run ! open cube.h", "cubeloom-cli run '!' open cube.h", {"cube.hdr"});
    row("cubeloom-cli run ! open path=cube.h", "cubeloom-cli run '!' open path = cube.h", {"cube.hdr"});
    row("cubeloom-cli run ! open cube.hdr ! reproject resa", "cubeloom-cli run '!' open cube.hdr '!' reproject resa", {"resampling="});
    row("cubeloom-cli run ! open cube.hdr ! reproject resampling=near",
        "cubeloom-cli run '!' open cube.hdr '!' reproject resampling = near", {"nearest"});
    row("cubeloom-cli run ! open cube.hdr ! reproject tight=", "cubeloom-cli run '!' open cube.hdr '!' reproject tight =",
        {"true", "false"});
    row("cubeloom-cli run ! nir= open b ! red= open a ! calc [", "cubeloom-cli run '!' nir = open b '!' red = open a '!' calc '['",
        {"[nir]", "[red]"});
    row("cubeloom-cli run ! nir= open b ! reproject like=", "cubeloom-cli run '!' nir = open b '!' reproject like =", {"nir"});
    row("cubeloom-cli run ! open a ! transpose dims=y,x d", "cubeloom-cli run '!' open a '!' transpose dims = y,x d", {});  // given already
  }
  void bashCompletes() {
    QFETCH(QString, line);
    QFETCH(QString, words);
    QFETCH(QStringList, replies);
    QProcess bash;
    bash.setWorkingDirectory(m_folder.path());
    const QString script =
        "source <('" CUBELOOM_CLI "' completion bash)\nCOMP_LINE='" + line + "'\nCOMP_POINT=${#COMP_LINE}\nCOMP_WORDS=(" + words +
        ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_cubeloom_cli\nprintf '%s\\n' \"${COMPREPLY[@]}\"\ncomplete -p cubeloom-cli >&2\n";
    bash.start("bash", {"--norc", "-c", script});
    QVERIFY(bash.waitForFinished(60000));
    QStringList given = QString::fromUtf8(bash.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
    const QByteArray error = bash.readAllStandardError();
    QVERIFY2(error.trimmed() == "complete -F _cubeloom_cli cubeloom-cli", error.constData());
    given.sort();
    replies.sort();
    QCOMPARE(given, replies);
  }

  void completionForZsh() {
    const auto script = cli({"completion", "zsh"});
    QVERIFY(script.code == 0 && script.out.startsWith("#compdef cubeloom-cli\n") && script.out.contains("reproject.resampling)"));
    QCOMPARE(cli({"completion", "fish"}).code, 2);
    if (QStandardPaths::findExecutable("zsh").isEmpty()) return;
    QProcess zsh;
    zsh.start("zsh", {"-n", "/dev/stdin"});
    zsh.write(script.out);
    zsh.closeWriteChannel();
    QVERIFY(zsh.waitForFinished(60000));
    const QByteArray error = zsh.readAllStandardError();
    QVERIFY2(zsh.exitCode() == 0 && error.isEmpty(), error.constData());
  }

  // A plan in words has a line for each step: what it hands on and which bands it took. Doubts are told whatever shows the progress.
  void planHasALineForEachStep() {
    const auto plan =
        cli({"plan", "!", "cube=", "open", m_cube, "!", "isel", "y=0:30", "!", "calc", "expression=b2 - b1", "!", "write", "lines.tif"});
    QVERIFY2(plan.code == 0, plan.error.constData());
    for (const char* line : {"\n  cube (open): y 60 × wavelength 5 × x 70 · float32 · nodata -9999 · 5 m, EPSG:32610",
                             "\n  isel: y 30 × wavelength 5 × x 70 · ",
                             "\n  calc: y 30 × x 70 · float32 · nodata nan · 5 m, EPSG:32610 · b2 - b1", "\n  write: "})
      QVERIFY2(plan.error.contains(line), (QByteArray(line) + " in " + plan.error).constData());
    const double nm = cli({"info", m_cube, "--json"})
                          .json()["variables"]
                          .toArray()[0]
                          .toObject()["coordinates"]
                          .toObject()["wavelength"]
                          .toObject()["values"]
                          .toArray()[1]
                          .toDouble();
    const auto picked = cli({"plan", "--node", "calc", "!", "open", m_cube, "!", "calc", QString("expression=nm(%1)").arg(nm)});
    QVERIFY2(picked.error.contains(" = b2, "), picked.error.constData());
    for (const char* progress : {"bar", "jsonl", "none", "auto"}) {
      const auto run = cli({"run", "--overwrite", "--progress", progress, "!", "a=", "open", m_cube, "!", "b=", "isel", "y=0:3", "!",
                            "isel", "[a]", "x=0:5", "!", "write", "told.tif"});
      QVERIFY2(run.code == 0 && run.error.contains("b: no output needs this step"), run.error.constData());
    }
  }

  // All that a form needs, so that another program can build it.
  void opsDescribeTheWholeForm() {
    const auto ops = cli({"ops", "--json"}).json()["operations"].toArray();
    QVERIFY(ops.size() >= 15);
    for (const auto& entry : ops) {
      const QJsonObject op = entry.toObject();
      for (const char* key : {"id", "title", "category", "role", "summary", "help", "references", "keywords", "example", "python",
                              "min_inputs", "max_inputs", "inputs", "parameters", "export"})
        QVERIFY2(op.contains(key), qPrintable(op["id"].toString() + " has no " + key));
      for (const char* language : {"python", "gdal", "shell"}) {
        const QJsonObject form = op["export"].toObject()[language].toObject();
        QVERIFY2(form["example"].isString() != form["reason"].isString(), qPrintable(op["id"].toString() + " in " + language));
      }
      for (const auto& p : op["parameters"].toArray())
        for (const char* key : {"name", "type", "label", "help", "unit", "required", "advanced", "default", "range", "minimum", "maximum",
                                "ui_minimum", "ui_maximum", "keywords", "schema"})
          QVERIFY2(p.toObject().contains(key), qPrintable(op["id"].toString() + "." + p.toObject()["name"].toString() + " has no " + key));
    }
    const auto zonal = cli({"ops", "zonal_stats", "--json"}).json()["operations"].toArray()[0].toObject();
    QCOMPARE(zonal["inputs"].toArray()[1].toObject()["name"].toString(), QString("labels"));
    QVERIFY(cli({"ops", "zonal_stats"}).out.contains("labels (optional): whole numbers along some dims"));
    const auto reduce = cli({"ops", "reduce", "--json"}).json()["operations"].toArray()[0].toObject();
    for (const auto& p : reduce["parameters"].toArray()) {
      const QJsonObject param = p.toObject();
      if (param["name"] == "bins") {
        QCOMPARE(param["default"].toInt(), 256);
        QCOMPARE(param["minimum"].toInt(), 1);
        QCOMPARE(param["ui_maximum"].toInt(), 1024);
        QCOMPARE(param["schema"].toObject()["maximum"].toInt(), 1048576);
      }
      if (param["name"] == "statistic") {
        QCOMPARE(param["default"].toString(), QString("mean"));
        QVERIFY(param["choices"].toArray().contains("median"));
        QCOMPARE(param["choice_details"].toArray().size(), param["choices"].toArray().size());
      }
    }
    const auto reproject = cli({"ops", "reproject", "--json"}).json()["operations"].toArray()[0].toObject();
    QCOMPARE(reproject["python"].toString(), QString("array.odc.reproject('EPSG:32610', resolution=500, resampling='nearest')"));
    QCOMPARE(reproject["export"].toObject()["gdal"].toObject()["example"].toString(),
             QString("gdalwarp -t_srs EPSG:32610 -tr 500 500 -r nearest input.tif output.tif"));
  }

  void planThenRun() {
    const QStringList steps{"!", "open",      m_cube,          "!", "transpose", "dims=wavelength,y,x",
                            "!", "reproject", "resolution=50", "!", "write",     "o.tif"};
    const auto plan = cli(QStringList{"plan", "--json", "--workers", "2"} + steps);
    QCOMPARE(plan.code, 0);
    for (const char* key : {"chain", "workers", "memory_budget_bytes", "projected_peak_bytes", "fits", "bytes_to_read", "bytes_to_write",
                            "disk_free_bytes", "chunks", "tasks", "passes", "warnings", "nodes", "refusals"})
      QVERIFY2(plan.json().contains(key), key);
    QVERIFY(!QFile::exists(file("o.tif")));
    const auto run = cli(QStringList{"run", "--report", "r.json", "--events", "e.jsonl", "--progress", "jsonl"} + steps);
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject report = load(file("r.json"));
    QCOMPARE(report["status"].toString(), QString("finished"));
    QCOMPARE(report["bytes_read"].toDouble(), plan.json()["bytes_to_read"].toDouble());
    QVERIFY(report["measured_peak_bytes"].toDouble() <= report["projected_peak_bytes"].toDouble());
    QVERIFY(QFile::exists(file("o.tif")));
    QFile events(file("e.jsonl"));
    QVERIFY(events.open(QIODevice::ReadOnly));
    const QByteArray lines = events.readAll();
    QCOMPARE(run.out, lines);  // the stream and the file are the same
    double fraction = -1;
    QStringList kinds;
    for (const QByteArray& line : lines.split('\n')) {
      if (line.isEmpty()) continue;
      const QJsonObject event = QJsonDocument::fromJson(line).object();
      kinds << event["event"].toString();
      if (kinds.last() != "snapshot") continue;
      QVERIFY(event["fraction"].toDouble() >= fraction);
      fraction = event["fraction"].toDouble();
    }
    QCOMPARE(fraction, 1.0);
    QCOMPARE(kinds.first(), QString("run_started"));
    QCOMPARE(kinds.last(), QString("run_finished"));
    QVERIFY(kinds.contains("chunk") && kinds.contains("node_finished"));
    // It stands there now: a second run is refused unless told to overwrite.
    QCOMPARE(cli(QStringList{"run"} + steps).code, 2);
    QCOMPARE(cli(QStringList{"run", "--overwrite"} + steps).code, 0);
  }

  void eventsThatCannotBeWrittenAreSaidBeforeTheRun() {
    const auto run = cli({"run", "--events", "missing/e.jsonl", "!", "open", m_cube, "!", "write", "unheard.tif"});
    QCOMPARE(run.code, 2);
    QVERIFY2(run.error.contains("missing/e.jsonl"), run.error.constData());
    QVERIFY(!QFile::exists(file("unheard.tif")));
  }

  void exitCodes_data() {
    QTest::addColumn<QByteArray>("nodes");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("says");
    const QByteArray open = R"({"id": "a", "op": "open", "params": {"path": "cube.hdr"}},)";
    const QByteArray write = R"({"id": "z", "op": "write", "inputs": ["b"], "params": {"path": "bad.tif"}})";
    QTest::newRow("unknown operation") << QByteArray(R"({"id": "a", "op": "nosuch"})") << 2 << QByteArray("nosuch");
    QTest::newRow("unknown parameter") << QByteArray(R"({"id": "a", "op": "open", "params": {"path": "cube.hdr", "colour": 1}})") << 2
                                       << QByteArray("colour");
    QTest::newRow("nothing to write") << QByteArray(R"({"id": "a", "op": "open", "params": {"path": "cube.hdr"}})") << 2
                                      << QByteArray("write");
    QTest::newRow("missing input file") << QByteArray(R"({"id": "b", "op": "open", "params": {"path": "missing.hdr"}},)") + write << 3
                                        << QByteArray("missing.hdr");
    QTest::newRow("cycle") << QByteArray(R"({"id": "b", "op": "isel", "inputs": ["c"]}, {"id": "c", "op": "isel", "inputs": ["b"]},)") +
                                  write
                           << 2 << QByteArray("cycle");
    QTest::newRow("unknown CRS") << open + QByteArray(R"({"id": "b", "op": "reproject", "inputs": ["a"], "params": {"crs": "EPSG:1"}},)") +
                                        write
                                 << 2 << QByteArray("EPSG:1");
    QTest::newRow("output larger than the disk")
        << open + QByteArray(R"({"id": "b", "op": "reproject", "inputs": ["a"], "params": {"resolution": 0.0001}},)") + write << 4
        << QByteArray("free");
    QTest::newRow("not connected") << QByteArray(R"({"id": "b", "op": "isel", "inputs": [""]},)") + write << 2 << QByteArray("connected");
  }
  void exitCodes() {
    QFETCH(QByteArray, nodes);
    QFETCH(int, code);
    QFETCH(QByteArray, says);
    const auto run = cli({"run", chain(nodes), "--progress", "none"});
    QVERIFY2(run.code == code, (QByteArray::number(run.code) + ": " + run.error).constData());
    QVERIFY2(run.error.contains(says), run.error.constData());
    QVERIFY(!QFile::exists(file("bad.tif")));
  }

  void memoryBudgetRefuses() {
    const auto run = cli({"run", "--memory", "1MiB", "--report", "refused.json", "!", "open", m_cube, "!", "write", "refused.tif"});
    QCOMPARE(run.code, 4);
    QVERIFY2(run.error.contains("remedy"), run.error.constData());
    QCOMPARE(load(file("refused.json"))["status"].toString(), QString("refused"));
    QVERIFY(!QFile::exists(file("refused.tif")));
    QCOMPARE(cli({"plan", "--memory", "much", "!", "open", m_cube, "!", "write", "o2.tif"}).code, 2);
  }

  void setChangesAParameter() {
    const QString path = chain(
        R"({"id": "a", "op": "open", "params": {"path": "cube.hdr"}}, {"id": "z", "op": "write", "inputs": ["a"], "params": {"path": "set.tif"}})");
    const auto run = cli({"run", path, "--set", "z.path=other.tif", "--progress", "none"});
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY(QFile::exists(file("other.tif")) && !QFile::exists(file("set.tif")));
  }

  void noChoiceOfProgressHidesADoubt() {
    const auto run = cli({"run", "--progress", "none", "!", "open", CUBELOOM_TEST_DATA "/geotiff/int16_scale_offset.tif", "!", "calc",
                          "expression=b1 - b2", "!", "write", "stored.tif"});
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY2(run.error.contains("values as stored") && run.error.contains("unscale"), run.error.constData());
    QVERIFY2(!run.error.contains("done in"), run.error.constData());
  }

  void anAnswerThatIsLostIsAnError() {
    QProcess process;
    process.setStandardOutputFile("/dev/full");
    process.start(CUBELOOM_CLI, {"ops", "--json"});
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 1);
    const QByteArray error = process.readAllStandardError();
    QVERIFY2(error.contains("stdout"), error.constData());
  }

  void theSampleProgramExplainsItself_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::newRow("help") << QStringList{"--help"} << 0;
    QTest::newRow("version") << QStringList{"--version"} << 0;
    QTest::newRow("an option that is none") << QStringList{"--folder"} << 2;
    QTest::newRow("nothing") << QStringList{} << 2;
  }
  void theSampleProgramExplainsItself() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(QFileInfo(CUBELOOM_CLI).dir().filePath("cubeloom-sample"), arguments);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), code);
    QVERIFY(!(code == 0 ? process.readAllStandardOutput() : process.readAllStandardError()).isEmpty());
    QVERIFY(arguments.isEmpty() || !QFile::exists(file(arguments.front())));
  }

  // Branches do the same as words, as one quoted argument and as a chain file, in every command that takes a chain.
  void branchesInEveryCommand() {
    const QStringList words{"!",
                            "a=",
                            "open",
                            m_cube,
                            "!",
                            "isel",
                            "wavelength=0",
                            "!",
                            "b=",
                            "isel",
                            "[a]",
                            "wavelength=1",
                            "!",
                            "calc",
                            "[isel]",
                            "[b]",
                            "expression=(in2.x - in1.x)/(in2.x + in1.x)",
                            "!",
                            "write"};
    QCOMPARE(cli(QStringList{"run"} + words + QStringList{"words.tif"}).code, 0);
    const QString one =
        "! a= open " + m_cube +
        " ! isel wavelength=0 ! b= isel [a] wavelength=1 ! calc [isel] [b] expression='(in2.x - in1.x)/(in2.x + in1.x)' ! write one.tif";
    const auto quoted = cli({"run", one});
    QVERIFY2(quoted.code == 0, quoted.error.constData());
    const QString nodes = R"j({"id": "a", "op": "open", "params": {"path": "CUBE"}},
        {"id": "l", "op": "isel", "inputs": ["a"], "params": {"indexers": {"wavelength": 0}}},
        {"id": "h", "op": "isel", "inputs": ["a"], "params": {"indexers": {"wavelength": 1}}},
        {"id": "c", "op": "calc", "inputs": ["l", "h"], "params": {"expression": "(in2.x - in1.x)/(in2.x + in1.x)"}},
        {"id": "w", "op": "write", "inputs": ["c"], "params": {"path": "file.tif"}})j";
    QCOMPARE(cli({"run", chain(QString(nodes).replace("CUBE", m_cube).toUtf8())}).code, 0);
    const auto bytes = [this](const char* name) {
      QFile f(file(name));
      return f.open(QIODevice::ReadOnly) ? f.readAll() : QByteArray();
    };
    QVERIFY(!bytes("words.tif").isEmpty() && bytes("words.tif") == bytes("one.tif") && bytes("file.tif") == bytes("one.tif"));

    // Without the first "!", and the other commands; a node goes by its name.
    const QString rest = one.mid(2).replace("one.tif", "two.tif");
    const auto plan = cli({"plan", "--json", rest});
    QVERIFY2(plan.code == 0, plan.error.constData());
    QCOMPARE(plan.json()["nodes"].toArray()[2].toObject()["id"].toString(), QString("b"));
    QCOMPARE(plan.json()["chain"].toString(), QString("pipeline"));
    QCOMPARE(cli({"preview", "--node", "b", "--size", "30x30", "-o", "b.png", rest}).code, 0);
    QCOMPARE(cli({"run", "--set", "write.path=three.tif", rest}).code, 0);
    QVERIFY(QFile::exists(file("three.tif")));

    const auto open = cli({"run", "open a.tif ! calc expression='x"});
    QVERIFY2(open.code == 2 && open.error.contains("ends within quotes"), open.error.constData());
    const auto both = cli({"run", "open a.tif ! isel x=0", "!", "open", "b.tif"});
    QVERIFY2(both.code == 2 && both.error.contains("two pipelines"), both.error.constData());
    const auto wrong = cli({"plan", "a= open a.tif ! calc [a] [nir] expression=x"});
    QVERIFY2(wrong.code == 2 && wrong.error.contains("step 2, word 3: no step is called 'nir'"), wrong.error.constData());
  }

  void previewIsAPicture() {
    const auto run =
        cli({"preview", "--node", "reproject", "--size", "40x30", "-o", "p.png", "!", "open", m_cube, "!", "reproject", "crs=EPSG:4326"});
    QVERIFY2(run.code == 0, run.error.constData());
    QFile picture(file("p.png"));
    QVERIFY(picture.open(QIODevice::ReadOnly));
    QVERIFY(picture.read(8) == QByteArray("\x89PNG\r\n\x1a\n", 8));
    QCOMPARE(cli({"preview", "--node", "nobody", "--size", "40x30", "-o", "q.png", "!", "open", m_cube}).code, 2);
    QCOMPARE(cli({"preview", "--node", "open", "--size", "40by30", "-o", "q.png", "!", "open", m_cube}).code, 2);
  }
};

QTEST_APPLESS_MAIN(TestCli)
#include "tst_cli.moc"
