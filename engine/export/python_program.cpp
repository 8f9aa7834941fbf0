// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/python_program.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/chain/chain_paths.h"
#include "engine/chain/export_step.h"
#include "engine/export/form_facts.h"
#include "engine/export/opened_file.h"
#include "engine/export/python_reader.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

/// What a program imports for its words.
std::string imports(const std::string& code) {
  const auto words = identifiersIn(code);
  std::string standard, others;
  for (const char* name : {"atexit", "os", "subprocess", "tempfile"})
    if (words.contains(name)) standard += "import " + std::string(name) + "\n";
  if (words.contains("geopandas")) others += "import geopandas\n";
  if (words.contains("np")) others += "import numpy as np\n";
  if (words.contains("numpy")) others += "import numpy\n";
  if (words.contains("pandas")) others += "import pandas\n";
  if (words.contains("rasterio")) others += "import rasterio\n";
  if (words.contains("rioxarray") || code.find(".rio.") != std::string::npos) others += "import rioxarray\n";
  for (const char* part : {"scipy.ndimage", "scipy.signal", "scipy.stats", "scipy.interpolate"})
    if (code.find(part) != std::string::npos) others += "import " + std::string(part) + "\n";
  if (words.contains("xarray")) others += "import xarray\n";
  if (words.contains("Client")) others += "from dask.distributed import Client\n";
  return standard + (standard.empty() ? "" : "\n") + others;
}

class PythonWriter {
 public:
  PythonWriter(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources)
      : m_chain(chain), m_graph(graph), m_registry(registry), m_sources(sources) {}

  Result<PythonProgram> write(const PythonCluster& cluster) {
    CUBELOOM_TRY(fillForms());
    nameAll();
    PythonProgram program;
    program.title = oneLine(m_chain.title.empty() ? "A chain" : m_chain.title);
    for (const int i : m_order) {
      auto cell = cellOf(i);
      if (!cell) return fail(cell.error());
      program.cells.push_back(std::move(*cell));
      const BoundNode& node = nodeAt(i);
      if (node.operation->sink()) continue;
      if (!isTaken(i)) program.results.push_back(m_names.at(i));
      if (const ArraySpec& spec = node.operation->spec(); spec.isSpatial()) {
        program.shown = m_names.at(i);
        program.shownY = spec.dims[static_cast<std::size_t>(spec.yDim)].name;
        program.shownX = spec.dims[static_cast<std::size_t>(spec.xDim)].name;
      }
    }
    program.setup = setup(program, cluster);
    return program;
  }

 private:
  const BoundNode& nodeAt(int i) const { return m_graph.nodes[static_cast<std::size_t>(i)]; }
  const Declaration& declarationOf(int i) const { return m_registry.find(nodeAt(i).op)->declaration(); }

  std::vector<int> wires(int i) const {
    std::vector<int> wires;
    for (const int wire : nodeAt(i).wires)
      if (wire >= 0) wires.push_back(wire);
    return wires;
  }

  bool isTaken(int i) const {
    return std::any_of(m_order.begin(), m_order.end(), [&](int other) {
      const auto all = wires(other);
      return std::find(all.begin(), all.end(), i) != all.end();
    });
  }

  Result<void> fillForms() {
    const auto needed = m_graph.needed();
    for (const int i : m_graph.order) {
      const BoundNode& node = nodeAt(i);
      if (node.partOf >= 0 || node.bypassed || !node.operation || !std::binary_search(needed.begin(), needed.end(), i)) continue;
      FormFacts facts = pythonFacts(m_graph, i);
      if (const auto source = node.operation->source()) {
        const auto file = openedFile(m_graph, i, declarationOf(i), m_sources);
        const std::string reader = file ? pythonReader(file->path, file->driver, source->spec(), node.operation->spec()) : std::string();
        const std::string variable = node.params.is_object() ? node.params.value("variable", Json("")).dump() : std::string();
        const bool isOfSeveral = variable == "\"all\"" || variable.find(',') != std::string::npos;
        if (!reader.empty() && !isOfSeveral) facts.words["file.reader"] = reader;
      }
      auto form = exportStep(declarationOf(i), node.params, ExportLanguage::Python, m_registry, {}, {}, facts);
      if (!form) return fail(form.error().atNode(node.id));
      m_order.push_back(i);
      m_forms[i] = std::move(*form);
    }
    return {};
  }

  /// Names that no form uses for something of its own.
  void nameAll() {
    std::set<std::string> taken;
    for (const auto& [i, form] : m_forms) taken.merge(identifiersIn(form.text));
    for (const int i : m_order) m_names[i] = variableName(nodeAt(i).id, taken);
  }

