// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_attributes.h"

#include <cstring>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr hsize_t kMaxValues = 65536;
constexpr hsize_t kMaxBytes = 8 << 20;
constexpr std::size_t kMaxAttributes = 2000;

std::optional<Attribute> readText(hid_t attribute, hid_t type, hsize_t count, Hdf5Heap& heap) {
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type) > 0) {
    if (count > 1024) return std::nullopt;
    const auto values = heap.read(attribute, count, 1);
    if (!values) return std::nullopt;
    for (const std::string& value : *values) texts.push_back(unpadded(value.data(), value.size()));
  } else {
    const std::size_t size = H5Tget_size(type);
    if (size == 0 || size > kMaxBytes || count > kMaxBytes / size) return std::nullopt;
    std::vector<char> bytes(size * count, '\0');
    if (H5Aread(attribute, type, bytes.data()) < 0) return std::nullopt;
    for (hsize_t i = 0; i < count; ++i) texts.push_back(unpadded(bytes.data() + i * size, size));
  }
  return Attribute{join(texts, ", "), {}};
}

std::optional<Attribute> readNumbers(hid_t attribute, hid_t type, hsize_t count) {
  Attribute value;
  value.numbers.resize(count);
  if (H5Aread(attribute, H5T_NATIVE_DOUBLE, value.numbers.data()) < 0) return std::nullopt;
  const bool isSingle = H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) <= 4;
  std::vector<std::string> texts;
  for (const double number : value.numbers) texts.push_back(isSingle ? formatSignificant(number, 8) : formatNumber(number));
  value.text = join(texts, ", ");
  return value;
}

std::optional<Attribute> readAttribute(hid_t object, const char* name, Hdf5Heap& heap) {
  const Hdf5Id attribute(H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute || H5Aget_storage_size(attribute.get()) > kMaxBytes) return std::nullopt;
  const Hdf5Id type(H5Aget_type(attribute.get())), space(H5Aget_space(attribute.get()));
  if (!type || !space) return std::nullopt;
  const H5S_class_t extent = H5Sget_simple_extent_type(space.get());
  const hssize_t count = extent == H5S_NULL ? 0 : H5Sget_simple_extent_npoints(space.get());
  if (extent == H5S_NULL && H5Tget_class(type.get()) == H5T_STRING) return Attribute{};
  if (count < 1 || static_cast<hsize_t>(count) > kMaxValues) return std::nullopt;
  switch (H5Tget_class(type.get())) {
    case H5T_STRING: return readText(attribute.get(), type.get(), static_cast<hsize_t>(count), heap);
    case H5T_INTEGER:
    case H5T_FLOAT: return readNumbers(attribute.get(), type.get(), static_cast<hsize_t>(count));
    default: return std::nullopt;
  }
}

herr_t collectName(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/, void* names) {
  auto& all = *static_cast<std::vector<std::string>*>(names);
  all.emplace_back(name);
  return all.size() >= kMaxAttributes ? 1 : 0;
}

}  // namespace

Attributes hdf5Attributes(hid_t object, Hdf5Heap& heap) {
  std::vector<std::string> names;
  hsize_t position = 0;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, collectName, &names);
  Attributes attributes;
  for (const std::string& name : names)
    if (auto value = readAttribute(object, name.c_str(), heap)) attributes[name] = std::move(*value);
  H5Eclear2(H5E_DEFAULT);
  return attributes;
}

std::vector<std::optional<std::uint64_t>> hdf5DimensionScales(hid_t dataset, std::size_t rank, Hdf5Heap& heap) {
  std::vector<std::optional<std::uint64_t>> scales(rank);
  if (H5Aexists(dataset, "DIMENSION_LIST") <= 0) return scales;
  const Hdf5Id attribute(H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT));
  if (!attribute) return scales;
  const Hdf5Id type(H5Aget_type(attribute.get())), space(H5Aget_space(attribute.get()));
  if (!type || !space || H5Tget_class(type.get()) != H5T_VLEN) return scales;
  const Hdf5Id element(H5Tget_super(type.get()));
  if (!element || H5Tequal(element.get(), H5T_STD_REF_OBJ) <= 0) return scales;
  if (H5Sget_simple_extent_npoints(space.get()) != static_cast<hssize_t>(rank)) return scales;
  const auto lists = heap.read(attribute.get(), rank, sizeof(hobj_ref_t));
  if (!lists) return scales;
  for (std::size_t d = 0; d < rank; ++d) {
    if ((*lists)[d].size() < sizeof(hobj_ref_t)) continue;
    // An object reference is the address of the object's header: nothing needs to be followed.
    hobj_ref_t reference = 0;
    std::memcpy(&reference, (*lists)[d].data(), sizeof(reference));
    scales[d] = reference;
  }
  return scales;
}

std::optional<PixelType> hdf5PixelType(hid_t type, bool& swapped) {
  const std::size_t size = H5Tget_size(type);
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_ENUM) {
    const Hdf5Id base(H5Tget_super(type));
    return base ? hdf5PixelType(base.get(), swapped) : std::nullopt;
  }
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return std::nullopt;
  const H5T_order_t order = H5Tget_order(type);
  if ((order != H5T_ORDER_LE && order != H5T_ORDER_BE) || H5Tget_precision(type) != size * 8 || H5Tget_offset(type) != 0)
    return std::nullopt;
  swapped = size > 1 && order != H5Tget_order(H5T_NATIVE_INT);
  if (kind == H5T_FLOAT) {
    const bool isBig = order == H5T_ORDER_BE;
    if (H5Tequal(type, isBig ? H5T_IEEE_F32BE : H5T_IEEE_F32LE) > 0) return PixelType::Float32;
    if (H5Tequal(type, isBig ? H5T_IEEE_F64BE : H5T_IEEE_F64LE) > 0) return PixelType::Float64;
    return std::nullopt;
  }
  const bool isSigned = H5Tget_sign(type) == H5T_SGN_2;
  switch (size) {
    case 1: return isSigned ? PixelType::Int8 : PixelType::UInt8;
    case 2: return isSigned ? PixelType::Int16 : PixelType::UInt16;
    case 4: return isSigned ? PixelType::Int32 : PixelType::UInt32;
    case 8: return isSigned ? PixelType::Int64 : PixelType::UInt64;
    default: return std::nullopt;
  }
}

}  // namespace cubeloom
