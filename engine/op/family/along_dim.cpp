// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/along_dim.h"

#include <algorithm>
#include <cstring>

#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/run_values.h"
#include "engine/op/product/products.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// Pixels of a run: its matrix stays in a core's second-level cache, its rows are whole vectors.
std::size_t pixelsOfRun(std::size_t entries) {
  return std::clamp<std::size_t>(65536 / std::max<std::size_t>(entries, 1) / 16 * 16, 16, 1024);
}

template <class T>
class AlongDimTask : public Task {
 public:
  AlongDimTask(const AlongDim& facts, const ArraySpec& input, const Region& region) : m_facts(facts), m_input(input) {
    Need need;
    need.region = region;
    const auto made = static_cast<std::size_t>(facts.madeDims);
    for (std::size_t d = dim(); d < dim() + made; ++d) {
      m_results *= static_cast<std::size_t>(facts.spec.dims[d].size);
      m_chosen.push_back(region[d]);
    }
    need.region.erase(need.region.begin() + facts.dim, need.region.begin() + facts.dim + facts.madeDims);
    need.region.insert(need.region.begin() + facts.dim, IndexSet::all(input.dims[dim()].size));
    m_needs.push_back(std::move(need));
    m_entries = static_cast<std::size_t>(input.dims[dim()].size);
    m_most = pixelsOfRun(m_entries);
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_most * ((m_entries + m_results) * (sizeof(T) + 1) + m_facts.scratch); }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    const RunLoader<T> loader(m_input.type, m_input.nodata);
    const RunStorer<T> storer(out.type, m_facts.spec.nodata);
    const std::int64_t inStride = inputs[0].strides[dim()];
    const std::vector<Place> places = placesOf(out);
    BlockView one = out;
    for (int d = 0; d < m_facts.madeDims; ++d) one = one.at(m_facts.dim, 0);
    std::vector<T> values(m_entries * m_most), results(m_results * m_most);
    std::vector<std::uint8_t> valid(values.size()), outValid(results.size());
    DimRun<T> run{m_entries, m_results, 0, values.data(), valid.data(), results.data(), outValid.data()};
    AlignedRuns({one, inputs[0].at(m_facts.dim, 0)}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n; first += static_cast<std::int64_t>(run.pixels)) {
        run.pixels = std::min(m_most, static_cast<std::size_t>(n - first));
        std::fill_n(valid.begin(), m_entries * run.pixels, std::uint8_t{1});
        std::fill_n(outValid.begin(), m_results * run.pixels, std::uint8_t{1});
        const std::byte* from = pointers[1] + first * steps[1];
        for (std::size_t i = 0; i < m_entries; ++i)
          loader.load(from + static_cast<std::int64_t>(i) * inStride, steps[1], run.pixels, &values[i * run.pixels],
                      &valid[i * run.pixels]);
        (*m_facts.kernel)(run);
        std::byte* to = pointers[0] + first * steps[0];
        for (const Place& place : places) {
          const std::size_t row = place.result * run.pixels;
          storer.store(&results[row], &outValid[row], run.pixels, to + place.offset, steps[0]);
        }
      }
    });
    return {};
  }

 private:
  /// Where a result goes.
  struct Place {
    std::size_t result = 0;
    std::int64_t offset = 0;
  };
  std::size_t dim() const { return static_cast<std::size_t>(m_facts.dim); }

  std::vector<Place> placesOf(const BlockView& out) const {
    std::vector<Place> places{Place{}};
    for (std::size_t d = 0; d < m_chosen.size(); ++d) {
      const auto size = static_cast<std::size_t>(m_facts.spec.dims[dim() + d].size);
      std::vector<Place> finer;
      finer.reserve(places.size() * static_cast<std::size_t>(m_chosen[d].count()));
      for (const Place& place : places)
        for (std::int64_t k = 0; k < m_chosen[d].count(); ++k)
          finer.push_back({place.result * size + static_cast<std::size_t>(m_chosen[d].at(k)), place.offset + k * out.strides[dim() + d]});
      places = std::move(finer);
    }
    return places;
  }

  const AlongDim& m_facts;
  const ArraySpec& m_input;
  std::vector<IndexSet> m_chosen;  ///< of the results, along each dim that they have
  std::vector<Need> m_needs;
  std::size_t m_entries = 0, m_results = 1, m_most = 0;
};

