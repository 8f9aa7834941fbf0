// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/catalog_glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxMatches = 10000, kMaxLookedAt = 200000, kMaxFields = 32;

struct Search {
  std::vector<std::string> parts;  ///< of the pattern
  std::vector<std::string> found;
  std::size_t lookedAt = 0;
  bool isFull() const { return found.size() > kMaxMatches || lookedAt > kMaxLookedAt; }

  void under(const fs::path& folder, std::size_t part) {
    const bool isLast = part + 1 == parts.size();
    if (!hasWildcard(parts[part])) return step(folder / parts[part], part, isLast);
    std::error_code error;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end && !isFull();
         it.increment(error)) {
      ++lookedAt;
      const std::string name = it->path().filename().string();
      if (fnmatch(parts[part].c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0) step(it->path(), part, isLast);
    }
  }

  void step(const fs::path& path, std::size_t part, bool isLast) {
    std::error_code ignored;
    if (!isLast) {
      if (fs::is_directory(path, ignored)) under(path, part + 1);
    } else if (fs::exists(path, ignored)) {
      found.push_back(path.string());
    }
  }
};

/// "{name:format}" at `at`: its end and its name. False when the brace is none of a field.
bool fieldAt(const std::string& text, std::size_t at, std::size_t& end, std::string& name) {
  if (text[at] != '{') return false;
  end = text.find('}', at);
  if (end == std::string::npos) return false;
  name = text.substr(at + 1, end - at - 1);
  name = name.substr(0, name.find(':'));
  return name.find('{') == std::string::npos;
}

}  // namespace

bool hasWildcard(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

bool hasField(const std::string& path) {
  std::size_t end = 0;
  std::string name;
  for (std::size_t i = path.find('{'); i != std::string::npos; i = path.find('{', i + 1))
    if (fieldAt(path, i, end, name)) return true;
  return false;
}

std::string fieldsAsWildcards(const std::string& pattern) {
  std::string out, name;
  for (std::size_t i = 0, end = 0; i < pattern.size(); ++i) {
    if (fieldAt(pattern, i, end, name)) {
      out += '*';
      i = end;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::map<std::string, std::string> fieldsOf(const std::string& pattern, const std::string& path) {
  std::map<std::string, std::string> fields;
  std::size_t at = 0;
  std::string name;
  for (std::size_t i = 0, end = 0; i < pattern.size(); ++i) {
    if (!fieldAt(pattern, i, end, name)) {
      if (at >= path.size() || path[at] != pattern[i]) return {};
      ++at;
      continue;
    }
    if (fields.size() >= kMaxFields) return {};
    // Up to the text that follows the field in the pattern.
    const std::size_t nextField = pattern.find('{', end + 1);
    const std::string after = pattern.substr(end + 1, nextField == std::string::npos ? nextField : nextField - end - 1);
    const std::size_t stop = after.empty() ? path.size() : path.find(after, at);
    if (stop == std::string::npos) return {};
    const std::string value = path.substr(at, stop - at);
    if (value.find('/') != std::string::npos) return {};
    fields[name] = value;
    at = stop;
    i = end;
  }
  return at == path.size() ? fields : std::map<std::string, std::string>{};
}

Result<std::vector<std::string>> filesMatching(const std::string& pattern) {
  if (pattern.find("**") != std::string::npos) return fail(ErrorCode::OpenFailed, "\"**\" is not followed: " + pattern);
  Search search;
  for (const fs::path& part : fs::path(pattern).lexically_normal().relative_path()) search.parts.push_back(part.string());
  if (search.parts.empty()) return std::vector<std::string>{};
  search.under("/", 0);
  if (search.isFull())
    return fail(
        ErrorCode::OpenFailed,
        "the pattern " + pattern + " meets more than " + formatCount(kMaxMatches) + " files or " + formatCount(kMaxLookedAt) + " names",
        "make it narrower");
  std::sort(search.found.begin(), search.found.end());
  return search.found;
}

}  // namespace cubeloom
