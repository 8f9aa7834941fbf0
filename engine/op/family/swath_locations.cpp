// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/swath_locations.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/base/text.h"
#include "engine/geo/whole_turn.h"
#include "engine/op/family/plane_rows.h"
#include "engine/op/reduce/part_cut.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kMostLocationBytes = 1024.0 * 1024 * 1024;
constexpr double kFarther = 1 + 1e-6;  // than half as far as the neighbours: rounding is no gap

using LocationRows = PlaneRows<double>;

/// Locations in the grid's CRS, and the nearest of any place.
class NearestLocations {
 public:
  NearestLocations(std::vector<double> x, std::vector<double> y, std::int64_t lines, std::int64_t samples, const GeoBox& grid,
                   const LocationRule& rule)
      : m_x(std::move(x)), m_y(std::move(y)), m_lines(lines), m_samples(samples), m_rule(rule), m_isRound(hasLongitudes(grid)) {
    measureReach();
    sortIntoBins(grid.bounds());
  }

  /// The location nearest to a place that is within its reach; -1: none.
  std::int64_t nearest(double x, double y) const {
    if (m_bins.size() < 2) return -1;
    const double shrink = shrinkAt(y);
    const auto col = static_cast<std::int64_t>(std::floor((x - m_left) / m_side)),
               row = static_cast<std::int64_t>(std::floor((y - m_low) / m_side));
    std::int64_t best = -1;
    double least = INFINITY;
    const auto look = [&](std::int64_t r, std::int64_t c) {
      if (r < 0 || r >= m_rows || c < 0 || c >= m_cols) return;
      const auto bin = static_cast<std::size_t>(r * m_cols + c);
      for (std::size_t k = m_bins[bin]; k < m_bins[bin + 1]; ++k) {
        const std::uint32_t i = m_binned[k];
        const double dx = (m_x[i] - x) * shrink, dy = m_y[i] - y, squared = dx * dx + dy * dy;
        // Of two that are as near the later one counts, as of entries along a dim.
        if (squared < least || (squared == least && static_cast<std::int64_t>(i) > best)) {
          least = squared;
          best = i;
        }
      }
    };
    for (std::int64_t ring = 0;; ++ring) {
      // What lies in the next ring is at least so far away.
      const double apart = static_cast<double>(ring - 1) * m_side * shrink;
      if (ring > 0 && (apart > m_farthest || (apart > 0 && apart * apart > least))) break;
      if (ring > m_rows + m_cols) break;
      for (std::int64_t c = col - ring; c <= col + ring; ++c) {
        look(row - ring, c);
        if (ring > 0) look(row + ring, c);
      }
      for (std::int64_t r = row - ring + 1; r < row + ring; ++r) {
        look(r, col - ring);
        look(r, col + ring);
      }
    }
    if (best < 0) return -1;
    const double reach = m_rule.reach > 0 ? m_rule.reach : m_reach[static_cast<std::size_t>(best)];
    return std::sqrt(least) <= reach * kFarther ? best : -1;
  }

  /// The four locations around a place, near the one numbered `near`, and where it lies between them.
  struct Between {
    std::int64_t first = -1;  ///< the one of the lowest line and sample; -1: none are around it
    double right = 0, below = 0;
  };
  Between around(std::int64_t near, double x, double y) const {
    const std::int64_t line = near / m_samples, sample = near % m_samples;
    for (const std::int64_t reach : {1, 2})
      for (std::int64_t l = std::max<std::int64_t>(0, line - reach); l <= std::min(line + reach - 1, m_lines - 2); ++l)
        for (std::int64_t s = std::max<std::int64_t>(0, sample - reach); s <= std::min(sample + reach - 1, m_samples - 2); ++s)
          if (const Between place = within(l * m_samples + s, x, y); place.first >= 0) return place;
    return {};
  }

 private:
  double shrinkAt(double y) const { return m_isRound ? std::max(0.01, std::cos(y * std::numbers::pi / 180)) : 1; }

