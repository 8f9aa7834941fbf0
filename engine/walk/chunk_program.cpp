// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/chunk_program.h"

#include <algorithm>
#include <map>

#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/walk/cost.h"
#include "engine/walk/merged_regions.h"

namespace cubeloom {
namespace {

/// A warp may ask for thousands of samples one by one: among so many, only equal ones are found.
constexpr std::size_t kMostCompared = 64;
/// Two reads of one source become one where that saves this share of the bytes; where nothing is read twice they stay apart, because each
/// then goes straight to its place.
constexpr double kWorthReadingTogether = 0.95;

/// A need that a node has to serve.
struct Demand {
  int step = -1;  ///< whose need it is; -1: the caller's
  int need = 0;
  const Region* region = nullptr;
};

/// Demands that one step will serve.
struct Group {
  Region region;
  std::vector<Demand> demands;
};

}  // namespace

class ProgramBuilder {
 public:
  ProgramBuilder(const Graph& graph, ChunkProgram::Purpose purpose, const Sharing& sharing, const CancelToken* cancel)
      : m_graph(graph), m_purpose(purpose), m_sharing(sharing), m_cancel(cancel), m_demands(graph.nodes.size()) {}

  Result<ChunkProgram> make(int node, const Region& region) {
    m_demands[static_cast<std::size_t>(node)].push_back({-1, 0, &region});
    auto at = std::find(m_graph.order.rbegin(), m_graph.order.rend(), node);
    // Consumers before what they consume: all that is asked of a node is known when its turn comes.
    for (; at != m_graph.order.rend(); ++at) {
      std::vector<Demand>& demands = m_demands[static_cast<std::size_t>(*at)];
      if (demands.empty()) continue;
      if (m_cancel && m_cancel->isCanceled()) return fail(ErrorCode::Canceled, "canceled");
      for (Group& group : grouped(*at, demands)) CUBELOOM_TRY(addStep(*at, std::move(group)));
      demands = {};
    }
    sort();
    return std::move(m_program);
  }

 private:
  WalkStep& step(int i) { return m_program.m_steps[static_cast<std::size_t>(i)]; }

  int portOf(const Demand& demand) { return demand.step < 0 ? 0 : step(demand.step).needs()[static_cast<std::size_t>(demand.need)].input; }

  /// A task that asks one input several times has its reasons: its needs stay apart unless they are equal.
  bool isAskedApart(const Group& group, const Demand& demand) {
    return std::all_of(group.demands.begin(), group.demands.end(),
                       [&](const Demand& other) { return other.step == demand.step && portOf(other) == portOf(demand); });
  }

  bool isWorthMerging(int node, const Region& a, const Region& b, const Region& whole) const {
    const std::int64_t apart = regionCount(a) + regionCount(b), together = regionCount(whole);
    if (together != apart) return together < apart;
    const auto source = m_graph.nodes[static_cast<std::size_t>(node)].operation->source();
    return !source || source->cost(whole).bytes < kWorthReadingTogether * (source->cost(a).bytes + source->cost(b).bytes);
  }

  std::vector<Group> grouped(int node, const std::vector<Demand>& demands) {
    std::vector<Group> groups;
    if (demands.size() > kMostCompared) return equalOnes(demands);
    for (const Demand& demand : demands) {
      bool isPlaced = false;
      for (Group& group : groups) {
        if (group.region != *demand.region) {
          if (isAskedApart(group, demand) || isMergerWasteful(group.region, *demand.region)) continue;
          Region whole = mergedRegion(group.region, *demand.region);
          if (!isWorthMerging(node, group.region, *demand.region, whole)) continue;
          group.region = std::move(whole);
        }
        group.demands.push_back(demand);
        isPlaced = true;
        break;
      }
      if (!isPlaced) groups.push_back({*demand.region, {demand}});
    }
    return groups;
  }

  static std::vector<Group> equalOnes(const std::vector<Demand>& demands) {
    const auto key = [](const Region& region) {
      std::vector<std::int64_t> ends;
      for (const IndexSet& along : region)
        ends.insert(ends.end(), {along.count(), along.isEmpty() ? 0 : along.first(), along.isEmpty() ? 0 : along.max()});
      return ends;
    };
    std::vector<Group> groups;
    std::multimap<std::vector<std::int64_t>, std::size_t> places;
    for (const Demand& demand : demands) {
      const auto [first, last] = places.equal_range(key(*demand.region));
      const auto same = std::find_if(first, last, [&](const auto& place) { return groups[place.second].region == *demand.region; });
      if (same != last) {
        groups[same->second].demands.push_back(demand);
        continue;
      }
      places.emplace(key(*demand.region), groups.size());
      groups.push_back({*demand.region, {demand}});
    }
    return groups;
  }

