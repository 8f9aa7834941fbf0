// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/blocks.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/run_kernel.h"

namespace cubeloom {
namespace {

struct BlockFacts {
  ArraySpec input, output;
  Blocks blocks;
};

/// Calls `f(index)` for each index within `shape`, the last dim fastest.
template <class F>
void forEachIndex(const std::vector<std::int64_t>& shape, F&& f) {
  std::vector<std::int64_t> index(shape.size(), 0);
  while (true) {
    f(index);
    std::size_t d = shape.size();
    while (d-- > 0) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return;
  }
}

/// What the values of some blocks amount to, pixel by pixel; they come entry by entry.
template <class T>
class BlockSums {
 public:
  BlockSums(BlockStatistic statistic, std::size_t pixels, std::size_t entries) : m_statistic(statistic) {
    if (statistic == BlockStatistic::Median) m_values.resize(pixels * entries);
    m_sums.resize(pixels);
    m_counts.resize(pixels);
    m_extremes.resize(pixels);
  }

  void begin(std::size_t pixels, std::size_t entries) {
    m_pixels = pixels;
    m_entries = entries;
    std::fill_n(m_sums.begin(), pixels, 0.0);
    std::fill_n(m_counts.begin(), pixels, 0.0);
  }

  /// `pass` 1 is for what needs the means of pass 0.
  void add(const T* __restrict values, const std::uint8_t* __restrict valid, int pass) {
    using enum BlockStatistic;
    for (std::size_t p = 0; p < m_pixels; ++p) {
      if (!valid[p]) continue;
      if (pass == 1) {
        const double off = static_cast<double>(values[p]) - m_sums[p];
        m_squares[p] += off * off;
        continue;
      }
      if (m_statistic == Median) m_values[p * m_entries + static_cast<std::size_t>(m_counts[p])] = values[p];
      const bool isFirst = m_counts[p] == 0;
      if (m_statistic == Min) m_extremes[p] = isFirst ? values[p] : std::min(m_extremes[p], values[p]);
      if (m_statistic == Max) m_extremes[p] = isFirst ? values[p] : std::max(m_extremes[p], values[p]);
      m_sums[p] += static_cast<double>(values[p]);
      m_counts[p] += 1;
    }
  }

  bool needsMeans() const { return m_statistic == BlockStatistic::Std || m_statistic == BlockStatistic::Var; }
  void becomeMeans() {
    for (std::size_t p = 0; p < m_pixels; ++p) m_sums[p] /= m_counts[p];
    m_squares.assign(m_pixels, 0.0);
  }

  void finish(T* __restrict out, std::uint8_t* __restrict valid) {
    using enum BlockStatistic;
    for (std::size_t p = 0; p < m_pixels; ++p) {
      valid[p] = m_counts[p] > 0 || m_statistic == Count;
      switch (m_statistic) {
        case Min:
        case Max: out[p] = m_extremes[p]; break;
        case Count: out[p] = static_cast<T>(m_counts[p]); break;
        case Sum: out[p] = static_cast<T>(m_sums[p]); break;
        case Std: out[p] = static_cast<T>(std::sqrt(m_squares[p] / m_counts[p])); break;
        case Var: out[p] = static_cast<T>(m_squares[p] / m_counts[p]); break;
        case Median: out[p] = medianOf(p); break;
        default: out[p] = static_cast<T>(m_sums[p] / m_counts[p]);
      }
    }
  }

 private:
  T medianOf(std::size_t p) {
    const auto count = static_cast<std::ptrdiff_t>(m_counts[p]);
    if (count == 0) return T{};
    const auto first = m_values.begin() + static_cast<std::ptrdiff_t>(p * m_entries), middle = first + count / 2;
    std::nth_element(first, middle, first + count);
    return count % 2 == 1 ? *middle : (*middle + *std::max_element(first, middle)) / 2;
  }

  BlockStatistic m_statistic;
  std::size_t m_pixels = 0, m_entries = 0;
  std::vector<double> m_sums, m_counts, m_squares;
  std::vector<T> m_extremes, m_values;
};

template <class T>
class BlocksTask : public Task {
 public:
  BlocksTask(const BlockFacts& facts, const Region& region) : m_facts(facts), m_region(region) {
    Need need;
    for (std::size_t d = 0; d < region.size(); ++d) need.region.push_back(entriesOf(d));
    m_needs.push_back(std::move(need));
    std::size_t most = 1;
    for (const std::int64_t factor : facts.blocks.factors) most *= static_cast<std::size_t>(factor);
    m_most = facts.blocks.statistic == BlockStatistic::Median ? std::clamp<std::size_t>((1 << 20) / most, 1, kSpan) : kSpan;
    m_entries = most;
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    return m_most * (6 * sizeof(double) + 2) + (m_facts.blocks.statistic == BlockStatistic::Median ? m_most * m_entries * sizeof(T) : 0);
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    BlockSums<T> sums(m_facts.blocks.statistic, m_most, m_entries);
    // Whole blocks, and along each dim the smaller one at its end: all blocks of a cell have one shape.
    std::vector<std::int64_t> cells;
    for (std::size_t d = 0; d < m_region.size(); ++d) cells.push_back(lastBlock(d) > 0 ? 2 : 1);
    forEachIndex(cells, [&](const std::vector<std::int64_t>& cell) { runCell(cell, inputs[0], out, sums); });
    return {};
  }

