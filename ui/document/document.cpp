// SPDX-License-Identifier: GPL-3.0-or-later
// The document's life: files, undo, binding on a worker, view state. The edits themselves are in document_edits.cpp.
#include "ui/document/document.h"

#include <QDir>
#include <QFileInfo>
#include <QUndoCommand>

#include "engine/base/guard.h"
#include "engine/chain/chain_paths.h"
#include "ui/document/chain_layout.h"
#include "ui/document/document_private.h"
#include "ui/words/chain_text.h"

namespace cubeloom {

/// One step of undo: the whole chain before and after, which no edit can get wrong.
class ChainCommand : public QUndoCommand {
 public:
  ChainCommand(Document* document, const QString& text, Chain after, const QString& mergeKey)
      : QUndoCommand(text), m_document(document), m_before(document->chain()), m_after(std::move(after)), m_mergeKey(mergeKey) {}
  void redo() override { m_document->apply(m_after); }
  void undo() override { m_document->apply(m_before); }
  int id() const override { return m_mergeKey.isEmpty() ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const ChainCommand*>(other);
    if (next->m_mergeKey != m_mergeKey) return false;
    m_after = next->m_after;
    setObsolete(m_after == m_before);
    return true;
  }

 private:
  Document* m_document;
  Chain m_before, m_after;
  QString m_mergeKey;
};

Document::Document(Services services, QObject* parent)
    : QObject(parent), m_services(std::move(services)), m_private(std::make_unique<Private>()) {
  m_private->sinceParam.start();
}

Document::~Document() { m_private->background.waitForDone(); }

void Document::newChain() { setChain(Chain{}); }

bool Document::open(const QString& path, QString* error) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  Result<Chain> chain = loadChain(absolute.toStdString());
  if (!chain) {
    if (error) *error = QString::fromStdString(chain.error().text());
    return false;
  }
  if (chain->folder.empty()) chain->folder = QFileInfo(absolute).path().toStdString();
  setChain(*chain);
  m_path = absolute;
  Q_EMIT pathChanged();
  return true;
}

bool Document::save(const QString& path, QString* error) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  const Chain chain = rebased(m_chain, QFileInfo(absolute).path().toStdString(), *m_services.registry);
  if (const auto saved = saveChain(chain, absolute.toStdString()); !saved) {
    if (error) *error = QString::fromStdString(saved.error().text());
    return false;
  }
  m_path = absolute;
  m_undo.setClean();
  if (!(chain == m_chain)) apply(chain);
  Q_EMIT pathChanged();
  return true;
}

QString Document::name() const {
  if (!m_chain.title.empty()) return QString::fromStdString(m_chain.title);
  return m_path.isEmpty() ? tr("New chain") : QFileInfo(m_path).completeBaseName();
}

namespace {

/// The node that `view` of a chain file names under `key`; empty: none.
QString nodeNamedBy(const Chain& chain, const char* key) {
  if (!chain.view.is_object()) return {};
  const auto named = chain.view.find(key);
  if (named == chain.view.end() || !named->is_string() || !chain.find(named->get<std::string>())) return {};
  return QString::fromStdString(named->get<std::string>());
}

}  // namespace

void Document::restore(const QString& path, const Chain& chain) {
  if (path.isEmpty() || !open(path, nullptr)) newChain();
  edit(tr("Restore edits"), chain);
}

void Document::setChain(const Chain& chain) {
  Q_EMIT replaced();
  m_undo.clear();
  m_path.clear();
  m_graph.reset();
  m_chain = {};  // bound anew, even where it is the same chain again
  setSelection({});
  m_viewed.clear();
  m_compared.clear();
  apply(chain);
  // The eye lies on the last step that has a picture of its own.
  if (const auto order = topologicalOrder(m_chain)) {
    for (const int index : *order) {
      const Node& node = m_chain.nodes[static_cast<std::size_t>(index)];
      const Operation* operation = m_services.registry->find(node.op);
      if (operation && operation->declaration().role != Role::Sink) m_viewed = QString::fromStdString(node.id);
    }
  }
  // Unless the chain says where to look, and what to look at beside it.
  if (const QString eye = nodeNamedBy(m_chain, "eye"); !eye.isEmpty()) m_viewed = eye;
  m_compared = nodeNamedBy(m_chain, "beside");
  Q_EMIT viewChanged();
  Q_EMIT pathChanged();
}

void Document::edit(const QString& text, Chain next, const QString& mergeKey) {
  if (next == m_chain) return;
  m_undo.push(new ChainCommand(this, text, std::move(next), mergeKey));
}

void Document::apply(const Chain& chain) {
  const bool sameResult = m_chain.nodes == chain.nodes && m_chain.folder == chain.folder;
  m_chain = chain;
  m_private->places = layoutOf(m_chain);

  const auto gone = [this](const QString& id) { return !m_chain.find(id.toStdString()); };
  QStringList kept = m_selection;
  kept.removeIf(gone);
  const bool selectionShrank = kept.size() != m_selection.size();
  m_selection = kept;
  bool viewMoved = false;
  for (QString* id : {&m_viewed, &m_compared}) {
    if (id->isEmpty() || !gone(*id)) continue;
    id->clear();
    viewMoved = true;
  }
  Q_EMIT chainChanged();
  if (selectionShrank) Q_EMIT selectionChanged();
  if (viewMoved) Q_EMIT viewChanged();
  if (!sameResult) startBinding();
}

void Document::startBinding() {
  if (m_binding) {
    m_bindAgain = true;
    return;
  }
  m_binding = true;
  m_bindAgain = false;
  Q_EMIT bindingChanged();
  m_private->background.start([this, chain = m_chain, services = m_services] {
    auto bound = guarded([&] { return bindChain(chain, *services.registry, *services.sources); });
    std::shared_ptr<const Graph> graph = bound ? *bound : nullptr;
    m_private->mailbox.post([this, graph] {
      m_binding = false;
      m_graph = graph;
      if (m_bindAgain) startBinding();
      Q_EMIT graphChanged();
      if (!m_binding) Q_EMIT bindingChanged();
    });
  });
}

const ArraySpec* Document::specOf(const QString& node) const { return m_graph ? m_graph->specOf(node.toStdString()) : nullptr; }

QString Document::stepName(const QString& node) const {
  const Node* found = m_chain.find(node.toStdString());
  const Operation* operation = found ? m_services.registry->find(found->op) : nullptr;
  if (!operation) return node;
  return stepText(QString::fromStdString(operation->declaration().title), found->op, found->id);
}

QPointF Document::position(const QString& node) const {
  const auto found = m_private->places.find(node.toStdString());
  return found == m_private->places.end() ? QPointF() : found->second;
}

void Document::setSelection(const QStringList& ids) {
  if (ids == m_selection) return;
  m_selection = ids;
  Q_EMIT selectionChanged();
}

void Document::setViewedNode(const QString& id) {
  if (id == m_viewed) return;
  m_viewed = id;
  Q_EMIT viewChanged();
}

void Document::setComparedNode(const QString& id) {
  if (id == m_compared) return;
  m_compared = id;
  Q_EMIT viewChanged();
}

}  // namespace cubeloom
