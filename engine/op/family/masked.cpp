// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/masked.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/convert_block.h"
#include "engine/op/family/convert_task.h"
#include "engine/op/family/run_values.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

struct MaskedFacts {
  ArraySpec values, flags, output;
  Masked masked;
  std::vector<int> flagDim;  ///< of each dim of the values: that of the flags, -1: they have none
};

/// Positions along one spatial dim: which flags are read for the results `wanted`, and where these lie among them.
struct MaskAxis {
  std::vector<std::int64_t> read;    ///< rising
  std::vector<std::int64_t> wanted;  ///< rising, each once

  MaskAxis(const IndexSet& results, std::int64_t size, std::int64_t reach) : wanted(results.toVector()) {
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    for (const std::int64_t at : wanted)
      for (std::int64_t i = std::max<std::int64_t>(at - reach, read.empty() ? 0 : read.back() + 1); i <= std::min(at + reach, size - 1);
           ++i)
        read.push_back(i);
  }
  std::int64_t placeOf(std::int64_t index) const { return std::lower_bound(wanted.begin(), wanted.end(), index) - wanted.begin(); }
};

/// What grows around each dropped pixel.
void growDrops(const std::vector<std::uint8_t>& dropped, const MaskAxis& rows, const MaskAxis& cols, std::int64_t reach,
               std::vector<std::uint8_t>& grown) {
  const auto height = static_cast<std::int64_t>(rows.read.size()), width = static_cast<std::int64_t>(cols.read.size());
  const auto outWidth = static_cast<std::int64_t>(cols.wanted.size());
  const auto at = [&](std::int64_t r, std::int64_t c) { return dropped[static_cast<std::size_t>(r * width + c)]; };
  for (std::int64_t r = 0; r < height; ++r)
    for (std::int64_t c = 0; c < width; ++c) {
      if (!at(r, c)) continue;
      // Around a pixel whose neighbours are all dropped nothing is left to drop but itself.
      const bool isInside = r > 0 && c > 0 && r + 1 < height && c + 1 < width && at(r - 1, c) && at(r + 1, c) && at(r, c - 1) &&
                            at(r, c + 1) && rows.read[static_cast<std::size_t>(r + 1)] - rows.read[static_cast<std::size_t>(r - 1)] == 2 &&
                            cols.read[static_cast<std::size_t>(c + 1)] - cols.read[static_cast<std::size_t>(c - 1)] == 2;
      const std::int64_t y = rows.read[static_cast<std::size_t>(r)], x = cols.read[static_cast<std::size_t>(c)],
                         here = isInside ? 0 : reach;
      for (std::int64_t i = rows.placeOf(y - here); i < static_cast<std::int64_t>(rows.wanted.size()); ++i) {
        const std::int64_t dy = rows.wanted[static_cast<std::size_t>(i)] - y;
        if (dy > here) break;
        const auto half = static_cast<std::int64_t>(std::floor(std::sqrt(static_cast<double>(here * here - dy * dy))));
        for (std::int64_t j = cols.placeOf(x - half); j < outWidth && cols.wanted[static_cast<std::size_t>(j)] <= x + half; ++j)
          grown[static_cast<std::size_t>(i * outWidth + j)] = 1;
      }
    }
}

