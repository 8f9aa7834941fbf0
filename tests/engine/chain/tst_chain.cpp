// SPDX-License-Identifier: GPL-3.0-or-later
// The chain file and the pipeline: what is read, what is refused, what comes back.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"

using namespace cubeloom;

namespace {

const char* kFounding = R"({
  "cubeloom": 1, "title": "SHIFT: 5 m to 500 m",
  "nodes": [
    {"id": "cube", "op": "open", "params": {"path": "shift.hdr"}},
    {"id": "order", "op": "transpose", "inputs": ["cube"], "params": {"dims": ["wavelength", "y", "x"]}},
    {"id": "grid", "op": "reproject", "inputs": ["order"], "params": {"crs": "EPSG:32610", "resolution": 500, "resampling": "nearest"}},
    {"id": "out", "op": "write", "inputs": ["grid"], "params": {"path": "o.tif", "format": "COG"}}
  ], "view": {"positions": {"cube": [0, 0]}}})";

}  // namespace

class TestChain : public QObject {
  Q_OBJECT
 private slots:
  void savesWhatItLoads() {
    const auto chain = chainFromJson(kFounding);
    QVERIFY(chain.has_value());
    QCOMPARE(chain->nodes.size(), std::size_t{4});
    QCOMPARE(chain->nodes[2].params["resolution"].get<int>(), 500);
    const auto again = chainFromJson(chainToJson(*chain));
    QVERIFY(again.has_value());
    QVERIFY(*again == *chain);
    QCOMPARE(chainToJson(*again), chainToJson(*chain));
  }

