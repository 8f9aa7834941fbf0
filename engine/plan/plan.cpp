// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/plan/kept_blocks.h"
#include "engine/plan/output_identity.h"
#include "engine/plan/output_targets.h"
#include "engine/plan/passes.h"
#include "engine/plan/run_parts.h"
#include "engine/plan/stage_chunks.h"
#include "engine/walk/cost.h"
#include "engine/walk/parted_node.h"

namespace cubeloom {
namespace {

constexpr double kMuchRead = 1024 * kMiB;
constexpr int kSharesPerWorker = 4;  ///< so that a share with little in it leaves nobody idle for long
constexpr double kUnitBytes = 64;    ///< of a part's index, per unit, on disk and in memory
constexpr double kTakenApart = 4;    ///< of a state, while it becomes the bytes of a file
constexpr double kReadTwice = 1.05;  ///< beyond this share, chunks read the same pixels

/// Builds one plan; the steps of makePlan in order.
class Planner {
 public:
  Planner(std::shared_ptr<const Graph> graph, SinkProvider& sinks, const PlanOptions& options)
      : m_sinks(sinks), m_options(options), m_system(systemFacts()) {
    m_plan.graph = std::move(graph);
    m_plan.workers = options.workers > 0 ? options.workers : m_system.maximumWorkers;
    m_plan.memoryBudgetBytes = options.memoryBudgetBytes > 0 ? options.memoryBudgetBytes : m_system.defaultBudgetBytes;
  }

  Result<Plan> make() {
    CUBELOOM_TRY(addStages());
    if (m_options.isForParts()) CUBELOOM_TRY(cutIntoParts());
    // The process before any pixels: code, the libraries that sources and sinks have asked for, headers; measured, with room for what
    // threads and allocator add.
    m_plan.processBytes = static_cast<double>(processRssBytes()) + 16 * kMiB + 2 * kMiB * m_plan.workers;
    if (isComplete()) return withoutWork();
    checkDisk();
    if (!m_plan.fits()) return withoutChunks();  // its chunks could be too many to look at
    m_reads.resize(m_plan.graph->nodes.size(), 0);
    m_makes.resize(m_plan.graph->nodes.size(), 0);
    m_heldBytes = sharedCacheBytes();
    if (!areMade()) {
      // Of all stages, whatever of them is there: parts know what they have learned by its number.
      std::vector<int> nodes;
      for (const Stage& stage : m_plan.stages) nodes.push_back(stage.node);
      CUBELOOM_TRY(addFits(nodes));
    }
    for (Stage& stage : m_plan.stages) CUBELOOM_TRY(fitStage(stage));
    shareReadings();
    for (std::size_t i = 0; i < m_plan.stages.size(); ++i) {
      const Stage& stage = m_plan.stages[i];
      addCosts(m_plan.stages[i], m_surveys[i]);
      m_peak = std::max(m_peak, m_plan.processBytes + stage.fixedBytes + inFlightBytes(stage));
    }
    m_plan.projectedPeakBytes = m_peak;
    m_plan.leastBudgetBytes = std::max(m_leastBudget, 0.0);
    addNodes();
    checkBudget();
    return std::move(m_plan);
  }

  Result<Plan> makeFits(int node) {
    m_plan.inputs = inputsOf(*m_plan.graph);
    m_reads.resize(m_plan.graph->nodes.size(), 0);
    m_makes.resize(m_plan.graph->nodes.size(), 0);
    m_heldBytes = sharedCacheBytes();
    CUBELOOM_TRY(addFits({node}));
    m_plan.projectedPeakBytes = m_peak;
    m_plan.leastBudgetBytes = m_leastBudget;
    m_plan.passes = m_passes;
    checkBudget();
    return std::move(m_plan);
  }

 private:
  const BoundNode& node(int i) const { return m_plan.graph->nodes[static_cast<std::size_t>(i)]; }

