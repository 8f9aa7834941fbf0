// SPDX-License-Identifier: GPL-3.0-or-later
// The actions on steps.
#include "ui/steps/node_commands.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>

#include "ui/document/chain_edits.h"
#include "ui/words/chain_text.h"

namespace cubeloom {

NodeCommands::NodeCommands(Document& document, Session* session, QWidget* host)
    : QObject(host), m_document(document), m_session(session), m_host(host), m_code(document) {
  const auto selected = [this] { return m_document.selection(); };
  add("view", tr("View here"), {Qt::Key_V}, [this] { m_document.setViewedNode(current()); });
  add("compare", tr("Compare as B"), {Qt::SHIFT | Qt::Key_V},
      [this] { m_document.setComparedNode(m_document.comparedNode() == current() ? QString() : current()); });
  if (m_session) add("runToHere", tr("Run to here"), {}, [this] { m_session->start(current()); });
  m_actions << nullptr;
  add("rename", tr("Rename…"), {Qt::Key_F2}, [this] { Q_EMIT renameRequested(current()); });
  add("bypass", tr("Bypass"), {Qt::Key_M}, [this, selected] {
    bool all = true;
    for (const QString& id : selected()) {
      const Node* node = m_document.chain().find(id.toStdString());
      all = all && node && node->bypassed;
    }
    m_document.setBypassed(selected(), !all);
  });
  add("connect", tr("Connect in order"), {Qt::Key_C}, [this, selected] { connectInOrder(m_document, selected()); });
  m_actions << nullptr;
  add("cut", tr("Cut"), QKeySequence::keyBindings(QKeySequence::Cut), [this, selected] {
    QApplication::clipboard()->setText(m_document.copyText(selected()));
    m_document.removeNodes(selected(), false);
  });
  add("copy", tr("Copy"), QKeySequence::keyBindings(QKeySequence::Copy),
      [this, selected] { QApplication::clipboard()->setText(m_document.copyText(selected())); });
  add("paste", tr("Paste"), QKeySequence::keyBindings(QKeySequence::Paste), [this] {
    const QStringList ids = m_document.paste(QApplication::clipboard()->text(), m_pastePosition ? m_pastePosition() : QPointF(20, 20));
    if (!ids.isEmpty()) m_document.setSelection(ids);
  });
  add("duplicate", tr("Duplicate"), {Qt::CTRL | Qt::Key_D}, [this, selected] {
    const QStringList ids = m_document.duplicate(selected());
    if (!ids.isEmpty()) m_document.setSelection(ids);
  });
  add("copyCommand", tr("Copy as command"), {}, [this] {
    const QString command = commandFor(m_document.chain(), current(), *m_document.services().registry);
    if (!command.isEmpty()) QApplication::clipboard()->setText(command);  // what lies there is not lost for nothing
  });
  add("copyPython", tr("Copy as Python"), {}, [this] { copyAs(QStringLiteral("python")); });
  add("copyGdal", tr("Copy as GDAL commands"), {}, [this] { copyAs(QStringLiteral("gdal")); });
  m_actions << nullptr;
  add("remove", tr("Delete"), {Qt::Key_Delete, Qt::Key_Backspace}, [this, selected] { m_document.removeNodes(selected(), false); });
  add("removeHeal", tr("Delete and reconnect"), {Qt::CTRL | Qt::Key_Delete},
      [this, selected] { m_document.removeNodes(selected(), true); });
  m_actions << nullptr;
  add("selectAll", tr("Select all"), QKeySequence::keyBindings(QKeySequence::SelectAll), [this] {
    QStringList all;
    for (const Node& node : m_document.chain().nodes) all << QString::fromStdString(node.id);
    m_document.setSelection(all);
  });
  add("layout", tr("Lay out"), {Qt::Key_L}, [this] {
    m_document.moveNodes(layoutChain(m_document));
    Q_EMIT laidOut();
  });
  connect(&document, &Document::selectionChanged, this, &NodeCommands::refresh);
  connect(&document, &Document::chainChanged, this, &NodeCommands::refresh);
  refresh();
}

QAction* NodeCommands::add(const QString& name, const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
  auto* action = new QAction(text, this);
  action->setObjectName(name);
  action->setShortcuts(keys);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  m_host->addAction(action);
  m_actions << action;
  return action;
}

void NodeCommands::copyAs(const QString& language) {
  m_code.start(language, current(), [](const Result<ExportedChain>& code) {
    if (code) QApplication::clipboard()->setText(QString::fromStdString(code->text));
  });
}

QString NodeCommands::current() const { return m_document.selection().isEmpty() ? QString() : m_document.selection().last(); }

QAction* NodeCommands::action(const QString& name) const {
  for (QAction* action : m_actions)
    if (action && action->objectName() == name) return action;
  return nullptr;
}

void NodeCommands::refresh() {
  const bool any = !m_document.selection().isEmpty();
  const bool nodes = !m_document.chain().nodes.empty();
  for (QAction* action : m_actions) {
    if (!action) continue;
    const QString name = action->objectName();
    if (name == QLatin1String("paste")) continue;
    const bool ofAll = name == QLatin1String("selectAll") || name == QLatin1String("layout");
    action->setEnabled(ofAll ? nodes : name == QLatin1String("connect") ? m_document.selection().size() > 1 : any);
  }
}

void NodeCommands::fillMenu(QMenu& menu) const {
  for (QAction* action : m_actions) {
    if (action)
      menu.addAction(action);
    else
      menu.addSeparator();
  }
}

}  // namespace cubeloom
