// SPDX-License-Identifier: GPL-3.0-or-later
// Where the keys of a Zarr hierarchy lie: in a folder, or in other files as a reference file says. The reader above knows no difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/file/raw_file.h"

namespace cubeloom {

/// The bytes of one key: a range of a file, or held by the store itself. Valid as long as the store.
struct ZarrPlace {
  std::shared_ptr<const RawFile> file;  ///< null: `inlined`
  std::int64_t offset = 0, bytes = 0;
  std::string_view inlined;

  /// Fills [to, to + count) from `at` of these bytes, which go that far.
  Result<void> read(std::byte* to, std::int64_t count, std::int64_t at, std::int64_t expectedEnd) const;
};

/// Keys as Zarr has them: of version 2 ".zgroup", "group/name/.zarray", "group/name/0.1.2"; of version 3 "group/name/zarr.json",
/// "group/name/c/0/1/2". Thread-safe, read-only.
class ZarrStore {
 public:
  virtual ~ZarrStore() = default;
  /// What the user opened.
  virtual const std::string& path() const = 0;
  /// "Zarr", "kerchunk".
  virtual std::string driver() const = 0;
  /// The keys ".zarray" or "zarr.json" of all arrays, sorted.
  virtual const std::vector<std::string>& arrayKeys() const = 0;
  /// The text of a metadata key; nothing when there is no such key. OpenFailed when it cannot be read or is absurdly long.
  virtual Result<std::optional<std::string>> text(const std::string& key) const = 0;
  /// Bytes of a key; -1: there is none. Cheap enough to be asked for every chunk.
  virtual std::int64_t size(const std::string& key) const = 0;
  /// Opens a key for reading; nothing when there is none. ReadFailed when it lies where it must not.
  virtual Result<std::optional<ZarrPlace>> place(const std::string& key) const = 0;
  /// Checks all that is known about the chunks of the array in the folder `array` ("" or "name/"): OpenFailed names the first bad one.
  virtual Result<void> check(const std::string& array) const = 0;
  /// Files whose change makes that array another one, and the bytes they hold for it.
  virtual std::vector<std::string> files(const std::string& array) const = 0;
  /// Bytes of all files of the array, however many they are.
  virtual double storedBytes(const std::string& array) const = 0;
  virtual std::vector<std::string> notes() const { return {}; }
};

/// A key of plain steps downwards: no "..", no empty or absolute steps, no zero bytes.
bool isPlainKey(std::string_view key);

}  // namespace cubeloom
