// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/gdal_commands.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "engine/access/formats.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/chain/chain_paths.h"
#include "engine/chain/export_step.h"
#include "engine/export/form_facts.h"
#include "engine/export/gdal_view.h"
#include "engine/export/opened_file.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

/// Stands for a file between steps until the whole command is written: no quoting changes it.
std::string placeholder(int node) { return "CUBELOOM_FILE_" + std::to_string(node) + "_"; }

class GdalWriter {
 public:
  GdalWriter(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources)
      : m_chain(chain), m_graph(graph), m_registry(registry), m_sources(sources) {}

  Result<ExportedChain> write() {
    const auto needed = m_graph.needed();
    std::set<std::string> taken;
    for (const int i : m_graph.order) {
      const BoundNode& node = nodeAt(i);
      if (node.partOf >= 0 || node.bypassed || !node.operation || !std::binary_search(needed.begin(), needed.end(), i)) continue;
      m_text += "\n# " + heading(i) + "\n";
      CUBELOOM_TRY(writeStep(i, variableName(node.id, taken)));
    }
    std::string text =
        "#!/bin/sh\n# SPDX-License-Identifier: CC0-1.0\n# " + oneLine(m_chain.title.empty() ? "A chain" : m_chain.title) +
        "\n#\n# A chain of Cubeloom as commands of GDAL's programs. Steps hand each other files in a folder that goes at the end.\n"
        "set -eu\nexport GDAL_PAM_ENABLED=YES\n";
    if (hasRelativePath(m_chain, m_registry)) text += "cd -- " + shellQuoted(folderOfPaths(m_graph.folder)) + "\n";
    text += "work=$(mktemp -d)\ntrap 'rm -rf \"$work\"' EXIT\n";
    return ExportedChain{.text = text + m_text, .leftOut = std::move(m_leftOut)};
  }

 private:
  const BoundNode& nodeAt(int i) const { return m_graph.nodes[static_cast<std::size_t>(i)]; }
  const Declaration& declarationOf(int i) const { return m_registry.find(nodeAt(i).op)->declaration(); }

  std::string heading(int i) const {
    const std::string summary = oneLine(nodeAt(i).operation->summary());
    return oneLine(nodeAt(i).id) + ": " + declarationOf(i).title + (summary.empty() ? "" : ", " + summary);
  }

  /// Whether another step takes what `i` hands on.
  bool isTaken(int i) const {
    const auto needed = m_graph.needed();
    return std::any_of(needed.begin(), needed.end(), [&](int other) {
      const auto& wires = nodeAt(other).wires;
      return std::find(wires.begin(), wires.end(), i) != wires.end();
    });
  }

