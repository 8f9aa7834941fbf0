// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/polygon_zones.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/kept_features.h"
#include "engine/op/family/run_values.h"
#include "engine/op/family/zone_moments.h"

namespace cubeloom {
namespace {

constexpr double kMostMergedBytes = 4.0 * 1048576;  // of a state per part
constexpr std::size_t kMostStretches = 8;           // that a part of the grid is read in, side by side
constexpr std::int64_t kWorthSkipping = 256;        // pixels between two of them

/// First and past-the-end index along the faster spatial dim.
struct Stretch {
  std::int64_t first = 0, past = 0;
};

/// Those of `wanted` that lie close together as one, the closest first where there are too many.
std::vector<Stretch> joined(std::vector<Stretch> wanted) {
  std::sort(wanted.begin(), wanted.end(), [](const Stretch& a, const Stretch& b) { return a.first < b.first; });
  std::vector<Stretch> all;
  for (const Stretch& one : wanted) {
    if (!all.empty() && one.first <= all.back().past + kWorthSkipping)
      all.back().past = std::max(all.back().past, one.past);
    else
      all.push_back(one);
  }
  while (all.size() > kMostStretches) {
    std::size_t best = 1;
    for (std::size_t i = 2; i < all.size(); ++i)
      if (all[i].first - all[i - 1].past < all[best].first - all[best - 1].past) best = i;
    all[best - 1].past = all[best].past;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return all;
}

/// What is read and gathered. Immutable.
struct ZonesOfPolygons {
  ArraySpec values;
  ReducedDims dims;
  std::size_t slow = 0, fast = 0;  ///< the spatial dims of the values, in their order
  PlacedPolygons polygons;
  std::vector<Window> windows;       ///< of each polygon; rows along `slow`
  std::vector<std::int64_t> pixels;  ///< how many each polygon has something of, where values are kept; else empty
  CoverageRule rule = CoverageRule::Centre;
  std::vector<ZonalStatistic> statistics;

  std::int64_t size(std::size_t dim) const { return values.dims[dim].size; }
};

/// The state of some zones and statistics.
class PolygonPartial : public Partial {
 public:
  PolygonPartial(const ZonesOfPolygons& zones, const Region& region, std::size_t elements)
      : m_zones(zones), m_which(region[0]), m_statistics(region[1]), m_elements(elements) {
    m_states.resize(static_cast<std::size_t>(m_which.count()) * elements);
    if (zones.pixels.empty()) return;
    m_values.resize(m_states.size());
    for (std::size_t i = 0; i < m_values.size(); ++i) m_values[i].reserve(static_cast<std::size_t>(zones.pixels[zoneOf(i / elements)]));
  }

  Result<void> add(const BlockView& /*input*/) override { return fail(ErrorCode::Internal, "values without their place"); }

  Result<void> addAt(const Region& piece, const BlockView& input, const std::vector<BlockView>& /*beside*/) override {
    const IndexSet &slow = piece[m_zones.slow], &fast = piece[m_zones.fast];
    for (std::int64_t i = 0; i < m_which.count(); ++i) {
      const std::size_t zone = zoneOf(static_cast<std::size_t>(i));
      const Window& own = m_zones.windows[zone];
      const std::int64_t row = std::max(own.row, slow.first()), pastRow = std::min(own.row + own.rows, slow.first() + slow.count());
      const std::int64_t col = std::max(own.col, fast.first()), pastCol = std::min(own.col + own.cols, fast.first() + fast.count());
      if (col >= pastCol) continue;
      for (std::int64_t r = row; r < pastRow; ++r) {
        m_cover.resize(static_cast<std::size_t>(pastCol - col));
        m_zones.polygons.shapes[zone].cover(m_zones.rule, r, col, m_cover.size(), m_cover.data(), m_scratch);
        addRow(static_cast<std::size_t>(i), input.at(static_cast<int>(m_zones.slow), r - slow.first()), col - fast.first());
      }
    }
    return {};
  }

  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const PolygonPartial&>(later);
    for (std::size_t i = 0; i < m_states.size(); ++i) m_states[i].merge(other.m_states[i]);
    for (std::size_t i = 0; i < m_values.size(); ++i)
      m_values[i].insert(m_values[i].end(), other.m_values[i].begin(), other.m_values[i].end());
  }

  void carry(StateCarrier& state) override {
    state.all(m_states);
    for (auto& values : m_values) state.any(values);
  }
  std::size_t bytes() const override {
    std::size_t bytes = m_states.size() * sizeof(ZoneState);
    for (const auto& values : m_values) bytes += sizeof(std::vector<WeightedValue>) + values.capacity() * sizeof(WeightedValue);
    return bytes;
  }

  Result<void> finish(const BlockView& out) const override {
    std::vector<WeightedValue> ascending;
    for (std::size_t zone = 0; zone < static_cast<std::size_t>(m_which.count()); ++zone)
      for (std::int64_t k = 0; k < m_statistics.count(); ++k) {
        const ZonalStatistic& statistic = m_zones.statistics[static_cast<std::size_t>(m_statistics.at(k))];
        BlockView row = out;
        row.data += static_cast<std::int64_t>(zone) * out.strides[0] + k * out.strides[1];
        row.shape[0] = row.shape[1] = 1;
        std::size_t set = zone * m_elements;
        forEachRun(row, [&](std::byte* p, std::int64_t n, std::int64_t step) {
          for (std::int64_t i = 0; i < n; ++i, p += step) *reinterpret_cast<double*>(p) = valueOf(statistic, set++, ascending);
        });
      }
    return {};
  }

 private:
  std::size_t zoneOf(std::size_t i) const { return static_cast<std::size_t>(m_which.at(static_cast<std::int64_t>(i))); }

  /// `line`: of all elements that stay, along the faster spatial dim; what m_cover says begins at its index `first`.
  void addRow(std::size_t zone, BlockView line, std::int64_t first) {
    const std::size_t fast = m_zones.fast - (m_zones.slow < m_zones.fast ? 1 : 0);
    const auto begin = std::find_if(m_cover.begin(), m_cover.end(), [](double part) { return part > 0; });
    const auto skipped = begin - m_cover.begin();
    auto count = m_cover.size();
    while (count > 0 && !(m_cover[count - 1] > 0)) --count;
    if (skipped >= static_cast<std::ptrdiff_t>(count)) return;
    const auto length = count - static_cast<std::size_t>(skipped);
    line.data += (first + skipped) * line.strides[fast];
    const std::int64_t step = line.strides[fast];
    line.shape[fast] = 1;
    m_run.resize(length);
    m_valid.resize(length);
    const RunLoader<double> loader(m_zones.values.type, m_zones.values.nodata);
    std::size_t set = zone * m_elements;
    forEachRun(line, [&](const std::byte* p, std::int64_t n, std::int64_t elementStep) {
      for (std::int64_t e = 0; e < n; ++e, p += elementStep, ++set) {
        std::fill(m_valid.begin(), m_valid.end(), std::uint8_t{1});
        loader.load(p, step, length, m_run.data(), m_valid.data());
        for (std::size_t i = 0; i < length; ++i) {
          const double part = begin[static_cast<std::ptrdiff_t>(i)];
          if (!(part > 0) || m_valid[i] == 0) continue;
          m_states[set].add(m_run[i], part);
          if (!m_values.empty()) m_values[set].push_back({m_run[i], part});
        }
      }
    });
  }

  double valueOf(const ZonalStatistic& statistic, std::size_t set, std::vector<WeightedValue>& ascending) const {
    const ZoneState& state = m_states[set];
    if (!(state.count > 0)) return statistic.isCount ? statistic.value(Moment{}) : NAN;
    if (!statistic.ordered) return statistic.value(state.moment());
    ascending = m_values[set];
    std::sort(ascending.begin(), ascending.end(), [](const WeightedValue& a, const WeightedValue& b) {
      return a.value < b.value || (a.value == b.value && a.weight < b.weight);
    });
    return statistic.ordered(ascending);
  }

  const ZonesOfPolygons& m_zones;
  IndexSet m_which, m_statistics;
  std::size_t m_elements;
  std::vector<ZoneState> m_states;                   ///< [zone * elements + element]
  std::vector<std::vector<WeightedValue>> m_values;  ///< the same; empty: no statistic needs them
  CoverScratch m_scratch;
  std::vector<double> m_cover, m_run;
  std::vector<std::uint8_t> m_valid;
};

class BoundPolygonZones : public ReducerOperation {
 public:
  BoundPolygonZones(ZonesOfPolygons zones, ArraySpec spec, const std::vector<std::string>& warnings)
      : m_zones(std::move(zones)), m_cut(m_zones.values, static_cast<int>(m_zones.slow)) {
    m_spec = std::move(spec);
    m_warnings = warnings;
    m_files = m_zones.polygons.files;
    std::vector<std::string> names;
    for (const ZonalStatistic& statistic : m_zones.statistics) names.push_back(statistic.name);
    m_summary = countOf(m_zones.windows.size(), "polygon") + " · " + join(names, ", ");
    for (const PixelPolygon& shape : m_zones.polygons.shapes)
      m_scratchBytes =
          std::max(m_scratchBytes, static_cast<double>(shape.scratchBytes(static_cast<std::size_t>(m_zones.size(m_zones.fast)))));
    m_scratchBytes += 24.0 * static_cast<double>(m_zones.size(m_zones.fast));
    m_mergesParts = partialBytes(fullRegion(m_spec.shape())) <= kMostMergedBytes;
  }

