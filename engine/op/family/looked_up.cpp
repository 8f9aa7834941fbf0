// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/looked_up.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/convert_block.h"
#include "engine/op/family/convert_task.h"
#include "engine/op/family/lookup_table.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kMostWaste = 4;                   // of what is read for a part of the grid, in what it takes itself
constexpr double kFreeBytes = 32.0 * 1024 * 1024;  // that may be read for any part
constexpr double kPageBytes = 4096;                // of a small block
constexpr double kTileBytes = kPageBytes + 512;    // beside the pixels of a tile

struct LookupFacts {
  ArraySpec swath, output;
  std::size_t y = 0, x = 0;  ///< the dims that are replaced
  bool infill = true;
  bool isBetween = false;  ///< four pixels, not one
  Conversion conversion;
  std::int64_t lines() const { return swath.dims[y].size; }
  std::int64_t samples() const { return swath.dims[x].size; }
};

/// A pixel of a region and the one of the swath that it takes, by its place among the lines and samples that are read.
struct LookedUpPixel {
  std::int32_t row, col, line, sample;
  float right = 0, below = 0;  ///< towards the next sample and line
};

/// A part of a region whose pixels are read together.
struct LookupTile {
  std::vector<LookedUpPixel> pixels;
  std::vector<std::int64_t> lines, samples;  ///< rising
};

/// Bytes of one pixel with all of the region that is not rows and columns.
double spectrumBytes(const LookupFacts& facts, const Region& region) {
  double bytes = static_cast<double>(pixelTypeBytes(facts.swath.type));
  for (std::size_t d = 0; d < region.size(); ++d)
    if (d != facts.y && d != facts.x) bytes *= static_cast<double>(region[d].count());
  return bytes;
}

double roundedUp(double bytes) {
  const double unit = bytes >= 2097152 ? 2097152 : kPageBytes;
  return std::ceil(bytes / unit) * unit;
}

/// Cuts a region into tiles, each of which reads little more than it takes.
class LookupTiles {
 public:
  LookupTiles(const LookupFacts& facts, const LookupTable& table, const Region& region)
      : m_facts(facts), m_table(table), m_rows(region[facts.y]), m_cols(region[facts.x]), m_bytes(spectrumBytes(facts, region)) {
    const double wanted = static_cast<double>(m_rows.count()) * static_cast<double>(m_cols.count()) * m_bytes;
    m_mayRead = wanted > 0 ? std::max(kMostWaste, kFreeBytes / wanted) : 0;
    if (wanted > 0) cut({0, 0, m_rows.count(), m_cols.count()});
  }
  std::vector<LookupTile> take() { return std::move(m_tiles); }

 private:
  /// Which pixel of the swath lies in a pixel of the grid, from 0; false: none.
  bool find(std::int64_t row, std::int64_t col, std::int64_t& line, std::int64_t& sample) const {
    const auto at = m_table.placeOf(row, col);
    line = m_table.lines[at];
    sample = m_table.samples[at];
    if (!m_facts.infill && (line < 0 || sample < 0)) return false;
    line = std::abs(line) - 1;
    sample = std::abs(sample) - 1;
    return line >= 0 && sample >= 0 && line < m_facts.lines() && sample < m_facts.samples();
  }

  static void makeUnique(std::vector<std::int64_t>& numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }

