// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/run_parts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kRowsPerPart = 4;   // fewer, and some parts would have much more to do than others
constexpr double kPartSeconds = 100;       // between 30 and 300
constexpr double kBytesPerSecond = 100e6;  // where no run on this machine has told
constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325, kFnvPrime = 0x100000001b3;

/// Fowler, Noll, Vo: FNV-1a. The names of a few runs are to differ; nobody is to be kept from making two that agree.
class Fnv {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0);
  }
  void add(std::int64_t number) { add(std::to_string(number)); }
  std::string hex() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[m_hash >> shift & 15];
    return digits;
  }

 private:
  void mix(std::uint64_t byte) { m_hash = (m_hash ^ byte) * kFnvPrime; }
  std::uint64_t m_hash = kFnvBasis;
};

std::string nameIn(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::int64_t unitCount(const Stage& stage) { return stage.chunks.count() * stage.parts; }

/// Of the finished parts the number of parts that most of them are of; of equally many the larger one.
std::int64_t usualCount(const std::vector<Stage>& stages) {
  std::map<std::int64_t, std::int64_t> found;
  for (const Stage& stage : stages)
    if (stage.made)
      for (const RunPart& part : stage.made->parts()) ++found[part.count];
  std::int64_t usual = 1, most = 0;
  for (const auto& [count, times] : found)
    if (times >= most) {
      usual = count;
      most = times;
    }
  return usual;
}

bool isWhole(const Stage& stage, const UnitRange& units) {
  for (std::int64_t unit = units.first; unit < units.end; ++unit)
    if (!stage.made || !stage.made->bytes(unit)) return false;
  return true;
}

bool isComplete(const Stage& stage) { return stage.sinkPlan.leftover.isComplete; }

}  // namespace

UnitRange unitsOfPart(const Stage& stage, const RunPart& part) {
  std::vector<std::int64_t> grid = stage.chunks.gridShape();
  grid.push_back(stage.parts);
  std::int64_t rows = 1, rest = unitCount(stage);
  for (const std::int64_t along : grid) {
    if (rows >= kRowsPerPart * part.count) break;
    rows *= along;
    rest /= std::max<std::int64_t>(along, 1);
  }
  return {(part.number - 1) * rows / part.count * rest, part.number * rows / part.count * rest};
}

std::string runIdOf(const Plan& plan) {
  Fnv hash;
  for (const Stage& stage : plan.stages) {
    hash.add(nameIn(stage.sinkRequest.path));
    for (const std::string& step : stage.sinkRequest.identity.steps) hash.add(step);
    for (const std::int64_t side : stage.chunks.chunkShape()) hash.add(side);
    hash.add(stage.parts);
  }
  for (const FileFingerprint& input : plan.inputs) {
    hash.add(nameIn(input.path));
    hash.add(input.sizeBytes);
    hash.add(input.modifiedNs);
  }
  return hash.hex();
}

std::int64_t mostParts(const Plan& plan) {
  std::int64_t most = 1;
  for (const Stage& stage : plan.stages) most = std::max(most, unitCount(stage));
  return std::min(most, kMostParts);
}

Result<void> findMadeParts(Plan& plan, SinkProvider& sinks) {
  std::optional<Error> none;
  for (Stage& stage : plan.stages) {
    if (isComplete(stage)) continue;
    auto made = sinks.madeUnits(stage.sinkRequest);
    if (made) {
      stage.made = std::move(*made);
    } else if (made.error().code != ErrorCode::PartsMissing) {
      return fail(std::move(made.error()));
    } else if (!none) {
      none = std::move(made.error());
    }
  }
  const bool isAny = std::any_of(plan.stages.begin(), plan.stages.end(), [](const Stage& stage) { return stage.made != nullptr; });
  if (none && !isAny) return fail(std::move(*none));
  const std::int64_t count = usualCount(plan.stages);
  std::vector<std::int64_t> missing;
  for (std::int64_t number = 1; number <= count; ++number)
    if (!std::all_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
          return isComplete(stage) || isWhole(stage, unitsOfPart(stage, {number, count}));
        }))
      missing.push_back(number);
  if (missing.empty()) return {};
  const std::string first = std::to_string(missing.front()) + "/" + std::to_string(count);
  return fail(ErrorCode::PartsMissing,
              std::string(missing.size() == 1 ? "part " : "parts ") + rangesText(missing) + " of " + std::to_string(count) +
                  (missing.size() == 1 ? " is missing" : " are missing"),
              "run this chain with --part " + first + (missing.size() == 1 ? "" : " and so on") + ", then --finalize again");
}

std::string fitStateName(int pass) { return "fit-" + std::to_string(pass); }

std::string rangesText(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    ranges.push_back(std::to_string(numbers[i]) + (last == i ? "" : (last == i + 1 ? ", " : "-") + std::to_string(numbers[last])));
    i = last + 1;
  }
  return join(ranges, ", ");
}

PartsProposal proposeParts(const Plan& plan, double low, double high, std::int64_t wanted) {
  PartsProposal proposal;
  proposal.most = mostParts(plan);
  const bool isKnown = high > 0;
  const double seconds = isKnown ? std::sqrt(std::max(low, 1e-3) * high) : (plan.bytesToRead + plan.bytesToWrite) / kBytesPerSecond;
  const double best = std::clamp(std::round(seconds / kPartSeconds), 1.0, static_cast<double>(proposal.most));
  proposal.parts = wanted > 0 ? wanted : static_cast<std::int64_t>(best);
  if (isKnown) {
    const auto busy = static_cast<double>(std::min(proposal.parts, proposal.most));
    proposal.low = low / busy;
    proposal.high = high / busy;
  }
  return proposal;
}

}  // namespace cubeloom
