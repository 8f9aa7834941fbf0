// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/text_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

std::string firstBytes(std::ifstream& file, std::size_t count) {
  std::string text(count, '\0');
  file.read(text.data(), static_cast<std::streamsize>(count));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

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
  std::ifstream file(path, std::ios::binary);
  std::string text = firstBytes(file, error ? maxBytes : static_cast<std::size_t>(size));
  if (file.bad() || (!file && text.empty() && size > 0)) return failAt(ErrorCode::OpenFailed, path, "cannot read " + path);
  return text;
}

std::string readFileStart(const std::string& path, std::size_t maxBytes) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return {};
  const auto size = fs::file_size(path, error);
  if (error) return {};
  std::ifstream file(path, std::ios::binary);
  return firstBytes(file, std::min<std::size_t>(maxBytes, static_cast<std::size_t>(size)));
}

}  // namespace cubeloom
