// SPDX-License-Identifier: GPL-3.0-or-later
// A chain as the command that does the same without the workbench.
#pragma once

#include <QString>

#include "engine/chain/chain.h"

namespace cubeloom {

/// The steps that `node` needs, itself included; the whole chain for an empty id.
Chain chainUpTo(const Chain& chain, const QString& node);
/// What people call a step: its operation's title, and its id where that says more.
QString stepText(const QString& title, const std::string& op, const std::string& id);
/// "cubeloom-cli run ! open … ! write …" up to `node`; empty when those steps are not one straight line.
QString commandFor(const Chain& chain, const QString& node, const Registry& registry);

}  // namespace cubeloom
