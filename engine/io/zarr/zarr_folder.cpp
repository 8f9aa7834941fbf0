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
constexpr std::size_t kMaxFolderEntries = 200000;
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
    if (isFile(fs::path(m_path) / "zarr.json")) {
      CUBELOOM_TRY(readVersion3());
    } else if (isFile(fs::path(m_path) / ".zmetadata")) {
      CUBELOOM_TRY(readConsolidated());
    } else {
      CUBELOOM_TRY(walk("", 0));
    }
    std::sort(m_arrays.begin(), m_arrays.end());
    if (!m_arrays.empty()) return {};
    return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds no Zarr array");
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
    for (const char* name : {".zmetadata", ".zgroup", ".zattrs", "zarr.json"})
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

  double storedBytes(const std::string& array) const override {
    double sum = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(m_path + "/" + array, error), end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      const std::uintmax_t bytes = at->is_regular_file(gone) ? at->file_size(gone) : 0;
      if (!gone) sum += static_cast<double>(bytes);
    }
    return sum;
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

  /// Version 3: the root's own zarr.json may hold those of all below it.
  Result<void> readVersion3() {
    const std::string file = m_path + "/zarr.json";
    auto text = fileText("zarr.json");
    if (!text) return fail(std::move(text.error()));
    auto json = parseJsonText(text->value_or(""), file);
    if (!json) return fail(std::move(json.error()));
    const auto version = json->is_object() ? json->find("zarr_format") : json->end();
    if (!json->is_object() || version == json->end() || *version != 3)
      return failAt(ErrorCode::OpenFailed, file, file + ": \"zarr_format\" is not 3");
    const auto consolidated = json->find("consolidated_metadata");
    const auto below = consolidated != json->end() && consolidated->is_object() ? consolidated->find("metadata") : consolidated;
    if (consolidated == json->end() || !consolidated->is_object() || below == consolidated->end() || !below->is_object())
      return walk("", 0);
    for (const auto& [path, node] : below->items()) {
      if (!isPlainKey(path)) return failAt(ErrorCode::OpenFailed, file, file + " holds the key \"" + path + "\", which leaves the folder");
      const std::string key = path + "/zarr.json";
      m_texts[key] = node.dump();
      if (isArrayNode(node)) m_arrays.push_back(key);
    }
    json->erase("consolidated_metadata");
    m_texts["zarr.json"] = json->dump();
    m_consolidated = true;
    return checkCount();
  }

  static bool isArrayNode(const nlohmann::json& node) {
    const auto type = node.is_object() ? node.find("node_type") : node.end();
    return node.is_object() && type != node.end() && *type == "array";
  }

  /// Whether what `prefix` names is an array, which then is taken.
  Result<bool> takeArray(const std::string& prefix) {
    if (isFile(fs::path(m_path) / (prefix + ".zarray"))) {
      m_arrays.push_back(prefix + ".zarray");
      return true;
    }
    const std::string key = prefix + "zarr.json";
    if (!isFile(fs::path(m_path) / key)) return false;
    auto text = fileText(key);
    if (!text) return fail(std::move(text.error()));
    const auto json = parseJsonText(text->value_or(""), m_path + "/" + key);
    if (!json) return fail(json.error());
    if (!isArrayNode(*json)) return false;
    m_arrays.push_back(key);
    return true;
  }

  /// Below `prefix` ("" or "group/").
  Result<void> walk(const std::string& prefix, int depth) {
    auto isArray = takeArray(prefix);
    if (!isArray) return fail(std::move(isArray.error()));
    if (*isArray) return checkCount();
    if (depth > kMaxGroupDepth)
      return failAt(ErrorCode::OpenFailed, m_path,
                    m_path + " nests groups deeper than " + std::to_string(kMaxGroupDepth) + " levels: " + prefix);
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at(fs::path(m_path) / prefix, error), end; !error && at != end; at.increment(error)) {
      if (++m_entries > kMaxFolderEntries)
        return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds more than " + formatCount(kMaxFolderEntries) + " files in its groups",
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
  std::map<std::string, std::string> m_texts;  ///< of consolidated metadata
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
