// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/python_words.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include "engine/base/utf8.h"
#include "engine/op/export_forms.h"

namespace cubeloom {
namespace {

bool isWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

/// Where the text that begins at `at` ends.
std::size_t endOfText(const std::string& code, std::size_t at) {
  const char quote = code[at];
  for (++at; at < code.size() && code[at] != quote; ++at)
    if (code[at] == '\\') ++at;
  return std::min(at + 1, code.size());
}

bool isArgumentName(const std::string& code, std::size_t end) {
  while (end < code.size() && code[end] == ' ') ++end;
  return end < code.size() && code[end] == '=' && code.compare(end, 2, "==") != 0;
}

/// Goes through the code, past texts and comments; each identifier is what `named` makes of it, whether it is a name by itself or not.
std::string mapped(const std::string& code, const std::function<std::string(const std::string& word, bool isName)>& named) {
  std::string out;
  for (std::size_t at = 0; at < code.size();) {
    if (code[at] == '\'' || code[at] == '"') {
      const std::size_t end = endOfText(code, at);
      out += code.substr(at, end - at);
      at = end;
    } else if (code[at] == '#') {
      const std::size_t end = std::min(code.find('\n', at), code.size());
      out += code.substr(at, end - at);
      at = end;
    } else if (isWordByte(code[at])) {
      std::size_t end = at;
      while (end < code.size() && isWordByte(code[end])) ++end;
      const bool isAttribute = at > 0 && code[at - 1] == '.' && (at < 2 || code[at - 2] != '.');
      const bool isNumber = std::isdigit(static_cast<unsigned char>(code[at])) != 0;
      out += named(code.substr(at, end - at), !isAttribute && !isNumber && !isArgumentName(code, end));
      at = end;
    } else {
      out += code[at++];
    }
  }
  return out;
}

/// Python's words, and those of its functions that programs use.
const std::set<std::string>& wordsOfPython() {
  static const std::set<std::string> kWords{
      "False",    "None",   "True",    "and",         "as",        "assert",       "async",      "await",     "break", "class",
      "continue", "def",    "del",     "elif",        "else",      "except",       "finally",    "for",       "from",  "global",
      "if",       "import", "in",      "is",          "lambda",    "nonlocal",     "not",        "or",        "pass",  "raise",
      "return",   "try",    "while",   "with",        "yield",     "match",        "case",       "type",      "abs",   "all",
      "any",      "bool",   "dict",    "dir",         "enumerate", "filter",       "float",      "format",    "hash",  "help",
      "id",       "input",  "int",     "iter",        "len",       "list",         "map",        "max",       "min",   "next",
      "object",   "open",   "print",   "range",       "round",     "set",          "slice",      "sorted",    "str",   "sum",
      "super",    "tuple",  "vars",    "zip",         "array",     "numpy",        "np",         "xarray",    "xr",    "rioxarray",
      "rasterio", "pandas", "pd",      "dask",        "os",        "atexit",       "subprocess", "tempfile",  "scipy", "geopandas",
      "plt",      "client", "as_type", "by_cubeloom", "Client",    "exactextract", "sklearn",    "matplotlib"};
  return kWords;
}

}  // namespace

std::string pythonQuoted(const std::string& text) {
  return text == "..." ? "'...'" : pythonLiteral(Json(text));  // as a literal that one is Python's Ellipsis
}

std::set<std::string> identifiersIn(const std::string& code) {
  std::set<std::string> found;
  mapped(code, [&found](const std::string& word, bool isName) {
    if (isName) found.insert(word);
    return word;
  });
  return found;
}

std::string withNames(const std::string& code, const std::map<std::string, std::string>& names) {
  return mapped(code, [&names](const std::string& word, bool isName) {
    const auto other = isName ? names.find(word) : names.end();
    return other == names.end() ? word : other->second;
  });
}

std::string variableName(const std::string& id, std::set<std::string>& taken) {
  std::string base;
  for (const char c : id) base += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (base.empty() || std::isdigit(static_cast<unsigned char>(base[0])) != 0 || base.find_first_not_of('_') == std::string::npos)
    base = "step_" + base;
  if (base.starts_with("__")) base = "step" + base;
  std::string name = base;
  if (wordsOfPython().contains(name)) name = base + "_";
  for (int n = 2; taken.contains(name) || wordsOfPython().contains(name); ++n) name = base + "_" + std::to_string(n);
  taken.insert(name);
  return name;
}

std::string oneLine(const std::string& text) {
  std::string line;
  for (const std::uint32_t code : codePoints(text)) {
    const bool breaks = code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0) || code == 0x2028 || code == 0x2029;
    appendUtf8(line, breaks ? ' ' : code);
  }
  return line;
}

std::string listLiteral(const std::vector<std::string>& entries, std::size_t indent) {
  constexpr std::size_t kWidth = 110;
  std::string text = "[", line;
  std::size_t lines = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string entry = entries[i] + (i + 1 < entries.size() ? ", " : "");
    if (!line.empty() && indent + line.size() + entry.size() > kWidth) {
      text += line.substr(0, line.size() - 1) + "\n" + std::string(indent, ' ');
      line.clear();
      ++lines;
    }
    line += entry;
  }
  return text + line + "]";
}

}  // namespace cubeloom
