// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/browser_model.h"

#include <QFileInfo>
#include <QMimeData>
#include <QSet>
#include <QUrl>
#include <algorithm>

#include "engine/base/guard.h"
#include "ui/steps/dragged_datasets.h"
#include "ui/words/number_text.h"

namespace cubeloom {

struct BrowserModel::Item {
  Kind kind = Group;
  PlaceEntry entry;
  QString node;  ///< of the chain that reads it
  HeaderState state = HeaderState::Unread;
  QString stateNote;
  bool isListed = true;
  quint64 listing = 0;  ///< the number of the listing that is waited for; 0: none
  CancelToken cancel;
  Item* parent = nullptr;
  std::vector<std::unique_ptr<Item>> children;

  ~Item() { cancel.cancel(); }
  bool isDataset() const { return kind == Dataset || kind == Variable; }
  int row() const {
    const auto& siblings = parent->children;
    const auto here = std::find_if(siblings.begin(), siblings.end(), [this](const auto& other) { return other.get() == this; });
    return static_cast<int>(here - siblings.begin());
  }
};

namespace {

constexpr int kGroups = 2;

bool isCatalogName(const QString& path) {
  const QString suffix = QFileInfo(path).suffix().toLower();
  return suffix == QLatin1String("yaml") || suffix == QLatin1String("yml") || suffix == QLatin1String("json");
}

}  // namespace

BrowserModel::BrowserModel(const Services& services, QObject* parent)
    : QAbstractItemModel(parent), m_services(services), m_root(std::make_unique<Item>()) {
  for (Item** group : {&m_chain, &m_recent}) {
    auto item = std::make_unique<Item>();
    item->parent = m_root.get();
    *group = item.get();
    m_root->children.push_back(std::move(item));
  }
  m_chain->entry.name = tr("This chain");
  m_recent->entry.name = tr("Recent");
}

BrowserModel::~BrowserModel() {
  m_root.reset();  // cancels what is being listed
}

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

std::unique_ptr<BrowserModel::Item> BrowserModel::datasetItem(const QString& path, const QString& note) {
  auto item = std::make_unique<Item>();
  item->kind = Dataset;
  item->entry.path = path;
  item->entry.name = QFileInfo(path).fileName();
  item->entry.note = note;
  return item;
}

void BrowserModel::setChainDatasets(const std::vector<ChainDataset>& datasets) {
  std::vector<ChainDataset> now;
  now.reserve(m_chain->children.size());
  for (const auto& child : m_chain->children) now.push_back({child->node, child->entry.path, child->entry.note});
  if (now == datasets) return;
  std::vector<std::unique_ptr<Item>> children;
  children.reserve(datasets.size());
  for (const ChainDataset& dataset : datasets) {
    children.push_back(datasetItem(dataset.path, dataset.step));
    children.back()->node = dataset.node;
  }
  setChildren(m_chain, std::move(children));
}

void BrowserModel::setRecent(const QStringList& paths) {
  std::vector<std::unique_ptr<Item>> children;
  children.reserve(static_cast<std::size_t>(paths.size()));
  for (const QString& path : paths) children.push_back(datasetItem(path, QFileInfo(QFileInfo(path).path()).fileName()));
  setChildren(m_recent, std::move(children));
}

void BrowserModel::setPlaces(const QStringList& paths, const QString& home) {
  // What stays keeps its rows: open, listed and selected as the user left them.
  for (int row = static_cast<int>(m_root->children.size()) - 1; row >= kGroups; --row) {
    if (paths.contains(m_root->children[static_cast<std::size_t>(row)]->entry.path)) continue;
    beginRemoveRows({}, row, row);
    const auto removed = std::move(m_root->children[static_cast<std::size_t>(row)]);
    m_root->children.erase(m_root->children.begin() + row);
    endRemoveRows();
  }
  for (const QString& path : paths) {
    const auto isThere = [&path](const auto& item) { return item->entry.path == path; };
    if (std::any_of(m_root->children.begin() + kGroups, m_root->children.end(), isThere)) continue;
    auto item = std::make_unique<Item>();
    const bool isCatalog = isCatalogName(path);  // what it truly is, its listing says
    item->kind = isCatalog ? Catalog : Folder;
    item->entry.path = path;
    item->entry.place.path = path.toStdString();
    item->entry.name = path == home ? tr("Home") : QFileInfo(path).fileName();
    if (item->entry.name.isEmpty()) item->entry.name = path;
    item->entry.note = isCatalog ? tr("catalog") : tr("folder");
    item->isListed = false;
    item->parent = m_root.get();
    const int row = static_cast<int>(m_root->children.size());
    beginInsertRows({}, row, row);
    m_root->children.push_back(std::move(item));
    endInsertRows();
  }
}

void BrowserModel::forEach(Item* item, const std::function<void(Item*)>& visit) const {
  std::vector<Item*> open{item};
  while (!open.empty()) {
    Item* now = open.back();
    open.pop_back();
    visit(now);
    for (auto child = now->children.rbegin(); child != now->children.rend(); ++child) open.push_back(child->get());
  }
}

void BrowserModel::setHeaderState(const QString& path, HeaderState state, const QString& note) {
  forEach(m_root.get(), [&](Item* item) {
    if (item->kind != Dataset || item->entry.path != path) return;
    item->state = state;
    item->stateNote = note;
    const QModelIndex at = indexOf(item);
    Q_EMIT dataChanged(at, at);
  });
}

void BrowserModel::addFacts(const QString& path, const DatasetFacts& facts) {
  forEach(m_root.get(), [&](Item* item) {
    if (item->kind != Dataset || item->entry.path != path) return;
    item->entry.facts.add(facts);
    const QModelIndex at = indexOf(item);
    Q_EMIT dataChanged(at, at);
  });
}

QModelIndex BrowserModel::indexOfDataset(const QString& path) const {
  Item* found = nullptr;
  forEach(m_root.get(), [&](Item* item) {
    if (!found && item->kind == Dataset && item->entry.path == path) found = item;
  });
  return found ? indexOf(found) : QModelIndex();
}

const DatasetFacts* BrowserModel::factsOf(const QModelIndex& index) const {
  const Item* item = itemAt(index);
  return item->isDataset() || item->kind == Set ? &item->entry.facts : nullptr;
}

QModelIndexList BrowserModel::datasets() const {
  QModelIndexList rows;
  QSet<QString> met;
  forEach(m_root.get(), [&](Item* item) {
    if (item->kind != Dataset || !item->entry.problem.isEmpty() || met.contains(item->entry.path)) return;
    met.insert(item->entry.path);
    rows << indexOf(item);
  });
  return rows;
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

QString BrowserModel::toolTip(const Item& item) {
  const PlaceEntry& entry = item.entry;
  if (item.kind == Note) return entry.name;
  QStringList lines;
  if (!entry.path.isEmpty()) lines << entry.path;
  if (item.kind == Variable) lines << tr("variable %1").arg(entry.variable);
  if (entry.bytes > 0) lines << sizeText(entry.bytes);
  for (const QString& fact : {entry.facts.shape, entry.facts.dates, entry.facts.sensor})
    if (!fact.isEmpty()) lines << fact;
  if (!entry.problem.isEmpty()) lines << tr("Cannot be opened: %1").arg(entry.problem);
  return lines.join(QLatin1Char('\n'));
}

QString BrowserModel::noteOf(const Item& item) {
  if (item.listing != 0) return item.isDataset() ? tr("reading header…") : tr("listing…");
  if (!item.stateNote.isEmpty()) return item.stateNote;
  if (item.kind == Group) return item.children.empty() ? tr("none yet") : QString::number(item.children.size());
  if (item.isDataset() && !item.entry.problem.isEmpty())
    return item.entry.problem.startsWith(QLatin1String("missing")) ? tr("missing") : tr("cannot be opened");
  return item.kind == Dataset && item.entry.bytes > 0 ? sizeText(item.entry.bytes) : item.entry.note;
}

QVariant BrowserModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Item* item = itemAt(index);
  switch (role) {
    case Qt::DisplayRole: return item->entry.name;
    case Qt::ToolTipRole: return toolTip(*item);
    case Qt::AccessibleTextRole: return QStringLiteral("%1, %2").arg(item->entry.name, noteOf(*item));
    case PathRole: return item->entry.path;
    case KindRole: return item->kind;
    case StateRole: return static_cast<int>(item->state);
    case NodeRole: return item->node;
    case VariableRole: return item->entry.variable;
    case ProblemRole: return item->entry.problem;
    case DriverRole: return item->entry.driver;
    case NoteRole: return noteOf(*item);
    default: return {};
  }
}

bool BrowserModel::hasChildren(const QModelIndex& parent) const {
  if (parent.column() > 0) return false;
  const Item* item = itemAt(parent);
  return !item->children.empty() || !item->isListed;
}

bool BrowserModel::canFetchMore(const QModelIndex& parent) const {
  const Item* item = itemAt(parent);
  return !item->isListed && item->listing == 0;
}

void BrowserModel::fetchMore(const QModelIndex& parent) {
  if (!canFetchMore(parent)) return;
  Item* item = itemAt(parent);
  item->listing = ++m_lastListing;
  item->cancel = CancelToken();
  m_background.start([this, number = item->listing, cancel = item->cancel, isFile = item->kind == Dataset, place = item->entry.place,
                      services = m_services] {
    if (cancel.isCanceled()) return;
    auto listing = guarded([&]() -> Result<PlaceListing> {
      return isFile ? listVariables(QString::fromStdString(place.path), *services.sources)
                    : listPlace(place, services.catalogs.get(), cancel);
    });
    if (!listing) {
      listing = PlaceListing{};
      listing->problem = tr("it could not be listed");
      listing->isFailed = true;
    }
    m_mailbox.post([this, number, found = std::move(*listing)] {
      Item* waiting = nullptr;
      forEach(m_root.get(), [&](Item* one) {
        if (one->listing == number) waiting = one;
      });
      if (waiting) take(waiting, found);
    });
  });
  Q_EMIT dataChanged(parent, parent);
}

bool BrowserModel::isListing(const QModelIndex& place) const { return itemAt(place)->listing != 0; }

void BrowserModel::stopListing(const QModelIndex& place) {
  Item* item = itemAt(place);
  if (item->listing == 0) return;
  item->cancel.cancel();
  PlaceListing stopped;
  stopped.problem = tr("stopped: “Look again” lists it");
  stopped.isFailed = true;
  take(item, stopped);
}

void BrowserModel::rescan(const QModelIndex& place) {
  Item* item = itemAt(place);
  if (item->entry.place.path.empty()) return;
  item->cancel.cancel();
  item->listing = 0;
  item->isListed = false;
  fetchMore(place);
}

std::unique_ptr<BrowserModel::Item> BrowserModel::itemOf(const PlaceEntry& entry, Item* parent) {
  auto item = std::make_unique<Item>();
  switch (entry.kind) {
    case PlaceEntry::Kind::Folder: item->kind = Folder; break;
    case PlaceEntry::Kind::Catalog: item->kind = Catalog; break;
    case PlaceEntry::Kind::Dataset: item->kind = Dataset; break;
    case PlaceEntry::Kind::Variable: item->kind = Variable; break;
    case PlaceEntry::Kind::Set: item->kind = Set; break;
  }
  item->entry = entry;
  item->entry.children.clear();
  item->parent = parent;
  item->isListed = entry.place.path.empty();
  if (item->isDataset() && !entry.problem.isEmpty()) item->state = HeaderState::Unsupported;
  item->children.reserve(entry.children.size());
  for (const PlaceEntry& child : entry.children) item->children.push_back(itemOf(child, item.get()));
  return item;
}

void BrowserModel::take(Item* place, const PlaceListing& listing) {
  place->listing = 0;
  place->isListed = true;
  std::vector<std::unique_ptr<Item>> children;
  children.reserve(listing.entries.size() + 1);
  int datasets = 0;
  double bytes = 0;
  for (const PlaceEntry& entry : listing.entries) {
    const bool isDataset = entry.kind == PlaceEntry::Kind::Dataset || !entry.children.empty();
    datasets += isDataset ? 1 : 0;
    bytes += isDataset ? entry.bytes : 0;
    children.push_back(itemOf(entry, place));
  }
  const bool isFile = place->kind == Dataset;
  if (!listing.problem.isEmpty() || (listing.entries.empty() && !isFile)) {
    auto note = std::make_unique<Item>();
    note->kind = Note;
    note->entry.name = !listing.problem.isEmpty() ? listing.problem
                       : place->kind == Folder    ? tr("no rasters in this folder")
                                                  : tr("no entries");
    note->state = listing.isFailed ? HeaderState::Unsupported : HeaderState::Unread;
    children.push_back(std::move(note));
  }
  if (!isFile) {
    const QString word = listing.kind.isEmpty() || listing.kind == QLatin1String("folder")
                             ? place->entry.note
                             : tr("%1 catalog").arg(listing.kind == QLatin1String("stac") ? QStringLiteral("STAC") : listing.kind);
    QStringList note;
    if (datasets > 0) note << (datasets == 1 ? tr("1 dataset") : tr("%1 datasets").arg(countText(datasets)));
    if (bytes > 0) note << sizeText(bytes);
    place->entry.note = note.isEmpty() ? (place->kind == Folder ? tr("folder") : word) : note.join(QStringLiteral(" · "));
  }
  setChildren(place, std::move(children));
  Q_EMIT listed();
}

Qt::ItemFlags BrowserModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  const Item* item = itemAt(index);
  const Qt::ItemFlags row = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  switch (item->kind) {
    case Dataset:
    case Variable: {
      const Qt::ItemFlags dragged = item->entry.problem.isEmpty() ? row | Qt::ItemIsDragEnabled : row;
      return item->children.empty() && item->isListed ? dragged | Qt::ItemNeverHasChildren : dragged;
    }
    case Note: return Qt::ItemNeverHasChildren;
    case Folder:
    case Catalog: return row | Qt::ItemIsDragEnabled;
    default: return row;
  }
}

QStringList BrowserModel::mimeTypes() const { return {kDatasetMimeType, QStringLiteral("text/uri-list")}; }

QMimeData* BrowserModel::mimeData(const QModelIndexList& indexes) const {
  std::vector<DraggedDataset> datasets;
  datasets.reserve(static_cast<std::size_t>(indexes.size()));
  for (const QModelIndex& index : indexes) {
    const Item* item = itemAt(index);
    if (!flags(index).testFlag(Qt::ItemIsDragEnabled)) continue;
    datasets.push_back({item->entry.path, item->entry.variable, item->kind == Folder || item->kind == Catalog});
  }
  return datasets.empty() ? nullptr : draggedData(datasets);
}

}  // namespace cubeloom
