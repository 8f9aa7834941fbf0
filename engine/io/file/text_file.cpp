// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/text_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/raw_file.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<std::string> readTextFile(const std::string& path, std::size_t maxBytes, const std::string& what) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return failAt(ErrorCode::OpenFailed, path, "there is no file " + path, "check the spelling and the folder");
  if (!fs::is_regular_file(status)) return failAt(ErrorCode::OpenFailed, path, path + " is not a regular file");
  const auto size = fs::file_size(path, error);
  if (!error && size > maxBytes)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " has " + formatSize(static_cast<double>(size)) + "; a " + what + " of at most " +
                      formatSize(static_cast<double>(maxBytes)) + " is read",
                  "split it");
  return fileStart(path, maxBytes);
}

Result<std::string> fileStart(const std::string& path, std::size_t maxBytes) {
  const auto file = RawFile::open(path);
  if (!file) return fail(file.error());
  const std::int64_t bytes = std::min(static_cast<std::int64_t>(maxBytes), (*file)->sizeBytes());
  std::string text(static_cast<std::size_t>(bytes), '\0');
  if (auto done = (*file)->read(reinterpret_cast<std::byte*>(text.data()), bytes, 0, bytes); !done) {
    done.error().code = ErrorCode::OpenFailed;
    return fail(std::move(done.error()));
  }
  return text;
}

std::string readFileStart(const std::string& path, std::size_t maxBytes) { return fileStart(path, maxBytes).value_or(std::string()); }

}  // namespace cubeloom