 private:
  static constexpr std::size_t kSpan = 1024;

  std::int64_t factor(std::size_t d) const { return m_facts.blocks.factors[d]; }
  std::int64_t inputSize(std::size_t d) const { return m_facts.input.dims[d].size; }
  /// How many entries the smaller block at the end of dim `d` has where the region reaches it (it then is the region's last), else 0.
  std::int64_t lastBlock(std::size_t d) const {
    const std::int64_t count = m_region[d].count(), rest = inputSize(d) % factor(d);
    return rest > 0 && count > 0 && m_region[d].at(count - 1) == inputSize(d) / factor(d) ? rest : 0;
  }
  IndexSet entriesOf(std::size_t d) const {
    const IndexSet& blocks = m_region[d];
    if (factor(d) == 1) return blocks;
    const auto endOf = [&](std::int64_t block) { return std::min((block + 1) * factor(d), inputSize(d)); };
    if (blocks.isContiguous() && blocks.count() > 0) {
      const std::int64_t first = blocks.first() * factor(d);
      return IndexSet::range(first, endOf(blocks.at(blocks.count() - 1)) - first);
    }
    std::vector<std::int64_t> entries;
    for (const std::int64_t block : blocks.toVector())
      for (std::int64_t i = block * factor(d); i < endOf(block); ++i) entries.push_back(i);
    return IndexSet::list(std::move(entries));
  }

  void runCell(const std::vector<std::int64_t>& cell, const BlockView& input, const BlockView& out, BlockSums<T>& sums) const {
    std::vector<std::int64_t> offset, shape, block;
    BlockView first = input;
    for (std::size_t d = 0; d < m_region.size(); ++d) {
      const std::int64_t last = lastBlock(d), whole = m_region[d].count() - (last > 0 ? 1 : 0);
      offset.push_back(cell[d] == 0 ? 0 : whole);
      shape.push_back(cell[d] == 0 ? whole : 1);
      block.push_back(cell[d] == 0 ? factor(d) : last);
      first.data += offset[d] * factor(d) * input.strides[d];
      first.shape[d] = shape[d];
      first.strides[d] = input.strides[d] * factor(d);
    }
    const BlockView to = out.sub(offset, shape);
    if (to.count() == 0) return;
    const RunLoader<T> loader(m_facts.input.type, m_facts.input.nodata);
    const RunStorer<T> storer(out.type, m_facts.output.nodata);
    std::vector<T> values(m_most);
    std::vector<std::uint8_t> valid(m_most);
    std::size_t entries = 1;
    for (const std::int64_t size : block) entries *= static_cast<std::size_t>(size);
    AlignedRuns({to, first}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t begin = 0; begin < n; begin += static_cast<std::int64_t>(m_most)) {
        const std::size_t count = std::min(m_most, static_cast<std::size_t>(n - begin));
        sums.begin(count, entries);
        const auto addAll = [&](int pass) {
          forEachIndex(block, [&](const std::vector<std::int64_t>& index) {
            const std::byte* from = pointers[1] + begin * steps[1];
            for (std::size_t d = 0; d < index.size(); ++d) from += index[d] * input.strides[d];
            std::fill_n(valid.begin(), count, std::uint8_t{1});
            loader.load(from, steps[1], count, values.data(), valid.data());
            sums.add(values.data(), valid.data(), pass);
          });
        };
        addAll(0);
        if (sums.needsMeans()) {
          sums.becomeMeans();
          addAll(1);
        }
        sums.finish(values.data(), valid.data());
        storer.store(values.data(), valid.data(), count, pointers[0] + begin * steps[0], steps[0]);
      }
    });
  }

  const BlockFacts& m_facts;
  Region m_region;
  std::vector<Need> m_needs;
  std::size_t m_most = 0, m_entries = 1;
};

