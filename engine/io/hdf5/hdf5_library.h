// SPDX-License-Identifier: GPL-3.0-or-later
// The HDF5 library behind one lock: it bears one thread at a time, and netCDF-C above it likewise.
#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace cubeloom {

/// While it lives, this thread alone may call HDF5 or netCDF-C. A thread may take it again while it has it. The first one sets the library
/// up: no messages on stderr, no plug-ins loaded from folders. Throws std::bad_alloc where the system would leave the library without
/// memory, which it does not bear.
class Hdf5Lock {
 public:
  Hdf5Lock();
  ~Hdf5Lock();
  Hdf5Lock(const Hdf5Lock&) = delete;
  Hdf5Lock& operator=(const Hdf5Lock&) = delete;
};

/// Owns one reference to an HDF5 object of any kind. Destroyed under the lock.
class Hdf5Id {
 public:
  Hdf5Id() = default;
  explicit Hdf5Id(hid_t id) : m_id(id) {}
  Hdf5Id(Hdf5Id&& other) noexcept { *this = std::move(other); }
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(m_id, other.m_id);
    return *this;
  }
  ~Hdf5Id() {
    if (m_id >= 0) H5Idec_ref(m_id);
  }
  hid_t get() const { return m_id; }
  explicit operator bool() const { return m_id >= 0; }

 private:
  hid_t m_id = -1;
};

/// Where a group or a dataset stands in its file: two names of one object have one address. None when the library cannot tell. Under the
/// lock.
std::optional<haddr_t> hdf5Address(hid_t object);

/// "`what`: HDF5's innermost reason", about `path`. Under the lock, right after the call that failed.
Failure hdf5Failure(ErrorCode code, const std::string& path, const std::string& what);

}  // namespace cubeloom
