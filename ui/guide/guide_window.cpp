// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/guide/guide_window.h"

#include <QAbstractTextDocumentLayout>
#include <QDesktopServices>
#include <QEvent>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSplitter>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextList>
#include <QTextTable>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/theme/theme.h"

// Out of the namespace, as the macro wants it.
static void initGuide() { Q_INIT_RESOURCE(guide); }

namespace cubeloom {

namespace {

constexpr const char* kFolder = ":/docs/guide/";
constexpr int kLongPage = 40000;  // characters: such a page is shown section by section
constexpr int kPageRole = Qt::UserRole, kHeadingRole = Qt::UserRole + 1;

QString textOf(const QString& page) {
  initGuide();
  QFile file(QLatin1String(kFolder) + page);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// "`calc`", "**bold**" without the marks.
QString withoutMarks(QString text) {
  static const QRegularExpression marks(QStringLiteral("[`*]"));
  return text.remove(marks).trimmed();
}

int levelOf(const QString& line) {
  int level = 0;
  while (level < line.size() && line[level] == QLatin1Char('#')) ++level;
  return level < line.size() && line[level] == QLatin1Char(' ') ? level : 0;
}

QString titleOf(const QString& line) { return withoutMarks(line.mid(line.indexOf(QLatin1Char(' ')) + 1)); }

/// From the heading to the next one that is not below it; empty where there is none.
QString sectionOf(const QString& text, const QString& anchor) {
  QStringList section;
  int level = 0;
  for (const QString& line : text.split(QLatin1Char('\n'))) {
    const int here = levelOf(line);
    if (level > 0 && here > 0 && here <= level) break;
    if (level == 0 && here > 0 && anchorOf(titleOf(line)) == anchor) level = here;
    if (level > 0) section << line;
  }
  return section.join(QLatin1Char('\n'));
}

/// The sections of a long page as links, each with its first sentence.
QString contentsOf(const QString& text) {
  QString contents, last;
  for (const QString& line : text.split(QLatin1Char('\n'))) {
    const int level = levelOf(line);
    if (level == 1 || level == 2) {
      contents += line + QStringLiteral("\n\n");
      last.clear();
    } else if (level == 3) {
      last = titleOf(line);
    } else if (!last.isEmpty() && !line.trimmed().isEmpty()) {
      contents += QStringLiteral("- [%1](#%2): %3\n").arg(last, anchorOf(last), line);
      last.clear();
    }
    if (level == 0 && last.isEmpty() && line.trimmed().isEmpty() && !contents.endsWith(QStringLiteral("\n\n")))
      contents += QLatin1Char('\n');
  }
  return contents;
}

struct Found {
  QString page, heading, line;
};

/// The places that have all words, the ones with them in the heading first.
std::vector<Found> placesWith(const QStringList& words) {
  std::vector<Found> inHeadings, inText;
  const auto hasAll = [&words](const QString& text) {
    return std::all_of(words.begin(), words.end(), [&text](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
  };
  for (const auto& [page, title] : guidePages()) {
    QString heading = title;
    bool isTold = false;
    for (const QString& raw : textOf(page).split(QLatin1Char('\n'))) {
      const QString line = withoutMarks(raw);
      if (levelOf(raw) > 0) {
        heading = titleOf(raw);
        isTold = hasAll(heading);
        if (isTold) inHeadings.push_back({page, heading, title});
      } else if (!isTold && hasAll(line)) {
        isTold = true;
        inText.push_back({page, heading, title});
      }
    }
  }
  inHeadings.insert(inHeadings.end(), inText.begin(), inText.end());
  return inHeadings;
}

/// Of pictures that exist as NAME.png and NAME_dark.png the one that fits the theme.
QString withPicturesOfTheme(QString text) {
  if (!theme().isDark()) return text;
  static const QRegularExpression picture(QStringLiteral("\\(\\.\\./images/([a-z0-9_]+)\\.png\\)"));
  QString dark;
  qsizetype from = 0;
  for (auto found = picture.globalMatch(text); found.hasNext();) {
    const auto match = found.next();
    const QString name = match.captured(1) + QStringLiteral("_dark.png");
    dark += text.mid(from, match.capturedStart() - from);
    dark += QFile::exists(QStringLiteral(":/docs/images/") + name) ? QStringLiteral("(../images/%1)").arg(name) : match.captured();
    from = match.capturedEnd();
  }
  return dark + text.mid(from);
}

}  // namespace

std::vector<std::pair<QString, QString>> guidePages() {
  static const QRegularExpression link(QStringLiteral("\\[([^\\]]+)\\]\\(([a-z_]+\\.md)\\)"));
  std::vector<std::pair<QString, QString>> pages;
  for (auto found = link.globalMatch(textOf(QStringLiteral("README.md"))); found.hasNext();) {
    const auto match = found.next();
    pages.emplace_back(match.captured(2), match.captured(1));
  }
  return pages;
}

QString anchorOf(const QString& heading) {
  static const QRegularExpression others(QStringLiteral("[^\\w\\- ]"));
  QString anchor = withoutMarks(heading).toLower();
  anchor.remove(others);
  return anchor.replace(QLatin1Char(' '), QLatin1Char('-'));
}

GuideWindow::GuideWindow(QWidget* parent)
    : QDialog(parent), m_pages(new QListWidget), m_text(new QTextBrowser), m_search(new QLineEdit), m_back(new QToolButton) {
  setWindowTitle(tr("Guide"));
  setAttribute(Qt::WA_DeleteOnClose);
  m_search->setPlaceholderText(tr("Search the guide"));
  m_search->setClearButtonEnabled(true);
  m_search->setAccessibleName(tr("Search the guide"));
  m_pages->setAccessibleName(tr("Pages of the guide"));
  m_pages->setFrameShape(QFrame::NoFrame);
  m_pages->setTextElideMode(Qt::ElideRight);
  m_pages->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_text->setAccessibleName(tr("Page of the guide"));
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setOpenLinks(false);
  m_text->document()->setDocumentMargin(22);
  m_back->setText(tr("Back"));
  m_back->setShortcut(QKeySequence::Back);
  m_back->setProperty("role", "flat");
  m_back->setEnabled(false);

  auto* row = new QHBoxLayout;
  row->addWidget(m_search, 1);
  row->addWidget(m_back);
  auto* left = new QWidget;
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(10, 10, 6, 6);
  column->addLayout(row);
  column->addWidget(m_pages, 1);
  auto* splitter = new QSplitter;
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(left);
  splitter->addWidget(m_text);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({260, 720});
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->addWidget(splitter);
  resize(1000, 720);

  connect(m_text, &QTextBrowser::anchorClicked, this, &GuideWindow::follow);
  connect(m_search, &QLineEdit::textChanged, this, &GuideWindow::search);
  connect(m_back, &QToolButton::clicked, this, &GuideWindow::goBack);
  connect(m_pages, &QListWidget::itemActivated, m_pages, &QListWidget::itemClicked);
  connect(m_pages, &QListWidget::itemClicked, this,
          [this](const QListWidgetItem* item) { showPage(item->data(kPageRole).toString(), item->data(kHeadingRole).toString()); });
  connect(&theme(), &Theme::changed, this, &GuideWindow::read);
  search({});
}

void GuideWindow::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && !m_page.isEmpty()) read();
}

void GuideWindow::showEvent(QShowEvent* event) {
  QDialog::showEvent(event);
  QTimer::singleShot(0, this, &GuideWindow::scrollToHeading);  // the text is as wide as it stays only then
}

void GuideWindow::showPage(const QString& page, const QString& heading) {
  const QString wanted = textOf(page).isEmpty() ? QStringLiteral("README.md") : page;
  if (!m_page.isEmpty()) m_before.push_back({m_page, m_heading, m_text->verticalScrollBar()->value()});
  m_back->setEnabled(!m_before.empty());
  m_page = wanted;
  m_heading = heading;
  read();
  scrollToHeading();
  markInList();
}

/// No picture is wider than the page is at first.
void GuideWindow::fitPictures() {
  constexpr double kWidth = 600;
  std::vector<QTextFragment> pictures;
  for (QTextBlock block = m_text->document()->begin(); block.isValid(); block = block.next())
    for (auto at = block.begin(); !at.atEnd(); ++at)
      if (at.fragment().charFormat().isImageFormat()) pictures.push_back(at.fragment());
  QTextCursor cursor(m_text->document());
  for (const QTextFragment& fragment : pictures) {
    QTextImageFormat picture = fragment.charFormat().toImageFormat();
    picture.setWidth(kWidth);
    cursor.setPosition(fragment.position());
    cursor.setPosition(fragment.position() + fragment.length(), QTextCursor::KeepAnchor);
    cursor.setCharFormat(picture);
  }
}

/// Room around paragraphs, headings and cells, which Markdown's own form lacks.
void GuideWindow::giveRoom() {
  QTextDocument* document = m_text->document();
  for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
    QTextCursor cursor(block);
    if (cursor.currentTable() != nullptr) continue;
    QTextBlockFormat format = block.blockFormat();
    const int level = format.headingLevel();
    format.setNonBreakableLines(false);
    if (level > 0) {
      format.setTopMargin(level == 1 ? 4 : 20);
      format.setBottomMargin(8);
      QTextCharFormat bold;
      bold.setFontWeight(QFont::DemiBold);
      cursor.select(QTextCursor::BlockUnderCursor);
      cursor.mergeCharFormat(bold);
      cursor.setPosition(block.position());
    } else if (format.hasProperty(QTextFormat::BlockCodeFence) || format.hasProperty(QTextFormat::BlockCodeLanguage)) {
      format.setBackground(color(Token::Panel));
      format.setLeftMargin(6);
    } else {
      format.setBottomMargin(block.textList() != nullptr ? 4 : 10);
      format.setLineHeight(125, QTextBlockFormat::ProportionalHeight);
    }
    cursor.setBlockFormat(format);
  }
  for (QTextFrame* frame : document->rootFrame()->childFrames()) {
    auto* table = qobject_cast<QTextTable*>(frame);
    if (table == nullptr) continue;
    QTextTableFormat format = table->format();
    format.setCellPadding(5);
    format.setBorder(0);
    format.setTopMargin(4);
    format.setBottomMargin(12);
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    if (table->columns() > 2) {  // what is told stands in the last one
      QList<QTextLength> widths(table->columns() - 1);
      widths << QTextLength(QTextLength::PercentageLength, 45);
      format.setColumnWidthConstraints(widths);
    }
    table->setFormat(format);
  }
}

void GuideWindow::read() {
  if (m_page.isEmpty()) return;
  m_text->setSearchPaths({QLatin1String(kFolder)});
  m_text->document()->setBaseUrl(QUrl(QStringLiteral("qrc") + QLatin1String(kFolder)));
  m_text->document()->setDefaultFont(theme().font(13));
  QString text = textOf(m_page);
  if (text.size() > kLongPage) {
    const QString section = sectionOf(text, anchorOf(m_heading));
    text = section.isEmpty() ? contentsOf(text) : section;
  }
  m_text->setMarkdown(withPicturesOfTheme(text));
  giveRoom();
  fitPictures();
}

void GuideWindow::scrollToHeading() {
  const QString anchor = anchorOf(m_heading);
  m_heading.clear();
  for (QTextBlock block = m_text->document()->begin(); block.isValid() && !anchor.isEmpty(); block = block.next()) {
    if (block.blockFormat().headingLevel() == 0 || anchorOf(block.text()) != anchor) continue;
    m_heading = block.text();
    const double top = m_text->document()->documentLayout()->blockBoundingRect(block).top();
    return m_text->verticalScrollBar()->setValue(static_cast<int>(top) - 16);
  }
  m_text->verticalScrollBar()->setValue(0);
}

void GuideWindow::goBack() {
  if (m_before.empty()) return;
  const Place place = m_before.back();
  m_before.pop_back();
  m_back->setEnabled(!m_before.empty());
  m_page = place.page;
  m_heading = place.heading;
  read();
  m_text->verticalScrollBar()->setValue(place.scroll);
  markInList();
}

void GuideWindow::follow(const QUrl& url) {
  if (url.scheme().startsWith(QStringLiteral("http"))) {
    QDesktopServices::openUrl(url);
  } else {
    const QString file = url.fileName();
    showPage(file.isEmpty() ? m_page : file, url.fragment());
  }
}

void GuideWindow::search(const QString& words) {
  m_pages->clear();
  const QStringList wanted = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const auto add = [this](const QString& text, const QString& page, const QString& heading, const QString& tip) {
    auto* item = new QListWidgetItem(text, m_pages);
    item->setData(kPageRole, page);
    item->setData(kHeadingRole, heading);
    item->setToolTip(tip);
  };
  if (wanted.isEmpty()) {
    for (const auto& [page, title] : guidePages()) add(title, page, {}, {});
    markInList();
    return;
  }
  for (const Found& found : placesWith(wanted)) add(found.heading, found.page, found.heading, found.line);
  if (m_pages->count() > 0) return;
  auto* none = new QListWidgetItem(tr("Nothing about \"%1\"").arg(words.trimmed()), m_pages);
  none->setFlags(Qt::NoItemFlags);
}

void GuideWindow::markInList() {
  if (!m_search->text().trimmed().isEmpty()) return;
  for (int i = 0; i < m_pages->count(); ++i)
    if (m_pages->item(i)->data(kPageRole).toString() == m_page) return m_pages->setCurrentRow(i);
  m_pages->setCurrentRow(-1);
}

GuideWindow* openGuide(QWidget* parent, const QString& page, const QString& heading) {
  auto* guide = parent->findChild<GuideWindow*>();
  if (guide == nullptr) guide = new GuideWindow(parent);
  guide->showPage(page, heading);
  guide->show();
  guide->raise();
  guide->activateWindow();
  return guide;
}

}  // namespace cubeloom
