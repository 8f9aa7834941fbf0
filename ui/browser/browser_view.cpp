// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/browser_view.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/access/features.h"
#include "ui/browser/dataset_card.h"
#include "ui/browser/dataset_filter.h"
#include "ui/browser/find_panel.h"
#include "ui/browser/row_delegate.h"
#include "ui/browser/selection_page.h"
#include "ui/document/chain_layout.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kPatienceMs = 4000;
constexpr int kMostRecent = 12;
const QString kFoldersKey = QStringLiteral("browser/folders");
const QString kRecentKey = QStringLiteral("browser/recent");

enum LowerPage { OffersPage, CardPage, TogetherPage };

}  // namespace

BrowserView::BrowserView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_session(session),
      m_model(new BrowserModel(document.services(), this)),
      m_filter(new DatasetFilter(*m_model, this)),
      m_search(new QLineEdit),
      m_findButton(new QToolButton),
      m_find(new FindPanel),
      m_tree(new QTreeView),
      m_lower(new QStackedWidget),
      m_card(new DatasetCard),
      m_together(new SelectionPage),
      m_facts(document.services().sources) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(6);
  column->addWidget(buildHead());
  column->addWidget(m_find);
  m_find->hide();

  m_splitter = new QSplitter(Qt::Vertical);
  m_splitter->setChildrenCollapsible(false);
  m_splitter->addWidget(m_tree);
  const auto scrolled = [](QWidget* content) {
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    return scroll;
  };
  m_lower->addWidget(buildOffers());
  m_lower->addWidget(scrolled(m_card));
  m_lower->addWidget(scrolled(m_together));
  m_splitter->addWidget(m_lower);
  m_splitter->setStretchFactor(0, 2);
  m_splitter->setStretchFactor(1, 3);
  m_splitter->setSizes({240, 380});
  column->addWidget(m_splitter, 1);
  // In a low window all of them shrink: both halves scroll, and the map is a small one.
  constexpr int kLeastHalf = 56;
  m_tree->setMinimumHeight(kLeastHalf);
  m_lower->setMinimumHeight(kLeastHalf);
  setMinimumWidth(220);
  buildTree();

  const auto focusSearch = [this] {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
  };
  connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, this, focusSearch);
  connect(m_search, &QLineEdit::textChanged, this, &BrowserView::search);
  connect(m_findButton, &QToolButton::toggled, this, &BrowserView::setFinding);
  connect(m_find, &FindPanel::changed, this, [this] {
    m_filter->setBox(m_find->box());
    m_filter->setSpan(m_find->span());
    expandFound();
    sayWhatIsFound();
    showFootprints();
  });
  connect(m_find, &FindPanel::previewAreaRequested, this, [this] {
    if (const auto area = m_areaShown ? m_areaShown() : std::nullopt)
      m_find->setBox(area);
    else
      Q_EMIT status(tr("The preview shows no place in the world"));
  });
  connect(m_find, &FindPanel::stopRequested, &m_facts, &FactsReader::stop);
  connect(&m_find->map(), &FootprintMap::picked, this, [this](const QString& path) { showDataset(path); });
  connect(&m_facts, &FactsReader::read, m_model, &BrowserModel::addFacts);
  connect(&m_facts, &FactsReader::progressed, &m_drawing, qOverload<>(&QTimer::start));
  connect(m_model, &BrowserModel::listed, this, [this] {
    readFacts();
    if (m_filter->hasWords() || m_filter->asksForFacts()) expandFound();
    m_drawing.start();
  });
  connect(m_together, &SelectionPage::chosen, this, &BrowserView::addSelected);
  constexpr int kDrawingMs = 80;
  m_drawing.setSingleShot(true);
  m_drawing.setInterval(kDrawingMs);
  connect(&m_drawing, &QTimer::timeout, this, [this] {
    sayWhatIsFound();
    showFootprints();
  });
  connect(m_card, &DatasetCard::addRequested, this, [this] {
    addToChain(m_shown, m_shownVariable.isEmpty() ? Json::object() : Json{{"variable", m_shownVariable.toStdString()}});
  });
  connect(m_card, &DatasetCard::nodataAssigned, this, &BrowserView::assignNodata);
  connect(&document, &Document::replaced, this, [this] {
    // The card belongs to the chain that goes.
    m_header.cancel();
    m_patience.stop();
    m_adding.clear();
    m_shown.clear();
    m_followedNode.clear();
    m_lower->setCurrentIndex(OffersPage);
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
  m_model->setPlaces(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
  followChain();
}

BrowserView::~BrowserView() = default;

QWidget* BrowserView::buildHead() {
  auto* widget = new QWidget;
  auto* column = new QVBoxLayout(widget);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(12, 0, 8, 0);
  auto* heading = new QLabel(tr("DATA"));
  setRole(heading, "heading");
  head->addWidget(heading, 1);
  auto* add = new QToolButton;
  add->setText(QStringLiteral("+"));
  add->setToolTip(tr("Add a folder or a catalog"));
  add->setAccessibleName(tr("Add a folder or a catalog"));
  add->setFocusPolicy(Qt::TabFocus);
  setRole(add, "flat");
  connect(add, &QToolButton::clicked, this, [this, add] {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Add a folder…"), this, &BrowserView::chooseFolder);
    menu->addAction(tr("Add a catalog…"), this, &BrowserView::chooseCatalog);
    menu->popup(add->mapToGlobal(QPoint(0, add->height())));
  });
  head->addWidget(add);
  column->addLayout(head);
  auto* searchRow = new QHBoxLayout;
  searchRow->setContentsMargins(12, 0, 12, 0);
  searchRow->setSpacing(6);
  m_search->setPlaceholderText(tr("Search name, date, sensor"));
  m_search->setClearButtonEnabled(true);
  m_search->setAccessibleName(tr("Search datasets"));
  m_findButton->setCheckable(true);
  m_findButton->setToolTip(tr("Find by place and date, on a map"));
  m_findButton->setAccessibleName(tr("Find by place and date"));
  m_findButton->setFocusPolicy(Qt::TabFocus);
  setThemedIcon(m_findButton, "map");
  searchRow->addWidget(m_search, 1);
  searchRow->addWidget(m_findButton);
  column->addLayout(searchRow);
  return widget;
}

QWidget* BrowserView::buildOffers() {
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
  return empty;
}

void BrowserView::buildTree() {
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
  m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
  connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BrowserView::followTree);
  connect(m_tree, &QTreeView::activated, this, &BrowserView::openRow);
  auto* remove = new QShortcut(QKeySequence::Delete, m_tree);
  remove->setContext(Qt::WidgetShortcut);
  connect(remove, &QShortcut::activated, this, [this] { removeRow(m_tree->currentIndex()); });
  auto* down = new QShortcut(Qt::Key_Down, m_search);
  down->setContext(Qt::WidgetShortcut);
  connect(down, &QShortcut::activated, m_tree, [this] { m_tree->setFocus(Qt::OtherFocusReason); });
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

void BrowserView::showDataset(const QString& path, const QString& variable) {
  if (path.isEmpty() || (path == m_shown && variable == m_shownVariable && m_header.isBusy())) return;
  // Nobody waits for the one before any more.
  if (m_header.isBusy() && path != m_shown) m_model->setHeaderState(m_shown, HeaderState::Unread, QString());
  m_shown = path;
  m_shownVariable = variable;
  m_lower->setCurrentIndex(CardPage);
  if (const QModelIndex at = m_filter->mapFromSource(m_model->indexOfDataset(path));
      at.isValid() && m_tree->currentIndex().data(BrowserModel::PathRole).toString() != path) {
    const QSignalBlocker quiet(m_tree->selectionModel());
    m_tree->selectionModel()->setCurrentIndex(at, QItemSelectionModel::ClearAndSelect);
    m_tree->scrollTo(at);
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

void BrowserView::showProblem(const QString& name, const QString& reason) {
  m_card->showState(name, tr("cannot be opened"), reason, true);
  m_lower->setCurrentIndex(CardPage);
}

void BrowserView::headerRead(const QString& path, const Result<DatasetInfo>& info) {
  if (!info) {
    m_known.erase(path);
    if (isFeaturesName(path.toStdString())) {
      m_model->setHeaderState(path, HeaderState::Ready, tr("vector"));
      if (path == m_shown)
        m_card->showState(QFileInfo(path).fileName(), tr("polygons, lines or points"),
                          tr("Drag it onto a step or a wire: it clips, or its zones and points give tables."), false);
      return;
    }
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
  m_model->addFacts(path, factsOf(*info));
  m_known.insert_or_assign(path, *info);
  if (path != m_shown) return;
  DatasetInfo shown = *info;
  for (std::size_t i = 0; i < shown.variables.size(); ++i)
    if (!m_shownVariable.isEmpty() && shown.variables[i].name == m_shownVariable.toStdString()) shown.chosen = i;
  const QString name = QFileInfo(path).completeBaseName();
  m_card->showDataset(m_shownVariable.isEmpty() ? name : tr("%1 of %2").arg(m_shownVariable, name), shown,
                      m_shownVariable.isEmpty() && !openNodeOf(path).isEmpty());
  showReadPlan();
}

void BrowserView::showReadPlan() {
  const QString node = m_shownVariable.isEmpty() ? openNodeOf(m_shown) : QString();
  m_card->setReadPlan(node.isEmpty() ? nullptr : m_session.readPlanOf(node));
}

void BrowserView::setShownWavelengths(const QList<double>& nm) { m_card->setShownWavelengths(nm); }

void BrowserView::addFolder(const QString& path) {
  const QString clean = QDir::cleanPath(path);
  if (!m_folders.contains(clean) && clean != QDir::homePath()) m_folders << clean;
  QSettings().setValue(kFoldersKey, m_folders);
  m_model->setPlaces(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
  for (int row = 0; row < m_filter->rowCount(); ++row) {
    const QModelIndex at = m_filter->index(row, 0);
    if (at.data(BrowserModel::PathRole).toString() == clean) m_tree->expand(at);
  }
}

void BrowserView::removeFolder(const QString& path) {
  m_folders.removeAll(path);
  QSettings().setValue(kFoldersKey, m_folders);
  m_model->setPlaces(QStringList{QDir::homePath()} + m_folders, QDir::homePath());
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

QPointF BrowserView::freeCorner() const {
  double lowest = 0;
  for (const Node& node : m_document.chain().nodes)
    lowest = std::max(lowest, m_document.position(QString::fromStdString(node.id)).y() + kRowStep);
  return {0, lowest};
}

void BrowserView::addToChain(const QString& path, const Json& params) {
  if (path.isEmpty()) return;
  Json all = params;
  all["path"] = path.toStdString();
  const QString id = m_document.addNode(QStringLiteral("open"), all, freeCorner());
  m_adding[id] = path;
  Q_EMIT stepAdded(id);
  Q_EMIT status(tr("%1 added to the chain as %2").arg(QFileInfo(path).fileName(), m_document.stepName(id)));
}

void BrowserView::addSelected(Together way) {
  const std::vector<DraggedDataset> datasets = selected();
  const QStringList added = addTogether(m_document, datasets, way, {freeCorner()});
  for (const Node& node : m_document.chain().nodes)
    if (const QString path = absolutePath(node);
        !path.isEmpty() && node.op == "open" &&
        std::any_of(datasets.begin(), datasets.end(), [&path](const auto& one) { return one.path == path; }))
      m_adding[QString::fromStdString(node.id)] = path;
  if (added.isEmpty()) return;
  Q_EMIT stepAdded(added.front());
  Q_EMIT status(tr("%1 added to the chain").arg(m_document.stepName(added.front())));
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

}  // namespace cubeloom
