// SPDX-License-Identifier: GPL-3.0-or-later
// A SHIFT-like imaging-spectrometer mosaic that is known in closed form: the sample of a first start, and the truth of tests.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cubeloom {

/// What a synthetic cube is made of; the defaults are the sample cube (about 39 MiB).
struct SyntheticCubeSize {
  std::int64_t lines = 400;
  std::int64_t samples = 480;
  int bands = 53;          ///< 1 to 425, spread evenly over AVIRIS-NG's bands
  std::uint32_t seed = 0;  ///< another date: other brightness, same footprint
  double pixel = 5;        ///< metres
};

/// Reflectance of five mixed endmembers under a brightness that differs from pixel to pixel, so that any misplaced sample shows. All of it
/// is integer arithmetic and single IEEE float32 operations: the same bits on every machine and in numpy. Outside the rotated flight box,
/// in a thin gap between two strips and in one round hole every band is kNodata. x = sample, y = line and band count from 0. Immutable,
/// hence thread-safe.
class SyntheticCube {
 public:
  static constexpr float kNodata = -9999;
  static constexpr std::int64_t kLeft = 717720, kTop = 3865865;  ///< upper left corner, EPSG:32610

  explicit SyntheticCube(const SyntheticCubeSize& size = {});

  const SyntheticCubeSize& size() const { return m_size; }
  /// Centres and widths in nm, as the header writes them ("377.1956495").
  const std::vector<std::string>& wavelengths() const { return m_wavelengths; }
  const std::vector<std::string>& widths() const { return m_widths; }

  /// Whether the header declares a band at `nm` bad: water vapour and the ends of the detector.
  static bool isBadBand(double nm);
  /// EPSG:32610 as ENVI writes it.
  static const char* coordinateSystem();

  bool inside(std::int64_t line, std::int64_t sample) const;
  float value(int band, std::int64_t line, std::int64_t sample) const;
  /// One line as BIL has it: `to` holds bands x samples values.
  void line(std::int64_t line, float* to) const;
  /// The ENVI header of the cube as BIL, nodata, units and bad bands declared.
  std::string header() const;

 private:
  static constexpr int kEndmembers = 5;
  static constexpr int kStrips = 9;
  using Endmembers = std::array<float, kEndmembers>;

  Endmembers fractions(std::int64_t line, std::int64_t sample) const;
  float brightness(std::int64_t line, std::int64_t sample) const;

  SyntheticCubeSize m_size;
  std::vector<std::string> m_wavelengths, m_widths;
  std::vector<Endmembers> m_spectra;  // per band
  std::int64_t m_extent, m_stripWidth, m_rollPeriod, m_rollAmplitude;
  std::array<std::int64_t, kStrips> m_stripStart, m_stripEnd;
};

}  // namespace cubeloom
