// SPDX-License-Identifier: GPL-3.0-or-later
// Takes a state apart into bytes, and puts it together again: one description of its members serves both ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace cubeloom {

/// Bytes in this machine's order: for a state that goes from one process to another of the same program.
class StateCarrier {
 public:
  /// Saves.
  StateCarrier() = default;
  /// Loads.
  explicit StateCarrier(std::vector<std::byte> bytes) : m_bytes(std::move(bytes)), m_isLoading(true) {}

  template <class T>
  void number(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    move(reinterpret_cast<std::byte*>(&value), sizeof value);
  }
  /// As many as there are on both sides.
  template <class T>
  void all(std::vector<T>& values) {
    std::uint64_t count = values.size();
    number(count);
    if (count == values.size()) return items(values);
    m_isBad = true;
  }
  /// The loaded vector has as many as were saved.
  template <class T>
  void any(std::vector<T>& values) {
    std::uint64_t count = values.size();
    number(count);
    if (m_isLoading) {
      if (m_isBad || count > (m_bytes.size() - m_at) / sizeof(T)) {
        m_isBad = true;
        return;
      }
      values.resize(static_cast<std::size_t>(count));
    }
    items(values);
  }

  /// Loaded: all of the bytes and no more were asked for.
  bool isWhole() const { return !m_isBad && (!m_isLoading || m_at == m_bytes.size()); }
  const std::vector<std::byte>& bytes() const { return m_bytes; }

 private:
  template <class T>
  void items(std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    move(reinterpret_cast<std::byte*>(values.data()), values.size() * sizeof(T));
  }
  void move(std::byte* member, std::size_t bytes) {
    if (!m_isLoading) {
      m_bytes.insert(m_bytes.end(), member, member + bytes);
      return;
    }
    if (m_isBad || m_bytes.size() - m_at < bytes) {
      m_isBad = true;
      return;
    }
    if (bytes > 0) std::memcpy(member, m_bytes.data() + m_at, bytes);
    m_at += bytes;
  }

  std::vector<std::byte> m_bytes;
  std::size_t m_at = 0;
  bool m_isLoading = false, m_isBad = false;
};

}  // namespace cubeloom
