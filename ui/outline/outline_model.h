// SPDX-License-Identifier: GPL-3.0-or-later
// The chain as a tree for the outline: steps in the order of work, below each its inputs.
#pragma once

#include <QAbstractItemModel>
#include <vector>

#include "ui/document/document.h"

namespace cubeloom {

class RunStates;

/// Columns: step, state, output. Steps are top level; their children are their input ports and their output. GUI thread only.
class OutlineModel : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Column { Step, State, Output, ColumnCount };
  enum Role { NodeRole = Qt::UserRole, PortRole };

  /// `runs` may be null.
  explicit OutlineModel(Document& document, RunStates* runs = nullptr, QObject* parent = nullptr);

  QModelIndex indexOf(const QString& node) const;
  QString nodeAt(const QModelIndex& index) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  /// Renames a step.
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;

 private:
  struct Row {
    QString node, title, name, state, detail, output;
    QStringList inputs;  ///< source ids, one per port
    bool operator==(const Row&) const = default;
  };
  void rebuild();
  std::vector<Row> rows() const;

  Document& m_document;
  RunStates* m_runs;
  std::vector<Row> m_rows;
};

}  // namespace cubeloom
