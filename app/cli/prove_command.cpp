// SPDX-License-Identifier: GPL-3.0-or-later
// prove: windows of a chain, computed by the engine and by the program that the chain is exported to, side by side.
#include <stdlib.h>
#include <sys/wait.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "app/cli/commands.h"
#include "app/cli/describe.h"
#include "engine/base/json_text.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/export/export_chain.h"
#include "engine/io/file/own_program.h"
#include "engine/op/export_forms.h"
#include "engine/op/view/selection.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/fit_here.h"

namespace cubeloom::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostRows = 64, kMostEntries = 8;  ///< of a window: along y and x, along other dims
constexpr double kTold = 1e-6;                            ///< of the largest value: float32 tells no less in sums

/// Goes with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "cubeloom-prove-XXXXXX").string();
    if (mkdtemp(pattern.data())) m_path = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!m_path.empty()) fs::remove_all(m_path, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

/// The order in which both sides give their values: dims beside rows and columns, then these.
std::vector<std::size_t> orderOf(const ArraySpec& spec) {
  std::vector<std::size_t> order;
  for (std::size_t d = 0; d < spec.dims.size(); ++d)
    if (static_cast<int>(d) != spec.yDim && static_cast<int>(d) != spec.xDim) order.push_back(d);
  for (const int d : {spec.yDim, spec.xDim})
    if (d >= 0) order.push_back(static_cast<std::size_t>(d));
  return order;
}

Region randomWindow(const ArraySpec& spec, std::mt19937_64& random) {
  Region window;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const bool isSpatial = static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim;
    const std::int64_t count = std::min(spec.dims[d].size, isSpatial ? kMostRows : kMostEntries);
    window.push_back(IndexSet::range(std::uniform_int_distribution<std::int64_t>(0, spec.dims[d].size - count)(random), count));
  }
  return window;
}

std::vector<double> inOrder(const BlockView& block, const std::vector<std::size_t>& order) {
  const BlockView turned = block.permuted({order.begin(), order.end()});
  std::vector<double> values(static_cast<std::size_t>(block.count()));
  copyBlock(turned, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, turned.shape));
  return values;
}

/// NaN where there is none.
void forgetNodata(std::vector<double>& values, const std::optional<double>& nodata) {
  if (!nodata) return;
  for (double& value : values)
    if (value == *nodata || value == static_cast<double>(static_cast<float>(*nodata))) value = NAN;
}

Result<std::vector<double>> ours(const Graph& graph, int node, const Region& window) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(node)].operation->spec();
  EvaluateContext context;
  const Block block = makeBlock(context.pool, spec.type, regionShape(window));
  if (auto done = evaluate(graph, node, window, block.view, context); !done) return fail(done.error());
  auto values = inOrder(block.view, orderOf(spec));
  forgetNodata(values, spec.nodata);
  return values;
}

