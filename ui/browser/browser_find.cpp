// SPDX-License-Identifier: GPL-3.0-or-later
// Searching in the data zone: words, place and date; and what the tree's rows can do.
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QUrl>
#include <algorithm>

#include "engine/access/features.h"
#include "ui/browser/browser_view.h"
#include "ui/browser/dataset_filter.h"
#include "ui/browser/find_panel.h"
#include "ui/browser/selection_page.h"

namespace cubeloom {

namespace {

int kindOf(const QModelIndex& at) { return at.isValid() ? at.data(BrowserModel::KindRole).toInt() : -1; }
bool isDatasetRow(const QModelIndex& at) { return kindOf(at) == BrowserModel::Dataset || kindOf(at) == BrowserModel::Variable; }
bool isPlaceRow(const QModelIndex& at) { return kindOf(at) == BrowserModel::Folder || kindOf(at) == BrowserModel::Catalog; }
QString pathOf(const QModelIndex& at) { return at.data(BrowserModel::PathRole).toString(); }

}  // namespace

void BrowserView::search(const QString& words) {
  m_filter->setWords(words);
  readFacts();
  expandFound();
  sayWhatIsFound();
  m_drawing.start();
}

void BrowserView::expandFound() {
  if (!m_filter->hasWords() && !m_filter->asksForFacts()) return;
  // Only what has been listed: a search must not walk through a whole disk.
  std::vector<QModelIndex> open;
  for (int row = 0; row < m_filter->rowCount(); ++row) open.push_back(m_filter->index(row, 0));
  constexpr std::size_t kMostOpened = 200;
  for (std::size_t i = 0; i < open.size() && i < kMostOpened; ++i) {
    const QModelIndex at = open[i];
    if (m_filter->rowCount(at) == 0 || kindOf(at) == BrowserModel::Dataset) continue;
    m_tree->expand(at);
    for (int row = 0; row < m_filter->rowCount(at); ++row) open.push_back(m_filter->index(row, 0, at));
  }
}

void BrowserView::setFinding(bool finding) {
  m_findButton->setChecked(finding);
  if (finding == m_find->isVisibleTo(this)) return;
  // The map takes its room from the card, and gives it back: the tree stays as it is.
  const QList<int> before = m_splitter->sizes();
  constexpr int kLeastCard = 56;
  const int taken = m_find->sizeHint().height();
  m_find->setVisible(finding);
  if (before[0] > 0) m_splitter->setSizes({before[0], std::max(kLeastCard, before[1] + (finding ? -taken : taken))});
  if (!finding) {
    m_find->clear();
    return;
  }
  readFacts();
  m_drawing.start();
}

void BrowserView::readFacts() {
  if (!m_find->isVisibleTo(this) && !m_filter->hasWords()) return;
  QStringList unread;
  for (const QModelIndex& at : m_model->datasets())
    if (const DatasetFacts* facts = m_model->factsOf(at); facts && !facts->isRead) unread << pathOf(at);
  m_facts.want(unread);
}

void BrowserView::showFootprints() {
  if (!m_find->isVisibleTo(this)) return;
  std::vector<Footprint> footprints;
  int found = 0, all = 0, unplaced = 0;
  for (const QModelIndex& at : m_model->datasets()) {
    const DatasetFacts& facts = *m_model->factsOf(at);
    const bool isFound = m_filter->matches(at);
    ++all;
    found += isFound ? 1 : 0;
    if (facts.box) {
      const QString name = at.data().toString();
      footprints.push_back(
          {pathOf(at), facts.dates.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, facts.dates), *facts.box, isFound});
    } else if (facts.isRead) {
      ++unplaced;
    }
  }
  m_find->map().setFootprints(std::move(footprints));
  m_find->setCounts(found, all, unplaced, m_facts.waiting(), m_filter->hasWords() || m_filter->asksForFacts());
}

