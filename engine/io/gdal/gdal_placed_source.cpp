// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_placed_source.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kTile = 128;                      // output pixels a side
constexpr double kPlacedScratchBytes = 4.0 * (1 << 20);  // of the raster's pixels under a tile
constexpr double kMostCoveredBytes = 16.0 * (1 << 20);   // of the raster's pixels under one pixel of the output
constexpr double kMostReturn = 0.75;                     // pixels of the raster
constexpr int kLattice = 16, kMostSteps = 32;

Failure invalid(const OpenRequest& request, const char* parameter, const std::string& message, const char* remedy) {
  Failure failure = failAt(ErrorCode::InvalidParameter, request.path, message, remedy);
  failure.value().parameter = parameter;
  return failure;
}

Resampling methodOf(const OpenRequest& request) { return resamplingFromName(request.resampling).value_or(Resampling::Nearest); }

/// Of a tile, at most.
double pieceBytes(const PixelMapper& mapper, const WarpOptions& options, const WarpScales& scales) {
  const auto bytes = static_cast<double>(pieceBytesBound(mapper, options, scales, kTile, kTile));
  if (options.method != Resampling::Sum) return bytes;
  // Where the map is nearly torn, an output pixel of a row may look at all raster pixels that the scale lets it reach.
  const double seen = (12.5 / scales.local.x + 14.5) * (12.5 / scales.local.y + 14.5);
  return bytes + 2.0 * static_cast<double>(kTile) * seen * (5 * sizeof(double));
}

/// How far a pixel of the raster comes back from where it started, to the grid and back, in pixels: the largest of 17 x 17 over it.
double worstReturn(const PixelMapper& mapper) {
  std::vector<double> x, y, around;
  for (int i = 0; i <= kLattice; ++i)
    for (int j = 0; j <= kLattice; ++j) {
      x.push_back(static_cast<double>(mapper.sourceCols()) * j / kLattice);
      y.push_back(static_cast<double>(mapper.sourceRows()) * i / kLattice);
      around.push_back(0);
    }
  const std::vector<double> cols = x, rows = y;
  mapper.mapToTarget(x.data(), y.data(), around.data(), x.size());
  mapper.map(x.data(), y.data(), x.size());
  double worst = 0;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (std::isfinite(x[k])) worst = std::max({worst, std::abs(x[k] - cols[k]), std::abs(y[k] - rows[k])});
  return worst;
}

PixelList listOf(const IndexSet& set, std::int64_t first, std::int64_t end) {
  PixelList list;
  for (std::int64_t k = first; k < end; ++k) list.push_back(set.at(k));
  return list;
}

}  // namespace

/// Positions [firstRow, endRow) x [firstCol, endCol) of a region's rows and columns.
struct GdalPlacedSource::Tile {
  std::int64_t firstRow, endRow, firstCol, endCol;
  std::int64_t rows() const { return endRow - firstRow; }
  std::int64_t cols() const { return endCol - firstCol; }
};

GdalPlacedSource::GdalPlacedSource(std::shared_ptr<Source> raster, std::shared_ptr<GdalTransformers> transformers, Resampling method,
                                   Nodata nodata)
    : m_raster(std::move(raster)),
      m_transformers(std::move(transformers)),
      m_rasterPixels(m_raster->spec().dims[1].size, m_raster->spec().dims[2].size, Affine(), Crs()),
      m_options{.method = method},
      m_nodata(nodata),
      m_spec(m_raster->spec()) {
  const GeoBox& grid = m_transformers->grid();
  m_spec.dims[1] = {"y", grid.rows(), {}};
  m_spec.dims[2] = {"x", grid.cols(), {}};
  m_spec.setGeobox(grid);
  m_spec.nodata = m_nodata.fill;
  settleResampledMeaning(m_spec, m_options.method);
  m_spec.storage.block = {m_spec.storage.block[0], std::min(kTile, grid.rows()), std::min(kTile, grid.cols())};
}

