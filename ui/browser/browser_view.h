// SPDX-License-Identifier: GPL-3.0-or-later
// The data zone: search, the tree of places, and the card of the dataset that is selected.
#pragma once

#include <QList>
#include <QTimer>
#include <QWidget>
#include <map>
#include <memory>

#include "ui/async/latest_task.h"
#include "ui/browser/browser_model.h"
#include "ui/document/document.h"
#include "ui/run/session.h"

class QLabel;
class QLineEdit;
class QScrollArea;
class QSortFilterProxyModel;
class QStackedWidget;
class QTreeView;

namespace cubeloom {

class DatasetCard;

/// GUI thread only; headers and folders are read on workers.
class BrowserView : public QWidget {
  Q_OBJECT
 public:
  BrowserView(Document& document, Session& session, QWidget* parent = nullptr);
  ~BrowserView() override;

  void addFolder(const QString& path);
  void removeFolder(const QString& path);
  QStringList folders() const { return m_folders; }
  /// Reads the header of a dataset and shows its card.
  void showDataset(const QString& path);
  /// Adds an open node for a dataset; once it is known to open it counts as recent.
  void addToChain(const QString& path);
  BrowserModel* model() { return m_model; }
  DatasetCard* card() { return m_card; }

 public slots:
  /// Ticks on the wavelength strip (PreviewView::shownWavelengthsChanged).
  void setShownWavelengths(const QList<double>& nm);
  void chooseFolder();

 signals:
  void sampleRequested();
  void status(const QString& text);

 private:
  void buildTree();
  void followChain();
  void followSelection();
  void showReadPlan();
  void headerRead(const QString& path, const Result<DatasetInfo>& info);
  void search(const QString& words);
  void showMenu(QPoint at);
  void assignNodata(double value);
  QString openNodeOf(const QString& path) const;
  QString absolutePath(const Node& node) const;
  void remember(const QString& path);
  void rememberOpened();

  Document& m_document;
  Session& m_session;
  BrowserModel* m_model;
  QSortFilterProxyModel* m_filter;
  QLineEdit* m_search;
  QTreeView* m_tree;
  QStackedWidget* m_lower;
  DatasetCard* m_card;
  QStringList m_folders, m_recent;
  QString m_shown, m_followedNode;
  std::map<QString, QString> m_adding;  ///< paths by node, to be remembered as recent if they can be opened
  QLabel* m_nothing;                    ///< over the tree when a search finds nothing
  LatestTask<Result<DatasetInfo>> m_header;
  QTimer m_patience;
  std::map<QString, DatasetInfo> m_known;  ///< headers read in this session, so that going back to one is instant
};

}  // namespace cubeloom
