// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/stage_chunks.h"
#include "engine/walk/cost.h"
#include "engine/walk/parted_node.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {
namespace {

constexpr double kMostReadPerChunk = 32 * kMiB;     // 16-64 MiB per read is where disks are at their best
constexpr double kMostReducedPerChunk = 16 * kMiB;  // the same of what leaves less than a quarter to write
constexpr double kMostBytesPerChunk = 64 * kMiB;    // live at once in one chunk
constexpr double kLeastWorkPerChunk = 2 * kMiB;     // below this, bookkeeping shows
constexpr double kChunksWanted = 16;                // enough to keep any desktop's cores busy
constexpr double kExtentBytes = 32768;              // what one separate read costs, as bytes of streaming
constexpr std::int64_t kExactChunks = 3000;
constexpr std::int64_t kSampledChunks = 300;

using Shape = std::vector<std::int64_t>;

/// What one chunk of a shape costs, taken at the middle of the grid.
struct ChunkCost {
  double chunkBytes = 0;  ///< C: output block and everything inside
  double readBytes = 0;
  double totalWork = 0;   ///< bytes and extents of all chunks together
  double totalReads = 0;  ///< regions that all chunks together ask sources for
};

/// Less work, or about as much in far fewer regions: a warp onto a rotated grid asks for its samples one by one, and each asking has its
/// price.
bool isBetter(const ChunkCost& a, const ChunkCost& b) {
  if (a.totalReads < b.totalReads * 0.7 && a.totalWork < b.totalWork * 1.1) return true;
  if (b.totalReads < a.totalReads * 0.7 && b.totalWork < a.totalWork * 1.1) return false;
  return a.totalWork < b.totalWork * (1 - 1e-6);
}

/// C of one chunk: its output block (the pool rounds up to pages), what the sink needs to take it, and everything inside.
double inFlightBytes(const Stage& stage, const Region& region, PixelType type, double peakBytes) {
  const double outBytes = static_cast<double>(regionCount(region)) * static_cast<double>(pixelTypeBytes(type));
  return outBytes + peakBytes + stage.sinkPlan.chunkScratchBytes + (outBytes >= 2 * kMiB ? 2 * kMiB : 4096);
}

Result<ChunkCost> costOf(const Graph& graph, const Stage& stage, const ArraySpec& spec, const Shape& chunk) {
  const ChunkGrid grid(spec.shape(), chunk);
  // The middle along every dim: away from edges, where a warp has little to read.
  std::int64_t middle = 0;
  for (const std::int64_t n : grid.gridShape()) middle = middle * n + (n - 1) / 2;
  const Region region = grid.region(middle);
  auto cost = evaluateCost(graph, stage.node, region);
  if (!cost) return fail(cost.error());
  ChunkCost result;
  result.chunkBytes = inFlightBytes(stage, region, spec.type, cost->peakBytes);
  result.readBytes = cost->bytesToRead;
  // Scaled by elements, not by chunks: the last chunk along a dim is often a small one.
  const double share = static_cast<double>(spec.count()) / static_cast<double>(std::max<std::int64_t>(regionCount(region), 1));
  result.totalWork = (cost->bytesToRead + cost->extents * kExtentBytes) * share;
  result.totalReads = cost->reads * share;
  return result;
}

/// Halving that saves less is no remedy where memory is wanting.
bool savesMemory(const ChunkCost& smaller, const ChunkCost& larger) { return smaller.chunkBytes < larger.chunkBytes * 0.9; }

/// The chunk halved along the dim that costs least extra reading, of those that save memory if that is wanted and any does; nullopt when
/// nothing can be halved.
Result<std::optional<std::pair<Shape, ChunkCost>>> halved(const Graph& graph, const Stage& stage, const ArraySpec& spec, const Shape& chunk,
                                                          const ChunkCost& whole, bool wantsMemory, bool keepUnits) {
  std::optional<std::pair<Shape, ChunkCost>> best;
  const std::vector<int>& wholeDims = stage.sinkPlan.wholeDims;
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    if (std::find(wholeDims.begin(), wholeDims.end(), static_cast<int>(d)) != wholeDims.end()) continue;
    const std::int64_t unit = keepUnits ? std::clamp<std::int64_t>(stage.sinkPlan.unit[d], 1, spec.dims[d].size) : 1;
    const std::int64_t units = (chunk[d] + unit - 1) / unit;
    if (units < 2) continue;
    Shape smaller = chunk;
    smaller[d] = (units + 1) / 2 * unit;
    auto cost = costOf(graph, stage, spec, smaller);
    if (!cost) return fail(cost.error());
    const auto saves = [&](const ChunkCost& one) { return !wantsMemory || savesMemory(one, whole); };
    if (!best || (saves(*cost) == saves(best->second) ? isBetter(*cost, best->second) : saves(*cost))) best = {std::move(smaller), *cost};
  }
  return best;
}

void place(const Graph& graph, Stage& stage, const Shape& chunk, double chunkBytes) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(stage.node)].operation->spec();
  stage.chunks = ChunkGrid(spec.shape(), chunk);
  stage.chunkBytes = chunkBytes;
  stage.parts = 1;
  if (stage.chunks.count() < static_cast<std::int64_t>(kChunksWanted))
    if (const auto parted = partedNode(graph, stage.node, stage.chunks.region(0)))
      stage.parts = static_cast<std::int64_t>(parted->parts.size());
}