  Result<void> writeStep(int i, const std::string& name) {
    const BoundNode& node = nodeAt(i);
    std::vector<int> inputs;
    for (const int wire : node.wires)
      if (wire >= 0) inputs.push_back(wire);
    if (node.operation->source()) return writeSource(i, name);
    if (node.operation->isView() && inputs.size() == 1) {
      const GdalView view = gdalView(*node.operation, nodeAt(inputs[0]).operation->spec());
      if (!view.reason.empty()) return leaveOut(i, name, view.reason);
      if (view.options.empty()) {
        m_files[i] = m_files[inputs[0]];
        m_text += "# For GDAL nothing changes: its bands are all dims beside rows and columns, in order.\n";
        return {};
      }
      m_files[i] = "\"$work\"/" + name + ".vrt";
      m_text += "gdal_translate -q -of VRT" + view.options + " " + m_files[inputs[0]] + " " + m_files[i] + "\n";
      return {};
    }
    if (node.isSink && !node.operation->spec().isSpatial())
      return leaveOut(i, name, "GDAL's programs write rasters; this array has no rows and columns");
    FormFacts facts = gdalFacts(m_graph, i);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const std::string file = placeholder(inputs[k]);
      if (k > 0) facts.words["in" + std::to_string(k + 1) + ".file"] = file;
      facts.words["in.files"] += (k > 0 ? " " : "") + file;
      facts.words["in.reversed"].insert(0, file + (k > 0 ? " " : ""));
    }
    auto form = exportStep(declarationOf(i), node.params, ExportLanguage::Gdal, m_registry, placeholder(inputs.empty() ? -1 : inputs[0]),
                           placeholder(i), facts);
    if (!form) return fail(form.error().atNode(node.id));
    if (form->text.empty()) return leaveOut(i, name, form->reason);
    if (form->text.find(placeholder(i)) == std::string::npos && isTaken(i))
      return leaveOut(i, name, "GDAL's program prints it, and makes no raster of it");
    m_files[i] = "\"$work\"/" + name + ".tif";
    std::string line = form->text;
    for (const auto& [number, file] : m_files)
      for (auto at = line.find(placeholder(number)); at != std::string::npos; at = line.find(placeholder(number), at + file.size()))
        line.replace(at, placeholder(number).size(), file);
    m_text += line + "\n";
    return {};
  }

  /// The file itself where GDAL sees in it what the engine sees.
  Result<void> writeSource(int i, const std::string& name) {
    const BoundNode& node = nodeAt(i);
    const auto source = node.operation->source();
    const ArraySpec &stored = source->spec(), &spec = node.operation->spec();
    const Declaration& declaration = declarationOf(i);
    const auto opened = openedFile(m_graph, i, declaration, m_sources);
    if (!opened) return leaveOut(i, name, "GDAL's programs do not open it as one raster");
    const FormatFacts* format = formatNamed(opened->driver);
    const bool keepsDims = opened->driver == "HDF5" || opened->driver == "kerchunk" || (format && format->keepsDims);
    if (keepsDims || !spec.isSpatial() || stored.type != spec.type)
      return leaveOut(i, name, "GDAL's programs flatten the dims of " + opened->driver + ", and decode nothing");
    for (const auto& [param, value] : node.params.items()) {
      const bool isFollowed = param == opened->param || param == "nodata" || param == "crs" || param == "variable";
      if (!isFollowed && value != defaultOf(declaration, param))
        return leaveOut(i, name, "its " + param + " is nothing that GDAL's programs take");
    }
    std::string file = opened->path;
    if (file.starts_with('-')) file.insert(0, "./");
    m_files[i] = shellQuoted(file);
    std::string options;
    if (spec.nodata && spec.nodata != stored.nodata && !(std::isnan(*spec.nodata) && stored.nodata && std::isnan(*stored.nodata)))
      options += " -a_nodata " + formatNumber(*spec.nodata);
    if (spec.geobox && spec.geobox->crs().isValid() && !(stored.geobox && stored.geobox->crs().isSameAs(spec.geobox->crs())))
      options += " -a_srs " + shellQuoted(crsForPrograms(spec.geobox->crs()));
    if (options.empty()) {
      m_text += "# " + oneLine(file) + "\n";
      return {};
    }
    const std::string asStored = m_files[i];
    m_files[i] = "\"$work\"/" + name + ".vrt";
    m_text += "gdal_translate -q -of VRT" + options + " " + asStored + " " + m_files[i] + "\n";
    return {};
  }

  static Json defaultOf(const Declaration& declaration, const std::string& name) {
    for (const Param& param : declaration.params)
      if (param.name == name) return param.defaultTo;
    return nullptr;
  }

  Result<void> leaveOut(int i, const std::string& name, const std::string& why) {
    const std::string reason = oneLine(why.empty() ? "GDAL's programs have nothing like it" : why);
    m_leftOut.push_back({nodeAt(i).id, reason});
    m_files[i] = "\"$work\"/" + name + ".tif";
    m_text += "# Left out: " + reason + ".\n# Whoever makes it by other means puts it into " + m_files[i] + " here.\ntest -e " +
              m_files[i] + " || { echo " + shellQuoted(oneLine(nodeAt(i).id) + ": " + reason) + " >&2; exit 2; }\n";
    return {};
  }

  const Chain& m_chain;
  const Graph& m_graph;
  const Registry& m_registry;
  SourceProvider& m_sources;
  std::map<int, std::string> m_files;  ///< of what each step hands on, as a shell takes it
  std::string m_text;
  std::vector<StepLeftOut> m_leftOut;
};

}  // namespace

Result<ExportedChain> gdalCommands(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources) {
  return GdalWriter(chain, graph, registry, sources).write();
}

}  // namespace cubeloom
