// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/focal.h"

#include <algorithm>

#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/run_values.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kTileRows = 64, kTileCols = 512;  // a tile with its halo stays in a core's second-level cache

/// The index that stands for `i` of `size`; -1: none does.
std::int64_t mapped(std::int64_t i, std::int64_t size, Edge edge) {
  if (i >= 0 && i < size) return i;
  switch (edge) {
    case Edge::Nearest: return std::clamp<std::int64_t>(i, 0, size - 1);
    case Edge::Reflect: {
      const std::int64_t turn = ((i % (2 * size)) + 2 * size) % (2 * size);
      return turn < size ? turn : 2 * size - 1 - turn;
    }
    default: return -1;
  }
}

/// One spatial dim of a region: what it reads and how results that lie side by side are taken together.
class FocalAxis {
 public:
  /// Neighbouring results, and where each entry of their padded line lies in what is read; -1: nowhere.
  struct Stretch {
    std::int64_t first = 0, count = 0;
    std::vector<std::int64_t> places;
  };

  FocalAxis(const IndexSet& results, std::int64_t size, std::int64_t radius, Edge edge, std::int64_t most) {
    std::vector<char> isTouched(static_cast<std::size_t>(size), 0);
    for (std::int64_t p = 0; p < results.count(); ++p)
      for (std::int64_t i = results.at(p) - radius; i <= results.at(p) + radius; ++i)
        if (const std::int64_t source = mapped(i, size, edge); source >= 0) isTouched[static_cast<std::size_t>(source)] = 1;
    std::vector<std::int64_t> touched;
    for (std::int64_t i = 0; i < size; ++i)
      if (isTouched[static_cast<std::size_t>(i)]) touched.push_back(i);
    for (std::int64_t p = 0; p < results.count();) {
      Stretch stretch{p, 1, {}};
      while (stretch.count < most && p + stretch.count < results.count() && results.at(p + stretch.count) == results.at(p) + stretch.count)
        ++stretch.count;
      for (std::int64_t i = results.at(p) - radius; i < results.at(p) + stretch.count + radius; ++i) {
        const std::int64_t source = mapped(i, size, edge);
        stretch.places.push_back(source < 0 ? -1 : std::lower_bound(touched.begin(), touched.end(), source) - touched.begin());
      }
      p += stretch.count;
      m_stretches.push_back(std::move(stretch));
    }
    m_read = IndexSet::list(std::move(touched));
  }
  const IndexSet& read() const { return m_read; }
  const std::vector<Stretch>& stretches() const { return m_stretches; }

 private:
  std::vector<Stretch> m_stretches;
  IndexSet m_read;
};

/// The dims in which a pixel's neighbours lie.
struct PlaneDims {
  std::size_t y = 0, x = 0;
};