Result<std::shared_ptr<GdalPlacedSource>> GdalPlacedSource::create(std::shared_ptr<Source> raster,
                                                                   std::shared_ptr<GdalTransformers> transformers, Resampling method,
                                                                   Nodata nodata) {
  std::shared_ptr<GdalPlacedSource> placed(new GdalPlacedSource(std::move(raster), std::move(transformers), method, nodata));
  auto map = placed->m_transformers->borrow();
  if (!map) return fail(std::move(map.error()));
  const PixelMapper mapper(**map, placed->m_rasterPixels, *placed->m_spec.geobox);
  placed->m_scales = warpScales(mapper, placed->m_options);
  const double off = method == Resampling::Sum ? worstReturn(mapper) : 0;
  CUBELOOM_TRY((*map)->outcome());
  // A sum looks for the raster's pixels where the inverse says they are.
  if (off > kMostReturn)
    return invalidParameter("resampling",
                            "from the raster to the ground and back its pixels move by up to " + formatSignificant(off, 3) +
                                " pixels, and beyond " + formatNumber(kMostReturn) + " totals are not kept",
                            "take average, or another georeference: these control points contradict each other");
  placed->m_pieceBytes = pieceBytes(mapper, placed->m_options, placed->m_scales);
  return placed;
}

Result<void> GdalPlacedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  for (std::int64_t row = 0; row < region[1].count(); row += kTile)
    for (std::int64_t col = 0; col < region[2].count(); col += kTile)
      CUBELOOM_TRY(
          readTile(region, to, context, {row, std::min(row + kTile, region[1].count()), col, std::min(col + kTile, region[2].count())}));
  return {};
}

Result<PiecePtr> GdalPlacedSource::makeTilePiece(const PixelList& rows, const PixelList& cols) const {
  auto map = m_transformers->borrow();
  if (!map) return fail(std::move(map.error()));
  PiecePtr piece = makePiece(PixelMapper(**map, m_rasterPixels, *m_spec.geobox), m_options, m_scales, rows, cols);
  CUBELOOM_TRY((*map)->outcome());
  return piece;
}

Result<void> GdalPlacedSource::readTile(const Region& region, const BlockView& to, ReadContext& context, const Tile& tile) {
  if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "reading was canceled");
  {
    auto piece = makeTilePiece(listOf(region[1], tile.firstRow, tile.endRow), listOf(region[2], tile.firstCol, tile.endCol));
    if (!piece) return fail(std::move(piece.error()));
    const bool isPixel = tile.rows() * tile.cols() == 1;
    const double need = bytesOf((*piece)->need());
    if (isPixel && need > mostHeld())
      return failAt(ErrorCode::OverBudget, files().front(),
                    "the pixel in row " + std::to_string(region[1].at(tile.firstRow)) + ", column " +
                        std::to_string(region[2].at(tile.firstCol)) + " of the grid covers " +
                        std::to_string((*piece)->need().rows.count()) + " x " + std::to_string((*piece)->need().cols.count()) +
                        " pixels of the raster, " + formatSize(need) + "; the limit is " + formatSize(mostHeld()),
                    "set resampling=nearest, which takes one of them");
    if (isPixel || (need <= kPlacedScratchBytes && static_cast<double>((*piece)->bytes()) <= m_pieceBytes))
      return applyPiece(**piece, region, to, context, tile);
  }
  // Scattered far: halves, in the end single pixels.
  const bool isWide = tile.cols() >= tile.rows();
  Tile first = tile, second = tile;
  (isWide ? first.endCol : first.endRow) = isWide ? tile.firstCol + tile.cols() / 2 : tile.firstRow + tile.rows() / 2;
  (isWide ? second.firstCol : second.firstRow) = isWide ? first.endCol : first.endRow;
  CUBELOOM_TRY(readTile(region, to, context, first));
  return readTile(region, to, context, second);
}

