// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/envi/envi_layout.h"

#include <bit>
#include <optional>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMaxSize = 2147483647;
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 62;

std::string quoted(std::string_view key, std::string_view value) {
  constexpr std::size_t kShown = 60;
  return "\"" + std::string(key) + " = " + std::string(value.substr(0, kShown)) + (value.size() > kShown ? "...\"" : "\"");
}

Result<std::int64_t> integer(const EnviHeader& header, std::string_view key, std::int64_t least, std::int64_t most,
                             std::optional<std::int64_t> whenAbsent = std::nullopt) {
  const auto text = header.text(key);
  if (!text) {
    if (whenAbsent) return *whenAbsent;
    return fail(ErrorCode::OpenFailed, "the header has no \"" + std::string(key) + "\"");
  }
  const auto value = parseInteger(*text);
  if (!value) return fail(ErrorCode::OpenFailed, "the header's " + quoted(key, *text) + " is not a whole number");
  if (*value < least || *value > most)
    return fail(ErrorCode::OpenFailed,
                "the header's " + quoted(key, *text) + " is outside " + std::to_string(least) + " to " + std::to_string(most));
  return *value;
}

std::optional<PixelType> pixelTypeOf(std::int64_t enviType) {
  switch (enviType) {
    case 1: return PixelType::UInt8;
    case 2: return PixelType::Int16;
    case 3: return PixelType::Int32;
    case 4: return PixelType::Float32;
    case 5: return PixelType::Float64;
    case 6: return PixelType::Complex64;
    case 9: return PixelType::Complex128;
    case 12: return PixelType::UInt16;
    case 13: return PixelType::UInt32;
    case 14: return PixelType::Int64;
    case 15: return PixelType::UInt64;
    default: return std::nullopt;
  }
}

/// Raster pixels lie in the data file itself only for these.
Result<void> checkFileType(const EnviHeader& header) {
  if (const auto text = header.text("file type")) {
    const std::string type = toLower(*text);
    const bool raster = type.empty() || type == "envi" || type.find("standard") != std::string::npos ||
                        type.find("classification") != std::string::npos || type.find("spectral library") != std::string::npos;
    if (!raster)
      return fail(ErrorCode::OpenFailed, "the header's " + quoted("file type", *text) + " is not a raw raster",
                  "open the file it describes in its own format, or one of type \"ENVI Standard\"");
  }
  if (const auto text = header.text("file compression"); text && *text != "0")
    return fail(ErrorCode::OpenFailed, "the data are compressed (" + quoted("file compression", *text) + ")",
                "uncompress the file and set \"file compression = 0\"");
  if (const auto frames = header.numbers("major frame offsets"))
    for (const double bytes : *frames)
      if (bytes != 0)
        return fail(
            ErrorCode::OpenFailed,
            "the data have frame offsets (" + quoted("major frame offsets", *header.text("major frame offsets")) + "), which are not read");
  return {};
}

}  // namespace

const char* interleaveName(Interleave interleave) {
  switch (interleave) {
    case Interleave::Bil: return "BIL";
    case Interleave::Bip: return "BIP";
    case Interleave::Bsq: break;
  }
  return "BSQ";
}

Result<EnviLayout> enviLayout(const EnviHeader& header) {
  CUBELOOM_TRY(checkFileType(header));
  const auto samples = integer(header, "samples", 1, kMaxSize);
  const auto lines = integer(header, "lines", 1, kMaxSize);
  const auto bands = integer(header, "bands", 1, kMaxSize);
  const auto offset = integer(header, "header offset", 0, kMaxBytes, 0);
  const auto type = integer(header, "data type", 0, 1000);
  const auto order = integer(header, "byte order", 0, 1, 0);
  for (const auto* number : {&samples, &lines, &bands, &offset, &type, &order})
    if (!*number) return fail(number->error());

  EnviLayout layout;
  layout.samples = *samples;
  layout.lines = *lines;
  layout.bands = *bands;
  layout.offsetBytes = *offset;
  const auto pixelType = pixelTypeOf(*type);
  if (!pixelType)
    return fail(ErrorCode::UnsupportedType, "the header's \"data type = " + std::to_string(*type) + "\" is unknown",
                "known are 1, 2, 3, 4, 5, 6, 9, 12, 13, 14 and 15");
  layout.type = *pixelType;
  if (!header.has("byte order") && pixelTypeBytes(layout.type) > 1)
    layout.notes.emplace_back("byte order is not declared: little-endian assumed");
  layout.swapped = (*order == 1) != (std::endian::native == std::endian::big);

  const auto interleave = header.text("interleave");
  const std::string name = toLower(interleave.value_or(""));
  if (name == "bil") {
    layout.interleave = Interleave::Bil;
  } else if (name == "bip") {
    layout.interleave = Interleave::Bip;
  } else if (name == "bsq" || (!interleave && layout.bands == 1)) {
    layout.interleave = Interleave::Bsq;
  } else if (!interleave) {
    return fail(ErrorCode::OpenFailed, "the header has no \"interleave\"", "add \"interleave = bil\", bsq or bip");
  } else {
    return fail(ErrorCode::OpenFailed, "the header's " + quoted("interleave", *interleave) + " is unknown", "known are bil, bsq and bip");
  }

  std::int64_t bytes = static_cast<std::int64_t>(pixelTypeBytes(layout.type));
  bool tooLarge = false;
  for (const std::int64_t size : {layout.samples, layout.lines, layout.bands}) tooLarge |= __builtin_mul_overflow(bytes, size, &bytes);
  tooLarge |= __builtin_add_overflow(bytes, layout.offsetBytes, &layout.endBytes);
  if (tooLarge || layout.endBytes > kMaxBytes)
    return fail(ErrorCode::OpenFailed, "the header declares " + std::to_string(layout.samples) + " samples x " +
                                           std::to_string(layout.lines) + " lines x " + std::to_string(layout.bands) +
                                           " bands: more than 2^62 bytes, which no file can hold");
  return layout;
}

}  // namespace cubeloom
