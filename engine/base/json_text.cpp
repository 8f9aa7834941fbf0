// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/json_text.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/json_scan.h"
#include "engine/base/utf8.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

// nlohmann's parser and writer know well-formed text alone, so that between them and us a stray byte is a private character.
constexpr std::uint32_t kFirstPrivate = 0xF0000, kBlock = 0x100;
constexpr int kMostDepth = 256;

/// Calls take(code) for each character, and stray(byte) for each byte that is part of none.
template <class Take, class Stray>
void eachCharacter(std::string_view text, Take&& take, Stray&& stray) {
  std::size_t at = 0;
  for (const std::uint32_t code : codePoints(text)) {
    const auto byte = static_cast<unsigned char>(text[at]);
    // What is written as U+FFFD itself has three bytes.
    const bool isStray = code == 0xFFFD && text.substr(at, 3) != "\xEF\xBF\xBD";
    isStray ? stray(byte) : take(code);
    at += isStray || code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
}

/// The first private block of which no text has a character.
std::uint32_t freeBlock(const std::set<std::uint32_t>& used) {
  std::uint32_t block = kFirstPrivate;
  while (used.contains(block)) block += kBlock;
  return block;
}

void noteBlocks(std::string_view text, std::set<std::uint32_t>& used, bool& hasStray) {
  eachCharacter(
      text,
      [&used](std::uint32_t code) {
        if (code >= kFirstPrivate) used.insert(code - code % kBlock);
      },
      [&hasStray](unsigned char) { hasStray = true; });
}

/// Every text of `json`, names of members included, as `change` makes it.
template <class Change>
Json changed(const Json& json, Change&& change) {
  if (json.is_string()) return change(json.get_ref<const std::string&>());
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& entry : json) list.push_back(changed(entry, change));
    return list;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [key, value] : json.items()) object[change(key)] = changed(value, change);
  return object;
}

void noteAll(const Json& json, std::set<std::uint32_t>& used, bool& hasStray) {
  if (json.is_string()) return noteBlocks(json.get_ref<const std::string&>(), used, hasStray);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    if (json.is_object()) noteBlocks(key, used, hasStray);
    noteAll(value, used, hasStray);
  }
}

std::string inHex(std::uint32_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[number >> 12 & 15U], kDigits[number >> 8 & 15U], kDigits[number >> 4 & 15U], kDigits[number & 15U]};
}

int hexDigit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The number of an escape \uXXXX at `at`; -1: there is none.
int escapeAt(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int number = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hexDigit(text[i]);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

/// The text with a private character of `block` for each escaped stray byte; whether there was one.
bool takeEscapes(std::string_view text, std::uint32_t block, std::string& result) {
  bool hasAny = false;
  for (std::size_t i = 0; i < text.size();) {
    const int escape = escapeAt(text, i);
    const bool isPair = escape >= 0xD800 && escape < 0xDC00 && escapeAt(text, i + 6) >= 0xDC00 && escapeAt(text, i + 6) < 0xE000;
    const std::size_t taken = isPair ? 12 : escape >= 0 ? 6 : text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
    if (escape >= 0xDC80 && escape <= 0xDCFF) {
      appendUtf8(result, block + static_cast<std::uint32_t>(escape - 0xDC00));
      hasAny = true;
    } else {
      result += text.substr(i, taken);
    }
    i += taken;
  }
  return hasAny;
}

}  // namespace

std::string jsonText(const Json& json, int indent) {
  std::set<std::uint32_t> used;
  bool hasStray = false;
  noteAll(json, used, hasStray);
  if (!hasStray) return json.dump(indent, ' ', false, Json::error_handler_t::replace);
  const std::uint32_t block = freeBlock(used);
  const Json sound = changed(json, [block](const std::string& text) {
    std::string result;
    eachCharacter(
        text, [&result](std::uint32_t code) { appendUtf8(result, code); },
        [&result, block](unsigned char byte) { appendUtf8(result, block + byte); });
    return result;
  });
  std::string result;
  const std::string dumped = sound.dump(indent, ' ', false, Json::error_handler_t::replace);
  eachCharacter(
      dumped,
      [&result, block](std::uint32_t code) {
        if (code - code % kBlock == block) {
          result += "\\u" + inHex(0xDC00 + code % kBlock);
        } else {
          appendUtf8(result, code);
        }
      },
      [](unsigned char) {});
  return result;
}

Json jsonFromText(std::string_view text) {
  if (text.find("\\ud") == std::string_view::npos && text.find("\\uD") == std::string_view::npos) return Json::parse(text, nullptr, false);
  std::set<std::uint32_t> used;
  bool hasStray = false;
  noteBlocks(text, used, hasStray);
  const std::uint32_t block = freeBlock(used);
  std::string sound;
  if (!takeEscapes(text, block, sound)) return Json::parse(text, nullptr, false);
  if (jsonExtent(sound).depth > kMostDepth) return Json(Json::value_t::discarded);
  Json json = Json::parse(sound, nullptr, false);
  if (json.is_discarded()) return json;
  return changed(json, [block](const std::string& one) {
    std::string result;
    eachCharacter(
        one,
        [&result, block](std::uint32_t code) {
          if (code - code % kBlock == block) {
            result.push_back(static_cast<char>(code % kBlock));
          } else {
            appendUtf8(result, code);
          }
        },
        [](unsigned char) {});
    return result;
  });
}

}  // namespace cubeloom