Result<void> GdalPlacedSource::applyPiece(const WarpPiece& piece, const Region& region, const BlockView& to, ReadContext& context,
                                          const Tile& tile) {
  const WarpNeed& need = piece.need();
  Buffer scratch = context.pool.take(std::max<std::size_t>(1, static_cast<std::size_t>(bytesOf(need))));
  const std::vector<std::int64_t> shape{1, need.rows.count(), need.cols.count()};
  const BlockView held = denseView(scratch.data(), m_spec.type, shape);
  for (std::int64_t band = 0; band < region[0].count(); ++band) {
    if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "reading was canceled");
    if (!need.isEmpty()) CUBELOOM_TRY(m_raster->read({IndexSet::single(region[0].at(band)), need.rows, need.cols}, held, context));
    std::byte* first = to.data + band * to.strides[0] + tile.firstRow * to.strides[1] + tile.firstCol * to.strides[2];
    piece.apply(m_spec.type, {held.data, shape[1], shape[2], held.strides[1], held.strides[2]},
                {first, tile.rows(), tile.cols(), to.strides[1], to.strides[2]}, m_nodata.inRaster, m_nodata.fill);
  }
  return {};
}

double GdalPlacedSource::bytesOf(const WarpNeed& need) const {
  return static_cast<double>(need.rows.count()) * static_cast<double>(need.cols.count()) * static_cast<double>(pixelTypeBytes(m_spec.type));
}

double GdalPlacedSource::mostHeld() const {
  if (m_options.method == Resampling::Nearest) return kPlacedScratchBytes;
  if (isAreaMethod(m_options.method)) return kMostCoveredBytes;
  const auto taps = [this](double scale) { return kernelTaps(m_options.method, scale) + 2.0; };
  return std::max(kPlacedScratchBytes,
                  taps(m_scales.kernel.x) * taps(m_scales.kernel.y) * static_cast<double>(pixelTypeBytes(m_spec.type)));
}

Region GdalPlacedSource::underRegion(const Region& region, int steps) const {
  const auto extent = [](const IndexSet& set) { return static_cast<double>(set.max() + 1 - set.min()); };
  const auto at = [&extent, steps](const IndexSet& set, int step) { return static_cast<double>(set.min()) + extent(set) * step / steps; };
  std::vector<double> x, y;
  for (int i = 0; i <= steps; ++i)
    for (int j = 0; j <= steps; ++j) {
      x.push_back(at(region[2], j));
      y.push_back(at(region[1], i));
    }
  auto map = m_transformers->borrow();
  if (!map) return fullRegion(m_raster->spec().shape());
  (*map)->toSource(x.data(), y.data(), x.size());
  const bool isTorn = std::any_of(x.begin(), x.end(), [](double value) { return !std::isfinite(value); });
  // Where it has no place everywhere, the raster may end just before the next point.
  if (isTorn && steps < kMostSteps) {
    map->reset();
    return underRegion(region, kMostSteps);
  }
  const auto spanOf = [&](const std::vector<double>& values, std::int64_t size, double scale) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    if (low > high) return IndexSet();
    double margin = 2 + pieceReach(m_options, scale) + (high - low) / (2 * steps);  // between the lattice's points the map may bulge
    if (isTorn) margin += std::max(extent(region[1]), extent(region[2])) / steps / std::min(scale, 1.0);
    const double begin = std::clamp(std::floor(low - margin), 0.0, static_cast<double>(size));
    const double end = std::clamp(std::ceil(high + margin), begin, static_cast<double>(size));
    return IndexSet::range(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin));
  };
  const std::vector<Dim>& dims = m_raster->spec().dims;
  return {region[0], spanOf(y, dims[1].size, m_scales.kernel.y), spanOf(x, dims[2].size, m_scales.kernel.x)};
}

