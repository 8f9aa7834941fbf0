// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/loaded_source.h"

#include <algorithm>
#include <cmath>

#include "engine/array/touched_lines.h"
#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/op/family/joined.h"
#include "engine/op/family/run_values.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kTileSide = 256;            // output pixels a side
constexpr double kHeldBytes = 8.0 * (1 << 20);     // of a file's pixels under a part of a tile, and their index map
constexpr double kMedianBytes = 16.0 * (1 << 20);  // of all files' values in a tile
constexpr double kPoolRounds = 4.0 * (2 << 20);    // a large buffer takes whole pages of 2 MiB
constexpr std::size_t kMostOpen = 32, kMostWarps = 64;

PixelList listOf(const IndexSet& set, std::int64_t first, std::int64_t count) {
  PixelList list;
  list.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = first; i < first + count; ++i) list.push_back(set.at(i));
  return list;
}

/// The positions of a region's rows and columns that a part of a tile has, within the tile.
struct TilePart {
  std::int64_t row = 0, rows = 0, col = 0, cols = 0;
};

Failure unlike(const LoadedBand& band, const std::string& why, const std::string& hint) {
  Error e;
  e.code = ErrorCode::ReadFailed;
  e.message = (band.asset.empty() ? "item " : "asset '" + band.asset + "' of item ") + band.item + " is not what was said of it: " + why;
  e.hint = hint;
  e.path = band.path;
  return fail(std::move(e));
}

/// Of the spec of a file: the scale of its band.
std::optional<StoredScale> scaleInFile(const ArraySpec& spec, std::int64_t band) {
  const int d = spec.scaledDim();
  if (d < 0) return spec.storedScale;
  const auto& aux = spec.dims[static_cast<std::size_t>(d)].coordinate.aux;
  const auto i = static_cast<std::size_t>(spec.dims[static_cast<std::size_t>(d)].size == 1 ? 0 : band);
  return StoredScale{aux.at("scale")[i], aux.at("offset")[i]};
}

/// One band of a file as a plane.
class BandReader {
 public:
  BandReader(Source& source, std::int64_t band) : m_source(source), m_band(band) {}

  const ArraySpec& spec() const { return m_source.spec(); }
  Result<void> read(const IndexSet& rows, const IndexSet& cols, const BlockView& to, ReadContext& context) const {
    BlockView view;
    view.data = to.data;
    view.type = to.type;
    const Region region = regionOf(rows, cols);
    for (int d = 0; d < static_cast<int>(region.size()); ++d) {
      view.shape.push_back(region[static_cast<std::size_t>(d)].count());
      view.strides.push_back(d == spec().yDim ? to.strides[0] : d == spec().xDim ? to.strides[1] : 0);
    }
    return m_source.read(region, view, context);
  }
  double scratchBytes(const IndexSet& rows, const IndexSet& cols) const { return cost(rows, cols).scratchBytes; }
  ReadCost cost(const IndexSet& rows, const IndexSet& cols) const { return m_source.cost(regionOf(rows, cols)); }

 private:
  Region regionOf(const IndexSet& rows, const IndexSet& cols) const {
    Region region;
    for (int d = 0; d < static_cast<int>(spec().dims.size()); ++d)
      region.push_back(d == spec().yDim   ? rows
                       : d == spec().xDim ? cols
                                          : IndexSet::single(spec().dims[static_cast<std::size_t>(d)].size == 1 ? 0 : m_band));
    return region;
  }

  Source& m_source;
  std::int64_t m_band;
};

