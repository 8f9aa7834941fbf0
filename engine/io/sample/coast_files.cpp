// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the sample coast. Each picture is made in memory, lines shared by two threads.
#include "engine/io/sample/coast_files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/sample/coast_scene.h"
#include "engine/io/sample/synthetic_cube.h"
#include "engine/io/sample/whole_file.h"

namespace cubeloom {

namespace coast {

namespace {

namespace files = std::filesystem;

constexpr double kScale = 10000;  // int16 of reflectance, as products of EnMAP, PRISMA and Landsat have it
constexpr std::size_t kPixels = static_cast<std::size_t>(kFileLines * kFileSamples);

struct ClassFacts {
  const char* name;
  int red, green, blue;
};

// ESA's numbers, names and colours.
constexpr ClassFacts kSceneClasses[] = {{"no data", 0, 0, 0},           {"saturated", 255, 0, 0},        {"dark", 47, 47, 47},
                                        {"cloud shadow", 100, 50, 0},   {"vegetation", 0, 160, 0},       {"not vegetated", 255, 230, 90},
                                        {"water", 0, 0, 255},           {"unclassified", 128, 128, 128}, {"cloud, medium", 192, 192, 192},
                                        {"cloud, high", 255, 255, 255}, {"thin cirrus", 100, 200, 255},  {"snow or ice", 255, 150, 255}};

constexpr ClassFacts kCovers[] = {{"unclassified", 0, 0, 0}, {"water", 38, 92, 150},   {"beach", 238, 214, 160}, {"field", 232, 182, 76},
                                  {"forest", 30, 92, 52},    {"grass", 160, 190, 110}, {"village", 190, 70, 60}, {"burnt", 70, 50, 60}};

std::string isoDate(int date) {
  const std::string text = dateText(date);
  return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2);
}

std::string headerStart(const std::string& description, int bands, const char* fileType, int dataType) {
  return "ENVI\ndescription = {\n  " + description + "}\nsamples = " + std::to_string(kFileSamples) +
         "\nlines   = " + std::to_string(kFileLines) + "\nbands   = " + std::to_string(bands) +
         "\nheader offset = 0\nfile type = " + fileType + "\ndata type = " + std::to_string(dataType) +
         "\ninterleave = bil\nbyte order = 0\nmap info = { UTM , 1 , 1 , " + std::to_string(kLeft + kFileSample * kPixel) + " , " +
         std::to_string(kTop - kFileLine * kPixel) + " , " + std::to_string(kPixel) + " , " + std::to_string(kPixel) +
         " , 10 , North , WGS-84 }\ncoordinate system string = { " + SyntheticCube::coordinateSystem() +
         " }\nsynthetic = { a made-up coast, no real place }\n";
}

SyntheticCube sensor() {
  SyntheticCubeSize size;
  size.bands = kFileBands;
  return SyntheticCube(size);
}

std::vector<double> numbers(const std::vector<std::string>& texts) {
  std::vector<double> all;
  all.reserve(texts.size());
  for (const std::string& text : texts) all.push_back(parseNumber(text).value_or(0));
  return all;
}

std::string cubeHeader(int date) {
  const SyntheticCube bands = sensor();
  std::vector<std::string> good;
  good.reserve(kFileBands);
  for (const double nm : numbers(bands.wavelengths())) good.emplace_back(SyntheticCube::isBadBand(nm) ? "0" : "1");
  return headerStart("Synthetic coast, no real place: reflectance * 10000 on " + isoDate(date) + ", known in closed form", kFileBands,
                     "ENVI Standard", 2) +
         "wavelength = { " + join(bands.wavelengths(), " , ") + " }\nfwhm = { " + join(bands.widths(), " , ") +
         " }\nwavelength units = Nanometers\nbbl = { " + join(good, " , ") +
         " }\ndata ignore value = -9999\nreflectance scale factor = 10000\nacquisition time = " + isoDate(date) + "T19:00:00Z\n";
}

std::string classesHeader(const std::string& description, std::span<const ClassFacts> classes) {
  std::vector<std::string> names, colours;
  names.reserve(classes.size());
  colours.reserve(classes.size());
  for (const ClassFacts& facts : classes) {
    std::string name = facts.name;
    std::erase(name, ',');
    names.push_back(std::move(name));
    colours.push_back(std::to_string(facts.red) + " , " + std::to_string(facts.green) + " , " + std::to_string(facts.blue));
  }
  return headerStart(description, 1, "ENVI Classification", 1) + "classes = " + std::to_string(classes.size()) + "\nclass names = { " +
         join(names, " , ") + " }\nclass lookup = { " + join(colours, " , ") + " }\ndata ignore value = 0\n";
}

/// Calls `f(line)` for every line, on two threads.
Result<void> forEachLine(const std::function<void(std::int64_t)>& f) {
  const auto half = [&f](std::int64_t first) -> Result<void> {
    for (std::int64_t line = first; line < kFileLines; line += 2) f(line);
    return {};
  };
  Result<void> odd;
  std::thread other([&] { odd = guarded([&] { return half(1); }); });
  const Result<void> even = guarded([&] { return half(0); });
  other.join();
  CUBELOOM_TRY(even);
  return odd;
}

std::uint8_t sceneClass(const CoastPoint& point) {
  if (point.cloud > 0.5) return 9;
  if (point.cloud > 0.1) return 8;
  if (point.shadow > 0.2) return 3;
  if (point.cover == CoastCover::Water) return 6;
  const auto amount = [&point](CoastMaterial material) { return point.amount[static_cast<std::size_t>(material)]; };
  return amount(CoastMaterial::Crop) + amount(CoastMaterial::Trees) > 0.35 ? 4 : 5;
}

struct Pictures {
  std::vector<std::int16_t> cube;
  std::vector<std::uint8_t> scene, cover;
};

Result<Pictures> picturesOf(int date) {
  Pictures made{std::vector<std::int16_t>(kPixels * kFileBands), std::vector<std::uint8_t>(kPixels), std::vector<std::uint8_t>(kPixels)};
  const auto materials = spectra(numbers(sensor().wavelengths()));
  CUBELOOM_TRY(forEachLine([&](std::int64_t line) {
    constexpr auto kSamples = static_cast<std::size_t>(kFileSamples);
    const auto row = static_cast<std::size_t>(line) * kSamples;
    for (std::size_t x = 0; x < kSamples; ++x) {
      const CoastPoint point = pixelAt(kFileLine + line, kFileSample + static_cast<std::int64_t>(x), date);
      made.scene[row + x] = sceneClass(point);
      made.cover[row + x] = static_cast<std::uint8_t>(point.cover);
      for (std::size_t band = 0; band < materials.size(); ++band)
        made.cube[row * kFileBands + band * kSamples + x] =
            static_cast<std::int16_t>(std::nearbyint(seen(point, materials[band]) * kScale));
    }
  }));
  return made;
}

std::string decimals(double value) { return formatNumber(std::nearbyint(value * 100) / 100); }

std::string pointText(double x, double y) {
  return "[" + decimals(static_cast<double>(kLeft) + x) + ", " + decimals(static_cast<double>(kTop) - y) + "]";
}

std::string collection(const std::string& name, const std::vector<std::string>& features) {
  return "{\n\"type\": \"FeatureCollection\",\n\"name\": \"" + name +
         "\",\n\"crs\": {\"type\": \"name\", \"properties\": {\"name\": \"urn:ogc:def:crs:EPSG::32610\"}},\n\"features\": [\n" +
         join(features, ",\n") + "\n]\n}\n";
}

std::string feature(const std::string& name, const std::string& what, const char* geometry, const std::string& coordinates) {
  return "{\"type\": \"Feature\", \"properties\": {\"name\": \"" + name + "\", " + what + "}, \"geometry\": {\"type\": \"" + geometry +
         "\", \"coordinates\": " + coordinates + "}}";
}

/// Whole fields that did not burn, at most three of a crop.
std::string fieldsText(const std::vector<std::uint8_t>& cover) {
  constexpr double kX0 = kFileSample * kPixel, kY0 = kFileLine * kPixel, kWidth = kFileSamples * kPixel, kHeight = kFileLines * kPixel;
  const auto isField = [&](double x, double y) {
    const double column = (x - kX0) / kPixel, row = (y - kY0) / kPixel;
    return column >= 0 && row >= 0 && column < kFileSamples && row < kFileLines &&
           cover[static_cast<std::size_t>(row) * kFileSamples + static_cast<std::size_t>(column)] ==
               static_cast<std::uint8_t>(CoastCover::Field);
  };
  std::array<double, 4> range{1e9, 1e9, -1e9, -1e9};
  for (const auto& [dx, dy] : {std::pair{0.0, 0.0}, {kWidth, 0.0}, {0.0, kHeight}, {kWidth, kHeight}}) {
    const auto cell = fieldCellAt(kX0 + dx, kY0 + dy);
    range = {std::min(range[0], cell[0]), std::min(range[1], cell[1]), std::max(range[2], cell[0]), std::max(range[3], cell[1])};
  }
  std::vector<std::string> features;
  std::array<int, 5> counts{};
  for (double row = range[1]; row <= range[3]; ++row)
    for (double column = range[0]; column <= range[2]; ++column)
      for (const Field& field : fieldsOfCell(column, row)) {
        bool isWhole = isField(field.centreX, field.centreY);
        for (int i = 0; i < 4; ++i)
          for (double part = 0; part < 1; part += 0.05) {
            const int next = (i + 1) % 4;
            isWhole =
                isWhole && isField(field.x[i] + (field.x[next] - field.x[i]) * part, field.y[i] + (field.y[next] - field.y[i]) * part);
          }
        int& count = counts[static_cast<std::size_t>(field.crop)];
        if (!isWhole || count == 3) continue;
        const std::string crop = cropName(field.crop);
        std::vector<std::string> ring;
        for (const int i : {0, 1, 2, 3, 0}) ring.push_back(pointText(field.x[i], field.y[i]));
        features.push_back(
            feature(crop + " " + std::to_string(++count), "\"crop\": \"" + crop + "\"", "Polygon", "[[" + join(ring, ", ") + "]]"));
      }
  return collection("coast_fields", features);
}

/// One place of each cover, amid pixels of the same and clear on every date; the one with the most of it around.
std::string sitesText(const std::vector<std::uint8_t>& cover, const std::vector<std::vector<std::uint8_t>>& scenes) {
  std::vector<std::string> features;
  for (std::size_t k = 1; k < std::size(kCovers); ++k) {
    std::int64_t bestLine = -1, bestSample = -1, most = 0;
    const auto at = [&](std::int64_t line, std::int64_t sample) { return static_cast<std::size_t>(line * kFileSamples + sample); };
    for (std::int64_t line = 12; line < kFileLines - 12; line += 3)
      for (std::int64_t sample = 12; sample < kFileSamples - 12; sample += 3) {
        std::int64_t count = 0;
        for (std::int64_t dy = -12; dy <= 12; dy += 2)
          for (std::int64_t dx = -12; dx <= 12; dx += 2) count += cover[at(line + dy, sample + dx)] == k ? 1 : 0;
        if (count <= most || cover[at(line, sample)] != k) continue;
        const bool isClear = std::all_of(scenes.begin(), scenes.end(), [&](const auto& scene) {
          const std::uint8_t found = scene[at(line, sample)];
          return found != 3 && found != 8 && found != 9;
        });
        if (!isClear) continue;
        bestLine = line, bestSample = sample, most = count;
      }
    if (bestLine < 0) continue;
    const double x = (static_cast<double>(kFileSample + bestSample) + 0.5) * kPixel,
                 y = (static_cast<double>(kFileLine + bestLine) + 0.5) * kPixel;
    features.push_back(feature(kCovers[k].name, "\"cover\": " + std::to_string(k), "Point", pointText(x, y)));
  }
  return collection("coast_sites", features);
}

template <class T>
std::span<const std::byte> bytesOf(const T& values) {
  return std::as_bytes(std::span(values));
}

class Folder {
 public:
  explicit Folder(std::string folder) : m_folder(std::move(folder)) {}

