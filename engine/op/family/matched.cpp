// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/matched.h"

#include <algorithm>
#include <optional>

#include "engine/base/text.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr const char* kJoin = "join=inner takes the entries that all have, join=override those at the same place";

/// Of each input, along each dim: what it keeps; unset: all.
using Kept = std::vector<std::vector<std::optional<IndexSet>>>;

class MatchedTask : public Task {
 public:
  MatchedTask(std::unique_ptr<Task> task, std::vector<Need> needs) : m_task(std::move(task)), m_needs(std::move(needs)) {}
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_task->scratchBytes(); }
  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override { return m_task->run(inputs, out); }

 private:
  std::unique_ptr<Task> m_task;
  std::vector<Need> m_needs;
};

/// A kernel whose inputs are parts of the arrays that it is given.
class MatchedOperation : public KernelOperation {
 public:
  MatchedOperation(std::shared_ptr<const BoundOperation> bound, const KernelOperation& kernel, Kept kept, std::vector<std::string> notes)
      : m_bound(std::move(bound)), m_kernel(kernel), m_kept(std::move(kept)) {
    m_spec = m_bound->spec();
    m_warnings = m_bound->warnings();
    m_notes = m_bound->notes();
    m_notes.insert(m_notes.end(), notes.begin(), notes.end());
    m_files = m_bound->files();
    m_summary = m_bound->summary();
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    auto task = m_kernel.prepare(region);
    if (!task) return task;
    std::vector<Need> needs = (*task)->needs();
    place(needs);
    return std::make_unique<MatchedTask>(std::move(*task), std::move(needs));
  }
  Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const override {
    auto needs = m_kernel.plan(region, scratchBytes);
    if (needs) place(*needs);
    return needs;
  }

 private:
  /// Positions among what is kept become positions in the input.
  void place(std::vector<Need>& needs) const {
    for (Need& need : needs) {
      const auto& kept = m_kept[static_cast<std::size_t>(need.input)];
      for (std::size_t d = 0; d < kept.size(); ++d)
        if (kept[d]) need.region[d] = kept[d]->select(need.region[d]);
    }
  }

  std::shared_ptr<const BoundOperation> m_bound;
  const KernelOperation& m_kernel;
  Kept m_kept;
};

/// The matching of one call.
class Matching {
 public:
  explicit Matching(const MatchedInputs& inputs) : m_inputs(inputs), m_specs(inputs.specs), m_kept(inputs.specs.size()) {
    for (std::size_t k = 0; k < m_specs.size(); ++k) m_kept[k].resize(m_specs[k].dims.size());
  }

  /// All entries along all dims of several inputs are the same.
  Result<void> checkExact() const {
    return forEachPair([this](const Place& first, const Place& other) -> Result<void> {
      if (isOnGrid(first) && isOnGrid(other)) return {};  // the grids are compared as a whole
      return checkSameEntries(sideBySide(first, other), first.dim, other.dim, false);
    });
  }

  Result<void> keepCommon() {
    for (const std::string& name : dimNames()) {
      const std::vector<Place> places = placesOf(name);
      if (places.size() > 1) CUBELOOM_TRY(keepCommonAlong(name, places));
    }
    for (std::size_t k = 0; k < m_specs.size(); ++k) {
      Region region = fullRegion(m_specs[k].shape());
      for (std::size_t d = 0; d < region.size(); ++d) region[d] = m_kept[k][d].value_or(region[d]);
      if (isCut(k)) m_specs[k] = m_specs[k].select(region);
    }
    return {};
  }

  /// The entries of further inputs are taken for those of the first one that has the dim.
  Result<void> takeByPlace() {
    CUBELOOM_TRY(forEachPair([this](const Place& first, const Place& other) -> Result<void> {
      Dim& dim = m_specs[other.input].dims[static_cast<std::size_t>(other.dim)];
      const Dim& from = dimAt(first);
      if (dim.size != from.size)
        return fail(ErrorCode::GridMismatch,
                    nameOf(other) + ": " + formatCount(dim.size) + " entries along '" + dim.name + "'; " + nameOf(first) + ": " +
                        formatCount(from.size),
                    "join=override is for dims of one size; join=inner takes the entries that all have");
      dim.coordinate = from.coordinate;
      return {};
    }));
    const auto placed = std::find_if(m_specs.begin(), m_specs.end(), [](const ArraySpec& spec) { return spec.geobox.has_value(); });
    for (ArraySpec& spec : m_specs)
      if (spec.geobox && spec.geobox->rows() == placed->geobox->rows() && spec.geobox->cols() == placed->geobox->cols())
        spec.geobox = placed->geobox;
    return {};
  }

