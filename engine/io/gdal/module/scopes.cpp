// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/module/scopes.h"

#include <cpl_conv.h>
#include <cpl_error.h>

#include <cstring>

namespace cubeloom::gdal {
namespace {

void handle(CPLErr kind, CPLErrorNum /*number*/, const char* message) {
  if (auto* complaints = static_cast<Complaints*>(CPLGetErrorHandlerUserData()); complaints != nullptr && kind >= CE_Warning)
    complaints->take(kind >= CE_Failure, message);
}

}  // namespace

Complaints::Complaints() {
  CPLErrorReset();
  CPLPushErrorHandlerEx(handle, this);
}

Complaints::~Complaints() { CPLPopErrorHandler(); }

void Complaints::take(bool isFailure, const char* message) {
  if (isFailure && m_failure.empty()) m_failure = message;
  if (!isFailure) m_warning = message;
  if (m_lostTag.empty() && std::strstr(message, "IO error during reading") != nullptr) m_lostTag = message;
}

Setting::Setting(const char* option, const char* value, bool isNeeded) : m_option(isNeeded ? option : nullptr) {
  if (m_option != nullptr) CPLSetThreadLocalConfigOption(m_option, value);
}

Setting::~Setting() {
  if (m_option != nullptr) CPLSetThreadLocalConfigOption(m_option, nullptr);
}

}  // namespace cubeloom::gdal
