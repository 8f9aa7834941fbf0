// SPDX-License-Identifier: GPL-3.0-or-later
// A parser of ours, given bytes without end by libFuzzer: `packaging/checks.sh fuzz`. Finding nothing means: no crash, no undefined
// behaviour, no leak, and what each target promises of what it could read.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace cubeloom {

/// One input; each target is a source that defines it.
void fuzz(std::string_view bytes);

/// A file of this name that holds `bytes`, alone in a folder of this process in memory.
inline std::string fuzzedFile(const std::string& name, std::string_view bytes) {
  const std::filesystem::path folder = "/dev/shm/cubeloom-fuzz-" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return folder / name;
}

}  // namespace cubeloom
