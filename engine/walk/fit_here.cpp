// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/fit_here.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/walk/cost.h"

namespace cubeloom {
namespace {

using Steps = std::vector<std::int64_t>;

/// Every n-th index along each dim, from the middle of the first n.
Region sample(const ArraySpec& spec, const Steps& steps) {
  Region region;
  for (std::size_t d = 0; d < steps.size(); ++d) {
    const std::int64_t first = std::min(steps[d] / 2, spec.dims[d].size - 1);
    region.push_back(IndexSet::range(first, (spec.dims[d].size - 1 - first) / steps[d] + 1, steps[d]));
  }
  return region;
}

/// Bytes that come and go with a sample: read, or held.
Result<double> sampleBytes(const Graph& graph, int input, const Region& region) {
  auto cost = evaluateCost(graph, input, region);
  if (!cost) return fail(cost.error());
  const PixelType type = graph.nodes[static_cast<std::size_t>(input)].operation->spec().type;
  return std::max(cost->bytesToRead, static_cast<double>(regionCount(region)) * static_cast<double>(pixelTypeBytes(type)));
}

/// The steps that bring a pass within `mostBytes`: the dim that saves most is thinned first.
Result<Steps> stepsWithin(const Graph& graph, int input, const FitPass& pass, double mostBytes) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(input)].operation->spec();
  const std::vector<bool> canBeSampled = pass.canBeSampled();
  Steps steps(spec.dims.size(), 1);
  auto bytes = sampleBytes(graph, input, sample(spec, steps));
  while (bytes && *bytes > mostBytes) {
    Steps best;
    double least = *bytes;
    for (std::size_t d = 0; d < steps.size(); ++d) {
      if (!canBeSampled[d] || steps[d] * 2 > spec.dims[d].size) continue;
      Steps thinner = steps;
      thinner[d] *= 2;
      auto thinned = sampleBytes(graph, input, sample(spec, thinner));
      if (!thinned) return fail(thinned.error());
      if (*thinned >= least) continue;
      least = *thinned;
      best = std::move(thinner);
    }
    if (best.empty())
      return fail(
          ErrorCode::OverBudget,
          "even a sample of what has to be learned first is " + formatSize(*bytes) + "; " + formatSize(mostBytes) + " may be read here",
          "run the chain to this node, or look at a node above it");
    steps = std::move(best);
    bytes = least;
  }
  if (!bytes) return fail(bytes.error());
  return steps;
}

Result<void> addRegion(const Graph& graph, int input, const Region& region, Accumulator& accumulator, EvaluateContext& context) {
  const Block block = makeBlock(context.pool, graph.nodes[static_cast<std::size_t>(input)].operation->spec().type, regionShape(region));
  CUBELOOM_TRY(evaluate(graph, input, region, block.view, context));
  return accumulator.addAt(region, block.view, {});
}

/// All of the input, as a run gathers it.
Result<std::unique_ptr<Accumulator>> gatherAll(const Graph& graph, int input, const FitPass& pass, EvaluateContext& context) {
  auto total = pass.accumulator();
  for (const Region& part : pass.parts()) {
    const auto partial = pass.accumulator();
    for (const Region& piece : pass.pieces(part)) CUBELOOM_TRY(addRegion(graph, input, piece, *partial, context));
    total->merge(*partial);
  }
  return total;
}

}  // namespace

Result<FittedHere> fitHere(const Graph& graph, int node, double mostBytes, EvaluateContext& context) {
  FittedHere fitted;
  const auto current = [&]() -> const Graph& { return fitted.graph ? *fitted.graph : graph; };
  const std::vector<int> needed = upstream(graph, node);
  for (const int i : graph.order) {
    if (!std::binary_search(needed.begin(), needed.end(), i)) continue;
    std::optional<Region> sampled;  // the same for all passes: each looks again at what the one before has seen
    for (bool isFirst = true;; isFirst = false) {
      const auto operation = current().nodes[static_cast<std::size_t>(i)].operation;
      const FitPass* pass = operation ? operation->fitPass() : nullptr;
      if (!pass) break;
      const int input = graph.nodes[static_cast<std::size_t>(i)].inputs[static_cast<std::size_t>(pass->input())];
      if (isFirst && mostBytes > 0) {
        auto steps = stepsWithin(current(), input, *pass, mostBytes);
        if (!steps) return fail(steps.error().atNode(graph.nodes[static_cast<std::size_t>(i)].id));
        if (std::any_of(steps->begin(), steps->end(), [](std::int64_t step) { return step > 1; }))
          sampled = sample(current().nodes[static_cast<std::size_t>(input)].operation->spec(), *steps);
      }
      std::unique_ptr<Accumulator> total;
      if (sampled) {
        total = pass->accumulator();
        CUBELOOM_TRY(addRegion(current(), input, *sampled, *total, context));
      } else {
        auto all = gatherAll(current(), input, *pass, context);
        if (!all) return fail(all.error());
        total = std::move(*all);
      }
      auto next = pass->fitted(*total, context.cancel);
      if (!next) return fail(next.error().atNode(graph.nodes[static_cast<std::size_t>(i)].id));
      fitted.isApproximate = fitted.isApproximate || sampled.has_value();
      fitted.graph = withOperation(current(), i, std::move(*next));
    }
  }
  return fitted;
}

}  // namespace cubeloom
