// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between the chain and its run, with the remedies that take one click.
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "ui/run/session.h"

namespace cubeloom {

struct Remedy {
  QString label;
  std::function<void()> apply;
};

struct Blocker {
  QString reason;
  QString hint;  ///< what to do, in words; may be empty
  QString node;  ///< where; empty: the whole chain
  QString step;  ///< the same for people
  std::vector<Remedy> remedies;
};

/// Errors of steps that the outputs need (not of the steps below them), else what the plan refuses. Empty: nothing is known to stand in the
/// way. The remedies act on `document` and `session`, which must outlive them.
std::vector<Blocker> blockersOf(Document& document, Session& session);

/// The plan's error, where it is the fault of step `node`; none for a file that merely exists.
std::optional<Error> planErrorOf(const Session& session, const std::string& node);

/// What Run does when only files stand in the way that are there already, or with what an earlier run has left.
enum class RunOffer {
  None,
  Replace,  ///< all of them were written by earlier runs: replace them
  Ask,      ///< let the user choose between replacing and another name
  Resume,   ///< go on where an earlier run of this chain ended
  Discard,  ///< let the user choose between losing the part of another chain's run and another name
};
RunOffer runOfferOf(const Document& document, const Session& session);

}  // namespace cubeloom
