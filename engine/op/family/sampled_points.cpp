// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/sampled_points.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/convert_block.h"
#include "engine/op/family/kept_features.h"
#include "engine/op/family/polygon_zones.h"
#include "engine/op/family/run_values.h"
#include "engine/op/reduce/reduction.h"

namespace cubeloom {
namespace {

constexpr std::size_t kValuesAtOnce = 256;  // of one pixel
constexpr std::size_t kValuesOfCircle = 16;
constexpr std::int64_t kMostCirclePixels = 262144;
constexpr std::int64_t kMostBlock = 1024;  // pixels along a side that are read together
constexpr std::int64_t kUsualBlock = 64;   // where the storage is not known

/// The pixels that a point is made of.
struct PointPixels {
  Window window;                ///< empty: the point has no value
  double right = 0, below = 0;  ///< bilinear: the weights of the second column and row
};

/// Everything that is known before a pixel is read. Immutable.
struct SampledPoints {
  ArraySpec input;
  ArraySpec spec;
  PointSampling sampling;
  std::vector<PointPixels> pixels;
  std::vector<PixelPolygon> circles;  ///< of each point; empty: none are asked for
  std::int64_t mostPixels = 4;        ///< of a point
  std::size_t y = 0, x = 0;
};

/// Points whose pixels are read together.
struct PointGroup {
  Window box;
  std::vector<std::int64_t> places;  ///< in the region
};

/// What the valid values of a window amount to, each by how much of its pixel counts. These come in the order of the pixels.
class WindowStatistic {
 public:
  explicit WindowStatistic(std::string name) : m_name(std::move(name)) {}

  double operator()(std::vector<WeightedValue>& valid) const {
    double count = 0, sum = 0;
    for (const WeightedValue& one : valid) {
      count += one.weight;
      sum += one.weight * one.value;
    }
    if (m_name == "count") return count;
    if (valid.empty()) return NAN;
    const auto isLess = [](const WeightedValue& a, const WeightedValue& b) { return a.value < b.value; };
    if (m_name == "min") return std::min_element(valid.begin(), valid.end(), isLess)->value;
    if (m_name == "max") return std::max_element(valid.begin(), valid.end(), isLess)->value;
    if (m_name == "median") {
      std::sort(valid.begin(), valid.end(), [](const WeightedValue& a, const WeightedValue& b) {
        return a.value < b.value || (a.value == b.value && a.weight < b.weight);
      });
      return weightedQuantile(valid, 0.5);
    }
    if (m_name == "sum") return sum;
    const double mean = sum / count;
    if (m_name == "mean") return mean;
    double squares = 0;
    for (const WeightedValue& one : valid) squares += one.weight * (one.value - mean) * (one.value - mean);
    return std::sqrt(squares / count);
  }

 private:
  std::string m_name;
};

class SampleTask : public Task {
 public:
  SampleTask(const SampledPoints& all, const Region& region) : m_all(all) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> groupOf;
    const auto& block = all.input.storage.block;
    const auto sideOf = [&](std::size_t dim) {
      return block.size() == all.input.dims.size() ? std::clamp<std::int64_t>(block[dim], 1, kMostBlock) : kUsualBlock;
    };
    const std::int64_t rows = sideOf(all.y), cols = sideOf(all.x);
    for (std::int64_t i = 0; i < region[0].count(); ++i) {
      m_points.push_back(region[0].at(i));
      const Window& own = all.pixels[static_cast<std::size_t>(m_points.back())].window;
      if (own.rows == 0) {
        m_empty.push_back(i);
        continue;
      }
      const auto [found, isNew] = groupOf.try_emplace({own.row / rows, own.col / cols}, m_groups.size());
      if (isNew) m_groups.push_back({own, {}});
      PointGroup& group = m_groups[found->second];
      const std::int64_t bottom = std::max(group.box.row + group.box.rows, own.row + own.rows),
                         right = std::max(group.box.col + group.box.cols, own.col + own.cols);
      group.box.row = std::min(group.box.row, own.row);
      group.box.col = std::min(group.box.col, own.col);
      group.box.rows = bottom - group.box.row;
      group.box.cols = right - group.box.col;
      group.places.push_back(i);
    }
    for (const PointGroup& group : m_groups) {
      Need need;
      std::size_t place = 1;
      for (std::size_t d = 0; d < all.input.dims.size(); ++d)
        need.region.push_back(d == all.y   ? IndexSet::range(group.box.row, group.box.rows)
                              : d == all.x ? IndexSet::range(group.box.col, group.box.cols)
                                           : region[place++]);
      m_needs.push_back(std::move(need));
    }
  }

  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    const auto pixels = static_cast<std::size_t>(m_all.mostPixels);
    return pixels * (atOnce() * (sizeof(double) + 1) + 192) + m_points.size() * 64 + m_needs.size() * 256;
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    for (const std::int64_t place : m_empty) fillBlock(out.at(0, place), *m_all.spec.nodata);
    for (std::size_t g = 0; g < m_groups.size(); ++g)
      for (const std::int64_t place : m_groups[g].places)
        sample(static_cast<std::size_t>(m_points[static_cast<std::size_t>(place)]), m_groups[g].box, inputs[g], out.at(0, place));
    return {};
  }

