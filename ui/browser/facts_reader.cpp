// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/facts_reader.h"

#include "engine/base/guard.h"

namespace cubeloom {

FactsReader::FactsReader(std::shared_ptr<SourceProvider> sources, QObject* parent) : QObject(parent), m_sources(std::move(sources)) {}

FactsReader::~FactsReader() { m_cancel.cancel(); }

void FactsReader::want(const QStringList& paths) {
  for (const QString& path : paths) {
    if (const auto known = m_known.find(path); known != m_known.end()) {
      Q_EMIT read(path, known->second);
      continue;
    }
    if (m_waiting.contains(path)) continue;
    m_waiting.insert(path);
    m_background.start([this, path, cancel = m_cancel, sources = m_sources] {
      if (cancel.isCanceled()) return;
      DatasetFacts facts;
      const auto info = guarded([&] { return sources->info(path.toStdString()); });
      if (info) {
        if (const auto found = guarded([&] { return factsOf(*info); })) facts = *found;
      } else {
        facts.problem = QString::fromStdString(info.error().message);
      }
      facts.isRead = true;
      m_mailbox.post([this, path, facts, cancel] {
        if (cancel.isCanceled()) return;
        m_waiting.remove(path);
        m_known.insert_or_assign(path, facts);
        Q_EMIT read(path, facts);
        Q_EMIT progressed();
      });
    });
  }
  if (!m_waiting.isEmpty()) Q_EMIT progressed();
}

void FactsReader::stop() {
  if (m_waiting.isEmpty()) return;
  m_cancel.cancel();
  m_cancel = CancelToken();
  m_background.clear();
  m_waiting.clear();
  Q_EMIT progressed();
}

void FactsReader::forget(const QString& path) { m_known.erase(path); }

}  // namespace cubeloom