/// The pixels of a file of `size` along an axis, on which pixel i of the cube begins at `first` + i * `step`, that lie under `set`.
IndexSet underneath(const IndexSet& set, double first, double step, std::int64_t size, bool isNearest) {
  if (!isNearest) {
    constexpr double kReach = 4;
    const double reach = kReach * std::max(step, 1.0), end = static_cast<double>(size);
    const double low = std::clamp(std::floor(first + static_cast<double>(set.min()) * step - reach), 0.0, end);
    const double high = std::clamp(std::ceil(first + static_cast<double>(set.max() + 1) * step + reach), low, end);
    return IndexSet::range(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high - low));
  }
  PixelList list;
  for (std::int64_t i = 0; i < set.count(); ++i) {
    const std::int64_t pixel = nearestPixel(first + (static_cast<double>(set.at(i)) + 0.5) * step, size);
    if (pixel >= 0 && (list.empty() || pixel > list.back())) list.push_back(pixel);
  }
  return IndexSet::list(std::move(list));
}

/// What reading that of a file takes which lies under rows and columns of the cube, by a file that is stored alike; nothing where the two
/// grids are not parallel, or no such file is known.
std::optional<ReadCost> costBySample(const LoadedBand& band, const GeoBox& box, const GeoBox& cube, const IndexSet& rows,
                                     const IndexSet& cols) {
  const Affine toFile = box.affine().inverse() * cube.affine();
  const bool isParallel =
      (box.crs().isSameAs(cube.crs()) || !box.crs().isValid()) && toFile.isAxisAligned() && toFile.a > 0 && toFile.e > 0;
  if (band.sample == nullptr || !isParallel) return std::nullopt;
  const ArraySpec& spec = band.sample->spec();
  const int spectral = spec.spectralDim();
  const std::int64_t bands = spectral < 0 ? 1 : spec.dims[static_cast<std::size_t>(spectral)].size;
  const bool isNearest = band.method == Resampling::Nearest;
  const IndexSet y = underneath(rows, toFile.f, toFile.e, std::min(box.rows(), spec.geobox->rows()), isNearest),
                 x = underneath(cols, toFile.c, toFile.a, std::min(box.cols(), spec.geobox->cols()), isNearest);
  if (y.isEmpty() || x.isEmpty()) return ReadCost();
  return BandReader(*band.sample, std::min(band.band, bands - 1)).cost(y, x);
}

}  // namespace

/// One file's pixels of one tile being added to it.
class LoadedSource::Tile {
 public:
  Tile(const LoadedBand& band, const LoadedCube& cube, Source& source, const Warp& warp, double mostHeld, OverlapValues& values)
      : m_band(band),
        m_reader(source, band.band),
        m_warp(warp),
        m_mostHeld(mostHeld),
        m_mostScratch(cube.readScratchBytes),
        m_values(values) {
    const ArraySpec& spec = source.spec();
    m_fileType = spec.type;
    m_nodata = spec.nodata ? spec.nodata : band.nodata ? band.nodata : cube.nodata;
    if (m_nodata && !canHold(m_fileType, *m_nodata)) m_nodata.reset();
    if (cube.isDecoded) m_scale = scaleInFile(spec, band.band) ? scaleInFile(spec, band.band) : band.scale;
    m_isConverted = m_scale || (!m_nodata && isInteger(m_fileType));
    m_type = !m_isConverted ? m_fileType : needsDouble(m_fileType) ? PixelType::Float64 : PixelType::Float32;
    m_warpNodata = m_isConverted ? std::optional<double>(NAN) : m_nodata;
  }

  /// `rows` and `cols`: of the whole tile, on the cube's grid.
  Result<void> add(const PixelList& rows, const PixelList& cols, ReadContext& context) {
    m_rows = &rows, m_cols = &cols, m_context = &context;
    return addPart({0, static_cast<std::int64_t>(rows.size()), 0, static_cast<std::int64_t>(cols.size())});
  }

 private:
  PixelList rowsOf(const TilePart& part) const { return {m_rows->begin() + part.row, m_rows->begin() + part.row + part.rows}; }
  PixelList colsOf(const TilePart& part) const { return {m_cols->begin() + part.col, m_cols->begin() + part.col + part.cols}; }

