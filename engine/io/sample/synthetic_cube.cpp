// SPDX-License-Identifier: GPL-3.0-or-later
// The synthetic mosaic's closed form: footprint, mixture of endmembers, brightness, header.
#include "engine/io/sample/synthetic_cube.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

constexpr int kAllBands = 425;

// AVIRIS-NG's band centres step by 5.00 or 5.01 nm and its widths by 0.00 or 0.01 nm: a 1 is the longer step. Read from the headers of the
// public SHIFT mosaics.
constexpr std::int64_t kFirstCentre = 3771956495;  // 1e-7 nm
constexpr std::int64_t kFirstWidth = 557;          // 0.01 nm
constexpr char kCentreStep[] =
    "111011111110111111011111110111111011111110111111011111110111111011111110111111011111110111111011111110111111101111110111"
    "111101111110111111101111110111111101111110111111101111110111111101111110111111101111110111111101111110111111101111110111"
    "111101111110111111101111110111111101111110111111101111111011111101111111011111101111111011111101111111011111101111111011"
    "1111011111110111111011111110111111011111110111111011111110111111";
constexpr char kWidthStep[] =
    "100100100010010001001000100010000100010000100001000001000001000000100000001000000001000000000100000000000010000000000000"
    "000010000000000000000000000000000001000000000000000000000000000000000000000000000000000000000010000000000000000000000000"
    "000000000001000000000000000000001000000000000000100000000000010000000000010000000010000000010000000100000001000000100000"
    "0100000100000100000100001000001000010000100001000010001000010001";

struct ControlPoint {
  double nm, reflectance;
};

// Made up but plausible: what a coast in spring is mixed from.
const std::vector<ControlPoint> kEndmemberPoints[] = {
    // green vegetation
    {{370, 0.03},  {450, 0.035},  {500, 0.045}, {550, 0.105}, {600, 0.06},  {650, 0.045},  {675, 0.035}, {700, 0.12},
     {720, 0.28},  {750, 0.45},   {800, 0.48},  {900, 0.49},  {970, 0.46},  {1000, 0.475}, {1080, 0.49}, {1200, 0.42},
     {1270, 0.44}, {1350, 0.3},   {1400, 0.1},  {1450, 0.08}, {1550, 0.2},  {1650, 0.27},  {1750, 0.22}, {1800, 0.18},
     {1900, 0.05}, {1950, 0.045}, {2050, 0.09}, {2200, 0.14}, {2300, 0.09}, {2400, 0.06},  {2510, 0.04}},
    // soil
    {{370, 0.06},   {450, 0.09},   {550, 0.15},  {650, 0.21},   {750, 0.255},  {850, 0.285},  {950, 0.31},  {1100, 0.345},
     {1300, 0.375}, {1380, 0.365}, {1420, 0.33}, {1480, 0.37},  {1650, 0.405}, {1800, 0.41},  {1900, 0.33}, {1950, 0.345},
     {2100, 0.395}, {2160, 0.385}, {2205, 0.34}, {2250, 0.375}, {2340, 0.35},  {2430, 0.325}, {2510, 0.3}},
    // water
    {{370, 0.055},
     {450, 0.06},
     {500, 0.062},
     {560, 0.058},
     {600, 0.03},
     {650, 0.022},
     {700, 0.015},
     {760, 0.01},
     {850, 0.007},
     {1000, 0.004},
     {1300, 0.003},
     {2510, 0.002}},
    // dry vegetation
    {{370, 0.05},   {450, 0.085}, {550, 0.16},   {650, 0.235}, {680, 0.24},  {750, 0.31},   {900, 0.38},   {1000, 0.41},  {1100, 0.43},
     {1200, 0.415}, {1300, 0.43}, {1380, 0.39},  {1430, 0.33}, {1500, 0.37}, {1650, 0.43},  {1730, 0.4},   {1800, 0.395}, {1920, 0.25},
     {1980, 0.26},  {2050, 0.29}, {2100, 0.265}, {2200, 0.3},  {2270, 0.25}, {2320, 0.235}, {2400, 0.215}, {2510, 0.18}},
    // rock
    {{370, 0.11},
     {450, 0.13},
     {550, 0.16},
     {700, 0.19},
     {900, 0.21},
     {1000, 0.195},
     {1200, 0.225},
     {1380, 0.235},
     {1450, 0.23},
     {1700, 0.26},
     {1880, 0.265},
     {1930, 0.24},
     {2100, 0.265},
     {2200, 0.255},
     {2260, 0.262},
     {2310, 0.215},
     {2340, 0.2},
     {2380, 0.225},
     {2510, 0.21}},
};

// Water vapour and the ends of the detector: declared bad in the header.
constexpr std::pair<double, double> kBadWindows[] = {{0, 390}, {1318, 1440}, {1770, 1965}, {2450, 3000}};

