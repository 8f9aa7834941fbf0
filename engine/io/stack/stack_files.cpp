// SPDX-License-Identifier: GPL-3.0-or-later
// Which files make a stack, and when each is from.
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "engine/array/stated_date.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/stack/file_dates.h"
#include "engine/io/stack/stacked_source.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 4096;

Result<std::vector<std::string>> matchingFiles(const std::string& path) {
  const fs::path given(path);
  const fs::path folder = given.has_parent_path() ? given.parent_path() : fs::path(".");
  const std::string pattern = given.filename().string();
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    std::error_code ignored;
    const bool isStore = at->is_directory(ignored) && toLower(at->path().extension().string()) == ".zarr";
    if (isStore || at->is_regular_file(ignored)) names.push_back((folder / name).string());
    if (names.size() > kMostFiles)
      return failAt(ErrorCode::OpenFailed, path, path + " matches more than " + std::to_string(kMostFiles) + " files",
                    "narrow the pattern down");
  }
  if (error) return failAt(ErrorCode::OpenFailed, path, "cannot look into " + folder.string() + ": " + error.message());
  if (names.empty())
    return failAt(ErrorCode::OpenFailed, path, "no file matches " + path, "check the spelling, the folder, and * for what varies");
  std::sort(names.begin(), names.end());
  return names;
}

/// By the pattern alone where one is given; else by the name, else by what the file says of itself.
Result<double> dateOf(const std::string& path, const ArraySpec& spec, const std::string& pattern) {
  const std::string name = fs::path(path).filename().string();
  if (!pattern.empty()) {
    auto date = dateByPattern(name, pattern);
    if (!date) return fail(std::move(date.error()));
    if (*date) return **date;
    return failAt(ErrorCode::OpenFailed, path, name + " does not match the pattern " + pattern, "correct 'pattern', or leave it out");
  }
  if (const auto date = dateInName(name)) return *date;
  if (const auto date = statedDate(spec)) return *date;
  return failAt(ErrorCode::OpenFailed, path, "neither the name nor the attributes of " + path + " tell a date",
                "say with 'pattern' where the date is in the name, for instance pattern=%Y%m%d");
}

/// Header and data of one raster are one member; so is nothing that only describes another file.
bool isSidecar(const std::string& path) {
  const std::string lower = toLower(path);
  return lower.ends_with(".aux.xml") || lower.ends_with(".ovr") || lower.ends_with(".msk");
}

}  // namespace

bool isFilePattern(const std::string& path) { return fs::path(path).filename().string().find_first_of("*?[") != std::string::npos; }

Result<OpenedDataset> openStack(const OpenRequest& request, const std::function<Result<OpenedDataset>(const OpenRequest&)>& open) {
  const std::string dim = request.concatDim.empty() ? "time" : request.concatDim;
  auto names = matchingFiles(request.path);
  if (!names) return fail(std::move(names.error()));
  std::vector<StackMember> members;
  std::set<std::string> primaries;
  OpenedDataset stack;
  DatasetInfo& info = stack.info;
  for (const std::string& name : *names) {
    if (isSidecar(name)) continue;
    OpenRequest one = request;
    one.path = name;
    one.concatDim.clear();
    one.pattern.clear();
    auto opened = open(one);
    if (!opened) return fail(std::move(opened.error()));
    const std::vector<std::string> files = opened->source->files();
    if (!primaries.insert(files.empty() ? name : files.front()).second) continue;
    double seconds = 0;
    if (opened->source->spec().indexOf(dim) < 0) {
      const auto date = dateOf(name, opened->source->spec(), request.pattern);
      if (!date) return fail(date.error());
      seconds = *date;
    }
    if (members.empty()) info = opened->info;
    members.push_back({name, std::move(opened->source), seconds});
  }
  const std::size_t count = members.size();
  auto joined = StackedSource::join(std::move(members), dim);
  if (!joined) return fail(std::move(joined.error()));
  info.path = request.path;
  info.fileBytes = 0;
  for (const std::string& file : (*joined)->files()) {
    std::error_code ignored;
    const auto bytes = fs::file_size(file, ignored);
    if (!ignored) info.fileBytes += static_cast<double>(bytes);
  }
  info.notes.push_back(std::to_string(count) + " files are one array along '" + dim + "'");
  info.variables = {{(*joined)->spec().variable, (*joined)->spec()}};
  info.chosen = 0;
  stack.source = std::move(*joined);
  return stack;
}

}  // namespace cubeloom
