// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/code_task.h"

namespace cubeloom {

void CodeTask::start(const QString& language, const QString& node, std::function<void(Result<ExportedChain>)> done) {
  ExportRequest request;
  request.language = language.toStdString();
  request.node = node.toStdString();
  request.chainFile = m_document.isModified() ? std::string() : m_document.path().toStdString();
  m_task.start([chain = m_document.chain(), request, registry = m_document.services().registry,
                sources = m_document.services().sources](const CancelToken&) { return exportChain(chain, request, *registry, *sources); },
               std::move(done));
}

}  // namespace cubeloom