class BoundAlongDim : public KernelOperation {
 public:
  BoundAlongDim(AlongDim facts, const ArraySpec& input) : m_facts(std::move(facts)), m_input(input) {
    m_spec = m_facts.spec;
    m_summary = m_facts.summary;
    m_warnings = m_facts.warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    return dispatchRunType(m_input.type, m_spec.type, m_facts.kernel && m_facts.kernel->isExact(),
                           [&](auto sample) -> Result<std::unique_ptr<Task>> {
                             return std::make_unique<AlongDimTask<decltype(sample)>>(m_facts, m_input, region);
                           });
  }

 private:
  AlongDim m_facts;
  ArraySpec m_input;
};

}  // namespace

std::shared_ptr<const DimKernel> weightedSums(std::vector<WeightedEntries> rows) {
  return dimKernel([rows = std::move(rows)](const auto& run) {
    std::vector<double> sums(run.pixels);
    std::vector<std::size_t> places;
    const bool isWhole = std::memchr(run.valid, 0, run.entries * run.pixels) == nullptr;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::size_t count = rows[k].weights.size();
      places.resize(count);
      for (std::size_t j = 0; j < count; ++j) places[j] = (rows[k].entries.empty() ? rows[k].first + j : rows[k].entries[j]) * run.pixels;
      sumPlaces(run.in, places.data(), rows[k].weights.data(), count, run.pixels, sums.data());
      std::uint8_t* valid = run.outValid + k * run.pixels;
      if (count == 0) std::fill_n(valid, run.pixels, std::uint8_t{0});
      for (std::size_t j = 0; j < count && !isWhole; ++j)
        for (std::size_t p = 0; p < run.pixels; ++p) valid[p] &= run.valid[places[j] + p];
      for (std::size_t p = 0; p < run.pixels; ++p)
        run.out[k * run.pixels + p] = static_cast<std::remove_pointer_t<decltype(run.out)>>(sums[p]);
    }
  });
}

Param dimParam() {
  return {.name = "dim", .type = ParamType::Text, .help = "Along which dim; by default the wavelengths or bands, else time."};
}

Result<int> dimOf(const Params& params, const ArraySpec& input) {
  const std::string name = params.text("dim");
  int dim = name.empty() ? input.spectralDim() : input.indexOf(name);
  if (name.empty() && dim < 0) dim = input.indexOf("time");
  if (dim >= 0) return dim;
  return invalidParameter("dim", name.empty() ? "the array has neither wavelengths nor times" : "there is no dim '" + name + "'",
                          "its dims are " + dimList(input));
}

Result<std::vector<double>> positionsOf(const Dim& dim) {
  std::vector<double> at;
  for (std::int64_t i = 0; i < dim.size; ++i)
    at.push_back(dim.coordinate.kind == Coordinate::Kind::None ? static_cast<double>(i) : dim.coordinate.at(i));
  for (std::size_t i = 1; i < at.size(); ++i)
    if (at[1] > at[0] ? !(at[i] > at[i - 1]) : !(at[i] < at[i - 1]))
      return invalidParameter("dim", "the coordinate of '" + dim.name + "' turns or repeats at entry " + std::to_string(i + 1),
                              "select the entries that rise or fall with isel");
  return at;
}

Result<std::shared_ptr<const BoundOperation>> bindAlongDim(const ArraySpec& input, AlongDim facts) {
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  return std::make_shared<BoundAlongDim>(std::move(facts), input);
}

std::unique_ptr<Operation> alongDim(Declaration declaration, DescribeAlongDim describe) {
  return alongDim(std::move(declaration), [describe = std::move(describe)](const Params& params, const ArraySpec& input,
                                                                           const BindContext&) { return describe(params, input); });
}

std::unique_ptr<Operation> alongDim(Declaration declaration, DescribeAmongNodes describe) {
  return makeOperation(std::move(declaration),
                       [describe = std::move(describe)](const Params& params, const std::vector<ArraySpec>& inputs,
                                                        const BindContext& context) -> Result<std::shared_ptr<const BoundOperation>> {
                         if (isComplex(inputs[0].type)) return bindAlongDim(inputs[0], {});
                         auto made = describe(params, inputs[0], context);
                         if (!made) return fail(made.error());
                         return bindAlongDim(inputs[0], std::move(*made));
                       });
}

}  // namespace cubeloom
