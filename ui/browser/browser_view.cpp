// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/browser_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/browser/dataset_card.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kPatienceMs = 4000;
constexpr int kMostRecent = 12;
const QString kFoldersKey = QStringLiteral("browser/folders");
const QString kRecentKey = QStringLiteral("browser/recent");

/// Rows whose name, path or note holds every word.
class WordFilter : public QSortFilterProxyModel {
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void setWords(const QString& words) {
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    if (m_words.isEmpty()) return true;
    const QModelIndex at = sourceModel()->index(row, 0, parent);
    const QString text = at.data(Qt::DisplayRole).toString() + QLatin1Char(' ') + at.data(BrowserModel::PathRole).toString();
    return std::all_of(m_words.begin(), m_words.end(), [&text](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
  }

 private:
  QStringList m_words;
};

/// Name at the left, size or state in small grey at the right.
class RowDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return {QStyledItemDelegate::sizeHint(option, index).width(), 25};
  }

 protected:
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyleOptionViewItem base = option;
    initStyleOption(&base, index);
    const QString name = base.text;
    base.text.clear();
    (base.widget ? base.widget->style() : QApplication::style())->drawControl(QStyle::CE_ItemViewItem, &base, painter, base.widget);
    const auto state = static_cast<HeaderState>(index.data(BrowserModel::StateRole).toInt());
    const bool failed = state == HeaderState::Unsupported, waiting = state == HeaderState::NotAnswering;
    const QString note = index.data(BrowserModel::NoteRole).toString();
    const QRect row = option.rect.adjusted(3, 0, -8, 0);
    painter->save();
    painter->setFont(theme().font(11));
    const int noteWidth = std::min(painter->fontMetrics().horizontalAdvance(note) + 4, row.width() * 3 / 5);
    painter->setPen(color(failed ? Token::Failed : waiting ? Token::WarningText : Token::Muted));
    painter->drawText(QRect(row.right() - noteWidth, row.top(), noteWidth, row.height()), Qt::AlignVCenter | Qt::AlignRight,
                      painter->fontMetrics().elidedText(note, Qt::ElideRight, noteWidth));
    const bool isNote = index.data(BrowserModel::KindRole).toInt() == BrowserModel::Note;
    painter->setFont(theme().font(13, option.state.testFlag(QStyle::State_Selected)));
    painter->setPen(color(isNote ? Token::Muted : Token::Text));
    const int nameWidth = row.width() - noteWidth - 8;
    painter->drawText(QRect(row.left(), row.top(), nameWidth, row.height()), Qt::AlignVCenter | Qt::AlignLeft,
                      painter->fontMetrics().elidedText(name, Qt::ElideMiddle, nameWidth));
    painter->restore();
  }
};

}  // namespace

