// SPDX-License-Identifier: GPL-3.0-or-later
// index: known spectral indices, by the wavelengths of its formula.
#include <cctype>

#include "engine/base/text.h"
#include "engine/op/family/composite.h"
#include "engine/op/knowledge/knowledge.h"

namespace cubeloom {
namespace {

/// "(N - R) / (N + w531)" with each band as calc has it: "(nm(842) - nm(660)) / (nm(842) + nm(531))", over `scale` where that is not 1.
Result<std::string> expressionOf(const Json& entry, const Json& bands, double scale) {
  const auto formula = entry.value("formula", std::string());
  const auto id = entry["id"].get<std::string>();
  std::string expression;
  for (std::size_t i = 0; i < formula.size();) {
    if (!std::isalpha(static_cast<unsigned char>(formula[i]))) {
      expression += formula[i++];
      continue;
    }
    std::size_t end = i;
    while (end < formula.size() && std::isalnum(static_cast<unsigned char>(formula[end]))) ++end;
    const std::string word = formula.substr(i, end - i);
    const bool isFunction = end < formula.size() && formula[end] == '(';
    i = end;
    if (isFunction) {
      expression += word;
      continue;
    }
    const auto narrow = word[0] == 'w' ? parseNumber(word.substr(1)) : std::nullopt;
    if (!narrow && !bands.contains(word))
      return invalidParameter("name", "the formula of '" + id + "' uses a band '" + word + "' that is not known",
                              "known are the letters of 'bands'");
    const std::string band = "nm(" + formatNumber(narrow ? *narrow : bands[word].get<double>()) + ")";
    expression += scale == 1 ? band : "(" + band + " / " + formatNumber(scale) + ")";
  }
  return expression;
}

Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) {
  const auto known = knowledge("indices", "name");
  if (!known) return fail(known.error());
  const auto names = split(params.text("name"), ',');
  std::vector<std::string> expressions;
  for (const std::string& name : names) {
    const auto entry = knownEntry((*known)["indices"], std::string(trim(name)), "name");
    if (!entry) return fail(entry.error());
    auto expression = expressionOf(*entry, (*known)["bands"], params.number("scale"));
    if (!expression) return fail(expression.error());
    expressions.push_back((names.size() > 1 ? (*entry)["id"].get<std::string>() + "=" : std::string()) + *expression);
  }
  return stepsOfWords(context, {"calc", "expression=" + join(expressions, "; ")});
}

}  // namespace

CUBELOOM_OPERATION(index) {
  return composite(
      {.title = "Spectral index",
       .summary = "Computes spectral indices by name: NDVI, EVI, NDWI, NBR, PRI and many more.",
       .help = "Takes the bands nearest to the wavelengths of the index's formula, as calc nm() does: B 485, G 560, R 660, N 842, "
               "S1 1610, S2 2200 nm and so on, or the narrow bands that its authors name. Formulas are of reflectances from 0 to 1: "
               "where they are stored as 0 to 10000, open with decode=true or say scale=10000. Several names behind commas give a band "
               "each. Your own indices go into "
               "~/.local/share/cubeloom/knowledge/indices.json, in the form of resources/knowledge/indices.json, where formulas and "
               "sources of all are. Known: " +
               join(knownIds("indices"), ", ") + ".",
       .references = {"https://github.com/awesome-spectral-indices/awesome-spectral-indices"},
       .example = "index name=NDVI",
       .moreExamples = {"index name=NDVI,PRI scale=2"},
       .params = {{.name = "name", .help = "The index, such as NDVI; several behind commas.", .defaultTo = "NDVI"},
                  {.name = "scale",
                   .type = ParamType::Number,
                   .help = "The stored value of a reflectance of 1.",
                   .defaultTo = 1,
                   .minimum = 1e-6,
                   .maximum = 1e9}},
       .keywords = knownIds("indices")},
      steps);
}

}  // namespace cubeloom