/// Whether the command ends well; what it says goes nowhere.
bool succeeds(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The first Python that has what exported programs open files with: the one that CUBELOOM_PYTHON names, the shell's, the system's.
Result<std::string> pythonProgramHere() {
  const char* named = getenv("CUBELOOM_PYTHON");
  for (const std::string& program : {std::string(named ? named : ""), std::string("python3"), std::string("/usr/bin/python3")})
    if (!program.empty() && succeeds(shellQuoted(program) + " -c 'import rioxarray, dask'")) return shellQuoted(program) + " -W ignore";
  return fail(ErrorCode::ReadFailed, "no python3 here has rioxarray and dask",
              "install python3-rioxarray and python3-dask, or name another one in CUBELOOM_PYTHON");
}

Result<void> start(const std::string& program, const std::string& script) {
  setenv("CUBELOOM_CLI", ownProgram().c_str(), 0);
  const int status = std::system((program + " " + shellQuoted(script) + " 1>&2").c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorCode::ReadFailed, "the exported program failed; what it said stands above", "export it and run it by hand");
}

/// A step whose values are compared.
struct Target {
  int node = 0;
  const Node* sink = nullptr;  ///< what writes it; null: nothing does
};

class Prover {
 public:
  Prover(const Services& services, const Chain& chain, const Graph& graph, const ProveArguments& arguments)
      : m_services(services), m_chain(chain), m_graph(graph), m_arguments(arguments) {}

  Result<std::vector<std::vector<double>>> theirs(const Target& target, const std::vector<Region>& windows) const {
    if (m_folder.path().empty()) return fail(ErrorCode::WriteFailed, "no folder for temporary files can be made");
    return m_arguments.with == "gdal" ? byGdal(target, windows) : byPython(target, windows);
  }

 private:
  const ArraySpec& specOf(const Target& target) const { return m_graph.nodes[static_cast<std::size_t>(target.node)].operation->spec(); }

  Result<std::vector<std::vector<double>>> byPython(const Target& target, const std::vector<Region>& windows) const {
    ExportRequest request;
    request.language = "python";
    request.node = m_graph.nodes[static_cast<std::size_t>(target.node)].id;
    auto program = exportChain(m_chain, request, *m_services.registry, *m_services.sources);
    if (!program) return fail(program.error());
    const ArraySpec& spec = specOf(target);
    Json all = Json::array();
    for (const Region& window : windows) {
      Json ends = Json::array();
      for (const std::size_t d : orderOf(spec))
        ends.push_back({spec.dims[d].name, window[d].first(), window[d].first() + window[d].count()});
      all.push_back(ends);
    }
    const std::string script = m_folder.path() + "/chain.py";
    std::ofstream(script) << program->text.substr(0, program->text.size() - program->end.size())
                          << "\nimport json\n\nimport numpy\n\nfor number, window in enumerate(json.loads("
                          << pythonLiteral(Json(jsonText(all))) << ")):\n    part = " << program->variable
                          << ".isel({dim: slice(first, end) for dim, first, end in window}).transpose(*(dim for dim, _, _ in window))\n"
                             "    numpy.asarray(part.compute(), dtype='f8').tofile("
                          << pythonLiteral(Json(m_folder.path() + "/")) << " + f'{number}.f8')\n";
    const auto python = pythonProgramHere();
    if (!python) return fail(python.error());
    CUBELOOM_TRY(start(*python, script));
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      std::vector<double> one(static_cast<std::size_t>(regionCount(windows[i])));
      std::ifstream file(m_folder.path() + "/" + std::to_string(i) + ".f8", std::ios::binary);
      const auto bytes = static_cast<std::streamsize>(one.size() * sizeof(double));
      file.read(reinterpret_cast<char*>(one.data()), bytes);
      if (file.gcount() != bytes) return fail(ErrorCode::ReadFailed, "the exported program gives an array of another shape");
      values.push_back(std::move(one));
    }
    return values;
  }

  /// The chain up to the target, written as a raster by the sink that the chain has.
  Result<std::vector<std::vector<double>>> byGdal(const Target& target, const std::vector<Region>& windows) const {
    if (!target.sink) return fail(ErrorCode::InvalidChain, "nothing writes the result", "add a step that writes it");
    Chain chain = m_chain;
    std::erase_if(chain.nodes, [&](const Node& node) {
      const Operation* operation = m_services.registry->find(node.op);
      return operation && operation->declaration().role == Role::Sink && node.id != target.sink->id;
    });
    const std::string path = m_folder.path() + "/result.tif", script = m_folder.path() + "/chain.sh";
    for (const Param& param : m_services.registry->find(target.sink->op)->declaration().params)
      if (param.type == ParamType::OutputPath) chain.find(target.sink->id)->params = Json{{param.name, path}};
    ExportRequest request;
    request.language = "gdal";
    auto program = exportChain(chain, request, *m_services.registry, *m_services.sources);
    if (!program) return fail(program.error());
    for (const StepLeftOut& step : program->leftOut)
      return fail(ErrorCode::InvalidChain, "node " + step.node + " has no command of GDAL's programs: " + step.reason,
                  "compare --with python");
    std::ofstream(script) << program->text;
    CUBELOOM_TRY(start("/bin/sh", script));
    OpenRequest open;
    open.path = path;
    auto source = m_services.sources->open(open);
    if (!source) return fail(source.error());
    std::vector<std::vector<double>> values;
    for (const Region& window : windows) {
      auto one = bandsOf(**source, specOf(target), window);
      if (!one) return fail(one.error());
      values.push_back(std::move(*one));
    }
    return values;
  }

  /// A window of a raster whose bands are all other dims, flattened in order.
  static Result<std::vector<double>> bandsOf(Source& source, const ArraySpec& spec, const Region& window) {
    const ArraySpec& stored = source.spec();
    std::vector<std::int64_t> bands{0};
    for (const std::size_t d : orderOf(spec)) {
      if (static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim) continue;
      std::vector<std::int64_t> longer;
      for (const std::int64_t band : bands)
        for (std::int64_t i = 0; i < window[d].count(); ++i) longer.push_back(band * spec.dims[d].size + window[d].at(i));
      bands = std::move(longer);
    }
    if (stored.dims.size() != 3 || !spec.isSpatial()) return fail(ErrorCode::ReadFailed, "GDAL's result has other dims");
    const Region region{IndexSet::list(bands), window[static_cast<std::size_t>(spec.yDim)], window[static_cast<std::size_t>(spec.xDim)]};
    for (std::size_t d = 0; d < 3; ++d)
      if (region[d].max() >= stored.dims[d].size) return fail(ErrorCode::ReadFailed, "GDAL's result has another shape");
    ReadContext context;
    const Block block = makeBlock(context.pool, stored.type, regionShape(region));
    if (auto done = source.read(region, block.view, context); !done) return fail(done.error());
    auto values = inOrder(block.view, {0, 1, 2});
    forgetNodata(values, stored.nodata);
    return values;
  }

  const Services& m_services;
  const Chain& m_chain;
  const Graph& m_graph;
  const ProveArguments& m_arguments;
  ScratchFolder m_folder;
};

