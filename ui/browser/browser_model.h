// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of places and datasets: folders, catalogs and files of several arrays are listed on a worker when they are first opened.
#pragma once

#include <QAbstractItemModel>
#include <memory>
#include <vector>

#include "engine/base/background.h"
#include "engine/chain/services.h"
#include "ui/async/mailbox.h"
#include "ui/browser/place_listing.h"

namespace cubeloom {

/// What is known of a dataset's header.
enum class HeaderState { Unread, Reading, Ready, NotAnswering, Unsupported };

/// One column. GUI thread only.
class BrowserModel : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Role { PathRole = Qt::UserRole + 1, KindRole, NoteRole, StateRole, NodeRole, VariableRole, ProblemRole, DriverRole };
  enum Kind { Group, Folder, Catalog, Dataset, Variable, Set, Note };

  /// A dataset of the open chain.
  struct ChainDataset {
    QString node, path;
    QString step = {};  ///< its name for people
    bool operator==(const ChainDataset&) const = default;
  };

  explicit BrowserModel(const Services& services, QObject* parent = nullptr);
  ~BrowserModel() override;

  void setChainDatasets(const std::vector<ChainDataset>& datasets);
  void setRecent(const QStringList& paths);
  /// Folders and catalogs shown as places of their own, new ones at the end; `home` among them is called "Home".
  void setPlaces(const QStringList& paths, const QString& home);
  /// For every row of that dataset. `note` replaces the size at the right; empty: the size again.
  void setHeaderState(const QString& path, HeaderState state, const QString& note);
  /// What its header says, for every row of that dataset.
  void addFacts(const QString& path, const DatasetFacts& facts);
  /// Lists a place anew, or no longer waits for it.
  void rescan(const QModelIndex& place);
  void stopListing(const QModelIndex& place);
  bool isListing(const QModelIndex& place) const;
  /// First row of a dataset, those of the chain first; invalid when it is not in the loaded part of the tree.
  QModelIndex indexOfDataset(const QString& path) const;
  /// What is known of a row; null for groups, folders and notes.
  const DatasetFacts* factsOf(const QModelIndex& index) const;
  /// Rows of datasets, each path once, in the order of the tree.
  QModelIndexList datasets() const;

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

 signals:
  /// A place has been listed: there may be datasets that were not there before.
  void listed();

 private:
  struct Item;
  Item* itemAt(const QModelIndex& index) const;
  QModelIndex indexOf(const Item* item) const;
  void setChildren(Item* parent, std::vector<std::unique_ptr<Item>> children);
  static std::unique_ptr<Item> itemOf(const PlaceEntry& entry, Item* parent);
  static std::unique_ptr<Item> datasetItem(const QString& path, const QString& note);
  void take(Item* place, const PlaceListing& listing);
  void forEach(Item* item, const std::function<void(Item*)>& visit) const;
  static QString toolTip(const Item& item);
  static QString noteOf(const Item& item);

  Services m_services;
  std::unique_ptr<Item> m_root;
  Item* m_chain = nullptr;
  Item* m_recent = nullptr;
  quint64 m_lastListing = 0;
  Mailbox m_mailbox;
  Background m_background{3};  ///< lists places: one that does not answer keeps none of the others; last, as a Mailbox wants it
};

}  // namespace cubeloom