  /// Half as far as the farthest of its neighbours lies: to the middle between both.
  void measureReach() {
    m_reach.assign(m_x.size(), 0.0F);
    for (std::int64_t l = 0; l < m_lines; ++l)
      for (std::int64_t s = 0; s < m_samples; ++s) {
        const auto i = static_cast<std::size_t>(l * m_samples + s);
        if (std::isnan(m_x[i])) continue;
        double farthest = 0;
        for (std::int64_t a = std::max<std::int64_t>(0, l - 1); a <= std::min(l + 1, m_lines - 1); ++a)
          for (std::int64_t b = std::max<std::int64_t>(0, s - 1); b <= std::min(s + 1, m_samples - 1); ++b) {
            const auto j = static_cast<std::size_t>(a * m_samples + b);
            double dx = m_x[j] - m_x[i];
            if (m_isRound) dx = std::remainder(dx, kTurn);
            const double apart = std::hypot(dx * shrinkAt(m_y[i]), m_y[j] - m_y[i]);
            if (!std::isnan(apart)) farthest = std::max(farthest, apart);
          }
        m_reach[i] = static_cast<float>(farthest / 2);
      }
    // One that is far from its neighbours by mistake does not make all searches long.
    std::vector<float> sorted;
    sorted.reserve(m_reach.size());
    for (const float reach : m_reach)
      if (reach > 0) sorted.push_back(reach);
    if (sorted.empty()) return;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    m_usual = *middle;
    const auto most = static_cast<float>(20 * m_usual);
    for (float& reach : m_reach) {
      reach = std::min(reach, most);
      m_farthest = std::max(m_farthest, static_cast<double>(reach));
    }
    if (m_rule.reach > 0) m_farthest = m_rule.reach;
  }

  void sortIntoBins(const Bounds& grid) {
    if (!(m_usual > 0)) return;
    const double margin = (m_farthest + m_usual) / (m_isRound ? shrinkAt(std::max(std::abs(grid.ymin), std::abs(grid.ymax))) : 1);
    m_left = grid.xmin - margin;
    m_low = grid.ymin - margin;
    const double width = grid.xmax - grid.xmin + 2 * margin, height = grid.ymax - grid.ymin + 2 * margin;
    // About a location each, and no more bins than there are locations.
    m_side = std::max(2 * m_usual, std::sqrt(width * height / (1 + static_cast<double>(m_x.size()))));
    m_cols = static_cast<std::int64_t>(std::ceil(width / m_side));
    m_rows = static_cast<std::int64_t>(std::ceil(height / m_side));
    std::vector<std::size_t> binOf(m_x.size(), 0);
    m_bins.assign(static_cast<std::size_t>(m_rows * m_cols) + 1, 0);
    const auto none = static_cast<std::size_t>(m_rows * m_cols);
    for (std::size_t i = 0; i < m_x.size(); ++i) {
      const double col = std::floor((m_x[i] - m_left) / m_side), row = std::floor((m_y[i] - m_low) / m_side);
      const bool isInside = col >= 0 && row >= 0 && col < static_cast<double>(m_cols) && row < static_cast<double>(m_rows);
      binOf[i] = isInside ? static_cast<std::size_t>(row) * static_cast<std::size_t>(m_cols) + static_cast<std::size_t>(col) : none;
      if (isInside) ++m_bins[binOf[i] + 1];
    }
    std::partial_sum(m_bins.begin(), m_bins.end(), m_bins.begin());
    m_binned.resize(m_bins.back());
    std::vector<std::size_t> next(m_bins.begin(), m_bins.end() - 1);
    for (std::size_t i = 0; i < m_x.size(); ++i)
      if (binOf[i] != none) m_binned[next[binOf[i]]++] = static_cast<std::uint32_t>(i);
  }