void BrowserView::sayWhatIsFound() {
  const bool isNothing = m_filter->rowCount() == 0;
  m_nothing->setVisible(isNothing);
  if (!isNothing) return;
  const QString words = m_search->text().trimmed();
  QString said = words.isEmpty()            ? tr("No dataset lies there and then.")
                 : m_filter->asksForFacts() ? tr("No dataset matches “%1” there and then.").arg(words)
                                            : tr("No dataset matches “%1”.").arg(words);
  said += m_facts.waiting() > 0 ? tr(" Headers are still being read.") : tr(" A folder is searched once it has been opened.");
  m_nothing->setText(said);
}

void BrowserView::followTree() {
  const std::vector<DraggedDataset> chosen = selected();
  QStringList paths;
  for (const DraggedDataset& dataset : chosen) paths << dataset.path;
  m_find->map().setSelected(paths);
  if (chosen.size() == 1 && !chosen.front().isCollection) {
    showDataset(chosen.front().path, chosen.front().variable);
  } else if (!chosen.empty()) {
    m_together->setDatasets(chosen);
    m_lower->setCurrentIndex(2);
  } else if (const QModelIndex at = m_tree->currentIndex(); isDatasetRow(at) && !at.data(BrowserModel::ProblemRole).toString().isEmpty()) {
    m_shown = pathOf(at);
    m_header.cancel();
    m_patience.stop();
    showProblem(at.data().toString(), at.data(BrowserModel::ProblemRole).toString());
  }
}

std::vector<DraggedDataset> BrowserView::selected() const {
  QModelIndexList rows = m_tree->selectionModel()->selectedRows();
  // In the order of the tree, whatever the order in which they were clicked.
  std::sort(rows.begin(), rows.end(),
            [this](const QModelIndex& a, const QModelIndex& b) { return m_tree->visualRect(a).top() < m_tree->visualRect(b).top(); });
  std::vector<DraggedDataset> datasets;
  datasets.reserve(static_cast<std::size_t>(rows.size()));
  for (const QModelIndex& at : rows) {
    if (!(isDatasetRow(at) || isPlaceRow(at)) || !at.data(BrowserModel::ProblemRole).toString().isEmpty()) continue;
    DraggedDataset one{pathOf(at), at.data(BrowserModel::VariableRole).toString(), isPlaceRow(at)};
    if (std::find(datasets.begin(), datasets.end(), one) == datasets.end()) datasets.push_back(std::move(one));
  }
  return datasets;
}

void BrowserView::openRow(const QModelIndex& at) {
  if (isDatasetRow(at) && isFeaturesName(pathOf(at).toStdString()) && !m_known.contains(pathOf(at))) {
    Q_EMIT status(tr("%1 is no raster: drag it onto a step, which it clips or samples").arg(at.data().toString()));
  } else if (isDatasetRow(at) && at.data(BrowserModel::ProblemRole).toString().isEmpty()) {
    const QString variable = at.data(BrowserModel::VariableRole).toString();
    addToChain(pathOf(at), variable.isEmpty() ? Json::object() : Json{{"variable", variable.toStdString()}});
  } else if (m_tree->model()->hasChildren(at)) {
    // A double click has done that already: the tree does it itself.
    if (m_tree->hasFocus() && QGuiApplication::mouseButtons() == Qt::NoButton) m_tree->setExpanded(at, !m_tree->isExpanded(at));
  }
}

void BrowserView::chooseFolder() {
  const QString path = QFileDialog::getExistingDirectory(this, tr("Add a folder of datasets"), QDir::homePath());
  if (!path.isEmpty()) addFolder(path);
}

void BrowserView::chooseCatalog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Add a catalog: intake or STAC"), QDir::homePath(),
                                                    tr("Catalogs (*.yaml *.yml *.json);;All files (*)"));
  if (!path.isEmpty()) addFolder(path);
}

bool BrowserView::isRemovable(const QModelIndex& at) const {
  if (!at.isValid()) return false;
  if (isPlaceRow(at)) return !at.parent().isValid() && m_folders.contains(pathOf(at));
  const QModelIndex source = m_filter->mapToSource(at);
  return source.parent().isValid() && !source.parent().parent().isValid() && source.parent().row() == 1 && m_recent.contains(pathOf(at));
}

