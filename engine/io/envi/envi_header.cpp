// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/envi/envi_header.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/text_file.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxNotes = 5;

/// Hands out lines without their ends (LF or CR LF; CR alone where there is no LF) and counts them from 1.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : m_rest(text), m_end(text.find('\n') == std::string_view::npos ? '\r' : '\n') {}
  bool next(std::string_view& line) {
    if (m_rest.empty()) return false;
    const std::size_t end = std::min(m_rest.find(m_end), m_rest.size());
    line = m_rest.substr(0, end);
    m_rest.remove_prefix(std::min(end + 1, m_rest.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++m_number;
    return true;
  }
  int number() const { return m_number; }

 private:
  std::string_view m_rest;
  char m_end;
  int m_number = 0;
};

bool isComment(std::string_view line) {
  line = trim(line);
  return !line.empty() && line.front() == ';';
}

/// "Data  Ignore Value " -> "data ignore value".
std::string normalKey(std::string_view key) {
  std::string normal;
  for (const char c : toLower(trim(key))) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && !normal.empty() && normal.back() == ' ') continue;
    normal += blank ? ' ' : c;
  }
  return normal;
}

bool isText(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 && u != '\n' && u != '\r' && u != '\t' && u != '\f' && u != '\v';
  });
}

}  // namespace

Result<EnviHeader> EnviHeader::parse(std::string_view text) {
  if (text.size() > kMaxBytes)
    return fail(ErrorCode::OpenFailed, "the header has " + formatSize(static_cast<double>(text.size())) + ", more than the limit of " +
                                           formatSize(static_cast<double>(kMaxBytes)));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  LineReader lines(text);
  std::string_view line;
  if (!lines.next(line) || !trim(line).starts_with("ENVI"))
    return fail(ErrorCode::OpenFailed, "this is not an ENVI header: its first line is not \"ENVI\"");
  if (!isText(text)) return fail(ErrorCode::OpenFailed, "this is not an ENVI header: it holds bytes that are not text");

  EnviHeader header;
  std::string decoded;
  if (!isUtf8(text)) {
    decoded = fromLatin1(text);
    lines = LineReader(decoded);
    lines.next(line);
    header.m_notes.emplace_back("the header is not in UTF-8: its letters are read as Latin-1");
  }
  const auto note = [&header](std::string what) {
    if (header.m_notes.size() < kMaxNotes) header.m_notes.push_back(std::move(what));
  };
  while (lines.next(line)) {
    if (trim(line).empty() || isComment(line)) continue;
    const std::size_t equals = line.find('=');
    std::string key = equals == std::string_view::npos ? std::string() : normalKey(line.substr(0, equals));
    if (key.empty()) {
      note("header line " + std::to_string(lines.number()) + " is not \"key = value\" and was skipped");
      continue;
    }
    std::string_view first = trim(line.substr(equals + 1));
    std::string value(first);
    if (!first.empty() && first.front() == '{') {
      const int opened = lines.number();
      value.erase(0, 1);
      std::size_t close = value.find('}');
      while (close == std::string::npos) {
        if (!lines.next(line))
          return fail(ErrorCode::OpenFailed,
                      "the brace of \"" + key + "\" opened on line " + std::to_string(opened) + " of the header is never closed");
        if (isComment(line)) continue;
        const std::size_t from = value.size();
        value += '\n';
        value += line;
        close = value.find('}', from);
      }
      value.resize(close);
    }
    const auto [place, isNew] = header.m_values.insert_or_assign(std::move(key), std::string(trim(value)));
    if (!isNew) note("the header gives \"" + place->first + "\" more than once; the last one counts");
  }
  return header;
}

Result<EnviHeader> EnviHeader::read(const std::string& path) {
  const auto text = fileStart(path, kMaxBytes + 1);
  if (!text) return fail(text.error());
  auto header = parse(*text);
  if (!header) {
    header.error().path = path;
    header.error().message = path + ": " + header.error().message;
  }
  return header;
}

std::optional<std::string> EnviHeader::text(std::string_view key) const {
  const auto found = m_values.find(key);
  if (found == m_values.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> EnviHeader::list(std::string_view key) const {
  const auto found = m_values.find(key);
  if (found == m_values.end() || found->second.empty()) return {};
  std::vector<std::string> items = split(found->second, ',');
  for (std::string& item : items) item = std::string(trim(item));
  if (items.back().empty()) items.pop_back();
  return items;
}

std::optional<std::vector<double>> EnviHeader::numbers(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  std::vector<double> values;
  for (const std::string& item : list(key)) {
    // Some writers put blanks between numbers instead of commas; an item that is empty is none.
    std::istringstream words(item.empty() ? "?" : item);
    for (std::string word; words >> word;) {
      const auto value = parseNumber(word);
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
  }
  return values;
}

bool isEnviLayoutKey(std::string_view key) {
  static const std::set<std::string_view> kKeys{"samples",
                                                "lines",
                                                "bands",
                                                "header offset",
                                                "file type",
                                                "data type",
                                                "interleave",
                                                "byte order",
                                                "wavelength",
                                                "wavelength units",
                                                "fwhm",
                                                "bbl",
                                                "band names",
                                                "data ignore value",
                                                "spectra names",
                                                "map info",
                                                "coordinate system string"};
  return kKeys.contains(key);
}

}  // namespace cubeloom
