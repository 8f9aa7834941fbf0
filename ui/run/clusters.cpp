// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/clusters.h"

#include <QRegularExpression>
#include <QSettings>
#include <QStringList>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/op/param.h"

namespace cubeloom {
namespace {

const QString kAddressesKey = QStringLiteral("cluster/addresses");
constexpr int kMostAddresses = 8;

double factOf(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0;
}

QString factText(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? QString::fromStdString(json[key].get<std::string>()) : QString();
}

/// The last sentence of what a program of ours has said.
QString sentenceOf(const ChildProgram::Ending& ending) {
  const QString mark = QStringLiteral("cubeloom-cli: ");
  const QStringList lines = QString::fromStdString(ending.error).split(u'\n', Qt::SkipEmptyParts);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    if (line->startsWith(mark)) return line->mid(mark.size());
  return lines.isEmpty() ? Clusters::tr("the program that asks the cluster has ended") : lines.last();
}

}  // namespace

QString shortAddress(const QString& address) { return address.section(QStringLiteral("://"), -1).section(QLatin1Char('/'), 0, 0); }

Clusters::Clusters(QObject* parent) : QObject(parent) {
  for (const QString& address : QSettings().value(kAddressesKey).toStringList()) add(address, false).state = Cluster::State::Idle;
}

Clusters::~Clusters() {
  m_watches.clear();
  m_tasks.clear();
}

const Cluster* Clusters::find(const QString& address) const {
  const auto found = std::find_if(m_clusters.begin(), m_clusters.end(), [&](const Cluster& one) { return one.address == address; });
  return found == m_clusters.end() || address.isEmpty() ? nullptr : &*found;
}

Cluster* Clusters::at(const QString& address) { return const_cast<Cluster*>(find(address)); }

Cluster& Clusters::add(const QString& address, bool isLocal) {
  Cluster* known = at(address);
  if (!known) {
    known = &m_clusters.emplace_back();
    known->address = address;
  }
  known->isLocal = known->isLocal || isLocal;
  return *known;
}

void Clusters::remove(const QString& address) {
  m_watches.erase(address);
  std::erase_if(m_clusters, [&](const Cluster& one) { return one.address == address; });
  Q_EMIT changed();
}

void Clusters::remember() const {
  QStringList addresses;
  for (const Cluster& one : m_clusters)
    if (!one.isLocal && one.state != Cluster::State::Failed && !one.address.isEmpty()) addresses << one.address;
  QSettings settings;
  // One that does not answer today may do so tomorrow.
  for (const QString& before : settings.value(kAddressesKey).toStringList())
    if (find(before) && !addresses.contains(before)) addresses << before;
  settings.setValue(kAddressesKey, QStringList(addresses.mid(0, kMostAddresses)));
}

void Clusters::command(const std::vector<std::string>& words, Done done) {
  std::vector<std::string> all{commandLineProgram(), "cluster"};
  all.insert(all.end(), words.begin(), words.end());
  const int id = ++m_lastTask;
  auto task = std::make_shared<Task>();
  m_tasks[id] = task;
  Task* held = task.get();  // it outlives its program
  task->program = std::make_unique<ChildProgram>(
      all, std::vector<std::string>(), [held](const std::string& line) { held->out += line + "\n"; },
      [this, id, held, done = std::move(done)](const ChildProgram::Ending& ending) {
        m_mailbox.post([this, id, done, ending, out = held->out] {
          m_tasks.erase(id);
          done(out, ending);
        });
      });
}

void Clusters::look() {
  if (std::exchange(m_hasLooked, true)) return;
  for (const Cluster& one : std::vector<Cluster>(m_clusters))
    if (one.state == Cluster::State::Idle) watch(one.address, false);
  command({"list", "--json"}, [this](const std::string& out, const ChildProgram::Ending& ending) {
    if (ending.code == 0) takeList(out);
  });
}

void Clusters::takeList(const std::string& json) {
  const Json list = Json::parse(json, nullptr, false);
  if (!list.is_object()) return;
  for (const Json& one : list.value("clusters", Json::array())) {
    const QString address = factText(one, "address");
    if (address.isEmpty()) continue;
    const bool isNew = !find(address);
    Cluster& cluster = add(address, true);
    cluster.dashboard = factText(one, "dashboard");
    cluster.workers = cluster.threads = static_cast<int>(factOf(one, "workers"));
    cluster.memoryBytes = factOf(one, "memory_bytes");
    if (isNew) watch(address, false);
  }
  Q_EMIT changed();
}

void Clusters::startLocal(int workers, qint64 memoryBytes) {
  Cluster& starting = m_clusters.emplace_back();
  // Until it has an address it is known by this.
  const QString mark = QStringLiteral("starting %1").arg(++m_lastTask);
  starting.address = mark;
  starting.state = Cluster::State::Starting;
  starting.isLocal = starting.isOurs = true;
  starting.workers = starting.threads = workers;
  starting.memoryBytes = static_cast<double>(memoryBytes);
  Q_EMIT changed();
  command({"start", "--workers", std::to_string(workers), "--memory", std::to_string(memoryBytes) + "B", "--json"},
          [this, mark](const std::string& out, const ChildProgram::Ending& ending) {
            if (ending.code != 0) {
              remove(mark);
              Q_EMIT problem(sentenceOf(ending));
              return;
            }
            const Json list = Json::parse(out, nullptr, false);
            const Json rows = list.is_object() ? list.value("clusters", Json::array()) : Json::array();
            const QString address = rows.empty() ? QString() : factText(rows.front(), "address");
            Cluster* cluster = at(mark);
            if (!cluster || address.isEmpty()) return remove(mark);
            cluster->address = address;
            cluster->state = Cluster::State::Ready;
            cluster->dashboard = factText(rows.front(), "dashboard");
            watch(address, false);
            Q_EMIT changed();
            Q_EMIT arrived(address);
          });
}

bool Clusters::connectTo(const QString& text) {
  static const QRegularExpression form(QStringLiteral(R"(^(tcp|tls)://[^\s/]+:\d{1,5}/?$)"));
  QString address = text.trimmed();
  // As people copy it: from the code, or without what every address begins with.
  if (const auto quoted = QRegularExpression(QStringLiteral(R"(["']([^"']+)["'])")).match(address); quoted.hasMatch())
    address = quoted.captured(1);
  if (!address.contains(QStringLiteral("://"))) address.prepend(QStringLiteral("tcp://"));
  if (address.endsWith(u'/')) address.chop(1);
  if (!form.match(address).hasMatch()) return false;
  const Cluster* known = find(address);
  if (known && known->isReady()) {
    Q_EMIT arrived(address);
    return true;
  }
  add(address, false);
  watch(address, true);
  return true;
}

