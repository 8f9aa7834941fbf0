// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/parts_of_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "engine/base/saved_file.h"
#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/unit_file.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRunIdDigits = 16;
/// What is behind a kept state.
struct StateSeal {
  std::uint32_t checksum = 0, magic = 0x53544154;
};

std::string partsPrefix(const std::string& target) { return nameOf(target).substr(0, kLongestStem) + ".part-"; }

/// "3-of-7".
std::optional<RunPart> partOfName(const std::string& name) {
  const std::size_t middle = name.find("-of-");
  if (middle == std::string::npos) return std::nullopt;
  const auto number = parseInteger(name.substr(0, middle)), count = parseInteger(name.substr(middle + 4));
  if (!number || !count || *number < 1 || *number > *count) return std::nullopt;
  return RunPart{*number, *count};
}

/// The folders of runs of the target in parts, newest first.
std::vector<std::string> partsFoldersOf(const std::string& target) {
  const std::string prefix = partsPrefix(target);
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folderOf(target), code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || name.size() != prefix.size() + kRunIdDigits) continue;
    if (name.find_first_not_of("0123456789abcdef", prefix.size()) != std::string::npos || !entry.is_directory(code)) continue;
    found.emplace_back(entry.last_write_time(code), entry.path().string());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> folders;
  folders.reserve(found.size());
  for (auto& [time, path] : found) folders.push_back(std::move(path));
  return folders;
}

struct FoundPart {
  RunPart part;
  std::string path;
};

/// The finished parts in a folder, in order.
std::vector<FoundPart> finishedParts(const std::string& folder) {
  std::vector<FoundPart> found;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code))
    if (const auto part = partOfName(entry.path().filename().string()); part && entry.is_regular_file(code))
      found.push_back({*part, entry.path().string()});
  std::sort(found.begin(), found.end(), [](const FoundPart& a, const FoundPart& b) { return a.part < b.part; });
  return found;
}

/// How the run that left parts in another folder differs from this one; "" when nothing can be said of it.
std::string differenceTo(const std::string& folder, const SinkRequest& request) {
  for (const FoundPart& found : finishedParts(folder))
    if (const auto index = readUnitIndex(found.path)) return identityDifference(index->header.identity, request.identity);
  return {};
}

class UnitsOfParts : public MadeUnits {
 public:
  void add(const FoundPart& found) {
    const auto index = readUnitIndex(found.path);
    if (!index) return;
    m_files.push_back(found);
    m_parts.push_back(found.part);
    for (const PlacedUnit& unit : index->units)
      m_units.try_emplace(static_cast<std::int64_t>(unit.number), Unit{m_files.size() - 1, unit.offset, unit.bytes, unit.checksum});
  }

  std::optional<std::int64_t> bytes(std::int64_t unit) const override {
    const auto found = m_units.find(unit);
    return found == m_units.end() ? std::nullopt : std::optional(found->second.bytes);
  }

  Result<void> read(std::int64_t number, std::byte* to) const override {
    const Unit& unit = m_units.at(number);
    const FoundPart& file = m_files[unit.file];
    // For a moment: there may be more parts than a process may have open files.
    const int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    std::size_t done = 0;
    int code = descriptor < 0 ? errno : EIO;
    while (descriptor >= 0 && done < static_cast<std::size_t>(unit.bytes)) {
      const ssize_t n =
          ::pread(descriptor, to + done, static_cast<std::size_t>(unit.bytes) - done, unit.offset + static_cast<std::int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) code = errno;
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    if (descriptor >= 0) ::close(descriptor);
    const bool isThere = done == static_cast<std::size_t>(unit.bytes);
    if (isThere && crc32(0, to, done) == unit.checksum) return {};
    const std::string name = "part " + std::to_string(file.part.number) + " of " + std::to_string(file.part.count);
    Failure failure = fail(ErrorCode::PartsMissing,
                           isThere ? name + " is damaged: it does not read as it was written"
                                   : name + " cannot be read: " + std::generic_category().message(code),
                           "make it again with --part " + std::to_string(file.part.number) + "/" + std::to_string(file.part.count) +
                               ", then --finalize again");
    failure.value().path = file.path;
    if (isThere) ::unlink(file.path.c_str());  // so that making it again makes it
    return failure;
  }

  const std::vector<RunPart>& parts() const override { return m_parts; }
  double indexBytes() const override { return static_cast<double>(m_units.size()) * (sizeof(Unit) + 6 * sizeof(void*)); }

 private:
  struct Unit {
    std::size_t file = 0;
    std::int64_t offset = 0, bytes = 0;
    std::uint32_t checksum = 0;
  };
  std::vector<FoundPart> m_files;
  std::vector<RunPart> m_parts;
  std::unordered_map<std::int64_t, Unit> m_units;
};

class StatesInFolder : public SharedStates {
 public:
  explicit StatesInFolder(std::string folder) : m_folder(std::move(folder)) {}

