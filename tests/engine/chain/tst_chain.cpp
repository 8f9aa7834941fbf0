// SPDX-License-Identifier: GPL-3.0-or-later
// The chain file and the pipeline: what is read, what is refused, what comes back.
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <functional>
#include <random>

#include "engine/base/json_text.h"
#include "engine/base/shell_words.h"
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

/// A chain of steps that are wired at random, with names and parameters that a shell or a pipeline could take for something else.
class RandomChain {
 public:
  explicit RandomChain(unsigned seed) : m_random(seed) {}

  Chain make() {
    Chain chain;
    const int count = 1 + below(9);
    for (int i = 0; i < count; ++i) {
      Node node;
      node.id = idFor(chain);
      const char* kinds[] = {"open", "open", "calc", "calc", "isel", "reproject", "spectral_angle", "sel", "write"};
      node.op = kinds[i == 0 ? 0 : below(9)];
      const int ports = node.op == "open" ? 0 : node.op == "calc" ? 1 + below(4) : node.op == "spectral_angle" ? 2 : 1;
      for (int k = 0; k < ports; ++k) node.inputs.push_back(below(12) == 0 ? std::string() : sourceFor(chain));
      while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
      node.params = paramsOf(node.op, chain);
      chain.nodes.push_back(node);
    }
    std::shuffle(chain.nodes.begin(), chain.nodes.end(), m_random);
    return chain;
  }

 private:
  int below(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }

  std::string idFor(const Chain& chain) {
    static const std::vector<std::string> kIds{"a",   "nir-2", "red band", "open", "open2", "calc",  "calc3", "[x]",
                                               "b=c", "!",     "größe",    "_",    "-o",    "$HOME", "'",     "reproject"};
    return chain.freeId(kIds[static_cast<std::size_t>(below(static_cast<int>(kIds.size())))]);
  }
  /// A step that is there and hands something on; "" where there is none.
  std::string sourceFor(const Chain& chain) {
    const Node& node = chain.nodes[static_cast<std::size_t>(below(static_cast<int>(chain.nodes.size())))];
    return node.op == "write" ? chain.nodes[0].id : node.id;
  }
  std::string text() {
    static const std::vector<std::string> kTexts{"cube.hdr", "my cube.hdr", "a=b.tif",   "[a]",   "!",    "it's",       "$(rm x)",
                                                 "`x`",      "two\nlines",  "~/x",       "*.tif", "a\\b", "\"quoted\"", "-o",
                                                 "#1",       "[a-z].tif",   "größe.tif", "a=",    "!!",   "x;y|z&"};
    return kTexts[static_cast<std::size_t>(below(static_cast<int>(kTexts.size())))];
  }
  Json selection(bool isPosition) {
    switch (below(4)) {
      case 0: return below(9);
      case 1: return Json::array({below(9)});
      case 2: return Json::array({below(9), 3});
      default: return isPosition ? "1:7:2" : "2020-01:2020-03";
    }
  }
  Json paramsOf(const std::string& op, const Chain& chain) {
    if (op == "open") return {{"path", text()}};
    if (op == "write") return below(2) ? Json{{"path", text()}, {"format", "COG"}} : Json{{"path", text()}};
    if (op == "calc") return {{"expression", below(2) ? "b1 != 0 && in1.b2 > 3 ? b1 * 2 : b2" : text()}};
    if (op == "isel") return {{"indexers", {{"time", selection(true)}, {below(2) ? "x" : "indexers", selection(true)}}}};
    if (op == "sel") return {{"indexers", {{below(2) ? "method" : "wavelength", selection(false)}}}, {"method", "nearest"}};
    if (op == "spectral_angle") return Json::object();
    switch (below(3)) {
      case 0: return {{"like", chain.nodes[static_cast<std::size_t>(below(static_cast<int>(chain.nodes.size())))].id}};
      case 1: return {{"crs", "EPSG:32610"}, {"bounds", {1.5, -2, 1000000, 4}}, {"tight", true}, {"resolution", {20, 30.5}}};
      default: return {{"resolution", 500}, {"shape", Json::array({7, 9})}};
    }
  }

  std::mt19937 m_random;
};

