// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of places and datasets; folders are listed on a worker when they are first opened.
#pragma once

#include <QAbstractItemModel>
#include <memory>
#include <vector>

#include "ui/async/latest_task.h"
#include "ui/browser/folder_scan.h"

namespace cubeloom {

/// What is known of a dataset's header.
enum class HeaderState { Unread, Reading, Ready, NotAnswering, Unsupported };

/// One column. GUI thread only.
class BrowserModel : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Role { PathRole = Qt::UserRole + 1, KindRole, NoteRole, StateRole, NodeRole };
  enum Kind { Group, Folder, Dataset, Note };

  /// A dataset of the open chain.
  struct ChainDataset {
    QString node, path;
    QString step = {};  ///< its name for people
    bool operator==(const ChainDataset&) const = default;
  };

  explicit BrowserModel(QObject* parent = nullptr);
  ~BrowserModel() override;

  void setChainDatasets(const std::vector<ChainDataset>& datasets);
  void setRecent(const QStringList& paths);
  /// Folders shown as places of their own, new ones at the end; `home` among them is called "Home".
  void setFolders(const QStringList& paths, const QString& home);
  /// For every row of that dataset. `note` replaces the size at the right; empty: the size again.
  void setHeaderState(const QString& path, HeaderState state, const QString& note);
  /// Lists a folder anew.
  void rescan(const QModelIndex& folder);
  /// First row of a dataset, those of the chain first; invalid when it is not in the loaded part of the tree.
  QModelIndex indexOfDataset(const QString& path) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  bool hasChildren(const QModelIndex& parent = {}) const override;
  bool canFetchMore(const QModelIndex& parent) const override;
  void fetchMore(const QModelIndex& parent) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QStringList mimeTypes() const override;
  QMimeData* mimeData(const QModelIndexList& indexes) const override;

 private:
  struct Item;
  Item* itemAt(const QModelIndex& index) const;
  QModelIndex indexOf(const Item* item) const;
  void setChildren(Item* parent, std::vector<std::unique_ptr<Item>> children);
  void listed(Item* folder, const FolderListing& listing);
  void forEachDataset(Item* item, const QString& path, const std::function<void(Item*)>& visit) const;

  std::unique_ptr<Item> m_root;
  Item* m_chain = nullptr;
  Item* m_recent = nullptr;
};

}  // namespace cubeloom