constexpr char kCoordinateSystem[] =
    "PROJCS[\"WGS_1984_UTM_Zone_10N\",GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],"
    "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],"
    "PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",-123.0],"
    "PARAMETER[\"Scale_Factor\",0.9996],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]";

/// A triangle wave between 0 and `top` with period 2 * top.
std::int64_t triangle(std::int64_t at, std::int64_t top) {
  const std::int64_t period = 2 * top;
  const std::int64_t phase = ((at % period) + period) % period;
  return top - std::abs(phase - top);
}

std::int64_t floorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

double interpolate(const std::vector<ControlPoint>& points, double nm) {
  const auto after = std::find_if(points.begin() + 1, points.end() - 1, [nm](const ControlPoint& p) { return p.nm > nm; });
  const auto before = after - 1;
  return (after->reflectance - before->reflectance) / (after->nm - before->nm) * (nm - before->nm) + before->reflectance;
}

float reflectance(int band, double nm, int endmember) {
  const double smooth = std::nearbyint(interpolate(kEndmemberPoints[endmember], nm) * 1e4) / 1e4;
  const double ripple = ((band * 7919 + endmember * 31) % 101 - 50) * 2e-5;
  return std::max(static_cast<float>(std::max(smooth, 0.0015) + ripple), 2e-4F);
}

/// Which of the 425 bands is band `i` of `count` spread evenly.
int spreadBand(int i, int count) { return count == 1 ? 0 : (i * (kAllBands - 1) * 2 + (count - 1)) / (2 * (count - 1)); }

std::string decimal(std::int64_t value, int digits) {
  std::int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  std::string fraction = std::to_string(value % scale);
  return std::to_string(value / scale) + "." + std::string(static_cast<std::size_t>(digits) - fraction.size(), '0') + fraction;
}

}  // namespace

SyntheticCube::SyntheticCube(const SyntheticCubeSize& size) : m_size(size) {
  m_size.bands = std::clamp(size.bands, 1, kAllBands);
  std::array<std::int64_t, kAllBands> centres{kFirstCentre}, widths{kFirstWidth};
  for (std::size_t b = 1; b < kAllBands; ++b) {
    centres[b] = centres[b - 1] + 50000000 + (kCentreStep[b - 1] - '0') * 100000;
    widths[b] = widths[b - 1] + (kWidthStep[b - 1] - '0');
  }
  for (int i = 0; i < m_size.bands; ++i) {
    const int band = spreadBand(i, m_size.bands);
    const std::int64_t centre = centres[static_cast<std::size_t>(band)];
    m_wavelengths.push_back(decimal(centre, 7));
    // A sensor of fewer bands has wider ones: what lies between two belongs to either.
    std::int64_t width = widths[static_cast<std::size_t>(band)];
    for (const int beside : {std::max(i - 1, 0), std::min(i + 1, m_size.bands - 1)})
      width = std::max(width, std::abs(centres[static_cast<std::size_t>(spreadBand(beside, m_size.bands))] - centre) / 400000 + 1);
    m_widths.push_back(decimal(width, 2));
    Endmembers& spectrum = m_spectra.emplace_back();
    for (int k = 0; k < kEndmembers; ++k) spectrum[static_cast<std::size_t>(k)] = reflectance(band, static_cast<double>(centre) / 1e7, k);
  }
  m_extent = std::min(m_size.samples, m_size.lines);
  m_stripWidth = std::max<std::int64_t>(1, 2 * 17 * m_extent / kStrips);
  m_rollPeriod = std::max<std::int64_t>(2, m_extent * 50 / 6);
  m_rollAmplitude = std::max<std::int64_t>(1, m_extent * 50 / 60);
  for (int s = 0; s < kStrips; ++s) {
    m_stripStart[static_cast<std::size_t>(s)] = -23 * m_extent + (s * 7919 + 13) % 97 * m_extent * 4 / 97;
    m_stripEnd[static_cast<std::size_t>(s)] = 23 * m_extent - (s * 104729 + 57) % 89 * m_extent * 5 / 89;
  }
}

bool SyntheticCube::isBadBand(double nm) {
  return std::any_of(std::begin(kBadWindows), std::end(kBadWindows),
                     [nm](const std::pair<double, double>& window) { return window.first <= nm && nm <= window.second; });
}

const char* SyntheticCube::coordinateSystem() { return kCoordinateSystem; }