  Result<void> addPart(const TilePart& part) {
    if (m_context->cancel.isCanceled()) return fail(ErrorCode::Canceled, "reading was canceled");
    const PixelList rows = rowsOf(part), cols = colsOf(part);
    const bool isPixel = part.rows * part.cols == 1;
    if (auto inside = m_warp.separable(rows, cols)) {
      if (inside->rows.empty() || inside->cols.empty()) return {};
      WarpNeed need;
      need.rows = IndexSet::list(std::move(inside->rows));
      need.cols = IndexSet::list(std::move(inside->cols));
      if (!isPixel && bytesOf(need) > m_mostHeld) return addHalves(part);
      auto held = pixels(need);
      if (!held) return fail(std::move(held.error()));
      take(held->view, {part.row + inside->firstRow, need.rows.count(), part.col + inside->firstCol, need.cols.count()});
      return {};
    }
    if (!isPixel && static_cast<double>(m_warp.pieceBytesBound(rows.size(), cols.size())) > m_mostHeld) return addHalves(part);
    auto piece = m_warp.piece(rows, cols);
    if (!piece) return fail(std::move(piece.error()));
    const WarpNeed& need = (*piece)->need();
    if (need.isEmpty()) return {};
    if (bytesOf(need) + static_cast<double>((*piece)->bytes()) > m_mostHeld) {
      if (!isPixel) return addHalves(part);
      return unlike(
          m_band,
          "a pixel of the cube covers " + formatCount(need.rows.count()) + " x " + formatCount(need.cols.count()) + " of its pixels",
          "take resampling=nearest, or a finer resolution");
    }
    auto held = pixels(need);
    if (!held) return fail(std::move(held.error()));
    Block target = makeBlock(m_context->pool, m_type, {part.rows, part.cols});
    const double fill = m_warpNodata.value_or(NAN);
    fillBlock(target.view, fill);
    (*piece)->apply(m_type, planeOf(held->view), planeOf(target.view), m_warpNodata, fill);
    take(target.view, part);
    return {};
  }

  Result<void> addHalves(const TilePart& part) {
    TilePart first = part, second = part;
    if (part.cols >= part.rows) {
      first.cols = part.cols / 2;
      second.col += first.cols, second.cols -= first.cols;
    } else {
      first.rows = part.rows / 2;
      second.row += first.rows, second.rows -= first.rows;
    }
    CUBELOOM_TRY(addPart(first));
    return addPart(second);
  }

  static Plane planeOf(const BlockView& view) { return {view.data, view.shape[0], view.shape[1], view.strides[0], view.strides[1]}; }

  double bytesOf(const WarpNeed& need) const {
    const auto each = static_cast<double>(pixelTypeBytes(m_fileType) + (m_isConverted ? pixelTypeBytes(m_type) : 0));
    return static_cast<double>(need.rows.count()) * static_cast<double>(need.cols.count()) * each;
  }

  /// As they are resampled: those that the file has, or their true values.
  Result<Block> pixels(const WarpNeed& need) {
    Block stored = makeBlock(m_context->pool, m_fileType, {need.rows.count(), need.cols.count()});
    if (const double scratch = m_reader.scratchBytes(need.rows, need.cols); scratch > m_mostScratch)
      return unlike(m_band,
                    "reading it takes " + formatSize(scratch) + ", of the files that were looked at at most " + formatSize(m_mostScratch),
                    "write it anew in smaller tiles, or leave the item out");
    CUBELOOM_TRY(m_reader.read(need.rows, need.cols, stored.view, *m_context));
    if (!m_isConverted) return stored;
    Block made = makeBlock(m_context->pool, m_type, stored.view.shape);
    if (m_type == PixelType::Float32) {
      convert<float>(stored.view, made.view);
    } else {
      convert<double>(stored.view, made.view);
    }
    return made;
  }

