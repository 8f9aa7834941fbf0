// SPDX-License-Identifier: GPL-3.0-or-later
// Values as bytes and back, for two processes of one build on one machine. What comes from the other side is not trusted.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/cancel.h"

namespace cubeloom {

/// Both directions by one list of fields: `archive(a, b, c)`. A struct has a function `template <class A> void fields(A&, T&)`.
class Packer {
 public:
  template <class... T>
  void operator()(T&... values) {
    (pack(values), ...);
  }
  const std::string& bytes() const { return m_bytes; }

 private:
  template <class T>
  void pack(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      m_bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
    } else {
      fields(*this, value);
    }
  }
  void pack(std::string& text) {
    std::uint64_t size = text.size();
    pack(size);
    m_bytes += text;
  }
  template <class T>
  void pack(std::vector<T>& list) {
    std::uint64_t size = list.size();
    pack(size);
    for (T& item : list) pack(item);
  }
  template <class T, std::size_t N>
  void pack(std::array<T, N>& list) {
    for (T& item : list) pack(item);
  }
  template <class T>
  void pack(std::map<std::string, T>& all) {
    std::uint64_t size = all.size();
    pack(size);
    for (auto& [key, value] : all) {
      std::string name = key;
      pack(name);
      pack(value);
    }
  }
  template <class T>
  void pack(std::optional<T>& value) {
    bool isSet = value.has_value();
    pack(isSet);
    if (isSet) pack(*value);
  }

  std::string m_bytes;
};

/// Values of a message that ends too early stay as they are, and isWhole() is false.
class Unpacker {
 public:
  explicit Unpacker(const std::string& bytes) : m_bytes(bytes) {}
  template <class... T>
  void operator()(T&... values) {
    (unpack(values), ...);
  }
  bool isWhole() const { return m_isWhole; }

 private:
  bool has(std::uint64_t size) { return m_isWhole = m_isWhole && size <= m_bytes.size() - m_at; }
  template <class T>
  void unpack(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      unpack(byte);
      value = byte != 0;
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      if (!has(sizeof(T))) return;
      std::memcpy(&value, m_bytes.data() + m_at, sizeof(T));
      m_at += sizeof(T);
    } else {
      fields(*this, value);
    }
  }
  void unpack(std::string& text) {
    std::uint64_t size = 0;
    unpack(size);
    if (!has(size)) return;
    text.assign(m_bytes, m_at, size);
    m_at += size;
  }
  template <class T>
  void unpack(std::vector<T>& list) {
    std::uint64_t size = 0;
    unpack(size);
    list.clear();
    for (std::uint64_t i = 0; i < size && has(1); ++i) unpack(list.emplace_back());
  }
  template <class T, std::size_t N>
  void unpack(std::array<T, N>& list) {
    for (T& item : list) unpack(item);
  }
  template <class T>
  void unpack(std::map<std::string, T>& all) {
    std::uint64_t size = 0;
    unpack(size);
    all.clear();
    for (std::uint64_t i = 0; i < size && has(1); ++i) {
      std::string key;
      unpack(key);
      unpack(all[key]);
    }
  }
  template <class T>
  void unpack(std::optional<T>& value) {
    bool isSet = false;
    unpack(isSet);
    value.reset();
    if (isSet) unpack(value.emplace());
  }

  const std::string& m_bytes;
  std::size_t m_at = 0;
  bool m_isWhole = true;
};

/// A message and its length in front of it. False: the other side is gone, or, with a limit, does not answer within `seconds`, or within a
/// moment after `cancel` was set.
bool sendMessage(int socket, const std::string& bytes);
bool receiveMessage(int socket, std::string& bytes, int seconds = 0, const CancelToken* cancel = nullptr);

}  // namespace cubeloom
