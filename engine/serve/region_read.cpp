// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/region_read.h"

#include <algorithm>
#include <cmath>

#include "engine/base/guard.h"
#include "engine/op/made_in_runs.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {
namespace {

constexpr double kPieceReadBytes = 16.0 * 1024 * 1024;  // between two looks at the cancel token
constexpr double kPiecePeakBytes = 64.0 * 1024 * 1024;
constexpr double kSharedBytes = 4.0 * 1024 * 1024;  // below it, threads take longer to meet than to work
constexpr double kPoolBytes = 256.0 * 1024 * 1024;  // kept for the next read
constexpr double kReadsMoreInPieces = 1.5;
constexpr std::size_t kMostPriced = 24;  // pieces of which it is asked what they take
constexpr int kSharesPerWorker = 4;

/// Indices along one dim in ascending order, each once; and where those asked for are among them.
struct Ascending {
  IndexSet indices;
  std::optional<IndexSet> places;  ///< unset: they are in order
};

Ascending ascending(const IndexSet& asked) {
  if (asked.count() <= 1 || asked.isIncreasing()) return {asked, std::nullopt};
  std::vector<std::int64_t> sorted = asked.toVector(), places;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  places.reserve(static_cast<std::size_t>(asked.count()));
  for (std::int64_t i = 0; i < asked.count(); ++i)
    places.push_back(std::lower_bound(sorted.begin(), sorted.end(), asked.at(i)) - sorted.begin());
  return {IndexSet::list(std::move(sorted)), IndexSet::list(std::move(places))};
}

using Places = std::vector<std::optional<IndexSet>>;

/// Copies the elements of `from` at `places` (unset: all) into `to`, dim after dim.
void gather(const BlockView& from, const BlockView& to, const Places& places, std::size_t dim = 0) {
  while (dim < places.size() && !places[dim]) ++dim;
  if (dim == places.size()) return copyBlock(from, to);
  for (std::int64_t i = 0; i < places[dim]->count(); ++i) {
    std::vector<std::int64_t> offset(from.shape.size(), 0), size = from.shape;
    offset[dim] = places[dim]->at(i);
    size[dim] = 1;
    std::vector<std::int64_t> toOffset(to.shape.size(), 0), toSize = to.shape;
    toOffset[dim] = i;
    toSize[dim] = 1;
    gather(from.sub(offset, size), to.sub(toOffset, toSize), places, dim + 1);
  }
}

/// What the libraries that read for `node` keep beside.
double cacheBytes(const Graph& graph, int node) {
  double bytes = 0;
  for (const int i : upstream(graph, node)) {
    const auto& operation = graph.nodes[static_cast<std::size_t>(i)].operation;
    if (const auto source = operation ? operation->source() : nullptr) bytes = std::max(bytes, source->sharedCacheBytes());
  }
  return bytes;
}

double blockBytes(PixelType type, const Region& region) {
  return static_cast<double>(BufferPool::roundedBytes(static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(type)));
}

/// A part of a region made from one run of neighbours along each dim where that matters.
struct RunOfRegion {
  Region region;                      ///< of neighbours
  Places places;                      ///< those that were asked for among them; unset: all
  std::size_t dim = 0;                ///< along which parts follow each other
  std::int64_t first = 0, count = 0;  ///< positions in the whole region along `dim`; 0: it is all of it
  bool isGathered() const {
    return std::any_of(places.begin(), places.end(), [](const auto& one) { return one.has_value(); });
  }
  BlockView in(const BlockView& whole) const {
    if (count == 0) return whole;
    std::vector<std::int64_t> offset(whole.shape.size(), 0), size = whole.shape;
    offset[dim] = first;
    size[dim] = count;
    return whole.sub(offset, size);
  }
};

/// Gaps along one dim become parts, or are made along where they are narrow; along the others everything in between is made.
std::vector<RunOfRegion> runsOf(const Graph& graph, int node, const Region& region) {
  constexpr std::int64_t kNarrow = 4;
  constexpr double kRunBytes = 32.0 * 1024 * 1024;
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(node)].operation->spec();
  RunOfRegion whole{region, Places(region.size()), 0, 0, 0};
  const std::vector<int> needed = upstream(graph, node);
  const bool matters = std::any_of(needed.begin(), needed.end(), [&graph](int i) {
    const auto* inRuns = dynamic_cast<const MadeInRuns*>(graph.nodes[static_cast<std::size_t>(i)].operation.get());
    return inRuns != nullptr && inRuns->needsRuns();
  });
  if (!matters) return {whole};
  std::optional<std::size_t> along;
  for (std::size_t d = 0; d < region.size(); ++d) {
    const bool isPlace = !spec.isSpatial() || static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim;
    if (!isPlace || region[d].isContiguous()) continue;
    const bool isY = spec.isSpatial() && static_cast<int>(d) == spec.yDim;
    if (!along || isY) along = d;
  }
  if (!along) return {whole};
  const auto between = [&region](std::size_t d, std::int64_t first, std::int64_t count) {
    const std::int64_t begin = region[d].at(first), end = region[d].at(first + count - 1);
    return std::pair(IndexSet::range(begin, end - begin + 1), region[d].slice(first, count).shifted(-begin));
  };
  for (std::size_t d = 0; d < region.size(); ++d) {
    const bool isPlace = !spec.isSpatial() || static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim;
    if (!isPlace || region[d].isContiguous() || d == *along) continue;
    auto [neighbours, asked] = between(d, 0, region[d].count());
    whole.region[d] = std::move(neighbours);
    whole.places[d] = std::move(asked);
  }
  Region one = whole.region;
  one[*along] = IndexSet::single(region[*along].first());
  const double lineBytes = blockBytes(spec.type, one);
  std::vector<RunOfRegion> runs;
  const IndexSet& lines = region[*along];
  for (std::int64_t first = 0, next = 1; first < lines.count(); first = next++) {
    while (next < lines.count() && lines.at(next) - lines.at(next - 1) <= kNarrow &&
           static_cast<double>(lines.at(next) - lines.at(first)) * lineBytes < kRunBytes)
      ++next;
    RunOfRegion run = whole;
    auto [neighbours, asked] = between(*along, first, next - first);
    run.region[*along] = std::move(neighbours);
    if (!asked.isContiguous()) run.places[*along] = std::move(asked);
    run.dim = *along;
    run.first = first;
    run.count = next - first;
    runs.push_back(std::move(run));
  }
  return runs;
}

