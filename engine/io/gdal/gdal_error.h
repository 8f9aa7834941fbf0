// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's complaints, caught per thread and translated here and nowhere else.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// While it lives, what GDAL says in this thread comes here instead of to stderr. To be destroyed by the thread that made it.
class GdalErrorScope {
 public:
  GdalErrorScope();
  ~GdalErrorScope();
  GdalErrorScope(const GdalErrorScope&) = delete;
  GdalErrorScope& operator=(const GdalErrorScope&) = delete;

  bool hasFailed() const { return !m_failure.empty(); }
  /// "`what`: GDAL's first failure (else its last warning)", about `path`.
  Failure failure(ErrorCode code, const std::string& path, const std::string& what) const;
  /// Called by GDAL.
  void take(bool isFailure, const char* message);

 private:
  std::string m_failure, m_warning;
};

}  // namespace cubeloom