  void cut(const Window& part) {
    LookupTile tile;
    std::int64_t line = 0, sample = 0;
    for (std::int64_t r = part.row; r < part.row + part.rows; ++r)
      for (std::int64_t c = part.col; c < part.col + part.cols; ++c)
        if (find(m_rows.at(r), m_cols.at(c), line, sample)) {
          tile.pixels.push_back({static_cast<std::int32_t>(r), static_cast<std::int32_t>(c), static_cast<std::int32_t>(line),
                                 static_cast<std::int32_t>(sample)});
          tile.lines.push_back(line);
          tile.samples.push_back(sample);
          if (!m_facts.isBetween) continue;
          const std::size_t at = m_table.placeOf(m_rows.at(r), m_cols.at(c));
          tile.pixels.back().right = m_table.right[at];
          tile.pixels.back().below = m_table.below[at];
          tile.lines.push_back(std::min(line + 1, m_facts.lines() - 1));
          tile.samples.push_back(std::min(sample + 1, m_facts.samples() - 1));
        }
    if (tile.pixels.empty()) return;
    makeUnique(tile.lines);
    makeUnique(tile.samples);
    const double read = roundedUp(static_cast<double>(tile.lines.size()) * static_cast<double>(tile.samples.size()) * m_bytes);
    const double most = std::max(kPageBytes, m_mayRead * static_cast<double>(part.rows) * static_cast<double>(part.cols) * m_bytes);
    if (read > most && part.rows * part.cols > 1) {
      const bool isTall = part.rows >= part.cols;
      const std::int64_t half = (isTall ? part.rows : part.cols) / 2;
      tile = {};
      cut(isTall ? Window{part.row, part.col, half, part.cols} : Window{part.row, part.col, part.rows, half});
      cut(isTall ? Window{part.row + half, part.col, part.rows - half, part.cols}
                 : Window{part.row, part.col + half, part.rows, part.cols - half});
      return;
    }
    const auto placeIn = [](const std::vector<std::int64_t>& all, std::int64_t number) {
      return static_cast<std::int32_t>(std::lower_bound(all.begin(), all.end(), number) - all.begin());
    };
    for (LookedUpPixel& pixel : tile.pixels) {
      pixel.line = placeIn(tile.lines, pixel.line);
      pixel.sample = placeIn(tile.samples, pixel.sample);
    }
    m_tiles.push_back(std::move(tile));
  }

  const LookupFacts& m_facts;
  const LookupTable& m_table;
  const IndexSet &m_rows, &m_cols;
  double m_bytes, m_mayRead = 0;
  std::vector<LookupTile> m_tiles;
};

