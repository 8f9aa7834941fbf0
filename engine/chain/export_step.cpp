// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/export_step.h"

#include "engine/chain/chain.h"

namespace cubeloom {

Result<ExportForm> exportStep(const Declaration& declaration, const Json& values, ExportLanguage language, const Registry& registry,
                              const std::string& input, const std::string& output) {
  const bool isPython = language == ExportLanguage::Python;
  const bool hasOwn =
      isPython ? !declaration.python.empty() || !declaration.noPython.empty() : !declaration.gdal.empty() || !declaration.noGdal.empty();
  const Operation* operation = registry.find(declaration.id);
  if (hasOwn || !operation || language == ExportLanguage::Shell) return exportForm(declaration, values, language, input, output);
  auto params = Params::check(declaration.params, values);
  if (!params) return fail(params.error());
  BindContext context;
  context.stepsOf = [&registry](const std::vector<std::string>& words) { return stepsFromPipeline(words, registry); };
  const auto steps = operation->steps(*params, context);
  if (!steps) return fail(steps.error());
  if (steps->empty()) return exportForm(declaration, values, language, input, output);
  if (!isPython && steps->size() > 1) return ExportForm{{}, "it stands for several steps: " + declaration.chain};
  ExportForm whole;
  for (const ChainStep& step : *steps) {
    auto form = exportStep(step.operation->declaration(), step.values, language, registry, input, output);
    if (!form || form->text.empty()) return form;
    whole.text = whole.text.empty() ? form->text : "(lambda array: " + form->text + ")(" + whole.text + ")";
  }
  return whole;
}

}  // namespace cubeloom