/// What a chain computes, whatever its steps are called and in which order they stand: of each node its operation, its parameters and the
/// same of its inputs; sorted. A step that is looked at stands for what it computes.
std::vector<std::string> meaning(const Chain& chain) {
  std::map<std::string, std::string> of;
  const auto order = topologicalOrder(chain);
  for (const int i : *order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(i)];
    Json params = node.params;
    params.erase("like");
    std::string text = node.op + params.dump() + "(";
    for (const std::string& input : node.inputs) text += (input.empty() ? std::string("-") : of[input]) + ",";
    of[node.id] = std::to_string(std::hash<std::string>()(text)) + ")";
  }
  std::vector<std::string> all;
  for (const Node& node : chain.nodes)
    all.push_back(of[node.id] + (node.params.contains("like") ? " like " + of[node.params["like"]] : ""));
  std::sort(all.begin(), all.end());
  return all;
}

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
    const std::string text = *chainToPipeline(*chain, engine.registry);
    const auto again = engine.chain(text.substr(text.find('!')));
    QVERIFY(again.has_value());
    QVERIFY(again->nodes == chain->nodes);
  }

  // Branches: a name before the operation names a step, a name in brackets feeds it.
  void namedStepsFeedOthers() {
    const test::Engine engine;
    const auto chain = chainFromPipeline(
        shellWords("! a= open red.tif ! b= open nir.tif ! calc [a] [b] expression=\"(in2.x - in1.x)/(in2.x + in1.x)\" ! write ndvi.tif"),
        engine.registry);
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    QCOMPARE(chain->nodes.size(), std::size_t{4});
    QCOMPARE(chain->nodes[0].id, std::string("a"));
    QVERIFY(chain->nodes[1].id == "b" && chain->nodes[1].inputs.empty());  // what begins a chain takes nothing
    QCOMPARE(chain->nodes[2].inputs, (std::vector<std::string>{"a", "b"}));
    QVERIFY(chain->nodes[2].params == Json({{"expression", "(in2.x - in1.x)/(in2.x + in1.x)"}}));
    QCOMPARE(chain->nodes[3].inputs, std::vector<std::string>{"calc"});
    QCOMPARE(*chainToPipeline(*chain, engine.registry),
             std::string("cubeloom-cli run ! a= open red.tif ! b= open nir.tif ! calc '[a]' '[b]' "
                         "'expression=(in2.x - in1.x)/(in2.x + in1.x)' ! write ndvi.tif"));

    // Unnamed steps are called as their operation; a name that is given comes first. One step may feed several, and be looked at.
    const auto more =
        engine.chain("open a.tif ! open= open b.tif ! reproject [open2] like=grid ! write a2.tif ! grid= isel [open] x=0: ! write b2.tif");
    QVERIFY2(more.has_value(), more ? "" : more.error().text().c_str());
    QVERIFY(more->nodes[0].id == "open2" && more->nodes[1].id == "open");
    QVERIFY(more->nodes[2].inputs == std::vector<std::string>{"open2"} && more->nodes[2].params["like"] == "grid");
    QVERIFY(more->nodes[4].inputs == std::vector<std::string>{"open"} && more->nodes[5].inputs == std::vector<std::string>{"grid"});
  }

  void pipelineErrorsHavePlaces_data() {
    QTest::addColumn<QString>("pipeline");
    QTest::addColumn<QStringList>("says");
    const auto row = [](const char* name, const char* pipeline, const QStringList& says) { QTest::newRow(name) << pipeline << says; };
    row("unknown name", "red= open a.tif ! nir= open b.tif ! calc [red] [nirr] expression=x",
        {"node calc", "step 3, word 3", "no step is called 'nirr'", "did you mean [nir]?"});
    row("unknown name, nothing alike", "red= open a.tif ! isel [cube] x=0", {"step 2, word 2", "steps before it: red"});
    row("name given twice", "a= open a.tif ! a= open b.tif", {"step 2, word 1", "'a' is given twice, first to step 1", "another name"});
    row("odd name", "a.b= open a.tif", {"step 1, word 1", "'a.b' is no name", "letters, digits"});
    row("name with a blank", "'a b=' open a.tif", {"'a b' is no name"});
    row("empty name", "= open a.tif", {"step 1, word 1", "'' is no name"});
    row("name without operation", "a= ! open a.tif", {"step 1, word 1", "'a' has no operation"});
    row("name stuck to its operation", "a=open a.tif", {"step 1, word 1", "a word of its own: a= open"});
    row("later step", "open a.tif ! calc [b] expression=x ! b= open b.tif", {"step 2, word 2", "'b' comes later, as step 3"});
    row("own output", "open a.tif ! c= calc [c] expression=x", {"step 2, word 3", "'c' feeds itself"});
    row("too many inputs", "a= open a.tif ! transpose [a] [a] dims=y,x",
        {"step 2, word 3", "'transpose' takes 1 input", "[a] is one more"});
    row("input of a source", "a= open a.tif ! open [a] b.tif", {"step 2, word 2", "'open' begins a chain"});
    row("input from an output", "open a.tif ! w= write b.tif ! isel [w] x=0", {"step 3, word 2", "'w' writes a file"});
    row("brackets before the operation", "a= open a.tif ! [a] calc expression=x", {"step 2, word 1", "operation is missing before '[a]'"});
    row("brackets that the shell took", "a= open a.tif ! calc a expression=x", {"step 2, word 2", "quote it, '[a]'"});
    row("forgotten exclamation mark", "open a.tif ! isel x=0 transpose dims=y,x", {"step 2, word 3", "! transpose"});
    row("exclamation mark stuck to a word", "open a.tif ! !isel x=0", {"step 2, word 1", "'!' is a word of its own: ! isel"});
    row("unknown step to look at", "cube= open a.tif ! reproject like=cubes",
        {"step 2, word 2", "no step is called 'cubes'", "did you mean 'cube'?"});
    row("dim given twice", "open a.tif ! isel x=1 x=5", {"step 2, word 3", "'x' is given twice", "x=1,5"});
    row("dim beside a text", "open a.tif ! isel indexers=text x=5", {"step 2, word 3", "'x' is given twice"});
    row("parameter given twice", "open a.tif ! transpose dims=y,x dims=x,y", {"step 2, word 3", "'dims' is given twice"});
  }
  void pipelineErrorsHavePlaces() {
    QFETCH(QString, pipeline);
    QFETCH(QStringList, says);
    const test::Engine engine;
    const auto chain = chainFromPipeline(shellWords(pipeline.toStdString()), engine.registry);
    QVERIFY(!chain.has_value());
    QVERIFY(chain.error().code == ErrorCode::InvalidChain && !chain.error().hint.empty());
    for (const QString& part : says)
      QVERIFY2(chain.error().text().find(part.toStdString()) != std::string::npos, chain.error().text().c_str());
  }

  // A step that nobody uses and that writes nothing is said; one whose grid is looked at is used.
  void unusedStepsAreSaid() {
    const test::Engine engine;
    const QTemporaryDir folder;
    const std::string cube = std::string(CUBELOOM_TEST_DATA) + "/envi/enmap_potsdam_96x64.bil",
                      out = folder.filePath("a.tif").toStdString();
    const auto told = [&](const std::string& pipeline) {
      const auto plan = engine.plan(pipeline);
      std::vector<std::string> nodes;
      for (const PlanWarning& warning : plan->warnings)
        if (warning.message.find("no output needs this step") != std::string::npos) nodes.push_back(warning.node);
      return nodes;
    };
    QCOMPARE(told("a= open " + cube + " ! b= open " + cube + " ! isel [a] x=0:9 ! write " + out), std::vector<std::string>{"b"});
    QCOMPARE(told("a= open " + cube + " ! isel y=0:5 ! isel [a] x=0:9 ! write " + out), std::vector<std::string>{"isel"});
    QCOMPARE(told("a= open " + cube + " ! g= isel y=0:5 ! reproject [a] like=g ! write " + out), std::vector<std::string>{});
  }

  // Whatever is wired how, and whatever its texts look like to a shell: written as a pipeline and read again it is the same chain.
  void anyChainThereAndBack() {
    const test::Engine engine;
    std::vector<std::string> commands;
    for (unsigned seed = 1; seed <= 3000; ++seed) {
      const Chain chain = RandomChain(seed).make();
      const auto text = chainToPipeline(chain, engine.registry);
      QVERIFY2(text.has_value(), text ? "" : text.error().text().c_str());
      const auto again = chainFromPipeline(shellWords(text->substr(text->find('!'))), engine.registry);
      QVERIFY2(again.has_value(), again ? "" : (again.error().text() + " in " + *text).c_str());
      QVERIFY2(meaning(*again) == meaning(chain), (*text + "\n" + chainToJson(chain)).c_str());
      QCOMPARE(*chainToPipeline(*again, engine.registry), *text);
      commands.push_back(text->substr(text->find('!')));
    }
    // The shell reads the same words.
    QProcess shell;
    QByteArray script, expected;
    for (std::size_t i = 0; i < commands.size(); i += 20) {
      script += "printf '%s\\0' " + QByteArray::fromStdString(commands[i]) + "\n";
      for (const std::string& word : shellWords(commands[i])) expected += QByteArray::fromStdString(word) + '\0';
    }
    shell.start("/bin/sh", {"-s"});
    shell.write(script);
    shell.closeWriteChannel();
    QVERIFY(shell.waitForFinished(60000));
    QCOMPARE(shell.readAllStandardOutput(), expected);
  }

  // What has no words is left out or refused: bypassed steps hand their input on, unknown operations have no text.
  void bypassedAndUnknownStepsAsPipeline() {
    const test::Engine engine;
    auto chain = *engine.chain("a= open a.tif ! b= isel x=0:9 ! calc [a] [b] expression=in2.x ! reproject like=b");
    chain.nodes[1].bypassed = true;
    QCOMPARE(*chainToPipeline(chain, engine.registry),
             std::string("cubeloom-cli run ! a= open a.tif ! b= isel x=0:9 ! calc '[a]' '[a]' expression=in2.x ! reproject like=b"));
    chain.nodes[3].params = {{"resolution", 5}};
    QCOMPARE(*chainToPipeline(chain, engine.registry),
             std::string("cubeloom-cli run ! a= open a.tif ! calc '[a]' '[a]' expression=in2.x ! reproject resolution=5"));
    chain.nodes[3].op = "unheard_of";
    const auto unknown = chainToPipeline(chain, engine.registry);
    QVERIFY(!unknown && unknown.error().text().find("'unheard_of' is not known") != std::string::npos);
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

  // Names of files in JSON, as Python writes and reads them: json.dumps(os.fsdecode(b"caf\xe9")) is "caf\udce9" in quotes.
  void strayBytesAreEscapedAsPythonDoes() {
    QCOMPARE(jsonText(Json{{"path", "caf\xe9.hdr"}}), std::string(R"({"path":"caf\udce9.hdr"})"));
    QCOMPARE(jsonText(Json{"caf\xc3\xa9", "\xff\xfe"}), std::string("[\"caf\xc3\xa9\",\"\\udcff\\udcfe\"]"));
  }

  void whatIsWrittenIsRead_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("plain") << QByteArray("a.hdr");
    QTest::newRow("UTF-8") << QByteArray("\xc3\xa9\xf0\x9f\x8c\x8d");
    QTest::newRow("Latin-1") << QByteArray("r\xe9sum\xe9/\xfc.tif");
    QTest::newRow("half a character") << QByteArray("a\xe2\x82");
    QTest::newRow("an encoded surrogate is no character") << QByteArray("\xed\xb3\xa9");
    QTest::newRow("U+FFFD itself") << QByteArray("\xef\xbf\xbd\xff");
    QTest::newRow("private characters") << QByteArray("\xf3\xb0\x83\xa9\xff\xf4\x8f\xbf\xbd");
    QTest::newRow("what looks like an escape") << QByteArray("\\udce9 \"\xe9\" \\\\udce9\n");
  }
  void whatIsWrittenIsRead() {
    QFETCH(QByteArray, text);
    const std::string bytes = text.toStdString();
    const Json json{{"list", {bytes, 1, nullptr}}, {"in", {{bytes, true}}}};
    for (const int indent : {-1, 2}) {
      const Json back = jsonFromText(jsonText(json, indent));
      QVERIFY(!back.is_discarded());
      QVERIFY2(back == json, jsonText(json).c_str());
    }
  }

  void whatIsNoJsonStaysNone() {
    for (const char* text : {"[", "\"\\ud800\"", "\"\\udc00\"", "[\"\\udce9\"", "\"\\udcg9\""})
      QVERIFY2(jsonFromText(text).is_discarded(), text);
    QVERIFY(jsonFromText(R"("\ud83c\udf0d")") == Json("\xf0\x9f\x8c\x8d"));
    std::string deep(100000, '[');
    QVERIFY(jsonFromText(deep + R"("\udce9")" + std::string(100000, ']')).is_discarded());
  }
};

QTEST_APPLESS_MAIN(TestChain)
#include "tst_chain.moc"
