// SPDX-License-Identifier: GPL-3.0-or-later
// Has random windows of the document's chain recomputed by the program that it is exported to, and compared: `cubeloom-cli prove`.
#pragma once

#include <QString>
#include <functional>
#include <memory>

#include "engine/base/child_program.h"
#include "ui/async/mailbox.h"
#include "ui/document/document.h"

namespace cubeloom {

/// What came out.
struct Proof {
  enum class Outcome { Equal, Rounding, Differs, Failed };
  Outcome outcome = Outcome::Failed;
  QString text;  ///< a sentence for each output, or why nothing could be compared
};

/// GUI thread only; the document outlives it.
class ProofTask {
 public:
  explicit ProofTask(const Document& document) : m_document(document) {}
  ~ProofTask();

  /// `with`: "python" or "gdal". A proof in progress is given up.
  void start(const QString& with, std::function<void(const Proof&)> done);
  void cancel();
  bool isBusy() const { return m_work != nullptr; }

 private:
  struct Work;

  const Document& m_document;
  Mailbox m_mailbox;
  std::shared_ptr<Work> m_work;
};

/// Of what `prove --json` prints.
Proof proofFrom(const std::string& json);

}  // namespace cubeloom
