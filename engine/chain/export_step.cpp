// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/export_step.h"

#include "engine/base/text.h"
#include "engine/chain/chain.h"

namespace cubeloom {
namespace {

/// What the Python form of a step calls its inputs.
std::string pythonInput(std::size_t i) { return i == 0 ? "array" : "in" + std::to_string(i + 1); }

/// Where the inputs of step `i` come from, as ChainStep::inputs has it: by default the step before, of the first one the first input.
std::vector<int> sourcesOf(const ChainStep& step, std::size_t i) {
  if (step.inputs) return *step.inputs;
  return {i == 0 ? ~0 : static_cast<int>(i) - 1};
}

/// What is known of one step of several: what it takes from outside. What lies between them is not known.
FormFacts factsOfStep(const FormFacts& facts, const ChainStep& step, std::size_t i) {
  FormFacts own;
  for (const int source : sourcesOf(step, i)) {
    const bool isKnown = source < 0 && outerInput(source) < facts.bands.size();
    own.bands.push_back(isKnown ? facts.bands[outerInput(source)] : BandAxis());
  }
  return own;
}

}  // namespace

Result<ExportForm> exportStep(const Declaration& declaration, const Json& values, ExportLanguage language, const Registry& registry,
                              const std::string& input, const std::string& output, const FormFacts& facts) {
  const bool isPython = language == ExportLanguage::Python;
  const bool hasOwn =
      isPython ? !declaration.python.empty() || !declaration.noPython.empty() : !declaration.gdal.empty() || !declaration.noGdal.empty();
  const Operation* operation = registry.find(declaration.id);
  if (hasOwn || !operation || language == ExportLanguage::Shell) return exportForm(declaration, values, language, input, output, facts);
  auto params = Params::check(declaration.params, values);
  if (!params) return fail(params.error());
  BindContext context;
  context.stepsOf = [&registry](const auto& words, const auto& inputs) { return stepsFromPipeline(words, registry, inputs); };
  const auto steps = operation->steps(*params, context);
  if (!steps) return fail(steps.error());
  if (steps->empty()) return exportForm(declaration, values, language, input, output, facts);
  if (!isPython && steps->size() > 1) return ExportForm{{}, "it stands for several steps: " + declaration.chain};
  std::vector<std::string> made;  // what stands for each step
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const ChainStep& step = (*steps)[i];
    auto form = exportStep(step.operation->declaration(), step.values, language, registry, input, output,
                           steps->size() == 1 ? facts : factsOfStep(facts, step, i));
    if (!form || form->text.empty() || !isPython) return form;
    std::vector<std::string> taken, given;
    for (const int source : sourcesOf(step, i)) {
      taken.push_back(pythonInput(taken.size()));
      given.push_back(source < 0 ? pythonInput(outerInput(source)) : made.at(static_cast<std::size_t>(source)));
    }
    made.push_back(taken == given ? form->text : "(lambda " + join(taken, ", ") + ": " + form->text + ")(" + join(given, ", ") + ")");
  }
  return ExportForm{made.back(), {}};
}

}  // namespace cubeloom