  Result<void> addStages() {
    std::vector<int> targets;
    if (m_options.target.empty()) {
      if (const Error* error = m_plan.graph->firstError()) return fail(*error);
      targets = m_plan.graph->outputs();
      tellLeftOut();
      if (targets.empty())
        return fail(ErrorCode::InvalidChain, "no node of the chain writes anything", "add a write node, or name a node to run to");
    } else {
      const int index = m_plan.graph->indexOf(m_options.target);
      if (index < 0) return fail(ErrorCode::InvalidChain, "there is no node '" + m_options.target + "' in the chain");
      if (node(index).error) return fail(*node(index).error);
      targets = outputsOf(index);
    }
    m_plan.inputs = inputsOf(*m_plan.graph);
    OutputTargets places(*m_plan.graph);
    for (const int target : targets) {
      Stage stage;
      stage.node = target;
      if (const SinkRequest* request = node(target).operation->sink()) {
        stage.sinkNode = target;
        stage.sinkRequest = *request;
        stage.sinkRequest.overwrite = request->overwrite || m_options.overwrite;
        if (!request->path.empty()) CUBELOOM_TRY(places.claim(node(target), request->path));
      } else {
        stage.sinkRequest.format = "MEM";
        stage.sinkRequest.spec = node(target).operation->spec();
      }
      stage.sinkRequest.identity = outputIdentity(*m_plan.graph, target, stage.sinkRequest, m_plan.inputs);
      stage.sinkRequest.resume = m_options.resume || m_options.isForParts();
      if (m_options.isForParts()) {
        if (stage.sinkRequest.path.empty())
          return fail(Error{ErrorCode::InvalidParameter,
                            "a run in parts writes to files, and this node writes none",
                            "add a write node behind it",
                            node(target).id,
                            {},
                            {},
                            {}});
        stage.sinkRequest.making = m_options.finalize ? SinkRequest::Making::FromParts : SinkRequest::Making::Part;
      }
      auto sinkPlan = m_sinks.plan(stage.sinkRequest);
      if (!sinkPlan) return fail(sinkPlan.error().atNode(node(target).id));
      stage.sinkRequest.prepared = sinkPlan->prepared;
      stage.sinkPlan = *sinkPlan;
      for (const std::string& file : stage.sinkPlan.besideIt) CUBELOOM_TRY(places.claim(node(target), file));
      const std::string& note = stage.sinkPlan.leftover.note;
      const bool isNothingNew = m_options.isForParts() && stage.sinkPlan.leftover.chunk.empty();  // what parts need is looked for elsewhere
      if (!note.empty() && !isNothingNew) m_plan.warnings.push_back({node(target).id, note});
      for (const std::string& warning : stage.sinkPlan.warnings) m_plan.warnings.push_back({node(target).id, warning});
      m_plan.stages.push_back(std::move(stage));
    }
    return {};
  }

  /// What a node writes: several outputs where it does; else itself.
  std::vector<int> outputsOf(int index) const {
    if (node(index).operation->slices().empty()) return {index};
    std::vector<int> outputs = m_plan.graph->outputs();
    std::erase_if(outputs, [&](int output) { return m_plan.graph->shown(output) != index; });
    return outputs;
  }

  /// Chunks that are the same on every machine, the name of the run, and what of them is made by now.
  Result<void> cutIntoParts() {
    for (Stage& stage : m_plan.stages) {
      CUBELOOM_TRY(chooseChunks(*m_plan.graph, stage, 0).map_error([&](const Error& e) { return e.atNode(node(stage.node).id); }));
      stage.sinkRequest.identity.chunk = stage.chunks.chunkShape();
    }
    const std::string run = runIdOf(m_plan);
    for (Stage& stage : m_plan.stages) stage.sinkRequest.place = {run, m_options.part, stage.units()};
    if (m_options.finalize) CUBELOOM_TRY(findMadeParts(m_plan, m_sinks));
    for (Stage& stage : m_plan.stages) {
      if (stage.sinkPlan.leftover.isComplete) stage.only = UnitRange{};
      if (m_options.finalize || stage.sinkPlan.leftover.isComplete) continue;
      stage.only = unitsOfPart(stage, m_options.part);
      stage.sinkRequest.place.units = stage.units();
      if (m_sinks.isPartMade(stage.sinkRequest)) stage.only = UnitRange{};
      SinkPlan& sink = stage.sinkPlan;
      const double bytes =
          stage.parts > 1 ? static_cast<double>(stage.units().count()) * stateBytes(stage) : stage.share() * stage.sinkRequest.spec.bytes();
      sink.format = "parts";
      sink.bytesToWrite = bytes + kUnitBytes * static_cast<double>(stage.units().count()) + 4096;
      sink.temporaryBytes = 0;
      sink.chunkScratchBytes = stage.parts > 1 ? kTakenApart * stateBytes(stage) : 0;
      sink.fixedMemoryBytes = kUnitBytes * static_cast<double>(stage.units().count());
    }
    return {};
  }

