// SPDX-License-Identifier: GPL-3.0-or-later
// A place on the ground that both CRSs cover, the two grids laid around it, and pixels with patches of nodata.
#include "tests/support/random_warp.h"

#include <QString>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <numbers>
#include <random>

namespace cubeloom::test {
namespace {

/// A CRS and the box of longitudes and latitudes from which places are drawn for it; with a datum of its own, well within the area of use
/// of PROJ's operations for it: outside, what gdalwarp and we choose are different shots in the dark.
struct System {
  const char* crs;
  double west, south, east, north;
  bool isNational = false;
};
constexpr std::array<System, 23> kSystems{{
    {"EPSG:4326", -179, -85, 179, 85},
    {"EPSG:3857", -179, -80, 179, 80},
    {"EPSG:6933", -179, -80, 179, 80},                                                                  // equal-area cylinder
    {"+proj=sinu +lon_0=0 +R=6371007.181 +units=m +no_defs", -170, -75, 170, 75},                       // MODIS
    {"+proj=geos +h=35785831 +lon_0=-75 +sweep=x +datum=WGS84 +units=m +no_defs", -115, -45, -35, 45},  // GOES
    {"+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +datum=WGS84 +units=km +no_defs", -130, 20, -70, 60},
    {"EPSG:32610", -126, 30, -120, 50},
    {"EPSG:26910", -126, 30, -120, 50},  // the same zone on NAD83
    {"EPSG:4267", -126, 26, -68, 49},    // NAD27
    {"EPSG:3310", -124.4, 32.5, -114.2, 42},
    {"EPSG:2227", -123.5, 36.8, -119, 39},  // in US feet
    {"EPSG:5070", -124, 25, -67, 49},
    {"EPSG:32719", -72, -54, -66, -1},
    {"EPSG:3031", -179, -89.5, 179, -61},
    {"EPSG:3413", -179, 61, 179, 89.5},
    {"EPSG:3995", -179, 61, 179, 89.5},
    {"EPSG:2193", 167, -47, 178, -35},
    {"EPSG:27200", 168, -46, 177, -36, true},  // by the grid nzgd2kgrid0005
    {"EPSG:27700", -5, 51, 0.5, 57, true},     // its best grid is not installed
    {"EPSG:27572", -3, 43.5, 6.5, 50, true},   // Paris' meridian
    {"EPSG:31467", 8.6, 48.4, 9.4, 53, true},
    {"EPSG:25832", 6.2, 45, 11.8, 57},
    {"EPSG:2056", 7.2, 46.5, 9.2, 47.1, true},
}};

/// The standard's distributions differ between libraries; these do not.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t index) {
    std::seed_seq words{seed, index};
    m_engine.seed(words);
  }
  double uniform(double low, double high) { return low + (high - low) * (static_cast<double>(m_engine() >> 11) * 0x1p-53); }
  double logUniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }
  std::int64_t below(std::int64_t end) { return static_cast<std::int64_t>(m_engine() % static_cast<std::uint64_t>(end)); }
  bool chance(double p) { return uniform(0, 1) < p; }

 private:
  std::mt19937_64 m_engine;
};

/// A system with the way to it, made once: finding one in PROJ's database takes longer than a warp.
struct Ready {
  explicit Ready(const System& system)
      : crs(Crs::fromUser(system.crs).value()), fromDegrees(Transformer::between(Crs::fromUser("EPSG:4326").value(), crs).value()) {}
  Crs crs;
  Transformer fromDegrees;
};
const Ready& ready(const System& system) {
  static std::map<const System*, Ready> made;
  return made.try_emplace(&system, system).first->second;
}

struct Pair {
  const System* source = nullptr;
  const System* target = nullptr;
  double longitude = 0, latitude = 0;
};

Pair randomPair(Random& random) {
  for (;;) {
    const System& a = kSystems[static_cast<std::size_t>(random.below(kSystems.size()))];
    const System& b = random.chance(0.15) ? a : kSystems[static_cast<std::size_t>(random.below(kSystems.size()))];
    const double west = std::max(a.west, b.west), east = std::min(a.east, b.east);
    const double south = std::max(a.south, b.south), north = std::min(a.north, b.north);
    if (west < east && south < north) return {&a, &b, random.uniform(west, east), random.uniform(south, north)};
  }
}

std::int64_t randomSide(Random& random) {
  if (random.chance(0.06)) return 1;
  return 2 + random.below(random.chance(0.1) ? 90 : 44);
}

