// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/composite.h"

#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

std::string valueText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? formatNumber(value.get<double>()) : value.dump();
}

/// "calc expression='a + b'" -> {"calc", "expression=a + b"}.
std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  bool isQuoted = false, isInside = false;
  for (const char c : text) {
    if (c == '\'') {
      isQuoted = !isQuoted;
      continue;
    }
    const bool isBlank = c == ' ' && !isQuoted;
    if (!isBlank && !isInside) words.emplace_back();
    if (!isBlank) words.back() += c;
    isInside = !isBlank;
  }
  return words;
}

class CompositeOperation : public Operation {
 public:
  CompositeOperation(Declaration declaration, StepsFunction steps) : m_steps(std::move(steps)) { m_declaration = std::move(declaration); }

  Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) const override { return m_steps(params, context); }
  Result<std::shared_ptr<const BoundOperation>> bind(const Params&, const std::vector<ArraySpec>&, const BindContext&) const override {
    return fail(ErrorCode::Internal, "'" + m_declaration.id + "' stands for others, which were to be bound");
  }

 private:
  StepsFunction m_steps;
};

}  // namespace

Result<std::vector<std::string>> compositeWords(const std::string& chain, const Params& params) {
  std::vector<std::string> words = wordsOf(chain);
  for (std::string& word : words) {
    std::string filled;
    for (std::size_t i = 0; i < word.size();) {
      const auto end = word[i] == '{' ? word.find('}', i) : std::string::npos;
      if (end == std::string::npos) {
        filled += word[i++];
        continue;
      }
      const std::string name = word.substr(i + 1, end - i - 1);
      if (!params.has(name)) return fail(ErrorCode::Internal, "the chain '" + chain + "' uses {" + name + "}, which has no value");
      filled += valueText(params.json(name));
      i = end + 1;
    }
    word = std::move(filled);
  }
  return words;
}

Result<std::vector<ChainStep>> stepsOfWords(const BindContext& context, const std::vector<std::string>& words,
                                            const std::vector<std::string>& inputs) {
  if (!context.stepsOf) return fail(ErrorCode::Internal, "a composite is bound without a registry");
  return context.stepsOf(words, inputs);
}

std::unique_ptr<Operation> composite(Declaration declaration) {
  const std::string chain = declaration.chain;
  const std::vector<std::string> inputs = declaration.inputWords();
  return composite(std::move(declaration),
                   [chain, inputs](const Params& params, const BindContext& context) -> Result<std::vector<ChainStep>> {
                     auto words = compositeWords(chain, params);
                     if (!words) return fail(words.error());
                     return stepsOfWords(context, *words, inputs);
                   });
}

std::unique_ptr<Operation> composite(Declaration declaration, StepsFunction steps) {
  return std::make_unique<CompositeOperation>(std::move(declaration), std::move(steps));
}

}  // namespace cubeloom