/// How a region is evaluated: in pieces one after another, each by several threads.
struct PiecedRead {
  std::vector<Share> pieces;  ///< empty: as one
  Sharing sharing;
  double peakBytes = 0;  ///< of the most expensive piece, its output not counted
};

/// Chooses the pieces of one read.
class Cutter {
 public:
  /// `room`: bytes for all but the output.
  Cutter(const Graph& graph, int node, const Region& region, double room, ReadResources& resources)
      : m_graph(graph),
        m_node(node),
        m_region(region),
        m_room(room),
        m_resources(resources),
        m_block(graph.nodes[static_cast<std::size_t>(node)].operation->spec().storage.block) {}

  Result<PiecedRead> cut() {
    PiecedRead read;
    auto whole = cost(m_region, {});
    if (!whole) return fail(whole.error());
    const bool isLarge = std::max(whole->bytesToRead, whole->peakBytes) + bytesOf(m_region) > kSharedBytes;
    if (isLarge && m_resources.workers() > 1) {
      if (Workers* helpers = m_resources.helpers())
        read.sharing = {kSharesPerWorker * m_resources.workers(), m_resources.workers(), helpers};
      if (auto shared = cost(m_region, read.sharing)) whole = std::move(shared);
    }
    read.peakBytes = whole->peakBytes;
    const double wanted = std::ceil(
        std::max({whole->bytesToRead / kPieceReadBytes, whole->peakBytes / kPiecePeakBytes, bytesOf(m_region) / kPiecePeakBytes}));
    const bool hasToBeCut = whole->peakBytes > m_room;
    if (wanted > 1 || hasToBeCut) {
      CUBELOOM_TRY(chooseDim());
      CUBELOOM_TRY(cutInto(std::max(wanted, std::ceil(whole->peakBytes / std::max(m_room, 1.0))), *whole, hasToBeCut, read));
    }
    // Threads beside each other take more memory: where that is what does not fit, one does it.
    if (read.peakBytes > m_room && read.sharing.workers != nullptr) {
      read.sharing = {};
      auto alone = mostOf(read);
      if (!alone) return fail(alone.error());
      read.peakBytes = *alone;
    }
    return read;
  }

 private:
  Result<EvaluateCost> cost(const Region& region, const Sharing& sharing) const { return evaluateCost(m_graph, m_node, region, sharing); }
  double bytesOf(const Region& region) const {
    return blockBytes(m_graph.nodes[static_cast<std::size_t>(m_node)].operation->spec().type, region);
  }
  std::int64_t unit(std::size_t d) const {
    return d < m_block.size() && m_block.size() == m_region.size() ? std::max<std::int64_t>(1, m_block[d]) : 1;
  }