bool SyntheticCube::inside(std::int64_t line, std::int64_t sample) const {
  // Along and across the flight direction, which is turned by atan(7/24); the unit is 1/50 pixel.
  const std::int64_t dx = 2 * sample - m_size.samples + 1, dy = 2 * line - m_size.lines + 1;
  const std::int64_t along = 24 * dx + 7 * dy, across = -7 * dx + 24 * dy;
  const std::int64_t roll = triangle(along, m_rollPeriod) * m_rollAmplitude / m_rollPeriod - m_rollAmplitude / 2;
  const std::int64_t position = across + 17 * m_extent + roll;
  const std::int64_t strip = floorDivide(position, m_stripWidth);
  if (strip < 0 || strip >= kStrips) return false;
  if (along < m_stripStart[static_cast<std::size_t>(strip)] || along >= m_stripEnd[static_cast<std::size_t>(strip)]) return false;
  const bool gap = strip == 3 && position - strip * m_stripWidth > m_stripWidth - m_stripWidth / 20 && along > 5 * m_extent;
  const std::int64_t hx = dx + m_extent / 2, hy = dy - m_extent / 4;
  const bool hole = hx * hx + 2 * hy * hy < m_extent * m_extent / 64;
  return !gap && !hole;
}

SyntheticCube::Endmembers SyntheticCube::fractions(std::int64_t y, std::int64_t x) const {
  const std::int64_t wave = triangle(x + y + 700, 900);
  const std::array<std::int64_t, kEndmembers> weights = {
      triangle(x + 2 * y, 1500) * 2 + 40,                           // green vegetation
      triangle(3 * x - y, 2100) + 40,                               // soil
      wave * wave * wave * wave / (900LL * 900LL * 900LL) / 2 + 5,  // water
      triangle(2 * x - 3 * y, 1300) + 40,                           // dry vegetation
      triangle(x - y + 333, 700) / 3 + 20,                          // rock
  };
  double total = 0;
  for (const std::int64_t weight : weights) total += static_cast<double>(weight);
  Endmembers result{};
  for (std::size_t k = 0; k < weights.size(); ++k) result[k] = static_cast<float>(static_cast<double>(weights[k]) / total);
  return result;
}

float SyntheticCube::brightness(std::int64_t line, std::int64_t sample) const {
  std::uint32_t hash =
      static_cast<std::uint32_t>(sample) * 0x9E3779B1U + static_cast<std::uint32_t>(line) * 0x85EBCA6BU + m_size.seed * 0xC2B2AE35U;
  hash ^= hash >> 16U;
  hash *= 0x7FEB352DU;
  hash ^= hash >> 15U;
  hash *= 0x846CA68BU;
  hash ^= hash >> 16U;
  return static_cast<float>(0.9 + 0.2 * (static_cast<double>(hash >> 8U) / 16777216.0));
}

float SyntheticCube::value(int band, std::int64_t line, std::int64_t sample) const {
  if (!inside(line, sample)) return kNodata;
  const Endmembers amount = fractions(line, sample);
  const Endmembers& spectrum = m_spectra[static_cast<std::size_t>(band)];
  float sum = spectrum[0] * amount[0];
  for (std::size_t k = 1; k < kEndmembers; ++k) sum += spectrum[k] * amount[k];
  return sum * brightness(line, sample);
}

void SyntheticCube::line(std::int64_t line, float* to) const {
  const auto samples = static_cast<std::size_t>(m_size.samples);
  std::fill_n(to, m_spectra.size() * samples, kNodata);
  for (std::size_t x = 0; x < samples; ++x) {
    const auto sample = static_cast<std::int64_t>(x);
    if (!inside(line, sample)) continue;
    const Endmembers amount = fractions(line, sample);
    const float gain = brightness(line, sample);
    for (std::size_t band = 0; band < m_spectra.size(); ++band) {
      const Endmembers& spectrum = m_spectra[band];
      float sum = spectrum[0] * amount[0];
      for (std::size_t k = 1; k < kEndmembers; ++k) sum += spectrum[k] * amount[k];
      to[band * samples + x] = sum * gain;
    }
  }
}

std::string SyntheticCube::header() const {
  std::vector<std::string> good;
  for (const std::string& wavelength : m_wavelengths) {
    const double nm = parseNumber(wavelength).value_or(0);
    good.emplace_back(isBadBand(nm) ? "0" : "1");
  }
  const std::string pixel = formatNumber(m_size.pixel);
  return "ENVI\ndescription = {\n  Synthetic SHIFT-like reflectance: a mosaic in the layout of the real one, known in closed "
         "form}\nsamples = " +
         std::to_string(m_size.samples) + "\nlines   = " + std::to_string(m_size.lines) + "\nbands   = " + std::to_string(m_size.bands) +
         "\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\ninterleave = bil\nbyte order = 0\nmap info = { UTM , 1 , 1 , " +
         std::to_string(kLeft) + " , " + std::to_string(kTop) + " , " + pixel + " , " + pixel +
         " , 10 , North , WGS-84 }\ncoordinate system string = { " + kCoordinateSystem + " }\nwavelength = { " +
         join(m_wavelengths, " , ") + " }\nfwhm = { " + join(m_widths, " , ") +
         " }\ndata ignore value = -9999\nwavelength units = Nanometers\nbbl = { " + join(good, " , ") + " }\n";
}

}  // namespace cubeloom
