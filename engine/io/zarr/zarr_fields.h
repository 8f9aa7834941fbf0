// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of an array's metadata that both versions of Zarr have: type, sizes, fill value.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/file/io_error.h"
#include "engine/io/zarr/zarr_array.h"

namespace cubeloom {

inline constexpr std::size_t kMostZarrDims = 16;

/// Failures about one array, all in one form.
struct ZarrComplaint {
  const ZarrStore& store;
  std::string name;
  Failure operator()(ErrorCode code, const std::string& what, const std::string& hint = {}) const {
    return failAt(code, store.path(), "array \"" + name + "\" of " + store.path() + ": " + what, hint);
  }
};

/// Sets kind, type, element size and byte order from numpy's "<f4"; float16 becomes float32 by a step of encoding. False: not read.
bool setZarrType(const std::string& dtype, ZarrArray& array);

/// Sizes of at least 0, at most 16 of them; unset when `json` is no such list.
std::optional<std::vector<std::int64_t>> zarrSizes(const nlohmann::json& json);
/// Sets them when an honest array has them. `array` has its type and steps.
Result<void> setZarrSizes(const nlohmann::json& shape, const nlohmann::json& chunks, ZarrArray& array, const ZarrComplaint& complain);

/// The fill value as an element; nothing when it is none. Texts of base64, or of version 3 "0x7fc00000".
std::optional<std::vector<std::byte>> zarrFill(const nlohmann::json& value, const ZarrArray& array);

/// "" when there is no text of that name.
std::string zarrText(const nlohmann::json& object, const char* key);

/// Of the key "folder/zarr.json", which is of an array; as readZarrArray() and outlineZarrArray() say.
Result<ZarrArray> readZarrArrayV3(const nlohmann::json& json, ZarrArray array, const ZarrComplaint& complain);
std::optional<ZarrArray> outlineZarrArrayV3(const nlohmann::json& json, ZarrArray array);

}  // namespace cubeloom
