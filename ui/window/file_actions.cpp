// SPDX-License-Identifier: GPL-3.0-or-later
// Dialogs, the lists of recent files, the sample.
#include "ui/window/file_actions.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QSettings>
#include <QStandardPaths>

#include "engine/base/guard.h"
#include "ui/browser/browser_view.h"
#include "ui/document/code_languages.h"
#include "ui/document/document.h"

namespace cubeloom {

namespace {

constexpr int kRecentCount = 10;
const QString kSuffix = QStringLiteral("cubeloom");
const QString kWelcomedKey = QStringLiteral("window/welcomed");

/// A title as a name that every file system takes; empty stays empty.
QString fileNameOf(QString title) {
  static const QRegularExpression unwanted(QStringLiteral(R"([\s/\\:*?"<>|]+)"));
  constexpr int kMostLetters = 60;
  title = title.simplified().replace(unwanted, QStringLiteral("-")).left(kMostLetters);
  while (title.startsWith(u'-') || title.startsWith(u'.')) title.remove(0, 1);
  while (title.endsWith(u'-')) title.chop(1);
  return title.isEmpty() ? title : title + QLatin1Char('.') + kSuffix;
}

const QString kExamples = QStringLiteral(":/chains");

Result<Chain> exampleChain(const QString& name) {
  QFile file(kExamples + QLatin1Char('/') + name + QStringLiteral(".cubeloom"));
  const bool opened = file.open(QIODevice::ReadOnly);
  return chainFromJson(opened ? file.readAll().toStdString() : std::string());
}

/// The file that the first step opens.
std::string openedFile(const Chain& chain) {
  if (chain.nodes.empty()) return {};
  const auto path = chain.nodes.front().params.find("path");
  return path != chain.nodes.front().params.end() && path->is_string() ? path->get<std::string>() : std::string();
}

}  // namespace

FileActions::FileActions(Document& document, BrowserView& browser, SampleMaker makeSample, QWidget& window)
    : m_document(document), m_code(document), m_browser(browser), m_makeSample(std::move(makeSample)), m_window(window) {}

void FileActions::newChain() {
  if (maySetAside()) m_document.newChain();
}

void FileActions::openFiles(const QStringList& paths) {
  QStringList datasets;
  for (const QString& path : paths) {
    if (QFileInfo(path).suffix().compare(kSuffix, Qt::CaseInsensitive) == 0) {
      openChain(path);
    } else if (QFileInfo(path).suffix().compare(QLatin1String("jsonl"), Qt::CaseInsensitive) == 0) {
      Q_EMIT runFileOpened(path);
    } else {
      datasets << QFileInfo(path).absoluteFilePath();
    }
  }
  if (!datasets.isEmpty()) addDatasets(datasets);
}

void FileActions::openChain(const QString& path) {
  if (!maySetAside()) return;
  QString error;
  if (!m_document.open(path, &error)) {
    Q_EMIT problem(error);
    return;
  }
  Q_EMIT noteOver();
  remember(QStringLiteral("recent/chains"), m_document.path());
}

void FileActions::addDatasets(const QStringList& paths) {
  for (const QString& path : paths) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    const bool isCatalog = suffix == QLatin1String("yaml") || suffix == QLatin1String("yml");
    if (isCatalog || (QFileInfo(path).isDir() && !path.endsWith(QLatin1String(".zarr")))) {
      m_browser.addFolder(path);
      continue;
    }
    m_browser.addToChain(path);
    const QString added = QString::fromStdString(m_document.chain().nodes.back().id);
    m_document.setSelection({added});
    m_document.setViewedNode(added);
  }
}

void FileActions::openExample(const QString& name) {
  if (m_isMakingSample || !maySetAside()) return;
  Result<Chain> chain = exampleChain(name);
  if (!chain) {
    Q_EMIT problem(QString::fromStdString(chain.error().text()));
    return;
  }
  m_isMakingSample = true;
  Q_EMIT note(tr("Making the sample…"));
  const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/sample");
  m_background.start([this, folder = folder.toStdString(), make = m_makeSample, chain = std::move(*chain)] {
    const Result<std::string> made = guarded([&] { return make(folder, openedFile(chain)); });
    const QString path = made ? QString::fromStdString(*made) : QString();
    const QString error = made ? QString() : QString::fromStdString(made.error().text());
    m_mailbox.post([this, path, error, chain] {
      m_isMakingSample = false;
      if (path.isEmpty()) {
        Q_EMIT problem(error);
      } else {
        openSampleAt(path, chain);
      }
    });
  });
}

void FileActions::fillExamples(QMenu* menu) {
  for (const QString& name : QDir(kExamples).entryList({QStringLiteral("*.cubeloom")}, QDir::Files, QDir::Name)) {
    const QString id = QFileInfo(name).completeBaseName();
    const Result<Chain> chain = exampleChain(id);
    if (chain) menu->addAction(QString::fromStdString(chain->title), this, [this, id] { openExample(id); });
  }
}