  Result<void> addStep(int node, Group group) {
    const BoundNode& bound = m_graph.nodes[static_cast<std::size_t>(node)];
    const int index = static_cast<int>(m_program.m_steps.size());
    WalkStep made;
    made.node = node;
    made.region = std::move(group.region);
    made.users = static_cast<int>(group.demands.size());
    CUBELOOM_TRY(std::visit(Overloaded{[&](const LeafOperation* leaf) -> Result<void> {
                                         made.source = leaf->opened();
                                         made.shares = readShares(*made.source, made.region, m_sharing.count);
                                         return {};
                                       },
                                       [&](const ReducerOperation* reducer) -> Result<void> {
                                         made.reducer = reducer;
                                         made.parts = reducer->parts(made.region);
                                         return share(*reducer, made);
                                       },
                                       [&](const KernelOperation* kernel) { return prepare(*kernel, made); }},
                            bound.operation->work())
                     .map_error([&](const Error& e) { return e.atNode(bound.id); }));
    for (const Demand& demand : group.demands) {
      if (demand.step < 0) continue;
      WalkStep& user = step(demand.step);
      user.feeds[static_cast<std::size_t>(demand.need)] = index;
      if (made.users > 1 || !user.needs()[static_cast<std::size_t>(demand.need)].direct) continue;
      made.directUser = demand.step;
      made.directNeed = demand.need;
    }
    m_program.m_steps.push_back(std::move(made));
    const std::vector<Need>& needs = step(index).needs();
    for (std::size_t i = 0; i < needs.size(); ++i) {
      const int input = bound.inputs[static_cast<std::size_t>(needs[i].input)];
      m_demands[static_cast<std::size_t>(input)].push_back({index, static_cast<int>(i), &needs[i].region});
    }
    return {};
  }

  /// A reduction is cut where that reads nothing twice.
  Result<void> share(const ReducerOperation& reducer, WalkStep& made) const {
    made.shares = outputShares(reducer.spec(), made.region, m_sharing.count);
    if (made.shares.empty()) return {};
    const int input = m_graph.nodes[static_cast<std::size_t>(made.node)].inputs[0];
    const auto pieces = [&reducer](const Region& part) { return reducer.pieces(part); };
    const BesideOf besides = besideOf(m_graph, made.node, reducer);
    const auto whole = gatherCost(m_graph, input, made.parts, pieces, besides);
    if (!whole) return fail(whole.error());
    double bytes = 0;
    for (const Share& share : made.shares) {
      const auto cost = gatherCost(m_graph, input, reducer.parts(share.region), pieces, besides);
      if (!cost) return fail(cost.error());
      bytes += cost->bytesToRead;
    }
    if (bytes > kReadsMore * whole->bytesToRead) made.shares.clear();
    return {};
  }

  Result<void> prepare(const KernelOperation& kernel, WalkStep& made) {
    if (m_purpose == ChunkProgram::Purpose::Costs) {
      std::size_t scratch = 0;
      auto needs = kernel.plan(made.region, &scratch);
      if (!needs) return fail(needs.error());
      made.plannedNeeds = std::move(*needs);
      auto shared = sharedScratchBytes(kernel, made.region, m_sharing.count);
      if (!shared) return fail(shared.error());
      made.scratchBytes = static_cast<double>(std::max(scratch, *shared));
    } else {
      const std::int64_t start = nowNs();
      auto task = guarded([&] { return sharedTask(kernel, made.region, m_sharing); });
      if (task && !*task) task = guarded([&] { return kernel.prepare(made.region); });
      made.prepareNs = nowNs() - start;
      if (!task) return fail(task.error());
      made.task = std::move(*task);
      made.scratchBytes = static_cast<double>(made.task->scratchBytes());
    }
    made.feeds.assign(made.needs().size(), -1);
    return {};
  }

  /// Depth first from the first step, feeds in the order of the needs: little is held at once.
  void sort() {
    std::vector<char> isSeen(m_program.m_steps.size(), 0);
    std::vector<std::pair<int, std::size_t>> path{{0, 0}};
    isSeen[0] = 1;
    while (!path.empty()) {
      auto& [index, next] = path.back();
      const std::vector<int>& feeds = step(index).feeds;
      while (next < feeds.size() && isSeen[static_cast<std::size_t>(feeds[next])]) ++next;
      if (next == feeds.size()) {
        m_program.m_order.push_back(index);
        path.pop_back();
        continue;
      }
      const int feed = feeds[next++];
      isSeen[static_cast<std::size_t>(feed)] = 1;
      path.emplace_back(feed, 0);
    }
  }

  const Graph& m_graph;
  const ChunkProgram::Purpose m_purpose;
  const Sharing m_sharing;
  const CancelToken* m_cancel;
  std::vector<std::vector<Demand>> m_demands;  ///< per graph node
  ChunkProgram m_program;
};

Result<ChunkProgram> ChunkProgram::make(const Graph& graph, int node, const Region& region, Purpose purpose, const Sharing& sharing,
                                        const CancelToken* cancel) {
  return ProgramBuilder(graph, purpose, sharing, cancel).make(node, region);
}

}  // namespace cubeloom