  /// Of what is gathered from one part of a reduction.
  double stateBytes(const Stage& stage) const {
    const auto parted = partedNode(*m_plan.graph, stage.node, stage.chunks.region(0));
    return parted ? parted->reducer->partialBytes(parted->region) : 0;
  }

  /// Every output is there already, finished by a run of the same chain.
  bool isComplete() const {
    return std::all_of(m_plan.stages.begin(), m_plan.stages.end(), [](const Stage& stage) { return stage.sinkPlan.leftover.isComplete; });
  }

  Result<Plan> withoutWork() {
    int pass = 0;
    for (Stage& stage : m_plan.stages) {
      stage.sinkRequest.identity.chunk = stage.sinkPlan.leftover.chunk;
      stage.chunks = ChunkGrid(stage.sinkRequest.spec.shape(), stage.sinkPlan.leftover.chunk);
      stage.parts = 1;
      stage.only.reset();
      stage.pass = pass++;
      m_plan.chunks += stage.chunks.count();
    }
    m_plan.passes = 0;
    m_plan.projectedPeakBytes = m_plan.leastBudgetBytes = m_plan.processBytes;
    addNodes();
    return std::move(m_plan);
  }

  /// Steps that no output needs, whether they can be bound or not: the run does without them, and says so.
  void tellLeftOut() {
    const std::vector<int> needed = m_plan.graph->needed();
    tellUnused(needed);
    for (const int i : m_plan.graph->order) {
      const BoundNode& left = node(i);
      const bool isFirst = std::none_of(left.wires.begin(), left.wires.end(), [&](int wire) { return wire >= 0 && node(wire).error; });
      if (left.error && !left.bypassed && isFirst && !std::binary_search(needed.begin(), needed.end(), i))
        m_plan.warnings.push_back({left.id, left.error->message + "; no output needs this step, the run does without it"});
    }
  }

  /// Of a branch that ends in nothing, its end.
  void tellUnused(const std::vector<int>& needed) {
    if (!m_options.target.empty()) return;
    std::vector<bool> isTaken(m_plan.graph->nodes.size(), false);
    for (const BoundNode& one : m_plan.graph->nodes)
      for (const int wire : one.wires)
        if (wire >= 0) isTaken[static_cast<std::size_t>(m_plan.graph->shown(wire))] = true;
    for (const int i : m_plan.graph->order) {
      const BoundNode& left = node(i);
      const bool isEnd = left.partOf < 0 && !isTaken[static_cast<std::size_t>(i)] && !left.isLookedAt;
      if (isEnd && !left.error && !left.bypassed && !std::binary_search(needed.begin(), needed.end(), i))
        m_plan.warnings.push_back({left.id, "no output needs this step, the run does without it", true});
    }
  }

  /// A plan that is refused for its size alone: nodes and sizes, nothing about reading.
  Result<Plan> withoutChunks() {
    for (Stage& stage : m_plan.stages) {
      m_plan.bytesToWrite += stage.sinkPlan.bytesToWrite;
      stage.chunks = ChunkGrid(stage.sinkRequest.spec.shape(), stage.sinkRequest.spec.shape());
      stage.parts = 1;
      stage.only.reset();
    }
    addNodes();
    return std::move(m_plan);
  }

