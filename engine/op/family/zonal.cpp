// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/zonal.h"

#include <algorithm>
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/family/zone_moments.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// Small enough for one state per part.
constexpr double kMergedBytes = 4.0 * 1048576;

class BoundZonal : public ReducerOperation {
 public:
  BoundZonal(ZonalInputs inputs, Zonal facts, ArraySpec spec)
      : m_inputs(std::move(inputs)), m_facts(std::move(facts)), m_cut(m_inputs.values, m_inputs.dims.slowest()) {
    m_spec = std::move(spec);
    m_summary = m_facts.summary;
    m_warnings = m_facts.warnings;
    m_mergesParts = partialBytes(fullRegion(m_spec.shape())) <= kMergedBytes;
  }

  std::vector<Region> parts(const Region& region) const override {
    return m_cut.parts(m_inputs.dims.inputRegion(m_inputs.values, keptOf(region)), m_mergesParts);
  }
  bool mergesParts() const override { return m_mergesParts; }
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }

  std::vector<Need> beside(const Region& piece) const override {
    Need need;
    need.input = 1;
    need.region.assign(m_inputs.labelDimCount, IndexSet::single(0));
    std::size_t place = 0;
    for (std::size_t d = 0; d < piece.size(); ++d)
      if (m_inputs.dims.isReduced(d)) need.region[static_cast<std::size_t>(m_inputs.labelDims[place++])] = piece[d];
    return {std::move(need)};
  }

  double partialBytes(const Region& region) const override {
    const double states = static_cast<double>(region[0].count()) * static_cast<double>(regionCount(keptOf(region)));
    return states * ZoneMoments::kStateBytes + ZoneTable::mostBytes(region[0].count()) + ZoneMoments::kScratchBytes;
  }

  std::unique_ptr<Partial> partial(const Region& region) const override;

 private:
  /// What stays of the values, without `zone` and `statistic`.
  static Region keptOf(const Region& region) { return {region.begin() + 2, region.end()}; }

  ZonalInputs m_inputs;
  Zonal m_facts;
  PartCut m_cut;
  bool m_mergesParts = false;
};

/// The state of some zones and statistics.
class ZonalPartial : public Partial {
 public:
  ZonalPartial(const ZonalInputs& inputs, const Zonal& facts, const Region& region, std::size_t elements)
      : m_facts(facts),
        m_statistics(region[1]),
        m_table(labelsOf(facts, region[0])),
        m_moments(inputs, m_table, static_cast<std::size_t>(region[0].count()), elements) {}

  Result<void> add(const BlockView& input) override { return m_moments.add(input); }
  Result<void> addWith(const BlockView& input, const std::vector<BlockView>& beside) override { return m_moments.addWith(input, beside); }
  void merge(const Accumulator& later) override { m_moments.merge(static_cast<const ZonalPartial&>(later).m_moments); }
  void carry(StateCarrier& state) override { m_moments.carry(state); }
  std::size_t bytes() const override { return m_moments.bytes() + m_table.bytes(); }

  Result<void> finish(const BlockView& out) const override {
    for (std::int64_t zone = 0; zone < out.shape[0]; ++zone)
      for (std::int64_t k = 0; k < out.shape[1]; ++k) {
        const ZonalStatistic& statistic = m_facts.statistics[static_cast<std::size_t>(m_statistics.at(k))];
        BlockView row = out;
        row.data += zone * out.strides[0] + k * out.strides[1];
        row.shape[0] = row.shape[1] = 1;
        std::size_t element = 0;
        forEachRun(row, [&](std::byte* p, std::int64_t n, std::int64_t step) {
          for (std::int64_t i = 0; i < n; ++i, p += step) {
            const Moment moment = m_moments.moment(static_cast<std::size_t>(zone), element++);
            *reinterpret_cast<double*>(p) = moment.count > 0 || statistic.isCount ? statistic.value(moment) : NAN;
          }
        });
      }
    return {};
  }

 private:
  static std::vector<std::int64_t> labelsOf(const Zonal& facts, const IndexSet& zones) {
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < zones.count(); ++i) labels.push_back(facts.zones[static_cast<std::size_t>(zones.at(i))]);
    return labels;
  }

  const Zonal& m_facts;
  IndexSet m_statistics;
  ZoneTable m_table;
  ZoneMoments m_moments;
};

std::unique_ptr<Partial> BoundZonal::partial(const Region& region) const {
  return std::make_unique<ZonalPartial>(m_inputs, m_facts, region, static_cast<std::size_t>(regionCount(keptOf(region))));
}

