// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/composite.h"

#include <nlohmann/json.hpp>

#include "engine/array/buffer_pool.h"
#include "engine/base/text.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

using Steps = std::vector<std::shared_ptr<const KernelOperation>>;

/// One step's work on one region and, below it, that of the step before it for each need. The first step's needs are the composite's.
class StepTask {
 public:
  static Result<StepTask> prepare(const Steps& steps, std::size_t step, const Region& region, std::vector<Need>& needs) {
    StepTask made;
    auto task = steps[step]->prepare(region);
    if (!task) return fail(task.error());
    made.m_task = std::move(*task);
    made.m_firstNeed = needs.size();
    if (step == 0) {
      for (Need need : made.m_task->needs()) {
        need.direct.reset();  // it may come into a block of its own only
        needs.push_back(std::move(need));
      }
      return made;
    }
    made.m_type = steps[step - 1]->spec().type;
    for (const Need& need : made.m_task->needs()) {
      auto before = prepare(steps, step - 1, need.region, needs);
      if (!before) return before;
      made.m_before.push_back(std::move(*before));
    }
    return made;
  }

  /// What it holds beside inputs and output.
  std::size_t bytes() const {
    std::size_t total = m_task->scratchBytes();
    for (std::size_t k = 0; k < m_before.size(); ++k) {
      const Need& need = m_task->needs()[k];
      total += m_before[k].bytes();
      if (!need.direct) total += BufferPool::roundedBytes(static_cast<std::size_t>(regionCount(need.region)) * pixelTypeBytes(m_type));
    }
    return total;
  }

  Result<void> run(const std::vector<BlockView>& given, const BlockView& out, BufferPool& pool) {
    std::vector<Block> blocks;
    std::vector<BlockView> inputs;
    const std::vector<Need>& needs = m_task->needs();
    for (std::size_t k = 0; k < needs.size(); ++k) {
      if (m_before.empty()) {
        inputs.push_back(given[m_firstNeed + k]);
        if (needs[k].direct) copyBlock(inputs.back(), directView(needs[k], out));
      } else if (needs[k].direct) {
        CUBELOOM_TRY(m_before[k].run(given, directView(needs[k], out), pool));
        inputs.emplace_back();
      } else {
        blocks.push_back(makeBlock(pool, m_type, regionShape(needs[k].region)));
        CUBELOOM_TRY(m_before[k].run(given, blocks.back().view, pool));
        inputs.push_back(blocks.back().view);
      }
    }
    return m_task->run(inputs, out);
  }

 private:
  std::unique_ptr<Task> m_task;
  std::vector<StepTask> m_before;  ///< one per need; none for the first step
  PixelType m_type{};              ///< of what comes from the step before
  std::size_t m_firstNeed = 0;     ///< of the first step's needs among the composite's
};

class CompositeTask : public Task {
 public:
  CompositeTask(StepTask last, std::vector<Need> needs) : m_last(std::move(last)), m_needs(std::move(needs)) {}
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_last.bytes(); }
  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    BufferPool pool;
    return m_last.run(inputs, out, pool);
  }

 private:
  StepTask m_last;
  std::vector<Need> m_needs;
};

class BoundComposite : public KernelOperation {
 public:
  explicit BoundComposite(Steps steps) : m_steps(std::move(steps)) {
    m_spec = m_steps.back()->spec();
    m_summary = m_steps.back()->summary();
    for (const auto& step : m_steps) m_warnings.insert(m_warnings.end(), step->warnings().begin(), step->warnings().end());
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    std::vector<Need> needs;
    auto last = StepTask::prepare(m_steps, m_steps.size() - 1, region, needs);
    if (!last) return fail(last.error());
    return std::make_unique<CompositeTask>(std::move(*last), std::move(needs));
  }

 private:
  Steps m_steps;
};

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
  explicit CompositeOperation(Declaration declaration) { m_declaration = std::move(declaration); }

  Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                     const BindContext& context) const override {
    if (!context.stepsOf) return fail(ErrorCode::Internal, "'" + m_declaration.id + "' is bound without a registry");
    auto words = compositeWords(m_declaration.chain, params);
    if (!words) return fail(words.error());
    auto steps = context.stepsOf(*words);
    if (!steps) return fail(steps.error());
    Steps bound;
    std::vector<ArraySpec> specs = inputs;
    for (const ChainStep& step : *steps) {
      auto one = step.operation->bind(step.params, specs, context);
      if (!one) return one;
      const Work work = (*one)->work();
      const auto* kernel = std::get_if<const KernelOperation*>(&work);
      if (!kernel)
        return fail(ErrorCode::Internal, "'" + m_declaration.id + "' stands for a chain with '" + step.operation->declaration().id +
                                             "', which cannot be part of another operation");
      specs = {(*one)->spec()};
      bound.emplace_back(*one, *kernel);
    }
    if (bound.size() == 1) return bound[0];
    return std::make_shared<BoundComposite>(std::move(bound));
  }
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

std::unique_ptr<Operation> composite(Declaration declaration) { return std::make_unique<CompositeOperation>(std::move(declaration)); }

}  // namespace cubeloom
