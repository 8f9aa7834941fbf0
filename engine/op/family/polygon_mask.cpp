// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/polygon_mask.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/convert_block.h"

namespace cubeloom {
namespace {

/// Which pixels of a region stay, by their positions in it.
struct KeptPixels {
  std::size_t rows = 0, cols = 0;
  std::vector<std::uint8_t> isKept;
  bool at(std::size_t row, std::size_t col) const { return isKept[row * cols + col] != 0; }
};

/// The rectangle of positions that holds all that stay.
Window windowOf(const KeptPixels& kept) {
  std::size_t top = kept.rows, bottom = 0, left = kept.cols, right = 0;
  for (std::size_t r = 0; r < kept.rows; ++r)
    for (std::size_t c = 0; c < kept.cols; ++c) {
      if (!kept.at(r, c)) continue;
      top = std::min(top, r);
      bottom = r + 1;
      left = std::min(left, c);
      right = std::max(right, c + 1);
    }
  if (bottom == 0) return {};
  return {static_cast<std::int64_t>(top), static_cast<std::int64_t>(left), static_cast<std::int64_t>(bottom - top),
          static_cast<std::int64_t>(right - left)};
}

class PolygonMaskTask : public Task {
 public:
  PolygonMaskTask(KeptPixels kept, std::vector<Need> needs, std::vector<std::int64_t> offset, std::size_t y, std::size_t x, double nodata)
      : m_kept(std::move(kept)), m_needs(std::move(needs)), m_offset(std::move(offset)), m_y(y), m_x(x), m_nodata(nodata) {}
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_kept.isKept.size(); }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    if (m_needs.empty()) {
      fillBlock(out, m_nodata);
      return {};
    }
    if (!m_needs[0].direct) convertBlock(inputs[0], out.sub(m_offset, inputs[0].shape), {}, {});
    for (std::size_t row = 0; row < m_kept.rows; ++row)
      for (std::size_t col = 0; col < m_kept.cols;) {
        std::size_t past = col + 1;
        while (past < m_kept.cols && m_kept.at(row, past) == m_kept.at(row, col)) ++past;
        if (!m_kept.at(row, col)) fill(out, row, col, past - col);
        col = past;
      }
    return {};
  }

 private:
  void fill(const BlockView& out, std::size_t row, std::size_t col, std::size_t count) const {
    std::vector<std::int64_t> offset(out.shape.size(), 0), size = out.shape;
    offset[m_y] = static_cast<std::int64_t>(row);
    offset[m_x] = static_cast<std::int64_t>(col);
    size[m_y] = 1;
    size[m_x] = static_cast<std::int64_t>(count);
    fillBlock(out.sub(offset, size), m_nodata);
  }

  KeptPixels m_kept;
  std::vector<Need> m_needs;
  std::vector<std::int64_t> m_offset;
  std::size_t m_y, m_x;
  double m_nodata;
};

class BoundPolygonMask : public KernelOperation {
 public:
  BoundPolygonMask(const ArraySpec& input, PlacedPolygons polygons, const PolygonMask& mask, const Window& window)
      : m_polygons(std::move(polygons)), m_mask(mask), m_window(window), m_inputType(input.type) {
    const GeoBox& grid = *input.geobox;
    for (const PixelPolygon& shape : m_polygons.shapes) m_windows.push_back(shape.windowIn(grid.rows(), grid.cols()));
    Region chosen = fullRegion(input.shape());
    chosen[static_cast<std::size_t>(input.yDim)] = IndexSet::range(window.row, window.rows);
    chosen[static_cast<std::size_t>(input.xDim)] = IndexSet::range(window.col, window.cols);
    m_spec = input.select(chosen);
    m_warnings = m_polygons.warnings;
    m_files = m_polygons.files;
    giveNodata(m_spec, m_warnings);
    m_summary = countOf(m_polygons.shapes.size(), "polygon") + " · " + formatCount(window.rows) + " × " + formatCount(window.cols) +
                " of " + formatCount(grid.rows()) + " × " + formatCount(grid.cols());
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    KeptPixels kept = keptOf(region);
    std::vector<std::int64_t> offset(region.size(), 0);
    std::vector<Need> needs = needsOf(region, windowOf(kept), offset);
    return std::make_unique<PolygonMaskTask>(std::move(kept), std::move(needs), std::move(offset), y(), x(), *m_spec.nodata);
  }

  /// By the polygons' bounding rectangles, without burning them.
  Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const override {
    const IndexSet rows = region[y()].shifted(m_window.row), cols = region[x()].shifted(m_window.col);
    if (scratchBytes) *scratchBytes = static_cast<std::size_t>(rows.count() * cols.count());
    Window inside{0, 0, rows.count(), cols.count()};
    if (!m_mask.isInverted) {
      std::int64_t top = rows.count(), bottom = 0, left = cols.count(), right = 0;
      for (const std::size_t i : nearTo(rows, cols)) {
        const auto [firstRow, pastRow] = positionsIn(rows, m_windows[i].row, m_windows[i].row + m_windows[i].rows);
        const auto [firstCol, pastCol] = positionsIn(cols, m_windows[i].col, m_windows[i].col + m_windows[i].cols);
        if (firstRow >= pastRow || firstCol >= pastCol) continue;
        top = std::min(top, firstRow);
        bottom = std::max(bottom, pastRow);
        left = std::min(left, firstCol);
        right = std::max(right, pastCol);
      }
      inside = bottom > 0 ? Window{top, left, bottom - top, right - left} : Window{};
    }
    std::vector<std::int64_t> offset(region.size(), 0);
    return needsOf(region, inside, offset);
  }

