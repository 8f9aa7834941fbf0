// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/monitor/run_file.h"

#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <algorithm>

#include "engine/base/json_text.h"
#include "engine/base/text.h"
#include "engine/op/param.h"

namespace cubeloom {
namespace {

constexpr qint64 kMostBytes = qint64{1} << 30;
constexpr std::size_t kMostSteps = 4000;  ///< more than a chart has pixels

QString textAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

double numberAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : 0;
}

std::int64_t countAt(const Json& json, const char* key) { return static_cast<std::int64_t>(std::clamp(numberAt(json, key), -1e15, 1e15)); }

ChunkState stateNamed(const QString& name) {
  for (int i = 0; i < kChunkStates; ++i)
    if (name == QLatin1String(chunkStateName(static_cast<ChunkState>(i)))) return static_cast<ChunkState>(i);
  return ChunkState::Done;
}

RunStatus statusNamed(const QString& name) {
  for (const RunStatus status : {RunStatus::Finished, RunStatus::Failed, RunStatus::Canceled, RunStatus::Refused})
    if (name == QLatin1String(runStatusName(status))) return status;
  return RunStatus::Failed;
}

Error errorFrom(const Json& json) {
  Error error;
  error.message = textAt(json, "message").toStdString();
  error.hint = textAt(json, "hint").toStdString();
  error.node = textAt(json, "node").toStdString();
  error.chunk = textAt(json, "chunk").toStdString();
  error.path = textAt(json, "path").toStdString();
  return error;
}

/// Takes one line after the other.
class Reader {
 public:
  void take(const Json& line) {
    const QString event = textAt(line, "event");
    if (event == QLatin1String("run_started")) start(line);
    if (event == QLatin1String("warning")) m_file.facts.warnings << textAt(line, "node") + QStringLiteral(": ") + textAt(line, "message");
    if (event == QLatin1String("node_started")) startNode(line);
    if (event == QLatin1String("chunk")) takeChunk(line);
    if (event == QLatin1String("snapshot")) takeSnapshot(line);
    if (event == QLatin1String("error")) m_file.report.errors.push_back(errorFrom(line));
    if (event == QLatin1String("run_finished")) finish(line);
  }
  bool isBegun() const { return m_isBegun; }

  RunFile result() {
    RunReport& report = m_file.report;
    if (!m_pending.empty()) m_file.steps.push_back({m_last, std::move(m_pending)});
    report.plannedReadBytes = m_file.facts.plannedReadBytes;
    report.projectedPeakBytes = m_file.facts.predictedPeakBytes;
    report.memoryBudgetBytes = m_file.facts.budgetBytes;
    if (!m_isOver) {
      report.status = RunStatus::Failed;
      report.wallSeconds = m_last.t;
      report.chunksDone = m_done;
      report.nodes = m_nodes;
      report.errors.push_back(
          {ErrorCode::Internal, "the program ended before the run did", "run again: what was finished is resumed", {}, {}, {}, {}});
    }
    thinOut();
    return std::move(m_file);
  }

 private:
  void start(const Json& line) {
    m_isBegun = true;
    RunFacts& facts = m_file.facts;
    facts.workers = static_cast<int>(countAt(line, "workers"));
    facts.cores = facts.workers;
    facts.budgetBytes = numberAt(line, "memory_budget_bytes");
    facts.predictedPeakBytes = numberAt(line, "projected_peak_bytes");
    facts.plannedReadBytes = numberAt(line, "bytes_to_read");
    m_file.report.chunksTotal = countAt(line, "chunks");
    m_file.report.workers = facts.workers;
    for (const Json& node : line.value("nodes", Json::array()))
      if (node.is_string()) indexOf(QString::fromStdString(node.get<std::string>()));
    for (const Json& stage : line.value("stages", Json::array()))
      if (stage.is_object())
        facts.stages.push_back({textAt(stage, "node"), std::clamp<std::int64_t>(countAt(stage, "chunks"), 0, 100'000'000)});
  }

  void startNode(const Json& line) {
    NodeProgress node;
    node.id = textAt(line, "node").toStdString();
    node.op = textAt(line, "op").toStdString();
    m_nodes.push_back(std::move(node));
    indexOf(textAt(line, "node"));
  }

  void takeChunk(const Json& line) {
    ChunkEvent event;
    event.stage = static_cast<int>(std::clamp<std::int64_t>(countAt(line, "stage"), 0, 100000));
    if (const QString node = textAt(line, "node"); !node.isEmpty()) event.node = indexOf(node);
    event.index = countAt(line, "index");
    event.worker = static_cast<int>(std::clamp<std::int64_t>(countAt(line, "worker"), 0, 4095));
    event.start = numberAt(line, "start");
    event.end = numberAt(line, "end");
    event.bytesIn = numberAt(line, "bytes_in");
    event.bytesOut = numberAt(line, "bytes_out");
    event.phase = stateNamed(textAt(line, "state"));
    m_done += event.phase == ChunkState::Done ? 1 : 0;
    m_pending.push_back(event);
  }

