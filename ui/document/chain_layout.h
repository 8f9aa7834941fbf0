// SPDX-License-Identifier: GPL-3.0-or-later
// Where nodes lie on the canvas: places kept in the chain's view, and places made up for nodes that have none.
#pragma once

#include <QPointF>
#include <map>
#include <set>
#include <string>

#include "engine/chain/chain.h"

namespace cubeloom {

/// A node's size in canvas units, which are pixels at 100 %.
constexpr double kNodeWidth = 160, kNodeHeight = 92;
/// From one node's left edge to the next one's, and from one row to the next, in canvas units.
constexpr double kColumnStep = 200;
constexpr double kRowStep = 150;

/// The place kept under view/positions, if there is one.
bool storedPosition(const Chain& chain, const std::string& id, QPointF* position);
void storePosition(Chain& chain, const std::string& id, QPointF position);
void forgetPosition(Chain& chain, const std::string& id);

/// A place for every node: the kept one, else one column right of its inputs in the first free row.
std::map<std::string, QPointF> layoutOf(const Chain& chain);

/// Where straight wires would run behind nodes: the nodes that a wire from their own input passes on its way to a later one, and for the
/// nodes where such a wire ends the one from which it comes.
struct PassedNodes {
  std::set<std::string> passed;
  std::map<std::string, std::string> from;
};
PassedNodes passedNodes(const Chain& chain);

/// `wanted`, or the next place below where a node covers none of `taken`.
QPointF freePlace(QPointF wanted, const std::map<std::string, QPointF>& taken);

}  // namespace cubeloom
