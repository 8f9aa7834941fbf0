// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_folder.h"

#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxMetadataBytes = std::uintmax_t{64} << 20;
constexpr int kMaxGroupDepth = 16;
constexpr std::size_t kMaxArrays = 10000;
constexpr std::size_t kMaxEntries = 200000;
/// Beyond this many chunks a change is looked for in the folder's own time alone.
constexpr std::size_t kMaxListedFiles = 4096;

bool isFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

class ZarrFolder final : public ZarrStore {
 public:
  explicit ZarrFolder(std::string path) : m_path(std::move(path)) {}

  Result<void> begin() {
    if (isFile(fs::path(m_path) / ".zmetadata")) {
      CUBELOOM_TRY(readConsolidated());
    } else {
      CUBELOOM_TRY(walk("", 0));
    }
    std::sort(m_arrays.begin(), m_arrays.end());
    if (!m_arrays.empty()) return {};
    const bool isV3 = isFile(fs::path(m_path) / "zarr.json");
    return failAt(ErrorCode::OpenFailed, m_path, isV3 ? m_path + " is Zarr version 3; version 2 is read" : m_path + " holds no Zarr array",
                  isV3 ? "write it as version 2, with xarray: to_zarr(path, zarr_format=2)" : "");
  }

  const std::string& path() const override { return m_path; }
  std::string driver() const override { return "Zarr"; }
  const std::vector<std::string>& arrayKeys() const override { return m_arrays; }

  Result<std::optional<std::string>> text(const std::string& key) const override {
    if (m_consolidated) {
      const auto found = m_texts.find(key);
      return found == m_texts.end() ? std::nullopt : std::optional(found->second);
    }
    return fileText(key);
  }

  std::int64_t size(const std::string& key) const override {
    struct stat facts {};
    return ::stat((m_path + "/" + key).c_str(), &facts) == 0 && S_ISREG(facts.st_mode) ? facts.st_size : -1;
  }

  Result<std::optional<ZarrPlace>> place(const std::string& key) const override {
    const fs::path file = fs::path(m_path) / key;
    std::error_code error;
    const fs::path real = fs::canonical(file, error);
    if (error == std::errc::no_such_file_or_directory) return std::nullopt;
    if (error) return failAt(ErrorCode::ReadFailed, file.string(), "cannot resolve " + file.string() + ": " + error.message());
    if (!real.string().starts_with(m_path + "/"))
      return failAt(ErrorCode::ReadFailed, file.string(),
                    file.string() + " is a link out of " + m_path + " (to " + real.string() + "), which is not followed",
                    "put the file itself there");
    auto opened = RawFile::open(real.string());
    if (!opened) {
      opened.error().code = ErrorCode::ReadFailed;
      return fail(std::move(opened.error()));
    }
    const std::int64_t bytes = (*opened)->sizeBytes();
    return ZarrPlace{std::move(*opened), 0, bytes, {}};
  }

  Result<void> check(const std::string& /*array*/) const override { return {}; }

  std::vector<std::string> files(const std::string& array) const override {
    std::vector<std::string> all{m_path};
    for (const char* name : {".zmetadata", ".zgroup", ".zattrs"})
      if (const fs::path file = fs::path(m_path) / name; isFile(file)) all.push_back(file.string());
    const std::string folder = array.empty() ? m_path : m_path + "/" + array.substr(0, array.size() - 1);
    if (!array.empty()) all.push_back(folder);
    std::vector<std::string> chunks;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (chunks.size() > kMaxListedFiles) return all;
      chunks.push_back(at->path().string());
    }
    std::sort(chunks.begin(), chunks.end());
    all.insert(all.end(), chunks.begin(), chunks.end());
    return all;
  }

 private:
  Result<std::optional<std::string>> fileText(const std::string& key) const {
    const fs::path file = fs::path(m_path) / key;
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file, error);
    if (error) return std::nullopt;
    if (bytes > kMaxMetadataBytes)
      return failAt(ErrorCode::OpenFailed, file.string(),
                    file.string() + " has " + std::to_string(bytes) + " bytes; metadata of at most " + std::to_string(kMaxMetadataBytes) +
                        " are read");
    auto found = place(key);
    if (!found) return fail(std::move(found.error()));
    if (!*found) return std::nullopt;
    std::string text(static_cast<std::size_t>((*found)->bytes), '\0');
    CUBELOOM_TRY((*found)->read(reinterpret_cast<std::byte*>(text.data()), (*found)->bytes, 0, (*found)->bytes));
    return text;
  }

  Result<void> readConsolidated() {
    const std::string file = m_path + "/.zmetadata";
    auto text = fileText(".zmetadata");
    if (!text) return fail(std::move(text.error()));
    auto json = parseJsonText(text->value_or(""), file);
    if (!json) return fail(std::move(json.error()));
    const auto metadata = json->is_object() ? json->find("metadata") : json->end();
    if (!json->is_object() || metadata == json->end() || !metadata->is_object())
      return failAt(ErrorCode::OpenFailed, file, file + " has no object \"metadata\"", "consolidate the store again, or remove the file");
    for (const auto& [key, value] : metadata->items()) {
      if (!isPlainKey(key)) return failAt(ErrorCode::OpenFailed, file, file + " holds the key \"" + key + "\", which leaves the folder");
      m_texts[key] = value.dump();
      if (key == ".zarray" || key.ends_with("/.zarray")) m_arrays.push_back(key);
    }
    m_consolidated = true;
    return checkCount();
  }

  /// Below `prefix` ("" or "group/").
  Result<void> walk(const std::string& prefix, int depth) {
    if (isFile(fs::path(m_path) / (prefix + ".zarray"))) {
      m_arrays.push_back(prefix + ".zarray");
      return checkCount();
    }
    if (depth > kMaxGroupDepth)
      return failAt(ErrorCode::OpenFailed, m_path,
                    m_path + " nests groups deeper than " + std::to_string(kMaxGroupDepth) + " levels: " + prefix);
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at(fs::path(m_path) / prefix, error), end; !error && at != end; at.increment(error)) {
      if (++m_entries > kMaxEntries)
        return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds more than " + formatCount(kMaxEntries) + " files in its groups",
                      "consolidate its metadata, with zarr: zarr.consolidate_metadata(path)");
      if (fs::is_directory(at->symlink_status())) names.push_back(at->path().filename().string());
    }
    for (const std::string& name : names) CUBELOOM_TRY(walk(prefix + name + "/", depth + 1));
    return {};
  }

  Result<void> checkCount() const {
    if (m_arrays.size() <= kMaxArrays) return {};
    return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds more than " + formatCount(kMaxArrays) + " arrays");
  }

  std::string m_path;
  std::vector<std::string> m_arrays;
  std::map<std::string, std::string> m_texts;  ///< of .zmetadata
  bool m_consolidated = false;
  std::size_t m_entries = 0;
};

}  // namespace

Result<std::shared_ptr<ZarrStore>> openZarrFolder(const std::string& path) {
  auto store = std::make_shared<ZarrFolder>(path);
  CUBELOOM_TRY(store->begin());
  return std::static_pointer_cast<ZarrStore>(store);
}

}  // namespace cubeloom