  void takeSnapshot(const Json& line) {
    Snapshot& s = m_last;
    s.t = numberAt(line, "t");
    s.fraction = numberAt(line, "fraction");
    s.etaSeconds.reset();
    if (const Json eta = line.value("eta_seconds", Json()); eta.is_array() && eta.size() == 2 && eta[0].is_number() && eta[1].is_number())
      s.etaSeconds = {eta[0].get<double>(), eta[1].get<double>()};
    s.reservedBytes = numberAt(line, "reserved_bytes");
    s.poolBytes = numberAt(line, "pool_bytes");
    s.fixedBytes = numberAt(line, "fixed_bytes");
    s.rssBytes = numberAt(line, "rss_bytes");
    s.cpuCores = numberAt(line, "cpu_cores");
    s.readBytesPerSecond = numberAt(line, "read_bytes_per_s");
    s.writeBytesPerSecond = numberAt(line, "write_bytes_per_s");
    if (const Json workers = line.value("by_worker", Json::array()); workers.is_array()) {
      s.cluster.clear();
      for (const Json& one : workers) {
        if (!one.is_object()) continue;
        ClusterWorker worker{textAt(one, "worker").toStdString(), {}, numberAt(one, "rss_bytes")};
        for (const Json& lane : one.value("lanes", Json::array()))
          if (lane.is_number_integer()) worker.lanes.push_back(std::clamp(lane.get<int>(), 0, 4095));
        s.cluster.push_back(std::move(worker));
      }
      if (!s.cluster.empty() && m_file.facts.cluster.isEmpty()) m_file.facts.cluster = QObject::tr("a cluster");
    }
    s.workers = line.contains("workers") ? static_cast<int>(countAt(line, "workers")) : m_file.facts.workers;
    if (const Json states = line.value("chunks", Json::object()); states.is_object())
      for (int i = 0; i < kChunkStates; ++i)
        s.states[static_cast<std::size_t>(i)] = countAt(states, chunkStateName(static_cast<ChunkState>(i)));
    s.nodes = m_nodes;
    m_file.steps.push_back({s, std::move(m_pending)});
    m_pending.clear();
  }

  void finish(const Json& line) {
    m_isOver = true;
    RunReport& report = m_file.report;
    report.status = statusNamed(textAt(line, "status"));
    report.wallSeconds = numberAt(line, "t");
    report.bytesRead = numberAt(line, "bytes_read");
    report.bytesWritten = numberAt(line, "bytes_written");
    report.chunksDone = m_done;
    report.nodes = m_nodes;
    const Json told = line.value("report", Json::object());
    if (!told.is_object()) return;
    report.cpuSeconds = numberAt(told, "cpu_seconds");
    report.measuredPeakBytes = numberAt(told, "measured_peak_bytes");
    report.peakRssBytes = numberAt(told, "peak_rss_bytes");
    if (told.contains("chunks_done")) report.chunksDone = countAt(told, "chunks_done");
    for (const Json& output : told.value("outputs", Json::array())) {
      RunOutput& known = report.outputs.emplace_back();
      known.node = textAt(output, "node").toStdString();
      known.path = textAt(output, "path").toStdString();
    }
    for (const Json& node : told.value("nodes", Json::array())) {
      const std::string id = textAt(node, "id").toStdString();
      const auto same = std::find_if(report.nodes.begin(), report.nodes.end(), [&](const NodeProgress& known) { return known.id == id; });
      if (same == report.nodes.end()) continue;
      same->chunksDone = countAt(node, "chunks");
      same->chunksTotal = countAt(line.value("chunks_of_nodes", Json::object()), id.c_str());
      same->bytesIn = numberAt(node, "bytes_in");
      same->bytesOut = numberAt(node, "bytes_out");
      same->seconds = numberAt(node, "seconds");
    }
  }

  int indexOf(const QString& node) {
    const auto known = m_indices.constFind(node);
    if (known != m_indices.constEnd()) return *known;
    m_file.facts.nodes << node;
    return m_indices[node] = static_cast<int>(m_file.facts.nodes.size()) - 1;
  }

  /// Of a long run neighbouring steps become one: no event is lost, and the charts have points enough.
  void thinOut() {
    const std::size_t every = (m_file.steps.size() + kMostSteps - 1) / kMostSteps;
    if (every <= 1) return;
    std::vector<RunFile::Step> fewer;
    std::vector<ChunkEvent> events;
    for (std::size_t i = 0; i < m_file.steps.size(); ++i) {
      RunFile::Step& step = m_file.steps[i];
      events.insert(events.end(), step.events.begin(), step.events.end());
      if (i % every != every - 1 && i + 1 != m_file.steps.size()) continue;
      fewer.push_back({std::move(step.snapshot), std::move(events)});
      events.clear();
    }
    m_file.steps = std::move(fewer);
  }

  RunFile m_file;
  QHash<QString, int> m_indices;
  std::vector<NodeProgress> m_nodes;
  std::vector<ChunkEvent> m_pending;
  Snapshot m_last;
  std::int64_t m_done = 0;
  bool m_isBegun = false, m_isOver = false;
};

}  // namespace

void RunFile::replay(RunHistory& history) const {
  history.begin(facts);
  for (const Step& step : steps) history.take(step.snapshot, step.events);
  history.finish(report);
}

Result<RunFile> readRunFile(const std::string& path) {
  const auto refuse = [&path](const std::string& why) {
    Error error;
    error.code = ErrorCode::OpenFailed;
    error.path = path;
    error.message = "'" + path + "' " + why;
    error.hint = "open a file that `cubeloom-cli run --events FILE` has written";
    return fail(std::move(error));
  };
  QFile file(QString::fromStdString(path));
  if (file.size() > kMostBytes)
    return refuse("has " + formatSize(static_cast<double>(file.size())) + "; run files of up to 1 GiB are opened");
  if (!file.open(QIODevice::ReadOnly)) return refuse("cannot be opened: " + file.errorString().toStdString());
  Reader reader;
  while (!file.atEnd()) {
    const QByteArray line = file.readLine();
    const Json json = jsonFromText(std::string_view(line.constData(), static_cast<std::size_t>(line.size())));
    if (!json.is_object()) break;
    reader.take(json);
    if (!reader.isBegun()) break;  // it is the first event of every run
  }
  if (!reader.isBegun()) return refuse("holds no events of a run");
  return reader.result();
}

}  // namespace cubeloom
