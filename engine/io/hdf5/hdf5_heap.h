// SPDX-License-Identifier: GPL-3.0-or-later
// Values of variable length in HDF5 attributes and datasets, read without the library's own reader: that one trusts sizes and indices of
// the file, and a damaged or hostile one crashes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/hdf5/hdf5_input.h"

namespace cubeloom {

/// The heaps of one file. Its functions are called under the lock.
class Hdf5Heap {
 public:
  /// `baseAddress`: bytes before the HDF5 part of the file.
  Hdf5Heap(std::shared_ptr<Hdf5Input> file, std::int64_t baseAddress) : m_file(std::move(file)), m_base(baseAddress) {}

  /// The bytes of each of the `count` elements of an attribute whose type is of variable length; unset when the file does not hold them.
  std::optional<std::vector<std::string>> read(hid_t attribute, std::size_t count, std::size_t elementBytes);
  /// The same of a dataset of texts.
  std::optional<std::vector<std::string>> readTexts(hid_t dataset, std::size_t count);

 private:
  std::optional<std::vector<std::string>> follow(const std::vector<char>& references, std::size_t elementBytes);
  std::optional<std::string> object(std::uint64_t address, std::uint32_t index);

  std::shared_ptr<Hdf5Input> m_file;
  std::int64_t m_base;
  std::uint64_t m_collectionAddress = 0;
  std::string m_collection;  // the one looked into last: attributes of one object share it
};

}  // namespace cubeloom
