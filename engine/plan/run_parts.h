// SPDX-License-Identifier: GPL-3.0-or-later
// A run cut into parts that are made anywhere and in any order: how its outputs are cut, by what name parts of one run know each other,
// and which of them are not there yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/plan/plan.h"

namespace cubeloom {

inline constexpr std::int64_t kMostParts = 10000;

/// The units of a stage (chunks placed) that a part makes: whole rows of chunks in canonical order where there are enough of them, else
/// chunks. Workers and memory are no part of it. The parts of a count make every unit once.
UnitRange unitsOfPart(const Stage& stage, const RunPart& part);

/// Of a plan whose stages have their chunks: sixteen hexadecimal digits of the steps, the inputs and the chunks. Inputs count by name, size
/// and time: what else tells files of one machine apart differs between mounts of one disk.
std::string runIdOf(const Plan& plan);

/// Into how many parts the stages can be cut at most, so that each has something to do.
std::int64_t mostParts(const Plan& plan);

/// Sets `made` of each stage that is not complete. PartsMissing names those that are not there.
Result<void> findMadeParts(Plan& plan, SinkProvider& sinks);

/// The name under which parts keep for each other what a pass of a fit has gathered.
std::string fitStateName(int pass);

/// "2, 5-7" of ascending numbers.
std::string rangesText(const std::vector<std::int64_t>& numbers);

/// How a run is best cut.
struct PartsProposal {
  std::int64_t parts = 1, most = 1;
  double low = 0, high = 0;  ///< seconds of one part; 0: nobody knows
};
/// `low` and `high`: seconds of all of the run; 0: by its bytes alone. `wanted`: so many parts; 0: of 30 to 300 s each, where that can be.
PartsProposal proposeParts(const Plan& plan, double low, double high, std::int64_t wanted);
/// As planToJson(), with "parts".
std::string planToJson(const Plan& plan, const std::string& chainName, const std::optional<PartsProposal>& parts);

}  // namespace cubeloom
