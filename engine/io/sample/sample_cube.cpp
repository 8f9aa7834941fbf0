// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a synthetic cube as ENVI files: the data first, the header last, each under a temporary name until it is whole.
#include "engine/io/sample/sample_cube.h"

#include <bit>
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/base/guard.h"
#include "engine/io/sample/whole_file.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {

namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "the header promises byte order 0");

std::int64_t lineBytes(const SyntheticCubeSize& size) { return static_cast<std::int64_t>(sizeof(float)) * size.bands * size.samples; }

bool isComplete(const SyntheticCube& cube, const std::string& data, const std::string& header) {
  std::error_code ignored;
  const std::uintmax_t dataBytes = fs::file_size(data, ignored);
  if (ignored || dataBytes != static_cast<std::uintmax_t>(lineBytes(cube.size()) * cube.size().lines)) return false;
  return holdsText(header, cube.header());
}

Result<void> writeLines(const SyntheticCube& cube, const PartFile& file, std::int64_t first, std::int64_t step) {
  std::vector<float> buffer(static_cast<std::size_t>(cube.size().bands) * static_cast<std::size_t>(cube.size().samples));
  for (std::int64_t line = first; line < cube.size().lines; line += step) {
    cube.line(line, buffer.data());
    const auto bytes = std::as_bytes(std::span(buffer));
    CUBELOOM_TRY(file.write(line * lineBytes(cube.size()), bytes.data(), bytes.size()));
  }
  return {};
}

Result<void> writeData(const SyntheticCube& cube, const std::string& path) {
  auto file = PartFile::create(path);
  if (!file) return fail(std::move(file.error()));
  CUBELOOM_TRY(file->reserve(lineBytes(cube.size()) * cube.size().lines));
  Result<void> odd;
  std::thread other([&] { odd = guarded([&] { return writeLines(cube, *file, 1, 2); }); });
  const Result<void> even = guarded([&] { return writeLines(cube, *file, 0, 2); });
  other.join();
  CUBELOOM_TRY(even);
  CUBELOOM_TRY(odd);
  CUBELOOM_TRY(file->finish());
  return file->moveTo(path, true);
}

}  // namespace

Result<std::string> writeSyntheticCube(const SyntheticCube& cube, const std::string& folder, const std::string& name) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return fail(ErrorCode::WriteFailed, "cannot create the folder '" + folder + "': " + code.message(), "choose a folder you may write to");
  const std::string data = (fs::path(folder) / name).string(), header = data + ".hdr";
  if (isComplete(cube, data, header)) return header;
  // A header never stands beside data it does not describe.
  fs::remove(header, code);
  CUBELOOM_TRY(writeData(cube, data));
  const std::string text = cube.header();
  CUBELOOM_TRY(writeWholeFile(header, std::as_bytes(std::span(text))));
  return header;
}

Result<std::string> makeSampleCube(const std::string& folder) { return writeSyntheticCube(SyntheticCube(), folder, kSampleCubeName); }

}  // namespace cubeloom