  template <class T>
  void convert(const BlockView& from, const BlockView& to) const {
    const RunLoader<T> loader(m_fileType, m_nodata);
    const StoredScale scale = m_scale.value_or(StoredScale{});
    const auto factor = static_cast<T>(scale.factor), offset = static_cast<T>(scale.offset);
    T* out = to.as<T>();
    forEachRun(from, [&](const std::byte* run, std::int64_t count, std::int64_t step) {
      loader.loadNan(run, step, static_cast<std::size_t>(count), out);
      if (m_scale)
        for (std::int64_t i = 0; i < count; ++i) out[i] = out[i] * factor + offset;
      out += count;
    });
  }

  /// Adds the valid ones of `block` to the values of `part`.
  void take(const BlockView& block, const TilePart& part) {
    const RunLoader<double> loader(m_type, m_warpNodata);
    m_row.resize(static_cast<std::size_t>(part.cols));
    std::int64_t row = part.row;
    forEachRun(block, [&](const std::byte* from, std::int64_t count, std::int64_t step) {
      loader.loadNan(from, step, static_cast<std::size_t>(count), m_row.data());
      std::size_t element = static_cast<std::size_t>(row++) * m_cols->size() + static_cast<std::size_t>(part.col);
      for (std::int64_t i = 0; i < count; ++i, ++element)
        if (const double value = m_row[static_cast<std::size_t>(i)]; value == value) m_values.add(element, value);
    });
  }

  const LoadedBand& m_band;
  BandReader m_reader;
  const Warp& m_warp;
  double m_mostHeld, m_mostScratch;
  OverlapValues& m_values;
  PixelType m_fileType = PixelType::Float32, m_type = PixelType::Float32;
  std::optional<double> m_nodata, m_warpNodata;
  std::optional<StoredScale> m_scale;
  bool m_isConverted = false;
  const PixelList *m_rows = nullptr, *m_cols = nullptr;
  ReadContext* m_context = nullptr;
  std::vector<double> m_row;
};

LoadedSource::LoadedSource(LoadedCube cube, SourceProvider& sources) : m_cube(std::move(cube)), m_sources(sources) {}

LoadedSource::Spread LoadedSource::tileOf(std::size_t files) const {
  if (m_cube.overlap != Overlap::Median) return {kTileSide, kTileSide};
  const double most = kMedianBytes / (static_cast<double>(std::max<std::size_t>(files, 1)) * sizeof(double));
  const auto side = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::sqrt(most)), 1, kTileSide);
  return {side, side};
}

const std::vector<LoadedBand>& LoadedSource::cellAt(const Region& region, std::int64_t time, std::int64_t band) const {
  const std::size_t b = hasTime() ? 1 : 0;
  const std::int64_t bands = m_cube.spec.dims[b].size;
  return m_cube.cells[static_cast<std::size_t>((hasTime() ? region[0].at(time) * bands : 0) + region[b].at(band))];
}

bool LoadedSource::touches(const LoadedBand& band, const IndexSet& rows, const IndexSet& cols) const {
  const Window& window = m_cube.grids[band.grid].window;
  return rows.min() < window.row + window.rows && rows.max() >= window.row && cols.min() < window.col + window.cols &&
         cols.max() >= window.col;
}

double LoadedSource::mostHeld(const LoadedBand& band) const {
  constexpr double kBytes = 16, kDistortion = 4;  // stored and converted; what the density may be off by
  return std::max(kHeldBytes, kDistortion * kBytes * m_cube.grids[band.grid].density);
}

Result<void> LoadedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  if (regionCount(region) == 0) return {};
  const std::size_t b = hasTime() ? 1 : 0;
  for (std::int64_t time = 0; time < (hasTime() ? region[0].count() : 1); ++time)
    for (std::int64_t band = 0; band < region[b].count(); ++band) {
      const BlockView plane = (hasTime() ? to.at(0, time) : to).at(0, band);
      CUBELOOM_TRY(readPlane(cellAt(region, time, band), region[b + 1], region[b + 2], plane, context));
    }
  return {};
}

