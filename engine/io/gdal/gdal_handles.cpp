// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_handles.h"

#include <atomic>
#include <optional>
#include <utility>

#include "engine/base/guard.h"
#include "engine/io/file/descriptor_pool.h"
#include "engine/io/gdal/gdal_module.h"

namespace cubeloom {
namespace {

/// HDF4, HDF5, and netCDF on top of them, are built without thread safety.
std::mutex& hdfMutex() {
  static std::mutex mutex;
  return mutex;
}

/// Of all files that stay open although nobody reads them.
std::atomic<std::int64_t> freeHandles{0};

bool isHdf(const std::string& driver) { return driver == "netCDF" || driver.starts_with("HDF"); }

}  // namespace

GdalHandles::Loan::Loan(GdalHandles& owner, GdalFile file, std::unique_lock<std::mutex> lock)
    : m_owner(&owner), m_lock(std::move(lock)), m_file(std::move(file)) {}

GdalHandles::Loan::~Loan() {
  if (m_file.handle == nullptr || m_isSpoiled) return;
  if (freeHandles.load() >= descriptorShare()) return;  // it is closed
  const std::lock_guard lock(m_owner->m_mutex);
  // One that finds no place is closed.
  if (guarded([this] { m_owner->m_free.push_back(std::move(m_file)); })) ++freeHandles;
}

GdalHandles::GdalHandles(const GdalService& gdal, std::string path, std::vector<std::string> drivers)
    : m_gdal(gdal), m_path(std::move(path)), m_drivers(std::move(drivers)) {}

GdalHandles::~GdalHandles() {
  const std::lock_guard lock(hdfMutex());
  freeHandles -= static_cast<std::int64_t>(m_free.size());
  m_free.clear();
}

std::optional<GdalFile> GdalHandles::takeFree() {
  const std::lock_guard lock(m_mutex);
  if (m_free.empty()) return std::nullopt;
  GdalFile file = std::move(m_free.back());
  m_free.pop_back();
  --freeHandles;
  return file;
}

Result<GdalHandles::Loan> GdalHandles::borrow() {
  std::optional<GdalFile> file = takeFree();
  std::unique_lock<std::mutex> serial(hdfMutex(), std::defer_lock);
  if (!file) {
    // Which driver takes the file is not known yet, so opening holds the lock in any case.
    serial.lock();
    auto opened = m_gdal.open(m_path, m_drivers);
    if (!opened) return gdalFailure(ErrorCode::OpenFailed, m_path, "cannot open " + m_path, opened.error());
    file = std::move(*opened);
  }
  if (isHdf(file->driver)) {
    if (!serial.owns_lock()) serial.lock();
  } else if (serial.owns_lock()) {
    serial.unlock();
  }
  return Loan(*this, std::move(*file), std::move(serial));
}

}  // namespace cubeloom
