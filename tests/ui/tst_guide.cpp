// SPDX-License-Identifier: GPL-3.0-or-later
// The guide's window: every page and link of it leads somewhere, an operation is found by its heading, and words are found in all pages.
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QTextBrowser>
#include <QToolButton>
#include <QtTest>

#include "engine/ops/register_operations.h"
#include "ui/guide/guide_window.h"

using namespace cubeloom;

namespace {

QString pageText(const QString& page) {
  QFile file(QStringLiteral(":/docs/guide/") + page);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList anchorsOf(const QString& page) {
  QStringList anchors;
  bool isCode = false;
  for (const QString& line : pageText(page).split(QLatin1Char('\n'))) {
    if (line.startsWith(QStringLiteral("```"))) isCode = !isCode;
    if (!isCode && line.startsWith(QLatin1Char('#'))) anchors << anchorOf(line.mid(line.indexOf(QLatin1Char(' ')) + 1));
  }
  return anchors;
}

}  // namespace

class TestGuide : public QObject {
  Q_OBJECT
 private:
  QWidget m_parent;

 private slots:
  void allItsLinksLeadSomewhere() {
    QVERIFY(guidePages().size() > 10);
    static const QRegularExpression link(QStringLiteral("\\]\\(([^)#:]*)(#[^)]*)?\\)"));
    for (const auto& [page, title] : guidePages()) {
      QVERIFY2(!pageText(page).isEmpty(), qPrintable(page));
      for (auto found = link.globalMatch(pageText(page)); found.hasNext();) {
        const auto match = found.next();
        const QString to = match.captured(1).isEmpty() ? page : match.captured(1), anchor = match.captured(2).mid(1);
        if (to.startsWith(QStringLiteral("../decisions/"))) continue;  // not carried inside
        QVERIFY2(QFile::exists(QStringLiteral(":/docs/guide/") + to), qPrintable(page + ": " + match.captured()));
        QVERIFY2(anchor.isEmpty() || anchorsOf(to).contains(anchor), qPrintable(page + ": " + match.captured()));
      }
    }
  }

  void everyOperationHasItsPlace() {
    Registry registry;
    registerOperations(registry);
    GuideWindow* guide = openGuide(&m_parent);
    for (const Operation* operation : registry.all()) {
      const QString heading = QString::fromStdString(operation->declaration().title + " (" + operation->declaration().id + ")");
      QCOMPARE(openGuide(&m_parent, QStringLiteral("operations.md"), heading), guide);  // one window, not one each
      QCOMPARE(guide->page(), QStringLiteral("operations.md"));
      QCOMPARE(guide->heading(), heading);
    }
    guide->close();
  }

  void wordsAreFoundInAllPages() {
    GuideWindow guide(&m_parent);
    guide.showPage(QStringLiteral("README.md"));
    auto* list = guide.findChild<QListWidget*>();
    auto* search = guide.findChild<QLineEdit*>();
    QCOMPARE(list->count(), static_cast<int>(guidePages().size()));
    search->setText(QStringLiteral("k-means"));
    QVERIFY(list->count() > 0);
    QCOMPARE(list->item(0)->text(), QStringLiteral("K-means (kmeans)"));  // in a heading: before those in the text
    Q_EMIT list->itemClicked(list->item(0));
    QCOMPARE(guide.heading(), QStringLiteral("K-means (kmeans)"));
    search->setText(QStringLiteral("no such thing anywhere"));
    QCOMPARE(list->count(), 1);
    QCOMPARE(list->item(0)->flags(), Qt::NoItemFlags);
    search->clear();
    QCOMPARE(list->count(), static_cast<int>(guidePages().size()));
  }

  void goesBack() {
    GuideWindow guide(&m_parent);
    guide.showPage(QStringLiteral("getting_started.md"));
    Q_EMIT guide.findChild<QTextBrowser*>()->anchorClicked(QUrl(QStringLiteral("geotiff.md#scale-and-offset")));
    QCOMPARE(guide.page(), QStringLiteral("geotiff.md"));
    QCOMPARE(guide.heading(), QStringLiteral("Scale and offset"));
    auto* back = guide.findChild<QToolButton*>();
    QVERIFY(back->isEnabled());
    back->click();
    QCOMPARE(guide.page(), QStringLiteral("getting_started.md"));
    QVERIFY(!back->isEnabled());
  }

  void aPageThatIsNotThereIsTheFirst() {
    GuideWindow guide(&m_parent);
    guide.showPage(QStringLiteral("nothing.md"));
    QCOMPARE(guide.page(), QStringLiteral("README.md"));
  }
};

QTEST_MAIN(TestGuide)
#include "tst_guide.moc"