Result<void> LoadedSource::readPlane(const std::vector<LoadedBand>& cell, const IndexSet& rows, const IndexSet& cols, const BlockView& to,
                                     ReadContext& context) {
  const auto [tileRows, tileCols] = tileOf(cell.size());
  const RunStorer<double> storer(to.type, m_cube.spec.nodata);
  std::vector<double> row;
  std::vector<std::uint8_t> valid;
  for (std::int64_t r = 0; r < rows.count(); r += tileRows)
    for (std::int64_t c = 0; c < cols.count(); c += tileCols) {
      const std::int64_t height = std::min(tileRows, rows.count() - r), width = std::min(tileCols, cols.count() - c);
      const BlockView out = to.sub({r, c}, {height, width});
      const IndexSet ownRows = rows.slice(r, height), ownCols = cols.slice(c, width);
      std::vector<const LoadedBand*> under;
      for (const LoadedBand& band : cell)
        if (touches(band, ownRows, ownCols)) under.push_back(&band);
      OverlapValues values(m_cube.overlap, static_cast<std::size_t>(height * width), under.size());
      const PixelList rowList = listOf(ownRows, 0, height), colList = listOf(ownCols, 0, width);
      for (const LoadedBand* band : under) {
        if (values.isSettled()) break;
        auto source = opened(*band);
        if (!source) return fail(std::move(source.error()));
        auto warp = warpOf(*band);
        if (!warp) return fail(std::move(warp.error()));
        CUBELOOM_TRY(Tile(*band, m_cube, **source, **warp, mostHeld(*band), values).add(rowList, colList, context));
      }
      std::size_t element = 0;
      forEachRun(out, [&](std::byte* at, std::int64_t n, std::int64_t step) {
        row.resize(static_cast<std::size_t>(n));
        valid.assign(static_cast<std::size_t>(n), 1);
        for (double& value : row) value = values.at(element++);
        storer.store(row.data(), valid.data(), row.size(), at, step);
      });
    }
  return {};
}

ReadCost LoadedSource::cost(const Region& region) const {
  ReadCost cost;
  if (regionCount(region) == 0) return cost;
  const std::size_t b = hasTime() ? 1 : 0;
  const IndexSet &rows = region[b + 1], &cols = region[b + 2];
  const auto span = [](const IndexSet& set) { return static_cast<double>(set.max() - set.min() + 1); };
  const auto shared = [](const IndexSet& set, std::int64_t first, std::int64_t count) {
    return static_cast<double>(std::min(set.max() + 1, first + count) - std::max(set.min(), first));
  };
  // Of lines that are left out between others only the nearest need not be read.
  double held = 0;
  std::size_t most = 0;
  for (std::int64_t time = 0; time < (hasTime() ? region[0].count() : 1); ++time)
    for (std::int64_t band = 0; band < region[b].count(); ++band) {
      std::size_t files = 0;
      for (const LoadedBand& one : cellAt(region, time, band)) {
        if (!touches(one, rows, cols)) continue;
        const LoadedGrid& grid = m_cube.grids[one.grid];
        if (const auto known = costBySample(one, grid.box, *m_cube.spec.geobox, rows, cols)) {
          cost.bytes += known->bytes;
          cost.extents += known->extents;
        } else {
          const double chosen = one.method == Resampling::Nearest ? static_cast<double>(rows.count()) / span(rows) : 1;
          const double pixels = shared(rows, grid.window.row, grid.window.rows) * shared(cols, grid.window.col, grid.window.cols);
          cost.bytes += pixels * grid.density * chosen * static_cast<double>(pixelTypeBytes(one.type));
          cost.extents += 1;
        }
        held = std::max(held, mostHeld(one));
        ++files;
      }
      most = std::max(most, files);
    }
  if (most == 0) return cost;
  const auto [tileRows, tileCols] = tileOf(most);
  const auto elements = static_cast<std::size_t>(std::min(tileRows, rows.count()) * std::min(tileCols, cols.count()));
  constexpr double kElementBytes = sizeof(double);
  cost.scratchBytes = static_cast<double>(OverlapValues::bytes(m_cube.overlap, elements, most)) +
                      static_cast<double>(elements) * kElementBytes + held + m_cube.readScratchBytes + kPoolRounds;
  return cost;
}

