// SPDX-License-Identifier: GPL-3.0-or-later
// A virtual file driver, https://docs.hdfgroup.org/hdf5/v1_14/_v_f_l.html, read-only.
#include "engine/io/hdf5/hdf5_input.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/base/guard.h"

namespace cubeloom {
namespace {

/// What the library holds of an open file: its own part comes first.
struct OpenInput {
  H5FD_t library{};
  std::shared_ptr<Hdf5Input> input;
  Hdf5Id driver;  ///< the library (1.10) gives up its own reference, and with it the last function, before it calls close
  haddr_t endOfAddresses = 0;
};

OpenInput& opened(H5FD_t* file) { return *reinterpret_cast<OpenInput*>(file); }
const OpenInput& opened(const H5FD_t* file) { return *reinterpret_cast<const OpenInput*>(file); }

H5FD_t* open(const char* /*name*/, unsigned flags, hid_t access, haddr_t /*most*/) {
  const void* input = H5Pget_driver_info(access);
  if (input == nullptr || (flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT)) != 0) return nullptr;
  auto* file = new (std::nothrow) OpenInput;  // nothing may be thrown through the library
  if (file == nullptr) return nullptr;
  file->driver = Hdf5Id(H5Pget_driver(access));
  H5Iinc_ref(file->driver.get());
  file->input = **static_cast<const std::shared_ptr<Hdf5Input>* const*>(input);
  return &file->library;
}

herr_t close(H5FD_t* file) {
  delete &opened(file);
  return 0;
}

/// Each is a file of its own: what one could not read is nothing to another.
int compare(const H5FD_t* a, const H5FD_t* b) { return a < b ? -1 : a > b ? 1 : 0; }

herr_t query(const H5FD_t* /*file*/, unsigned long* flags) {
  if (flags != nullptr) *flags = H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t endOfAddresses(const H5FD_t* file, H5FD_mem_t /*type*/) { return opened(file).endOfAddresses; }

herr_t setEndOfAddresses(H5FD_t* file, H5FD_mem_t /*type*/, haddr_t end) {
  opened(file).endOfAddresses = end;
  return 0;
}

haddr_t endOfFile(const H5FD_t* file, H5FD_mem_t /*type*/) { return static_cast<haddr_t>(opened(file).input->sizeBytes()); }

/// Beyond the end of the file are zeros, as the library's own drivers have it.
herr_t read(H5FD_t* file, H5FD_mem_t type, hid_t /*transfer*/, haddr_t address, std::size_t size, void* to) {
  Hdf5Input& input = *opened(file).input;
  if (input.isNoting() && type == H5FD_MEM_DRAW) {
    input.note({static_cast<std::int64_t>(address), static_cast<std::int64_t>(size)});
    return 0;
  }
  const auto fileBytes = static_cast<haddr_t>(input.sizeBytes());
  const std::size_t held = address >= fileBytes ? 0 : static_cast<std::size_t>(std::min<haddr_t>(size, fileBytes - address));
  std::memset(static_cast<char*>(to) + held, 0, size - held);
  const auto isRead =
      guarded([&] { return held == 0 || input.read(to, static_cast<std::int64_t>(held), static_cast<std::int64_t>(address)); });
  if (isRead && *isRead) return 0;
  H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_READERROR, "a read of the file failed");
  return -1;
}

herr_t refuseToWrite(H5FD_t* /*file*/, H5FD_mem_t /*type*/, hid_t /*transfer*/, haddr_t /*address*/, std::size_t /*size*/,
                     const void* /*from*/) {
  return -1;
}

H5FD_class_t driver() {
  H5FD_class_t functions{};
#ifdef H5FD_CLASS_VERSION  // since HDF5 1.14
  functions.version = H5FD_CLASS_VERSION;
  functions.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 1);
#endif
  functions.name = "cubeloom";
  // No lock function: readers need no lock of the file, which some network file systems do not have.
  functions.maxaddr = (static_cast<haddr_t>(1) << 62) - 1;
  functions.fc_degree = H5F_CLOSE_WEAK;
  functions.fapl_size = sizeof(const std::shared_ptr<Hdf5Input>*);
  functions.open = open;
  functions.close = close;
  functions.cmp = compare;
  functions.query = query;
  functions.get_eoa = endOfAddresses;
  functions.set_eoa = setEndOfAddresses;
  functions.get_eof = endOfFile;
  functions.read = read;
  functions.write = refuseToWrite;
  constexpr H5FD_mem_t kLists[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(kLists), std::end(kLists), std::begin(functions.fl_map));
  return functions;
}

}  // namespace

bool Hdf5Input::read(void* to, std::int64_t count, std::int64_t offset) {
  const auto done = m_file->read(static_cast<std::byte*>(to), count, offset, offset + count);
  if (!done && !m_failure) m_failure = done.error().message;
  return done.has_value();
}

Hdf5Id openThrough(const std::shared_ptr<Hdf5Input>& input) {
  // Made anew each time: it lives on with the file.
  const H5FD_class_t functions = driver();
  const Hdf5Id registered(H5FDregister(&functions)), access(H5Pcreate(H5P_FILE_ACCESS));
  const std::shared_ptr<Hdf5Input>* const given = &input;
  if (!registered || !access || H5Pset_driver(access.get(), registered.get(), &given) < 0) return {};
  return Hdf5Id(H5Fopen(input->path().c_str(), H5F_ACC_RDONLY, access.get()));
}

}  // namespace cubeloom