BrowserView::BrowserView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_session(session),
      m_model(new BrowserModel(this)),
      m_filter(new WordFilter(this)),
      m_search(new QLineEdit),
      m_tree(new QTreeView),
      m_lower(new QStackedWidget),
      m_card(new DatasetCard) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(6);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(12, 0, 8, 0);
  auto* heading = new QLabel(tr("DATA"));
  setRole(heading, "heading");
  head->addWidget(heading, 1);
  auto* add = new QToolButton;
  add->setText(QStringLiteral("+"));
  add->setToolTip(tr("Add a folder"));
  add->setAccessibleName(tr("Add a folder"));
  add->setFocusPolicy(Qt::TabFocus);
  setRole(add, "flat");
  connect(add, &QToolButton::clicked, this, &BrowserView::chooseFolder);
  head->addWidget(add);
  column->addLayout(head);
  auto* searchRow = new QHBoxLayout;
  searchRow->setContentsMargins(12, 0, 12, 0);
  m_search->setPlaceholderText(tr("Search name, date, sensor"));
  m_search->setClearButtonEnabled(true);
  m_search->setAccessibleName(tr("Search datasets"));
  searchRow->addWidget(m_search);
  column->addLayout(searchRow);

  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(m_tree);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(m_card);
  auto* empty = new QWidget;
  auto* offers = new QVBoxLayout(empty);
  offers->setContentsMargins(12, 12, 12, 12);
  auto* sentence = new QLabel(tr("Choose a dataset to see what it is, or drag it to the chain."));
  sentence->setWordWrap(true);
  setRole(sentence, "muted");
  offers->addWidget(sentence);
  auto* addFolderButton = new QPushButton(tr("Add a folder"));
  connect(addFolderButton, &QPushButton::clicked, this, &BrowserView::chooseFolder);
  offers->addWidget(addFolderButton);
  auto* sample = new QPushButton(tr("Open sample"));
  connect(sample, &QPushButton::clicked, this, &BrowserView::sampleRequested);
  offers->addWidget(sample);
  offers->addStretch(1);
  m_lower->addWidget(empty);
  m_lower->addWidget(scroll);
  splitter->addWidget(m_lower);
  splitter->setStretchFactor(0, 2);
  splitter->setStretchFactor(1, 3);
  splitter->setSizes({240, 380});
  column->addWidget(splitter, 1);
  setMinimumWidth(220);
  buildTree();

  const auto focusSearch = [this] {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
  };
  connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, this, focusSearch);
  connect(m_search, &QLineEdit::textChanged, this, &BrowserView::search);
  connect(m_card, &DatasetCard::addRequested, this, [this] { addToChain(m_shown); });
  connect(m_card, &DatasetCard::nodataAssigned, this, &BrowserView::assignNodata);
  connect(&document, &Document::replaced, this, [this] {
    // The card belongs to the chain that goes.
    m_header.cancel();
    m_patience.stop();
    m_adding.clear();
    m_shown.clear();
    m_followedNode.clear();
    m_lower->setCurrentIndex(0);
  });
  connect(&document, &Document::chainChanged, this, &BrowserView::followChain);
  connect(&document, &Document::graphChanged, this, &BrowserView::rememberOpened);
  connect(&document, &Document::selectionChanged, this, &BrowserView::followSelection);
  connect(&session, &Session::planChanged, this, &BrowserView::showReadPlan);
  connect(&theme(), &Theme::changed, m_tree->viewport(), qOverload<>(&QWidget::update));
  m_patience.setSingleShot(true);
  m_patience.setInterval(kPatienceMs);
  connect(&m_patience, &QTimer::timeout, this, [this] {
    m_model->setHeaderState(m_shown, HeaderState::NotAnswering, tr("not answering"));
    m_card->showState(QFileInfo(m_shown).fileName(), tr("not answering"), tr("The header is still being read; nothing else waits for it."),
                      false);
  });

  const QSettings settings;
  m_folders = settings.value(kFoldersKey).toStringList();
  m_recent = settings.value(kRecentKey).toStringList();
  m_model->setRecent(m_recent);
  m_model->setFolders(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
  followChain();
}

BrowserView::~BrowserView() = default;

void BrowserView::buildTree() {
  m_filter->setSourceModel(m_model);
  m_filter->setRecursiveFilteringEnabled(true);
  m_filter->setAutoAcceptChildRows(true);
  m_tree->setModel(m_filter);
  m_tree->setItemDelegate(new RowDelegate(m_tree));
  m_tree->setHeaderHidden(true);
  m_tree->setIndentation(16);
  m_tree->setUniformRowHeights(true);
  m_tree->setDragEnabled(true);
  m_tree->setDragDropMode(QAbstractItemView::DragOnly);
  m_tree->setExpandsOnDoubleClick(true);
  m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
  m_tree->setAccessibleName(tr("Places and datasets"));
  m_tree->setFrameShape(QFrame::NoFrame);
  m_tree->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& now) {
    if (now.data(BrowserModel::KindRole).toInt() == BrowserModel::Dataset) showDataset(now.data(BrowserModel::PathRole).toString());
  });
  connect(m_tree, &QTreeView::activated, this, [this](const QModelIndex& at) {
    if (at.data(BrowserModel::KindRole).toInt() == BrowserModel::Dataset) addToChain(at.data(BrowserModel::PathRole).toString());
  });
  connect(m_tree, &QWidget::customContextMenuRequested, this, &BrowserView::showMenu);
  m_tree->expand(m_filter->index(0, 0));
  m_nothing = new QLabel(m_tree->viewport());
  m_nothing->setWordWrap(true);
  m_nothing->setMargin(12);
  setRole(m_nothing, "muted");
  auto* over = new QVBoxLayout(m_tree->viewport());
  over->setContentsMargins(0, 0, 0, 0);
  over->addWidget(m_nothing);
  over->addStretch(1);
  m_nothing->hide();
}

