// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/envi/envi_dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/array/stated_scale.h"
#include "engine/base/text.h"
#include "engine/io/envi/envi_grid.h"
#include "engine/io/envi/envi_header.h"
#include "engine/io/envi/envi_layout.h"
#include "engine/io/file/envi_names.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/known_file.h"
#include "engine/io/file/text_file.h"
#include "engine/io/source/raw_source.h"
#include "engine/io/source/stored_scales.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAttributeBytes = 4096;

bool isFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Result<bool> startsLikeEnvi(const fs::path& path) {
  if (!isFile(path)) return false;
  const auto start = fileStart(path.string(), 64);
  if (!start) return fail(start.error());
  std::string_view text = *start;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return trim(text).starts_with("ENVI");
}

/// The array's dims in file order, all but the grid.
void arrangeDims(ArraySpec& spec, const EnviLayout& layout, Dim bands) {
  Dim y{"y", layout.lines, {}};
  Dim x{"x", layout.samples, {}};
  spec.storage.name = interleaveName(layout.interleave);
  switch (layout.interleave) {
    case Interleave::Bil:
      spec.storage.block = {1, layout.bands, layout.samples};
      spec.dims = {std::move(y), std::move(bands), std::move(x)};
      break;
    case Interleave::Bip:
      spec.storage.block = {1, layout.samples, layout.bands};
      spec.dims = {std::move(y), std::move(x), std::move(bands)};
      break;
    case Interleave::Bsq:
      spec.storage.block = {1, 1, layout.samples};
      spec.dims = {std::move(bands), std::move(y), std::move(x)};
      break;
  }
  spec.yDim = spec.indexOf("y");
  spec.xDim = spec.indexOf("x");
}

/// The bad band list, whose 1 and 0 some writers spell True and False.
std::vector<double> goodBands(const EnviHeader& header, std::vector<std::string>& notes) {
  if (!header.has("bbl")) return {};
  std::string text = toLower(*header.text("bbl"));
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream words(text);
  std::vector<double> good;
  for (std::string word; words >> word;) {
    if (word == "true" || word == "false") word = word == "true" ? "1" : "0";
    const auto number = parseNumber(word);
    if (!number) {
      notes.push_back("\"bbl\" left out: \"" + word.substr(0, 60) + "\" is neither 0 nor 1");
      return {};
    }
    good.push_back(*number);
  }
  return good;
}

/// What no reader looks at, because ENVI's own name is a little different: said, lest it is missed. And what is not applied.
void noteOtherKeys(const EnviHeader& header, std::vector<std::string>& notes) {
  static constexpr std::array<const char*, 11> kKeys{"wavelength",
                                                     "wavelength units",
                                                     "fwhm",
                                                     "bbl",
                                                     "band names",
                                                     "data ignore value",
                                                     "map info",
                                                     "coordinate system string",
                                                     "data gain values",
                                                     "data offset values",
                                                     "reflectance scale factor"};
  const auto bare = [](std::string key) {
    std::erase_if(key, [](char c) { return c == ' ' || c == '_' || c == '-'; });
    if (key.ends_with('s')) key.pop_back();
    return key;
  };
  const auto isRead = [](const std::string& key) {
    return std::find(std::begin(kReflectanceScales), std::end(kReflectanceScales), key) != std::end(kReflectanceScales);
  };
  for (const auto& [key, value] : header.values())
    for (const char* known : kKeys)
      if (key != known && bare(key) == bare(known) && !header.has(known) && !isRead(key))
        notes.push_back("\"" + key + "\" is passed over: ENVI's name for it is \"" + known + "\"");
  if (header.has("geo points") && !header.has("map info"))
    notes.emplace_back("\"geo points\" are not applied: the places of single pixels make no grid");
}

Dim bandsOf(const EnviHeader& header, std::int64_t bands, std::vector<std::string>& notes) {
  const auto numbers = [&](const char* key) {
    auto values = header.numbers(key);
    if (header.has(key) && !values) notes.push_back("\"" + std::string(key) + "\" left out: it holds something that is not a number");
    return values.value_or(std::vector<double>{});
  };
  BandSpectra spectra;
  spectra.wavelengths = numbers("wavelength");
  spectra.fwhm = numbers("fwhm");
  spectra.good = goodBands(header, notes);
  spectra.unit = header.text("wavelength units").value_or("");
  return spectralDim(bands, spectra, header.list("band names"), notes);
}

/// A spectral library: its lines are spectra, its samples wavelengths.
void arrangeLibrary(ArraySpec& spec, const EnviLayout& layout, const EnviHeader& header, std::vector<std::string>& notes) {
  Dim spectra{"spectrum", layout.lines, {}};
  spectra.coordinate.kind = Coordinate::Kind::Regular;
  spectra.coordinate.start = 1;
  spectra.coordinate.unit = "1";
  std::vector<std::string> names = header.list("spectra names");
  if (names.size() == static_cast<std::size_t>(layout.lines)) {
    spectra.coordinate.labels = std::move(names);
  } else if (!names.empty()) {
    notes.push_back("\"spectra names\" left out: " + std::to_string(names.size()) + " names for " + std::to_string(layout.lines) +
                    " spectra");
  }
  spec.dims = {std::move(spectra), bandsOf(header, layout.samples, notes)};
  spec.storage.block = {1, layout.samples};
  spec.storage.name = "a spectrum a line";
}