 private:
  std::size_t y() const { return static_cast<std::size_t>(m_spec.yDim); }
  std::size_t x() const { return static_cast<std::size_t>(m_spec.xDim); }

  /// The input of the positions `inside` of a region, and where it lies in it.
  std::vector<Need> needsOf(const Region& region, const Window& inside, std::vector<std::int64_t>& offset) const {
    std::vector<Need> needs;
    if (inside.rows == 0) return needs;
    Need need;
    need.region = region;
    need.region[y()] = region[y()].slice(inside.row, inside.rows).shifted(m_window.row);
    need.region[x()] = region[x()].slice(inside.col, inside.cols).shifted(m_window.col);
    offset[y()] = inside.row;
    offset[x()] = inside.col;
    if (m_inputType == m_spec.type) {
      need.direct.emplace();
      for (std::size_t d = 0; d < region.size(); ++d) need.direct->axes.push_back(static_cast<int>(d));
      need.direct->offset = offset;
    }
    needs.push_back(std::move(need));
    return needs;
  }

  /// Polygons whose bounding rectangle meets that of the pixels.
  std::vector<std::size_t> nearTo(const IndexSet& rows, const IndexSet& cols) const {
    std::vector<std::size_t> near;
    if (rows.isEmpty() || cols.isEmpty()) return near;
    const std::int64_t top = rows.min(), bottom = rows.max(), left = cols.min(), right = cols.max();
    for (std::size_t i = 0; i < m_windows.size(); ++i) {
      const Window& own = m_windows[i];
      if (own.rows > 0 && own.row <= bottom && top < own.row + own.rows && own.col <= right && left < own.col + own.cols) near.push_back(i);
    }
    return near;
  }

  /// Positions between which all indices from `first` to `past` lie: of a range these alone, of a list all.
  static std::pair<std::int64_t, std::int64_t> positionsIn(const IndexSet& indices, std::int64_t first, std::int64_t past) {
    if (!indices.isRange() || indices.step() < 1) return {0, indices.count()};
    const auto stepsTo = [&](std::int64_t index) {
      const std::int64_t apart = index - indices.first();
      return apart <= 0 ? 0 : std::min(indices.count(), (apart + indices.step() - 1) / indices.step());
    };
    return {stepsTo(first), stepsTo(past)};
  }

  KeptPixels keptOf(const Region& region) const {
    const IndexSet rows = region[y()].shifted(m_window.row), cols = region[x()].shifted(m_window.col);
    KeptPixels kept{static_cast<std::size_t>(rows.count()), static_cast<std::size_t>(cols.count()), {}};
    kept.isKept.assign(kept.rows * kept.cols, m_mask.isInverted ? 1 : 0);
    CoverScratch scratch;
    std::vector<double> cover;
    for (const std::size_t i : nearTo(rows, cols)) {
      const Window& own = m_windows[i];
      const std::int64_t left = std::max(own.col, cols.min()), right = std::min(own.col + own.cols, cols.max() + 1);
      const auto [firstRow, pastRow] = positionsIn(rows, own.row, own.row + own.rows);
      const auto [firstCol, pastCol] = positionsIn(cols, left, right);
      cover.resize(static_cast<std::size_t>(right - left));
      for (std::int64_t r = firstRow; r < pastRow; ++r) {
        const std::int64_t row = rows.at(r);
        if (row < own.row || row >= own.row + own.rows) continue;
        m_polygons.shapes[i].cover(m_mask.rule, row, left, cover.size(), cover.data(), scratch);
        for (std::int64_t c = firstCol; c < pastCol; ++c) {
          const std::int64_t col = cols.at(c);
          if (col >= left && col < right && cover[static_cast<std::size_t>(col - left)] > 0)
            kept.isKept[static_cast<std::size_t>(r) * kept.cols + static_cast<std::size_t>(c)] = m_mask.isInverted ? 0 : 1;
        }
      }
    }
    return kept;
  }

  PlacedPolygons m_polygons;
  PolygonMask m_mask;
  Window m_window;  ///< of the input's grid, which comes out
  std::vector<Window> m_windows;
  PixelType m_inputType;
};

}  // namespace

Result<std::shared_ptr<const BoundOperation>> bindPolygonMask(const ArraySpec& input, PlacedPolygons polygons, const PolygonMask& mask,
                                                              const std::string& name) {
  const GeoBox& grid = *input.geobox;
  std::int64_t top = grid.rows(), bottom = 0, left = grid.cols(), right = 0;
  for (const PixelPolygon& shape : polygons.shapes) {
    const Window window = shape.windowIn(grid.rows(), grid.cols());
    if (window.rows == 0) continue;
    top = std::min(top, window.row);
    bottom = std::max(bottom, window.row + window.rows);
    left = std::min(left, window.col);
    right = std::max(right, window.col + window.cols);
  }
  if (bottom == 0 && !mask.isInverted) {
    const Bounds bounds = grid.bounds();
    return invalidParameter(name, "none of the " + countOf(polygons.shapes.size(), "polygon") + " meets the grid",
                            "the grid covers " + formatSignificant(bounds.xmin, 9) + ", " + formatSignificant(bounds.ymin, 9) + ", " +
                                formatSignificant(bounds.xmax, 9) + ", " + formatSignificant(bounds.ymax, 9) +
                                (grid.crs().isValid() ? " in " + grid.crs().label() : ""));
  }
  const bool crops = mask.crops && !mask.isInverted;
  const Window window = crops ? Window{top, left, bottom - top, right - left} : Window{0, 0, grid.rows(), grid.cols()};
  return std::make_shared<BoundPolygonMask>(input, std::move(polygons), mask, window);
}

}  // namespace cubeloom
