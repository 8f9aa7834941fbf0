// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/read_pieces.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/serve/asked_places.h"
#include "engine/walk/cost.h"

namespace cubeloom {
namespace {

constexpr double kPiecePeakBytes = 64.0 * 1024 * 1024;
constexpr double kSharedBytes = 4.0 * 1024 * 1024;  // below it, threads take longer to meet than to work
constexpr std::size_t kMostPriced = 24;             // pieces of which it is asked what they take
constexpr int kSharesPerWorker = 4;

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

Result<PiecedRead> piecesOf(const Graph& graph, int node, const Region& region, double room, ReadResources& resources) {
  return Cutter(graph, node, region, room, resources).cut();
}

}  // namespace cubeloom