void readNodata(const EnviHeader& header, ArraySpec& spec, std::vector<std::string>& notes) {
  const auto text = header.text("data ignore value");
  if (!text) {
    notes.emplace_back("nodata is not declared: the header has no \"data ignore value\"");
    return;
  }
  const auto value = parseNumber(*text);
  if (!value) {
    notes.push_back("nodata left undeclared: \"data ignore value = " + text->substr(0, 60) + "\" is not a number");
  } else if (!canHold(spec.type, *value)) {
    notes.push_back("nodata left undeclared: no " + std::string(pixelTypeName(spec.type)) + " can be " + formatNumber(*value));
  } else {
    spec.nodata = *value;
  }
}

/// The number that stored values are divided by to be reflectance: said, not applied.
void noteReflectanceScale(const EnviHeader& header, std::vector<std::string>& notes) {
  const auto* const key =
      std::find_if(std::begin(kReflectanceScales), std::end(kReflectanceScales), [&header](const char* name) { return header.has(name); });
  if (key == std::end(kReflectanceScales)) return;
  const auto text = header.text(*key);
  if (!text) return;
  const auto divisor = parseNumber(*text);
  if (!divisor || !std::isfinite(*divisor) || *divisor == 0) {
    notes.push_back("\"" + std::string(*key) + " = " + text->substr(0, 60) + "\" not understood: it is no number to divide by");
  } else if (*divisor != 1) {
    notes.push_back("values are as stored: reflectance is value / " + formatNumber(*divisor));
  }
}

/// Gains and offsets by which true values follow from stored ones, where either is given for every band. What is not so is kept as text.
void readScales(const EnviHeader& header, std::int64_t bands, ArraySpec& spec, std::vector<std::string>& notes) {
  constexpr const char *kGains = "data gain values", *kOffsets = "data offset values";
  const auto count = static_cast<std::size_t>(bands);
  std::vector<StoredScale> scales(count);
  const auto read = [&](const char* key, double StoredScale::*member) {
    if (!header.has(key)) return true;
    const auto numbers = header.numbers(key);
    if (!numbers || numbers->size() != count) {
      notes.push_back("\"" + std::string(key) + "\" not understood: it is no list of one number for each of " + std::to_string(bands) +
                      " bands");
      return false;
    }
    for (std::size_t i = 0; i < count; ++i) scales[i].*member = (*numbers)[i];
    return true;
  };
  if (!read(kGains, &StoredScale::factor) || !read(kOffsets, &StoredScale::offset)) return;
  spec.attributes.erase(kGains);
  spec.attributes.erase(kOffsets);
  const int wavelength = spec.indexOf("wavelength");
  noteStoredScales(spec, wavelength >= 0 ? wavelength : spec.indexOf("band"), scales, notes);
}

/// The classes of an ENVI Classification, by the colours that the header gives them.
void readClasses(const EnviHeader& header, ArraySpec& spec, std::vector<std::string>& notes) {
  if (toLower(header.text("file type").value_or("")).find("classification") == std::string::npos || !isInteger(spec.type)) return;
  constexpr std::size_t kChannels = 3, kMostClasses = 65536;
  if (std::vector<std::string> names = header.list("class names"); names.size() <= kMostClasses) spec.classNames = std::move(names);
  const auto isLevel = [](double level) { return level == std::floor(level) && level >= 0 && level <= 255; };
  const auto levels = header.numbers("class lookup").value_or(std::vector<double>{});
  const std::size_t classes = levels.size() / kChannels;
  if (classes == 0 || classes > kMostClasses || levels.size() % kChannels != 0 || !std::all_of(levels.begin(), levels.end(), isLevel)) {
    notes.emplace_back("classes without colours: \"class lookup\" is no list of red, green and blue from 0 to 255 for each");
    return;
  }
  const auto level = [&levels](std::size_t i) { return static_cast<std::uint8_t>(levels[i]); };
  for (std::size_t i = 0; i < classes; ++i)
    spec.classColours.push_back({level(kChannels * i), level(kChannels * i + 1), level(kChannels * i + 2), 255});
}

/// What the header says beyond the array itself: reflectance scale factor, sensor type, acquisition time, description, ...
void readAttributes(const EnviHeader& header, ArraySpec& spec) {
  for (const auto& [key, value] : header.values())
    if (!isEnviLayoutKey(key) && value.size() <= kMaxAttributeBytes) spec.attributes[key] = value;
}