void FileActions::openSampleAt(const QString& madePath, Chain chain) {
  chain.folder = QFileInfo(madePath).path().toStdString();
  m_document.setChain(chain);
  m_document.setSelection({m_document.viewedNode()});
  if (QSettings().value(kWelcomedKey).toBool()) {
    Q_EMIT noteOver();
    return;
  }
  Q_EMIT note(
      tr("Made-up data with a first chain. The eye on a step shows its picture before anything is run; Run writes the file; the monitor "
         "below then shows every chunk. File > Examples has more."));
}

void FileActions::chooseAndOpen() {
  const QStringList paths = QFileDialog::getOpenFileNames(
      &m_window, tr("Open chains or datasets"), startFolder(),
      tr("All files (*);;Chains (*.cubeloom);;Rasters (*.hdr *.tif *.tiff *.nc *.h5 *.zarr *.jp2 *.png *.img *.bil *.bsq *.bip)"));
  if (!paths.isEmpty()) openFiles(paths);
}

bool FileActions::save() {
  if (m_document.path().isEmpty()) return saveAs();
  QString error;
  if (!m_document.save(m_document.path(), &error)) {
    Q_EMIT problem(error);
    return false;
  }
  remember(QStringLiteral("recent/chains"), m_document.path());
  return true;
}

bool FileActions::saveAs() {
  QFileDialog dialog(&m_window, tr("Save the chain"), startFolder(), tr("Chains (*.cubeloom)"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setDefaultSuffix(kSuffix);
  const QString path = m_document.path().isEmpty() ? fileNameOf(QString::fromStdString(m_document.chain().title)) : m_document.path();
  if (!path.isEmpty()) dialog.selectFile(path);
  if (dialog.exec() != QDialog::Accepted) return false;
  QString error;
  if (!m_document.save(dialog.selectedFiles().constFirst(), &error)) {
    Q_EMIT problem(error);
    return false;
  }
  remember(QStringLiteral("recent/chains"), m_document.path());
  return true;
}

void FileActions::saveAsCode(const QString& language) {
  const CodeLanguage written = codeLanguage(language);
  const QString name = codeFileName(m_document.path(), written);
  const QString start = m_document.path().isEmpty() ? startFolder() + QLatin1Char('/') + name : name;
  const QString path = QFileDialog::getSaveFileName(&m_window, tr("Save as code: %1").arg(written.name), start,
                                                    tr("%1 (*%2)").arg(written.name, written.suffix));
  if (!path.isEmpty()) writeCode(language, path);
}

void FileActions::writeCode(const QString& language, const QString& path) {
  m_code.start(language, {}, [this, path, name = codeLanguage(language).name](const Result<ExportedChain>& exported) {
    if (!exported) {
      Q_EMIT problem(tr("Not saved as %1: %2").arg(name, QString::fromStdString(exported.error().text())));
    } else if (!saveCode(path, QString::fromStdString(exported->text))) {
      Q_EMIT problem(tr("%1 could not be written.").arg(path));
    } else {
      QStringList leftOut;
      for (const StepLeftOut& step : exported->leftOut)
        leftOut << tr("%1 is left out: %2").arg(QString::fromStdString(step.node), QString::fromStdString(step.reason));
      Q_EMIT codeSaved(path, leftOut.join(QStringLiteral("; ")));
    }
  });
}

bool FileActions::maySetAside() {
  if (!m_document.isModified()) return true;
  QMessageBox question(QMessageBox::Question, tr("Unsaved changes"), tr("Save the changes to this chain?"),
                       QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, &m_window);
  question.setInformativeText(
      tr("Without saving, %n change(s) are lost.", nullptr, m_document.undoStack()->index())
          .replace(QStringLiteral("change(s)"), m_document.undoStack()->index() == 1 ? tr("change") : tr("changes")));
  question.setDefaultButton(QMessageBox::Save);
  switch (question.exec()) {
    case QMessageBox::Save: return save();
    case QMessageBox::Discard: return true;
    default: return false;
  }
}

void FileActions::remember(const QString& key, const QString& path) {
  QSettings settings;
  QStringList paths = settings.value(key).toStringList();
  paths.removeAll(path);
  paths.prepend(path);
  settings.setValue(key, QStringList(paths.mid(0, kRecentCount)));
}

void FileActions::fillRecent(QMenu* menu, const QString& key) {
  menu->clear();
  const QStringList paths = QSettings().value(key).toStringList();
  for (const QString& path : paths) {
    QAction* action = menu->addAction(menu->fontMetrics().elidedText(path, Qt::ElideMiddle, 420));
    action->setToolTip(path);
    connect(action, &QAction::triggered, this, [this, path] { openFiles({path}); });
  }
  if (paths.isEmpty()) menu->addAction(tr("Nothing yet"))->setEnabled(false);
}

QString FileActions::startFolder() const {
  if (!m_document.path().isEmpty()) return QFileInfo(m_document.path()).path();
  const QStringList recent = QSettings().value(QStringLiteral("browser/recent")).toStringList();
  return recent.isEmpty() ? QDir::homePath() : QFileInfo(recent.first()).path();
}

void FileActions::setWelcomed() { QSettings().setValue(kWelcomedKey, true); }

}  // namespace cubeloom