/// Which dims of the values the labels lie along.
Result<ZonalInputs> inputsOf(const ArraySpec& values, const ArraySpec& labels) {
  if (isComplex(values.type)) return fail(ErrorCode::UnsupportedType, "the values are complex, real ones are needed");
  if (!isInteger(labels.type))
    return fail(ErrorCode::UnsupportedType, "the labels are " + std::string(pixelTypeName(labels.type)) + ", whole numbers are needed",
                "convert them with astype dtype=int32 before");
  ZonalInputs inputs{values, labels.type, labels.nodata, {}, {}, 0};
  inputs.labelDimCount = labels.dims.size();
  const SideBySide arrays{values, "the array of values", labels, "the raster of labels",
                          "bring them onto the values' grid with align resampling=nearest"};
  const auto isSingle = [&labels](int d) { return labels.dims[static_cast<std::size_t>(d)].size == 1; };
  int place = 0;
  for (const Dim& dim : values.dims) {
    const int d = labels.indexOf(dim.name);
    const bool isAlong = d >= 0 && (!isSingle(d) || dim.size == 1);
    inputs.dims.keptPlace.push_back(isAlong ? -1 : place++);
    if (!isAlong) continue;
    inputs.labelDims.push_back(d);
    const int v = values.indexOf(dim.name);
    const bool isOnGrid = v == values.yDim || v == values.xDim || d == labels.yDim || d == labels.xDim;
    CUBELOOM_TRY(checkSameEntries(arrays, v, d, isOnGrid));
  }
  bool hasOther = inputs.labelDims.empty();
  for (int d = 0; d < static_cast<int>(labels.dims.size()); ++d)
    hasOther = hasOther || (!isSingle(d) && std::find(inputs.labelDims.begin(), inputs.labelDims.end(), d) == inputs.labelDims.end());
  if (hasOther)
    return fail(ErrorCode::GridMismatch, "the labels' dims are " + dimList(labels) + ", the values' " + dimList(values),
                "labels lie along dims of the values: drop others with isel");
  CUBELOOM_TRY(checkSameGrid(arrays));
  return inputs;
}

Result<void> checkZones(const Zonal& facts, const ZonalInputs& inputs) {
  for (const ZonalStatistic& statistic : facts.statistics)
    if (statistic.ordered)
      return invalidParameter("statistics", statistic.name + " is computed of polygons, not of a raster of labels",
                              "leave it out, or give the zones as polygons");
  if (facts.zones.empty()) return invalidParameter("zones", "no zone is named", "name the labels, or set 'highest'");
  std::vector<std::int64_t> sorted = facts.zones;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    return invalidParameter("zones", "label " + std::to_string(*twice) + " is named twice", "name it once");
  const double bytes = static_cast<double>(facts.zones.size()) * static_cast<double>(inputs.dims.keptCount(inputs.values)) *
                       static_cast<double>(ZoneMoments::kStateBytes);
  if (bytes > kMostZonalBytes)
    return invalidParameter("zones",
                            formatCount(static_cast<std::int64_t>(facts.zones.size())) + " zones of " +
                                formatCount(inputs.dims.keptCount(inputs.values)) + " values each take " + formatSize(bytes) +
                                "; the limit is " + formatSize(kMostZonalBytes),
                            "name fewer zones, or choose fewer bands before");
  return {};
}

}  // namespace

Result<ArraySpec> zonalResult(const ArraySpec& values, const ReducedDims& dims, Dim zone, const std::vector<ZonalStatistic>& statistics) {
  ArraySpec spec = values;
  spec.forgetQuantity();
  spec = withoutReduced(spec, dims);
  Dim statistic{"statistic", static_cast<std::int64_t>(statistics.size()), {}};
  statistic.coordinate.unit = "1";
  statistic.coordinate.kind = Coordinate::Kind::Regular;
  statistic.coordinate.start = 1;
  for (const ZonalStatistic& one : statistics) statistic.coordinate.labels.push_back(one.name);
  for (Dim& dim : {std::ref(statistic), std::ref(zone)}) {
    const std::string name = dim.name;
    if (!prependDim(spec, std::move(dim)))
      return fail(ErrorCode::GridMismatch, "the values have a dim '" + name + "' already", "rename it before");
  }
  spec.type = PixelType::Float64;
  spec.nodata = NAN;
  return spec;
}

Result<std::shared_ptr<const BoundOperation>> bindZonal(const ArraySpec& values, const ArraySpec& labels, Zonal facts) {
  auto sides = inputsOf(values, labels);
  if (!sides) return fail(sides.error());
  CUBELOOM_TRY(checkZones(facts, *sides));
  Dim zone{"zone", static_cast<std::int64_t>(facts.zones.size()), {}};
  zone.coordinate.unit = "1";
  zone.coordinate.kind = Coordinate::Kind::Values;
  zone.coordinate.values.assign(facts.zones.begin(), facts.zones.end());
  auto spec = zonalResult(values, sides->dims, std::move(zone), facts.statistics);
  if (!spec) return fail(spec.error());
  ArraySpec stored = values;
  if (stored.forgetStoredMeaning()) facts.warnings.emplace_back(kComputedFromStored);
  return std::make_shared<BoundZonal>(std::move(*sides), std::move(facts), std::move(*spec));
}

}  // namespace cubeloom
