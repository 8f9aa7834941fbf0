// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/browser_model.h"

#include <QFileInfo>
#include <QMimeData>
#include <QUrl>
#include <algorithm>

#include "ui/steps/drop_types.h"
#include "ui/words/number_text.h"

namespace cubeloom {

struct BrowserModel::Item {
  Kind kind = Group;
  QString name, path, note, node;
  double bytes = 0;
  HeaderState state = HeaderState::Unread;
  QString stateNote;
  bool listed = true;
  Item* parent = nullptr;
  std::vector<std::unique_ptr<Item>> children;
  std::unique_ptr<LatestTask<FolderListing>> scan;

  int row() const {
    const auto& siblings = parent->children;
    const auto here = std::find_if(siblings.begin(), siblings.end(), [this](const auto& other) { return other.get() == this; });
    return static_cast<int>(here - siblings.begin());
  }
};

BrowserModel::BrowserModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Item>()) {
  for (Item** group : {&m_chain, &m_recent}) {
    auto item = std::make_unique<Item>();
    item->parent = m_root.get();
    *group = item.get();
    m_root->children.push_back(std::move(item));
  }
  m_chain->name = tr("This chain");
  m_recent->name = tr("Recent");
}

BrowserModel::~BrowserModel() = default;

BrowserModel::Item* BrowserModel::itemAt(const QModelIndex& index) const {
  return index.isValid() ? static_cast<Item*>(index.internalPointer()) : m_root.get();
}

QModelIndex BrowserModel::indexOf(const Item* item) const {
  return item == m_root.get() ? QModelIndex() : createIndex(item->row(), 0, const_cast<Item*>(item));
}

void BrowserModel::setChildren(Item* parent, std::vector<std::unique_ptr<Item>> children) {
  const QModelIndex at = indexOf(parent);
  if (!parent->children.empty()) {
    beginRemoveRows(at, 0, static_cast<int>(parent->children.size()) - 1);
    const auto old = std::move(parent->children);
    parent->children.clear();
    endRemoveRows();
  }
  if (!children.empty()) {
    beginInsertRows(at, 0, static_cast<int>(children.size()) - 1);
    for (auto& child : children) child->parent = parent;
    parent->children = std::move(children);
    endInsertRows();
  }
  if (at.isValid()) Q_EMIT dataChanged(at, at);
}

void BrowserModel::setChainDatasets(const std::vector<ChainDataset>& datasets) {
  std::vector<ChainDataset> now;
  for (const auto& child : m_chain->children) now.push_back({child->node, child->path, child->note});
  if (now == datasets) return;
  std::vector<std::unique_ptr<Item>> children;
  for (const ChainDataset& dataset : datasets) {
    auto item = std::make_unique<Item>();
    item->kind = Dataset;
    item->node = dataset.node;
    item->path = dataset.path;
    item->name = QFileInfo(dataset.path).fileName();
    item->note = dataset.step;
    children.push_back(std::move(item));
  }
  setChildren(m_chain, std::move(children));
}

void BrowserModel::setRecent(const QStringList& paths) {
  std::vector<std::unique_ptr<Item>> children;
  for (const QString& path : paths) {
    auto item = std::make_unique<Item>();
    item->kind = Dataset;
    item->path = path;
    item->name = QFileInfo(path).fileName();
    item->note = QFileInfo(QFileInfo(path).path()).fileName();
    children.push_back(std::move(item));
  }
  setChildren(m_recent, std::move(children));
}

void BrowserModel::setFolders(const QStringList& paths, const QString& home) {
  // What stays keeps its rows: open, listed and selected as the user left them.
  constexpr int kGroups = 2;
  for (int row = static_cast<int>(m_root->children.size()) - 1; row >= kGroups; --row) {
    if (paths.contains(m_root->children[static_cast<std::size_t>(row)]->path)) continue;
    beginRemoveRows({}, row, row);
    const auto removed = std::move(m_root->children[static_cast<std::size_t>(row)]);
    m_root->children.erase(m_root->children.begin() + row);
    endRemoveRows();
  }
  for (const QString& path : paths) {
    const auto isThere = [&path](const auto& item) { return item->path == path; };
    if (std::any_of(m_root->children.begin() + kGroups, m_root->children.end(), isThere)) continue;
    auto item = std::make_unique<Item>();
    item->kind = Folder;
    item->path = path;
    item->name = path == home ? tr("Home") : QFileInfo(path).fileName();
    if (item->name.isEmpty()) item->name = path;
    item->note = tr("folder");
    item->listed = false;
    item->parent = m_root.get();
    const int row = static_cast<int>(m_root->children.size());
    beginInsertRows({}, row, row);
    m_root->children.push_back(std::move(item));
    endInsertRows();
  }
}

void BrowserModel::forEachDataset(Item* item, const QString& path, const std::function<void(Item*)>& visit) const {
  std::vector<Item*> open{item};
  while (!open.empty()) {
    Item* now = open.back();
    open.pop_back();
    if (now->kind == Dataset && now->path == path) visit(now);
    for (auto child = now->children.rbegin(); child != now->children.rend(); ++child) open.push_back(child->get());
  }
}

