// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_drivers.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <string_view>

#include "engine/access/formats.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Local formats for someone who asks for one by name, or has a file that is one (see known_file.h).
constexpr std::array<std::string_view, 25> kTierB{"VRT", "GPKG", "GRIB",    "HDF4",    "HDF4Image", "EHdr", "ENVI",  "HFA",   "AAIGrid",
                                                  "BMP", "GIF",  "WEBP",    "NITF",    "RST",       "SAGA", "ERS",   "ISIS3", "PDS4",
                                                  "PDS", "DTED", "SRTMHGT", "USGSDEM", "PCIDSK",    "XYZ",  "BIGGIF"};

/// What geometries are read by; LIBKML knows more of a KML than KML does.
constexpr std::array<std::string_view, 7> kOfFeatures{"GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf", "LIBKML", "KML", "CSV"};

/// All drivers that are ever used, none of them wanted.
GdalDriverRequest allDrivers() {
  GdalDriverRequest request{rasterDrivers(), {kTierB.begin(), kTierB.end()}, {}, false};
  request.onRequest.insert(request.onRequest.end(), kOfFeatures.begin(), kOfFeatures.end());
  return request;
}

std::atomic<bool>& networkIsOn() {
  static std::atomic<bool> isOn{false};
  return isOn;
}

Failure refusedDriver(std::string message, std::string hint) {
  Failure failure = fail(ErrorCode::InvalidParameter, std::move(message), std::move(hint));
  failure.value().parameter = "driver";
  return failure;
}

/// The one of `names` that `requested` means.
std::optional<std::string> meant(const std::vector<std::string>& names, const std::string& requested) {
  const auto named = std::find_if(names.begin(), names.end(), [&](const std::string& name) { return toLower(name) == toLower(requested); });
  return named != names.end() ? std::optional(*named) : std::nullopt;
}

}  // namespace

void allowNetwork() { networkIsOn() = true; }

std::vector<std::string> rasterDrivers() {
  std::vector<std::string> names;
  for (const FormatFacts& format : formats())
    if (format.isGdalRaster) names.push_back(format.name);
  return names;
}

Result<std::vector<std::string>> allowedDrivers(const GdalService& gdal, const std::string& requested) {
  GdalDriverRequest request = allDrivers();
  request.isNetworkOn = networkIsOn();
  if (!requested.empty()) {
    std::vector<std::string> known = request.always;
    known.insert(known.end(), kTierB.begin(), kTierB.end());
    const auto named = meant(known, requested);
    if (!named)
      return refusedDriver("the driver \"" + requested + "\" is not one that files are opened with", "choose one of " + join(known, ", "));
    request.wanted = *named;
  }
  if (!gdal.admitDrivers(request)) return refusedDriver("this GDAL has no driver \"" + request.wanted + "\"", "");
  return requested.empty() ? request.always : std::vector<std::string>{request.wanted};
}

Result<std::vector<std::string>> featureDrivers(const GdalService& gdal) {
  GdalDriverRequest request = allDrivers();
  std::vector<std::string> there;
  for (const std::string_view name : kOfFeatures) {
    request.wanted = name;
    if (gdal.admitDrivers(request)) there.push_back(request.wanted);
  }
  if (there.empty()) return fail(ErrorCode::OpenFailed, "this GDAL has no driver that geometries are read by");
  return there;
}

Result<std::vector<std::string>> virtualFileDrivers(const GdalService& gdal, const std::string& requested) {
  auto known = allowedDrivers(gdal, {});
  if (!known || requested.empty()) return known;
  if (const auto named = meant(*known, requested)) return std::vector<std::string>{*named};
  return refusedDriver("the driver \"" + requested + "\" does not read from archives or the network",
                       "choose one of " + join(*known, ", "));
}

}  // namespace cubeloom
