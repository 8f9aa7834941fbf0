// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_handles.h"

#include <utility>

#include "engine/base/guard.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/virtual_file.h"

namespace cubeloom {
namespace {

/// HDF5, and netCDF on top of it, are built without thread safety.
std::mutex& hdf5Mutex() {
  static std::mutex mutex;
  return mutex;
}

bool isHdf5(const char* driver) {
  const std::string name = driver;
  return name == "netCDF" || name == "HDF5" || name == "HDF5Image";
}

}  // namespace

GdalHandles::Loan::Loan(GdalHandles& owner, void* dataset, std::unique_lock<std::mutex> lock)
    : m_owner(&owner), m_dataset(dataset), m_lock(std::move(lock)) {}

GdalHandles::Loan::Loan(Loan&& other) noexcept
    : m_owner(other.m_owner),
      m_dataset(std::exchange(other.m_dataset, nullptr)),
      m_lock(std::move(other.m_lock)),
      m_isSpoiled(other.m_isSpoiled) {}

GdalHandles::Loan::~Loan() {
  if (m_dataset == nullptr) return;
  if (m_isSpoiled) {
    const GdalErrorScope errors;
    GDALClose(m_dataset);
    return;
  }
  const std::lock_guard lock(m_owner->m_mutex);
  if (!guarded([this] { m_owner->m_free.push_back(m_dataset); })) GDALClose(m_dataset);
}

GdalHandles::GdalHandles(std::string path, std::vector<std::string> drivers) : m_path(std::move(path)), m_drivers(std::move(drivers)) {}

GdalHandles::~GdalHandles() {
  const GdalErrorScope errors;
  const std::lock_guard lock(hdf5Mutex());
  for (void* dataset : m_free) GDALClose(dataset);
}

Result<GdalHandles::Loan> GdalHandles::borrow() {
  void* dataset = nullptr;
  {
    const std::lock_guard lock(m_mutex);
    if (!m_free.empty()) {
      dataset = m_free.back();
      m_free.pop_back();
    }
  }
  std::unique_lock<std::mutex> serial(hdf5Mutex(), std::defer_lock);
  if (dataset == nullptr) {
    // Which driver takes the file is not known yet, so opening holds the lock in any case.
    serial.lock();
    const GdalErrorScope errors;
    const NoSidecars alone(m_path.starts_with("/vsi"));
    std::vector<const char*> names;
    for (const std::string& name : m_drivers) names.push_back(name.c_str());
    names.push_back(nullptr);
    dataset = GDALOpenEx(m_path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, names.data(), nullptr, nullptr);
    if (dataset == nullptr) return errors.failure(ErrorCode::OpenFailed, m_path, "cannot open " + m_path);
  }
  if (isHdf5(GDALGetDriverShortName(GDALGetDatasetDriver(dataset)))) {
    if (!serial.owns_lock()) serial.lock();
  } else if (serial.owns_lock()) {
    serial.unlock();
  }
  return Loan(*this, dataset, std::move(serial));
}

}  // namespace cubeloom
