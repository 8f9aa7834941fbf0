// SPDX-License-Identifier: GPL-3.0-or-later
// The outline's tree, its selection and menus.
#include "ui/outline/outline_view.h"

#include <QHeaderView>
#include <QMenu>
#include <QTreeView>
#include <QVBoxLayout>

#include "ui/document/chain_edits.h"
#include "ui/steps/add_list.h"

namespace cubeloom {

namespace {

constexpr int kStepWidth = 200, kStateWidth = 90;

}  // namespace

OutlineView::OutlineView(Document& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_model(new OutlineModel(document, nullptr, this)),
      m_tree(new QTreeView),
      m_commands(new NodeCommands(document, nullptr, this)),
      m_addList(new AddList(document.services().registry, this)) {
  m_tree->setModel(m_model);
  m_tree->setAccessibleName(tr("Outline of the chain"));
  m_tree->setAccessibleDescription(tr("Insert adds a step after the current one, F2 renames, Enter on an input connects it"));
  m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
  m_tree->setUniformRowHeights(true);
  // Fixed widths: sizing to contents would measure every row at every change.
  m_tree->header()->resizeSection(OutlineModel::Step, kStepWidth);
  m_tree->header()->resizeSection(OutlineModel::State, kStateWidth);
  m_tree->header()->setStretchLastSection(true);
  setFocusProxy(m_tree);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(m_tree);

  auto* add = new QAction(tr("Add a step…"), this);
  add->setObjectName(QStringLiteral("addStep"));
  add->setShortcuts({Qt::Key_Insert, Qt::SHIFT | Qt::Key_A});
  add->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  addAction(add);
  connect(add, &QAction::triggered, this, &OutlineView::addStep);
  connect(m_addList, &AddList::chosen, this, &OutlineView::addChosen);
  connect(m_commands, &NodeCommands::renameRequested, this, [this](const QString& node) { m_tree->edit(m_model->indexOf(node)); });
  connect(m_tree, &QTreeView::customContextMenuRequested, this, &OutlineView::showMenu);
  connect(m_tree, &QTreeView::activated, this, [this](const QModelIndex& index) {
    if (index.data(OutlineModel::PortRole).toInt() >= 0)
      chooseSource(m_tree->viewport()->mapToGlobal(m_tree->visualRect(index).bottomLeft()));
  });
  connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &OutlineView::takeSelection);
  connect(&document, &Document::selectionChanged, this, &OutlineView::showSelection);
  connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
    m_tree->expandAll();
    showSelection();
  });
  m_tree->expandAll();
  showSelection();
}

void OutlineView::showSelection() {
  if (m_following) return;
  m_following = true;
  QItemSelection selection;
  for (const QString& node : m_document.selection()) {
    const QModelIndex index = m_model->indexOf(node);
    if (index.isValid()) selection.select(index, index.siblingAtColumn(OutlineModel::ColumnCount - 1));
  }
  QItemSelectionModel* model = m_tree->selectionModel();
  model->select(selection, QItemSelectionModel::ClearAndSelect);
  if (!m_document.selection().isEmpty())
    model->setCurrentIndex(m_model->indexOf(m_document.selection().last()), QItemSelectionModel::NoUpdate);
  m_following = false;
}

void OutlineView::takeSelection() {
  if (m_following) return;
  m_following = true;
  QStringList nodes;
  for (const QModelIndex& index : m_tree->selectionModel()->selectedRows()) {
    const QString node = m_model->nodeAt(index);
    if (!nodes.contains(node)) nodes << node;
  }
  // The current one last: it is what single-step commands and the inspector take.
  const QString current = m_model->nodeAt(m_tree->currentIndex());
  if (nodes.removeOne(current)) nodes << current;
  m_document.setSelection(nodes);
  m_following = false;
}

void OutlineView::showMenu(QPoint position) {
  const QModelIndex index = m_tree->indexAt(position);
  const QPoint globalPos = m_tree->viewport()->mapToGlobal(position);
  if (index.isValid() && index.data(OutlineModel::PortRole).toInt() >= 0) {
    m_tree->setCurrentIndex(index);
    chooseSource(globalPos);
    return;
  }
  QMenu menu(this);
  for (QAction* action : actions())
    if (action->objectName() == QLatin1String("addStep")) menu.addAction(action);
  menu.addSeparator();
  m_commands->fillMenu(menu);
  menu.exec(globalPos);
}

void OutlineView::chooseSource(QPoint globalPos) {
  const QModelIndex port = m_tree->currentIndex();
  const int number = port.data(OutlineModel::PortRole).toInt();
  const QString consumer = m_model->nodeAt(port);
  if (number < 0 || consumer.isEmpty()) return;
  QMenu menu(this);
  for (const Node& node : m_document.chain().nodes) {
    const QString id = QString::fromStdString(node.id);
    const QString why = m_document.whyNot(id, consumer, number);
    const QString name = m_document.stepName(id);
    QAction* action = menu.addAction(why.isEmpty() ? name : tr("%1 (%2)").arg(name, why), this,
                                     [this, id, consumer, number] { m_document.connectNodes(id, consumer, number); });
    action->setEnabled(why.isEmpty());
  }
  menu.addSeparator();
  menu.addAction(tr("Disconnect"), this, [this, consumer, number] { m_document.disconnect(consumer, number); });
  menu.exec(globalPos);
}

void OutlineView::addStep() {
  const QStringList selection = m_document.selection();
  const QString hint =
      selection.size() == 1 ? tr("After %1 when it takes an input").arg(m_document.stepName(selection.first())) : QString();
  m_addList->popup(m_tree->viewport()->mapToGlobal(m_tree->visualRect(m_tree->currentIndex()).bottomLeft()), hint);
}

void OutlineView::addChosen(const QString& operation) {
  const Operation* found = m_document.services().registry->find(operation.toStdString());
  if (!found) return;
  const QStringList selection = m_document.selection();
  const QString before = selection.size() == 1 ? selection.first() : QString();
  const Node* node = m_document.chain().find(before.toStdString());
  const Operation* source = node ? m_document.services().registry->find(node->op) : nullptr;
  QStringList inputs;
  if (source && source->declaration().role != Role::Sink && found->declaration().maxInputs() > 0) inputs << before;
  const QString id = m_document.addNode(operation, Json::object(), {}, inputs);
  m_document.setSelection({id});
  m_tree->setFocus();
}

}  // namespace cubeloom