 private:
  std::size_t atOnce() const { return m_all.circles.empty() ? kValuesAtOnce : kValuesOfCircle; }

  /// How much of each pixel of a point's window counts.
  std::vector<double> weightsOf(std::size_t number) {
    const PointPixels& point = m_all.pixels[number];
    std::vector<double> weights(static_cast<std::size_t>(point.window.rows * point.window.cols), 1.0);
    const auto cols = static_cast<std::size_t>(point.window.cols);
    for (std::int64_t r = 0; r < point.window.rows; ++r) {
      double* row = weights.data() + static_cast<std::size_t>(r) * cols;
      if (!m_all.circles.empty())
        m_all.circles[number].cover(CoverageRule::Fraction, point.window.row + r, point.window.col, cols, row, m_scratch);
      for (std::size_t c = 0; m_all.sampling.isBilinear && c < cols; ++c)
        row[c] = (r == 0 ? 1 - point.below : point.below) * (c == 0 ? 1 - point.right : point.right);
    }
    return weights;
  }

  /// What stays of the input at one pixel.
  BlockView pixelOf(const BlockView& input, const Window& box, std::int64_t row, std::int64_t col) const {
    const auto later = static_cast<int>(std::max(m_all.y, m_all.x)), earlier = static_cast<int>(std::min(m_all.y, m_all.x));
    const std::int64_t r = row - box.row, c = col - box.col;
    return input.at(later, m_all.y > m_all.x ? r : c).at(earlier, m_all.y > m_all.x ? c : r);
  }

