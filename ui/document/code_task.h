// SPDX-License-Identifier: GPL-3.0-or-later
// Has the document's chain written as code of another language, off the GUI thread: headers of files are read for it.
#pragma once

#include <functional>

#include "engine/export/export_chain.h"
#include "ui/async/latest_task.h"
#include "ui/document/document.h"

namespace cubeloom {

/// GUI thread only; what it is given outlives it.
class CodeTask {
 public:
  explicit CodeTask(const Document& document) : m_document(document) {}

  /// `node`: up to this one; empty: the whole chain. A newer call takes the place of one in progress.
  void start(const QString& language, const QString& node, std::function<void(Result<ExportedChain>)> done);
  bool isBusy() const { return m_task.isBusy(); }

 private:
  const Document& m_document;
  LatestTask<Result<ExportedChain>> m_task;
};

}  // namespace cubeloom