  /// Of the four with `first` as the one of the lowest line and sample: the place between them, by inverting the bilinear map.
  Between within(std::int64_t first, double x, double y) const {
    const auto at = [this, first, x](std::int64_t line, std::int64_t sample) {
      const auto i = static_cast<std::size_t>(first + line * m_samples + sample);
      return Vertex{m_isRound ? x + std::remainder(m_x[i] - x, kTurn) : m_x[i], m_y[i]};
    };
    const Vertex a = at(0, 0), b = at(0, 1), c = at(1, 0), d = at(1, 1);
    double u = 0.5, v = 0.5;
    for (int step = 0; step < 20; ++step) {
      const double fx = a.x * (1 - u) * (1 - v) + b.x * u * (1 - v) + c.x * (1 - u) * v + d.x * u * v - x;
      const double fy = a.y * (1 - u) * (1 - v) + b.y * u * (1 - v) + c.y * (1 - u) * v + d.y * u * v - y;
      const double xu = (b.x - a.x) * (1 - v) + (d.x - c.x) * v, xv = (c.x - a.x) * (1 - u) + (d.x - b.x) * u;
      const double yu = (b.y - a.y) * (1 - v) + (d.y - c.y) * v, yv = (c.y - a.y) * (1 - u) + (d.y - b.y) * u;
      const double determinant = xu * yv - xv * yu;
      const double du = (fx * yv - fy * xv) / determinant, dv = (fy * xu - fx * yu) / determinant;
      if (!std::isfinite(du) || !std::isfinite(dv)) return {};
      u -= du;
      v -= dv;
      if (std::abs(du) < 1e-12 && std::abs(dv) < 1e-12) break;
    }
    constexpr double kEdge = 1e-9;
    if (!(u >= -kEdge && u <= 1 + kEdge && v >= -kEdge && v <= 1 + kEdge)) return {};
    return {first, std::clamp(u, 0.0, 1.0), std::clamp(v, 0.0, 1.0)};
  }

  std::vector<double> m_x, m_y;
  std::int64_t m_lines, m_samples;
  LocationRule m_rule;
  bool m_isRound;
  std::vector<float> m_reach;
  double m_usual = 0, m_farthest = 0;
  double m_left = 0, m_low = 0, m_side = 1;
  std::int64_t m_rows = 0, m_cols = 0;
  std::vector<std::size_t> m_bins;  ///< where the locations of a bin begin among m_binned
  std::vector<std::uint32_t> m_binned;
};

/// Into the grid's CRS, longitudes within half a turn of its middle. What is no location is NaN.
Result<void> placeLocations(std::vector<double>& x, std::vector<double>& y, const GeoBox& grid, const LocationRule& rule) {
  std::size_t given = 0, wrong = 0;
  const bool isDegrees = rule.crs.isValid() && rule.crs.isGeographic();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool isThere = std::isfinite(x[i]) && std::isfinite(y[i]);
    const bool isWrong = isThere && isDegrees && (std::abs(y[i]) > 90.0001 || std::abs(x[i]) > 360.0001);
    given += isThere ? 1 : 0;
    wrong += isWrong ? 1 : 0;
    if (!isThere || isWrong) x[i] = y[i] = NAN;
  }
  if (wrong > 0 && 2 * wrong > given)
    return fail(ErrorCode::GridMismatch,
                formatCount(static_cast<std::int64_t>(wrong)) + " of the locations are no longitudes and latitudes",
                "say their CRS, as locations_crs=EPSG:32610; or exchange both inputs");
  const auto transformer = Transformer::between(rule.crs, grid.crs());
  if (!transformer) return fail(transformer.error());
  if (!transformer->isIdentity()) transformer->forward(x.data(), y.data(), x.size());
  const Bounds bounds = grid.bounds();
  const double middle = (bounds.xmin + bounds.xmax) / 2;
  const bool isRound = hasLongitudes(grid);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) x[i] = y[i] = NAN;
    if (isRound) x[i] = middle + std::remainder(x[i] - middle, kTurn);
  }
  return {};
}

class LocationPass : public FitPass {
 public:
  /// `xs`: of the pass before, where the planes are two arrays.
  LocationPass(LocationPlanes planes, GeoBox grid, LocationRule rule, std::shared_ptr<const std::vector<double>> xs,
               UntilTableFound pending, TableFound found)
      : m_planes(std::move(planes)),
        m_grid(std::move(grid)),
        m_rule(std::move(rule)),
        m_xs(std::move(xs)),
        m_pending(std::move(pending)),
        m_found(std::move(found)),
        m_array(m_planes.arrays[m_xs ? 1 : 0]),
        m_cut(m_array, m_planes.lineDim) {}

