// SPDX-License-Identifier: GPL-3.0-or-later
// Foreign files are read by processes of ours that are confined to the folders of those files. This is the side that answers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/io/file/message.h"

namespace cubeloom {

/// What a reader answers with.
template <class T>
void giveAnswer(Packer& pack, T& value) {
  bool isAnswered = true;
  pack(isAnswered, value);
}
void refuseAnswer(Packer& pack, std::string words);

/// The answers of one kind of reader.
class ReaderService {
 public:
  virtual ~ReaderService() = default;
  /// Before the process is confined: loads what it reads with. Words on why that cannot be had, or nothing.
  virtual std::string prepare() { return {}; }
  /// Gives or refuses an answer to the question that is packed in `bytes`. Any thread; `shared`: kChannelBytes, of this thread.
  virtual void answer(const std::string& bytes, std::byte* shared, Packer& pack) = 0;
};

/// The whole of `PROGRAM --reader KIND FOLDER...`: confines the process to the folders, then answers until nobody asks any more. An exit
/// code. `memoryBytes`: what it may have of addresses. `service` lives as long as the process.
int serveReader(const std::vector<std::string>& folders, double memoryBytes, ReaderService& service);

}  // namespace cubeloom