  /// Whether nothing is left to compute: the parts of all stages are there.
  bool areMade() const {
    return m_options.isForParts() && std::all_of(m_plan.stages.begin(), m_plan.stages.end(),
                                                 [](const Stage& stage) { return stage.made || stage.units().count() == 0; });
  }

  /// What has to be learned first: T parts of each pass in flight, as chunks of a stage are.
  Result<void> addFits(const std::vector<int>& nodes) {
    auto fits = plannedFits(*m_plan.graph, nodes);
    if (!fits) return fail(fits.error());
    for (PlannedFit& fit : *fits) {
      if (isKept(fit.stage)) fit.stage.bytesToRead = 0;
      if (m_options.isForParts()) fit.stage.chunkBytes += kTakenApart * node(fit.stage.node).operation->fitPass()->accumulatorBytes();
      m_heldBytes += fit.fittedBytes;
      fit.stage.fixedBytes = m_heldBytes;
      const double room = static_cast<double>(m_plan.memoryBudgetBytes) - m_plan.processBytes - m_heldBytes;
      const auto most = std::min<std::int64_t>(static_cast<std::int64_t>(std::floor(room / fit.stage.chunkBytes)), fit.stage.parts);
      fit.stage.inFlight = static_cast<int>(std::clamp<std::int64_t>(most, 1, m_plan.workers));
      m_leastBudget = std::max(m_leastBudget, m_plan.processBytes + m_heldBytes + fit.stage.chunkBytes);
      m_peak = std::max(m_peak, m_plan.processBytes + m_heldBytes + fit.stage.inFlight * fit.stage.chunkBytes);
      for (std::size_t i = 0; i < m_reads.size(); ++i) {
        m_reads[i] += isKept(fit.stage) ? 0 : fit.reads[i];
        m_makes[i] += isKept(fit.stage) ? 0 : fit.makes[i];
      }
      m_plan.bytesToRead += fit.stage.bytesToRead;
      m_plan.tasks += fit.stage.parts * fit.stage.passes;
      m_passes += fit.stage.passes;
      m_plan.fitStages.push_back(fit.stage);
    }
    return {};
  }

  /// Another part of the run has learned it. Before its passes are counted.
  bool isKept(const FitStage& fit) const {
    const auto states = m_options.part.count > 0 ? m_sinks.sharedStates(m_plan.stages.front().sinkRequest) : nullptr;
    for (int pass = m_passes; states && pass < m_passes + fit.passes; ++pass)
      if (!states->has(fitStateName(pass))) return false;
    return states != nullptr;
  }