  /// The dim along which a half reads least, and in the fewest stretches.
  Result<void> chooseDim() {
    constexpr double kStretchBytes = 16384;  // what going to another place costs
    double least = 0;
    for (std::size_t d = 0; d < m_region.size(); ++d) {
      if (m_region[d].count() < 2) continue;
      Region half = m_region;
      half[d] = half[d].slice(0, (half[d].count() + 1) / 2);
      auto priced = cost(half, {});
      if (!priced) return fail(priced.error());
      const double price = priced->bytesToRead + kStretchBytes * priced->extents + priced->peakBytes / 16;
      if (m_dim && price >= 0.98 * least) continue;
      least = price;
      m_dim = d;
    }
    return {};
  }

  Result<void> cutInto(double wanted, const EvaluateCost& whole, bool hasToBeCut, PiecedRead& read) {
    if (!m_dim) return {};
    const auto most = static_cast<double>(m_region[*m_dim].count());
    for (double count = std::clamp(std::ceil(wanted), 2.0, std::max(2.0, most));; count = std::min(most, 2 * count)) {
      PiecedRead cut{sharesAlong(m_region, *m_dim, unit(*m_dim), static_cast<int>(count)), read.sharing, 0};
      if (cut.pieces.empty() && count >= most) return {};
      auto first = cost(cut.pieces.empty() ? m_region : cut.pieces[0].region, read.sharing);
      if (!first) return fail(first.error());
      const bool readsMore =
          first->bytesToRead * static_cast<double>(cut.pieces.size()) > kReadsMoreInPieces * whole.bytesToRead + kPieceReadBytes;
      if (readsMore && !hasToBeCut) return {};
      auto peak = mostOf(cut);
      if (!peak) return fail(peak.error());
      cut.peakBytes = *peak;
      read = std::move(cut);
      if (!hasToBeCut || read.peakBytes <= m_room || count >= most) return {};
    }
  }

  /// Of some pieces, spread over all.
  Result<double> mostOf(const PiecedRead& read) const {
    if (read.pieces.empty()) {
      auto priced = cost(m_region, read.sharing);
      if (!priced) return fail(priced.error());
      return priced->peakBytes;
    }
    double most = 0;
    const std::size_t count = std::min(read.pieces.size(), kMostPriced);
    for (std::size_t i = 0; i < count; ++i) {
      auto priced = cost(read.pieces[i * (read.pieces.size() - 1) / std::max<std::size_t>(1, count - 1)].region, read.sharing);
      if (!priced) return fail(priced.error());
      most = std::max(most, priced->peakBytes);
    }
    return most;
  }

  const Graph& m_graph;
  const int m_node;
  const Region& m_region;
  const double m_room;
  ReadResources& m_resources;
  const std::vector<std::int64_t>& m_block;
  std::optional<std::size_t> m_dim;
};

}  // namespace

ReadResources::ReadResources(int workers, double budgetBytes) : m_workers(workers), m_memory(budgetBytes) {
  m_pool.setRoom(static_cast<std::int64_t>(std::min(kPoolBytes, budgetBytes / 4)));
}

Workers* ReadResources::helpers() {
  std::call_once(m_isGrown, [this] { m_hasHelpers = guarded([this] { return m_helpers.grow(m_workers); }).has_value(); });
  return m_hasHelpers ? &m_helpers : nullptr;
}

Result<RegionPixels> readRegion(const Graph& graph, int node, const Region& asked, const CancelToken& cancel, ReadResources& resources) {
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
  const std::size_t priced = std::min(runs.size(), kMostPriced);
  for (std::size_t i = 0; i < priced; ++i) {
    auto read = Cutter(graph, node, runs[i * (runs.size() - 1) / std::max<std::size_t>(1, priced - 1)].region, room, resources).cut();
    if (!read) return fail(read.error());
    peakBytes = std::max(peakBytes, read->peakBytes);
  }
  auto lease = resources.memory().take(fixedBytes + peakBytes, cancel);
  if (!lease) return fail(lease.error());

  EvaluateContext context;
  context.pool = resources.pool();
  context.cancel = cancel;
  const auto make = [&](const Region& part, const BlockView& out) -> Result<void> {
    auto read = Cutter(graph, node, part, room, resources).cut();
    if (!read) return fail(read.error());
    context.sharing = read->sharing;
    if (read->pieces.empty()) return evaluate(graph, node, part, out, context);
    for (const Share& piece : read->pieces) {
      if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
      CUBELOOM_TRY(evaluate(graph, node, piece.region, piece.in(out), context));
    }
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
