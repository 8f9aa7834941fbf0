// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run_state.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "engine/base/guard.h"
#include "engine/base/system.h"

namespace cubeloom {
namespace {

using std::chrono::milliseconds;

/// Before the first, second, ... repetition of a read; the last one for all further.
constexpr std::array<milliseconds, 3> kBackoff{milliseconds(20), milliseconds(100), milliseconds(500)};
constexpr milliseconds kLookForCancel{10};
/// Their places are there before memory is short.
constexpr std::size_t kErrorPlaces = 16;

void waitUnlessCanceled(milliseconds time, const CancelToken& cancel) {
  for (; time.count() > 0 && !cancel.isCanceled(); time -= kLookForCancel) std::this_thread::sleep_for(std::min(time, kLookForCancel));
}

}  // namespace

RunState::RunState(Plan runPlan, const RunOptions& runOptions)
    : plan(std::move(runPlan)),
      graph(plan.graph),
      options(runOptions),
      maxWorkers(std::max(plan.workers, systemFacts().logicalCores)),
      gate(plan.workers),
      ledger(0),
      progress(plan, maxWorkers) {
  errors.reserve(kErrorPlaces);
}

void RunState::addError(Error error) noexcept {
  const std::lock_guard lock(errorMutex);
  if (errors.size() < kErrorPlaces) errors.push_back(std::move(error));
  failed = true;
}

void RunState::addSkipped(Error error) {
  const std::lock_guard lock(errorMutex);
  skipped.push_back(std::move(error));
}

std::optional<Error> RunState::changedInput() const {
  for (const FileFingerprint& then : plan.inputs) {
    const std::string difference = fingerprintDifference(then, fingerprintOf(then.path));
    if (!difference.empty())
      return Error{ErrorCode::ReadFailed,
                   "an input changed while the run was reading it: " + difference,
                   "run again; nothing was published",
                   {},
                   {},
                   then.path,
                   {}};
  }
  return std::nullopt;
}

Result<void> RunState::evaluatePatiently(int node, const Region& region, const BlockView& out, EvaluateContext& context) {
  const std::int64_t bytesBefore = context.bytesRead;
  const std::vector<NodeWork> workBefore = context.work;
  for (int attempt = 0;; ++attempt) {
    context.bytesRead = bytesBefore;
    context.work = workBefore;
    auto result = guarded([&] { return evaluate(*graph, node, region, out, context); });
    if (!result) result = fail(result.error().atNode(nodeId(node)));
    if (result || result.error().code != ErrorCode::ReadFailed) return result;
    if (isStopped()) return fail(ErrorCode::Canceled, "canceled");  // before a disk that may be dead is asked again
    // Of another file the same bytes cannot be had, however often it is read.
    if (const auto changed = changedInput()) return fail(*changed);
    if (attempt >= options.retries) return result;
    waitUnlessCanceled(kBackoff[std::min<std::size_t>(static_cast<std::size_t>(attempt), kBackoff.size() - 1)], cancel);
    if (isStopped()) return fail(ErrorCode::Canceled, "canceled");
  }
}

}  // namespace cubeloom
