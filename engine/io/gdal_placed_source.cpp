// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal_placed_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>

#include "engine/base/text.h"
#include "engine/geo/warp.h"
#include "engine/io/io_error.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kTile = 128;                                  // output pixels a side
constexpr double kScratchBytes = 4.0 * (1 << 20);                    // of the raster's pixels under a tile
constexpr double kMapBytes = 16.0 * sizeof(double) * kTile * kTile;  // positions and pixels of a tile, its half, its quarter ...
constexpr int kLattice = 16;

/// Sorted, each once.
std::vector<std::int64_t> distinct(std::vector<std::int64_t> indices) {
  indices.erase(std::remove(indices.begin(), indices.end(), -1), indices.end());
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

std::int64_t positionOf(const std::vector<std::int64_t>& sorted, std::int64_t index) {
  return std::lower_bound(sorted.begin(), sorted.end(), index) - sorted.begin();
}

Result<void> checkHeights(const OpenRequest& request) {
  const bool isRpc = request.georeference == "rpc";
  const auto invalid = [&](const char* parameter, const std::string& message, const char* remedy) {
    Failure failure = failAt(ErrorCode::InvalidParameter, request.path, message, remedy);
    failure.value().parameter = parameter;
    return failure;
  };
  if (!isRpc && request.rpcHeight)
    return invalid("rpc_height", "only RPCs ask for a height", "set georeference=rpc, or leave rpc_height out");
  if (!isRpc && !request.rpcDem.empty())
    return invalid("rpc_dem", "only RPCs ask for heights", "set georeference=rpc, or leave rpc_dem out");
  std::error_code error;
  if (!request.rpcDem.empty() && !std::filesystem::is_regular_file(request.rpcDem, error))
    return invalid("rpc_dem", request.rpcDem + " is not a file", "give a raster of heights on this machine");
  return {};
}

}  // namespace

/// Positions [firstRow, endRow) x [firstCol, endCol) of a region's rows and columns.
struct GdalPlacedSource::Tile {
  std::int64_t firstRow, endRow, firstCol, endCol;
  std::int64_t rows() const { return endRow - firstRow; }
  std::int64_t cols() const { return endCol - firstCol; }
};

GdalPlacedSource::GdalPlacedSource(std::shared_ptr<Source> raster, std::shared_ptr<GdalTransformers> transformers, const GeoBox& grid,
                                   double fill)
    : m_raster(std::move(raster)), m_transformers(std::move(transformers)), m_spec(m_raster->spec()), m_fill(fill) {
  m_spec.dims[1] = {"y", grid.rows(), {}};
  m_spec.dims[2] = {"x", grid.cols(), {}};
  m_spec.setGeobox(grid);
  m_spec.nodata = fill;
  m_spec.storage.block = {m_spec.storage.block[0], std::min(kTile, grid.rows()), std::min(kTile, grid.cols())};
}

Result<void> GdalPlacedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  for (std::int64_t row = 0; row < region[1].count(); row += kTile)
    for (std::int64_t col = 0; col < region[2].count(); col += kTile)
      CUBELOOM_TRY(
          readTile(region, to, context, {row, std::min(row + kTile, region[1].count()), col, std::min(col + kTile, region[2].count())}));
  return {};
}