  const std::vector<ArraySpec>& specs() const { return m_specs; }
  bool isCut() const {
    for (std::size_t k = 0; k < m_specs.size(); ++k)
      if (isCut(k)) return true;
    return false;
  }
  Kept takeKept() { return std::move(m_kept); }
  std::vector<std::string> takeNotes() { return std::move(m_notes); }

 private:
  struct Place {
    std::size_t input = 0;
    int dim = -1;
  };

  const Dim& dimAt(const Place& place) const { return m_specs[place.input].dims[static_cast<std::size_t>(place.dim)]; }
  std::string nameOf(const Place& place) const { return "input '" + m_inputs.names[place.input] + "'"; }
  SideBySide sideBySide(const Place& first, const Place& other) const {
    return {m_specs[first.input], nameOf(first), m_specs[other.input], nameOf(other), kOneGrid, kJoin};
  }
  bool isOnGrid(const Place& place) const {
    const ArraySpec& spec = m_specs[place.input];
    return spec.geobox && (place.dim == spec.yDim || place.dim == spec.xDim);
  }
  bool isCut(std::size_t k) const {
    return std::any_of(m_kept[k].begin(), m_kept[k].end(), [](const auto& kept) { return kept.has_value(); });
  }

  std::vector<std::string> dimNames() const {
    std::vector<std::string> names;
    for (const ArraySpec& spec : m_specs)
      for (const Dim& dim : spec.dims)
        if (std::find(names.begin(), names.end(), dim.name) == names.end()) names.push_back(dim.name);
    return names;
  }

  /// The inputs that have the dim. The one band of a raster stands for all bands, and is no entry of them.
  std::vector<Place> placesOf(const std::string& name) const {
    std::vector<Place> places;
    for (std::size_t k = 0; k < m_specs.size(); ++k) {
      const Place place{k, m_specs[k].indexOf(name)};
      if (place.dim < 0 || (k < m_inputs.apart.size() && m_inputs.apart[k] == place.dim)) continue;
      if (name == "band" && dimAt(place).size == 1) continue;
      places.push_back(place);
    }
    return places;
  }

  template <class F>
  Result<void> forEachPair(F&& f) const {
    for (const std::string& name : dimNames()) {
      const std::vector<Place> places = placesOf(name);
      for (std::size_t i = 1; i < places.size(); ++i) CUBELOOM_TRY(f(places[0], places[i]));
    }
    return {};
  }

  /// Rows and columns of grids that no whole number of pixels brings onto each other are left as they are: they are an error of their own.
  bool canBeCut(const Place& first, const Place& other) const {
    if (!isOnGrid(first) || !isOnGrid(other)) return true;
    const GeoBox &a = *m_specs[first.input].geobox, &b = *m_specs[other.input].geobox;
    return a.crs().isSameAs(b.crs()) && a.affine().isAxisAligned() && b.affine().isAxisAligned();
  }