QString BrowserView::absolutePath(const Node& node) const {
  const auto path = node.params.find("path");
  if (node.op != "open" || path == node.params.end() || !path->is_string()) return {};
  const QString text = QString::fromStdString(path->get<std::string>());
  return QDir::isAbsolutePath(text) ? QDir::cleanPath(text)
                                    : QDir::cleanPath(QString::fromStdString(m_document.chain().folder) + QLatin1Char('/') + text);
}

void BrowserView::followChain() {
  std::vector<BrowserModel::ChainDataset> datasets;
  for (const Node& node : m_document.chain().nodes)
    if (const QString path = absolutePath(node); !path.isEmpty())
      datasets.push_back({QString::fromStdString(node.id), path, m_document.stepName(QString::fromStdString(node.id))});
  m_model->setChainDatasets(datasets);
  m_tree->expand(m_filter->index(0, 0));
  followSelection();
  if (m_shown.isEmpty() && !datasets.empty()) showDataset(datasets.front().path);
  // The card of a dataset that came into the chain, or left it, offers other things.
  if (const auto known = m_known.find(m_shown); known != m_known.end() && !m_header.isBusy())
    headerRead(m_shown, DatasetInfo(known->second));
}

void BrowserView::followSelection() {
  const QStringList selection = m_document.selection();
  if (selection.size() != 1 || selection.first() == m_followedNode) return;
  m_followedNode = selection.first();
  const Node* node = m_document.chain().find(m_followedNode.toStdString());
  if (!node) return;
  if (const QString path = absolutePath(*node); !path.isEmpty()) showDataset(path);
}

QString BrowserView::openNodeOf(const QString& path) const {
  for (const Node& node : m_document.chain().nodes)
    if (!path.isEmpty() && absolutePath(node) == path) return QString::fromStdString(node.id);
  return {};
}

void BrowserView::showDataset(const QString& path) {
  if (path.isEmpty() || (path == m_shown && m_header.isBusy())) return;
  m_shown = path;
  m_lower->setCurrentIndex(1);
  if (const QModelIndex at = m_filter->mapFromSource(m_model->indexOfDataset(path));
      at.isValid() && m_tree->currentIndex().data(BrowserModel::PathRole).toString() != path) {
    const QSignalBlocker quiet(m_tree->selectionModel());
    m_tree->selectionModel()->setCurrentIndex(at, QItemSelectionModel::ClearAndSelect);
    m_tree->viewport()->update();
  }
  m_model->setHeaderState(path, HeaderState::Reading, tr("reading header…"));
  if (!m_known.contains(path)) m_card->showState(QFileInfo(path).fileName(), tr("reading header…"), QString(), false);
  m_patience.start();
  m_header.start([sources = m_document.services().sources,
                  text = path.toStdString()](const CancelToken&) -> Result<DatasetInfo> { return sources->info(text); },
                 [this, path](const Result<DatasetInfo>& info) {
                   m_patience.stop();
                   headerRead(path, info);
                 });
}

void BrowserView::headerRead(const QString& path, const Result<DatasetInfo>& info) {
  if (!info) {
    m_known.erase(path);
    const QString reason = QString::fromStdString(info.error().message);
    m_model->setHeaderState(path, HeaderState::Unsupported, tr("unsupported"));
    if (path == m_shown)
      m_card->showState(
          QFileInfo(path).fileName(), tr("cannot be opened"),
          info.error().hint.empty() ? reason : QStringLiteral("%1\n%2").arg(reason, QString::fromStdString(info.error().hint)), true);
    Q_EMIT status(tr("%1: %2").arg(QFileInfo(path).fileName(), reason));
    return;
  }
  m_model->setHeaderState(path, HeaderState::Ready, QString());
  m_known.insert_or_assign(path, *info);
  if (path != m_shown) return;
  m_card->showDataset(QFileInfo(path).completeBaseName(), *info, !openNodeOf(path).isEmpty());
  showReadPlan();
}

void BrowserView::showReadPlan() {
  const QString node = openNodeOf(m_shown);
  m_card->setReadPlan(node.isEmpty() ? nullptr : m_session.readPlanOf(node));
}

void BrowserView::setShownWavelengths(const QList<double>& nm) { m_card->setShownWavelengths(nm); }

void BrowserView::search(const QString& words) {
  static_cast<WordFilter*>(m_filter)->setWords(words);
  if (!words.trimmed().isEmpty())
    for (int row = 0; row < m_filter->rowCount(); ++row) m_tree->expandRecursively(m_filter->index(row, 0), 4);
  m_nothing->setText(tr("Nothing here is called “%1”. A folder is searched once it has been opened.").arg(words.trimmed()));
  m_nothing->setVisible(m_filter->rowCount() == 0);
}