Result<void> GdalPlacedSource::readTile(const Region& region, const BlockView& to, ReadContext& context, const Tile& tile) {
  if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "reading was canceled");
  std::vector<double> x, y;
  x.reserve(static_cast<std::size_t>(tile.rows() * tile.cols()));
  y.reserve(x.capacity());
  for (std::int64_t i = tile.firstRow; i < tile.endRow; ++i)
    for (std::int64_t j = tile.firstCol; j < tile.endCol; ++j) {
      x.push_back(static_cast<double>(region[2].at(j)) + 0.5);
      y.push_back(static_cast<double>(region[1].at(i)) + 0.5);
    }
  CUBELOOM_TRY(m_transformers->toRaster(*m_spec.geobox, x, y));
  const std::vector<Dim>& dims = m_raster->spec().dims;
  std::vector<std::int64_t> rows(x.size()), cols(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    rows[k] = nearestPixel(y[k], dims[1].size);
    cols[k] = nearestPixel(x[k], dims[2].size);
    if (rows[k] < 0 || cols[k] < 0) rows[k] = cols[k] = -1;
  }
  const std::vector<std::int64_t> usedRows = distinct(rows), usedCols = distinct(cols);
  const std::size_t pixelBytes = pixelTypeBytes(m_spec.type);
  const double need = static_cast<double>(usedRows.size()) * static_cast<double>(usedCols.size()) * static_cast<double>(pixelBytes);
  if (need > kScratchBytes && tile.rows() * tile.cols() > 1) {
    // Scattered far: halves, in the end single pixels.
    const bool isWide = tile.cols() >= tile.rows();
    Tile first = tile, second = tile;
    (isWide ? first.endCol : first.endRow) = isWide ? tile.firstCol + tile.cols() / 2 : tile.firstRow + tile.rows() / 2;
    (isWide ? second.firstCol : second.firstRow) = isWide ? first.endCol : first.endRow;
    CUBELOOM_TRY(readTile(region, to, context, first));
    return readTile(region, to, context, second);
  }
  Buffer scratch = context.pool.take(std::max<std::size_t>(1, static_cast<std::size_t>(need)));
  const std::vector<std::int64_t> shape{1, static_cast<std::int64_t>(usedRows.size()), static_cast<std::int64_t>(usedCols.size())};
  const BlockView held = denseView(scratch.data(), m_spec.type, shape);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k] < 0) continue;
    rows[k] = positionOf(usedRows, rows[k]);
    cols[k] = positionOf(usedCols, cols[k]);
  }
  for (std::int64_t band = 0; band < region[0].count(); ++band) {
    if (!usedRows.empty())
      CUBELOOM_TRY(
          m_raster->read({IndexSet::single(region[0].at(band)), IndexSet::list(usedRows), IndexSet::list(usedCols)}, held, context));
    dispatchPixelType(m_spec.type, [&]<class T>(T) {
      T filling;
      fillBlock(denseView(reinterpret_cast<std::byte*>(&filling), m_spec.type, {1}), m_fill);
      std::size_t k = 0;
      for (std::int64_t i = tile.firstRow; i < tile.endRow; ++i)
        for (std::int64_t j = tile.firstCol; j < tile.endCol; ++j, ++k) {
          const T value = rows[k] < 0 ? filling : held.as<T>()[rows[k] * shape[2] + cols[k]];
          std::memcpy(to.data + band * to.strides[0] + i * to.strides[1] + j * to.strides[2], &value, sizeof(T));
        }
    });
  }
  return {};
}

Region GdalPlacedSource::underRegion(const Region& region, int steps) const {
  std::vector<double> x, y;
  const auto at = [steps](const IndexSet& set, int step) {
    const auto low = static_cast<double>(set.min()), high = static_cast<double>(set.max());
    return low + (high - low) * step / steps + 0.5;
  };
  for (int i = 0; i <= steps; ++i)
    for (int j = 0; j <= steps; ++j) {
      x.push_back(at(region[2], j));
      y.push_back(at(region[1], i));
    }
  const std::vector<Dim>& dims = m_raster->spec().dims;
  if (!m_transformers->toRaster(*m_spec.geobox, x, y)) return fullRegion(m_raster->spec().shape());
  const auto spanOf = [steps](const std::vector<double>& values, std::int64_t size) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    if (low > high) return IndexSet();
    const double margin = 2 + (high - low) / (2 * steps);  // between the lattice's points the map may bulge
    const double begin = std::clamp(std::floor(low - margin), 0.0, static_cast<double>(size));
    const double end = std::clamp(std::ceil(high + margin), begin, static_cast<double>(size));
    return IndexSet::range(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin));
  };
  return {region[0], spanOf(y, dims[1].size), spanOf(x, dims[2].size)};
}

