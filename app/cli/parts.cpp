// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/parts.h"

#include <iostream>

#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/run/machine_rates.h"

namespace cubeloom::cli {
namespace {

Failure refused(std::string message, std::string hint) { return fail(ErrorCode::InvalidParameter, std::move(message), std::move(hint)); }

}  // namespace

Result<RunPart> partOption(const RunArguments& arguments) {
  if (arguments.part.empty()) return RunPart{};
  const std::string given = "--part " + arguments.part;
  if (arguments.finalize) return refused("--part and --finalize are given together", "make all parts first, then --finalize alone");
  const std::size_t slash = arguments.part.find('/');
  const auto number = parseInteger(arguments.part.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : parseInteger(arguments.part.substr(slash + 1));
  if (!number || !count)
    return refused(given + " is no part K/N", "write two whole numbers such as 3/7: N from 1 to 10,000, K from 1 to N");
  if (*count < 1 || *count > kMostParts)
    return refused(given + ": a run is cut into 1 to " + formatCount(kMostParts) + " parts, not into " + formatCount(*count),
                   "plan --parts auto proposes how many");
  if (*number < 1 || *number > *count)
    return refused(given + ": there is no part " + formatCount(*number), "the parts go from 1 to " + formatCount(*count));
  return RunPart{*number, *count};
}

Result<std::int64_t> partsOption(const std::string& text) {
  if (text == "auto") return 0;
  const auto count = parseInteger(text);
  if (count && *count >= 1 && *count <= kMostParts) return *count;
  return refused("--parts " + text + " is no number of parts", "write auto, or a whole number from 1 to " + formatCount(kMostParts));
}

PartsProposal proposal(const Plan& plan, std::int64_t wanted) {
  const ExpectedTime expected = MachineRates::load().expect(plan);
  const bool isKnown = expected.unmet.empty();
  return proposeParts(plan, isKnown ? expected.low : 0, isKnown ? expected.high : 0, wanted);
}

void printProposal(const PartsProposal& proposal, const std::string& chain) {
  const std::string command = "\n  cubeloom-cli run " + (chain == "pipeline" ? "CHAIN" : shellQuoted(chain));
  std::cerr << "in " << formatCount(proposal.parts) << (proposal.parts == 1 ? " part" : " parts");
  if (proposal.high > 0) {
    const std::string low = formatDuration(proposal.low), high = formatDuration(proposal.high);
    std::cerr << " of about " << (low == high ? low : low + " to " + high) << (proposal.parts == 1 ? "" : " each");
  }
  if (proposal.parts > proposal.most) std::cerr << ", of which " << formatCount(proposal.most) << " have something to do";
  std::cerr << command << " --part K/" << proposal.parts << "   for each K from 1 to " << proposal.parts << ", anywhere and in any order"
            << command << " --finalize\n";
}

}  // namespace cubeloom::cli
