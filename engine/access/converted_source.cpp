// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/converted_source.h"

namespace cubeloom {

Result<void> ConvertedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  const auto bytes = static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(storedType());
  if (bytes == 0) return {};
  const Buffer held = context.pool.take(bytes);
  const BlockView from = denseView(held.data(), storedType(), regionShape(region));
  CUBELOOM_TRY(m_stored->read(region, from, context));
  convert(region, from, to);
  return {};
}

ReadCost ConvertedSource::cost(const Region& region) const {
  constexpr double kPoolRounds = 2 << 20;
  ReadCost cost = m_stored->cost(region);
  cost.scratchBytes += static_cast<double>(regionCount(region)) * static_cast<double>(pixelTypeBytes(storedType())) + kPoolRounds;
  return cost;
}

}  // namespace cubeloom
