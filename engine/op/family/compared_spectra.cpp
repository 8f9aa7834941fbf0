// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/compared_spectra.h"

#include <algorithm>

#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/run_values.h"

namespace cubeloom {
namespace {

struct ComparedFacts {
  ComparedSpectra compared;
  ArraySpec array, references;
  int entryDim = -1, referenceDim = -1;  ///< of the references: their entries, and which one; -1: there is but one
};

/// Pixels of a run: its matrix stays in a core's second-level cache, its rows are whole vectors.
std::size_t pixelsOfComparedRun(std::size_t entries) {
  return std::clamp<std::size_t>(65536 / std::max<std::size_t>(entries, 1) / 16 * 16, 16, 1024);
}

template <class T>
class ComparedTask : public Task {
 public:
  ComparedTask(const ComparedFacts& facts, const Region& region) : m_facts(facts) {
    const IndexSet all = IndexSet::all(facts.array.dims[static_cast<std::size_t>(facts.compared.dim)].size);
    Need array, references;
    array.region = region;
    references.input = 1;
    if (facts.referenceDim >= 0) array.region.erase(array.region.begin());
    array.region.insert(array.region.begin() + facts.compared.dim, all);
    references.region.resize(facts.references.dims.size());
    references.region[static_cast<std::size_t>(facts.entryDim)] = all;
    if (facts.referenceDim >= 0) references.region[static_cast<std::size_t>(facts.referenceDim)] = region[0];
    m_entries = static_cast<std::size_t>(all.count());
    m_references = facts.referenceDim >= 0 ? static_cast<std::size_t>(region[0].count()) : 1;
    m_most = pixelsOfComparedRun(m_entries);
    m_needs.push_back(std::move(array));
    m_needs.push_back(std::move(references));
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    const std::size_t ofPixels = m_most * (2 * m_entries * sizeof(T) + m_references * (sizeof(T) + sizeof(double)) + 8 * sizeof(double));
    return ofPixels + m_references * m_entries * (sizeof(T) + 2 * sizeof(double));
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    std::vector<std::uint8_t> isWhole;
    const std::vector<T> library = loadLibrary(inputs[1], isWhole);
    const RunLoader<T> loader(m_facts.array.type, m_facts.array.nodata);
    const RunStorer<T> storer(out.type, m_facts.compared.spec.nodata);
    const std::int64_t inStride = inputs[0].strides[static_cast<std::size_t>(m_facts.compared.dim)];
    const bool hasMany = m_facts.referenceDim >= 0;
    const std::int64_t outStride = hasMany ? out.strides[0] : 0;
    std::vector<T> values(m_entries * m_most), results(m_references * m_most);
    std::vector<std::uint8_t> valid(m_most);
    const std::vector<std::uint8_t> none(m_most, 0);
    ComparedRun<T> run{m_entries, m_references, 0, values.data(), library.data(), results.data()};
    AlignedRuns({hasMany ? out.at(0, 0) : out, inputs[0].at(m_facts.compared.dim, 0)})
        .forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
          for (std::int64_t first = 0; first < n; first += static_cast<std::int64_t>(run.pixels)) {
            run.pixels = std::min(m_most, static_cast<std::size_t>(n - first));
            std::fill_n(valid.begin(), run.pixels, std::uint8_t{1});
            const std::byte* from = pointers[1] + first * steps[1];
            for (std::size_t i = 0; i < m_entries; ++i)
              loader.load(from + static_cast<std::int64_t>(i) * inStride, steps[1], run.pixels, &values[i * run.pixels], valid.data());
            (*m_facts.compared.kernel)(run);
            std::byte* to = pointers[0] + first * steps[0];
            for (std::size_t k = 0; k < m_references; ++k)
              storer.store(&results[k * run.pixels], isWhole[k] ? valid.data() : none.data(), run.pixels,
                           to + static_cast<std::int64_t>(k) * outStride, steps[0]);
          }
        });
    return {};
  }

 private:
  /// `isWhole`: of each reference, whether all of its entries are valid.
  std::vector<T> loadLibrary(const BlockView& from, std::vector<std::uint8_t>& isWhole) const {
    const RunLoader<T> loader(m_facts.references.type, m_facts.references.nodata);
    const std::int64_t step = from.strides[static_cast<std::size_t>(m_facts.entryDim)];
    const std::int64_t next = m_facts.referenceDim >= 0 ? from.strides[static_cast<std::size_t>(m_facts.referenceDim)] : 0;
    std::vector<T> library(m_references * m_entries);
    std::vector<std::uint8_t> valid(m_entries);
    for (std::size_t k = 0; k < m_references; ++k) {
      std::fill(valid.begin(), valid.end(), std::uint8_t{1});
      loader.load(from.data + static_cast<std::int64_t>(k) * next, step, m_entries, &library[k * m_entries], valid.data());
      isWhole.push_back(static_cast<std::uint8_t>(std::find(valid.begin(), valid.end(), 0) == valid.end()));
    }
    return library;
  }

  const ComparedFacts& m_facts;
  std::vector<Need> m_needs;
  std::size_t m_entries = 0, m_references = 1, m_most = 0;
};

class BoundCompared : public KernelOperation {
 public:
  explicit BoundCompared(ComparedFacts facts) : m_facts(std::move(facts)) {
    m_spec = m_facts.compared.spec;
    m_summary = m_facts.compared.summary;
    m_warnings = m_facts.compared.warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    if (needsDouble(m_facts.array.type, m_spec.type) || needsDouble(m_facts.references.type))
      return std::make_unique<ComparedTask<double>>(m_facts, region);
    return std::make_unique<ComparedTask<float>>(m_facts, region);
  }

 private:
  ComparedFacts m_facts;
};

}  // namespace

bool isLibrary(const std::vector<ArraySpec>& inputs, int dim) {
  const ArraySpec& library = inputs[1];
  const std::string& name = inputs[0].dims[static_cast<std::size_t>(dim)].name;
  const auto isShared = [&inputs, &name](const Dim& d) { return d.name != name && inputs[0].indexOf(d.name) >= 0; };
  return !isComplex(inputs[0].type) && !isComplex(library.type) && !library.geobox && library.indexOf(name) >= 0 &&
         library.dims.size() <= 2 && std::none_of(library.dims.begin(), library.dims.end(), isShared);
}

std::shared_ptr<const BoundOperation> bindCompared(const std::vector<ArraySpec>& inputs, ComparedSpectra facts) {
  ComparedFacts bound{std::move(facts), inputs[0], inputs[1]};
  for (const ArraySpec& input : inputs) bound.compared.spec.keepCommonCoordinates(input);
  bound.entryDim = inputs[1].indexOf(inputs[0].dims[static_cast<std::size_t>(bound.compared.dim)].name);
  if (inputs[1].dims.size() == 2) bound.referenceDim = 1 - bound.entryDim;
  return std::make_shared<BoundCompared>(std::move(bound));
}

}  // namespace cubeloom