/// The `k`-th of a sample spread over [0, count) without a rhythm that the grid of chunks could share: multiples of the golden ratio.
std::int64_t spread(std::int64_t k, std::int64_t count) {
  const double turn = static_cast<double>(k) * 0.61803398874989485;
  return std::min(static_cast<std::int64_t>((turn - std::floor(turn)) * static_cast<double>(count)), count - 1);
}

}  // namespace

Result<void> chooseChunks(const Graph& graph, Stage& stage, double mostChunkBytes) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(stage.node)].operation->spec();
  Shape chunk = spec.shape();
  stage.sinkPlan.unit.resize(chunk.size(), 1);
  auto cost = costOf(graph, stage, spec, chunk);
  if (!cost) return fail(cost.error());
  const bool isParted = partedNode(graph, stage.node, fullRegion(chunk)).has_value();
  const double work = cost->readBytes + spec.bytes();
  const double fairShare = std::max(work / kChunksWanted, kLeastWorkPerChunk);
  bool keepUnits = true;
  while (true) {
    const double outBytes = static_cast<double>(regionCount(fullRegion(chunk))) * static_cast<double>(pixelTypeBytes(spec.type));
    // Writing wants large pieces, reading and computing small ones, which stay in the processor's caches.
    const double mostRead = outBytes < cost->readBytes / 4 ? kMostReducedPerChunk : kMostReadPerChunk;
    const bool tooMuchRead = !isParted && cost->readBytes + outBytes > std::min(fairShare, mostRead);
    const bool tooLarge = cost->chunkBytes > kMostBytesPerChunk;
    const bool overBudget = mostChunkBytes > 0 && cost->chunkBytes > mostChunkBytes;
    if (!overBudget && !tooMuchRead && !tooLarge) break;
    auto next = halved(graph, stage, spec, chunk, *cost, overBudget || tooLarge, keepUnits);
    if (!next) return fail(next.error());
    if (!*next) {
      if (!keepUnits || !(overBudget || tooLarge)) break;
      keepUnits = false;  // the sink then assembles its units from pieces
      continue;
    }
    // Halving that saves no memory, or costs much reading, is no remedy.
    const bool forMemory = (overBudget || tooLarge) && savesMemory((*next)->second, *cost);
    if (overBudget && !forMemory && keepUnits) {  // pieces of units may save what whole units do not
      keepUnits = false;
      continue;
    }
    const bool readsMore = (*next)->second.totalWork > cost->totalWork * 1.25;
    if (!forMemory && (!tooMuchRead || readsMore)) break;
    chunk = (*next)->first;
    cost = (*next)->second;
  }
  place(graph, stage, chunk, cost->chunkBytes);
  return {};
}

Result<void> setChunks(const Graph& graph, Stage& stage, const std::vector<std::int64_t>& chunk) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(stage.node)].operation->spec();
  auto cost = costOf(graph, stage, spec, chunk);
  if (!cost) return fail(cost.error());
  place(graph, stage, chunk, cost->chunkBytes);
  return {};
}

Result<StageSurvey> surveyChunks(const Graph& graph, const Stage& stage) {
  StageSurvey survey;
  survey.reads.resize(graph.nodes.size(), 0);
  survey.makes.resize(graph.nodes.size(), 0);
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(stage.node)].operation->spec();
  const UnitRange range = stage.chunkRange();
  const std::int64_t count = range.count();
  const std::int64_t looked = count <= kExactChunks ? count : kSampledChunks;
  double elements = 0;
  for (std::int64_t k = 0; k < looked; ++k) {
    const Region region = stage.chunks.region(range.first + (looked == count ? k : spread(k, count)));
    auto cost = evaluateCost(graph, stage.node, region, stage.sharing);
    if (!cost) return fail(cost.error());
    elements += static_cast<double>(regionCount(region));
    for (std::size_t n = 0; n < survey.reads.size(); ++n) {
      survey.reads[n] += cost->readPerNode[n];
      survey.makes[n] += cost->madePerNode[n];
    }
    survey.chunkBytes = std::max(survey.chunkBytes, inFlightBytes(stage, region, spec.type, cost->peakBytes));
  }
  // By elements: chunks at the far edges are smaller than the others.
  double scale = looked < count
                     ? static_cast<double>(spec.count()) * static_cast<double>(count) / static_cast<double>(stage.chunks.count()) / elements
                     : 1;
  if (stage.parts > 1 && count > 0) scale *= static_cast<double>(stage.units().count()) / static_cast<double>(count * stage.parts);
  if (scale != 1)
    for (std::vector<double>* sums : {&survey.reads, &survey.makes})
      for (double& sum : *sums) sum *= scale;
  return survey;
}

StageSurvey surveyMade(const Graph& graph, const Stage& stage) {
  StageSurvey survey;
  survey.reads.resize(graph.nodes.size(), 0);
  survey.makes.resize(graph.nodes.size(), 0);
  if (stage.units().count() == 0) return survey;
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(stage.node)].operation->spec();
  const Region first = stage.chunks.region(stage.chunkRange().first);  // no other is larger
  double states = 0;
  if (const auto parted = stage.parts > 1 ? partedNode(graph, stage.node, first) : std::nullopt)
    states = 4 * parted->reducer->partialBytes(parted->region);  // in total, one that is added, its bytes as read and as taken apart
  survey.chunkBytes = inFlightBytes(stage, first, spec.type, states);
  return survey;
}

}  // namespace cubeloom