  void sample(std::size_t number, const Window& box, const BlockView& input, const BlockView& out) {
    const PointPixels& point = m_all.pixels[number];
    if (!m_all.sampling.isComputed()) {
      convertBlock(pixelOf(input, box, point.window.row, point.window.col), out, m_all.input.nodata, m_all.spec.nodata);
      return;
    }
    std::vector<double> weights = weightsOf(number);
    std::vector<BlockView> views;
    std::size_t pixels = 0;
    for (std::int64_t r = 0; r < point.window.rows; ++r)
      for (std::int64_t c = 0; c < point.window.cols; ++c) {
        const double weight = weights[static_cast<std::size_t>(r * point.window.cols + c)];
        if (!(weight > 0) && !m_all.circles.empty()) continue;  // outside of the circle
        views.push_back(pixelOf(input, box, point.window.row + r, point.window.col + c));
        weights[pixels++] = weight;
      }
    views.push_back(out);
    const RunLoader<double> loader(m_all.input.type, m_all.input.nodata);
    const RunStorer<double> storer(m_all.spec.type, m_all.spec.nodata);
    const WindowStatistic statistic(m_all.sampling.statistic);
    const std::size_t most = atOnce();
    m_values.resize(std::max<std::size_t>(pixels, 1) * most);
    m_valid.resize(most);
    AlignedRuns(views).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n; first += static_cast<std::int64_t>(most)) {
        const std::size_t count = std::min(static_cast<std::size_t>(n - first), most);
        for (std::size_t p = 0; p < pixels; ++p) loader.loadNan(pointers[p] + first * steps[p], steps[p], count, &m_values[p * most]);
        for (std::size_t i = 0; i < count; ++i) {
          double result = 0;
          if (m_all.sampling.isBilinear) {
            for (std::size_t p = 0; p < pixels; ++p) result += weights[p] * m_values[p * most + i];
          } else {
            m_window.clear();
            for (std::size_t p = 0; p < pixels; ++p)
              if (const double value = m_values[p * most + i]; !std::isnan(value)) m_window.push_back({value, weights[p]});
            result = statistic(m_window);
          }
          m_values[i] = result;
        }
        std::fill_n(m_valid.begin(), count, std::uint8_t{1});
        storer.store(m_values.data(), m_valid.data(), count, pointers[pixels] + first * steps[pixels], steps[pixels]);
      }
    });
  }

  const SampledPoints& m_all;
  std::vector<std::int64_t> m_points, m_empty;
  std::vector<PointGroup> m_groups;
  std::vector<Need> m_needs;
  std::vector<double> m_values;
  std::vector<WeightedValue> m_window;
  CoverScratch m_scratch;
  std::vector<std::uint8_t> m_valid;
};

class BoundSampledPoints : public KernelOperation {
 public:
  BoundSampledPoints(SampledPoints all, std::vector<std::string> warnings, std::vector<std::string> files) : m_all(std::move(all)) {
    m_spec = m_all.spec;
    m_warnings = std::move(warnings);
    m_files = std::move(files);
    const PointSampling& sampling = m_all.sampling;
    m_summary =
        countOf(m_all.pixels.size(), "point") + " · " +
        (sampling.buffer > 0   ? sampling.statistic + " of " + formatNumber(sampling.buffer) + " m around"
         : sampling.isBilinear ? "bilinear"
         : sampling.window > 1 ? sampling.statistic + " of " + std::to_string(sampling.window) + " × " + std::to_string(sampling.window)
                               : "nearest");
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return std::make_unique<SampleTask>(m_all, region); }

 private:
  SampledPoints m_all;
};

PointPixels pixelsOf(const Vertex& place, const PointSampling& sampling, std::int64_t rows, std::int64_t cols) {
  const auto isInside = [](double at, std::int64_t size) { return at >= 0 && at < static_cast<double>(size); };
  if (!isInside(place.x, cols) || !isInside(place.y, rows)) return {};
  if (sampling.isBilinear) {
    const double col = place.x - 0.5, row = place.y - 0.5;
    PointPixels pixels{{static_cast<std::int64_t>(std::floor(row)), static_cast<std::int64_t>(std::floor(col)), 1, 1},
                       col - std::floor(col),
                       row - std::floor(row)};
    pixels.window.rows += pixels.below > 0 ? 1 : 0;
    pixels.window.cols += pixels.right > 0 ? 1 : 0;
    const bool isWhole = pixels.window.row >= 0 && pixels.window.col >= 0 && pixels.window.row + pixels.window.rows <= rows &&
                         pixels.window.col + pixels.window.cols <= cols;
    return isWhole ? pixels : PointPixels{};
  }
  const auto row = static_cast<std::int64_t>(place.y), col = static_cast<std::int64_t>(place.x);
  const std::int64_t around = sampling.window / 2;
  const std::int64_t top = std::max<std::int64_t>(0, row - around), left = std::max<std::int64_t>(0, col - around);
  return {{top, left, std::min(rows, row + around + 1) - top, std::min(cols, col + around + 1) - left}};
}

/// The places of the points as a coordinate beside their names.
AuxiliaryCoordinate placesAlong(const char* name, std::vector<double> values, const Coordinate& like) {
  auto coordinate = std::make_shared<Coordinate>();
  coordinate->kind = Coordinate::Kind::Values;
  coordinate->values = std::move(values);
  coordinate->unit = like.unit;
  return {name, {"point"}, std::move(coordinate)};
}

}  // namespace