class LookupTask : public Task {
 public:
  LookupTask(const LookupFacts& facts, const LookupTable& table, const Region& region)
      : m_facts(facts), m_tiles(LookupTiles(facts, table, region).take()) {
    double largest = 0;
    for (LookupTile& tile : m_tiles) {
      Need need{0, region, {}};
      m_bytes += static_cast<double>(tile.pixels.size() * sizeof(LookedUpPixel)) + kTileBytes - kPageBytes +
                 static_cast<double>((tile.lines.size() + tile.samples.size()) * sizeof(std::int64_t));
      need.region[facts.y] = IndexSet::list(std::move(tile.lines));
      need.region[facts.x] = IndexSet::list(std::move(tile.samples));
      largest = std::max(largest, static_cast<double>(regionCount(need.region)));
      m_needs.push_back(std::move(need));
    }
    if (!facts.conversion.isIdentity()) m_bytes += largest * static_cast<double>(pixelTypeBytes(facts.output.type));
    std::int64_t others = 1;
    for (std::size_t d = 0; d < region.size(); ++d)
      if (d != facts.y && d != facts.x) others *= region[d].count();
    m_bytes += static_cast<double>(others) * sizeof(Offsets);
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return static_cast<std::size_t>(m_bytes); }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    fillBlock(out, m_facts.output.nodata.value_or(NAN));
    std::vector<std::byte> converted;
    for (std::size_t t = 0; t < m_tiles.size(); ++t) {
      BlockView from = inputs[t];
      if (!m_facts.conversion.isIdentity()) {
        converted.resize(static_cast<std::size_t>(from.count()) * pixelTypeBytes(out.type));
        from = denseView(converted.data(), out.type, from.shape);
        convertBlock(inputs[t], from, m_facts.conversion.nodataFrom, m_facts.conversion.nodataTo);
      }
      if (m_facts.isBetween) {
        dispatchRealType(out.type, [&](auto sample) { blend<decltype(sample)>(m_tiles[t], from, out); });
      } else {
        dispatchPixelType(out.type, [&](auto sample) { place<decltype(sample)>(m_tiles[t], from, out); });
      }
    }
    return {};
  }

 private:
  struct Offsets {
    std::int64_t from, to;
  };

  /// Of all elements of a pixel, in bytes.
  std::vector<Offsets> offsetsIn(const BlockView& from, const BlockView& out) const {
    std::vector<Offsets> all{{0, 0}};
    for (std::size_t d = 0; d < out.shape.size(); ++d) {
      if (d == m_facts.y || d == m_facts.x) continue;
      std::vector<Offsets> longer;
      longer.reserve(all.size() * static_cast<std::size_t>(out.shape[d]));
      for (const Offsets& one : all)
        for (std::int64_t i = 0; i < out.shape[d]; ++i) longer.push_back({one.from + i * from.strides[d], one.to + i * out.strides[d]});
      all = std::move(longer);
    }
    return all;
  }

  template <class T>
  void place(const LookupTile& tile, const BlockView& from, const BlockView& out) const {
    const std::vector<Offsets> others = offsetsIn(from, out);
    const auto sourceOf = [&](const LookedUpPixel& p) {
      return from.data + p.line * from.strides[m_facts.y] + p.sample * from.strides[m_facts.x];
    };
    const auto targetOf = [&](const LookedUpPixel& p) {
      return out.data + p.row * out.strides[m_facts.y] + p.col * out.strides[m_facts.x];
    };
    const auto copy = [](const std::byte* source, std::byte* target) { std::memcpy(target, source, sizeof(T)); };
    // What lies side by side is taken one after another: a pixel's elements, or the pixels of a plane.
    const bool isPixelwise = others.size() > 1 && others[1].from - others[0].from < std::abs(from.strides[m_facts.x]);
    if (isPixelwise) {
      for (const LookedUpPixel& pixel : tile.pixels) {
        const std::byte* source = sourceOf(pixel);
        std::byte* target = targetOf(pixel);
        for (const Offsets& other : others) copy(source + other.from, target + other.to);
      }
      return;
    }
    for (const Offsets& other : others)
      for (const LookedUpPixel& pixel : tile.pixels) copy(sourceOf(pixel) + other.from, targetOf(pixel) + other.to);
  }

  /// Nodata, which is NaN here, where one of those that count is.
  template <class T>
  void blend(const LookupTile& tile, const BlockView& from, const BlockView& out) const {
    const std::vector<Offsets> others = offsetsIn(from, out);
    const std::int64_t lastLine = from.shape[m_facts.y] - 1, lastSample = from.shape[m_facts.x] - 1;
    for (const LookedUpPixel& p : tile.pixels) {
      const std::byte* source = from.data + p.line * from.strides[m_facts.y] + p.sample * from.strides[m_facts.x];
      std::byte* target = out.data + p.row * out.strides[m_facts.y] + p.col * out.strides[m_facts.x];
      const std::int64_t down = p.line < lastLine ? from.strides[m_facts.y] : 0,
                         along = p.sample < lastSample ? from.strides[m_facts.x] : 0;
      const std::array<std::int64_t, 4> steps{0, along, down, down + along};
      const double u = p.right, v = p.below;
      const std::array<double, 4> weights{(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v};
      for (const Offsets& other : others) {
        double sum = 0;
        for (std::size_t k = 0; k < steps.size(); ++k) {
          T value;
          std::memcpy(&value, source + other.from + steps[k], sizeof(T));
          if (weights[k] > 0) sum += weights[k] * static_cast<double>(value);
        }
        const auto blended = static_cast<T>(sum);
        std::memcpy(target + other.to, &blended, sizeof(T));
      }
    }
  }

  const LookupFacts& m_facts;
  std::vector<LookupTile> m_tiles;
  std::vector<Need> m_needs;
  double m_bytes = 0;
};

