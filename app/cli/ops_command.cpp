// SPDX-License-Identifier: GPL-3.0-or-later
// ops: what operations there are, what one of them takes, and which ones a word finds.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/describe.h"
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/operation_search.h"
#include "engine/plan/report_json.h"

namespace cubeloom::cli {
namespace {

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

void printExpressionWords() {
  std::string kind;
  for (const ExpressionWord& word : expressionWords()) {
    if (kind != word.kind)
      std::cout << "\nExpressions: " << word.kind << "s" << (std::string(word.kind) == "operator" ? ", the loosest first" : "") << "\n";
    kind = word.kind;
    std::cout << "  " << padded(word.form, 24) << word.help << "\n";
  }
}

void printOperation(const Declaration& d) {
  std::cout << d.id << ": " << d.summary << "\n\n" << d.help << "\n\n";
  if (std::any_of(d.inputs.begin(), d.inputs.end(), [](const Port& port) { return !port.help.empty(); })) {
    std::cout << "Inputs\n";
    for (const Port& port : d.inputs)
      std::cout << "  " << port.name
                << (port.optional ? " (optional)"
                    : port.many   ? " (several)"
                                  : "")
                << (port.help.empty() ? "" : ": " + port.help) << "\n";
    std::cout << "\n";
  }
  std::cout << "Parameters\n";
  for (const Param& p : d.params) {
    if (p.former) continue;
    std::cout << "  " << p.name << " (" << paramTypeName(p.type) << (p.required ? ", required" : "")
              << (p.unit.empty() ? "" : ", " + p.unit) << ")";
    if (!p.defaultTo.is_null()) std::cout << " = " << p.defaultTo.dump();
    std::cout << "\n      " << p.help << "\n";
    if (!p.choices.empty()) std::cout << "      " << join(choiceNames(p), " | ") << "\n";
    for (const Choice& choice : p.choices)
      if (!choice.help.empty()) std::cout << "      " << choice.name << ": " << choice.help << "\n";
  }
  if (takesExpression(d)) printExpressionWords();
  std::cout << "\nExample\n  ! " << d.example << "\n";
  for (const std::string& reference : d.references) std::cout << "  " << reference << "\n";
}

int unknown(const Registry& registry, const std::string& name) {
  const auto match = closestMatch(name, registry.ids());
  return report(Error{ErrorCode::InvalidParameter,
                      "no operation is called '" + name + "', and none is found by that",
                      match ? "did you mean '" + *match + "'?" : "known: " + join(registry.ids(), ", "),
                      {},
                      {},
                      {},
                      {}});
}

}  // namespace

int runOps(const Services& services, const std::string& name, bool json) {
  const Registry& registry = *services.registry;
  const Operation* exact = registry.find(name);
  const std::vector<const Operation*> found = exact ? std::vector<const Operation*>{exact} : findOperations(registry, name);
  if (found.empty()) return unknown(registry, name);
  if (json) {
    Json document{{"operations", Json::array()}};
    for (const Operation* operation : found) document["operations"].push_back(declarationToJson(operation->declaration(), registry));
    std::cout << dumped(document, 2) << "\n";
    return kDone;
  }
  if (exact) {
    printOperation(exact->declaration());
    return kDone;
  }
  for (const Operation* operation : found) {
    const Declaration& d = operation->declaration();
    std::cout << padded(d.id, 18) << d.summary << "\n";
  }
  if (!name.empty())
    std::cerr << "no operation is called '" << name << "'; these are found by it: cubeloom-cli ops " << found.front()->declaration().id
              << " tells more\n";
  return kDone;
}

}  // namespace cubeloom::cli
