// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/part_cut.h"

#include <algorithm>
#include <numeric>

namespace cubeloom {
namespace {

constexpr double kPartBytes = 24.0 * 1048576;
constexpr double kLargestBlocks = 64.0 * 1048576;  // a row of blocks beyond it is cut all the same
constexpr double kPieceBytes = 1.0 * 1048576;      // half of a usual second-level cache

/// The most indices of `indexBytes` each within `bytes`, a multiple of `unit`.
std::int64_t within(double bytes, double indexBytes, std::int64_t unit) {
  return std::max(unit, static_cast<std::int64_t>(bytes / std::max(indexBytes, 1.0)) / unit * unit);
}

}  // namespace

PartCut::PartCut(const ArraySpec& input, int dim)
    : m_dim(static_cast<std::size_t>(dim)),
      m_elementBytes(static_cast<double>(pixelTypeBytes(input.type))),
      m_size(input.dims[m_dim].size),
      m_runs(m_dim + 1 == input.dims.size() ? kRunValues : 1) {
  m_indexBytes = input.bytes() / static_cast<double>(std::max<std::int64_t>(m_size, 1));
  if (input.storage.block.size() == input.dims.size())
    m_blocks = std::lcm(std::clamp<std::int64_t>(input.storage.block[m_dim], 1, m_size), m_runs);
}

std::vector<Region> PartCut::parts(const Region& whole, bool bySpec) const {
  const double indexBytes =
      bySpec ? m_indexBytes : static_cast<double>(regionCount(whole)) * m_elementBytes / static_cast<double>(whole[m_dim].count());
  const bool onBlocks = m_blocks > 0 && static_cast<double>(m_blocks) * indexBytes <= kLargestBlocks;
  return cut(whole, within(kPartBytes, indexBytes, onBlocks ? m_blocks : m_runs));
}

std::vector<Region> PartCut::pieces(const Region& part) const {
  if (m_blocks == 0 || part[m_dim].isEmpty()) return {part};
  const double indexBytes = static_cast<double>(regionCount(part)) * m_elementBytes / static_cast<double>(part[m_dim].count());
  return cut(part, within(kPieceBytes, indexBytes, m_blocks));
}

std::vector<Region> PartCut::cut(const Region& region, std::int64_t step) const {
  const std::int64_t size = region[m_dim].count();
  std::vector<Region> pieces;
  for (std::int64_t first = 0; first < size; first += step) {
    pieces.push_back(region);
    pieces.back()[m_dim] = region[m_dim].slice(first, std::min(step, size - first));
  }
  return pieces;
}

}  // namespace cubeloom
