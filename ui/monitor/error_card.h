// SPDX-License-Identifier: GPL-3.0-or-later
// What went wrong in a run, for people: node, chunk, file, remedy; equal causes once, with a count.
#pragma once

#include <QFrame>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/run.h"

class QLabel;

namespace cubeloom {

/// Errors of one cause.
struct ErrorGroup {
  Error first;
  std::size_t count = 0;
  std::string lastChunk;
};
/// By code, node, file and message without its numbers; in order of first occurrence.
std::vector<ErrorGroup> groupErrors(const std::vector<Error>& errors);

class ErrorCard : public QFrame {
  Q_OBJECT
 public:
  explicit ErrorCard(QWidget* parent = nullptr);
  /// Hidden when the report has no error.
  void show(const RunReport& report);
  QString title() const;
  /// Everything, for a bug report.
  QString details() const { return m_details; }

 signals:
  void logRequested();

 private:
  QLabel* m_title = nullptr;
  QLabel* m_text = nullptr;
  QString m_details;
};

}  // namespace cubeloom