  /// Bands of the grid, in each of them the stretches that polygons reach.
  std::vector<Region> parts(const Region& region) const override {
    const Region whole = m_zones.dims.inputRegion(m_zones.values, keptOf(region));
    std::vector<Region> all;
    for (const Region& band : m_cut.parts(whole, m_mergesParts)) {
      const std::int64_t row = band[m_zones.slow].first(), pastRow = row + band[m_zones.slow].count();
      std::int64_t first = pastRow, past = row;
      std::vector<Stretch> wanted;
      for (std::int64_t i = 0; i < region[0].count(); ++i) {
        const Window& own = m_zones.windows[static_cast<std::size_t>(region[0].at(i))];
        if (own.rows == 0 || own.row >= pastRow || own.row + own.rows <= row) continue;
        first = std::min(first, std::max(row, own.row));
        past = std::max(past, std::min(pastRow, own.row + own.rows));
        wanted.push_back({own.col, own.col + own.cols});
      }
      for (const Stretch& one : joined(std::move(wanted))) {
        all.push_back(band);
        all.back()[m_zones.slow] = IndexSet::range(first, past - first);
        all.back()[m_zones.fast] = IndexSet::range(one.first, one.past - one.first);
      }
    }
    return all;
  }
  bool mergesParts() const override { return m_mergesParts; }
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }

  double partialBytes(const Region& region) const override {
    const double elements = static_cast<double>(regionCount(keptOf(region)));
    double bytes = static_cast<double>(region[0].count()) * elements * sizeof(ZoneState) + m_scratchBytes;
    if (m_zones.pixels.empty()) return bytes;
    double most = 0;
    for (std::int64_t i = 0; i < region[0].count(); ++i) {
      const auto pixels = static_cast<double>(m_zones.pixels[static_cast<std::size_t>(region[0].at(i))]);
      bytes += elements * (pixels * sizeof(WeightedValue) + sizeof(std::vector<WeightedValue>));
      most = std::max(most, pixels);
    }
    return bytes + most * sizeof(WeightedValue);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    return std::make_unique<PolygonPartial>(m_zones, region, static_cast<std::size_t>(regionCount(keptOf(region))));
  }

 private:
  /// What stays of the values, without `zone` and `statistic`.
  static Region keptOf(const Region& region) { return {region.begin() + 2, region.end()}; }

  ZonesOfPolygons m_zones;
  PartCut m_cut;
  double m_scratchBytes = 0;
  bool m_mergesParts = false;
};

/// How many pixels a polygon has something of.
std::int64_t pixelsOf(const PixelPolygon& shape, CoverageRule rule, const Window& window, CoverScratch& scratch,
                      std::vector<double>& cover) {
  std::int64_t pixels = 0;
  cover.resize(static_cast<std::size_t>(window.cols));
  for (std::int64_t row = window.row; row < window.row + window.rows; ++row) {
    shape.cover(rule, row, window.col, cover.size(), cover.data(), scratch);
    pixels += std::count_if(cover.begin(), cover.end(), [](double part) { return part > 0; });
  }
  return pixels;
}

/// Names of the first few polygons, for a warning.
std::string someOf(const std::vector<std::string>& ids, const std::vector<std::size_t>& which) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(which.size(), kShown); ++i) names.push_back(ids[which[i]]);
  return countOf(which.size(), "polygon") + " (" + join(names, ", ") + (which.size() > kShown ? ", ...)" : ")");
}

}  // namespace