template <class T>
class FocalTask : public Task {
 public:
  FocalTask(const Focal& facts, const ArraySpec& input, PlaneDims dims, const Region& region)
      : m_facts(facts),
        m_input(input),
        m_dims(dims),
        m_rows(region[dims.y], input.dims[dims.y].size, facts.radius, facts.edge, kTileRows),
        m_cols(region[dims.x], input.dims[dims.x].size, facts.radius, facts.edge, kTileCols) {
    Need need;
    need.region = region;
    need.region[dims.y] = m_rows.read();
    need.region[dims.x] = m_cols.read();
    m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    // Padded values with validity, results, and what a kernel may hold: two planes of double.
    const auto padded = static_cast<std::size_t>((kTileRows + 2 * m_facts.radius) * (kTileCols + 2 * m_facts.radius));
    return padded * (2 * (sizeof(T) + 1) + 2 * sizeof(double));
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    AlignedRuns({planesOf(out), planesOf(inputs[0])}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t plane = 0; plane < n; ++plane)
        for (const auto& rows : m_rows.stretches())
          for (const auto& cols : m_cols.stretches())
            tile(pointers[1] + plane * steps[1], inputs[0], rows, cols, pointers[0] + plane * steps[0], out);
    });
    return {};
  }

 private:
  using Stretch = FocalAxis::Stretch;

  BlockView planesOf(const BlockView& view) const {
    BlockView planes = view;
    planes.shape[m_dims.y] = planes.shape[m_dims.x] = 1;
    return planes;
  }

  void tile(const std::byte* from, const BlockView& in, const Stretch& rows, const Stretch& cols, std::byte* to, const BlockView& out) {
    FocalRun<T> run;
    run.rows = rows.count;
    run.cols = cols.count;
    run.radius = m_facts.radius;
    run.pitch = static_cast<std::int64_t>(cols.places.size());
    const std::size_t padded = rows.places.size() * cols.places.size();
    m_values.assign(padded, T{0});
    m_valid.assign(padded, 0);
    for (std::size_t r = 0; r < rows.places.size(); ++r)
      if (rows.places[r] >= 0)
        loadLine(from + rows.places[r] * in.strides[m_dims.y], in.strides[m_dims.x], cols.places, r * cols.places.size());
    const std::int64_t centre = run.radius * run.pitch + run.radius;
    run.values = m_values.data() + centre;
    run.valid = m_valid.data() + centre;
    m_results.resize(static_cast<std::size_t>(run.rows * run.cols));
    m_resultValid.resize(m_results.size());
    run.out = m_results.data();
    run.outValid = m_resultValid.data();
    for (std::int64_t r = 0; r < run.rows; ++r) std::copy_n(run.valid + r * run.pitch, run.cols, run.outValid + r * run.cols);
    (*m_facts.kernel)(run);
    const RunStorer<T> storer(out.type, m_facts.spec.nodata);
    const std::int64_t yStep = out.strides[m_dims.y], xStep = out.strides[m_dims.x];
    for (std::int64_t r = 0; r < run.rows; ++r)
      storer.store(run.out + r * run.cols, run.outValid + r * run.cols, static_cast<std::size_t>(run.cols),
                   to + (rows.first + r) * yStep + cols.first * xStep, xStep);
  }

  /// Loads what lies side by side at once.
  void loadLine(const std::byte* from, std::int64_t step, const std::vector<std::int64_t>& places, std::size_t at) {
    const RunLoader<T> loader(m_input.type, m_input.nodata);
    for (std::size_t c = 0; c < places.size();) {
      std::size_t count = 1;
      while (c + count < places.size() && places[c] >= 0 && places[c + count] == places[c] + static_cast<std::int64_t>(count)) ++count;
      if (places[c] >= 0) {
        std::fill_n(&m_valid[at + c], count, std::uint8_t{1});
        loader.load(from + places[c] * step, step, count, &m_values[at + c], &m_valid[at + c]);
        for (std::size_t i = at + c; i < at + c + count; ++i) m_values[i] = m_valid[i] ? m_values[i] : T{0};
      }
      c += count;
    }
  }

  const Focal& m_facts;
  const ArraySpec& m_input;
  PlaneDims m_dims;
  FocalAxis m_rows, m_cols;
  std::vector<Need> m_needs;
  std::vector<T> m_values, m_results;
  std::vector<std::uint8_t> m_valid, m_resultValid;
};

class BoundFocal : public KernelOperation {
 public:
  BoundFocal(Focal facts, const ArraySpec& input, PlaneDims dims) : m_facts(std::move(facts)), m_input(input), m_dims(dims) {
    m_spec = m_facts.spec;
    m_summary = m_facts.summary;
    m_warnings = m_facts.warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    return dispatchRunType(m_input.type, m_spec.type, m_facts.kernel->isExact(), [&](auto sample) -> Result<std::unique_ptr<Task>> {
      return std::make_unique<FocalTask<decltype(sample)>>(m_facts, m_input, m_dims, region);
    });
  }

 private:
  Focal m_facts;
  ArraySpec m_input;
  PlaneDims m_dims;
};

Result<PlaneDims> planeDims(const ArraySpec& input) {
  const int y = input.isSpatial() ? input.yDim : input.indexOf("y"), x = input.isSpatial() ? input.xDim : input.indexOf("x");
  if (y >= 0 && x >= 0) return PlaneDims{static_cast<std::size_t>(y), static_cast<std::size_t>(x)};
  return fail(ErrorCode::GridMismatch, "the array has no rows and columns: its dims are " + dimList(input),
              "name them y and x with rename");
}

}  // namespace

Edge edgeOf(const Params& params) {
  const std::string edge = params.choice("edge");
  return edge == "reflect" ? Edge::Reflect : edge == "nearest" ? Edge::Nearest : Edge::Nodata;
}

Param edgeParam(const std::string& edge) {
  return {.name = "edge",
          .type = ParamType::Choice,
          .help = "What lies beyond the array: nothing (nodata), its mirror image (reflect), its outermost pixels (nearest).",
          .defaultTo = edge,
          .choices = {"nodata", "reflect", "nearest"}};
}

Result<std::shared_ptr<const BoundOperation>> bindFocal(const ArraySpec& input, Focal facts) {
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  auto dims = planeDims(input);
  if (!dims) return fail(dims.error());
  return std::make_shared<BoundFocal>(std::move(facts), input, *dims);
}

std::unique_ptr<Operation> focal(Declaration declaration, DescribeFocal describe) {
  return makeOperation(std::move(declaration),
                       [describe = std::move(describe)](const Params& params, const std::vector<ArraySpec>& inputs,
                                                        const BindContext&) -> Result<std::shared_ptr<const BoundOperation>> {
                         if (isComplex(inputs[0].type) || !planeDims(inputs[0])) return bindFocal(inputs[0], {});
                         auto made = describe(params, inputs[0]);
                         if (!made) return fail(made.error());
                         return bindFocal(inputs[0], std::move(*made));
                       });
}

}  // namespace cubeloom
