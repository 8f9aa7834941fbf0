// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/awaited_reads.h"

#include <algorithm>

namespace cubeloom {

std::vector<AwaitedRead> awaitedReads(const Plan& plan, const Snapshot& snapshot) {
  std::vector<AwaitedRead> reads;
  for (const WorkInHand& work : snapshot.inHand) {
    if (work.phase != ChunkState::Reading || work.node < 0) continue;
    const auto& operation = plan.graph->nodes[static_cast<std::size_t>(work.node)].operation;
    const std::vector<std::string> files = operation && operation->source() ? operation->source()->files() : std::vector<std::string>();
    if (!files.empty()) reads.push_back({files.front(), files.size(), work.worker, std::max(0.0, snapshot.t - work.readingSince)});
  }
  std::stable_sort(reads.begin(), reads.end(), [](const AwaitedRead& a, const AwaitedRead& b) { return a.seconds > b.seconds; });
  return reads;
}

}  // namespace cubeloom
