// SPDX-License-Identifier: GPL-3.0-or-later
// A chain as the command that does the same without the workbench.
#pragma once

#include <QString>

#include "engine/chain/chain.h"

namespace cubeloom {

/// The steps that `node` needs or looks at, itself included; the whole chain for an empty id.
Chain chainUpTo(const Chain& chain, const QString& node, const Registry& registry);
/// What people call a step: its operation's title, and its id where that says more.
QString stepText(const QString& title, const std::string& op, const std::string& id);
/// "cubeloom-cli run ! open … ! write …" up to `node`; empty where an operation or a parameter is not known. Where paths are relative it
/// goes to the chain's folder first.
QString commandFor(const Chain& chain, const QString& node, const Registry& registry);

}  // namespace cubeloom
