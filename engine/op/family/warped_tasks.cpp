// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/warped_tasks.h"

namespace cubeloom {
namespace {

class SeparableTask : public Task {
 public:
  SeparableTask(Need need, double fill) : m_size(regionShape(need.region)), m_fill(fill) {
    if (regionCount(need.region) > 0) m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& out) override {
    if (m_needs.empty()) {
      fillBlock(out, m_fill);
      return {};
    }
    // Everything but the delivered box: per dim the slab before it and the slab after it, within the box of the earlier dims.
    std::vector<std::int64_t> offset(out.shape.size(), 0), size = out.shape;
    const std::vector<std::int64_t>& inner = m_needs[0].direct->offset;
    for (std::size_t d = 0; d < out.shape.size(); ++d) {
      const auto slab = [&](std::int64_t from, std::int64_t count) {
        auto slabOffset = offset;
        auto slabSize = size;
        slabOffset[d] = from;
        slabSize[d] = count;
        if (count > 0) fillBlock(out.sub(slabOffset, slabSize), m_fill);
      };
      slab(0, inner[d]);
      slab(inner[d] + m_size[d], out.shape[d] - inner[d] - m_size[d]);
      offset[d] = inner[d];
      size[d] = m_size[d];
    }
    return {};
  }

 private:
  std::vector<Need> m_needs;
  std::vector<std::int64_t> m_size;
  double m_fill;
};

class ScatteredTask : public Task {
 public:
  ScatteredTask(std::vector<Need> needs, PlaneAxes axes, double fill) : m_needs(std::move(needs)), m_axes(axes), m_fill(fill) {}
  const std::vector<Need>& needs() const override { return m_needs; }

  /// Fills between the runs, which come row by row from left to right.
  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& out) override {
    std::int64_t row = 0, col = 0;
    for (const Need& need : m_needs) {
      const std::int64_t nextRow = need.direct->offset[m_axes.y], nextCol = need.direct->offset[m_axes.x];
      fillUpTo(out, row, col, nextRow, nextCol);
      row = nextRow;
      col = nextCol + need.region[m_axes.x].count();
    }
    fillUpTo(out, row, col, out.shape[m_axes.y], 0);
    return {};
  }

 private:
  void fillUpTo(const BlockView& out, std::int64_t row, std::int64_t col, std::int64_t endRow, std::int64_t endCol) const {
    for (; row < endRow; ++row, col = 0) fillRow(out, row, col, out.shape[m_axes.x]);
    if (row < out.shape[m_axes.y]) fillRow(out, row, col, endCol);
  }
  void fillRow(const BlockView& out, std::int64_t row, std::int64_t col, std::int64_t endCol) const {
    if (col >= endCol) return;
    std::vector<std::int64_t> offset(out.shape.size(), 0), size = out.shape;
    offset[m_axes.y] = row;
    size[m_axes.y] = 1;
    offset[m_axes.x] = col;
    size[m_axes.x] = endCol - col;
    fillBlock(out.sub(offset, size), m_fill);
  }

  std::vector<Need> m_needs;
  PlaneAxes m_axes;
  double m_fill;
};

class PieceTask : public Task {
 public:
  PieceTask(std::unique_ptr<WarpPiece> piece, Need need, PlaneAxes axes, std::optional<double> nodata, double fill)
      : m_piece(std::move(piece)), m_axes(axes), m_nodata(nodata), m_fill(fill) {
    if (!m_piece->need().isEmpty()) m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_piece->bytes(); }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    if (m_needs.empty()) {
      fillBlock(out, m_fill);
      return {};
    }
    const auto plane = [y = m_axes.y, x = m_axes.x](const BlockView& view, std::byte* data) {
      return Plane{data, view.shape[y], view.shape[x], view.strides[y], view.strides[x]};
    };
    std::vector<std::byte*> targets;
    forEachPlane(out, [&targets](std::byte* data) { targets.push_back(data); });
    std::size_t i = 0;
    forEachPlane(inputs[0],
                 [&](std::byte* data) { m_piece->apply(out.type, plane(inputs[0], data), plane(out, targets[i++]), m_nodata, m_fill); });
    return {};
  }

 private:
  template <class F>
  void forEachPlane(const BlockView& view, F&& f) const {
    BlockView planes = view;
    planes.shape[m_axes.y] = 1;
    planes.shape[m_axes.x] = 1;
    forEachRun(planes, [&f](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t k = 0; k < n; ++k) f(p + k * step);
    });
  }

  std::unique_ptr<WarpPiece> m_piece;
  std::vector<Need> m_needs;
  PlaneAxes m_axes;
  std::optional<double> m_nodata;
  double m_fill;
};

}  // namespace

std::unique_ptr<Task> separableTask(Need need, double fill) { return std::make_unique<SeparableTask>(std::move(need), fill); }

std::unique_ptr<Task> scatteredTask(std::vector<Need> needs, PlaneAxes axes, double fill) {
  return std::make_unique<ScatteredTask>(std::move(needs), axes, fill);
}

std::unique_ptr<Task> pieceTask(std::unique_ptr<WarpPiece> piece, Need need, PlaneAxes axes, std::optional<double> nodata, double fill) {
  return std::make_unique<PieceTask>(std::move(piece), std::move(need), axes, nodata, fill);
}

}  // namespace cubeloom
