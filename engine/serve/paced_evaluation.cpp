// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/paced_evaluation.h"

#include <algorithm>

#include "engine/base/system.h"
#include "engine/serve/read_pieces.h"
#include "engine/walk/cost.h"

namespace cubeloom {
namespace {

constexpr double kSeconds = 0.03;
constexpr double kFirst = 4096, kLeast = 256;  // elements
constexpr double kGrowth = 8;

}  // namespace

PacedEvaluation::PacedEvaluation(const Graph& graph, int node, EvaluateContext& context, Pace& pace)
    : m_graph(graph), m_node(node), m_context(context), m_pace(pace) {
  for (const int i : upstream(graph, node)) {
    const auto& operation = graph.nodes[static_cast<std::size_t>(i)].operation;
    m_computes = m_computes || (operation && !operation->isView() && !operation->source());
  }
}

Result<void> PacedEvaluation::make(const Region& region, const BlockView& out) {
  if (!m_computes) return evaluateNow(region, out);
  if (!m_dims) {
    auto dims = cheapDims(region);
    if (!dims) return fail(dims.error());
    m_dims = std::move(*dims);
  }
  return make(region, out, 0);
}

/// Dims along which cutting reads hardly more, the one that reads least first.
Result<std::vector<std::size_t>> PacedEvaluation::cheapDims(const Region& region) const {
  const auto whole = evaluateCost(m_graph, m_node, region);
  if (!whole) return fail(whole.error());
  std::vector<std::pair<double, std::size_t>> priced;
  for (std::size_t d = 0; d < region.size(); ++d) {
    if (region[d].count() < 2) continue;
    Region half = region;
    half[d] = half[d].slice(0, (half[d].count() + 1) / 2);
    const auto cost = evaluateCost(m_graph, m_node, half);
    if (!cost) return fail(cost.error());
    if (2 * cost->bytesToRead <= kReadsMoreInPieces * whole->bytesToRead + kPieceReadBytes / 16) priced.emplace_back(cost->bytesToRead, d);
  }
  std::stable_sort(priced.begin(), priced.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> dims;
  dims.reserve(priced.size());
  for (const auto& [price, d] : priced) dims.push_back(d);
  return dims;
}

double PacedEvaluation::allowed() const {
  const double pace = m_pace.secondsPerElement;
  const double known = pace > 0 ? std::max(kLeast, kSeconds / pace) : kFirst;
  return m_last > 0 ? std::min(known, kGrowth * m_last) : known;
}

Result<void> PacedEvaluation::make(const Region& region, const BlockView& out, std::size_t level) {
  const auto count = static_cast<double>(regionCount(region));
  if (level == m_dims->size() || count <= 1.5 * allowed()) return evaluateNow(region, out);
  const std::size_t d = (*m_dims)[level];
  const std::int64_t size = region[d].count();
  const double each = count / static_cast<double>(size);
  for (std::int64_t first = 0; first < size;) {
    Share share{region, d, first, std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(allowed() / each, 1e15)), 1, size - first)};
    share.region[d] = region[d].slice(share.first, share.count);
    CUBELOOM_TRY(share.count == 1 ? make(share.region, share.in(out), level + 1) : evaluateNow(share.region, share.in(out)));
    first += share.count;
  }
  return {};
}

Result<void> PacedEvaluation::evaluateNow(const Region& region, const BlockView& out) {
  if (m_context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
  const std::int64_t start = nowNs();
  CUBELOOM_TRY(evaluate(m_graph, m_node, region, out, m_context));
  m_last = static_cast<double>(regionCount(region));
  const double now = static_cast<double>(nowNs() - start) * 1e-9 / m_last, before = m_pace.secondsPerElement;
  m_pace.secondsPerElement = before > 0 ? 0.5 * (before + now) : now;
  return {};
}

}  // namespace cubeloom
