// SPDX-License-Identifier: GPL-3.0-or-later
// Open GDAL datasets of one file, each used by one thread at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Opens a handle when none is free, so that there are never more than threads reading at once. Thread-safe.
class GdalHandles {
 public:
  /// A GDALDatasetH on loan; goes back when destroyed. Readers of libraries that bear one thread only hold their lock as long.
  class Loan {
   public:
    Loan(GdalHandles& owner, void* dataset, std::unique_lock<std::mutex> lock);
    Loan(Loan&& other) noexcept;
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    void* dataset() const { return m_dataset; }
    /// A read through it failed: it is closed instead of given back, so that the next reader opens the file anew.
    void spoil() { m_isSpoiled = true; }

   private:
    GdalHandles* m_owner;
    void* m_dataset;
    std::unique_lock<std::mutex> m_lock;
    bool m_isSpoiled = false;
  };

  /// `drivers` are the only ones tried.
  GdalHandles(std::string path, std::vector<std::string> drivers);
  ~GdalHandles();
  GdalHandles(const GdalHandles&) = delete;
  GdalHandles& operator=(const GdalHandles&) = delete;

  const std::string& path() const { return m_path; }
  /// OpenFailed with GDAL's reason.
  Result<Loan> borrow();

 private:
  std::string m_path;
  std::vector<std::string> m_drivers;
  std::mutex m_mutex;
  std::vector<void*> m_free;
};

}  // namespace cubeloom