void BrowserView::chooseFolder() {
  const QString path = QFileDialog::getExistingDirectory(this, tr("Add a folder of datasets"), QDir::homePath());
  if (!path.isEmpty()) addFolder(path);
}

void BrowserView::addFolder(const QString& path) {
  const QString clean = QDir::cleanPath(path);
  if (!m_folders.contains(clean) && clean != QDir::homePath()) m_folders << clean;
  QSettings().setValue(kFoldersKey, m_folders);
  m_model->setFolders(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
  for (int row = 0; row < m_filter->rowCount(); ++row) {
    const QModelIndex at = m_filter->index(row, 0);
    if (at.data(BrowserModel::PathRole).toString() == clean) m_tree->expand(at);
  }
}

void BrowserView::removeFolder(const QString& path) {
  m_folders.removeAll(path);
  QSettings().setValue(kFoldersKey, m_folders);
  m_model->setFolders(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
}

void BrowserView::remember(const QString& path) {
  m_recent.removeAll(path);
  m_recent.prepend(path);
  while (m_recent.size() > kMostRecent) m_recent.removeLast();
  QSettings().setValue(kRecentKey, m_recent);
  m_model->setRecent(m_recent);
}

void BrowserView::rememberOpened() {
  const auto graph = m_document.graph();
  if (m_document.isBinding() || !graph) return;
  for (const auto& [node, path] : std::exchange(m_adding, {})) {
    const int index = graph->indexOf(node.toStdString());
    if (index >= 0 && !graph->nodes[static_cast<std::size_t>(index)].error) remember(path);
  }
}

void BrowserView::addToChain(const QString& path) {
  if (path.isEmpty()) return;
  double lowest = 0;
  const auto& nodes = m_document.chain().nodes;
  constexpr double kRowPx = 150;
  for (const Node& node : nodes) lowest = std::max(lowest, m_document.position(QString::fromStdString(node.id)).y() + kRowPx);
  const QString id = m_document.addNode(QStringLiteral("open"), Json{{"path", path.toStdString()}}, QPointF(0, lowest));
  m_adding[id] = path;
  Q_EMIT status(tr("%1 added to the chain as %2").arg(QFileInfo(path).fileName(), m_document.stepName(id)));
}

void BrowserView::assignNodata(double value) {
  const QString open = openNodeOf(m_shown);
  if (open.isEmpty()) return;
  const Json params{{"nodata", value}};
  const std::vector<std::string> consumers = m_document.chain().consumersOf(open.toStdString());
  QString id;
  if (consumers.empty()) {
    id = m_document.addNode(QStringLiteral("assign_nodata"), params, m_document.position(open) + QPointF(200, 0), {open});
  } else {
    const Node* consumer = m_document.chain().find(consumers.front());
    const auto port = std::find(consumer->inputs.begin(), consumer->inputs.end(), open.toStdString()) - consumer->inputs.begin();
    id = m_document.insertNode(QStringLiteral("assign_nodata"), params, QString::fromStdString(consumer->id), static_cast<int>(port));
  }
  Q_EMIT status(tr("%1 says now that %2 means no data").arg(m_document.stepName(id)).arg(value));
}

void BrowserView::showMenu(QPoint at) {
  const QModelIndex index = m_tree->indexAt(at);
  const int kind = index.data(BrowserModel::KindRole).toInt();
  const QString path = index.data(BrowserModel::PathRole).toString();
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (index.isValid() && kind == BrowserModel::Dataset) {
    menu->addAction(tr("Add to the chain"), this, [this, path] { addToChain(path); });
    menu->addAction(tr("Copy path"), this, [path] { QGuiApplication::clipboard()->setText(path); });
  } else if (index.isValid() && kind == BrowserModel::Folder) {
    menu->addAction(tr("Look again"), this,
                    [this, source = QPersistentModelIndex(m_filter->mapToSource(index))] { m_model->rescan(source); });
    if (m_folders.contains(path)) menu->addAction(tr("Remove from the list"), this, [this, path] { removeFolder(path); });
  }
  menu->addAction(tr("Add a folder…"), this, &BrowserView::chooseFolder);
  menu->popup(m_tree->viewport()->mapToGlobal(at));
}

}  // namespace cubeloom
