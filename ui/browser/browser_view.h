// SPDX-License-Identifier: GPL-3.0-or-later
// The data zone: search, the tree of places, and the card of the dataset that is selected.
#pragma once

#include <QList>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "ui/async/latest_task.h"
#include "ui/browser/browser_model.h"
#include "ui/browser/facts_reader.h"
#include "ui/document/document.h"
#include "ui/run/session.h"
#include "ui/steps/dragged_datasets.h"

class QLabel;
class QLineEdit;
class QScrollArea;
class QMenu;
class QSplitter;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace cubeloom {

class DatasetCard;
class DatasetFilter;
class FindPanel;
class SelectionPage;

/// GUI thread only; headers and folders are read on workers.
class BrowserView : public QWidget {
  Q_OBJECT
 public:
  BrowserView(Document& document, Session& session, QWidget* parent = nullptr);
  ~BrowserView() override;

  /// A folder or a catalog becomes a place of its own.
  void addFolder(const QString& path);
  void removeFolder(const QString& path);
  QStringList folders() const { return m_folders; }
  /// Reads the header of a dataset and shows its card.
  void showDataset(const QString& path, const QString& variable = {});
  /// Adds an open node for a dataset; once it is known to open it counts as recent.
  void addToChain(const QString& path, const Json& params = Json::object());
  /// The datasets, folders and catalogs that are selected, in the order of the tree.
  std::vector<DraggedDataset> selected() const;
  /// Adds what is selected to the chain, in one way or another.
  void addSelected(Together way);
  /// Who knows which part of the world the preview shows; unset where it shows none.
  void setAreaShown(std::function<std::optional<LonLatBox>()> area) { m_areaShown = std::move(area); }
  void setFinding(bool finding);
  FindPanel& find() { return *m_find; }
  BrowserModel* model() { return m_model; }
  DatasetCard* card() { return m_card; }

 public slots:
  /// Ticks on the wavelength strip (PreviewView::shownWavelengthsChanged).
  void setShownWavelengths(const QList<double>& nm);
  void chooseFolder();
  void chooseCatalog();

 signals:
  void sampleRequested();
  void status(const QString& text);
  /// A step is new in the chain.
  void stepAdded(const QString& node);

 private:
  void buildTree();
  void followChain();
  void followSelection();
  void showReadPlan();
  /// Why a row cannot be opened, in place of its card.
  void showProblem(const QString& name, const QString& reason);
  void headerRead(const QString& path, const Result<DatasetInfo>& info);
  QWidget* buildHead();
  QWidget* buildOffers();
  void search(const QString& words);
  /// Opens what has been listed, so that what was found can be seen.
  void expandFound();
  void readFacts();
  void showFootprints();
  void sayWhatIsFound();
  void followTree();
  void openRow(const QModelIndex& at);
  void showMenu(QPoint at);
  void addDatasetActions(QMenu& menu, const QModelIndex& at);
  void addPlaceActions(QMenu& menu, const QModelIndex& at);
  void removeRow(const QModelIndex& at);
  bool isRemovable(const QModelIndex& at) const;
  QPointF freeCorner() const;
  void assignNodata(double value);
  QString openNodeOf(const QString& path) const;
  QString absolutePath(const Node& node) const;
  void remember(const QString& path);
  void rememberOpened();

  Document& m_document;
  Session& m_session;
  BrowserModel* m_model;
  DatasetFilter* m_filter;
  QLineEdit* m_search;
  QToolButton* m_findButton;
  FindPanel* m_find;
  QTreeView* m_tree;
  QSplitter* m_splitter = nullptr;
  QStackedWidget* m_lower;
  DatasetCard* m_card;
  SelectionPage* m_together;
  FactsReader m_facts;
  std::function<std::optional<LonLatBox>()> m_areaShown;
  QStringList m_folders, m_recent;
  QString m_shown, m_followedNode;
  QString m_shownVariable;              ///< of m_shown; empty: the one that `open` takes by itself
  std::map<QString, QString> m_adding;  ///< paths by node, to be remembered as recent if they can be opened
  QLabel* m_nothing;                    ///< over the tree when a search finds nothing
  LatestTask<Result<DatasetInfo>> m_header;
  QTimer m_patience;
  QTimer m_drawing;                        ///< footprints, once for all that came in a moment
  std::map<QString, DatasetInfo> m_known;  ///< headers read in this session, so that going back to one is instant
};

}  // namespace cubeloom