void describeAccess(Interleave interleave, DatasetInfo& info) {
  switch (interleave) {
    case Interleave::Bil:
      info.cheap = {"Cheap here: spectra, whole lines."};
      info.expensive = {"Expensive here: one band over the whole scene."};
      break;
    case Interleave::Bip:
      info.cheap = {"Cheap here: spectra, whole lines, small areas with all bands."};
      info.expensive = {"Expensive here: one band over the whole scene, which reads every byte."};
      break;
    case Interleave::Bsq:
      info.cheap = {"Cheap here: single bands, whole maps of a few bands."};
      info.expensive = {"Expensive here: the spectrum of a pixel, which needs one read per band."};
      break;
  }
}

}  // namespace

Result<std::optional<EnviFiles>> findEnviFiles(const std::string& path) {
  const fs::path given(path);
  if (toLower(given.extension().string()) == ".hdr") {
    if (!isFile(given)) return std::nullopt;
    const auto isHeader = startsLikeEnvi(given);
    if (!isHeader) return fail(isHeader.error());
    if (!*isHeader)
      return failAt(ErrorCode::OpenFailed, path, path + " is not an ENVI header: its first word is not \"ENVI\"",
                    knownFile(path).value_or(KnownFile{}).remedy);
    fs::path stem = given;
    stem.replace_extension();
    if (isFile(stem)) return EnviFiles{stem.string(), path};
    for (const char* suffix : kEnviDataSuffixes)
      if (fs::path data = stem.string() + suffix; isFile(data)) return EnviFiles{data.string(), path};
    return failAt(ErrorCode::OpenFailed, path,
                  "the data file of " + path + " is missing: there is no " + stem.string() +
                      ", nor one with .img, .bil, .bip, .bsq, .dat, .raw, .bin or .sli",
                  "put the data file beside its header");
  }
  if (!isFile(given)) return std::nullopt;
  fs::path replaced = given;
  replaced.replace_extension(".hdr");
  for (const fs::path& header :
       {fs::path(path + ".hdr"), replaced, fs::path(path + ".HDR"), fs::path(replaced).replace_extension(".HDR")}) {
    const auto isHeader = startsLikeEnvi(header);
    if (!isHeader) return fail(isHeader.error());
    if (*isHeader) return EnviFiles{path, header.string()};
  }
  return std::nullopt;
}

Result<OpenedDataset> openEnvi(const EnviFiles& files) {
  const auto header = EnviHeader::read(files.header);
  if (!header) return fail(header.error());
  const bool isLibrary = toLower(header->text("file type").value_or("")).find("spectral library") != std::string::npos;
  auto layout = enviLayout(*header);
  if (!layout) {
    Error e = layout.error();
    e.path = files.header;
    e.message = files.header + ": " + e.message;
    return fail(std::move(e));
  }
  const auto file = RawFile::open(files.data);
  if (!file) return fail(file.error());
  const std::int64_t size = (*file)->sizeBytes();
  if (size < layout->endBytes)
    return failAt(ErrorCode::OpenFailed, files.data,
                  files.data + " has " + std::to_string(size) + " bytes, but its header declares " + std::to_string(layout->endBytes) +
                      " (" + std::to_string(layout->samples) + " samples x " + std::to_string(layout->lines) + " lines x " +
                      std::to_string(layout->bands) + " bands of " + std::string(pixelTypeName(layout->type)) + ")",
                  "the file is cut off, or the header belongs to another one");

  OpenedDataset dataset;
  DatasetInfo& info = dataset.info;
  info.path = files.data;
  info.driver = "ENVI";
  info.fileBytes = static_cast<double>(size);
  info.notes = header->notes();
  info.notes.insert(info.notes.end(), layout->notes.begin(), layout->notes.end());
  if (size > layout->endBytes)
    info.notes.push_back("the file is " + std::to_string(size - layout->endBytes) + " bytes longer than its header declares");

  ArraySpec spec;
  spec.type = layout->type;
  spec.variable = fs::path(files.data).stem().string();
  if (isLibrary) {
    if (layout->bands != 1)
      return failAt(ErrorCode::OpenFailed, files.header,
                    files.header + " is that of an ENVI spectral library of " + std::to_string(layout->bands) + " bands: it has one",
                    "its samples are the wavelengths, its lines the spectra");
    arrangeLibrary(spec, *layout, *header, info.notes);
  } else {
    arrangeDims(spec, *layout, bandsOf(*header, layout->bands, info.notes));
    spec.setGeobox(enviGrid(*header, layout->lines, layout->samples, info.notes));
  }
  readNodata(*header, spec, info.notes);
  readAttributes(*header, spec);
  readScales(*header, layout->bands, spec, info.notes);
  noteReflectanceScale(*header, info.notes);
  noteOtherKeys(*header, info.notes);
  readClasses(*header, spec, info.notes);
  if (!isLibrary) describeAccess(layout->interleave, info);
  info.variables = {{spec.variable, spec}};
  dataset.source = std::make_shared<RawSource>(*file, std::move(spec), layout->offsetBytes, layout->swapped, std::vector{files.header});
  return dataset;
}

}  // namespace cubeloom