void BrowserModel::setHeaderState(const QString& path, HeaderState state, const QString& note) {
  forEachDataset(m_root.get(), path, [&](Item* item) {
    item->state = state;
    item->stateNote = note;
    const QModelIndex at = indexOf(item);
    Q_EMIT dataChanged(at, at);
  });
}

QModelIndex BrowserModel::indexOfDataset(const QString& path) const {
  Item* found = nullptr;
  forEachDataset(m_root.get(), path, [&found](Item* item) {
    if (!found) found = item;
  });
  return found ? indexOf(found) : QModelIndex();
}

QModelIndex BrowserModel::index(int row, int column, const QModelIndex& parent) const {
  if (column != 0 || parent.column() > 0) return {};
  const Item* item = itemAt(parent);
  if (row < 0 || row >= static_cast<int>(item->children.size())) return {};
  return createIndex(row, 0, item->children[static_cast<std::size_t>(row)].get());
}

QModelIndex BrowserModel::parent(const QModelIndex& child) const {
  if (!child.isValid()) return {};
  const Item* above = itemAt(child)->parent;
  return above == m_root.get() ? QModelIndex() : indexOf(above);
}

int BrowserModel::rowCount(const QModelIndex& parent) const {
  return parent.column() > 0 ? 0 : static_cast<int>(itemAt(parent)->children.size());
}

int BrowserModel::columnCount(const QModelIndex&) const { return 1; }

QVariant BrowserModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Item* item = itemAt(index);
  switch (role) {
    case Qt::DisplayRole: return item->name;
    case Qt::ToolTipRole: return item->path.isEmpty() ? QVariant() : QVariant(item->path);
    case Qt::AccessibleTextRole: return QStringLiteral("%1, %2").arg(item->name, data(index, NoteRole).toString());
    case PathRole: return item->path;
    case KindRole: return item->kind;
    case StateRole: return static_cast<int>(item->state);
    case NodeRole: return item->node;
    case NoteRole:
      if (item->scan && item->scan->isBusy()) return tr("listing…");
      if (!item->stateNote.isEmpty()) return item->stateNote;
      if (item->kind == Group) return item->children.empty() ? tr("none yet") : QString::number(item->children.size());
      return item->bytes > 0 ? sizeText(item->bytes) : item->note;
    default: return {};
  }
}

bool BrowserModel::hasChildren(const QModelIndex& parent) const {
  if (parent.column() > 0) return false;
  const Item* item = itemAt(parent);
  return !item->children.empty() || (item->kind == Folder && !item->listed);
}

bool BrowserModel::canFetchMore(const QModelIndex& parent) const {
  const Item* item = itemAt(parent);
  return item->kind == Folder && !item->listed && !item->scan;
}

void BrowserModel::fetchMore(const QModelIndex& parent) {
  if (!canFetchMore(parent)) return;
  Item* item = itemAt(parent);
  item->scan = std::make_unique<LatestTask<FolderListing>>();
  item->scan->start([path = item->path](const CancelToken& cancel) { return scanFolder(path, cancel); },
                    [this, item](const FolderListing& listing) { listed(item, listing); });
  Q_EMIT dataChanged(parent, parent);
}

void BrowserModel::rescan(const QModelIndex& folder) {
  Item* item = itemAt(folder);
  if (item->kind != Folder) return;
  item->scan.reset();
  item->listed = false;
  fetchMore(folder);
}

void BrowserModel::listed(Item* folder, const FolderListing& listing) {
  std::vector<std::unique_ptr<Item>> children;
  int datasets = 0;
  double bytes = 0;
  for (const FolderEntry& entry : listing.entries) {
    auto item = std::make_unique<Item>();
    item->kind = entry.isFolder ? Folder : Dataset;
    item->name = entry.name;
    item->path = entry.path;
    item->bytes = entry.bytes;
    item->listed = !entry.isFolder;
    datasets += entry.isFolder ? 0 : 1;
    bytes += entry.bytes;
    children.push_back(std::move(item));
  }
  if (!listing.problem.isEmpty() || listing.entries.empty()) {
    auto note = std::make_unique<Item>();
    note->kind = Note;
    note->name = listing.problem.isEmpty() ? tr("no rasters in this folder") : listing.problem;
    children.push_back(std::move(note));
  }
  folder->listed = true;
  folder->note = datasets == 0   ? tr("folder")
                 : datasets == 1 ? tr("1 dataset · %1").arg(sizeText(bytes))
                                 : tr("%1 datasets · %2").arg(datasets).arg(sizeText(bytes));
  setChildren(folder, std::move(children));
}

Qt::ItemFlags BrowserModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  switch (itemAt(index)->kind) {
    case Dataset: return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
    case Note: return Qt::ItemNeverHasChildren;
    default: return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  }
}

QStringList BrowserModel::mimeTypes() const { return {kDatasetMimeType, QStringLiteral("text/uri-list")}; }

QMimeData* BrowserModel::mimeData(const QModelIndexList& indexes) const {
  QList<QUrl> urls;
  for (const QModelIndex& index : indexes)
    if (itemAt(index)->kind == Dataset) urls << QUrl::fromLocalFile(itemAt(index)->path);
  if (urls.isEmpty()) return nullptr;
  auto* data = new QMimeData;
  data->setData(kDatasetMimeType, urls.first().toLocalFile().toUtf8());
  data->setUrls(urls);
  return data;
}

}  // namespace cubeloom
