// SPDX-License-Identifier: GPL-3.0-or-later
// Every change a user can make to a chain, each one undo command.
#include <QRegularExpression>
#include <algorithm>
#include <set>

#include "ui/document/chain_layout.h"
#include "ui/document/document.h"
#include "ui/document/document_private.h"

namespace cubeloom {

namespace {

/// A pause this long between two changes of one parameter starts a new undo step.
constexpr qint64 kParamPauseMs = 1500;

void setInput(Node& node, int port, const std::string& from) {
  const auto index = static_cast<std::size_t>(port);
  if (node.inputs.size() <= index) node.inputs.resize(index + 1);
  node.inputs[index] = from;
  while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
}

/// True when data of `from` flows into `to`, over any number of wires.
bool reaches(const Chain& chain, const std::string& from, const std::string& to) {
  std::vector<std::string> open{to};
  std::set<std::string> seen;
  while (!open.empty()) {
    const std::string id = open.back();
    open.pop_back();
    if (id == from) return true;
    if (!seen.insert(id).second) continue;
    if (const Node* node = chain.find(id)) {
      for (const std::string& input : node->inputs) open.push_back(inputNode(input));
    }
  }
  return false;
}

QString titleOf(const Registry& registry, const std::string& op) {
  const Operation* operation = registry.find(op);
  return QString::fromStdString(operation ? operation->declaration().title : op);
}

/// The label of a parameter within a sentence: "coordinate system", "CRS".
QString labelWithin(const Registry& registry, const std::string& op, const QString& name) {
  const Operation* operation = registry.find(op);
  if (!operation) return name;
  for (const Param& param : operation->declaration().params) {
    if (param.name != name.toStdString()) continue;
    const QString label = QString::fromStdString(labelOf(param));
    const bool isAbbreviation = label.size() > 1 && label[1].isUpper();
    return isAbbreviation ? label : label.left(1).toLower() + label.mid(1);
  }
  return name;
}

template <class Count>
QString stepCount(Count count) {
  return count == 1 ? QObject::tr("a step") : QObject::tr("%1 steps").arg(count);
}

QString inputCount(int count) { return count == 1 ? QObject::tr("one input") : QObject::tr("%1 inputs").arg(count); }

/// Copies `nodes` into `chain` under free ids; wires among them are kept, wires from other nodes only if `keepOutside`.
QStringList graft(Chain& chain, const std::vector<Node>& nodes, bool keepOutside) {
  std::map<std::string, std::string> renamed;
  QStringList ids;
  for (Node node : nodes) {
    const std::string id = chain.freeId(node.id);
    renamed[node.id] = id;
    node.id = id;
    chain.nodes.push_back(node);
    ids << QString::fromStdString(id);
  }
  for (std::size_t i = chain.nodes.size() - nodes.size(); i < chain.nodes.size(); ++i) {
    for (std::string& input : chain.nodes[i].inputs) {
      const std::string source = inputNode(input);
      if (const auto found = renamed.find(source); found != renamed.end()) {
        input.replace(0, source.size(), found->second);
      } else if (!keepOutside) {
        input.clear();
      }
    }
  }
  return ids;
}

}  // namespace

QString Document::addNode(const QString& op, const Json& params, QPointF position, const QStringList& inputs) {
  Chain next = m_chain;
  Node node;
  node.op = op.toStdString();
  node.id = next.freeId(node.op);
  node.params = params.is_object() ? params : Json::object();
  for (const QString& input : inputs) node.inputs.push_back(input.toStdString());
  next.nodes.push_back(node);
  if (!position.isNull()) storePosition(next, node.id, freePlace(position, m_private->places));
  edit(tr("Add %1").arg(titleOf(*m_services.registry, node.op)), next);
  return QString::fromStdString(node.id);
}

QString Document::insertNode(const QString& op, const Json& params, const QString& consumer, int port) {
  Chain next = m_chain;
  const Node* old = next.find(consumer.toStdString());
  if (!old || port < 0 || static_cast<std::size_t>(port) >= old->inputs.size() || old->inputs[static_cast<std::size_t>(port)].empty()) {
    return {};
  }
  Node node;
  node.op = op.toStdString();
  node.id = next.freeId(node.op);
  node.params = params.is_object() ? params : Json::object();
  node.inputs = {old->inputs[static_cast<std::size_t>(port)]};

  // The new node takes the place right of its source; everything below the wire moves on as far as it must.
  const QPointF sourcePlace = position(QString::fromStdString(inputNode(node.inputs.front())));
  const QPointF consumerPlace = position(consumer);
  const QPointF place(sourcePlace.x() + kColumnStep, consumerPlace.y());
  const double shift = std::max(0.0, place.x() + kColumnStep - consumerPlace.x());
  if (shift > 0) {
    for (const Node& other : m_chain.nodes) {
      QPointF kept;
      if (reaches(m_chain, consumer.toStdString(), other.id) && storedPosition(next, other.id, &kept)) {
        storePosition(next, other.id, kept + QPointF(shift, 0));
      }
    }
  }
  QPointF kept;
  if (storedPosition(m_chain, consumer.toStdString(), &kept)) storePosition(next, node.id, place);

  setInput(*next.find(consumer.toStdString()), port, node.id);
  next.nodes.insert(next.nodes.begin() + next.indexOf(consumer.toStdString()), node);
  edit(tr("Insert %1").arg(titleOf(*m_services.registry, node.op)), next);
  return QString::fromStdString(node.id);
}

void Document::removeNodes(const QStringList& ids, bool heal) {
  std::set<std::string> gone;
  for (const QString& id : ids) {
    if (m_chain.find(id.toStdString())) gone.insert(id.toStdString());
  }
  if (gone.empty()) return;
  // What takes a removed node's place as an input: up its first inputs to one that stays.
  const auto substitute = [&](std::string input) {
    while (!input.empty() && gone.contains(inputNode(input))) {
      const Node* node = m_chain.find(inputNode(input));
      input = heal && !node->inputs.empty() ? node->inputs.front() : std::string();
    }
    return input;
  };
  Chain next = m_chain;
  std::erase_if(next.nodes, [&](const Node& node) { return gone.contains(node.id); });
  for (Node& node : next.nodes) {
    for (std::string& input : node.inputs) input = substitute(input);
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
  }
  for (const std::string& id : gone) forgetPosition(next, id);
  edit(heal ? tr("Delete %1 and reconnect").arg(stepCount(gone.size())) : tr("Delete %1").arg(stepCount(gone.size())), next);
}

void Document::connectNodes(const QString& from, const QString& to, int port) {
  if (!whyNot(from, to, port).isEmpty()) return;
  Chain next = m_chain;
  setInput(*next.find(to.toStdString()), port, from.toStdString());
  edit(tr("Connect %1 to %2").arg(stepName(from), stepName(to)), next);
}

void Document::disconnect(const QString& to, int port) {
  Chain next = m_chain;
  Node* node = next.find(to.toStdString());
  if (!node || port < 0 || static_cast<std::size_t>(port) >= node->inputs.size()) return;
  setInput(*node, port, {});
  edit(tr("Disconnect %1").arg(stepName(to)), next);
}

void Document::setParam(const QString& node, const QString& name, const Json& value) {
  Chain next = m_chain;
  Node* found = next.find(node.toStdString());
  if (!found) return;
  if (value.is_null()) {
    found->params.erase(name.toStdString());
  } else {
    found->params[name.toStdString()] = value;
  }
  if (next == m_chain) return;
  const QString key = node + QLatin1Char('/') + name;
  if (key != m_private->lastParam || m_private->sinceParam.elapsed() > kParamPauseMs) ++m_private->paramBurst;
  m_private->lastParam = key;
  m_private->sinceParam.restart();
  edit(tr("Change %1 of %2").arg(labelWithin(*m_services.registry, found->op, name), stepName(node)), next,
       QStringLiteral("param/%1/%2").arg(key).arg(m_private->paramBurst));
}

void Document::renameNode(const QString& node, const QString& newId) {
  const std::string from = node.toStdString(), to = newId.trimmed().toStdString();
  if (from == to || to.empty() || to.find('.') != std::string::npos || !m_chain.find(from) || m_chain.find(to)) return;
  Chain next = m_chain;
  next.find(from)->id = to;
  for (Node& other : next.nodes) {
    for (std::string& input : other.inputs) {
      if (inputNode(input) == from) input.replace(0, from.size(), to);
    }
    const Operation* operation = m_services.registry->find(other.op);
    if (!operation) continue;
    for (const Param& param : operation->declaration().params) {
      const auto value = param.type == ParamType::Node ? other.params.find(param.name) : other.params.end();
      if (value != other.params.end() && *value == from) *value = to;
    }
  }
  if (QPointF place; storedPosition(next, from, &place)) {
    forgetPosition(next, from);
    storePosition(next, to, place);
  }
  const QString viewed = m_viewed == node ? newId.trimmed() : m_viewed, compared = m_compared == node ? newId.trimmed() : m_compared;
  QStringList selection = m_selection;
  selection.replaceInStrings(QRegularExpression(QStringLiteral("^%1$").arg(QRegularExpression::escape(node))), newId.trimmed());
  edit(tr("Rename %1").arg(stepName(node)), next);
  setViewedNode(viewed);
  setComparedNode(compared);
  setSelection(selection);
}

void Document::setBypassed(const QStringList& ids, bool bypassed) {
  Chain next = m_chain;
  for (const QString& id : ids) {
    if (Node* node = next.find(id.toStdString())) node->bypassed = bypassed;
  }
  edit(bypassed ? tr("Bypass %1").arg(stepCount(ids.size())) : tr("Use %1 again").arg(stepCount(ids.size())), next);
}

void Document::moveNodes(const std::map<QString, QPointF>& positions) {
  Chain next = m_chain;
  QString key = QStringLiteral("move");
  for (const auto& [id, place] : positions) {
    if (!next.find(id.toStdString())) continue;
    storePosition(next, id.toStdString(), place);
    key += QLatin1Char('/') + id;
  }
  edit(tr("Move"), next, key);
}

void Document::setTitle(const QString& title) {
  Chain next = m_chain;
  next.title = title.toStdString();
  edit(tr("Change the title"), next, QStringLiteral("title"));
}

QStringList Document::duplicate(const QStringList& ids) {
  Chain next = m_chain;
  std::vector<Node> nodes;
  for (const Node& node : m_chain.nodes) {
    if (ids.contains(QString::fromStdString(node.id))) nodes.push_back(node);
  }
  if (nodes.empty()) return {};
  QStringList copies = graft(next, nodes, true);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const QPointF place = position(QString::fromStdString(nodes[i].id));
    storePosition(next, copies.at(static_cast<qsizetype>(i)).toStdString(), place + QPointF(0, kRowStep));
  }
  edit(tr("Duplicate %1").arg(stepCount(nodes.size())), next);
  return copies;
}

