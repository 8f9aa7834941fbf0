// SPDX-License-Identifier: GPL-3.0-or-later
// The guide in a window of its own: its pages, a search over all of them, the page of an operation.
#pragma once

#include <QDialog>
#include <QString>
#include <QStringList>
#include <QUrl>
#include <utility>
#include <vector>

class QLineEdit;
class QListWidget;
class QTextBrowser;
class QToolButton;

namespace cubeloom {

/// GUI thread only. One at a time: openGuide().
class GuideWindow : public QDialog {
  Q_OBJECT
 public:
  explicit GuideWindow(QWidget* parent);

  /// "getting_started.md"; `heading`, where it is not empty, is scrolled to; of a long page its section is shown alone, and without a
  /// heading the list of them. A page that is not there is the first one.
  void showPage(const QString& page, const QString& heading = {});
  QString page() const { return m_page; }
  /// The heading of the place that is shown.
  QString heading() const { return m_heading; }

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void follow(const QUrl& url);
  void search(const QString& words);
  void goBack();
  void read();
  void giveRoom();
  void fitPictures();
  void scrollToHeading();
  void markInList();

  QListWidget* m_pages;
  QTextBrowser* m_text;
  QLineEdit* m_search;
  QToolButton* m_back;
  QString m_page, m_heading;
  struct Place {
    QString page, heading;
    int scroll = 0;
  };
  std::vector<Place> m_before;
};

/// Shows the guide of `parent`, a new one where it has none.
GuideWindow* openGuide(QWidget* parent, const QString& page = QStringLiteral("README.md"), const QString& heading = {});

/// The pages in the order of the guide's first one, which is not among them: file and title.
std::vector<std::pair<QString, QString>> guidePages();
/// "Chains as code" -> "chains-as-code": how links of Markdown name a heading.
QString anchorOf(const QString& heading);

}  // namespace cubeloom
