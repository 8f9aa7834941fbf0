// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_error.h"

#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_library.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxMessage = 400;

void handle(CPLErr kind, CPLErrorNum /*number*/, const char* message) {
  if (auto* scope = static_cast<GdalErrorScope*>(CPLGetErrorHandlerUserData()); scope != nullptr && kind >= CE_Warning)
    scope->take(kind >= CE_Failure, message);
}

}  // namespace

GdalErrorScope::GdalErrorScope() {
  CPLErrorReset();
  CPLPushErrorHandlerEx(handle, this);
}

GdalErrorScope::~GdalErrorScope() { CPLPopErrorHandler(); }

void GdalErrorScope::take(bool isFailure, const char* message) {
  if (isFailure && m_failure.empty()) m_failure = message;
  if (!isFailure) m_warning = message;
}

Failure GdalErrorScope::failure(ErrorCode code, const std::string& path, const std::string& what) const {
  std::string reason(trim(m_failure.empty() ? m_warning : m_failure));
  if (reason.size() > kMaxMessage) reason = reason.substr(0, kMaxMessage) + "...";
  return failAt(code, path, reason.empty() ? what : what + ": " + redactSecrets(reason));
}

}  // namespace cubeloom