Result<std::shared_ptr<const BoundOperation>> bindSampledPoints(const ArraySpec& input, PlacedPoints points,
                                                                const PointSampling& sampling) {
  const bool isComputed = sampling.isComputed(), isStatistic = sampling.buffer > 0 || sampling.window > 1;
  if (isComputed && isComplex(input.type))
    return fail(ErrorCode::UnsupportedType, "complex values are taken from the nearest pixel only", "use method=nearest without a window");
  SampledPoints all{.input = input,
                    .spec = input,
                    .sampling = sampling,
                    .pixels = {},
                    .circles = {},
                    .mostPixels = std::max<std::int64_t>(4, sampling.window * sampling.window),
                    .y = static_cast<std::size_t>(input.yDim),
                    .x = static_cast<std::size_t>(input.xDim)};
  if (sampling.buffer > 0) {
    PlacedPolygons circles = disksAround(input, points, sampling.buffer);
    points.warnings = std::move(circles.warnings);
    all.circles = std::move(circles.shapes);
  }
  std::vector<std::string> warnings = std::move(points.warnings);
  const GeoBox& grid = *input.geobox;
  std::size_t outside = 0;
  std::vector<double> xs, ys;
  for (const Vertex& place : points.places) {
    if (all.circles.empty()) {
      all.pixels.push_back(pixelsOf(place, sampling, grid.rows(), grid.cols()));
    } else {
      all.pixels.push_back({all.circles[all.pixels.size()].windowIn(grid.rows(), grid.cols())});
    }
    all.mostPixels = std::max(all.mostPixels, all.pixels.back().window.rows * all.pixels.back().window.cols);
    outside += all.pixels.back().window.rows == 0 ? 1 : 0;
    xs.push_back(grid.affine().x(place.x, place.y));
    ys.push_back(grid.affine().y(place.x, place.y));
  }
  if (all.mostPixels > kMostCirclePixels)
    return invalidParameter("buffer",
                            "a circle of " + formatNumber(sampling.buffer) + " m takes " + formatCount(all.mostPixels) +
                                " pixels, the limit is " + formatCount(kMostCirclePixels),
                            "use zonal_stats with the same buffer, which reads in parts");
  if (outside > 0)
    warnings.push_back(countOf(outside, "point") +
                       (sampling.isBilinear ? " outside of the outermost pixels' centres" : " outside of the grid") +
                       ": their cells are empty");
  ReducedDims dims;
  int place = 0;
  for (std::size_t d = 0; d < input.dims.size(); ++d) dims.keptPlace.push_back(d == all.y || d == all.x ? -1 : place++);
  const Coordinate likeX = input.dims[all.x].coordinate, likeY = input.dims[all.y].coordinate;
  all.spec = withoutReduced(input, dims);
  if (!prependDim(all.spec, dimOfIds("point", points.ids)))
    return fail(ErrorCode::GridMismatch, "the values have a dim 'point' already", "rename it before");
  all.spec.attributes[kFeaturesKey] = points.origin;
  if (!isComputed) {
    giveNodata(all.spec, warnings);
  } else {
    const bool isWide = isStatistic && (sampling.statistic == "std" || sampling.statistic == "sum");
    all.spec.type = isWide ? PixelType::Float64 : meanType(input.type);
    all.spec.nodata = NAN;
    all.spec.forgetClasses();
    if (isStatistic && (sampling.statistic == "count" || sampling.statistic == "std")) all.spec.forgetQuantity();
    if (input.isClasses()) warnings.emplace_back("the values are classes: numbers between two of them mean nothing; use method=nearest");
  }
  all.spec.setCoordinate(placesAlong("x", std::move(xs), likeX));
  all.spec.setCoordinate(placesAlong("y", std::move(ys), likeY));
  return std::make_shared<BoundSampledPoints>(std::move(all), std::move(warnings), std::move(points.files));
}

}  // namespace cubeloom
