// SPDX-License-Identifier: GPL-3.0-or-later
// What holds in this thread while a request is answered. To be destroyed by the thread that made it.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace cubeloom::gdal {

/// GDAL's complaints come here instead of to stderr.
class Complaints {
 public:
  Complaints();
  ~Complaints();
  Complaints(const Complaints&) = delete;
  Complaints& operator=(const Complaints&) = delete;

  bool hasFailed() const { return !m_failure.empty(); }
  /// GDAL's first failure, else its last warning.
  const std::string& reason() const { return m_failure.empty() ? m_warning : m_failure; }
  tl::unexpected<std::string> failure() const { return tl::unexpected(reason()); }
  /// The first complaint of a TIFF's tag that could not be read and is passed over, as if the file did not have it; else "".
  const std::string& lostTag() const { return m_lostTag; }
  /// Called by GDAL.
  void take(bool isFailure, const char* message);

 private:
  std::string m_failure, m_warning, m_lostTag;
};

/// An option of GDAL's has this value, if `isNeeded`.
class Setting {
 public:
  Setting(const char* option, const char* value, bool isNeeded = true);
  ~Setting();
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* m_option;
};

}  // namespace cubeloom::gdal