ReadCost GdalPlacedSource::tileCost(const Region& tile) const {
  constexpr int kTileSteps = 4;
  Region under = underRegion(tile, kTileSteps);
  if (regionCount(under) == 0) return {};
  under[0] = IndexSet::single(tile[0].first());  // bands are read one by one
  ReadCost cost = m_raster->cost(under);
  const std::int64_t most = tile[1].count() * tile[2].count();
  const double need = static_cast<double>(std::min(under[1].count(), most)) * static_cast<double>(std::min(under[2].count(), most)) *
                      static_cast<double>(pixelTypeBytes(m_spec.type));
  // A scattered tile is read in halves, each of which may reach as far as the whole.
  const double pieces = need > kScratchBytes ? std::min(2 * need / kScratchBytes, static_cast<double>(most)) : 1;
  cost.bytes *= std::ceil(pieces) * static_cast<double>(tile[0].count());
  cost.extents *= std::ceil(pieces) * static_cast<double>(tile[0].count());
  return cost;
}

ReadCost GdalPlacedSource::cost(const Region& region) const {
  if (regionCount(region) == 0) return {};
  ReadCost sum;
  for (std::int64_t row = 0; row < region[1].count(); row += kTile)
    for (std::int64_t col = 0; col < region[2].count(); col += kTile) {
      const ReadCost cost = tileCost({region[0], region[1].slice(row, std::min(kTile, region[1].count() - row)),
                                      region[2].slice(col, std::min(kTile, region[2].count() - col))});
      sum.bytes += cost.bytes;
      sum.extents += cost.extents;
      sum.scratchBytes = std::max(sum.scratchBytes, cost.scratchBytes);
    }
  sum.scratchBytes += kScratchBytes + kMapBytes;
  return sum;
}

std::vector<std::pair<std::int64_t, std::int64_t>> GdalPlacedSource::touchedLines(const Region& region) const {
  if (regionCount(region) == 0) return {};
  const Region under = underRegion(region, kLattice);
  if (regionCount(under) == 0) return {};
  return m_raster->touchedLines(under);
}

std::vector<std::string> GdalPlacedSource::files() const {
  std::vector<std::string> files = m_raster->files();
  if (!m_transformers->heights().empty()) files.push_back(m_transformers->heights());
  return files;
}

Result<void> placeOnGrid(OpenedDataset& opened, std::shared_ptr<GdalHandles> handles, const OpenRequest& request) {
  const ArraySpec& raster = opened.source->spec();
  const std::optional<double> nodata = request.nodata ? request.nodata : raster.nodata;
  if (!nodata && isInteger(raster.type)) {
    Failure failure = failAt(ErrorCode::InvalidParameter, opened.info.path,
                             "on a grid the raster is surrounded by pixels that it does not have, and its " +
                                 std::string(pixelTypeName(raster.type)) + " values have no nodata to put there",
                             "set 'nodata'");
    failure.value().parameter = "nodata";
    return failure;
  }
  CUBELOOM_TRY(checkHeights(request));
  auto transformers = std::make_shared<GdalTransformers>(std::move(handles), request);
  auto grid = transformers->suggestedGrid();
  if (!grid) {
    grid.error().parameter = "georeference";
    return fail(std::move(grid.error()));
  }
  auto placed = std::make_shared<GdalPlacedSource>(opened.source, std::move(transformers), *grid, nodata.value_or(NAN));
  opened.info.variables[opened.info.chosen].spec = placed->spec();
  opened.info.notes.push_back("placed on the ground by " + request.georeference + ", each pixel by the nearest one of the raster");
  opened.source = std::move(placed);
  return {};
}

}  // namespace cubeloom
