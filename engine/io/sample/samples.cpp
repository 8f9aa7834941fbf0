// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sample/samples.h"

#include <filesystem>
#include <system_error>

#include "engine/io/sample/coast_files.h"
#include "engine/io/sample/coast_source.h"
#include "engine/io/sample/sample_cube.h"

namespace cubeloom {

Result<std::string> makeSampleOf(const std::string& folder, const std::string& file) {
  if (file.starts_with("coast_")) return makeSampleCoast(folder);
  if (!isComputedCoast(file)) return makeSampleCube(folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(ErrorCode::WriteFailed, "cannot create the folder '" + folder + "': " + error.message(),
                "choose a folder you may write to");
  return (std::filesystem::path(folder) / file).string();
}

}  // namespace cubeloom
