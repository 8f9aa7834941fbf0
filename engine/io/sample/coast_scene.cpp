// SPDX-License-Identifier: GPL-3.0-or-later
// From the sea inland: what each thing covers is put over what was there. Lengths are metres; the sun stands in the south-west.
#include "engine/io/sample/coast_scene.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/io/sample/coast_noise.h"

namespace cubeloom {

namespace coast {

namespace {

using enum CoastMaterial;

constexpr int kDays[kDates] = {0, 4, 12, 20, 26, 40, 47, 55, 64, 68, 76, 82, 94};  // after 24 February
constexpr const char* kDateTexts[kDates] = {"20220224", "20220228", "20220308", "20220316", "20220322", "20220405", "20220412",
                                            "20220420", "20220429", "20220503", "20220511", "20220517", "20220529"};
/// Of the texture of clouds: what shows of it, and where it has drifted to.
constexpr double kClearBelow[kDates] = {0.81, 0.79, 0.8, 0.8, 0.81, 0.81, 0.78, 0.81, 0.81, 0.79, 0.8, 0.8, 0.79};
constexpr double kDrift[kDates][2] = {{1440, 1380}, {-360, 900},   {1440, 1740}, {-3960, 5700}, {8880, -300}, {3240, 3180}, {2880, 2220},
                                      {3240, 540},  {-4080, -900}, {1440, 3060}, {240, 2580},   {1560, -780}, {1440, -9540}};

double shoreline(double x) {
  return 38500 + 4200 * std::sin(x / 11300 + 0.4) + 1500 * std::sin(x / 3700 + 1.1) + 330 * std::sin(x / 1270 + 2.0) +
         75 * std::sin(x / 411 + 0.7);
}

/// How far inland, roughly; the sea is below 0.
double inland(double x, double y) { return shoreline(x) - y + 260 * (coastTexture(x / 700, y / 700, 11, 3) - 0.5); }

double height(double x, double y, double d) {
  const double ridge = 1 - std::abs(2 * coastTexture(x / 5200, y / 5200, 21, 6) - 1);
  const double valley = coastRamp(900, 5000, std::abs(d - 15500 + 2600 * std::sin(x / 8700)));
  return ridge * ridge * coastRamp(300, 6000, d) * valley * 900 + 70 * coastTexture(x / 600, y / 600, 31, 3) * coastRamp(100, 900, d);
}

struct Amount {
  CoastMaterial material;
  double amount;
};

void put(CoastPoint& point, CoastCover cover, std::initializer_list<Amount> amounts) {
  point.amount.fill(0);
  for (const Amount& a : amounts) point.amount[static_cast<std::size_t>(a.material)] += a.amount;
  point.cover = cover;
}

/// Fields lie on a lattice of 230 by 170 m turned by 17 degrees; its cells are cut into up to three strips.
constexpr double kCos = 0.955336489, kSin = 0.295520207, kCellAlong = 230, kCellAcross = 170;

struct FieldCell {
  double column, row;
  double strips = 1;
  bool isCutAlong = false;
  double stripWidth() const { return (isCutAlong ? kCellAlong : kCellAcross) / strips; }
};

FieldCell fieldCell(double column, double row) {
  FieldCell cell{column, row};
  cell.strips = 1 + std::floor(coastHash(column, row, 72) * 3);
  cell.isCutAlong = coastHash(column, row, 73) > 0.5;
  return cell;
}

/// The middle of a cell decides for all of it.
bool isFarmed(const FieldCell& cell) {
  const double u = cell.column * kCellAlong + kCellAlong / 2, v = cell.row * kCellAcross + kCellAcross / 2;
  const double x = u * kCos - v * kSin, y = u * kSin + v * kCos;
  if (!(coastTexture(x / 3000, y / 3000, 71, 2) > 0.47) || !(coastHash(cell.column, cell.row, 78) < 0.93)) return false;
  const double d = inland(x, y);
  return d > 330 && height(x, y, d) < 105;
}

int cropOf(const FieldCell& cell, double strip) {
  return static_cast<int>(std::floor(coastHash(cell.column * 7 + strip, cell.row, 74) * 5));
}

/// How much of a field is green, `t` of the season from 0 to 1.
double greenOf(int crop, double t, double start) {
  switch (crop) {
    case 0: return 0.92 * coastRamp(1.0, 0.5, t + start * 0.6);
    case 1: return 0.95 * coastRamp(0.1, 0.6, t - start * 0.4);
    case 2: return 0.9 * coastRamp(0.45, 0.95, t - start * 0.5 + 0.1);
    case 3: return 0.78;
    default: return 0.12 + 0.7 * coastRamp(0.0, 0.4, t) * coastRamp(1.0, 0.6, t);
  }
}

/// What the land of a point shares.
struct Ground {
  double x, y, t;
  double d;            ///< inland
  double patch, fine;  ///< textures of some 100 and some 10 m
  double green;        ///< of grass
  double beachWidth;
  double crown;  ///< light on crowns
};

void putField(const Ground& g, CoastPoint& point) {
  const double u = g.x * kCos + g.y * kSin, v = -g.x * kSin + g.y * kCos;
  const FieldCell cell = fieldCell(std::floor(u / kCellAlong), std::floor(v / kCellAcross));
  const double fu = u / kCellAlong - cell.column, fv = v / kCellAcross - cell.row;
  const double q = (cell.isCutAlong ? fu : fv) * cell.strips, strip = std::floor(q), fq = q - strip;
  const double toEnd = cell.isCutAlong ? std::min(fv, 1 - fv) * kCellAcross : std::min(fu, 1 - fu) * kCellAlong;
  const double edge = std::min(std::min(fq, 1 - fq) * cell.stripWidth(), toEnd);
  if (!isFarmed(cell) || !(g.d > 200)) return;
  if (!(edge > 4)) {  // a track
    put(point, CoastCover::Grass, {{DryGrass, 0.55}, {Soil, 0.45}});
    point.light = 1;
    return;
  }
  const double key = cell.column * 7 + strip;
  const int crop = cropOf(cell, strip);
  const bool isOrchard = crop == 3;
  const double vary = 0.16 * (g.patch - 0.5) + 0.10 * (coastHash(key, cell.row, 75) - 0.5);
  const double green = std::clamp(greenOf(crop, g.t, coastHash(key, cell.row, 76) * 0.25) + vary * (isOrchard ? 0.6 : 1.0), 0.02, 0.97);
  const double straw = crop == 0 ? coastRamp(0.4, 0.8, g.t) : 0.15;
  const double row = isOrchard ? 0.82 + 0.3 * coastNoise(u / 9, v / 9, 79) : 1;
  put(point, CoastCover::Field,
      {{Crop, (isOrchard ? 0.45 : 1.0) * green},
       {Trees, (isOrchard ? 0.55 : 0.0) * green},
       {DryGrass, (1 - green) * straw},
       {Soil, (1 - green) * (1 - straw)}});
  point.light = (0.96 + 0.08 * g.fine) * row * (0.9 + 0.2 * coastHash(key, cell.row, 77));
}

/// Streets on a lattice of their own, lots of 21.5 by 28 m, about one point in each 6 km of the coast.
void putVillage(const Ground& g, CoastPoint& point) {
  const double cell = std::floor(g.x / 6000), middle = cell * 6000 + 1800 + 2400 * coastHash(cell, 0, 91);
  const double radius = 330 + 140 * coastHash(cell, 0, 92);
  const double dx = g.x - middle, dy = (g.y - (shoreline(middle) - 620)) * 1.25;
  if (dx * dx + dy * dy > 560 * 560) return;
  const double r = std::sqrt(dx * dx + dy * dy) + 180 * (coastTexture(g.x / 300, g.y / 300, 93, 2) - 0.5);
  if (!(r < radius) || !(g.d > g.beachWidth + 40)) return;
  const double p = g.x * 0.96 + g.y * 0.28, q = -g.x * 0.28 + g.y * 0.96;
  const double pi = std::floor(p / 95), qi = std::floor(q / 64), pf = p - pi * 95, qf = q - qi * 64;
  if (pf < 9 || qf < 8) {
    put(point, CoastCover::Village, {{Asphalt, 1}});
    point.light = 1;
    return;
  }
  const double li = std::floor((pf - 9) / 21.5), lj = std::floor((qf - 8) / 28), lp = pf - 9 - li * 21.5, lq = qf - 8 - lj * 28;
  const double built = coastHash(pi * 4 + li, qi * 2 + lj, 94), kind = coastHash(pi * 4 + li, qi * 2 + lj, 95);
  const bool isHouse =
      built < 0.82 - 0.35 * coastRamp(0.6, 1.0, r / radius) && lp > 3 && lp < 3 + 11 + 5 * kind && std::abs(lq - 14) < 6 + 3 * kind;
  if (!isHouse) {
    const double garden = 0.45 + 0.3 * g.patch;
    put(point, CoastCover::Village, {{Crop, 0.5 * garden}, {Trees, 0.35 * garden + 0.15}, {DryGrass, 0.85 - 0.85 * garden}});
    point.light = 0.8 + 0.35 * g.fine;
    return;
  }
  point.light = lq < 14 ? 0.86 : 1.1;  // the two sides of a roof
  if (kind < 0.55) {
    put(point, CoastCover::Village, {{Tile, 1}});
  } else if (kind < 0.85) {
    put(point, CoastCover::Village, {{PaleRoof, 1}});
  } else {
    put(point, CoastCover::Village, {{Asphalt, 0.7}, {PaleRoof, 0.3}});
  }
}

/// At most one fire in each 5.2 km; it takes vegetation alone.
void burn(const Ground& g, bool hasBurnt, CoastPoint& point) {
  if (point.cover != CoastCover::Field && point.cover != CoastCover::Forest && point.cover != CoastCover::Grass) return;
  const double bi = std::floor(g.x / 5200), bj = std::floor(g.y / 5200);
  if (!(coastHash(bi, bj, 104) < 0.4) || !(g.d > g.beachWidth + 60)) return;
  const double dx = g.x - (bi * 5200 + 1500 + 2200 * coastHash(bi, bj, 101)), dy = g.y - (bj * 5200 + 1500 + 2200 * coastHash(bi, bj, 102));
  const double r = std::sqrt(dx * dx * 0.6 + dy * dy * 1.5 + 0.9 * dx * dy) / (380 + 420 * coastHash(bi, bj, 103)) +
                   0.75 * (coastTexture(g.x / 350, g.y / 350, 105, 4) - 0.5);
  const double severity = coastRamp(1.0, 0.78, r) * std::clamp(0.95 - 1.3 * std::clamp(g.patch - 0.6, 0.0, 1.0), 0.5, 1.0);
  if (!(severity > 0.25)) return;
  point.cover = CoastCover::Burnt;
  if (!hasBurnt) return;
  for (double& amount : point.amount) amount *= 1 - severity;
  point.amount[static_cast<std::size_t>(Char)] += severity * 0.82;
  point.amount[static_cast<std::size_t>(Soil)] += severity * 0.18;
  point.light = point.light * (1 - 0.25 * severity) + 0.25 * severity * (0.9 + 0.2 * g.fine);
}

void putGrassAndForest(const Ground& g, double high, CoastPoint& point) {
  const double bare = std::clamp(0.12 + 0.5 * (g.patch - 0.5), 0.0, 0.4);
  put(point, CoastCover::Grass, {{Crop, 0.62 * g.green * (1 - bare)}, {DryGrass, (1 - 0.62 * g.green) * (1 - bare)}, {Soil, bare}});
  point.light = 0.94 + 0.12 * g.fine;
  const double forest = coastTexture(g.x / 900, g.y / 900, 61, 5) + 0.42 * (coastTexture(g.x / 9000, g.y / 9000, 66, 2) - 0.5) +
                        0.19 * coastRamp(60, 420, high) + 0.05 * (g.fine - 0.5);
  if (!(forest > 0.545) || !(g.d > 110)) return;
  const double dense = std::clamp(0.72 + 0.4 * (g.patch - 0.5) + 1.2 * (forest - 0.55), 0.55, 1.0), rest = 1 - dense;
  const double grass = 0.4 * g.green;
  put(point, CoastCover::Forest, {{Trees, dense}, {Crop, rest * grass}, {DryGrass, rest * (0.75 - grass)}, {Soil, rest * 0.25}});
  point.light = 0.78 + 0.42 * g.crown;
}

void putBeach(const Ground& g, CoastPoint& point) {
  if (g.d < g.beachWidth) {
    const double wet = coastRamp(9, 2, g.d);
    put(point, CoastCover::Beach, {{Sand, 1 - wet}, {WetSand, wet}});
    point.light = 0.95 + 0.1 * g.fine;
  } else if (g.d < g.beachWidth + 45) {  // dunes
    const double grown = std::clamp(coastRamp(0, 45, g.d - g.beachWidth) * 1.1 + 0.9 * (g.patch - 0.5), 0.0, 1.0);
    const double green = 0.25 + 0.3 * g.green;
    put(point, CoastCover::Grass,
        {{Sand, 1 - grown}, {DryGrass, grown * (1 - green)}, {Crop, grown * green * 0.6}, {Trees, grown * green * 0.4}});
  }
}

CoastPoint land(double x, double y, double d, int date) {
  CoastPoint point;
  Ground g{x, y, kDays[date] / 94.0, d, coastTexture(x / 180, y / 180, 41, 4), coastNoise(x / 11, y / 11, 51), 0, 0, 0};
  g.green = std::clamp(0.85 - 0.95 * coastRamp(0.15, 0.95, g.t) + 0.5 * (g.patch - 0.5), 0.03, 0.95);
  g.crown = coastRamp(0.25, 0.8, g.fine);
  g.beachWidth = 38 + 70 * (coastTexture(x / 420, y / 420, 81, 3) - 0.42);
  const double high = height(x, y, d), e = 20;
  const double slopeX = height(x + e, y, d) - high, slopeY = height(x, y + e, d) - high;
  const double shade = std::clamp(1 + 1.1 * (slopeX * 0.75 - slopeY * 0.55) / e, 0.55, 1.35);

  putGrassAndForest(g, high, point);
  putField(g, point);
  const double k = std::floor((x + 900) / 9200);
  const double fromRiver = std::abs(x - (k * 9200 + 3600 + 520 * std::sin(y / 1700 + k) + 150 * std::sin(y / 530 + 2 * k)));
  if (fromRiver < 38 + 30 * (g.patch - 0.5) && d > 60) {
    put(point, CoastCover::Forest, {{Trees, 0.85}, {Crop, 0.15}});
    point.light = 0.78 + 0.42 * g.crown;
  }
  putBeach(g, point);
  putVillage(g, point);
  const bool isHighway = std::abs(d - (410 + 60 * std::sin(x / 900))) < 9;
  if (isHighway) {
    put(point, CoastCover::Village, {{Asphalt, 1}});
    point.light = 1;
  } else if (fromRiver < 8) {
    put(point, CoastCover::Water, {{Shelf, 0.75}, {Deep, 0.25}});
    point.light = 1;
    return point;  // water lies level
  }
  burn(g, date >= kBurnDate, point);
  point.light *= shade;
  return point;
}

CoastPoint sea(double x, double y, double d) {
  CoastPoint point;
  const double away = -d, bank = 1 + 1.1 * (coastTexture(x / 900, y / 900, 111, 3) - 0.5);
  const double shallow = std::exp(-away / (95 * bank)), deep = 1 - std::exp(-std::max(away - 60, 0.0) / (1500 * bank));
  double foam = 0.6 * coastRamp(5, 0, away), kelp = 0;
  if (away < 62) {
    const double crest = coastNoise(x / 70 + 3 * coastNoise(x / 300, y / 300, 122), away / 9, 121);
    foam = std::max(foam, 0.8 * coastRamp(0.50, 0.8, crest) * coastRamp(62, 10, away) *
                              coastRamp(0.30, 0.6, coastTexture(x / 160, y / 500, 123, 2) + 0.25 * coastRamp(30, 0, away)));
  }
  if (away > 170 && away < 900)
    kelp = coastRamp(0.62, 0.70, coastTexture(x / 220, y / 220, 131, 4)) * coastRamp(170, 300, away) * coastRamp(900, 560, away) * 0.55;
  const double water = (1 - foam) * (1 - kelp), below = water * (1 - shallow), plants = (1 - foam) * kelp;
  put(point, CoastCover::Water,
      {{Foam, foam},
       {Shallow, water * shallow},
       {Deep, below * deep + plants * 0.65},
       {Shelf, below * (1 - deep)},
       {Trees, plants * 0.35}});
  point.light = 0.96 + 0.08 * coastNoise((x + 0.35 * y) / 160, (y - 0.35 * x) / 38, 141);
  return point;
}

double cloudAt(double x, double y, int date) {
  x -= kDrift[date][0];
  y -= kDrift[date][1];
  const auto seed = static_cast<std::uint32_t>(201 + 17 * date);
  const double weather = 0.45 * (coastTexture(x / 9000, y / 9000, seed, 2) - 0.5) - kClearBelow[date];
  return coastRamp(0.0, 0.085, coastTexture(x / 950, y / 950, seed + 1, 5) + weather);
}

}  // namespace

std::string dateText(int date) { return kDateTexts[date]; }

double seen(const CoastPoint& point, const std::array<double, kCoastMaterials>& reflectances) {
  double sum = 0;
  for (std::size_t k = 0; k < kCoastMaterials; ++k) sum += point.amount[k] * reflectances[k];
  return point.light * sum * (1 - point.cloud) + reflectances[static_cast<std::size_t>(Cloud)] * point.cloudTone * point.cloud;
}

std::vector<std::array<double, kCoastMaterials>> spectra(const std::vector<double>& wavelengths) {
  std::vector<std::array<double, kCoastMaterials>> all(wavelengths.size());
  for (std::size_t band = 0; band < wavelengths.size(); ++band)
    for (std::size_t k = 0; k < kCoastMaterials; ++k) all[band][k] = coastReflectance(static_cast<CoastMaterial>(k), wavelengths[band]);
  return all;
}

CoastPoint pointAt(double x, double y, int date) {
  const double d = inland(x, y);
  CoastPoint point = d > 0 ? land(x, y, d, date) : sea(x, y, d);
  point.light *= 0.985 + 0.03 * coastHash(std::floor(x / 5), std::floor(y / 5), 151);
  point.cloud = 0.9 * cloudAt(x, y, date);
  point.shadow = cloudAt(x - 230, y + 170, date);
  point.light *= 1 - 0.58 * point.shadow * (1 - point.cloud);
  if (point.cloud > 0) point.cloudTone = 0.55 + 0.25 * coastTexture(x / 240, y / 240, 301, 3);
  return point;
}

std::array<double, 2> fieldCellAt(double x, double y) {
  return {std::floor((x * kCos + y * kSin) / kCellAlong), std::floor((-x * kSin + y * kCos) / kCellAcross)};
}

const char* cropName(int crop) {
  constexpr const char* kNames[] = {"winter grain", "vegetables", "late maize", "orchard", "hay"};
  return kNames[crop];
}

std::vector<Field> fieldsOfCell(double column, double row) {
  const FieldCell cell = fieldCell(column, row);
  std::vector<Field> fields;
  if (!isFarmed(cell)) return fields;
  constexpr double kInset = 12;  // mixed pixels stay outside
  fields.reserve(static_cast<std::size_t>(cell.strips));
  for (double strip = 0; strip < cell.strips; ++strip) {
    double u0 = column * kCellAlong, u1 = u0 + kCellAlong, v0 = row * kCellAcross, v1 = v0 + kCellAcross;
    double &from = cell.isCutAlong ? u0 : v0, &to = cell.isCutAlong ? u1 : v1;
    from += strip * cell.stripWidth();
    to = from + cell.stripWidth();
    const double u[4] = {u0 + kInset, u1 - kInset, u1 - kInset, u0 + kInset}, v[4] = {v0 + kInset, v0 + kInset, v1 - kInset, v1 - kInset};
    Field& field = fields.emplace_back();
    field.crop = cropOf(cell, strip);
    for (int i = 0; i < 4; ++i) {
      field.x[i] = u[i] * kCos - v[i] * kSin;
      field.y[i] = u[i] * kSin + v[i] * kCos;
      field.centreX += field.x[i] / 4;
      field.centreY += field.y[i] / 4;
    }
  }
  return fields;
}

}  // namespace coast

}  // namespace cubeloom
