// SPDX-License-Identifier: GPL-3.0-or-later
// One file per program, replaced as a whole, and a lock beside it that tells whether the program still lives.
#include "ui/document/edit_journal.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUuid>
#include <algorithm>

#include "engine/base/guard.h"
#include "engine/base/json_text.h"
#include "engine/base/saved_file.h"

namespace cubeloom {

namespace {

constexpr int kDelayMs = 1000;
const QString kSuffix = QStringLiteral(".edits");

QString lockOf(const QString& file) { return file + QStringLiteral(".lock"); }

std::string textOf(const Chain& chain, const QString& path, bool hasEdits, bool isRunning) {
  const Json json{{"cubeloom_edits", 1},   {"path", path.toStdString()}, {"folder", chain.folder},
                  {"has_edits", hasEdits}, {"is_running", isRunning},    {"chain", jsonFromText(chainToJson(chain))}};
  return jsonText(json, 1);
}

bool read(const QString& file, LostEdits& edits) {
  QFile saved(file);
  if (!saved.open(QIODevice::ReadOnly)) return false;
  const QByteArray text = saved.readAll();
  const Json json = jsonFromText(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
  const auto holds = [&json](const char* key, Json::value_t type) { return !json.contains(key) || json[key].type() == type; };
  if (!json.is_object() || !json.contains("chain") || !json.contains("cubeloom_edits") || json["cubeloom_edits"] != 1) return false;
  if (!holds("folder", Json::value_t::string) || !holds("path", Json::value_t::string) || !holds("has_edits", Json::value_t::boolean) ||
      !holds("is_running", Json::value_t::boolean))
    return false;
  Result<Chain> chain = chainFromJson(jsonText(json["chain"]));
  if (!chain) return false;
  edits.file = file;
  edits.chain = std::move(*chain);
  edits.chain.folder = json.value("folder", std::string());
  edits.path = QString::fromStdString(json.value("path", std::string()));
  edits.hasEdits = json.value("has_edits", false);
  edits.wasRunning = json.value("is_running", false);
  edits.when = QFileInfo(file).lastModified();
  return true;
}

void forgetAll(const std::vector<LostEdits>& all) {
  for (const LostEdits& edits : all) edits.forget();
}

}  // namespace

QString LostEdits::name() const {
  if (!chain.title.empty()) return QString::fromStdString(chain.title);
  return path.isEmpty() ? QCoreApplication::translate("EditJournal", "a new chain") : QFileInfo(path).completeBaseName();
}

void LostEdits::forget() const {
  QFile::remove(file);
  lock->unlock();
}

EditJournal::EditJournal(Document& document, QString folder, QObject* parent)
    : QObject(parent),
      m_document(document),
      m_folder(std::move(folder)),
      m_file(m_folder + QLatin1Char('/') + QUuid::createUuid().toString(QUuid::WithoutBraces) + kSuffix) {
  m_timer.setSingleShot(true);
  m_timer.setInterval(kDelayMs);
  connect(&m_timer, &QTimer::timeout, this, &EditJournal::note);
  connect(&document, &Document::chainChanged, this, &EditJournal::noteSoon);
  connect(&document, &Document::pathChanged, this, &EditJournal::noteSoon);
  connect(document.undoStack(), &QUndoStack::cleanChanged, this, &EditJournal::noteSoon);
}

EditJournal::~EditJournal() {
  m_background.waitForDone();
  QFile::remove(m_file);
  forgetAll(m_taken);
}

void EditJournal::takeOver(const LostEdits& edits) {
  m_taken.push_back(edits);
  noteSoon();
}

void EditJournal::setRunning(bool running) {
  m_isRunning = running;
  noteSoon();
}

/// Not later than the first change asks for, however many follow.
void EditJournal::noteSoon() {
  if (!m_timer.isActive()) m_timer.start();
}

void EditJournal::note() {
  const bool hasEdits = m_document.isModified();
  if (!hasEdits && !m_isRunning) {
    if (m_isNoted || !m_taken.empty())
      m_background.start([file = m_file, taken = m_taken] {
        QFile::remove(file);
        forgetAll(taken);
      });
    m_isNoted = false;
    m_taken.clear();
    return;
  }
  if (!m_lock) {
    QDir().mkpath(m_folder);
    m_lock = std::make_unique<QLockFile>(lockOf(m_file));
    m_lock->setStaleLockTime(0);  // it lives as long as the program
    m_lock->tryLock();
  }
  m_isNoted = true;
  // A journal that cannot be written is no reason to disturb the user.
  m_background.start([this, chain = m_document.chain(), path = m_document.path(), hasEdits, running = m_isRunning, taken = m_taken] {
    (void)guarded([&] {
      if (!saveFile(m_file.toStdString(), textOf(chain, path, hasEdits, running)) || taken.empty()) return;
      forgetAll(taken);
      const auto isTaken = [taken](const LostEdits& edits) {
        return std::any_of(taken.begin(), taken.end(), [&edits](const LostEdits& one) { return one.file == edits.file; });
      };
      m_mailbox.post([this, isTaken] { std::erase_if(m_taken, isTaken); });
    });
  });
}

std::vector<LostEdits> EditJournal::lost(const QString& folder) {
  std::vector<LostEdits> found;
  for (const QFileInfo& info : QDir(folder).entryInfoList({QLatin1Char('*') + kSuffix}, QDir::Files)) {
    LostEdits edits;
    edits.lock = std::make_shared<QLockFile>(lockOf(info.filePath()));
    edits.lock->setStaleLockTime(0);
    if (edits.lock->tryLock(0) && read(info.filePath(), edits)) found.push_back(std::move(edits));
  }
  std::sort(found.begin(), found.end(), [](const LostEdits& a, const LostEdits& b) { return a.when > b.when; });
  return found;
}

}  // namespace cubeloom
