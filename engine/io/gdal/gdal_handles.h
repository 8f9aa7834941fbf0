// SPDX-License-Identifier: GPL-3.0-or-later
// Open GDAL datasets of one file, each used by one thread at a time.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// Opens a handle when none is free, so that there are never more than threads reading at once. Thread-safe.
class GdalHandles {
 public:
  /// An open file on loan; goes back when destroyed. Readers of libraries that bear one thread only hold their lock as long.
  class Loan {
   public:
    Loan(GdalHandles& owner, GdalFile file, std::unique_lock<std::mutex> lock);
    Loan(Loan&& other) noexcept = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    const GdalFile& file() const { return m_file; }
    /// A read through it failed: it is closed instead of given back, so that the next reader opens the file anew.
    void spoil() { m_isSpoiled = true; }

   private:
    GdalHandles* m_owner;
    std::unique_lock<std::mutex> m_lock;  ///< let go after the file is closed
    GdalFile m_file;
    bool m_isSpoiled = false;
  };

  /// `drivers` are the only ones tried.
  GdalHandles(const GdalService& gdal, std::string path, std::vector<std::string> drivers);
  ~GdalHandles();
  GdalHandles(const GdalHandles&) = delete;
  GdalHandles& operator=(const GdalHandles&) = delete;

  const GdalService& gdal() const { return m_gdal; }
  const std::string& path() const { return m_path; }
  /// OpenFailed with GDAL's reason.
  Result<Loan> borrow();

 private:
  std::optional<GdalFile> takeFree();

  const GdalService& m_gdal;
  std::string m_path;
  std::vector<std::string> m_drivers;
  std::mutex m_mutex;
  std::vector<GdalFile> m_free;
};

}  // namespace cubeloom