/// Two sides of all windows of one step.
struct Comparison {
  std::string node;
  std::int64_t windows = 0, values = 0, equal = 0, nodataInOne = 0;
  double largest = 0, scale = 0;
  std::string where;  ///< of the largest difference, or of nodata in one alone
  bool holds() const { return nodataInOne == 0 && largest <= kTold * scale; }
};

std::string placeOf(const ArraySpec& spec, const Region& window, std::int64_t element) {
  std::vector<std::string> parts;
  const auto order = orderOf(spec);
  for (std::size_t k = order.size(); k-- > 0;) {
    const std::size_t d = order[k];
    const std::int64_t index = window[d].at(element % window[d].count());
    element /= window[d].count();
    parts.insert(parts.begin(), spec.dims[d].name + " " + std::to_string(index) + " (" + entryText(spec.dims[d], index) + ")");
  }
  return join(parts, ", ");
}

void compare(Comparison& all, const ArraySpec& spec, const Region& window, const std::vector<double>& a, const std::vector<double>& b) {
  ++all.windows;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++all.values;
    const bool isNodata = std::isnan(a[i]);
    if (isNodata != std::isnan(b[i])) {
      if (all.nodataInOne++ == 0) all.where = placeOf(spec, window, static_cast<std::int64_t>(i));
      continue;
    }
    if (isNodata || a[i] == b[i]) ++all.equal;
    if (isNodata) continue;
    all.scale = std::max(all.scale, std::abs(a[i]));
    if (const double difference = std::abs(a[i] - b[i]); difference > all.largest) {
      all.largest = difference;
      if (all.nodataInOne == 0) all.where = placeOf(spec, window, static_cast<std::int64_t>(i));
    }
  }
}

void print(const Comparison& c) {
  std::cout << c.node << ": " << formatCount(c.windows) << " windows, " << formatCount(c.values) << " values: ";
  if (c.equal == c.values) {
    std::cout << "equal\n";
    return;
  }
  std::cout << formatCount(c.values - c.equal) << " differ, by up to " << formatSignificant(c.largest, 3);
  if (c.nodataInOne > 0) std::cout << "; " << formatCount(c.nodataInOne) << " are nodata in one alone";
  std::cout << "; at " << c.where << (c.holds() ? "; no more than rounding" : "") << "\n";
}

Json toJson(const Comparison& c) {
  return {{"node", c.node},
          {"windows", c.windows},
          {"values", c.values},
          {"equal", c.equal},
          {"holds", c.holds()},
          {"nodata_in_one", c.nodataInOne},
          {"largest_difference", c.largest},
          {"where", c.where}};
}

std::vector<Target> targetsOf(const Chain& chain, const Graph& graph) {
  std::vector<Target> targets;
  for (const int i : graph.outputs()) {
    const int wire = graph.nodes[static_cast<std::size_t>(i)].wires[0];
    if (std::none_of(targets.begin(), targets.end(), [wire](const Target& one) { return one.node == wire; }))
      targets.push_back({wire, &chain.nodes[static_cast<std::size_t>(i)]});
  }
  if (targets.empty())
    for (std::size_t i = 0; i < chain.nodes.size(); ++i)
      if (!chain.nodes[i].bypassed && chain.consumersOf(chain.nodes[i].id).empty()) targets.push_back({static_cast<int>(i), nullptr});
  return targets;
}

}  // namespace

int runProve(const Services& services, const ProveArguments& arguments) {
  auto chain = loadArgument(arguments.chain, *services.registry);
  if (!chain) return report(chain.error());
  auto bound = bindChain(*chain, *services.registry, *services.sources);
  if (!bound) return report(bound.error());
  if (const Error* error = (*bound)->firstError()) return report(*error);
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  Json outputs = Json::array();
  bool holds = true;
  const Prover prover(services, *chain, **bound, arguments);
  for (const Target& target : targetsOf(*chain, **bound)) {
    EvaluateContext context;
    auto fitted = fitHere(**bound, target.node, 0, context);
    if (!fitted) return report(fitted.error());
    const Graph& graph = fitted->graph ? *fitted->graph : **bound;
    const BoundNode& node = graph.nodes[static_cast<std::size_t>(target.node)];
    const ArraySpec& spec = node.operation->spec();
    std::vector<Region> windows;
    windows.reserve(static_cast<std::size_t>(arguments.samples));
    for (int i = 0; i < arguments.samples; ++i) windows.push_back(randomWindow(spec, random));
    auto theirs = prover.theirs(target, windows);
    if (!theirs) return report(theirs.error());
    Comparison comparison;
    comparison.node = node.id;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      auto own = ours(graph, target.node, windows[i]);
      if (!own) return report(own.error());
      compare(comparison, spec, windows[i], *own, (*theirs)[i]);
    }
    holds = holds && comparison.holds();
    if (arguments.json)
      outputs.push_back(toJson(comparison));
    else
      print(comparison);
  }
  if (arguments.json)
    std::cout << jsonText(Json{{"with", arguments.with}, {"seed", seed}, {"holds", holds}, {"outputs", outputs}}, 2) << "\n";
  return holds ? kDone : kRunFailed;
}

}  // namespace cubeloom::cli