std::vector<std::pair<std::int64_t, std::int64_t>> LoadedSource::touchedLines(const Region& region) const {
  if (regionCount(region) == 0) return {};
  const auto y = static_cast<std::size_t>(m_cube.spec.yDim);
  return touchedLineExtents(region[y], 1, m_cube.spec.dims[y].size);
}

Result<std::shared_ptr<Source>> LoadedSource::opened(const LoadedBand& band) {
  {
    const std::lock_guard lock(m_mutex);
    for (auto it = m_open.begin(); it != m_open.end(); ++it) {
      if (it->first != band.path) continue;
      m_open.splice(m_open.begin(), m_open, it);
      return m_open.front().second;
    }
  }
  auto source = m_sources.open({.path = band.path, .variable = {}, .driver = {}});
  if (!source) {
    source.error().code = ErrorCode::ReadFailed;
    source.error().message = "item " + band.item + ": " + source.error().message;
    source.error().path = band.path;
    return source;
  }
  const ArraySpec& spec = (*source)->spec();
  if (!spec.geobox) return unlike(band, "its file has no grid on the ground", "leave the item out");
  if (const std::string what = gridDifference(m_cube.grids[band.grid].box, *spec.geobox); !what.empty())
    return unlike(band, "the grid of its file is another: " + what, "correct the item's proj:shape and proj:transform");
  if (isComplex(spec.type)) return unlike(band, "its values are complex, real ones are needed", "leave the item out");
  const PixelType made = m_cube.spec.type;
  const bool isHeld = isFloating(made) || m_cube.overlap == Overlap::Count || commonType(made, spec.type) == made;
  if (!isHeld) return unlike(band, "its file has " + std::string(pixelTypeName(spec.type)) + " values", "correct the item's data_type");
  const auto scale =
      scaleInFile(spec, std::min(band.band, spec.spectralDim() < 0 ? 0 : spec.dims[static_cast<std::size_t>(spec.spectralDim())].size - 1));
  if (!m_cube.isDecoded && scale && !(scale == band.scale) && m_cube.overlap != Overlap::Count)
    return unlike(band, "its file states another scale of its values", "load with decode=true");
  const std::int64_t bands = spec.spectralDim() < 0 ? 1 : spec.dims[static_cast<std::size_t>(spec.spectralDim())].size;
  if (band.band >= bands)
    return unlike(band, "its file has " + std::to_string(bands) + " bands, not " + std::to_string(band.band + 1),
                  "correct the item's bands");
  const std::lock_guard lock(m_mutex);
  m_open.emplace_front(band.path, *source);
  if (m_open.size() > kMostOpen) m_open.pop_back();
  return source;
}

Result<std::shared_ptr<const Warp>> LoadedSource::warpOf(const LoadedBand& band) {
  const std::pair key(band.grid, band.method);
  {
    const std::lock_guard lock(m_mutex);
    for (auto it = m_warps.begin(); it != m_warps.end(); ++it) {
      if (it->first != key) continue;
      m_warps.splice(m_warps.begin(), m_warps, it);
      return m_warps.front().second;
    }
  }
  auto warp = Warp::create(m_cube.grids[band.grid].box, *m_cube.spec.geobox, {band.method, m_cube.plainKernel});
  if (!warp) return warp;
  const std::lock_guard lock(m_mutex);
  m_warps.emplace_front(key, *warp);
  if (m_warps.size() > kMostWarps) m_warps.pop_back();
  return warp;
}

}  // namespace cubeloom