class BoundLookedUp : public FitOperation {
 public:
  /// Without `table` it has to be fitted first.
  BoundLookedUp(std::shared_ptr<const LookupFacts> facts, std::vector<std::string> warnings, std::unique_ptr<const FitPass> pass,
                std::shared_ptr<const LookupTable> table)
      : m_facts(std::move(facts)), m_pass(std::move(pass)), m_table(std::move(table)) {
    m_spec = m_facts->output;
    m_warnings = std::move(warnings);
    m_summary = formatCount(m_spec.geobox->rows()) + " × " + formatCount(m_spec.geobox->cols()) + " · " + m_spec.geobox->crs().label();
  }
  const FitPass* pendingPass() const override { return m_pass.get(); }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    if (!m_table) return fail(ErrorCode::Internal, "the lookup table has not been read");
    return std::make_unique<LookupTask>(*m_facts, *m_table, region);
  }

  /// Before the table is known: what a swath of the grid's pixel size takes that is turned as far as its grid is larger than itself, and
  /// the memory that no table goes beyond where pixels that are neighbours in the grid are near one another in the swath.
  Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const override {
    if (m_table) return KernelOperation::plan(region, scratchBytes);
    const IndexSet &rows = region[m_facts->y], &cols = region[m_facts->x];
    if (rows.isEmpty() || cols.isEmpty()) return std::vector<Need>{};
    const double pixels = static_cast<double>(rows.count()) * static_cast<double>(cols.count());
    const double spectrum = spectrumBytes(*m_facts, region);
    const double swath = static_cast<double>(m_facts->lines()) * static_cast<double>(m_facts->samples());
    const double most = std::min(std::max(kMostWaste * pixels * spectrum, kFreeBytes), roundedUp(swath * spectrum));
    Need need{0, region, {}};
    placeTurned(rows, cols, most / spectrum, need.region);
    if (scratchBytes) {
      const double elementBytes = static_cast<double>(pixelTypeBytes(m_facts->swath.type));
      double bytes = std::max(0.0, most - static_cast<double>(regionCount(need.region)) * elementBytes);
      if (!m_facts->conversion.isIdentity()) bytes += most * static_cast<double>(pixelTypeBytes(m_spec.type)) / elementBytes;
      // The farther apart neighbours are in the swath, the fewer of them a tile has.
      const double grid = static_cast<double>(m_spec.geobox->rows()) * static_cast<double>(m_spec.geobox->cols());
      const double apart = std::max(1.0, spread(rows) * spread(cols) * swath / grid);
      const double tiles = 1 + pixels / std::clamp(64 / apart, 4.0, 64.0);
      bytes += tiles * kTileBytes + pixels * (sizeof(LookedUpPixel) + 2 * sizeof(std::int64_t)) + spectrum * sizeof(double) * 2;
      *scratchBytes = static_cast<std::size_t>(bytes);
    }
    return std::vector<Need>{std::move(need)};
  }

 private:
  static double extent(const IndexSet& indices) { return static_cast<double>(indices.max() - indices.min() + 1); }
  static double spread(const IndexSet& indices) { return extent(indices) / static_cast<double>(indices.count()); }

  /// Lines and samples of a turned swath for a box of the grid, no more than `most` pixels.
  void placeTurned(const IndexSet& rows, const IndexSet& cols, double most, Region& need) const {
    const auto lines = static_cast<double>(m_facts->lines()), samples = static_cast<double>(m_facts->samples());
    const auto gridRows = static_cast<double>(m_spec.geobox->rows()), gridCols = static_cast<double>(m_spec.geobox->cols());
    // cos + sin of the angle, from gridRows = lines * cos + samples * sin and gridCols = samples * cos + lines * sin.
    const double both = std::clamp((gridRows + gridCols) / (lines + samples), 1.0, std::sqrt(2.0));
    const double cos = (both + std::sqrt(std::max(0.0, 2 - both * both))) / 2, sin = both - cos;
    const auto within = [](double length, double a, double b) { return std::min({length, a, b}); };
    const double least = 1e-9;  // of a divisor
    const double height = within(extent(rows), lines / cos, samples / std::max(sin, least));
    const double width = within(extent(cols), samples / cos, lines / std::max(sin, least));
    const auto count = [](double wanted, double size) { return static_cast<std::int64_t>(std::clamp(std::ceil(wanted), 1.0, size)); };
    const std::int64_t lineCount = std::min(count(height * cos + width * sin, lines), count(most, lines));
    const std::int64_t sampleCount =
        std::min(count(width * cos + height * sin, samples), count(std::floor(most / static_cast<double>(lineCount)), samples));
    // Every n-th pixel of a grid that is not turned is on every n-th line; of a turned one they are on all lines.
    const bool isTurned = sin > 0.05;
    need[m_facts->y] = around(rows, gridRows, lineCount, m_facts->lines(), isTurned ? 1 : spread(rows));
    need[m_facts->x] = around(cols, gridCols, sampleCount, m_facts->samples(), isTurned ? 1 : spread(cols));
  }

  /// `count` entries of a dim of the swath around where `indices` lie in the grid's, every `thinned`-th.
  static IndexSet around(const IndexSet& indices, double gridSize, std::int64_t count, std::int64_t size, double thinned) {
    const double centre =
        (static_cast<double>(indices.min()) + static_cast<double>(indices.max()) + 1) / 2 / gridSize * static_cast<double>(size);
    const auto first = static_cast<std::int64_t>(centre - static_cast<double>(count) / 2);
    const auto step = std::clamp<std::int64_t>(static_cast<std::int64_t>(thinned), 1, count);
    return IndexSet::range(std::clamp<std::int64_t>(first, 0, size - count), (count - 1) / step + 1, step);
  }

  std::shared_ptr<const LookupFacts> m_facts;
  std::unique_ptr<const FitPass> m_pass;
  std::shared_ptr<const LookupTable> m_table;
};

