// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-sample FOLDER makes the sample cube for machines without a display; with a size, a cube for benchmarks.
#include <iostream>
#include <string>
#include <vector>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/sample/coast_files.h"
#include "engine/io/sample/sample_cube.h"

namespace {

using cubeloom::Result;

/// "600x687x425" (lines, samples, bands).
Result<std::string> makeCube(const std::string& folder, const std::string& text) {
  std::vector<std::int64_t> numbers;
  for (const std::string& part : cubeloom::split(text, 'x')) numbers.push_back(cubeloom::parseInteger(part).value_or(0));
  if (numbers.size() != 3 || numbers[0] < 1 || numbers[1] < 1 || numbers[2] < 1 || numbers[2] > 425)
    return cubeloom::fail(cubeloom::ErrorCode::InvalidParameter, "'" + text + "' is not a size",
                          "write LINESxSAMPLESxBANDS with 1 to 425 bands");
  cubeloom::SyntheticCubeSize size;
  size.lines = numbers[0];
  size.samples = numbers[1];
  size.bands = static_cast<int>(numbers[2]);
  return cubeloom::writeSyntheticCube(cubeloom::SyntheticCube(size), folder, "shift_" + text);
}

constexpr const char* kUsage =
    "usage: cubeloom-sample FOLDER [LINESxSAMPLESxBANDS]\n"
    "       cubeloom-sample --scene coast FOLDER\n"
    "Makes the sample cube in FOLDER; with a size, a cube of made-up spectra for benchmarks; with --scene coast, a made-up coast on three\n"
    "dates, with its scene classification, what is truly there, fields and sites. The name of its (first) header goes to stdout.\n";

Result<std::string> makeAsked(const std::vector<std::string>& words) {
  if (words.size() == 3) return cubeloom::makeSampleCoast(words[2]);
  return words.size() == 1 ? cubeloom::makeSampleCube(words[0]) : makeCube(words[0], words[1]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string first = words.empty() ? "" : words[0];
  if (first == "--help" || first == "-h" || first == "--version") {
    std::cout << (first == "--version" ? CUBELOOM_VERSION "\n" : kUsage);
    return 0;
  }
  const bool isCoast = words.size() == 3 && first == "--scene" && words[1] == "coast" && !words[2].starts_with('-');
  if (!isCoast && ((words.size() != 1 && words.size() != 2) || first.starts_with('-'))) {
    std::cerr << kUsage;
    return 2;
  }
  const auto header = cubeloom::guarded([&] { return makeAsked(words); });
  if (!header) {
    std::cerr << "cubeloom-sample: " << header.error().text() << '\n';
    return header.error().code == cubeloom::ErrorCode::InvalidParameter ? 2 : 1;
  }
  std::cout << *header << '\n';
  return 0;
}
