// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/product_bands.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/text_file.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostBytes = std::size_t{32} << 20;

/// The numbers in all elements of one name.
std::vector<double> numbersIn(std::string_view xml, const std::string& name) {
  const std::string begin = "<" + name + ">", end = "</" + name + ">";
  std::vector<double> numbers;
  for (std::size_t at = xml.find(begin); at != std::string_view::npos; at = xml.find(begin, at)) {
    at += begin.size();
    const std::size_t stop = xml.find(end, at);
    const auto number = stop == std::string_view::npos ? std::nullopt : parseNumber(trim(xml.substr(at, stop - at)));
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

/// The document beside a product's image; nothing when the file is none of these.
std::optional<std::string> documentOf(const std::string& path) {
  const std::size_t at = path.rfind("-SPECTRAL_IMAGE");
  if (at == std::string::npos || path.find('/', at) != std::string::npos) return std::nullopt;
  const std::string base = path.substr(0, at);
  std::error_code ignored;
  for (const char* ending : {"-METADATA.XML", "-METADATA.xml"})
    if (std::filesystem::exists(base + ending, ignored)) return base + ending;
  return base + "-METADATA.XML";
}

}  // namespace

ProductBands productBands(std::string_view xml) {
  constexpr std::string_view kBegin = "<bandCharacterisation>", kEnd = "</bandCharacterisation>";
  const std::size_t begin = xml.find(kBegin), end = xml.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  const std::string_view bands = xml.substr(begin, end - begin);
  const auto either = [bands](const char* enmap, const char* desis) {
    auto numbers = numbersIn(bands, enmap);
    return numbers.empty() ? numbersIn(bands, desis) : numbers;
  };
  return {numbersIn(bands, "wavelengthCenterOfBand"), either("FWHMOfBand", "wavelengthWidthOfBand"), either("GainOfBand", "gainOfBand"),
          either("OffsetOfBand", "offsetOfBand")};
}

Result<void> readProductBands(const std::string& path, GdalFacts& facts, std::vector<std::string>& notes) {
  const auto document = documentOf(path);
  if (!document) return {};
  const std::string name = std::filesystem::path(*document).filename().string();
  if (std::error_code ignored; !std::filesystem::exists(*document, ignored)) {
    notes.push_back("wavelengths and scale are unknown: " + name + ", in which they stand, is not beside the file");
    return {};
  }
  const auto xml = readTextFile(*document, kMostBytes, "a product's metadata");
  if (!xml) return fail(xml.error());
  const ProductBands found = productBands(*xml);
  const std::size_t count = facts.bands.size();
  if (found.wavelengths.size() != count) {
    notes.push_back("wavelengths left out: " + name + " names " + std::to_string(found.wavelengths.size()) + " bands, the file has " +
                    std::to_string(count));
    return {};
  }
  facts.files.push_back(*document);
  const auto says = [&facts](auto&& has) { return std::any_of(facts.bands.begin(), facts.bands.end(), has); };
  const bool hasWavelengths = says([](const GdalBand& band) { return !band.wavelength.empty(); });
  const bool hasScales = says([](const GdalBand& band) { return band.scale != 1 || band.offset != 0; });
  for (std::size_t b = 0; b < count; ++b) {
    GdalBand& band = facts.bands[b];
    if (!hasWavelengths) {
      band.wavelength = formatNumber(found.wavelengths[b]);
      band.wavelengthUnit = "nm";
      if (found.fwhm.size() == count) band.fwhm = formatNumber(found.fwhm[b]);
    }
    if (hasScales) continue;
    if (found.gains.size() == count && found.gains[b] != 0) band.scale = found.gains[b];
    if (found.offsets.size() == count) band.offset = found.offsets[b];
  }
  notes.push_back("wavelengths and scale are those of " + name);
  return {};
}

}  // namespace cubeloom
