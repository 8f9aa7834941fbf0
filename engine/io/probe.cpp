// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/probe.h"

#include <filesystem>
#include <string_view>

#include "engine/io/file/probe_process.h"
#include "engine/io/gdal/gdal_wire.h"
#include "engine/io/hdf5/hdf5_trial.h"

namespace cubeloom {

std::optional<int> answerAsProbe(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--reader" && std::string_view(argv[2]) == "gdal") return serveGdalReader(argv[3]);
  if (argc != 3 || std::string_view(argv[1]) != "--probe") {
    // A program that came without cubeloom-cli asks itself.
    if (std::error_code ignored; !std::filesystem::exists(probeProgram(), ignored)) setProbeProgram("/proc/self/exe");
    return std::nullopt;
  }
  return std::string_view(argv[2]) == "hdf5" ? serveHdf5Trials() : 2;
}

}  // namespace cubeloom
