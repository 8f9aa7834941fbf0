// SPDX-License-Identifier: GPL-3.0-or-later
// The open chain with its undo stack: every editor reads it and changes it through here, so that all views stay in step.
#pragma once

#include <QObject>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <QUndoStack>
#include <memory>

#include "engine/chain/chain.h"
#include "engine/chain/graph.h"
#include "engine/chain/services.h"

namespace cubeloom {

/// GUI thread only. Binding (opening headers, inferring specs) happens on a worker; `graph()` is the last result.
class Document : public QObject {
  Q_OBJECT
 public:
  explicit Document(Services services, QObject* parent = nullptr);
  ~Document() override;

  const Services& services() const { return m_services; }
  const Chain& chain() const { return m_chain; }
  QUndoStack* undoStack() { return &m_undo; }

  // Files. The path is empty for a new chain.
  QString path() const { return m_path; }
  /// For people: the title, else the file's name, else "New chain".
  QString name() const;
  bool isModified() const { return !m_undo.isClean(); }
  void newChain();
  /// Replaces the document; the undo stack starts anew. False with `error` set when it cannot be read; nothing is changed then.
  bool open(const QString& path, QString* error);
  bool save(const QString& path, QString* error);
  /// A chain without a file (sample, pasted).
  void setChain(const Chain& chain);
  /// Edits that were never saved, as of a program that was killed: `chain` on top of what the file at `path` holds (empty, or no chain
  /// any more: on top of nothing). One undo takes them back.
  void restore(const QString& path, const Chain& chain);

  // Edits: one undo command each, holding the whole chain before and after. Edits with the same `mergeKey` (not empty) in a row merge.
  void edit(const QString& text, Chain next, const QString& mergeKey = {});
  /// Adds a node; its first free inputs are wired to `inputs`. Returns its id.
  QString addNode(const QString& op, const Json& params, QPointF position, const QStringList& inputs = {});
  /// Puts a new node into the wire that ends at `port` of `consumer`. Returns its id.
  QString insertNode(const QString& op, const Json& params, const QString& consumer, int port);
  /// `heal`: consumers are wired to the removed node's first input.
  void removeNodes(const QStringList& ids, bool heal);
  void connectNodes(const QString& from, const QString& to, int port);
  void disconnect(const QString& to, int port);
  void setParam(const QString& node, const QString& name, const Json& value);  ///< a null value removes it
  void renameNode(const QString& node, const QString& newId);
  void setBypassed(const QStringList& ids, bool bypassed);
  void moveNodes(const std::map<QString, QPointF>& positions);
  void setTitle(const QString& title);
  QStringList duplicate(const QStringList& ids);
  /// The nodes as chain JSON text, and back.
  QString copyText(const QStringList& ids) const;
  QStringList paste(const QString& text, QPointF position);

  /// Position on the canvas; nodes without one get a place to the right of their inputs.
  QPointF position(const QString& node) const;
  /// Why `from` cannot be wired to `to` ("that would be a cycle"); empty when it can.
  QString whyNot(const QString& from, const QString& to, int port) const;

  // View state: not undoable, shared by all zones.
  QStringList selection() const { return m_selection; }
  void setSelection(const QStringList& ids);
  QString viewedNode() const { return m_viewed; }      ///< A: the node with the eye
  QString comparedNode() const { return m_compared; }  ///< B: other side of the swipe, or empty
  void setViewedNode(const QString& id);
  void setComparedNode(const QString& id);

  /// The last bound graph; null until the first binding is done. May be of an older chain while isBinding().
  std::shared_ptr<const Graph> graph() const { return m_graph; }
  bool isBinding() const { return m_binding; }
  /// The spec of a node in graph(); null when it has none.
  const ArraySpec* specOf(const QString& node) const;
  /// Binds the chain again: its files have changed.
  void rebind() { startBinding(); }
  /// "Reproject", or "Reproject grid" where the step has a name of its own: what people call it.
  QString stepName(const QString& node) const;

 signals:
  /// Another chain is edited from now on; chainChanged() follows.
  void replaced();
  void chainChanged();
  void graphChanged();
  void bindingChanged();
  void selectionChanged();
  void viewChanged();
  void pathChanged();

 private:
  friend class ChainCommand;
  void apply(const Chain& chain);
  void startBinding();

  Services m_services;
  Chain m_chain;
  QUndoStack m_undo;
  QString m_path;
  QStringList m_selection;
  QString m_viewed, m_compared;
  std::shared_ptr<const Graph> m_graph;
  bool m_binding = false, m_bindAgain = false;
  struct Private;
  std::unique_ptr<Private> m_private;
};

}  // namespace cubeloom
