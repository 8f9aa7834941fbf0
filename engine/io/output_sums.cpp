// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/output_sums.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "engine/base/guard.h"
#include "engine/base/saved_file.h"
#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/text_file.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/tiff/tiff_side_file.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kMostSumsBytes = std::size_t{1} << 30;
constexpr unsigned kMostThreads = 4;

/// One file of an output. Its path is relative to the output's folder.
struct SummedFile {
  std::string path;
  std::int64_t bytes = 0, modifiedNs = 0;
  std::vector<std::uint32_t> sums;  ///< CRC-32 of each segment
};

/// Without the slash that a folder's name may end with.
fs::path cleaned(const std::string& output) {
  fs::path path = fs::absolute(output).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

fs::path baseOf(const std::string& output) { return cleaned(output).parent_path(); }

std::size_t segmentsOf(std::int64_t bytes) {
  return static_cast<std::size_t>((std::max<std::int64_t>(bytes, 0) + kSumSegmentBytes - 1) / kSumSegmentBytes);
}

/// The CRC-32 of a segment of a file of `bytes`; unset where it cannot be read.
std::optional<std::uint32_t> sumOf(const std::string& path, std::int64_t bytes, std::size_t segment, const CancelToken& cancel) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::vector<std::byte> buffer(kReadBytes);
  std::int64_t at = static_cast<std::int64_t>(segment) * kSumSegmentBytes;
  const std::int64_t end = std::min(bytes, at + kSumSegmentBytes);
  std::uint32_t sum = 0;
  while (at < end && !cancel.isCanceled()) {
    const ssize_t n = ::pread(descriptor, buffer.data(), static_cast<std::size_t>(std::min<std::int64_t>(end - at, kReadBytes)), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    sum = crc32(sum, buffer.data(), static_cast<std::size_t>(n));
    at += n;
  }
  ::close(descriptor);
  return at < end ? std::nullopt : std::optional(sum);
}

/// What is known of a segment without reading it.
using KnownSum = std::function<std::optional<std::uint32_t>(const SummedFile& file, std::size_t segment)>;

/// The sums of all segments of files of the output at `output`. What is not known is read on a few threads: a disk or the system's cache
/// gives more to several readers than to one. Unset where a segment cannot be read.
std::vector<std::vector<std::optional<std::uint32_t>>> sumsOf(const std::string& output, const std::vector<SummedFile>& files,
                                                              const CancelToken& cancel, const KnownSum& known) {
  std::vector<std::vector<std::optional<std::uint32_t>>> sums(files.size());
  std::vector<std::pair<std::size_t, std::size_t>> todo;
  for (std::size_t f = 0; f < files.size(); ++f) {
    sums[f].resize(segmentsOf(files[f].bytes));
    for (std::size_t segment = 0; segment < sums[f].size(); ++segment) {
      sums[f][segment] = known(files[f], segment);
      if (!sums[f][segment]) todo.emplace_back(f, segment);
    }
  }
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (std::size_t i = next++; i < todo.size(); i = next++) {
      const auto [f, segment] = todo[i];
      sums[f][segment] = sumOf((baseOf(output) / files[f].path).string(), files[f].bytes, segment, cancel);
    }
  };
  std::vector<std::thread> threads;
  const std::size_t most = std::min<std::size_t>({todo.size(), kMostThreads, std::max(1U, std::thread::hardware_concurrency())});
  (void)guarded([&] {
    for (std::size_t i = 1; i < most; ++i) threads.emplace_back([&] { (void)guarded(take); });
  });
  (void)guarded(take);
  for (std::thread& thread : threads) thread.join();
  return sums;
}

/// The files that make up an output, with their sizes.
std::vector<SummedFile> filesOf(const SinkRequest& request) {
  std::vector<std::string> paths;
  std::error_code code;
  if (fs::is_directory(request.path, code)) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(request.path, code))
      if (entry.is_regular_file(code)) paths.push_back(entry.path().string());
  } else {
    paths.push_back(request.path);
    if (request.format == "ENVI") paths.push_back(enviHeaderPath(request.path));
    const bool isTiff = request.format == "GTiff" || request.format == "COG";
    if (isTiff && !tiffSideText(request.spec, 1).empty()) paths.push_back(tiffSidePath(request.path));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SummedFile> files;
  for (const std::string& path : paths) {
    const FileFingerprint print = fingerprintOf(path);
    files.push_back({cleaned(path).lexically_relative(baseOf(request.path)).string(), print.sizeBytes, print.modifiedNs, {}});
  }
  return files;
}