/// Turned, mirrored or plain, around (x, y).
GeoBox randomGrid(Random& random, double x, double y, double width, double height, bool mayTurn) {
  const std::int64_t rows = randomSide(random), cols = randomSide(random);
  Affine axes{width, 0, 0, 0, -height, 0};
  if (mayTurn) {
    if (random.chance(0.15)) axes.e = height;
    if (random.chance(0.10)) axes.a = -width;
    if (random.chance(0.15)) {
      const double angle = random.uniform(-std::numbers::pi, std::numbers::pi);
      axes = Affine{std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0} * axes;
    }
  }
  axes.c = x - axes.x(static_cast<double>(cols) / 2, static_cast<double>(rows) / 2);
  axes.f = y - axes.y(static_cast<double>(cols) / 2, static_cast<double>(rows) / 2);
  return {rows, cols, axes, Crs()};
}

/// Metres of one unit of `crs` near a place.
double metresPerUnit(const Crs& crs) { return crs.isGeographic() ? 111320.0 : crs.unitInMetres(); }

double pixelValue(Random& random, PixelType type, bool isCategorical) {
  if (isCategorical) return static_cast<double>(random.below(7));
  switch (type) {
    case PixelType::UInt8: return static_cast<double>(random.below(256));
    case PixelType::UInt16: return static_cast<double>(random.below(65536));
    case PixelType::Int16: return static_cast<double>(random.below(65536) - 32768);
    case PixelType::UInt32: return static_cast<double>(random.below(1 << 23));
    case PixelType::Int32: return static_cast<double>(random.below(1 << 24) - (1 << 23));
    default: return static_cast<double>(random.below(4000)) / 8 - 100;
  }
}

/// Patches and single pixels.
class Holes {
 public:
  Holes(Random& random, std::int64_t rows, std::int64_t cols) : m_isHole(static_cast<std::size_t>(rows * cols), false) {
    const double share = random.chance(0.5) ? 0.02 : 0.3;
    for (auto&& hole : m_isHole) hole = random.chance(share);
    for (std::int64_t patches = random.below(4); patches > 0; --patches) {
      const std::int64_t top = random.below(rows), left = random.below(cols);
      const std::int64_t bottom = std::min(rows, top + 1 + random.below(9)), right = std::min(cols, left + 1 + random.below(9));
      for (std::int64_t r = top; r < bottom; ++r)
        for (std::int64_t c = left; c < right; ++c) m_isHole[static_cast<std::size_t>(r * cols + c)] = true;
    }
  }
  bool operator[](std::size_t pixel) const { return m_isHole[pixel]; }

 private:
  std::vector<bool> m_isHole;
};

void fillPixels(GdalWarpJob& job, Random& random) {
  const bool isCategorical = random.chance(0.3);
  // NaN that is not nodata: a gap, too (see judgeWarp), but not of nearest, which takes it along.
  const bool isMean = job.method == Resampling::Average || job.method == Resampling::Rms || job.method == Resampling::Sum ||
                      job.method == Resampling::Mode || job.method == Resampling::Nearest;
  const bool hasNan = isFloating(job.type) && isMean && random.chance(0.2);
  const auto count = static_cast<std::size_t>(job.source.rows() * job.source.cols());
  const Holes holes(random, job.source.rows(), job.source.cols());
  job.pixels.resize(count * pixelTypeBytes(job.type));
  dispatchRealType(job.type, [&](auto sample) {
    using T = decltype(sample);
    for (std::size_t i = 0; i < count; ++i) {
      auto value = static_cast<T>(pixelValue(random, job.type, isCategorical));
      if (holes[i] && job.nodata) value = static_cast<T>(*job.nodata);
      if (hasNan && job.nodata && i % 7 == 3) value = static_cast<T>(NAN);
      std::memcpy(job.pixels.data() + i * sizeof(T), &value, sizeof(T));
    }
  });
}

std::optional<double> randomNodata(Random& random, PixelType type) {
  if (random.chance(0.4)) return std::nullopt;
  if (isFloating(type)) return random.chance(0.4) ? NAN : random.chance(0.5) ? -9999.0 : 5.0;
  if (type == PixelType::UInt8) return random.chance(0.5) ? 0.0 : 255.0;
  return random.chance(0.5) ? 0.0 : type == PixelType::Int16 || type == PixelType::Int32 ? -9999.0 : 3.0;
}

std::string gridText(const GeoBox& box) {
  const auto gt = box.affine().geotransform();
  QString text = QString("%1x%2 [").arg(box.rows()).arg(box.cols());
  for (std::size_t i = 0; i < gt.size(); ++i) text += (i ? ", " : "") + QString::number(gt[i], 'g', 17);
  return (text + "]").toStdString();
}

}  // namespace

