// SPDX-License-Identifier: GPL-3.0-or-later
// Lookup tables checked once, so that no gather has to.
#include "engine/geo/warp/index_map.h"

#include <cmath>
#include <limits>
#include <string>

#include "engine/base/text.h"
#include "engine/geo/warp/place_search.h"

namespace cubeloom {
namespace {

constexpr double kMostSpan = 256;
constexpr std::int64_t kMostPixels = std::numeric_limits<std::int32_t>::max() - 64;

Result<void> checkSize(std::int64_t rows, std::int64_t cols) {
  if (rows >= 1 && cols >= 1 && rows <= kMostPixels && cols <= kMostPixels) return {};
  return fail(ErrorCode::InvalidParameter, "a lookup of or into " + std::to_string(rows) + " x " + std::to_string(cols) +
                                               " pixels; each side has 1 to " + std::to_string(kMostPixels));
}

}  // namespace

IndexMap::IndexMap(std::int64_t rows, std::int64_t cols, std::int64_t rawRows, std::int64_t rawCols)
    : m_rows(rows), m_cols(cols), m_rawRows(rawRows), m_rawCols(rawCols), m_entries(static_cast<std::size_t>(rows * cols)) {}

IndexMap::Entry IndexMap::at(std::int64_t row, std::int64_t col) const {
  const Packed& packed = m_entries[static_cast<std::size_t>(row * m_cols + col)];
  if (packed.line == 0) return {};
  return {std::abs(packed.line) - 1, packed.sample - 1, packed.line < 0};
}

Result<IndexMap> IndexMap::fromLookup(const std::vector<std::int32_t>& samples, const std::vector<std::int32_t>& lines, std::int64_t rows,
                                      std::int64_t cols, std::int64_t rawRows, std::int64_t rawCols) {
  CUBELOOM_TRY(checkSize(rows, cols));
  CUBELOOM_TRY(checkSize(rawRows, rawCols));
  IndexMap map(rows, cols, rawRows, rawCols);
  if (samples.size() != map.m_entries.size() || lines.size() != map.m_entries.size())
    return fail(ErrorCode::InvalidParameter, "the lookup table holds " + std::to_string(samples.size()) + " samples and " +
                                                 std::to_string(lines.size()) + " lines for " + std::to_string(map.m_entries.size()) +
                                                 " pixels");
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t sample = std::abs(static_cast<std::int64_t>(samples[i])), line = std::abs(static_cast<std::int64_t>(lines[i]));
    if (sample > rawCols || line > rawRows || (sample == 0) != (line == 0))
      return fail(ErrorCode::InvalidParameter,
                  "the lookup table's row " + std::to_string(i / static_cast<std::size_t>(cols)) + ", column " +
                      std::to_string(i % static_cast<std::size_t>(cols)) + " points to sample " + std::to_string(samples[i]) + ", line " +
                      std::to_string(lines[i]) + " of " + std::to_string(rawCols) + " samples and " + std::to_string(rawRows) + " lines",
                  "Check that the table belongs to this array.");
    const bool isInfilled = samples[i] < 0 || lines[i] < 0;
    map.m_entries[i] = {static_cast<std::int32_t>(isInfilled ? -line : line), static_cast<std::int32_t>(sample)};
  }
  return map;
}

Result<IndexMap> IndexMap::fromLocations(const Geolocation& places, const GeoBox& target, double maxDistance) {
  CUBELOOM_TRY(checkSize(places.rows, places.cols));
  CUBELOOM_TRY(checkSize(target.rows(), target.cols()));
  const auto count = static_cast<std::size_t>(places.rows * places.cols);
  if (places.x.size() != count || places.y.size() != count)
    return fail(ErrorCode::InvalidParameter, "the location arrays hold " + std::to_string(places.x.size()) + " and " +
                                                 std::to_string(places.y.size()) + " numbers for " + std::to_string(count) + " pixels");
  if (!(maxDistance > 0) || !std::isfinite(maxDistance))
    return fail(ErrorCode::InvalidParameter, "the largest distance to a raw pixel must be positive",
                "Give about the length of a raw pixel's diagonal in the units of the output's CRS.");
  if (target.affine().determinant() == 0) return fail(ErrorCode::InvalidParameter, "the output grid's geotransform spans no area");
  if (const double span = PlaceSearch::cellsWithin(target, maxDistance); span > kMostSpan)
    return fail(ErrorCode::InvalidParameter,
                "the largest distance to a raw pixel spans " + formatSignificant(span, 4) + " output pixels; the limit is " +
                    formatNumber(kMostSpan),
                "Give a coarser grid, or a distance of about a raw pixel.");
  std::vector<double> x = places.x, y = places.y;
  if (!places.crs.isSameAs(target.crs())) {
    auto transformer = Transformer::between(places.crs, target.crs());
    if (!transformer) return fail(std::move(transformer.error()));
    transformer->forward(x.data(), y.data(), count);
  }
  const PlaceSearch search(std::move(x), std::move(y), target, maxDistance);
  IndexMap map(target.rows(), target.cols(), places.rows, places.cols);
  for (std::int64_t row = 0; row < target.rows(); ++row)
    for (std::int64_t col = 0; col < target.cols(); ++col)
      if (const auto nearest = search.nearest(row, col))
        map.m_entries[static_cast<std::size_t>(row * target.cols() + col)] = {
            static_cast<std::int32_t>(static_cast<std::int64_t>(*nearest) / places.cols + 1),
            static_cast<std::int32_t>(static_cast<std::int64_t>(*nearest) % places.cols + 1)};
  return map;
}

}  // namespace cubeloom
