// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/region_read.h"

#include <algorithm>

#include "engine/serve/asked_places.h"
#include "engine/serve/read_pieces.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostRunsPriced = 24;  // of which it is asked what they take

/// What the libraries that read for `node` keep beside.
double cacheBytes(const Graph& graph, int node) {
  double bytes = 0;
  for (const int i : upstream(graph, node)) {
    const auto& operation = graph.nodes[static_cast<std::size_t>(i)].operation;
    if (const auto source = operation ? operation->source() : nullptr) bytes = std::max(bytes, source->sharedCacheBytes());
  }
  return bytes;
}

}  // namespace

Result<RegionPixels> readRegion(const Graph& graph, int node, const Region& asked, const CancelToken& cancel, ReadResources& resources,
                                Pace& pace) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(node)].operation->spec();
  if (regionCount(asked) == 0) return RegionPixels{{}, {{}, denseView(nullptr, spec.type, regionShape(asked))}};
  Region region;
  Places places;
  for (const IndexSet& set : asked) {
    Ascending one = ascending(set);
    region.push_back(std::move(one.indices));
    places.push_back(std::move(one.places));
  }
  const bool isReordered = std::any_of(places.begin(), places.end(), [](const auto& one) { return one.has_value(); });
  const std::vector<RunOfRegion> runs = runsOf(graph, node, region);
  const bool isInRuns = runs.size() > 1 || runs[0].isGathered();
  double fixedBytes = blockBytes(spec.type, asked) + (isReordered ? blockBytes(spec.type, region) : 0) + cacheBytes(graph, node);
  if (isInRuns) {
    double largest = 0;
    for (const RunOfRegion& run : runs) largest = std::max(largest, blockBytes(spec.type, run.region));
    fixedBytes += largest;
  }
  const double room = resources.memory().budgetBytes() - fixedBytes;
  double peakBytes = 0;
  const std::size_t priced = std::min(runs.size(), kMostRunsPriced);
  for (std::size_t i = 0; i < priced; ++i) {
    auto read = piecesOf(graph, node, runs[i * (runs.size() - 1) / std::max<std::size_t>(1, priced - 1)].region, room, resources);
    if (!read) return fail(read.error());
    peakBytes = std::max(peakBytes, read->peakBytes);
  }
  auto lease = resources.memory().take(fixedBytes + peakBytes, cancel);
  if (!lease) return fail(lease.error());

  EvaluateContext context;
  context.pool = resources.pool();
  context.cancel = cancel;
  const auto make = [&](const Region& part, const BlockView& out) -> Result<void> {
    auto read = piecesOf(graph, node, part, room, resources);
    if (!read) return fail(read.error());
    context.sharing = read->sharing;
    PacedEvaluation evaluation(graph, node, context, pace);
    if (read->pieces.empty()) return evaluation.make(part, out);
    for (const Share& piece : read->pieces) CUBELOOM_TRY(evaluation.make(piece.region, piece.in(out)));
    return {};
  };
  Block block = makeBlock(context.pool, spec.type, regionShape(region));
  for (const RunOfRegion& run : runs) {
    if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    const BlockView out = run.in(block.view);
    if (!isInRuns) {
      CUBELOOM_TRY(make(run.region, out));
      continue;
    }
    const Block whole = makeBlock(context.pool, spec.type, regionShape(run.region));
    CUBELOOM_TRY(make(run.region, whole.view));
    gather(whole.view, out, run.places);
  }
  if (!isReordered) return RegionPixels{std::move(*lease), std::move(block)};
  Block gathered = makeBlock(context.pool, spec.type, regionShape(asked));
  gather(block.view, gathered.view, places);
  return RegionPixels{std::move(*lease), std::move(gathered)};
}

}  // namespace cubeloom