  /// Chunks and how many may be in flight: Peak = R + S + T*C within the budget.
  Result<void> fitStage(Stage& stage) {
    stage.fixedBytes = stage.sinkPlan.fixedMemoryBytes + m_heldBytes + (stage.made ? stage.made->indexBytes() : 0);
    // What an earlier run has finished is finished in its chunks: a run that continues it takes them as they are.
    const bool isContinued = stage.sinkPlan.leftover.chunk.size() == stage.sinkRequest.spec.dims.size();
    const bool isGiven = m_options.isForParts();
    const auto choose = [&](double mostChunkBytes) -> Result<void> {
      if (isGiven) return {};
      return isContinued ? setChunks(*m_plan.graph, stage, stage.sinkPlan.leftover.chunk)
                         : chooseChunks(*m_plan.graph, stage, mostChunkBytes);
    };
    CUBELOOM_TRY(choose(0).map_error([&](const Error& e) { return e.atNode(node(stage.node).id); }));
    const double room = static_cast<double>(m_plan.memoryBudgetBytes) - m_plan.processBytes - stage.fixedBytes;
    const auto fit = [&] { return static_cast<std::int64_t>(std::floor(room / std::max(stage.chunkBytes, 1.0))); };
    auto survey = stage.made ? Result<StageSurvey>(surveyMade(*m_plan.graph, stage)) : surveyChunks(*m_plan.graph, stage);
    if (survey) stage.chunkBytes = isGiven ? survey->chunkBytes : std::max(stage.chunkBytes, survey->chunkBytes);
    if (survey && !isContinued && !isGiven && fit() < m_plan.workers && room > 0) {
      CUBELOOM_TRY(choose(0.95 * room / m_plan.workers));
      survey = surveyChunks(*m_plan.graph, stage);
      if (survey) stage.chunkBytes = std::max(stage.chunkBytes, survey->chunkBytes);
    }
    if (!survey) return fail(survey.error().atNode(node(stage.node).id));
    // Of a chunk that nobody shares: sharing is left out where there is no room for it.
    m_leastBudget = std::max(m_leastBudget, m_plan.processBytes + stage.fixedBytes + stage.chunkBytes);
    CUBELOOM_TRY(share(stage, room, *survey));
    stage.sinkRequest.identity.chunk = stage.chunks.chunkShape();
    const std::int64_t tasks = stage.made || stage.isOfPart() ? stage.units().count() : std::max(stage.chunks.count(), stage.parts);
    stage.inFlight = static_cast<int>(std::clamp<std::int64_t>(std::min<std::int64_t>(fit(), tasks), 1, m_plan.workers));
    if (stage.made || stage.units().count() == 0) {
      m_surveys.push_back(std::move(*survey));
      return {};
    }
    auto told = keepBlocks(*m_plan.graph, stage, room - inFlightBytes(stage), survey->reads);
    if (!told) return fail(told.error().atNode(node(stage.node).id));
    if (!told->empty()) m_plan.warnings.push_back({node(stage.node).id, *told});
    CUBELOOM_TRY(findOnlyRead(stage, survey->reads));
    m_surveys.push_back(std::move(*survey));
    if (stage.inFlight < m_plan.workers && stage.inFlight < tasks)
      m_plan.warnings.push_back({node(stage.node).id, "the memory budget lets " + std::to_string(stage.inFlight) + " of " +
                                                          std::to_string(m_plan.workers) + " workers run at once"});
    return {};
  }

  /// Where there are fewer chunks than workers, they work together on each, unless that takes more memory than there is.
  Result<void> share(Stage& stage, double room, StageSurvey& survey) const {
    const std::int64_t chunks = stage.chunkRange().count();
    if (stage.parts > 1 || stage.made || chunks == 0 || chunks >= m_plan.workers) return {};
    const int most = static_cast<int>((m_plan.workers + chunks - 1) / chunks);
    stage.sharing = {kSharesPerWorker * most, most, nullptr};
    auto shared = surveyChunks(*m_plan.graph, stage);
    if (!shared) return fail(shared.error().atNode(node(stage.node).id));
    if (shared->chunkBytes * static_cast<double>(chunks) > room) {
      stage.sharing = {};
      return {};
    }
    stage.chunkBytes = std::max(stage.chunkBytes, shared->chunkBytes);
    survey = std::move(*shared);
    return {};
  }

  /// Of the libraries that read; their sources share it.
  double sharedCacheBytes() const {
    double bytes = 0;
    for (const BoundNode& bound : m_plan.graph->nodes)
      if (const auto source = bound.operation ? bound.operation->source() : nullptr) bytes = std::max(bytes, source->sharedCacheBytes());
    return bytes;
  }

  /// What is read in full and once leaves nothing in the system's cache that anyone would come back to; smaller files stay there for the
  /// next run.
  Result<void> findOnlyRead(Stage& stage, const std::vector<double>& reads) {
    stage.onlyRead.assign(reads.size(), 0);
    if (std::none_of(reads.begin(), reads.end(), [](double bytes) { return bytes >= kMuchRead; })) return {};
    auto whole = evaluateCost(*m_plan.graph, stage.node, fullRegion(stage.chunks.shape()));
    if (!whole) return fail(whole.error());
    for (std::size_t i = 0; i < reads.size(); ++i)
      stage.onlyRead[i] = reads[i] >= kMuchRead && reads[i] <= kReadTwice * whole->readPerNode[i] * stage.share() ? 1 : 0;
    return {};
  }