QString Document::copyText(const QStringList& ids) const {
  Chain part;
  part.title = m_chain.title;
  part.folder = m_chain.folder;
  for (const Node& node : m_chain.nodes) {
    if (ids.contains(QString::fromStdString(node.id))) part.nodes.push_back(node);
  }
  for (Node& node : part.nodes) {
    for (std::string& input : node.inputs) {
      if (!ids.contains(QString::fromStdString(inputNode(input)))) input.clear();
    }
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    storePosition(part, node.id, position(QString::fromStdString(node.id)));
  }
  return QString::fromStdString(chainToJson(part));
}

QStringList Document::paste(const QString& text, QPointF position) {
  const Result<Chain> part = chainFromJson(text.toStdString());
  if (!part || part->nodes.empty()) return {};
  const auto places = layoutOf(*part);
  QPointF corner = places.begin()->second;
  for (const auto& [id, place] : places) corner = QPointF(std::min(corner.x(), place.x()), std::min(corner.y(), place.y()));
  Chain next = m_chain;
  QStringList ids = graft(next, part->nodes, false);
  for (std::size_t i = 0; i < part->nodes.size(); ++i) {
    storePosition(next, ids.at(static_cast<qsizetype>(i)).toStdString(), places.at(part->nodes[i].id) - corner + position);
  }
  edit(tr("Paste %1").arg(stepCount(ids.size())), next);
  return ids;
}

QString Document::whyNot(const QString& from, const QString& to, int port) const {
  const Node* source = m_chain.find(from.section(QLatin1Char('.'), 0, 0).toStdString());
  const Node* target = m_chain.find(to.toStdString());
  if (!source || !target) return tr("that step is not in the chain");
  if (source == target) return tr("a step cannot feed itself");
  const Operation* sourceOp = m_services.registry->find(source->op);
  const Operation* targetOp = m_services.registry->find(target->op);
  if (sourceOp && sourceOp->declaration().role == Role::Sink) {
    return tr("%1 ends a chain: it hands nothing on").arg(QString::fromStdString(sourceOp->declaration().title));
  }
  if (targetOp && port >= targetOp->declaration().maxInputs()) {
    const auto& declaration = targetOp->declaration();
    return declaration.maxInputs() == 0
               ? tr("%1 starts a chain: it takes no input").arg(QString::fromStdString(declaration.title))
               : tr("%1 takes no more than %2").arg(QString::fromStdString(declaration.title), inputCount(declaration.maxInputs()));
  }
  if (reaches(m_chain, target->id, source->id)) return tr("that would be a cycle");
  return {};
}

}  // namespace cubeloom
