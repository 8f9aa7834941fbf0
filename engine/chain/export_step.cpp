// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/export_step.h"

#include "engine/op/family/composite.h"

namespace cubeloom {

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
  const auto chain = chainFromPipeline(*words, registry);
  if (!chain) return fail(chain.error());
  if (!isPython && chain->nodes.size() > 1) return ExportForm{{}, "it stands for several steps: " + declaration.chain};
  ExportForm whole;
  for (const Node& node : chain->nodes) {
    auto form = exportStep(registry.find(node.op)->declaration(), node.params, language, registry, input, output);
    if (!form || form->text.empty()) return form;
    whole.text = whole.text.empty() ? form->text : "(lambda array: " + form->text + ")(" + whole.text + ")";
  }
  return whole;
}

}  // namespace cubeloom