  /// Of all that is computed at once, or decoded at once before: as many as the ledger will let, whichever is more.
  double inFlightBytes(const Stage& stage) const {
    const double computing = stage.inFlight * stage.chunkBytes;
    if (stage.kept.passBytes <= 0) return computing;
    const double room = static_cast<double>(m_plan.memoryBudgetBytes) - m_plan.processBytes - stage.fixedBytes;
    return std::max(computing,
                    stage.kept.passBytes * std::clamp(std::floor(room / stage.kept.passBytes), 1.0, static_cast<double>(m_plan.workers)));
  }

  /// Reductions of the same parts of one array come from one reading, where the states of all of them fit the budget together.
  void shareReadings() {
    std::vector<std::vector<Stage*>> passes;
    for (Stage& stage : m_plan.stages) {
      const auto found = std::find_if(passes.begin(), passes.end(), [&](const std::vector<Stage*>& pass) {
        const double needed =
            m_plan.processBytes + pass[0]->fixedBytes + stage.fixedBytes - m_heldBytes + pass[0]->chunkBytes + stage.chunkBytes;
        return needed <= static_cast<double>(m_plan.memoryBudgetBytes) && canShareReading(*m_plan.graph, *pass[0], stage);
      });
      if (found == passes.end()) {
        stage.pass = m_passes + static_cast<int>(passes.size());
        passes.push_back({&stage});
        continue;
      }
      const Stage& first = *found->front();
      const double chunkBytes = first.chunkBytes + stage.chunkBytes;
      const double fixedBytes = first.fixedBytes + stage.fixedBytes - m_heldBytes;
      const double room = static_cast<double>(m_plan.memoryBudgetBytes) - m_plan.processBytes - fixedBytes;
      found->push_back(&stage);
      stage.pass = first.pass;
      const int inFlight = std::max(1, std::min(first.inFlight, static_cast<int>(std::min(room / chunkBytes, 1e6))));
      for (Stage* member : *found) {
        member->chunkBytes = chunkBytes;
        member->fixedBytes = fixedBytes;
        member->inFlight = inFlight;
      }
    }
    m_plan.passes = m_passes + static_cast<int>(passes.size());
    for (const Stage& stage : m_plan.stages) m_plan.passes += stage.kept.scratchBytes > 0 ? 1 : 0;
  }

  const Stage* firstOf(int pass) const {
    return &*std::find_if(m_plan.stages.begin(), m_plan.stages.end(), [pass](const Stage& stage) { return stage.pass == pass; });
  }

  /// A shared reading is told by the first of its stages.
  void addCosts(Stage& stage, const StageSurvey& survey) {
    const bool isFirst = firstOf(stage.pass) == &stage;
    for (std::size_t i = 0; isFirst && i < survey.reads.size(); ++i) {
      m_reads[i] += survey.reads[i];
      m_makes[i] += survey.makes[i];
      stage.bytesToRead += survey.reads[i];
    }
    stage.bytesToWrite = stage.sinkPlan.bytesToWrite;
    if (stage.made)
      for (std::int64_t unit = stage.units().first; unit < stage.units().end; ++unit)
        stage.bytesToRead += static_cast<double>(stage.made->bytes(unit).value_or(0));
    m_plan.bytesToRead += stage.bytesToRead;
    m_plan.bytesToWrite += stage.sinkRequest.path.empty() ? 0 : stage.bytesToWrite;
    m_plan.chunks += stage.isOfPart() ? stage.units().count() : stage.chunks.count();
    m_plan.tasks += isFirst ? stage.units().count() : 0;
  }

  /// What is to be said where whole numbers of 64 bits become floating and the operation itself says nothing of it.
  std::vector<std::string> roundingOf(const BoundNode& bound) const {
    std::vector<std::string> warnings;
    if (!isFloating(bound.operation->spec().type)) return warnings;
    for (const int input : bound.inputs)
      if (warnings.empty() && node(input).operation) noteDoubles(node(input).operation->spec().type, warnings);
    const auto& said = bound.operation->warnings();
    if (!warnings.empty() && std::find(said.begin(), said.end(), warnings.front()) != said.end()) warnings.clear();
    return warnings;
  }

