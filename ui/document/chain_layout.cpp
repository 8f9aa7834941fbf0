// SPDX-License-Identifier: GPL-3.0-or-later
// Places for nodes: kept ones are respected, the others flow from left to right.
#include "ui/document/chain_layout.h"

#include <cmath>
#include <numeric>

namespace cubeloom {

namespace {

const char* const kPositions = "positions";

/// Whether a node nearer than `room` to `place` lies there.
bool isTaken(const std::map<std::string, QPointF>& places, QPointF place, QPointF room) {
  for (const auto& [id, other] : places)
    if (std::abs(other.x() - place.x()) < room.x() && std::abs(other.y() - place.y()) < room.y()) return true;
  return false;
}

}  // namespace

bool storedPosition(const Chain& chain, const std::string& id, QPointF* position) {
  if (!chain.view.is_object()) return false;
  const auto all = chain.view.find(kPositions);
  if (all == chain.view.end() || !all->is_object()) return false;
  const auto one = all->find(id);
  if (one == all->end() || !one->is_array() || one->size() != 2 || !(*one)[0].is_number() || !(*one)[1].is_number()) return false;
  *position = QPointF((*one)[0].get<double>(), (*one)[1].get<double>());
  return true;
}

void storePosition(Chain& chain, const std::string& id, QPointF position) {
  if (!chain.view.is_object()) chain.view = Json::object();
  Json& all = chain.view[kPositions];
  if (!all.is_object()) all = Json::object();
  // Whole units: nobody sees less, and the file stays readable.
  all[id] = Json::array({std::lround(position.x()), std::lround(position.y())});
}

void forgetPosition(Chain& chain, const std::string& id) {
  if (chain.view.is_object() && chain.view.contains(kPositions) && chain.view[kPositions].is_object()) chain.view[kPositions].erase(id);
}

PassedNodes passedNodes(const Chain& chain) {
  std::map<std::string, std::vector<std::string>> consumers;
  for (const Node& node : chain.nodes)
    for (const std::string& input : node.inputs)
      if (!input.empty()) consumers[inputNode(input)].push_back(node.id);
  PassedNodes found;
  for (const auto& [source, direct] : consumers) {
    if (direct.size() < 2) continue;
    for (const std::string& between : direct) {
      std::vector<std::string> todo{between};
      std::set<std::string> behind;
      while (!todo.empty()) {
        const std::string id = todo.back();
        todo.pop_back();
        const auto next = consumers.find(id);
        if (next == consumers.end()) continue;
        for (const std::string& one : next->second)
          if (behind.insert(one).second) todo.push_back(one);
      }
      for (const std::string& other : direct) {
        if (other == between || !behind.contains(other)) continue;
        found.passed.insert(between);
        found.from[other] = source;
      }
    }
  }
  return found;
}

std::map<std::string, QPointF> layoutOf(const Chain& chain) {
  const PassedNodes wires = passedNodes(chain);
  std::map<std::string, QPointF> places;
  for (const Node& node : chain.nodes) {
    QPointF position;
    if (storedPosition(chain, node.id, &position)) places[node.id] = position;
  }
  std::vector<int> order(chain.nodes.size());
  std::iota(order.begin(), order.end(), 0);
  if (const auto sorted = topologicalOrder(chain)) order = *sorted;
  for (const int index : order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(index)];
    if (places.contains(node.id)) continue;
    QPointF place(0, 0);
    bool first = true;
    for (const std::string& input : node.inputs) {
      const auto found = places.find(inputNode(input));
      if (found == places.end()) continue;
      place = QPointF(std::max(first ? found->second.x() + kColumnStep : place.x(), found->second.x() + kColumnStep),
                      first ? found->second.y() : place.y());
      first = false;
    }
    if (wires.passed.contains(node.id)) place.ry() += kRowStep;
    if (const auto from = wires.from.find(node.id); from != wires.from.end())
      if (const auto source = places.find(from->second); source != places.end()) place.setY(source->second.y());
    while (isTaken(places, place, {kColumnStep * 0.9, kRowStep * 0.8})) place.ry() += kRowStep;
    places[node.id] = place;
  }
  return places;
}

QPointF freePlace(QPointF wanted, const std::map<std::string, QPointF>& taken) {
  while (isTaken(taken, wanted, {kNodeWidth, kNodeHeight})) wanted.ry() += kRowStep;
  return wanted;
}

}  // namespace cubeloom