/// Lines and samples: rows and columns, else the last two dims that are not spectral.
Result<void> placeSwathDims(LookupFacts& facts) {
  const ArraySpec& swath = facts.swath;
  if (swath.isSpatial()) {
    facts.y = static_cast<std::size_t>(swath.yDim);
    facts.x = static_cast<std::size_t>(swath.xDim);
    return {};
  }
  std::vector<int> free;
  for (int d = 0; d < static_cast<int>(swath.dims.size()); ++d)
    if (d != swath.spectralDim()) free.push_back(d);
  if (free.size() < 2)
    return fail(ErrorCode::GridMismatch, "the array has no two dims for lines and samples, its dims are " + dimList(swath));
  facts.y = static_cast<std::size_t>(free[free.size() - 2]);
  facts.x = static_cast<std::size_t>(free.back());
  return {};
}

/// Whether rows or columns were taken from a grid of mere pixels before.
bool isPartOfSwath(const ArraySpec& swath) {
  if (!swath.geobox || swath.geobox->crs().isValid()) return false;
  const Affine& affine = swath.geobox->affine();
  return affine.b == 0 && affine.d == 0 && affine.a >= 1 && affine.e >= 1 && affine != Affine{};
}

/// A table none of whose numbers lies in the array is that of another.
Result<void> checkTable(const LookupFacts& facts, const LookupTable& table) {
  bool isNamed = false;
  for (std::size_t i = 0; i < table.lines.size(); ++i) {
    const std::int64_t line = std::abs(table.lines[i]), sample = std::abs(table.samples[i]);
    if (line == 0 || sample == 0) continue;
    if (line <= facts.lines() && sample <= facts.samples()) return {};
    isNamed = true;
  }
  if (!isNamed) return {};
  return fail(ErrorCode::GridMismatch,
              "the lookup table names no pixel of the array's " + formatCount(facts.lines()) + " lines of " + formatCount(facts.samples()) +
                  " samples",
              "take the table that belongs to the array");
}

/// The output lies on `grid`, whose dims have these names.
Result<void> placeOutput(LookupFacts& facts, const GeoBox& grid, const std::string& yName, const std::string& xName,
                         std::vector<std::string>& warnings) {
  if (facts.swath.geobox && facts.swath.geobox->crs().isValid())
    warnings.push_back("the array lies on a grid already (" + facts.swath.geobox->crs().label() + "), which the lookup table's replaces");
  ArraySpec& out = facts.output;
  out.dropCoordinatesAlong({facts.swath.dims[facts.y].name, facts.swath.dims[facts.x].name});
  out.yDim = static_cast<int>(facts.y);
  out.xDim = static_cast<int>(facts.x);
  out.dims[facts.y] = {yName, grid.rows(), {}};
  out.dims[facts.x] = {xName, grid.cols(), {}};
  for (std::size_t d = 0; d < out.dims.size(); ++d)
    if (d != facts.y && d != facts.x && (out.dims[d].name == yName || out.dims[d].name == xName))
      return fail(ErrorCode::GridMismatch, "the array has a dim '" + out.dims[d].name + "', as the grid has", "rename it before");
  out.setGeobox(grid);
  out.storage = {};
  if (facts.isBetween) {
    settleComputed(out, meanType(facts.swath.type), 0, 0, true);
    for (std::string& warning : settleResampledMeaning(out, Resampling::Bilinear)) warnings.push_back(std::move(warning));
  } else {
    giveNodata(out, warnings);
  }
  facts.conversion = {facts.swath.type, out.type, facts.swath.nodata, out.nodata};
  return {};
}