  int input() const override { return m_planes.inputs[m_xs ? 1 : 0]; }
  std::vector<Region> parts() const override { return m_cut.parts(fullRegion(m_array.shape()), true); }
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }
  std::unique_ptr<Accumulator> accumulator() const override {
    return std::make_unique<LocationRows>(m_array, PlacePlanes{m_planes.layerDim, m_planes.lineDim, m_planes.sampleDim}, layers(),
                                          [](double value) { return value; });
  }
  double accumulatorBytes() const override { return static_cast<double>(layers().size()) * pixels() * sizeof(double); }
  /// The table, and until that is made the locations, their reach and the bins that they are sorted into.
  double fittedBytes() const override {
    const double grid = static_cast<double>(m_grid.rows()) * static_cast<double>(m_grid.cols());
    return grid * (m_rule.isBilinear ? 16 : 8) + pixels() * (4 * sizeof(double) + 40);
  }
  int passes() const override { return m_planes.arrays.size() == 2 && !m_xs ? 2 : 1; }
  std::vector<bool> canBeSampled() const override {
    std::vector<bool> can(m_array.dims.size(), false);
    for (const int d : {m_planes.lineDim, m_planes.sampleDim}) can[static_cast<std::size_t>(d)] = true;
    return can;
  }

  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& cancel) const override {
    const auto& rows = static_cast<const LocationRows&>(total);
    if (passes() == 2) {
      auto xs = std::make_shared<std::vector<double>>(rows.numbers(0));
      return m_pending(std::make_unique<LocationPass>(m_planes, m_grid, m_rule, std::move(xs), m_pending, m_found));
    }
    std::vector<double> x = m_xs ? *m_xs : rows.numbers(0), y = rows.numbers(m_xs ? 0 : 1);
    if (x.size() != y.size()) return fail(ErrorCode::Internal, "both numbers of the locations are of different pixels");
    CUBELOOM_TRY(placeLocations(x, y, m_grid, m_rule));
    return m_found(tableOf({std::move(x), std::move(y), rows.lines().count(), rows.samples().count(), m_grid, m_rule}, rows, cancel));
  }

 private:
  std::shared_ptr<const LookupTable> tableOf(const NearestLocations& locations, const LocationRows& read, const CancelToken& cancel) const {
    auto table = std::make_shared<LookupTable>();
    table->rows = IndexSet::all(m_grid.rows());
    table->cols = IndexSet::all(m_grid.cols());
    const auto count = static_cast<std::size_t>(m_grid.rows() * m_grid.cols());
    table->samples.assign(count, 0);
    table->lines.assign(count, 0);
    const bool isWhole = read.lines().step() == 1 && read.samples().step() == 1;
    const bool isBilinear = m_rule.isBilinear && isWhole;
    if (m_rule.isBilinear) {
      table->right.assign(count, 0);
      table->below.assign(count, 0);
    }
    const std::int64_t samples = read.samples().count();
    std::size_t at = 0;
    for (std::int64_t row = 0; row < m_grid.rows() && !cancel.isCanceled(); ++row)
      for (std::int64_t col = 0; col < m_grid.cols(); ++col, ++at) {
        const double c = static_cast<double>(col) + 0.5, r = static_cast<double>(row) + 0.5;
        const double x = m_grid.affine().x(c, r), y = m_grid.affine().y(c, r);
        std::int64_t found = locations.nearest(x, y);
        if (found < 0) continue;
        if (isBilinear) {
          const auto between = locations.around(found, x, y);
          if (between.first < 0) continue;
          found = between.first;
          table->right[at] = static_cast<float>(between.right);
          table->below[at] = static_cast<float>(between.below);
        }
        table->lines[at] = static_cast<std::int32_t>(read.lines().at(found / samples) + 1);
        table->samples[at] = static_cast<std::int32_t>(read.samples().at(found % samples) + 1);
      }
    return table;
  }
  std::vector<std::int64_t> layers() const {
    return m_planes.layerDim < 0 ? std::vector<std::int64_t>{0} : std::vector{m_planes.xAt, m_planes.yAt};
  }
  double pixels() const {
    return static_cast<double>(m_array.dims[static_cast<std::size_t>(m_planes.lineDim)].size) *
           static_cast<double>(m_array.dims[static_cast<std::size_t>(m_planes.sampleDim)].size);
  }

  LocationPlanes m_planes;
  GeoBox m_grid;
  LocationRule m_rule;
  std::shared_ptr<const std::vector<double>> m_xs;
  UntilTableFound m_pending;
  TableFound m_found;
  ArraySpec m_array;
  PartCut m_cut;
};

