// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/kerchunk_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/zarr/kerchunk_refs.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxFileBytes = std::int64_t{1} << 30;
constexpr std::size_t kMaxOpenTargets = 128;
constexpr std::size_t kMaxRefArrays = 10000;
constexpr std::int64_t kUnknownBytes = -2;

/// What is known of a target once it was looked at.
struct Target {
  std::string file;  ///< its real path
  std::int64_t bytes = kUnknownBytes;
  std::shared_ptr<const RawFile> open;
};

class KerchunkStore final : public ZarrStore {
 public:
  KerchunkStore(std::string path, KerchunkRefs refs)
      : m_path(std::move(path)), m_refs(std::move(refs)), m_targets(m_refs.targets().size()) {
    const fs::path folder = fs::path(m_path).parent_path(), above = folder.parent_path();
    m_root = above == above.root_path() ? folder.string() : above.string();
  }

  Result<void> begin() {
    for (const KerchunkRefs::Entry& entry : m_refs.entries()) {
      const std::string_view key = m_refs.key(entry);
      if (key != ".zarray" && !key.ends_with("/.zarray")) continue;
      if (!isPlainKey(key))
        return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds the key \"" + std::string(key) + "\", which is no name");
      m_arrays.emplace_back(key);
      if (m_arrays.size() > kMaxRefArrays)
        return failAt(ErrorCode::OpenFailed, m_path, m_path + " holds more than " + formatCount(kMaxRefArrays) + " arrays");
    }
    if (m_arrays.empty()) return failAt(ErrorCode::OpenFailed, m_path, m_path + " refers to no Zarr array");
    return {};
  }

  const std::string& path() const override { return m_path; }
  std::string driver() const override { return "kerchunk"; }
  const std::vector<std::string>& arrayKeys() const override { return m_arrays; }

  Result<std::optional<std::string>> text(const std::string& key) const override {
    const KerchunkRefs::Entry* entry = m_refs.find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->target == KerchunkRefs::kInlined) return std::string(m_refs.inlined(*entry));
    return failAt(ErrorCode::OpenFailed, m_path, m_path + " keeps the metadata " + key + " in another file, which is not read");
  }

  std::int64_t size(const std::string& key) const override {
    const KerchunkRefs::Entry* entry = m_refs.find(key);
    if (entry == nullptr) return -1;
    if (entry->bytes != KerchunkRefs::kWholeFile) return entry->bytes;
    const auto target = lookAt(entry->target);
    return target ? target->bytes : -1;
  }

  Result<std::optional<ZarrPlace>> place(const std::string& key) const override {
    const KerchunkRefs::Entry* entry = m_refs.find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->target == KerchunkRefs::kInlined) return ZarrPlace{nullptr, 0, entry->bytes, m_refs.inlined(*entry)};
    auto file = opened(entry->target);
    if (!file) {
      file.error().code = ErrorCode::ReadFailed;
      return fail(std::move(file.error()));
    }
    const std::int64_t bytes = entry->bytes == KerchunkRefs::kWholeFile ? (*file)->sizeBytes() : entry->bytes;
    if (auto wrong = checkRange(*entry, (*file)->path(), (*file)->sizeBytes()); !wrong) {
      wrong.error().code = ErrorCode::ReadFailed;
      return fail(std::move(wrong.error()));
    }
    return ZarrPlace{std::move(*file), entry->offset, bytes, {}};
  }

  Result<void> check(const std::string& array) const override {
    const auto [first, end] = m_refs.range(array);
    for (std::size_t i = first; i < end; ++i) {
      const KerchunkRefs::Entry& entry = m_refs.entries()[i];
      if (entry.target == KerchunkRefs::kInlined) continue;
      const auto target = lookAt(entry.target);
      if (!target) return fail(target.error());
      CUBELOOM_TRY(checkRange(entry, target->file, target->bytes));
    }
    return {};
  }

  std::vector<std::string> files(const std::string& array) const override {
    std::vector<std::string> all;
    const auto [first, end] = m_refs.range(array);
    std::vector<bool> seen(m_targets.size());
    for (std::size_t i = first; i < end; ++i) {
      const std::uint32_t number = m_refs.entries()[i].target;
      if (number == KerchunkRefs::kInlined || seen[number]) continue;
      seen[number] = true;
      if (const auto target = lookAt(number)) all.push_back(target->file);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    all.insert(all.begin(), m_path);
    return all;
  }

  double storedBytes(const std::string& array) const override {
    double sum = 0;
    const auto [first, end] = m_refs.range(array);
    for (std::size_t i = first; i < end; ++i) {
      const KerchunkRefs::Entry& entry = m_refs.entries()[i];
      if (entry.bytes != KerchunkRefs::kWholeFile)
        sum += static_cast<double>(entry.bytes);
      else if (const auto target = lookAt(entry.target))
        sum += static_cast<double>(target->bytes);
    }
    return sum;
  }

  std::vector<std::string> notes() const override {
    return {formatCount(static_cast<std::int64_t>(m_refs.entries().size())) + " references to " +
            formatCount(static_cast<std::int64_t>(m_targets.size())) + " files, which must lie beneath " + m_root};
  }

 private:
  Result<void> checkRange(const KerchunkRefs::Entry& entry, const std::string& file, std::int64_t bytes) const {
    if (entry.bytes == KerchunkRefs::kWholeFile || (entry.offset <= bytes && entry.bytes <= bytes - entry.offset)) return {};
    return failAt(ErrorCode::OpenFailed, m_path,
                  m_path + " refers with \"" + std::string(m_refs.key(entry)) + "\" to bytes " + std::to_string(entry.offset) + " to " +
                      std::to_string(entry.offset + entry.bytes) + " of " + file + ", which has " + std::to_string(bytes),
                  "the file is cut off, or the references belong to another one");
  }

  /// The real path of a target that may be read, and its size.
  Result<Target> lookAt(std::uint32_t number) const {
    {
      const std::lock_guard lock(m_mutex);
      if (m_targets[number].bytes != kUnknownBytes) return m_targets[number];
    }
    auto file = confined(m_refs.targets()[number]);
    if (!file) return fail(std::move(file.error()));
    struct stat facts {};
    if (::stat(file->c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
      return failAt(ErrorCode::OpenFailed, m_path, m_path + " refers to " + *file + ", which is not a regular file");
    const std::lock_guard lock(m_mutex);
    m_targets[number].file = *file;
    m_targets[number].bytes = facts.st_size;
    return m_targets[number];
  }

  Result<std::string> confined(const std::string& target) const {
    const auto refuse = [&](const std::string& why, const std::string& hint) {
      return failAt(ErrorCode::OpenFailed, m_path, m_path + " refers to \"" + target.substr(0, 300) + "\", " + why, hint);
    };
    std::string local = target;
    if (local.starts_with("file://")) local = local.substr(7);
    if (local.find("://") != std::string::npos || local.starts_with("/vsi"))
      return refuse("which is not a file of this machine", "only local targets are read: fetch the data and write the references anew");
    if (local.empty() || local.find('\0') != std::string::npos) return refuse("which is no name", "");
    fs::path file(local);
    if (file.is_relative()) file = fs::path(m_path).parent_path() / file;
    std::error_code error;
    const fs::path real = fs::canonical(file, error);
    if (error) return refuse("which cannot be opened: " + error.message(), "put the data where the references say");
    const fs::path below = real.lexically_relative(m_root);
    bool inside = !below.empty() && below.is_relative();
    for (const fs::path& step : below) inside &= !step.string().starts_with('.');
    if (!inside)
      return refuse("which lies at " + real.string() + ", outside " + m_root + " or hidden in it",
                    "put the reference file beside the data, or in a folder beside theirs");
    return real.string();
  }

  Result<std::shared_ptr<const RawFile>> opened(std::uint32_t number) const {
    auto target = lookAt(number);
    if (!target) return fail(std::move(target.error()));
    if (target->open) return target->open;
    auto file = RawFile::open(target->file);
    if (!file) return fail(std::move(file.error()));
    const std::shared_ptr<const RawFile> shared = std::move(*file);
    const std::lock_guard lock(m_mutex);
    if (m_openCount < kMaxOpenTargets && !m_targets[number].open) {
      m_targets[number].open = shared;
      ++m_openCount;
    }
    return shared;
  }

  std::string m_path, m_root;
  KerchunkRefs m_refs;
  std::vector<std::string> m_arrays;
  mutable std::mutex m_mutex;
  mutable std::vector<Target> m_targets;
  mutable std::size_t m_openCount = 0;
};

}  // namespace

Result<std::shared_ptr<ZarrStore>> openKerchunk(const std::string& path) {
  auto file = RawFile::open(path);
  if (!file) return fail(std::move(file.error()));
  const std::int64_t bytes = (*file)->sizeBytes();
  if (bytes > kMaxFileBytes)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " has " + formatCount(bytes) + " bytes; reference files of at most " + formatCount(kMaxFileBytes) + " are read");
  std::string text(static_cast<std::size_t>(bytes), '\0');
  CUBELOOM_TRY((*file)->read(reinterpret_cast<std::byte*>(text.data()), bytes, 0, bytes));
  auto refs = KerchunkRefs::parse(text, path);
  if (!refs) return fail(std::move(refs.error()));
  auto store = std::make_shared<KerchunkStore>(path, std::move(*refs));
  CUBELOOM_TRY(store->begin());
  return std::static_pointer_cast<ZarrStore>(store);
}

}  // namespace cubeloom
