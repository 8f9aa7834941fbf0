// SPDX-License-Identifier: GPL-3.0-or-later
// Reads headers of many datasets behind the scenes, one after the other, so that they can be found by place, date and sensor.
#pragma once

#include <QObject>
#include <QSet>
#include <QStringList>
#include <map>
#include <memory>

#include "engine/access/source.h"
#include "engine/base/background.h"
#include "engine/base/cancel.h"
#include "ui/async/mailbox.h"
#include "ui/browser/dataset_facts.h"

namespace cubeloom {

/// GUI thread only; what was read is kept while the program runs.
class FactsReader : public QObject {
  Q_OBJECT
 public:
  explicit FactsReader(std::shared_ptr<SourceProvider> sources, QObject* parent = nullptr);
  ~FactsReader() override;

  /// Has those read that have not been; what is known is told at once.
  void want(const QStringList& paths);
  /// Leaves unread what has not begun.
  void stop();
  /// The file may say something else by now.
  void forget(const QString& path);
  int waiting() const { return static_cast<int>(m_waiting.size()); }

 signals:
  void read(const QString& path, const DatasetFacts& facts);
  /// The number that waits has changed.
  void progressed();

 private:
  std::shared_ptr<SourceProvider> m_sources;
  std::map<QString, DatasetFacts> m_known;
  QSet<QString> m_waiting;
  CancelToken m_cancel;
  Mailbox m_mailbox;
  Background m_background{1};  ///< last, as a Mailbox wants it
};

}  // namespace cubeloom