/// A name, a unit or a label that is of latitudes or northings.
bool saysNorth(const std::string& text) {
  const std::string word = toLower(text);
  return word.find("lat") != std::string::npos || word.find("north") != std::string::npos || word == "y" || word.ends_with("_y") ||
         word.find("igm y") != std::string::npos || word.find("y ") == 0;
}

Result<void> placeLocationDims(const ArraySpec& array, std::int64_t lines, std::int64_t samples, LocationPlanes& planes) {
  std::vector<int> wide;
  int layer = -1;
  for (int d = 0; d < static_cast<int>(array.dims.size()); ++d) {
    const Dim& dim = array.dims[static_cast<std::size_t>(d)];
    const bool isSpatial = d == array.yDim || d == array.xDim;
    if (!isSpatial && dim.size == 1) continue;
    if (!isSpatial && dim.size == 2 && d == array.spectralDim()) {
      layer = d;
      if (dim.coordinate.labels.size() == 2 && saysNorth(dim.coordinate.labels[0]) && !saysNorth(dim.coordinate.labels[1]))
        std::swap(planes.xAt, planes.yAt);
    } else {
      wide.push_back(d);
    }
  }
  const auto sizeOf = [&array](int d) { return array.dims[static_cast<std::size_t>(d)].size; };
  if (wide.size() != 2 || sizeOf(wide[0]) != lines || sizeOf(wide[1]) != samples)
    return fail(ErrorCode::GridMismatch,
                "the locations have the dims " + dimList(array) + "; the array has " + formatCount(lines) + " lines of " +
                    formatCount(samples) + " samples",
                "give locations of just these pixels, two bands or an input each for x and y");
  planes.lineDim = wide[0];
  planes.sampleDim = wide[1];
  planes.layerDim = layer;
  return {};
}

}  // namespace

Result<LocationPlanes> locationPlanes(const std::vector<ArraySpec>& inputs, std::int64_t lines, std::int64_t samples) {
  LocationPlanes planes;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (isComplex(inputs[i].type)) return fail(ErrorCode::UnsupportedType, "the locations are complex numbers");
    planes.arrays.push_back(inputs[i]);
    planes.inputs.push_back(static_cast<int>(i));
    CUBELOOM_TRY(placeLocationDims(inputs[i], lines, samples, planes));
    if (inputs.size() == 3 && planes.layerDim >= 0)
      return fail(ErrorCode::GridMismatch, "of locations in two inputs each has one number per pixel, but one has two",
                  "leave the third input out, or select a band of each with isel before");
  }
  if (planes.arrays.size() == 1 && planes.layerDim < 0)
    return fail(ErrorCode::GridMismatch, "the locations have one number per pixel: two are wanted, x and y",
                "give y, or the latitudes, as a third input");
  const auto isNorth = [](const ArraySpec& array) { return saysNorth(array.variable) || array.unit == "degrees_north"; };
  if (planes.arrays.size() == 2 && isNorth(planes.arrays[0]) && !isNorth(planes.arrays[1])) {
    std::swap(planes.arrays[0], planes.arrays[1]);
    std::swap(planes.inputs[0], planes.inputs[1]);
  }
  if (const double bytes = 16.0 * static_cast<double>(lines) * static_cast<double>(samples); bytes > kMostLocationBytes)
    return fail(ErrorCode::OverBudget,
                "the locations take " + formatSize(bytes) + " in memory; " + formatSize(kMostLocationBytes) + " are the most",
                "take parts of the array and of its locations with isel before");
  return planes;
}

std::unique_ptr<const FitPass> locationPass(LocationPlanes planes, const GeoBox& grid, const LocationRule& rule, UntilTableFound pending,
                                            TableFound found) {
  return std::make_unique<LocationPass>(std::move(planes), grid, rule, nullptr, std::move(pending), std::move(found));
}

}  // namespace cubeloom