  Result<void> keepCommonAlong(const std::string& name, const std::vector<Place>& places) {
    const Dim& first = dimAt(places[0]);
    std::vector<std::vector<std::int64_t>> found;  // of each further input: where the first one's entries are
    bool isSame = true;
    for (std::size_t i = 1; i < places.size(); ++i) {
      const Dim& other = dimAt(places[i]);
      if (!canBeCut(places[0], places[i])) return {};
      auto among = placesAmong(first, other);
      if (!among) return checkSameEntries(sideBySide(places[0], places[i]), places[0].dim, places[i].dim, false);
      isSame = isSame && first.size == other.size && firstOtherEntry(first, other) < 0;
      found.push_back(std::move(*among));
    }
    if (isSame) return {};
    std::vector<std::vector<std::int64_t>> kept(places.size());
    for (std::int64_t e = 0; e < first.size; ++e) {
      const auto at = static_cast<std::size_t>(e);
      if (std::any_of(found.begin(), found.end(), [at](const auto& among) { return among[at] < 0; })) continue;
      kept[0].push_back(e);
      for (std::size_t i = 0; i < found.size(); ++i) kept[i + 1].push_back(found[i][at]);
    }
    if (kept[0].empty())
      return fail(ErrorCode::GridMismatch, "the inputs have no entry along '" + name + "' in common",
                  isOnGrid(places[0]) ? kOneGrid : "join=override takes those at the same place");
    for (std::size_t i = 0; i < places.size(); ++i) {
      std::vector<std::int64_t> sorted = kept[i];
      std::sort(sorted.begin(), sorted.end());
      if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        return fail(ErrorCode::GridMismatch, "entries along '" + name + "' repeat in the inputs: which belong together is not said",
                    "leave the others out with sel or isel before");
      if (static_cast<std::int64_t>(kept[i].size()) != dimAt(places[i]).size || kept[i] != sorted)
        m_kept[places[i].input][static_cast<std::size_t>(places[i].dim)] = IndexSet::list(std::move(kept[i]));
    }
    m_notes.push_back("join=inner: " + formatCount(keptCount(places[0])) + " of " + formatCount(first.size) + " entries along '" + name +
                      "' are in all inputs");
    return {};
  }
  std::int64_t keptCount(const Place& place) const {
    const auto& kept = m_kept[place.input][static_cast<std::size_t>(place.dim)];
    return kept ? kept->count() : dimAt(place).size;
  }

  const MatchedInputs& m_inputs;
  std::vector<ArraySpec> m_specs;
  Kept m_kept;
  std::vector<std::string> m_notes;
};

}  // namespace

Param joinParam() {
  return {.name = "join",
          .type = ParamType::Choice,
          .help = "Which dates, wavelengths, names, rows and columns of several inputs are put together.",
          .defaultTo = "exact",
          .choices = {{"exact", "all are the same, else an error"},
                      {"inner", "those that all inputs have"},
                      {"override", "those at the same place, called as the first input calls them"}},
          .advanced = true};
}

Result<std::shared_ptr<const BoundOperation>> bindMatched(const Params& params, const MatchedInputs& inputs, const BindToSpecs& bind) {
  if (inputs.specs.size() < 2) return bind(inputs.specs);
  const std::string join = params.choice("join");
  Matching matching(inputs);
  if (join == "inner") {
    CUBELOOM_TRY(matching.keepCommon());
  } else if (join == "override") {
    CUBELOOM_TRY(matching.takeByPlace());
  } else {
    CUBELOOM_TRY(matching.checkExact());
  }
  auto bound = bind(matching.specs());
  if (!bound || !matching.isCut()) return bound;
  const Work work = (*bound)->work();
  const auto* kernel = std::get_if<const KernelOperation*>(&work);
  if (!kernel) return fail(ErrorCode::Internal, "only a kernel takes parts of its inputs");
  return std::make_shared<MatchedOperation>(*bound, **kernel, matching.takeKept(), matching.takeNotes());
}

std::unique_ptr<Operation> matchedPointwise(Declaration declaration, DescribePointwise describe, DimsApart apart) {
  class MatchedPointwise : public Operation {
   public:
    MatchedPointwise(Declaration d, DescribePointwise f, DimsApart a) : m_describe(std::move(f)), m_apart(std::move(a)) {
      m_declaration = std::move(d);
      m_declaration.params.push_back(joinParam());
    }
    Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                       const BindContext& /*context*/) const override {
      MatchedInputs matched{inputs, {}, m_apart ? m_apart(params, inputs) : std::vector<int>()};
      for (std::size_t k = 0; k < inputs.size(); ++k) matched.names.push_back(m_declaration.inputName(static_cast<int>(k)));
      return bindMatched(params, matched, [&](const std::vector<ArraySpec>& specs) -> Result<std::shared_ptr<const BoundOperation>> {
        auto made = m_describe(params, specs);
        if (!made) return fail(made.error());
        return bindPointwise(m_declaration, specs, std::move(*made));
      });
    }

   private:
    DescribePointwise m_describe;
    DimsApart m_apart;
  };
  return std::make_unique<MatchedPointwise>(std::move(declaration), std::move(describe), std::move(apart));
}

}  // namespace cubeloom