class MaskedTask : public Task {
 public:
  MaskedTask(const MaskedFacts& facts, const Region& region) : m_facts(facts), m_region(region) {
    Need values{0, region, {}};
    m_isDirect = Conversion{facts.values.type, facts.output.type, facts.values.nodata, facts.output.nodata}.isIdentity();
    if (m_isDirect) {
      values.direct.emplace();
      for (std::size_t d = 0; d < region.size(); ++d) values.direct->axes.push_back(static_cast<int>(d));
      values.direct->offset.assign(region.size(), 0);
    }
    m_needs.push_back(std::move(values));
    Need flags{facts.masked.flags, {}, {}};
    flags.region.assign(facts.flags.dims.size(), IndexSet::single(0));
    for (std::size_t d = 0; d < region.size(); ++d) {
      const int f = facts.flagDim[d];
      if (f < 0) continue;
      IndexSet& along = flags.region[static_cast<std::size_t>(f)];
      along = region[d];
      if (facts.masked.dilate == 0 || (f != facts.flags.yDim && f != facts.flags.xDim)) continue;
      auto& axis = f == facts.flags.yDim ? m_rows : m_cols;
      axis.emplace(region[d], facts.flags.dims[static_cast<std::size_t>(f)].size, facts.masked.dilate);
      along = IndexSet::list(axis->read);
    }
    m_needs.push_back(std::move(flags));
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    return static_cast<std::size_t>(regionCount(m_needs[1].region)) * 2 + kRun * (sizeof(double) + 1);
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    if (!m_isDirect) convertBlock(inputs[0], out, m_facts.values.nodata, m_facts.output.nodata);
    std::vector<std::uint8_t> drops(static_cast<std::size_t>(inputs[1].count()));
    BlockView mask = denseView(reinterpret_cast<std::byte*>(drops.data()), PixelType::UInt8, inputs[1].shape);
    ask(inputs[1], mask);
    std::vector<std::uint8_t> grown;
    if (m_rows && m_cols) mask = grow(mask, grown);
    // The mask's elements in the shape of `out`.
    BlockView view{mask.data, PixelType::UInt8, out.shape, {}};
    for (const int f : m_facts.flagDim) view.strides.push_back(f < 0 ? 0 : mask.strides[static_cast<std::size_t>(f)]);
    dispatchPixelType(out.type, [&](auto sample) {
      using T = decltype(sample);
      const T nodata = convertPixel<T>(m_facts.output.nodata.value_or(NAN));
      AlignedRuns({out, view}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
        for (std::int64_t i = 0; i < n; ++i)
          if (*reinterpret_cast<const std::uint8_t*>(pointers[1] + i * steps[1]))
            *reinterpret_cast<T*>(pointers[0] + i * steps[0]) = nodata;
      });
    });
    return {};
  }

 private:
  static constexpr std::size_t kRun = 1024;

  /// What the flags say, element by element.
  void ask(const BlockView& flags, const BlockView& mask) const {
    const RunLoader<double> loader(m_facts.flags.type, m_facts.flags.nodata);
    std::vector<double> values(kRun);
    std::vector<std::uint8_t> drops(kRun);
    AlignedRuns({mask, flags}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n; first += static_cast<std::int64_t>(kRun)) {
        const std::size_t count = std::min(kRun, static_cast<std::size_t>(n - first));
        loader.loadNan(pointers[1] + first * steps[1], steps[1], count, values.data());
        m_facts.masked.drop(values.data(), count, drops.data());
        for (std::size_t i = 0; i < count; ++i)
          *reinterpret_cast<std::uint8_t*>(pointers[0] + (first + static_cast<std::int64_t>(i)) * steps[0]) = drops[i];
      }
    });
  }

  /// The mask of the results alone, grown, in the flags' order of dims; each plane by itself.
  BlockView grow(const BlockView& mask, std::vector<std::uint8_t>& grown) const {
    const auto y = static_cast<std::size_t>(m_facts.flags.yDim), x = static_cast<std::size_t>(m_facts.flags.xDim);
    std::vector<std::int64_t> shape = mask.shape, others = mask.shape;
    const auto axisOf = [&](int f) { return std::find(m_facts.flagDim.begin(), m_facts.flagDim.end(), f) - m_facts.flagDim.begin(); };
    const IndexSet& rows = m_region[static_cast<std::size_t>(axisOf(static_cast<int>(y)))];
    const IndexSet& cols = m_region[static_cast<std::size_t>(axisOf(static_cast<int>(x)))];
    shape[y] = rows.count();
    shape[x] = cols.count();
    others[y] = others[x] = 1;
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    grown.assign(static_cast<std::size_t>(count), 0);
    BlockView result = denseView(reinterpret_cast<std::byte*>(grown.data()), PixelType::UInt8, shape);
    std::vector<std::uint8_t> plane(m_rows->read.size() * m_cols->read.size()), wide(m_rows->wanted.size() * m_cols->wanted.size());
    const BlockView from{mask.data, PixelType::UInt8, others, mask.strides}, to{result.data, PixelType::UInt8, others, result.strides};
    AlignedRuns({to, from}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t k = 0; k < n; ++k) {
        const std::byte* source = pointers[1] + k * steps[1];
        for (std::size_t r = 0, i = 0; r < m_rows->read.size(); ++r)
          for (std::size_t c = 0; c < m_cols->read.size(); ++c, ++i)
            plane[i] = static_cast<std::uint8_t>(
                source[static_cast<std::int64_t>(r) * mask.strides[y] + static_cast<std::int64_t>(c) * mask.strides[x]]);
        std::fill(wide.begin(), wide.end(), std::uint8_t{0});
        growDrops(plane, *m_rows, *m_cols, m_facts.masked.dilate, wide);
        std::byte* target = pointers[0] + k * steps[0];
        for (std::int64_t r = 0; r < rows.count(); ++r)
          for (std::int64_t c = 0; c < cols.count(); ++c)
            target[r * result.strides[y] + c * result.strides[x]] =
                static_cast<std::byte>(wide[static_cast<std::size_t>(m_rows->placeOf(rows.at(r))) * m_cols->wanted.size() +
                                            static_cast<std::size_t>(m_cols->placeOf(cols.at(c)))]);
      }
    });
    return result;
  }

  const MaskedFacts& m_facts;
  Region m_region;
  std::vector<Need> m_needs;
  bool m_isDirect = false;
  std::optional<MaskAxis> m_rows, m_cols;  ///< set where what is dropped grows
};

