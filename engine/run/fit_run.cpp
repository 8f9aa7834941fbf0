// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/fit_run.h"

#include "engine/plan/passes.h"
#include "engine/plan/run_parts.h"
#include "engine/run/parts_pass.h"

namespace cubeloom {
namespace {

/// States of parts are worth keeping where reading the part again would read some times as much.
constexpr double kWorthKeeping = 4;

std::vector<std::byte> bytesOf(Accumulator& state) {
  StateCarrier carrier;
  state.carry(carrier);
  return carrier.bytes();
}

/// One pass of a fit that parts of a run share.
class SharedPass {
 public:
  SharedPass(const FitSharing& sharing, int number, bool keepsParts)
      : m_sharing(sharing), m_name(fitStateName(number)), m_keepsParts(keepsParts) {}

  /// The total of another part, or this one's.
  Result<void> run(RunState& run, int task, PartsInput input, std::vector<Gatherer>& gatherers) {
    if (loadTotal(gatherers[0])) return {};
    const auto parts = static_cast<std::int64_t>(input.parts.size());
    if (m_keepsParts) {
      input.keeping.keep = [this](std::int64_t part, const PartStates& states) {
        return m_sharing.states->keep(nameOf(part), bytesOf(*states[0]));
      };
      input.keeping.load = [this](std::int64_t part, const PartStates&) -> Result<std::optional<std::int64_t>> {
        const bool isThere = m_sharing.states->has(nameOf(part)) || m_sharing.states->has(m_name);
        return isThere ? std::optional<std::int64_t>(0) : std::nullopt;
      };
      const auto [number, count] = m_sharing.part;
      input.only = UnitRange{(number - 1) * parts / count, number * parts / count};
      CUBELOOM_TRY(PartsPass(run, task, input, gatherers).run());
      input.only.reset();
      input.keeping.load = [this](std::int64_t part, const PartStates& states) { return load(nameOf(part), *states[0]); };
    }
    if (loadTotal(gatherers[0])) return {};
    auto gathered = PartsPass(run, task, input, gatherers).run();
    if (!gathered && gathered.error().code == ErrorCode::PartsMissing && loadTotal(gatherers[0])) return {};
    CUBELOOM_TRY(std::move(gathered));
    CUBELOOM_TRY(m_sharing.states->keep(m_name, bytesOf(*gatherers[0].total)));
    if (m_keepsParts)
      for (std::int64_t part = 0; part < parts; ++part) m_sharing.states->forget(nameOf(part));
    return {};
  }

 private:
  std::string nameOf(std::int64_t part) const { return m_name + "-" + std::to_string(part); }

  bool loadTotal(Gatherer& gatherer) const {
    auto total = gatherer.make();
    const auto loaded = load(m_name, *total);
    if (!loaded || !*loaded) return false;
    gatherer.total = std::move(total);
    return true;
  }

  Result<std::optional<std::int64_t>> load(const std::string& name, Accumulator& state) const {
    auto bytes = m_sharing.states->load(name);
    if (!bytes) {
      // Another part that has all of it puts the states of parts away: then the rest is not gathered here.
      if (name != m_name && m_sharing.states->has(m_name)) return fail(ErrorCode::PartsMissing, "another part has learned it meanwhile");
      return std::nullopt;
    }
    const auto count = static_cast<std::int64_t>(bytes->size());
    StateCarrier carrier(std::move(*bytes));
    state.carry(carrier);
    if (!carrier.isWhole())
      return fail(ErrorCode::Internal, "'" + name + "', kept by another part, is no state of this fit",
                  "remove the folder of the parts and make them again");
    return count;
  }

  const FitSharing& m_sharing;
  const std::string m_name;
  const bool m_keepsParts;
};

}  // namespace

Result<void> runFit(RunState& run, const FitStage& fit, int firstPass, const FitSharing& sharing) {
  for (int number = firstPass; number < firstPass + fit.passes; ++number) {
    const BoundNode& node = run.graph->nodes[static_cast<std::size_t>(fit.node)];
    const auto operation = node.operation;  // holds the pass while the graph changes
    const FitPass* pass = operation->fitPass();
    if (!pass) return {};
    const PartsInput input{node.inputs[static_cast<std::size_t>(pass->input())], pass->parts(),
                           [pass](const Region& part) { return pass->pieces(part); }, fit.chunkBytes};
    std::vector<Gatherer> gatherers;
    gatherers.push_back({fit.node, [pass] { return pass->accumulator(); }});
    if (sharing.states) {
      const double readBytes = fit.bytesToRead / fit.passes / static_cast<double>(std::max<std::int64_t>(fit.parts, 1));
      CUBELOOM_TRY(SharedPass(sharing, number, kWorthKeeping * pass->accumulatorBytes() <= readBytes).run(run, number, input, gatherers));
    } else {
      CUBELOOM_TRY(PartsPass(run, number, input, gatherers).run());
    }
    auto fitted = pass->fitted(*gatherers[0].total, run.cancel);
    if (!fitted) return fail(fitted.error());
    run.graph = withOperation(*run.graph, fit.node, std::move(*fitted));
  }
  return {};
}

}  // namespace cubeloom
