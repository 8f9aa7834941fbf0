// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_library.h"

#include <mutex>
#include <new>

#include "engine/base/allocator.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxReason = 300;
/// What the library takes to set itself up, or for a file, generously: where it gets none, it follows null pointers (1.10: H5T_init,
/// H5AC_create).
constexpr std::size_t kNeededBytes = 16 << 20;

/// A thread may take it again while it has it.
std::recursive_mutex& libraryMutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

/// Walking downwards, the first entry is the innermost.
herr_t takeFirst(unsigned number, const H5E_error2_t* entry, void* reason) {
  if (number == 0 && entry->desc != nullptr) *static_cast<std::string*>(reason) = entry->desc;
  return 0;
}

/// The record's type changed its name with HDF5 1.12; the function tells it.
template <class Record>
std::optional<haddr_t> addressBy(herr_t (*describe)(hid_t, Record*, unsigned), hid_t object) {
  Record record;
  if (describe(object, &record, H5O_INFO_BASIC) < 0) return std::nullopt;
  return record.addr;
}

}  // namespace

Hdf5Lock::Hdf5Lock() {
  libraryMutex().lock();
  if (!canHaveMemory(kNeededBytes)) {
    libraryMutex().unlock();
    throw std::bad_alloc();
  }
  static const bool ready = [] {
    // A file that could not be closed on a full disk crashes the library when it ends by itself; all that is written is closed before.
    H5dont_atexit();
    H5open();
    // A file names filters by number; a number must not make the process load a library from a folder someone can write.
    H5PLset_loading_state(0);
    return true;
  }();
  (void)ready;
  // Builds that lock for themselves keep one stack of errors, and one place to print them, for each thread.
  thread_local const bool isQuiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)isQuiet;
}

Hdf5Lock::~Hdf5Lock() { libraryMutex().unlock(); }

std::optional<haddr_t> hdf5Address(hid_t object) { return addressBy(H5Oget_info2, object); }

Failure hdf5Failure(ErrorCode code, const std::string& path, const std::string& what) {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, takeFirst, &reason);
  H5Eclear2(H5E_DEFAULT);
  if (reason.size() > kMaxReason) reason = reason.substr(0, kMaxReason) + "...";
  return failAt(code, path, reason.empty() ? what : what + ": " + reason);
}

}  // namespace cubeloom