void BrowserView::removeRow(const QModelIndex& at) {
  if (!isRemovable(at)) return;
  const QString path = pathOf(at);
  if (isPlaceRow(at)) return removeFolder(path);
  m_recent.removeAll(path);
  QSettings().setValue(QStringLiteral("browser/recent"), m_recent);
  m_model->setRecent(m_recent);
}

void BrowserView::addDatasetActions(QMenu& menu, const QModelIndex& at) {
  const QString path = pathOf(at), variable = at.data(BrowserModel::VariableRole).toString(),
                driver = at.data(BrowserModel::DriverRole).toString();
  const bool canOpen = at.data(BrowserModel::ProblemRole).toString().isEmpty();
  const auto open = [this, path, variable](const char* param, const std::string& value) {
    Json params = Json::object();
    if (!variable.isEmpty()) params["variable"] = variable.toStdString();
    if (param != nullptr) params[param] = value;
    addToChain(path, params);
  };
  menu.addAction(tr("Open"), this, [open] { open(nullptr, {}); })->setEnabled(canOpen);
  QMenu* as = menu.addMenu(tr("Open as"));
  as->addAction(tr("True values, by the header's scale"), this, [open] { open("decode", "true"); });
  as->addAction(tr("Values as they are stored"), this, [open] { open("decode", "false"); });
  as->addAction(tr("Values under the file's mask, too"), this, [open] { open("mask", "ignore"); });
  if (!driver.isEmpty())
    as->addAction(tr("By GDAL's driver %1").arg(driver), this, [open, driver] { open("driver", driver.toStdString()); });
  as->menuAction()->setEnabled(canOpen || !driver.isEmpty());
}

void BrowserView::addPlaceActions(QMenu& menu, const QModelIndex& at) {
  menu.addAction(tr("Load as one cube"), this, [this] { addSelected(Together::Load); });
  const QPersistentModelIndex source = m_filter->mapToSource(at);
  if (m_model->isListing(source)) {
    menu.addAction(tr("Stop listing"), this, [this, source] { m_model->stopListing(source); });
  } else {
    menu.addAction(tr("Look again"), this, [this, source] {
      for (const QModelIndex& one : m_model->datasets()) m_facts.forget(pathOf(one));
      m_model->rescan(source);
    });
  }
}

void BrowserView::showMenu(QPoint where) {
  const QModelIndex at = m_tree->indexAt(where);
  const std::vector<DraggedDataset> chosen = selected();
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setToolTipsVisible(true);
  if (chosen.size() > 1) {
    menu->addSection(tr("%1 datasets").arg(chosen.size()));
    for (const WayTogether& way : waysTogether(chosen)) {
      QAction* action = menu->addAction(way.title, this, [this, one = way.way] { addSelected(one); });
      action->setEnabled(way.obstacle.isEmpty());
      action->setToolTip(way.obstacle.isEmpty() ? way.help : tr("Not here: %1.").arg(way.obstacle));
    }
  } else if (isDatasetRow(at)) {
    addDatasetActions(*menu, at);
  } else if (isPlaceRow(at)) {
    addPlaceActions(*menu, at);
  }
  if (const QString path = pathOf(at); !path.isEmpty() && chosen.size() < 2) {
    menu->addSeparator();
    const QString folder = QFileInfo(path).path();
    if (!path.contains(QLatin1String("://")))
      menu->addAction(tr("Show in folder"), this, [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
    menu->addAction(tr("Copy path"), this, [path] { QGuiApplication::clipboard()->setText(path); });
    QAction* remove = menu->addAction(tr("Remove from the list"), this, [this, row = QPersistentModelIndex(at)] { removeRow(row); });
    remove->setShortcut(QKeySequence::Delete);
    remove->setEnabled(isRemovable(at));
  }
  menu->addSeparator();
  menu->addAction(tr("Add a folder…"), this, &BrowserView::chooseFolder);
  menu->addAction(tr("Add a catalog…"), this, &BrowserView::chooseCatalog);
  menu->popup(m_tree->viewport()->mapToGlobal(where));
}

}  // namespace cubeloom