  void addNodes() {
    double partsRead = 0, partsMade = 0;                    // by the steps of a node, which come before it
    std::set<std::pair<const Source*, std::string>> noted;  // once, however many nodes open it
    for (const int i : m_plan.graph->order) {
      const BoundNode& bound = node(i);
      if (!bound.operation) continue;
      for (const std::string& warning : bound.operation->warnings()) m_plan.warnings.push_back({bound.id, warning});
      for (const std::string& warning : roundingOf(bound)) m_plan.warnings.push_back({bound.id, warning});
      for (const std::string& note : bound.operation->notes())
        if (noted.insert({bound.operation->source().get(), note}).second) m_plan.warnings.push_back({bound.id, note, true});
      const double read = m_reads.empty() ? 0 : m_reads[static_cast<std::size_t>(i)];
      double made = m_makes.empty() ? 0 : m_makes[static_cast<std::size_t>(i)];
      if (bound.partOf >= 0) {
        partsRead += read;
        partsMade += made;
        continue;
      }
      for (const Stage& stage : m_plan.stages)
        if (stage.sinkNode == i && !m_makes.empty()) made += m_makes[static_cast<std::size_t>(stage.node)];
      PlanNode entry{bound.id, bound.op, bound.operation->spec(), {}, 0, partsRead + read, partsMade + made};
      partsRead = partsMade = 0;
      for (const Stage& stage : m_plan.stages)
        if (stage.node == i) {
          entry.chunkShape = stage.chunks.chunkShape();
          entry.chunks = stage.chunks.count();
        }
      if (entry.chunkShape.empty()) {
        entry.chunkShape = entry.spec.storage.block.size() == entry.spec.dims.size() ? entry.spec.storage.block : entry.spec.shape();
        entry.chunks = ChunkGrid(entry.spec.shape(), entry.chunkShape).count();
      }
      m_plan.nodes.push_back(std::move(entry));
    }
  }

  void checkBudget() {
    if (m_plan.projectedPeakBytes <= static_cast<double>(m_plan.memoryBudgetBytes)) return;
    Refusal refusal;
    refusal.reason = "the projected peak of " + formatSize(m_plan.projectedPeakBytes) + " does not fit the memory budget of " +
                     formatSize(static_cast<double>(m_plan.memoryBudgetBytes));
    refusal.remedies.push_back("set the memory budget to at least " + formatSize(std::ceil(m_plan.leastBudgetBytes / kMiB) * kMiB * 1.03));
    bool inMemory = false, isContinued = false;
    for (const Stage& stage : m_plan.stages) {
      inMemory = inMemory || stage.sinkRequest.path.empty();
      isContinued = isContinued || !stage.sinkPlan.leftover.chunk.empty();
    }
    if (isContinued) refusal.remedies.emplace_back("run without --resume: chunks may then be smaller than those of the unfinished run");
    if (inMemory) refusal.remedies.emplace_back("write the result to a file: it is then streamed");
    if (m_plan.workers > 1) refusal.remedies.emplace_back("use fewer workers");
    m_plan.refusals.push_back(std::move(refusal));
  }

  /// Outputs come one after the other: what those before have written stands on the disk, what they held beside it no longer does.
  void checkDisk() {
    std::map<dev_t, double> written;
    for (const Stage& stage : m_plan.stages) {
      if (stage.sinkRequest.path.empty() || stage.sinkPlan.leftover.isComplete) continue;
      std::error_code code;
      const auto folder = std::filesystem::absolute(stage.sinkRequest.path).parent_path();
      const auto space = std::filesystem::space(folder, code);
      if (code) continue;
      const auto free = static_cast<double>(space.available);
      m_plan.diskFreeBytes = m_plan.diskFreeBytes < 0 ? free : std::min(m_plan.diskFreeBytes, free);
      struct stat facts {};
      double& before = written[::stat(folder.c_str(), &facts) == 0 ? facts.st_dev : 0];
      const double own = std::max(0.0, stage.sinkPlan.bytesToWrite + stage.sinkPlan.temporaryBytes - stage.sinkPlan.leftover.bytes);
      const double needed = before + own;
      before += std::max(0.0, stage.sinkPlan.bytesToWrite - stage.sinkPlan.leftover.bytes);
      if (needed <= free) continue;
      m_plan.refusals.push_back(
          {(needed > own ? "this output and those before it need " : "the output needs ") + formatSize(needed) + " in " + folder.string() +
               ", where " + formatSize(free) + " are free",
           {"free " + formatSize(needed - free) + " there", "write to another disk",
            "make the output smaller (clip, select, coarser resolution), or compress it where its format can (GeoTIFF, COG, netCDF, "
            "Zarr)"}});
    }
  }