std::string hexOf(const std::vector<std::uint32_t>& sums) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint32_t sum : sums)
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[sum >> shift & 15];
  return text;
}

Json jsonOf(const SinkRequest& request, const std::vector<SummedFile>& files) {
  Json json{{"cubeloom_checksums", kVersion},
            {"output", fs::path(request.path).filename().string()},
            {"segment_bytes", kSumSegmentBytes},
            {"steps", request.identity.steps},
            {"chunk", request.identity.chunk}};
  json["inputs"] = Json::array();
  for (const FileFingerprint& input : request.identity.inputs)
    json["inputs"].push_back({input.path, input.sizeBytes, input.modifiedNs, input.changedNs, input.inode});
  json["files"] = Json::array();
  for (const SummedFile& file : files)
    json["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"modified_ns", file.modifiedNs}, {"crc32", hexOf(file.sums)}});
  return json;
}

struct Stored {
  OutputIdentity identity;
  std::vector<SummedFile> files;
};

/// Throws what nlohmann throws where the document is not as jsonOf() makes it.
Stored storedFrom(const Json& json) {
  Stored stored;
  json.at("steps").get_to(stored.identity.steps);
  json.at("chunk").get_to(stored.identity.chunk);
  if (json.at("cubeloom_checksums").get<int>() != kVersion || json.at("segment_bytes").get<std::int64_t>() != kSumSegmentBytes)
    throw std::invalid_argument("another version");
  for (const Json& input : json.at("inputs"))
    stored.identity.inputs.push_back({input.at(0).get<std::string>(), input.at(1).get<std::int64_t>(), input.at(2).get<std::int64_t>(),
                                      input.at(3).get<std::int64_t>(), input.at(4).get<std::uint64_t>()});
  for (const Json& entry : json.at("files")) {
    SummedFile file{
        entry.at("path").get<std::string>(), entry.at("bytes").get<std::int64_t>(), entry.at("modified_ns").get<std::int64_t>(), {}};
    // A file of sums names files of its own folder only.
    const fs::path path(file.path);
    if (path.is_absolute() || file.path.empty() || std::find(path.begin(), path.end(), "..") != path.end())
      throw std::invalid_argument("a path out of the folder");
    const auto hex = entry.at("crc32").get<std::string>();
    if (hex.size() % 8 != 0 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) throw std::invalid_argument("no checksums");
    if (hex.size() / 8 != segmentsOf(file.bytes)) throw std::invalid_argument("another number of segments");
    for (std::size_t i = 0; i < hex.size(); i += 8)
      file.sums.push_back(static_cast<std::uint32_t>(std::stoul(hex.substr(i, 8), nullptr, 16)));
    stored.files.push_back(std::move(file));
  }
  return stored;
}

Result<Stored> readSums(const std::string& output) {
  const std::string path = sumsPath(output);
  auto text = readTextFile(path, kMostSumsBytes, "file of checksums");
  if (!text) return fail(std::move(text.error()));
  try {
    return storedFrom(Json::parse(*text));  // of as many files as an output has, unlike metadata
  } catch (const std::exception&) {
    return failAt(ErrorCode::OpenFailed, path, "'" + path + "' is no file of checksums of this version",
                  "run the chain again to store them");
  }
}

std::string rangeText(std::int64_t first, std::int64_t last) {
  return "bytes " + formatCount(first) + " to " + formatCount(last) + " are not what was written";
}

/// `sums`: of the file as it is now. Neighbouring segments are told as one range.
std::vector<std::string> damagesOf(const SummedFile& then, const std::string& path, const std::vector<std::optional<std::uint32_t>>& sums) {
  const FileFingerprint now = fingerprintOf(path);
  if (now.sizeBytes < 0) return {"it is missing"};
  std::vector<std::string> damages;
  if (now.sizeBytes != then.bytes)
    damages.push_back("it has " + formatCount(now.sizeBytes) + " bytes; " + formatCount(then.bytes) + " were written");
  std::int64_t first = -1;
  for (std::size_t i = 0; i <= then.sums.size(); ++i) {
    const bool differs = i < then.sums.size() && sums[i] != then.sums[i];
    const std::int64_t at = static_cast<std::int64_t>(i) * kSumSegmentBytes;
    if (differs && first < 0) first = at;
    if (differs || first < 0) continue;
    damages.push_back(rangeText(first, std::min(at, then.bytes) - 1));
    first = -1;
  }
  if (!damages.empty() && now.modifiedNs != then.modifiedNs) damages.emplace_back("it was written to after the run");
  return damages;
}

}  // namespace