/// The operation once its table is known, and before.
struct Stages {
  TableFound found;
  UntilTableFound pending;
};
Stages stagesOf(std::shared_ptr<const LookupFacts> facts, std::vector<std::string> warnings) {
  const TableFound found = [facts, warnings](std::shared_ptr<const LookupTable> learned) -> Result<std::shared_ptr<const BoundOperation>> {
    CUBELOOM_TRY(checkTable(*facts, *learned));
    return std::make_shared<BoundLookedUp>(facts, warnings, nullptr, std::move(learned));
  };
  const UntilTableFound pending = [facts = std::move(facts), warnings = std::move(warnings)](std::unique_ptr<const FitPass> pass) {
    return std::make_shared<BoundLookedUp>(facts, warnings, std::move(pass), nullptr);
  };
  return {found, pending};
}

}  // namespace

Result<std::shared_ptr<const BoundOperation>> bindLookedUp(const std::vector<ArraySpec>& inputs, bool infill) {
  auto planes = lookupPlanes(inputs);
  if (!planes) return fail(planes.error());
  auto facts = std::make_shared<LookupFacts>();
  facts->swath = facts->output = inputs[0];
  facts->infill = infill;
  CUBELOOM_TRY(placeSwathDims(*facts));
  if (isPartOfSwath(facts->swath))
    return fail(ErrorCode::GridMismatch, "the array is a part of its swath, whose lines and samples the lookup table counts",
                "select rows and columns behind orthorectify");
  std::vector<std::string> warnings;
  const ArraySpec& table = planes->arrays[0];
  const auto nameOf = [&table](int d) { return table.dims[static_cast<std::size_t>(d)].name; };
  CUBELOOM_TRY(placeOutput(*facts, *table.geobox, nameOf(table.yDim), nameOf(table.xDim), warnings));
  if (!table.geobox->crs().isValid()) warnings.emplace_back("the lookup table has no CRS, so the result has none: assign_crs behind it");
  const Stages stages = stagesOf(std::move(facts), std::move(warnings));
  return stages.pending(lookupPass(std::move(*planes), stages.pending, stages.found));
}

Result<std::pair<std::int64_t, std::int64_t>> swathSize(const ArraySpec& swath) {
  LookupFacts facts;
  facts.swath = swath;
  CUBELOOM_TRY(placeSwathDims(facts));
  return std::pair(facts.lines(), facts.samples());
}

Result<std::shared_ptr<const BoundOperation>> bindLocated(const std::vector<ArraySpec>& inputs, const GeoBox& grid,
                                                          const LocationRule& rule) {
  auto facts = std::make_shared<LookupFacts>();
  facts->swath = facts->output = inputs[0];
  facts->isBetween = rule.isBilinear;
  CUBELOOM_TRY(placeSwathDims(*facts));
  if (rule.isBilinear && isComplex(inputs[0].type))
    return fail(ErrorCode::UnsupportedType, "complex values are taken from the nearest pixel only", "use method=nearest");
  auto planes = locationPlanes(inputs, facts->lines(), facts->samples());
  if (!planes) return fail(planes.error());
  std::vector<std::string> warnings;
  const bool isDegrees = grid.crs().isValid() && grid.crs().isGeographic();
  CUBELOOM_TRY(placeOutput(*facts, grid, isDegrees ? "latitude" : "y", isDegrees ? "longitude" : "x", warnings));
  const Stages stages = stagesOf(std::move(facts), std::move(warnings));
  return stages.pending(locationPass(std::move(*planes), grid, rule, stages.pending, stages.found));
}

}  // namespace cubeloom