  bool has(const std::string& name) const override {
    std::error_code code;
    return fs::is_regular_file(m_folder + "/" + name, code);
  }
  std::optional<std::vector<std::byte>> load(const std::string& name) const override {
    const int descriptor = ::open((m_folder + "/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return std::nullopt;
    struct stat facts {};
    std::vector<std::byte> bytes;
    if (::fstat(descriptor, &facts) == 0 && facts.st_size >= static_cast<std::int64_t>(sizeof(StateSeal)))
      bytes.resize(static_cast<std::size_t>(facts.st_size));
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::read(descriptor, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    ::close(descriptor);
    if (bytes.empty() || done < bytes.size()) return std::nullopt;
    StateSeal seal;
    std::memcpy(&seal, bytes.data() + bytes.size() - sizeof seal, sizeof seal);
    bytes.resize(bytes.size() - sizeof seal);
    if (seal.magic != StateSeal{}.magic || seal.checksum != crc32(0, bytes.data(), bytes.size())) return std::nullopt;
    return bytes;
  }
  Result<void> keep(const std::string& name, const std::vector<std::byte>& state) override {
    std::error_code code;
    fs::create_directory(m_folder, code);
    const StateSeal seal{crc32(0, state.data(), state.size())};
    std::string bytes(state.size() + sizeof seal, '\0');
    if (!state.empty()) std::memcpy(bytes.data(), state.data(), state.size());
    std::memcpy(bytes.data() + state.size(), &seal, sizeof seal);
    return saveFile(m_folder + "/" + name, bytes);
  }
  void forget(const std::string& name) override { ::unlink((m_folder + "/" + name).c_str()); }

 private:
  std::string m_folder;
};

}  // namespace

std::string partsFolder(const SinkRequest& request) {
  return folderOf(request.path) + "/" + partsPrefix(request.path) + request.place.runId;
}

std::string partPath(const SinkRequest& request) {
  return partsFolder(request) + "/" + std::to_string(request.place.part.number) + "-of-" + std::to_string(request.place.part.count);
}

bool isPartMade(const SinkRequest& request) {
  const auto index = readUnitIndex(partPath(request));
  return index && index->part == request.place.part && index->range == request.place.units &&
         static_cast<std::int64_t>(index->units.size()) == index->range.count();
}

Result<std::shared_ptr<const MadeUnits>> openMadeUnits(const SinkRequest& request) {
  auto units = std::make_shared<UnitsOfParts>();
  for (const FoundPart& found : finishedParts(partsFolder(request))) units->add(found);
  if (!units->parts().empty()) return units;
  std::string message = "no part of '" + request.path + "' is there";
  for (const std::string& folder : partsFoldersOf(request.path)) {
    if (nameOf(folder) == nameOf(partsFolder(request))) continue;
    const std::string difference = differenceTo(folder, request);
    if (difference.empty()) continue;
    message += "; what lies in '" + folder + "' is of another run: " + difference;
    break;
  }
  Failure failure = fail(ErrorCode::PartsMissing, message, "make them with --part 1/N to --part N/N, then --finalize");
  failure.value().path = request.path;
  return failure;
}

std::shared_ptr<SharedStates> openSharedStates(const SinkRequest& request) {
  return std::make_shared<StatesInFolder>(partsFolder(request));
}

void removePartsOf(const SinkRequest& request) {
  std::error_code code;
  fs::remove_all(partsFolder(request), code);
}

double unitIndexBytes(std::int64_t units) { return static_cast<double>(units) * sizeof(PlacedUnit); }

}  // namespace cubeloom
