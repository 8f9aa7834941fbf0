// SPDX-License-Identifier: GPL-3.0-or-later
// Answers on their way to a client: a line of JSON and the bytes it announces, never those of two answers mixed.
#pragma once

#include <cstddef>
#include <mutex>

#include "engine/op/param.h"

namespace cubeloom {

/// Thread-safe. A client that does not read any more ends the process: nobody is there to work for.
class AnswerStream {
 public:
  explicit AnswerStream(int descriptor) : m_descriptor(descriptor) {}
  /// Writes `header` with "nbytes" added, then the bytes. Blocks while the client does not read.
  void write(Json header, const std::byte* bytes = nullptr, std::size_t count = 0);

 private:
  const int m_descriptor;
  std::mutex m_mutex;
};

}  // namespace cubeloom