ReadCost GdalPlacedSource::tileCost(const Region& tile) const {
  constexpr int kTileSteps = 4;
  Region under = underRegion(tile, kTileSteps);
  if (regionCount(under) == 0) return {};
  under[0] = IndexSet::single(tile[0].first());  // bands are read one by one
  ReadCost cost = m_raster->cost(under);
  const std::int64_t pixels = tile[1].count() * tile[2].count();
  const auto most = m_options.method == Resampling::Nearest ? pixels : std::numeric_limits<std::int64_t>::max();
  const double need = static_cast<double>(std::min(under[1].count(), most)) * static_cast<double>(std::min(under[2].count(), most)) *
                      static_cast<double>(pixelTypeBytes(m_spec.type));
  // A scattered tile is read in halves, each of which may reach as far as the whole.
  const double pieces = need > kPlacedScratchBytes ? std::min(2 * need / kPlacedScratchBytes, static_cast<double>(pixels)) : 1;
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
    }
  Region band = fullRegion(m_raster->spec().shape());
  band[0] = IndexSet::single(region[0].first());
  sum.scratchBytes = m_raster->cost(band).scratchBytes + mostHeld() + m_pieceBytes;
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
  files.insert(files.end(), m_transformers->files().begin(), m_transformers->files().end());
  return files;
}

Result<void> checkPlacing(const OpenRequest& request) {
  const bool isRpc = request.georeference == "rpc";
  if (!request.asksForPlacing() && methodOf(request) != Resampling::Nearest)
    return invalid(request, "resampling", "a raster that is not put on a grid is not resampled",
                   "leave resampling out; georeference and reproject have one");
  if (!isRpc && request.rpcHeight)
    return invalid(request, "rpc_height", "only RPCs ask for a height", "set georeference=rpc, or leave rpc_height out");
  if (!isRpc && !request.rpcDem.empty())
    return invalid(request, "rpc_dem", "only RPCs ask for heights", "set georeference=rpc, or leave rpc_dem out");
  std::error_code error;
  if (!request.rpcDem.empty() && !std::filesystem::is_regular_file(request.rpcDem, error))
    return invalid(request, "rpc_dem", request.rpcDem + " is not a file", "give a raster of heights on this machine");
  return {};
}

Result<void> placeOnGrid(OpenedDataset& opened, std::shared_ptr<GdalHandles> handles, const GdalFacts& facts, const OpenRequest& request) {
  const ArraySpec& raster = opened.source->spec();
  const std::optional<double> nodata = request.nodata ? request.nodata : raster.nodata;
  const Resampling method = methodOf(request);
  if (!nodata && isInteger(raster.type))
    return invalid(request, "nodata",
                   "on a grid the raster is surrounded by pixels that it does not have, and its " +
                       std::string(pixelTypeName(raster.type)) + " values have no nodata to put there",
                   "set 'nodata' of open, or add assign_nodata before georeference");
  if (isComplex(raster.type) && method != Resampling::Nearest)
    return failAt(ErrorCode::UnsupportedType, request.path, "complex values can only be resampled with nearest, not " + request.resampling,
                  "use resampling=nearest");
  auto transformers = GdalTransformers::create(std::move(handles), facts, request);
  if (!transformers) {
    transformers.error().parameter = "georeference";
    return fail(std::move(transformers.error()));
  }
  auto placed = GdalPlacedSource::create(opened.source, std::move(*transformers), method, {nodata, nodata.value_or(NAN)});
  if (!placed) return fail(std::move(placed.error()));
  ArraySpec meant = raster;
  for (std::string& warning : settleResampledMeaning(meant, method)) opened.info.notes.push_back(std::move(warning));
  opened.info.variables[opened.info.chosen].spec = (*placed)->spec();
  opened.info.notes.push_back("placed on the ground by " + request.georeference + ", each pixel by " +
                              (method == Resampling::Nearest ? "the nearest one of the raster" : std::string(resamplingName(method))));
  opened.source = std::move(*placed);
  return {};
}

}  // namespace cubeloom
