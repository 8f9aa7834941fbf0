// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the outline.
#include "ui/outline/outline_model.h"

#include <algorithm>
#include <numeric>

#include "ui/steps/node_facts.h"
#include "ui/steps/run_states.h"

namespace cubeloom {

namespace {

constexpr quintptr kTopLevel = 0;  // else: the step's row + 1

QString stateText(const Document& document, const NodeFacts& facts, const NodeRun& run) {
  if (!facts.error.isEmpty()) return QObject::tr("error");
  if (facts.bypassed) return QObject::tr("bypassed");
  if (run.state != NodeState::Idle) {
    const QString text = nodeStateText(run.state);
    return run.label.isEmpty() ? text : text + QStringLiteral(" · ") + run.label;
  }
  if (!facts.warnings.isEmpty()) return QObject::tr("warning");
  if (facts.bound) return QObject::tr("ready");
  return document.isBinding() ? QObject::tr("reading…") : QObject::tr("not known");
}

}  // namespace

OutlineModel::OutlineModel(Document& document, RunStates* runs, QObject* parent)
    : QAbstractItemModel(parent), m_document(document), m_runs(runs), m_rows(rows()) {
  connect(&document, &Document::chainChanged, this, &OutlineModel::rebuild);
  connect(&document, &Document::graphChanged, this, &OutlineModel::rebuild);
  if (runs) connect(runs, &RunStates::changed, this, &OutlineModel::rebuild);
}

std::vector<OutlineModel::Row> OutlineModel::rows() const {
  const Chain& chain = m_document.chain();
  std::vector<int> order(chain.nodes.size());
  std::iota(order.begin(), order.end(), 0);
  if (auto sorted = topologicalOrder(chain)) order = std::move(*sorted);
  std::vector<Row> rows;
  for (int index : order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(index)];
    const NodeFacts facts = nodeFacts(m_document, nullptr, node);
    Row row;
    row.node = facts.id;
    row.title = facts.title;
    row.name = facts.name;
    row.state = stateText(m_document, facts, m_runs ? m_runs->of(facts.id) : NodeRun());
    row.detail = !facts.errorDetail.isEmpty() ? facts.errorDetail : (QStringList(facts.summary) + facts.warnings).join(QLatin1Char('\n'));
    row.inputs = facts.inputs;
    row.output = portCardLines(m_document, nullptr, facts.id).value(0);
    rows.push_back(std::move(row));
  }
  return rows;
}

void OutlineModel::rebuild() {
  std::vector<Row> next = rows();
  const auto samePlace = [](const Row& a, const Row& b) { return a.node == b.node && a.inputs.size() == b.inputs.size(); };
  if (next.size() == m_rows.size() && std::equal(next.begin(), next.end(), m_rows.begin(), samePlace)) {
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (next[i] == m_rows[i]) continue;
      m_rows[i] = next[i];
      const QModelIndex step = index(static_cast<int>(i), 0);
      Q_EMIT dataChanged(step, step.siblingAtColumn(ColumnCount - 1));
      if (const int ports = rowCount(step)) Q_EMIT dataChanged(index(0, 0, step), index(ports - 1, ColumnCount - 1, step));
    }
    return;
  }
  beginResetModel();
  m_rows = std::move(next);
  endResetModel();
}

QModelIndex OutlineModel::indexOf(const QString& node) const {
  for (std::size_t i = 0; i < m_rows.size(); ++i)
    if (m_rows[i].node == node) return index(static_cast<int>(i), 0);
  return {};
}

QString OutlineModel::nodeAt(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  const auto row =
      index.internalId() == kTopLevel ? static_cast<std::size_t>(index.row()) : static_cast<std::size_t>(index.internalId() - 1);
  return row < m_rows.size() ? m_rows[row].node : QString();
}

QModelIndex OutlineModel::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent)) return {};
  return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : kTopLevel);
}

QModelIndex OutlineModel::parent(const QModelIndex& child) const {
  if (!child.isValid() || child.internalId() == kTopLevel) return {};
  return createIndex(static_cast<int>(child.internalId() - 1), 0, kTopLevel);
}

int OutlineModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) return static_cast<int>(m_rows.size());
  if (parent.internalId() != kTopLevel || parent.column() != 0) return 0;
  return static_cast<int>(m_rows[static_cast<std::size_t>(parent.row())].inputs.size());
}

int OutlineModel::columnCount(const QModelIndex&) const { return ColumnCount; }

QVariant OutlineModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const bool isPort = index.internalId() != kTopLevel;
  const Row& row = m_rows[isPort ? static_cast<std::size_t>(index.internalId() - 1) : static_cast<std::size_t>(index.row())];
  if (role == NodeRole) return row.node;
  if (role == PortRole) return isPort ? index.row() : -1;
  if (isPort) {
    const QString source = row.inputs.value(index.row());
    const auto nameOf = [this](const QString& node) { return node.isEmpty() ? tr("not connected") : m_document.stepName(node); };
    if (role == Qt::DisplayRole && index.column() == Step)
      return row.inputs.size() > 1 ? tr("Input %1: %2").arg(index.row() + 1).arg(nameOf(source)) : tr("Input: %1").arg(nameOf(source));
    if (role == Qt::DisplayRole && index.column() == Output) return portCardLines(m_document, nullptr, source).value(0);
    return {};
  }
  if (role == Qt::DisplayRole || role == Qt::EditRole) {
    switch (index.column()) {
      case Step: return role == Qt::EditRole ? row.node : row.name.isEmpty() ? row.title : row.title + QStringLiteral(" · ") + row.name;
      case State: return row.state;
      case Output: return row.output;
      default: return {};
    }
  }
  if (role == Qt::ToolTipRole) return row.detail;
  if (role == Qt::AccessibleTextRole) return QStringList{row.title, row.name, row.state, row.output}.join(QStringLiteral(", "));
  if (role == Qt::AccessibleDescriptionRole) return row.detail;
  return {};
}

QVariant OutlineModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Step: return tr("Step");
    case State: return tr("State");
    case Output: return tr("Output");
    default: return {};
  }
}

Qt::ItemFlags OutlineModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  if (index.internalId() == kTopLevel && index.column() == Step) flags |= Qt::ItemIsEditable;
  if (index.internalId() != kTopLevel) flags |= Qt::ItemNeverHasChildren;
  return flags;
}

bool OutlineModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::EditRole || !index.isValid() || index.internalId() != kTopLevel || index.column() != Step) return false;
  const QString node = nodeAt(index), name = value.toString().trimmed();
  if (name.isEmpty() || name == node || m_document.chain().find(name.toStdString())) return false;
  m_document.renameNode(node, name);
  return m_document.chain().find(name.toStdString()) != nullptr;
}

}  // namespace cubeloom
