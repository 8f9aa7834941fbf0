// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 file format specification, III.E "Global Heap", https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
#include "engine/io/hdf5/hdf5_heap.h"

namespace cubeloom {
namespace {

/// On disk: length, address of the collection, index in it.
constexpr std::size_t kReferenceBytes = 16;
constexpr std::size_t kCollectionHead = 16, kObjectHead = 16;
constexpr std::uint64_t kMaxCollectionBytes = 64 << 20;
/// Of all values of one object: many references can be to one value.
constexpr std::size_t kMaxSumBytes = 64 << 20;

template <class T>
T little(const char* bytes) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
  return value;
}

/// Hands the bytes through as they are on disk. HDF5 asks whether it can (H5T_CONV_INIT) and then has it convert in place.
herr_t passThrough(hid_t source, hid_t target, H5T_cdata_t* data, size_t /*count*/, size_t /*step*/, size_t /*backgroundStep*/,
                   void* /*buffer*/, void* /*background*/, hid_t /*transfer*/) {
  if (data->command != H5T_CONV_INIT) return 0;
  data->need_bkg = H5T_BKG_NO;
  return H5Tget_class(target) == H5T_OPAQUE && H5Tget_size(target) == kReferenceBytes && H5Tget_size(source) > 0 ? 0 : -1;
}

/// An opaque type to which anything of variable length converts by passing through. Made once.
hid_t rawReference() {
  static const hid_t type = [] {
    const hid_t opaque = H5Tcreate(H5T_OPAQUE, kReferenceBytes);
    const Hdf5Id anyLength(H5Tvlen_create(H5T_NATIVE_CHAR));
    H5Tregister(H5T_PERS_SOFT, "raw heap references", anyLength.get(), opaque, passThrough);
    return opaque;
  }();
  return type;
}

}  // namespace

std::optional<std::vector<std::string>> Hdf5Heap::read(hid_t attribute, std::size_t count, std::size_t elementBytes) {
  // With other than 8-byte addresses a reference has another size; such files are not met.
  if (H5Aget_storage_size(attribute) != count * kReferenceBytes) return std::nullopt;
  std::vector<char> references(count * kReferenceBytes);
  if (H5Aread(attribute, rawReference(), references.data()) < 0) return std::nullopt;
  return follow(references, elementBytes);
}

std::optional<std::vector<std::string>> Hdf5Heap::readTexts(hid_t dataset, std::size_t count) {
  const Hdf5Id file(H5Iget_file_id(dataset));
  const Hdf5Id creation(file ? H5Fget_create_plist(file.get()) : -1);
  std::size_t addressBytes = 0, lengthBytes = 0;
  if (!creation || H5Pget_sizes(creation.get(), &addressBytes, &lengthBytes) < 0 || addressBytes != 8) return std::nullopt;
  std::vector<char> references(count * kReferenceBytes);
  if (H5Dread(dataset, rawReference(), H5S_ALL, H5S_ALL, H5P_DEFAULT, references.data()) < 0) return std::nullopt;
  return follow(references, 1);
}

std::optional<std::vector<std::string>> Hdf5Heap::follow(const std::vector<char>& references, std::size_t elementBytes) {
  std::vector<std::string> values;
  std::size_t sum = 0;
  for (std::size_t at = 0; at < references.size(); at += kReferenceBytes) {
    const char* reference = references.data() + at;
    const auto length = little<std::uint32_t>(reference);
    const auto address = little<std::uint64_t>(reference + 4);
    if (length == 0 || address == 0) {
      values.emplace_back();
      continue;
    }
    auto bytes = object(address, little<std::uint32_t>(reference + 12));
    if (!bytes || bytes->size() / elementBytes < length) return std::nullopt;
    bytes->resize(length * elementBytes);
    sum += bytes->size();
    if (sum > kMaxSumBytes) return std::nullopt;
    values.push_back(std::move(*bytes));
  }
  return values;
}

std::optional<std::string> Hdf5Heap::object(std::uint64_t address, std::uint32_t index) {
  const auto fileBytes = static_cast<std::uint64_t>(m_file->sizeBytes() - m_base);
  if (address != m_collectionAddress || m_collection.empty()) {
    m_collection.clear();
    if (address > fileBytes || fileBytes - address < kCollectionHead) return std::nullopt;
    const auto offset = static_cast<std::int64_t>(address) + m_base;
    std::string head(kCollectionHead, '\0');
    if (!m_file->read(head.data(), kCollectionHead, offset)) return std::nullopt;
    const auto size = little<std::uint64_t>(head.data() + 8);
    if (!head.starts_with("GCOL") || size < kCollectionHead || size > kMaxCollectionBytes || size > fileBytes - address)
      return std::nullopt;
    m_collection.resize(size);
    if (!m_file->read(m_collection.data(), static_cast<std::int64_t>(size), offset)) m_collection.clear();
    m_collectionAddress = address;
  }
  std::size_t at = kCollectionHead;
  while (m_collection.size() >= kObjectHead && at <= m_collection.size() - kObjectHead) {
    const char* head = m_collection.data() + at;
    const auto number = little<std::uint16_t>(head);
    const auto size = little<std::uint64_t>(head + 8);
    const std::size_t room = m_collection.size() - at - kObjectHead;
    if (number == 0 || size > room) return std::nullopt;  // 0: the free space at the end
    if (number == index) return m_collection.substr(at + kObjectHead, size);
    at += kObjectHead + (size + 7) / 8 * 8;
  }
  return std::nullopt;
}

}  // namespace cubeloom