class BoundBlocks : public KernelOperation {
 public:
  explicit BoundBlocks(BlockFacts facts, std::vector<std::string> warnings) : m_facts(std::move(facts)) {
    m_spec = m_facts.output;
    m_summary = m_facts.blocks.summary;
    m_warnings = std::move(warnings);
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    const bool isExact = m_facts.blocks.statistic == BlockStatistic::Min || m_facts.blocks.statistic == BlockStatistic::Max;
    return dispatchRunType(m_facts.input.type, m_spec.type, isExact, [&](auto sample) -> Result<std::unique_ptr<Task>> {
      return std::make_unique<BlocksTask<decltype(sample)>>(m_facts, region);
    });
  }

 private:
  BlockFacts m_facts;
};

/// The means of the coordinates of each block's entries.
Coordinate coarseCoordinate(const Dim& dim, std::int64_t factor, std::int64_t blocks) {
  if (factor == 1) return dim.coordinate;
  const Coordinate& fine = dim.coordinate;
  Coordinate coarse;
  coarse.unit = fine.unit;
  coarse.attributes = fine.attributes;
  if (fine.kind == Coordinate::Kind::None) return coarse;
  coarse.kind = Coordinate::Kind::Values;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t first = b * factor, end = std::min(first + factor, dim.size);
    double sum = 0;
    for (std::int64_t i = first; i < end; ++i) sum += fine.at(i) - fine.at(first);
    coarse.values.push_back(fine.at(first) + sum / static_cast<double>(end - first));
  }
  return coarse;
}

ArraySpec coarseSpec(const ArraySpec& input, const Blocks& blocks, std::vector<std::string>& warnings) {
  using enum BlockStatistic;
  ArraySpec spec = input;
  const bool keepsType = blocks.statistic == Min || blocks.statistic == Max;
  std::vector<std::string> coarsened;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const std::int64_t factor = blocks.factors[d];
    if (factor == 1) continue;
    coarsened.push_back(spec.dims[d].name);
    const std::int64_t count = blocks.isPadded ? (input.dims[d].size + factor - 1) / factor : input.dims[d].size / factor;
    spec.dims[d].coordinate = coarseCoordinate(input.dims[d], factor, count);
    spec.dims[d].size = count;
    if (d < spec.storage.block.size()) spec.storage.block[d] = std::max<std::int64_t>(1, input.storage.block[d] / factor);
  }
  spec.dropCoordinatesAlong(coarsened);
  const int scaled = input.scaledDim();
  if (blocks.statistic == Count) {
    forgetMeaning(spec, warnings);
    warnings.clear();
    spec.unit = "1";
    spec.type = PixelType::Int32;
    spec.nodata.reset();
  } else {
    if (scaled >= 0 && blocks.factors[static_cast<std::size_t>(scaled)] > 1) forgetMeaning(spec, warnings);
    if (input.isClasses()) warnings.emplace_back("the array holds numbers of classes: only min and max of a block are classes again");
    if (!keepsType || input.isClasses()) spec.forgetClasses();
    if (!keepsType) settleComputed(spec, blocks.statistic == Sum ? PixelType::Float64 : meanType(input.type), 0, 0, true);
    if (blocks.statistic == Var || blocks.statistic == Sum) forgetMeaning(spec, warnings);
  }
  if (input.geobox) {
    const GeoBox& fine = *input.geobox;
    const auto factorOf = [&](int d) { return static_cast<double>(blocks.factors[static_cast<std::size_t>(d)]); };
    const double fy = factorOf(input.yDim), fx = factorOf(input.xDim);
    const Affine& m = fine.affine();
    spec.setGeobox(GeoBox(spec.dims[static_cast<std::size_t>(spec.yDim)].size, spec.dims[static_cast<std::size_t>(spec.xDim)].size,
                          Affine{m.a * fx, m.b * fy, m.c, m.d * fx, m.e * fy, m.f}, fine.crs()));
  }
  return spec;
}

}  // namespace

Result<std::shared_ptr<const BoundOperation>> bindBlocks(const ArraySpec& input, Blocks blocks) {
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  for (std::size_t d = 0; d < input.dims.size(); ++d)
    if (const Dim& dim = input.dims[d]; blocks.factors[d] > dim.size && (!blocks.isPadded || dim.size == 0))
      return invalidParameter(
          "factor",
          "'" + dim.name + "' has " + formatCount(dim.size) + " entries, fewer than the " + formatCount(blocks.factors[d]) + " of a block",
          "take a smaller factor, or boundary=pad");
  std::vector<std::string> warnings;
  ArraySpec output = coarseSpec(input, blocks, warnings);
  return std::make_shared<BoundBlocks>(BlockFacts{input, std::move(output), std::move(blocks)}, std::move(warnings));
}

}  // namespace cubeloom