  std::string path(const std::string& name) const { return (files::path(m_folder) / name).string(); }
  bool hasRaster(const std::string& name, const std::string& header, std::size_t bytes) const {
    std::error_code ignored;
    const std::uintmax_t size = files::file_size(path(name), ignored);
    return !ignored && size == bytes && holdsText(path(name) + ".hdr", header);
  }
  /// A header never stands beside data it does not describe.
  Result<void> writeRaster(const std::string& name, const std::string& header, std::span<const std::byte> data) const {
    std::error_code ignored;
    files::remove(path(name) + ".hdr", ignored);
    CUBELOOM_TRY(writeWholeFile(path(name), data));
    return writeWholeFile(path(name) + ".hdr", bytesOf(header));
  }

 private:
  std::string m_folder;
};

std::string cubeName(int date) { return "coast_" + dateText(date); }
std::string sceneHeader(int date) {
  return classesHeader("Synthetic coast, no real place: scene classification of " + isoDate(date) + ", Sentinel-2's classes",
                       kSceneClasses);
}
std::string coverHeader() { return classesHeader("Synthetic coast, no real place: what covers the ground after the fire", kCovers); }

bool isComplete(const Folder& folder) {
  for (const int date : kFileDates)
    if (!folder.hasRaster(cubeName(date), cubeHeader(date), kPixels * kFileBands * sizeof(std::int16_t)) ||
        !folder.hasRaster(cubeName(date) + "_scl", sceneHeader(date), kPixels))
      return false;
  std::error_code ignored;
  return files::exists(folder.path("coast_fields.geojson"), ignored) && files::exists(folder.path("coast_sites.geojson"), ignored) &&
         folder.hasRaster("coast_cover", coverHeader(), kPixels);
}

Result<void> writeAll(const Folder& folder) {
  std::vector<std::vector<std::uint8_t>> scenes;
  std::vector<std::uint8_t> cover;
  for (const int date : kFileDates) {
    auto made = picturesOf(date);
    if (!made) return fail(std::move(made.error()));
    CUBELOOM_TRY(folder.writeRaster(cubeName(date), cubeHeader(date), bytesOf(made->cube)));
    CUBELOOM_TRY(folder.writeRaster(cubeName(date) + "_scl", sceneHeader(date), bytesOf(made->scene)));
    scenes.push_back(std::move(made->scene));
    cover = std::move(made->cover);
  }
  CUBELOOM_TRY(writeWholeFile(folder.path("coast_fields.geojson"), bytesOf(fieldsText(cover))));
  CUBELOOM_TRY(writeWholeFile(folder.path("coast_sites.geojson"), bytesOf(sitesText(cover, scenes))));
  return folder.writeRaster("coast_cover", coverHeader(), bytesOf(cover));
}

}  // namespace

}  // namespace coast

Result<std::string> makeSampleCoast(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    return fail(ErrorCode::WriteFailed, "cannot create the folder '" + folder + "': " + code.message(), "choose a folder you may write to");
  const coast::Folder target(folder);
  if (!coast::isComplete(target)) CUBELOOM_TRY(coast::writeAll(target));
  return target.path(coast::cubeName(coast::kFileDates[0]) + ".hdr");
}

}  // namespace cubeloom