  Result<PythonCell> cellOf(int i) const {
    const BoundNode& node = nodeAt(i);
    PythonCell cell;
    cell.node = node.id;
    const std::string summary = oneLine(node.operation->summary());
    cell.heading = oneLine(node.id) + ": " + declarationOf(i).title + (summary.empty() ? "" : ", " + summary);
    const ExportForm& form = m_forms.at(i);
    const auto inputs = wires(i);
    std::map<std::string, std::string> names;
    std::set<int> seen;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const std::string word = k == 0 ? "array" : "in" + std::to_string(k + 1);
      if (seen.insert(inputs[k]).second)
        names[word] = m_names.at(inputs[k]);
      else
        cell.code += word + " = " + m_names.at(inputs[k]) + "\n";
    }
    const bool writes = node.operation->sink() != nullptr || !node.operation->slices().empty();
    if (!writes) cell.code += m_names.at(i) + " = ";
    if (!form.text.empty()) {
      cell.code += withNames(form.text, names);
      return cell;
    }
    cell.note = "Cubeloom's engine does this step" + (form.reason.empty() ? std::string() : ": " + oneLine(form.reason));
    auto call = engineCall(i);
    if (!call) return fail(call.error());
    cell.code += *call;
    return cell;
  }

  /// "by_cubeloom(['kmeans', '[in1]', 'clusters=5'], (cube, 'float32', -9999))"
  Result<std::string> engineCall(int i) const {
    const BoundNode& node = nodeAt(i);
    std::vector<int> inputs = wires(i);
    if (opensAnew(i)) return callFromFile(i);
    Json params = node.params;
    for (const Param& param : declarationOf(i).params) {
      if (param.type != ParamType::Node || !params.contains(param.name) || !params[param.name].is_string()) continue;
      const int other = m_graph.indexOf(params[param.name].get<std::string>());
      if (other < 0 || m_names.count(other) == 0) continue;
      inputs.push_back(other);
      params[param.name] = "in" + std::to_string(inputs.size());
    }
    const auto text = stepText(declarationOf(i), params);
    if (!text) return fail(ErrorCode::InvalidChain, "node " + node.id + " has a parameter that " + node.op + " does not know");
    std::vector<std::string> words = shellWords(*text), arrays;
    const std::size_t wired = wires(i).size();
    for (std::size_t k = 0; k < wired; ++k)
      words.insert(words.begin() + 1 + static_cast<std::ptrdiff_t>(k), "[in" + std::to_string(k + 1) + "]");
    for (std::string& word : words) word = pythonQuoted(word);
    for (const int input : inputs) {
      const ArraySpec& spec = nodeAt(input).operation->spec();
      const std::string scale = pythonFacts(m_graph, input).words["out.scale"];
      arrays.push_back(", (" + m_names.at(input) + (scale.empty() ? "" : ".assign_attrs(" + scale + ")") + ", " +
                       pythonQuoted(std::string(pixelTypeName(spec.type))) + ", " + (spec.nodata ? pythonNumber(*spec.nodata) : "None") +
                       ")");
    }
    const bool writes = node.operation->sink() != nullptr || !node.operation->slices().empty();
    return "by_cubeloom([" + join(words, ", ") + "]" + join(arrays, "") + (writes ? ", writes=True" : "") + ")";
  }

  /// It does not take the array before it, but opens the file behind that in another way.
  bool opensAnew(int i) const {
    const auto behind = upstream(m_graph, i);
    const auto inputs = wires(i);
    return std::any_of(inputs.begin(), inputs.end(), [&](int wire) { return !std::binary_search(behind.begin(), behind.end(), wire); });
  }

  /// All steps from the file on.
  Result<std::string> callFromFile(int i) const {
    Chain part;
    for (int at = i; at >= 0;) {
      Node node = m_chain.nodes[static_cast<std::size_t>(at)];
      const auto inputs = wires(at);
      at = inputs.empty() ? -1 : inputs[0];
      node.inputs = at < 0 ? std::vector<std::string>() : std::vector{nodeAt(at).id};
      part.nodes.insert(part.nodes.begin(), std::move(node));
    }
    const auto text = chainToPipeline(part, m_registry);
    if (!text) return fail(text.error());
    std::vector<std::string> words = shellWords(text->substr(text->find('!') + 1));
    for (std::string& word : words) word = pythonQuoted(word);
    return "by_cubeloom([" + join(words, ", ") + "])";
  }

  std::string setup(const PythonProgram& program, const PythonCluster& cluster) const {
    std::string code;
    for (const PythonCell& cell : program.cells) code += cell.code + "\n";
    const std::string functions = pythonFunctions(code);
    std::string start;
    if (hasRelativePath(m_chain, m_registry))
      start += "os.chdir(" + pythonQuoted(folderOfPaths(m_graph.folder)) + ")  # paths are relative to it\n";
    if (cluster.workers > 0 || !cluster.memory.empty()) {
      start += "client = Client(processes=False, n_workers=1";
      if (cluster.workers > 0) start += ", threads_per_worker=" + std::to_string(cluster.workers);
      if (!cluster.memory.empty()) start += ", memory_limit=" + pythonQuoted(cluster.memory);
      start += ")\n";
    }
    std::string text = imports(code + functions + start);
    if (!functions.empty()) text += "\n" + functions;
    if (!start.empty()) text += "\n" + start;
    return text;
  }

  const Chain& m_chain;
  const Graph& m_graph;
  const Registry& m_registry;
  SourceProvider& m_sources;
  std::vector<int> m_order;  ///< nodes of the chain that count, inputs first
  std::map<int, ExportForm> m_forms;
  std::map<int, std::string> m_names;
};

}  // namespace

Result<PythonProgram> pythonProgram(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources,
                                    const PythonCluster& cluster) {
  return PythonWriter(chain, graph, registry, sources).write(cluster);
}

std::string pythonScript(const PythonProgram& program) {
  std::string text = "#!/usr/bin/env python3\n# SPDX-License-Identifier: CC0-1.0\n# " + program.title +
                     "\n#\n# A chain of Cubeloom as Python. It runs with Debian's python3-xarray, python3-rioxarray, python3-dask and "
                     "python3-netcdf4.\n# In arrays nodata is NaN; files get it back when they are written.\n" +
                     program.setup;
  for (const PythonCell& cell : program.cells) {
    text += "\n# " + cell.heading + "\n";
    if (!cell.note.empty()) text += "# " + cell.note + "\n";
    text += cell.code + "\n";
  }
  return text;
}

std::string pythonEnd(const PythonProgram& program) {
  std::string text;
  for (const std::string& result : program.results) text += "\nprint(" + result + ".compute())\n";
  return text;
}

}  // namespace cubeloom