class BoundMasked : public KernelOperation {
 public:
  explicit BoundMasked(MaskedFacts facts) : m_facts(std::move(facts)) {
    m_spec = m_facts.output;
    m_summary = m_facts.masked.summary;
    m_warnings = m_facts.masked.warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return std::make_unique<MaskedTask>(m_facts, region); }

 private:
  MaskedFacts m_facts;
};

/// Where the flags' dims lie among those of the values.
Result<std::vector<int>> flagDims(const ArraySpec& values, const ArraySpec& flags) {
  const SideBySide arrays{values, "the array", flags, "the mask"};
  std::vector<int> places(values.dims.size(), -1);
  for (std::size_t f = 0; f < flags.dims.size(); ++f) {
    const Dim& dim = flags.dims[f];
    const int d = values.indexOf(dim.name);
    const bool isAlike = d >= 0 && values.dims[static_cast<std::size_t>(d)].size == dim.size;
    if (!isAlike && dim.size == 1) continue;  // the one band of a raster
    if (d < 0)
      return fail(ErrorCode::GridMismatch,
                  "the mask has a dim '" + dim.name + "' of " + formatCount(dim.size) + " entries, the array has " + dimList(values),
                  "select one entry of it with isel before");
    const bool isOnGrid = values.geobox && flags.geobox && (d == values.yDim || d == values.xDim);
    CUBELOOM_TRY(checkSameEntries(arrays, d, static_cast<int>(f), isOnGrid));
    places[static_cast<std::size_t>(d)] = static_cast<int>(f);
  }
  CUBELOOM_TRY(checkSameGrid(arrays));
  return places;
}

}  // namespace

Param invertParam(const std::string& help) { return {.name = "invert", .type = ParamType::Bool, .help = help, .defaultTo = false}; }

Param dilateParam() {
  return {.name = "dilate",
          .type = ParamType::Integer,
          .help = "How far what goes grows.",
          .unit = "px",
          .defaultTo = 0,
          .minimum = 0,
          .maximum = 500,
          .uiMaximum = 20};
}

Result<std::shared_ptr<const BoundOperation>> bindMasked(const std::vector<ArraySpec>& inputs, Masked masked) {
  MaskedFacts facts{inputs[0], inputs[static_cast<std::size_t>(masked.flags)], inputs[0], {}, {}};
  if (isComplex(facts.flags.type)) return fail(ErrorCode::UnsupportedType, "the mask has complex values");
  auto places = flagDims(facts.values, facts.flags);
  if (!places) return fail(places.error());
  facts.flagDim = std::move(*places);
  if (masked.dilate > 0 && !facts.flags.isSpatial())
    return invalidParameter("dilate", "the mask has no rows and columns in which to grow", "leave dilate out");
  ArraySpec& out = facts.output;
  if (!out.nodata && isComplex(out.type)) out.nodata = NAN;
  if (!out.nodata) {
    const auto [low, high] = rangeOf(out.type);
    settleComputed(out, out.type, low, high, true);
    if (out.type != facts.values.type)
      masked.warnings.push_back("the array has no nodata value, and each " + std::string(pixelTypeName(facts.values.type)) +
                                " may be a value: the result is " + std::string(pixelTypeName(out.type)) + " with nodata " +
                                formatNumber(*out.nodata) + "; assign_nodata before keeps the type");
  }
  facts.masked = std::move(masked);
  return std::make_shared<BoundMasked>(std::move(facts));
}

}  // namespace cubeloom
