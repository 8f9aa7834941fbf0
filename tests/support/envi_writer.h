// SPDX-License-Identifier: GPL-3.0-or-later
// Small ENVI rasters made by the tests themselves, byte by byte, so that the reader is not checked against a writer of ours.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/pixel_type.h"

namespace cubeloom::test {

struct EnviRaster {
  std::int64_t samples = 5, lines = 4, bands = 3;
  int dataType = 4;  ///< ENVI's number
  std::string interleave = "bil";
  bool bigEndian = false;
  std::int64_t offsetBytes = 0;  ///< filled with 0xEE
  std::string more;              ///< further header lines

  std::string header() const;
  /// Writes `path` and `path`.hdr.
  void write(const std::string& path) const;
  /// The value of a pixel: different everywhere and exact in every type but the 1-byte one, where it wraps.
  static double valueAt(std::int64_t line, std::int64_t sample, std::int64_t band);
};

void writeFile(const std::string& path, const std::string& bytes);

}  // namespace cubeloom::test