std::string sumsPath(const std::string& output) { return cleaned(output).string() + ".checksums"; }

/// Whether what stands there is ours to replace, and no list of checksums that somebody else keeps beside the file.
bool areSums(const std::string& path) {
  std::ifstream file(path);
  std::string beginning(256, '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<std::size_t>(file.gcount()));
  return beginning.starts_with("{") && beginning.find("\"chunk\"") != std::string::npos;
}

std::string takeSums(const std::string& output) {
  const std::string path = sumsPath(output);
  if (!areSums(path)) return {};
  auto text = readTextFile(path, kMostSumsBytes, "file of checksums");
  ::unlink(path.c_str());
  return text ? std::move(*text) : std::string();
}

void putSumsBack(const std::string& output, const std::string& sums) {
  if (!sums.empty()) (void)saveFile(sumsPath(output), sums);
}

void storeSums(const SinkRequest& request, const Sink& sink, const CancelToken& cancel) {
  std::error_code code;
  if (fs::exists(sumsPath(request.path), code) && !areSums(sumsPath(request.path))) return;
  (void)guarded([&] {
    std::vector<SummedFile> files = filesOf(request);
    const std::string itself = cleaned(request.path).lexically_relative(baseOf(request.path)).string();
    const auto sums = sumsOf(request.path, files, cancel, [&](const SummedFile& file, std::size_t segment) {
      return file.path == itself ? sink.writtenSum(static_cast<std::int64_t>(segment), file.bytes) : std::nullopt;
    });
    for (std::size_t f = 0; f < files.size(); ++f)
      for (const auto& sum : sums[f]) files[f].sums.push_back(sum.value());  // a failed or canceled read throws: then nothing is stored
    (void)saveFile(sumsPath(request.path), jsonOf(request, files).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  });
}

std::optional<StoredOutput> storedOutput(const std::string& output) {
  std::error_code code;
  if (!fs::exists(sumsPath(output), code)) return std::nullopt;
  auto stored = readSums(output);
  if (!stored) return std::nullopt;
  const bool isUntouched = std::all_of(stored->files.begin(), stored->files.end(), [&](const SummedFile& file) {
    const FileFingerprint now = fingerprintOf((baseOf(output) / file.path).string());
    return now.sizeBytes == file.bytes && now.modifiedNs == file.modifiedNs;
  });
  return StoredOutput{std::move(stored->identity), isUntouched && !stored->files.empty()};
}

Result<std::vector<VerifiedFile>> verifyOutput(const std::string& output) {
  std::error_code code;
  if (!fs::exists(output, code))
    return failAt(ErrorCode::OpenFailed, output, "there is no output '" + output + "'", "check the spelling and the folder");
  if (!fs::exists(sumsPath(output), code))
    return failAt(ErrorCode::OpenFailed, output, "no checksums are stored for '" + output + "' (there is no '" + sumsPath(output) + "')",
                  "outputs of a run have them beside them; move both together");
  auto stored = readSums(output);
  if (!stored) return fail(std::move(stored.error()));
  const auto sums = sumsOf(output, stored->files, {}, [](const SummedFile&, std::size_t) { return std::nullopt; });
  const fs::path given = fs::path(output).has_filename() ? fs::path(output) : fs::path(output).parent_path();
  std::vector<VerifiedFile> verified;
  for (std::size_t f = 0; f < stored->files.size(); ++f) {
    const SummedFile& file = stored->files[f];
    const std::string path = (given.parent_path() / file.path).string();
    verified.push_back({path, file.bytes, damagesOf(file, path, sums[f])});
  }
  return verified;
}

}  // namespace cubeloom
