// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/trusted_files.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/base/file_fingerprint.h"
#include "engine/base/saved_file.h"
#include "engine/base/user_folders.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kListVersion = 1;

/// As it is now, under its real name.
Result<FileFingerprint> present(const std::string& path) {
  std::error_code error;
  const std::string real = fs::canonical(path, error).string();
  if (error || !fs::is_regular_file(real, error))
    return failAt(ErrorCode::OpenFailed, path, "there is no file " + path, "check the spelling and the folder");
  return fingerprintOf(real);
}

json toJson(const FileFingerprint& file) {
  return {{"path", file.path},
          {"size_bytes", file.sizeBytes},
          {"modified_ns", file.modifiedNs},
          {"changed_ns", file.changedNs},
          {"inode", file.inode}};
}

/// Nothing where it is not such a list, or one of another version: it is then not written over either.
std::optional<std::vector<FileFingerprint>> fromJson(const json& document) {
  if (!document.is_object() || document.value("cubeloom_trusted", json()) != kListVersion || !document.contains("files") ||
      !document["files"].is_array())
    return std::nullopt;
  std::vector<FileFingerprint> files;
  for (const json& entry : document["files"]) {
    const auto isNumber = [&entry](const char* key) { return entry.contains(key) && entry[key].is_number_integer(); };
    if (!entry.is_object() || !entry.contains("path") || !entry["path"].is_string() || !isNumber("size_bytes") ||
        !isNumber("modified_ns") || !isNumber("changed_ns") || !isNumber("inode"))
      return std::nullopt;
    files.push_back({entry["path"], entry["size_bytes"], entry["modified_ns"], entry["changed_ns"], entry["inode"]});
  }
  return files;
}

class TrustedFiles final : public Trust {
 public:
  explicit TrustedFiles(std::string file) : m_file(std::move(file)) {}

  bool isTrusted(const std::string& path) const override {
    const auto now = present(path);
    if (!now) return false;
    const std::lock_guard lock(m_mutex);
    const auto isIn = [&now](const std::vector<FileFingerprint>& files) {
      return std::find(files.begin(), files.end(), *now) != files.end();
    };
    if (isIn(m_forNow)) return true;
    const auto files = kept();
    return files && isIn(*files);
  }

  Result<void> trust(const std::string& path) override {
    auto now = present(path);
    if (!now) return fail(std::move(now.error()));
    const std::lock_guard lock(m_mutex);
    auto files = kept();
    if (!files) return fail(std::move(files.error()));
    std::erase_if(*files, [&now](const FileFingerprint& other) { return other.path == now->path; });
    files->push_back(*now);
    return keep(*files);
  }

  Result<void> trustForNow(const std::string& path) override {
    auto now = present(path);
    if (!now) return fail(std::move(now.error()));
    const std::lock_guard lock(m_mutex);
    m_forNow.push_back(std::move(*now));
    return {};
  }

  Result<void> distrust(const std::string& path) override {
    std::error_code ignored;
    const std::string real = fs::weakly_canonical(path, ignored).string();
    const auto isIt = [&real](const FileFingerprint& file) { return file.path == real; };
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_forNow, isIt);
    auto files = kept();
    if (!files) return fail(std::move(files.error()));
    return std::erase_if(*files, isIt) > 0 ? keep(*files) : Result<void>();
  }

 private:
  /// WriteFailed, since the answer then cannot be kept: what cannot be read is not written over.
  Result<std::vector<FileFingerprint>> kept() const {
    std::error_code error;
    const bool isThere = !m_file.empty() && fs::exists(m_file, error);
    if (!isThere && !error) return std::vector<FileFingerprint>();
    const auto document = error ? fail(ErrorCode::OpenFailed, error.message()) : readJson(m_file, "list of trusted files");
    auto files = document ? fromJson(*document) : std::nullopt;
    if (files) return std::move(*files);
    return failAt(ErrorCode::WriteFailed, m_file,
                  "the answer cannot be kept: the list of trusted files " + m_file +
                      (document ? " is not one of this version" : " cannot be read: " + document.error().message),
                  "mend it, or move it away and answer again; or trust the file for one command with --trust");
  }

  /// Whole or not at all.
  Result<void> keep(const std::vector<FileFingerprint>& files) const {
    if (m_file.empty())
      return fail(ErrorCode::WriteFailed, "the answer cannot be kept: there is no home folder", "set HOME, or use --trust");
    std::error_code ignored;  // saving says it
    fs::create_directories(fs::path(m_file).parent_path(), ignored);
    json document{{"cubeloom_trusted", kListVersion}, {"files", json::array()}};
    for (const FileFingerprint& file : files) document["files"].push_back(toJson(file));
    auto saved = saveFile(m_file, document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
    if (!saved) {
      saved.error().hint += "; or trust the file for one command with --trust";
      return saved;
    }
    fs::permissions(m_file, fs::perms::owner_read | fs::perms::owner_write, ignored);
    return {};
  }

  std::string m_file;
  mutable std::mutex m_mutex;
  std::vector<FileFingerprint> m_forNow;
};

}  // namespace

std::string trustedFilesPath() {
  const fs::path folder = userConfigFolder();
  return folder.empty() ? std::string() : (folder / "trusted.json").string();
}

std::shared_ptr<Trust> makeTrustedFiles(const std::string& file) { return std::make_shared<TrustedFiles>(file); }

}  // namespace cubeloom
