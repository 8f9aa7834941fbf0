// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_store.h"

#include <cstring>

#include "engine/base/text.h"

namespace cubeloom {

Result<void> ZarrPlace::read(std::byte* to, std::int64_t count, std::int64_t at, std::int64_t expectedEnd) const {
  if (file) return file->read(to, count, offset + at, offset + expectedEnd);
  std::memcpy(to, inlined.data() + at, static_cast<std::size_t>(count));
  return {};
}

bool isPlainKey(std::string_view key) {
  if (key.empty() || key.size() > 4096 || key.find('\0') != std::string_view::npos) return false;
  for (const std::string& step : split(key, '/'))
    if (step.empty() || step == "." || step == "..") return false;
  return true;
}

}  // namespace cubeloom