  // `view` never changes a result, so what does is saved with the node.
  void bypassBelongsToTheNode() {
    auto chain = *chainFromJson(kFounding);
    chain.nodes[1].bypassed = true;
    const auto saved = Json::parse(chainToJson(chain));
    QCOMPARE(saved["nodes"][1].value("bypassed", false), true);
    QVERIFY(!saved["nodes"][0].contains("bypassed"));
    QVERIFY(saved["view"] == Json::parse(kFounding)["view"]);
    QVERIFY(saved["cubeloom"] == 1);
    const auto again = chainFromJson(saved.dump());
    QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
    QVERIFY(*again == chain);
    const auto wrong = chainFromJson(R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "open", "bypassed": "yes"}]})");
    QVERIFY(!wrong && wrong.error().text().find("bypassed") != std::string::npos);
  }

  void bypassInTheViewOfOldFilesIsRead() {
    Json old = Json::parse(kFounding);
    old["view"]["bypassed"] = {"order"};
    const auto chain = chainFromJson(old.dump());
    QVERIFY(chain.has_value());
    QVERIFY(chain->nodes[1].bypassed && !chain->nodes[0].bypassed);
    QVERIFY(!chain->view.contains("bypassed"));
    QVERIFY(*chainFromJson(chainToJson(*chain)) == *chain);
  }

  // Steps that nothing is made of keep nothing from being made: loose ones, wrong ones beside the outputs, an output without an input.
  void onlyWhatOutputsNeedCounts() {
    const test::Engine engine;
    const std::string cube = std::string(CUBELOOM_TEST_DATA) + "/envi/enmap_potsdam_96x64.bil";
    auto chain = *engine.chain("open " + cube + " ! transpose dims=nonsense ! isel wavelength=0:2 ! write a.tif");
    const auto node = [](const char* op, const char* id) {
      Node made;
      made.op = op;
      made.id = id;
      return made;
    };
    chain.nodes[2].inputs = {chain.nodes[0].id};  // the wrong one hangs beside the line
    chain.nodes.push_back(node("reproject", "loose"));
    chain.nodes.push_back(node("write", "nowhere"));
    auto graph = bindChain(chain, engine.registry, *engine.sources);
    QVERIFY(graph.has_value());
    QVERIFY((*graph)->nodes[1].error && (*graph)->nodes[4].error && (*graph)->nodes[5].error);
    QCOMPARE((*graph)->needed(), (std::vector<int>{0, 2, 3}));
    QVERIFY2(!(*graph)->firstError(), (*graph)->firstError() ? (*graph)->firstError()->text().c_str() : "");
    const auto plan = makePlan(*graph, *engine.sinks, {});
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QCOMPARE(plan->stages.size(), std::size_t{1});
    std::vector<std::string> leftOut;
    for (const PlanWarning& warning : plan->warnings)
      if (warning.message.find("does without it") != std::string::npos) leftOut.push_back(warning.node);
    std::sort(leftOut.begin(), leftOut.end());
    std::vector<std::string> wanted{chain.nodes[1].id, "loose", "nowhere"};
    std::sort(wanted.begin(), wanted.end());
    QVERIFY(leftOut == wanted);

    // What an output is made of counts, and so does an output without an input where there is no other.
    chain.nodes[2].inputs = {"loose"};
    graph = bindChain(chain, engine.registry, *engine.sources);
    QVERIFY((*graph)->firstError() && (*graph)->firstError()->node == "loose");
    chain.nodes[3].inputs.clear();
    graph = bindChain(chain, engine.registry, *engine.sources);
    QVERIFY((*graph)->firstError());
  }

  void bypassedNodesDoNothing() {
    const test::Engine engine;
    const std::string cube = std::string(CUBELOOM_TEST_DATA) + "/envi/enmap_potsdam_96x64.bil";
    auto chain = *engine.chain("open " + cube + " ! transpose dims=nonsense ! write a.tif ! write b.tif");
    chain.nodes[3].inputs = {chain.nodes[1].id};
    for (const std::size_t i : {1U, 2U}) chain.nodes[i].bypassed = true;
    const auto graph = bindChain(chain, engine.registry, *engine.sources);
    QVERIFY(graph.has_value());
    QVERIFY2(!(*graph)->firstError(), (*graph)->firstError() ? (*graph)->firstError()->text().c_str() : "");
    QCOMPARE((*graph)->nodes[3].operation->spec().dimNames(), (*graph)->nodes[0].operation->spec().dimNames());
    QCOMPARE((*graph)->outputs(), std::vector<int>{3});
  }

  void refuses_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("names");
    QTest::newRow("unknown key") << R"({"cubeloom": 1, "nodes": [], "colour": 1})"
                                 << "colour";
    QTest::newRow("unknown key in a node") << R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "open", "input": []}]})"
                                           << "input";
    QTest::newRow("newer version") << R"({"cubeloom": 2, "nodes": []})"
                                   << "version 2";
    QTest::newRow("no version") << R"({"nodes": []})"
                                << "cubeloom";
    QTest::newRow("no JSON") << "{"
                             << "JSON";
    QTest::newRow("id twice") << R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "open"}, {"id": "a", "op": "open"}]})"
                              << "'a'";
    QTest::newRow("unknown input") << R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "isel", "inputs": ["z"]}]})"
                                   << "'z'";
    QTest::newRow("cycle")
        << R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "isel", "inputs": ["b"]}, {"id": "b", "op": "isel", "inputs": ["a"]}]})"
        << "cycle";
    QTest::newRow("own input") << R"({"cubeloom": 1, "nodes": [{"id": "a", "op": "isel", "inputs": ["a"]}]})"
                               << "cycle";
    QTest::newRow("deep nesting") << QString(200000, '[') << "deeper";
  }
  void refuses() {
    QFETCH(QString, json);
    QFETCH(QString, names);
    const auto chain = chainFromJson(json.toStdString());
    QVERIFY(!chain.has_value());
    QVERIFY2(chain.error().text().find(names.toStdString()) != std::string::npos, chain.error().text().c_str());
  }

  void tenThousandNodesInALine() {
    Chain chain;
    for (int i = 0; i < 10000; ++i)
      chain.nodes.push_back({"n" + std::to_string(i), "isel",
                             i ? std::vector<std::string>{"n" + std::to_string(i - 1)} : std::vector<std::string>{}, Json::object(),
                             false});
    const auto again = chainFromJson(chainToJson(chain));
    QVERIFY(again.has_value());
    QCOMPARE(topologicalOrder(*again)->size(), std::size_t{10000});
  }

  void pipelineBecomesTheSameChain() {
    const test::Engine engine;
    const auto chain = engine.chain(
        "! open cube.hdr ! isel time=0 ! transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=500 resampling=nearest ! "
        "write out.tif format=COG");
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    QCOMPARE(chain->nodes.size(), std::size_t{5});
    QVERIFY(chain->nodes[0].params == Json({{"path", "cube.hdr"}}));
    QVERIFY(chain->nodes[1].params == Json({{"indexers", {{"time", 0}}}}));
    QVERIFY(chain->nodes[2].params["dims"] == Json({"wavelength", "y", "x"}));
    QVERIFY(chain->nodes[3].params["resolution"] == Json(500));
    QCOMPARE(chain->nodes[4].inputs, std::vector<std::string>{"reproject"});
    // And back: the text gives the same nodes again.
    const std::string text = chainToPipeline(*chain, engine.registry);
    const auto again = engine.chain(text.substr(text.find('!')));
    QVERIFY(again.has_value());
    QVERIFY(again->nodes == chain->nodes);
  }

  void pipelineNamesTypos() {
    const test::Engine engine;
    const auto chain = engine.chain("! open a.hdr ! reprojct crs=EPSG:4326");
    QVERIFY(!chain.has_value());
    QVERIFY2(chain.error().text().find("did you mean 'reproject'") != std::string::npos, chain.error().text().c_str());
  }

  // How many wires an operation takes follows from its ports; what is wrong with one is said by its port's name.
  void inputsAreNamed() {
    const test::Engine engine;
    const auto errorOf = [&engine](const char* nodes) {
      const auto chain = chainFromJson(std::string(R"({"cubeloom": 1, "nodes": [)") + nodes + "]}");
      return (*bindChain(*chain, engine.registry, *engine.sources))->nodes.back().error->text();
    };
    const std::string none = errorOf(R"({"id": "t", "op": "transpose", "params": {"dims": ["y", "x"]}})");
    QVERIFY2(none.find("connect a node to input 'array'") != std::string::npos, none.c_str());
    const std::string second = errorOf(R"({"id": "gone", "op": "open", "params": {"path": "/no/such/file.tif"}},
                                          {"id": "c", "op": "calc", "inputs": ["gone", ""], "params": {"expression": "x"}})");
    QVERIFY2(second.find("input 'array 1' comes from 'gone', which is not valid") != std::string::npos, second.c_str());

    Declaration d;
    QCOMPARE(d.minInputs(), 1);
    QCOMPARE(d.maxInputs(), 1);
    d.inputs = {};
    QCOMPARE(d.maxInputs(), 0);
    d.inputs = {Port{.name = "array"}, Port{.name = "mask", .optional = true}, Port{.name = "further", .optional = true, .many = true}};
    QCOMPARE(d.minInputs(), 1);
    QCOMPARE(d.maxInputs(), 2 + Port::kMany);
    QCOMPARE(d.inputName(1), std::string("mask"));
    QCOMPARE(d.inputName(3), std::string("further 2"));
  }

  void savingIsAtomic() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("c.cubeloom").toStdString();
    auto chain = *chainFromJson(kFounding);
    QVERIFY(saveChain(chain, path).has_value());
    QVERIFY(loadChain(path).has_value());
    QCOMPARE(loadChain(path)->folder, folder.path().toStdString());
    QVERIFY(!saveChain(chain, folder.filePath("missing/c.cubeloom").toStdString()).has_value());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
  }
};

QTEST_APPLESS_MAIN(TestChain)
#include "tst_chain.moc"
