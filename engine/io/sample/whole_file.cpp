// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sample/whole_file.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "engine/io/sink/part_file.h"

namespace cubeloom {

Result<void> writeWholeFile(const std::string& path, std::span<const std::byte> bytes) {
  auto file = PartFile::create(path);
  if (!file) return fail(std::move(file.error()));
  CUBELOOM_TRY(file->reserve(static_cast<std::int64_t>(bytes.size())));
  CUBELOOM_TRY(file->write(0, bytes.data(), bytes.size()));
  CUBELOOM_TRY(file->finish());
  return file->moveTo(path, true);
}

bool holdsText(const std::string& path, const std::string& text) {
  std::ifstream file(path, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()} == text;
}

}  // namespace cubeloom
