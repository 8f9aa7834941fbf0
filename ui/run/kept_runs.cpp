// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/kept_runs.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStringList>
#include <algorithm>
#include <array>
#include <set>

#include "engine/base/guard.h"
#include "engine/base/json_text.h"
#include "engine/base/saved_file.h"
#include "ui/run/resumable_runs.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostRuns = 200;
constexpr qint64 kMostEventBytes = qint64{512} << 20;  ///< of one run; what follows but its end is not kept
constexpr qint64 kMostBytes = qint64{2} << 30;         ///< of all runs
constexpr std::size_t kMostDifferences = 4;
const QString kRecord = QStringLiteral("/run.json");

struct StateName {
  KeptRun::State state;
  const char* name;
};
constexpr std::array kStates{StateName{KeptRun::State::Running, "running"}, StateName{KeptRun::State::Finished, "finished"},
                             StateName{KeptRun::State::Failed, "failed"}, StateName{KeptRun::State::Canceled, "canceled"}};

const char* nameOf(KeptRun::State state) {
  for (const StateName& known : kStates)
    if (known.state == state) return known.name;
  return "failed";
}

QString lockOf(const QString& folder) { return folder + QStringLiteral("/lock"); }

void saveRecord(const KeptRun& run) {
  const Json json{{"cubeloom_run", 1},
                  {"name", run.name.toStdString()},
                  {"path", run.path.toStdString()},
                  {"folder", run.chain.folder},
                  {"started", run.start.toUTC().toString(Qt::ISODateWithMs).toStdString()},
                  {"status", nameOf(run.state)},
                  {"seconds", run.seconds},
                  {"peak_bytes", run.peakBytes},
                  {"bytes_read", run.bytesRead},
                  {"bytes_written", run.bytesWritten},
                  {"chain", jsonFromText(chainToJson(run.chain))}};
  // A run that cannot be noted goes on all the same.
  (void)saveFile((run.folder + kRecord).toStdString(), jsonText(json, 1) + "\n");
}

double numberAt(const Json& json, const char* key) { return json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0; }
std::string textAt(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::optional<KeptRun> load(const QString& folder) {
  QFile file(folder + kRecord);
  if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
  const QByteArray text = file.readAll();
  const Json json = jsonFromText(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
  if (!json.is_object() || numberAt(json, "cubeloom_run") != 1 || !json.contains("chain")) return std::nullopt;
  Result<Chain> chain = chainFromJson(jsonText(json["chain"]));
  if (!chain) return std::nullopt;
  KeptRun run;
  run.folder = folder;
  run.name = QString::fromStdString(textAt(json, "name"));
  run.path = QString::fromStdString(textAt(json, "path"));
  run.chain = std::move(*chain);
  run.chain.folder = textAt(json, "folder");
  run.start = QDateTime::fromString(QString::fromStdString(textAt(json, "started")), Qt::ISODateWithMs).toLocalTime();
  run.state = KeptRun::State::Failed;
  for (const StateName& known : kStates)
    if (textAt(json, "status") == known.name) run.state = known.state;
  run.seconds = numberAt(json, "seconds");
  run.peakBytes = numberAt(json, "peak_bytes");
  run.bytesRead = numberAt(json, "bytes_read");
  run.bytesWritten = numberAt(json, "bytes_written");
  if (run.state == KeptRun::State::Running) {
    QLockFile lock(lockOf(folder));
    lock.setStaleLockTime(0);
    if (lock.tryLock(0)) run.state = KeptRun::State::Interrupted;
  }
  return run;
}

/// Newest first; older ones than are kept are removed.
std::vector<KeptRun> newestRuns(const QString& folder) {
  std::vector<KeptRun> runs;
  qint64 bytes = 0;
  for (const QString& name : QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed)) {
    const QString path = folder + QLatin1Char('/') + name;
    auto run = load(path);
    if (!run) continue;
    bytes += QFileInfo(run->eventsFile()).size();
    if (runs.empty() || (runs.size() < kMostRuns && bytes <= kMostBytes)) {
      runs.push_back(std::move(*run));
    } else if (run->state != KeptRun::State::Running) {
      QDir(path).removeRecursively();
    }
  }
  return runs;
}

QString shown(const Json& value) {
  if (value.is_null()) return QStringLiteral("–");
  const QString text = value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString::fromStdString(value.dump());
  constexpr int kMostLetters = 28;
  return text.size() <= kMostLetters ? text : text.left(kMostLetters - 1) + QStringLiteral("…");
}

}  // namespace

