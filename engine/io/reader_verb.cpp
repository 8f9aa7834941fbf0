// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/reader_verb.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/file/own_program.h"
#include "engine/io/gdal/gdal_wire.h"
#include "engine/io/hdf5/hdf5_wire.h"

namespace cubeloom {

std::optional<int> answerAsReader(int argc, char** argv) {
  if (argc < 4 || std::string_view(argv[1]) != "--reader") {
    // A program that came without cubeloom-cli asks itself.
    if (std::error_code ignored; !std::filesystem::exists(ownProgram(), ignored)) setOwnProgram("/proc/self/exe");
    return std::nullopt;
  }
  const std::string_view kind = argv[2];
  const std::vector<std::string> folders(argv + 3, argv + argc);
  if (kind == "gdal") return serveGdalReader(folders);
  return kind == "hdf5" ? serveHdf5Reader(folders) : 2;
}

}  // namespace cubeloom
