// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/export_step.h"

#include <map>

#include "engine/base/text.h"
#include "engine/op/family/composite.h"

namespace cubeloom {
namespace {

/// What the Python form of a step calls its inputs.
std::string pythonInput(std::size_t i) { return i == 0 ? "array" : "in" + std::to_string(i + 1); }

}  // namespace

Result<ExportForm> exportStep(const Declaration& declaration, const Json& values, ExportLanguage language, const Registry& registry,
                              const std::string& input, const std::string& output) {
  const bool isPython = language == ExportLanguage::Python;
  const bool hasOwn =
      isPython ? !declaration.python.empty() || !declaration.noPython.empty() : !declaration.gdal.empty() || !declaration.noGdal.empty();
  if (declaration.chain.empty() || hasOwn || language == ExportLanguage::Shell)
    return exportForm(declaration, values, language, input, output);
  auto params = Params::check(declaration.params, values);
  if (!params) return fail(params.error());
  auto words = compositeWords(declaration.chain, *params);
  if (!words) return fail(words.error());
  const std::vector<std::string> outer = declaration.inputWords();
  const auto chain = chainFromPipeline(*words, registry, outer);
  if (!chain) return fail(chain.error());
  if (!isPython && chain->nodes.size() > 1) return ExportForm{{}, "it stands for several steps: " + declaration.chain};
  std::map<std::string, std::string> made;  // what stands for an input or a step
  for (std::size_t i = 0; i < outer.size(); ++i) made[outer[i]] = pythonInput(i);
  for (const Node& node : chain->nodes) {
    auto form = exportStep(registry.find(node.op)->declaration(), node.params, language, registry, input, output);
    if (!form || form->text.empty() || !isPython) return form;
    std::vector<std::string> taken, given;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      taken.push_back(pythonInput(i));
      given.push_back(made.at(node.inputs[i]));
    }
    made[node.id] = taken == given ? form->text : "(lambda " + join(taken, ", ") + ": " + form->text + ")(" + join(given, ", ") + ")";
  }
  return ExportForm{made.at(chain->nodes.back().id), {}};
}

}  // namespace cubeloom