GdalWarpJob randomWarp(std::uint64_t seed, std::uint64_t index) {
  Random random(seed, index);
  constexpr std::array<PixelType, 7> kTypes{PixelType::UInt8, PixelType::UInt16,  PixelType::Int16,  PixelType::UInt32,
                                            PixelType::Int32, PixelType::Float32, PixelType::Float64};
  GdalWarpJob job;
  job.method = static_cast<Resampling>(index % 14);
  job.type = kTypes[static_cast<std::size_t>(random.below(kTypes.size()))];
  job.nodata = randomNodata(random, job.type);
  const Pair pair = randomPair(random);
  job.sourceCrs = pair.source->crs;
  job.targetCrs = pair.target->crs;
  const Crs &source = ready(*pair.source).crs, &target = ready(*pair.target).crs;
  const auto placeIn = [&pair](const System& system) {
    double x = pair.longitude, y = pair.latitude;
    ready(system).fromDegrees.forward(&x, &y, 1);
    return std::pair(x, y);
  };
  auto [sx, sy] = placeIn(*pair.source);
  // Longitudes to 360; gdalwarp's sum, which alone maps forwards, does not know them as those below 0.
  if (source.isGeographic() && sx < 0 && job.method != Resampling::Sum && random.chance(0.25)) sx += 360;
  const auto [tx, ty] = placeIn(*pair.target);

  // Source pixels of 1 m to 40 km; output pixels from a twelfth to twelve times as long; a quarter of the grids on round numbers.
  const bool isNational = pair.source->isNational || pair.target->isNational;
  const double metres = random.logUniform(1, isNational ? 800 : random.chance(0.2) ? 40000 : 2000);
  const double scale = random.chance(0.15) ? 1.0 : random.logUniform(1 / 12.0, 12);
  const double size = metres / metresPerUnit(source), outSize = metres * scale / metresPerUnit(target);
  const bool isRound = random.chance(0.25);
  const double pixel = isRound ? std::exp2(std::round(std::log2(size))) : size;
  double outPixel = isRound ? std::exp2(std::round(std::log2(outSize))) : outSize;
  const auto placed = [isRound](double value, double step) { return isRound ? std::round(value / step) * step : value; };
  const double squeeze = random.chance(0.3) ? random.uniform(0.5, 2) : 1;
  job.source = randomGrid(random, placed(sx, pixel), placed(sy, pixel), pixel, pixel * (isRound ? 1 : squeeze), true).withCrs(source);
  // Of a source one pixel wide gdalwarp takes, for some pixel types, the nearest pixel where interpolation along it was asked for.
  const bool isKernel = job.method >= Resampling::Bilinear && job.method <= Resampling::Lanczos;
  const bool isThin = job.source.rows() == 1 || job.source.cols() == 1;
  // An output pixel over all of it gdalwarp believes to run around the Earth, in whatever way it is asked.
  if (isThin && !isKernel) outPixel = std::min(outPixel, 0.5 * pixel * metresPerUnit(source) / metresPerUnit(target));
  if (isKernel && (job.source.rows() == 1) != (job.source.cols() == 1)) {
    const std::int64_t shorter = 7 + random.below(20);
    job.source = GeoBox(std::max(job.source.rows(), shorter), std::max(job.source.cols(), shorter), job.source.affine(), source);
  }
  const double reach = 0.4 * pixel * metresPerUnit(source) / metresPerUnit(target) * static_cast<double>(job.source.cols());
  const double x = tx + random.uniform(-reach, reach), y = ty + random.uniform(-reach, reach);
  const double outSqueeze = isRound || !random.chance(0.3) ? 1 : random.uniform(0.3, 3);
  job.target =
      randomGrid(random, placed(x, outPixel), placed(y, outPixel), outPixel, outPixel * outSqueeze, random.chance(0.2)).withCrs(target);
  fillPixels(job, random);
  return job;
}

void fillAtRandom(GdalWarpJob& job, std::uint64_t seed) {
  Random random(seed, 0);
  fillPixels(job, random);
}

std::string describe(const GdalWarpJob& job) {
  return job.sourceCrs + " " + gridText(job.source) + " -> " + job.targetCrs + " " + gridText(job.target) + ", " +
         std::string(resamplingName(job.method)) + ", " + std::string(pixelTypeName(job.type)) +
         (job.nodata ? ", nodata " + QString::number(*job.nodata).toStdString() : ", no nodata");
}

}  // namespace cubeloom::test
