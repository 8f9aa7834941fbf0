// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/envi_writer.h"

#include <algorithm>
#include <complex>
#include <cstring>
#include <fstream>

namespace cubeloom::test {
namespace {

template <class T>
void appendNumber(std::string& bytes, T value, bool bigEndian) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  if (bigEndian) std::reverse(raw, raw + sizeof(T));
  bytes.append(raw, sizeof(T));
}

void appendPixel(std::string& bytes, int dataType, double value, bool bigEndian) {
  const auto whole = static_cast<std::int64_t>(value);
  switch (dataType) {
    case 1: appendNumber(bytes, static_cast<std::uint8_t>(whole), bigEndian); break;
    case 2: appendNumber(bytes, static_cast<std::int16_t>(whole), bigEndian); break;
    case 3: appendNumber(bytes, static_cast<std::int32_t>(whole), bigEndian); break;
    case 4: appendNumber(bytes, static_cast<float>(value), bigEndian); break;
    case 5: appendNumber(bytes, value, bigEndian); break;
    case 6:
      appendNumber(bytes, static_cast<float>(value), bigEndian);
      appendNumber(bytes, static_cast<float>(-value), bigEndian);
      break;
    case 9:
      appendNumber(bytes, value, bigEndian);
      appendNumber(bytes, -value, bigEndian);
      break;
    case 12: appendNumber(bytes, static_cast<std::uint16_t>(whole), bigEndian); break;
    case 13: appendNumber(bytes, static_cast<std::uint32_t>(whole), bigEndian); break;
    case 14: appendNumber(bytes, whole, bigEndian); break;
    default: appendNumber(bytes, static_cast<std::uint64_t>(whole), bigEndian); break;
  }
}

}  // namespace

double EnviRaster::valueAt(std::int64_t line, std::int64_t sample, std::int64_t band) {
  return static_cast<double>((line * 41 + sample * 7 + band * 1013) % 32749);
}

std::string EnviRaster::header() const {
  return "ENVI\nsamples = " + std::to_string(samples) + "\nlines = " + std::to_string(lines) + "\nbands = " + std::to_string(bands) +
         "\nheader offset = " + std::to_string(offsetBytes) + "\nfile type = ENVI Standard\ndata type = " + std::to_string(dataType) +
         "\ninterleave = " + interleave + "\nbyte order = " + (bigEndian ? "1" : "0") + "\n" + more;
}

void EnviRaster::write(const std::string& path) const {
  std::string bytes(static_cast<std::size_t>(offsetBytes), '\xEE');
  const auto append = [&](std::int64_t line, std::int64_t sample, std::int64_t band) {
    appendPixel(bytes, dataType, valueAt(line, sample, band), bigEndian);
  };
  if (interleave == "bil") {
    for (std::int64_t y = 0; y < lines; ++y)
      for (std::int64_t b = 0; b < bands; ++b)
        for (std::int64_t x = 0; x < samples; ++x) append(y, x, b);
  } else if (interleave == "bip") {
    for (std::int64_t y = 0; y < lines; ++y)
      for (std::int64_t x = 0; x < samples; ++x)
        for (std::int64_t b = 0; b < bands; ++b) append(y, x, b);
  } else {
    for (std::int64_t b = 0; b < bands; ++b)
      for (std::int64_t y = 0; y < lines; ++y)
        for (std::int64_t x = 0; x < samples; ++x) append(y, x, b);
  }
  writeFile(path, bytes);
  writeFile(path + ".hdr", header());
}

void writeFile(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace cubeloom::test