QString chainDifference(const Chain& before, const Chain& after) {
  QStringList differences;
  for (const Node& node : after.nodes) {
    const QString id = QString::fromStdString(node.id);
    const Node* former = before.find(node.id);
    if (!former || former->op != node.op) {
      differences << QStringLiteral("+ %1").arg(id);
      continue;
    }
    std::set<std::string> names;
    for (const Json* params : {&former->params, &node.params})
      for (const auto& [name, value] : params->items()) names.insert(name);
    for (const std::string& name : names) {
      const Json was = former->params.value(name, Json()), is = node.params.value(name, Json());
      if (was != is) differences << QStringLiteral("%1.%2 %3 → %4").arg(id, QString::fromStdString(name), shown(was), shown(is));
    }
    if (former->inputs != node.inputs) differences << QObject::tr("%1 wired anew").arg(id);
    if (former->bypassed != node.bypassed)
      differences << (node.bypassed ? QObject::tr("%1 bypassed") : QObject::tr("%1 no longer bypassed")).arg(id);
  }
  for (const Node& node : before.nodes) {
    const Node* next = after.find(node.id);
    if (!next || next->op != node.op) differences << QStringLiteral("− %1").arg(QString::fromStdString(node.id));
  }
  if (differences.isEmpty()) return QObject::tr("the same");
  const qsizetype more = differences.size() - static_cast<qsizetype>(kMostDifferences);
  if (more > 0) differences = differences.mid(0, kMostDifferences) << QObject::tr("%1 more").arg(more);
  return differences.join(QStringLiteral(", "));
}

KeptRuns::KeptRuns(Document& document, Session& session, QString folder, QObject* parent)
    : QObject(parent), m_document(document), m_session(session), m_folder(std::move(folder)) {
  connect(this, &KeptRuns::changed, this, &KeptRuns::lookForParts);
  connect(&session, &Session::runStarted, this, &KeptRuns::begin);
  connect(&session, &Session::snapshotChanged, this, &KeptRuns::pull);
  connect(&session, &Session::runFinished, this, &KeptRuns::finish);
  load();
}

KeptRuns::~KeptRuns() { m_background.waitForDone(); }

void KeptRuns::save(const KeptRun& run) {
  m_background.start([run] { (void)guarded([&] { saveRecord(run); }); });
}

void KeptRuns::load() {
  m_background.start([this, folder = m_folder] {
    std::vector<KeptRun> runs;
    (void)guarded([&] { runs = newestRuns(folder); });
    m_mailbox.post([this, runs = std::move(runs)] {
      m_runs.insert(m_runs.end(), runs.begin(), runs.end());  // one may have begun meanwhile
      Q_EMIT changed();
    });
  });
}

void KeptRuns::lookForParts() {
  const Services& services = m_document.services();
  m_look.start([runs = m_runs, sinks = services.sinks,
                registry = services.registry](const CancelToken& cancel) { return resumableRuns(runs, *sinks, *registry, cancel); },
               [this](std::set<QString> found) {
                 m_resumable = std::move(found);
                 Q_EMIT resumableChanged();
               });
}

void KeptRuns::begin() {
  const auto run = m_session.run();
  if (!run) return;
  KeptRun kept;
  kept.start = QDateTime::currentDateTime();
  // In the order of their names they are in the order of time; two windows may begin in the same moment.
  kept.folder = m_folder + QLatin1Char('/') + kept.start.toUTC().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz-")) +
                QString::number(QCoreApplication::applicationPid());
  QDir().mkpath(kept.folder);
  kept.name = m_session.runOrigin().name;
  kept.path = m_session.runOrigin().path;
  kept.chain = m_session.runOrigin().chain;
  m_lock = std::make_unique<QLockFile>(lockOf(kept.folder));
  m_lock->setStaleLockTime(0);
  m_lock->tryLock(0);
  save(kept);
  m_events.setFileName(kept.eventsFile());
  m_stream.reset();
  if (m_events.open(QIODevice::WriteOnly)) {
    m_stream = std::make_unique<EventStream>(run->plan(), [this](const std::string& line) {
      if (m_events.pos() > kMostEventBytes && !m_session.report()) return;
      m_events.write(line.data(), static_cast<qint64>(line.size()));
      m_events.write("\n", 1);
    });
    m_stream->start(run->plan());
  }
  m_runs.insert(m_runs.begin(), std::move(kept));
  Q_EMIT changed();
}

void KeptRuns::pull() {
  if (!m_stream || !m_session.run()) return;
  m_stream->pull(*m_session.run(), m_session.snapshot());
  m_events.flush();
}

void KeptRuns::finish() {
  if (m_runs.empty() || !m_session.report()) return;
  const RunReport& report = *m_session.report();
  if (m_stream) {
    pull();
    m_stream->finish(report);
    m_events.close();
    m_stream.reset();
  }
  KeptRun& run = m_runs.front();
  run.state = report.status == RunStatus::Finished   ? KeptRun::State::Finished
              : report.status == RunStatus::Canceled ? KeptRun::State::Canceled
                                                     : KeptRun::State::Failed;
  run.seconds = report.wallSeconds;
  run.peakBytes = report.peakRssBytes;  // as the monitor's last line has it
  run.bytesRead = report.bytesRead;
  run.bytesWritten = report.bytesWritten;
  save(run);
  m_lock.reset();
  Q_EMIT changed();
}

}  // namespace cubeloom