  SinkProvider& m_sinks;
  PlanOptions m_options;
  SystemFacts m_system;
  Plan m_plan;
  std::vector<double> m_reads, m_makes;  ///< per graph node
  std::vector<StageSurvey> m_surveys;    ///< one per stage
  double m_leastBudget = 0, m_peak = 0;
  double m_heldBytes = 0;  ///< during every pass: caches of libraries, and what fits have learned so far
  int m_passes = 0;        ///< of fits
};

}  // namespace

Result<Plan> makePlan(std::shared_ptr<const Graph> graph, SinkProvider& sinks, const PlanOptions& options) {
  return Planner(std::move(graph), sinks, options).make();
}

Result<Plan> planFits(std::shared_ptr<const Graph> graph, int node, SinkProvider& sinks, const PlanOptions& options) {
  return Planner(std::move(graph), sinks, options).makeFits(node);
}

std::int64_t ReadPlan::touchedLines() const {
  std::int64_t total = 0;
  for (const auto& [first, count] : touched) total += count;
  return total;
}

Result<ReadPlan> readPlan(const Plan& plan, const std::string& openNode) {
  constexpr std::int64_t kMostChunks = 5000;
  const int target = plan.graph->indexOf(openNode);
  ReadPlan lines;
  if (target < 0 || !plan.graph->nodes[static_cast<std::size_t>(target)].operation)
    return fail(ErrorCode::InvalidChain, "there is no node '" + openNode + "'");
  const auto source = plan.graph->nodes[static_cast<std::size_t>(target)].operation->source();
  if (!source) return fail(ErrorCode::InvalidChain, "node '" + openNode + "' opens nothing");
  if (source->spec().yDim >= 0) lines.lines = source->spec().dims[static_cast<std::size_t>(source->spec().yDim)].size;
  std::vector<std::pair<std::int64_t, std::int64_t>> extents;
  const auto visit = [&](int index, const Region& region) {
    if (index != target) return;
    for (const auto& extent : source->touchedLines(region)) extents.push_back(extent);
  };
  for (const FitStage& fit : plan.fitStages) {
    const BoundNode& node = plan.graph->nodes[static_cast<std::size_t>(fit.node)];
    const FitPass* pass = node.operation->fitPass();
    for (const Region& part : pass->parts())
      CUBELOOM_TRY(visitSourceRegions(*plan.graph, node.inputs[static_cast<std::size_t>(pass->input())], part, visit));
  }
  for (const Stage& stage : plan.stages) {
    const UnitRange range = stage.chunkRange();
    const std::int64_t step = std::max<std::int64_t>(1, range.count() / kMostChunks);
    for (std::int64_t i = range.first; i < range.end; i += step)
      CUBELOOM_TRY(visitSourceRegions(*plan.graph, stage.node, stage.chunks.region(i), visit));
  }
  std::sort(extents.begin(), extents.end());
  for (const auto& [first, count] : extents) {
    if (!lines.touched.empty() && first <= lines.touched.back().first + lines.touched.back().second) {
      auto& last = lines.touched.back();
      last.second = std::max(last.second, first + count - last.first);
    } else {
      lines.touched.emplace_back(first, count);
    }
  }
  return lines;
}

}  // namespace cubeloom