bool isTurned(const ArraySpec& values) { return values.xDim < values.yDim; }

double weightedQuantile(std::span<const WeightedValue> ascending, double q) {
  const auto last = static_cast<double>(ascending.size() - 1);
  double total = 0;
  for (const WeightedValue& one : ascending) total += one.weight;
  const double wanted = q * last * total;
  double before = 0, place = 0, value = ascending[0].value;
  for (std::size_t k = 0; k < ascending.size(); ++k) {
    const double at = static_cast<double>(k) * ascending[k].weight + last * before;
    if (k > 0 && at >= wanted) {
      const double weight = at > place ? (wanted - place) / (at - place) : 1;
      return value == ascending[k].value ? value : value + (ascending[k].value - value) * weight;
    }
    place = at;
    value = ascending[k].value;
    before += ascending[k].weight;
  }
  return value;
}

double majorityOf(std::span<const WeightedValue> ascending) {
  double best = NAN, most = 0;
  for (std::size_t i = 0; i < ascending.size();) {
    double weight = 0;
    const double value = ascending[i].value;
    for (; i < ascending.size() && ascending[i].value == value; ++i) weight += ascending[i].weight;
    if (weight > most) {
      most = weight;
      best = value;
    }
  }
  return best;
}

Result<std::shared_ptr<const BoundOperation>> bindPolygonZones(const ArraySpec& values, PlacedPolygons polygons, CoverageRule rule,
                                                               std::vector<ZonalStatistic> statistics) {
  if (isComplex(values.type)) return fail(ErrorCode::UnsupportedType, "the values are complex, real ones are needed");
  ZonesOfPolygons zones{values, {}, 0, 0, std::move(polygons), {}, {}, rule, std::move(statistics)};
  zones.slow = static_cast<std::size_t>(std::min(values.yDim, values.xDim));
  zones.fast = static_cast<std::size_t>(std::max(values.yDim, values.xDim));
  int place = 0;
  for (std::size_t d = 0; d < values.dims.size(); ++d) zones.dims.keptPlace.push_back(d == zones.slow || d == zones.fast ? -1 : place++);
  std::vector<std::string> warnings = zones.polygons.warnings;
  std::vector<std::int64_t> pixels;
  std::vector<std::size_t> outside, without;
  CoverScratch scratch;
  std::vector<double> cover;
  for (std::size_t i = 0; i < zones.polygons.shapes.size(); ++i) {
    const PixelPolygon& shape = zones.polygons.shapes[i];
    zones.windows.push_back(shape.windowIn(zones.size(zones.slow), zones.size(zones.fast)));
    pixels.push_back(pixelsOf(shape, rule, zones.windows.back(), scratch, cover));
    if (zones.windows.back().rows == 0)
      outside.push_back(i);
    else if (pixels.back() == 0)
      without.push_back(i);
  }
  if (!outside.empty()) warnings.push_back(someOf(zones.polygons.ids, outside) + " outside of the grid: count 0");
  if (!without.empty())
    warnings.push_back(someOf(zones.polygons.ids, without) +
                       " so small that no pixel's centre lies inside: count 0; coverage=all_touched or fraction counts what they touch");
  const bool keepsValues =
      std::any_of(zones.statistics.begin(), zones.statistics.end(), [](const ZonalStatistic& one) { return one.ordered != nullptr; });
  if (keepsValues) zones.pixels = std::move(pixels);
  auto spec = zonalResult(values, zones.dims, dimOfIds("zone", zones.polygons.ids), zones.statistics);
  if (!spec) return fail(std::move(spec.error()));
  spec->attributes[kFeaturesKey] = zones.polygons.origin;
  ArraySpec stored = values;
  if (stored.forgetStoredMeaning()) warnings.emplace_back(kComputedFromStored);
  return std::make_shared<BoundPolygonZones>(std::move(zones), std::move(*spec), warnings);
}

}  // namespace cubeloom