void Clusters::retry(const QString& address) {
  if (find(address)) watch(address, true);
}

void Clusters::watch(const QString& address, bool isAsked) {
  Cluster* cluster = at(address);
  if (!cluster) return;
  if (!cluster->isReady()) cluster->state = Cluster::State::Testing;
  cluster->problem.clear();
  auto task = std::make_shared<Task>();
  m_watches[address] = task;
  const std::weak_ptr<Task> mine = task;
  task->program = std::make_unique<ChildProgram>(
      std::vector<std::string>{commandLineProgram(), "cluster", "list", address.toStdString(), "--watch"}, std::vector<std::string>(),
      [this, address, isAsked, mine](const std::string& line) {
        m_mailbox.post([this, address, isAsked, mine, line] {
          if (!mine.expired()) takeFacts(address, line, isAsked);
        });
      },
      [this, address, isAsked, mine](const ChildProgram::Ending& ending) {
        m_mailbox.post([this, address, isAsked, mine, ending] {
          Cluster* now = at(address);
          if (mine.expired() || !now) return;
          m_watches.erase(address);
          if (now->state == Cluster::State::Stopping) return;
          const bool isNews = isAsked || now->isReady();  // of an address that is merely remembered its card says it
          now->state = Cluster::State::Failed;
          now->problem = sentenceOf(ending);
          now->workers = now->threads = 0;
          now->memoryBytes = now->usedBytes = 0;
          Q_EMIT changed();
          if (isNews) Q_EMIT problem(now->problem);
        });
      });
  Q_EMIT changed();
}

void Clusters::takeFacts(const QString& address, const std::string& line, bool isAsked) {
  Cluster* cluster = at(address);
  const Json facts = Json::parse(line, nullptr, false);
  if (!cluster || !facts.is_object()) return;
  const bool isFirst = cluster->state == Cluster::State::Testing;
  cluster->workers = static_cast<int>(factOf(facts, "workers"));
  cluster->threads = static_cast<int>(factOf(facts, "threads"));
  cluster->memoryBytes = factOf(facts, "memory_bytes");
  cluster->usedBytes = factOf(facts, "used_bytes");
  if (const QString link = factText(facts, "dashboard"); !link.isEmpty()) cluster->dashboard = link;
  if (isFirst) {
    cluster->state = Cluster::State::Ready;
    remember();
  }
  Q_EMIT changed();
  if (isFirst && isAsked) Q_EMIT arrived(address);
}

void Clusters::scale(const QString& address, int workers) {
  Cluster* cluster = at(address);
  if (!cluster || !cluster->isLocal || cluster->state != Cluster::State::Ready) return;
  cluster->state = Cluster::State::Scaling;
  Q_EMIT changed();
  command({"scale", address.toStdString(), "--workers", std::to_string(workers), "--json"},
          [this, address](const std::string&, const ChildProgram::Ending& ending) {
            if (Cluster* now = at(address); now && now->state == Cluster::State::Scaling) now->state = Cluster::State::Ready;
            Q_EMIT changed();
            if (ending.code != 0) Q_EMIT problem(sentenceOf(ending));
          });
}

void Clusters::shutDown(const QString& address) {
  Cluster* cluster = at(address);
  if (!cluster || !cluster->isLocal || cluster->state == Cluster::State::Stopping) return;
  cluster->state = Cluster::State::Stopping;
  m_watches.erase(address);
  Q_EMIT changed();
  command({"stop", address.toStdString(), "--json"}, [this, address](const std::string&, const ChildProgram::Ending& ending) {
    remove(address);
    if (ending.code != 0) Q_EMIT problem(sentenceOf(ending));
  });
}

void Clusters::forget(const QString& address) {
  remove(address);
  QSettings settings;
  QStringList addresses = settings.value(kAddressesKey).toStringList();
  addresses.removeAll(address);
  settings.setValue(kAddressesKey, addresses);
}

QString Clusters::codeOf(const QString& address) {
  return QStringLiteral("from dask.distributed import Client\nclient = Client(\"%1\")\n").arg(address);
}

}  // namespace cubeloom
