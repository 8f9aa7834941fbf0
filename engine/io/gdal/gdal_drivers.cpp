// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_drivers.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>

#include "engine/access/formats.h"
#include "engine/base/text.h"
#include "engine/io/gdal/gdal_library.h"

namespace cubeloom {
namespace {

/// Local formats for someone who asks for one by name.
constexpr std::array<std::string_view, 24> kTierB{"VRT",  "GRIB", "HDF4", "HDF4Image", "EHdr",    "ENVI",   "HFA", "AAIGrid",
                                                  "BMP",  "GIF",  "WEBP", "NITF",      "RST",     "SAGA",   "ERS", "ISIS3",
                                                  "PDS4", "PDS",  "DTED", "SRTMHGT",   "USGSDEM", "PCIDSK", "XYZ", "BIGGIF"};
/// What the sinks create with; not among the drivers a file is opened with.
constexpr std::array<std::string_view, 2> kForSinks{"MEM", "COG"};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool isTierA(const std::string& name) {
  const std::vector<std::string> names = rasterDrivers();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Drivers of tier B that are out of the process at present.
std::map<std::string, GDALDriverH>& shelved() {
  static std::map<std::string, GDALDriverH> drivers;
  return drivers;
}

std::atomic<bool>& networkIsOn() {
  static std::atomic<bool> isOn{false};
  return isOn;
}

void setUp() {
  // Decoding on several threads is wrong for band-separate TIFFs before GDAL 3.7.2, and the run decides on threads anyway.
  CPLSetConfigOption("GDAL_NUM_THREADS", "1");
  CPLSetConfigOption("GDAL_VRT_ENABLE_PYTHON", "NO");
  // GDAL would read a deprecated EPSG code as its successor, which may be another datum: NSIDC's 3412 as 3976 is 60 m off.
  CPLSetConfigOption("OSR_USE_NON_DEPRECATED", "NO");
  if (!networkIsOn()) CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", "the network is off");
  CPLSetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO");  // reading writes no file beside the archive
  GDALAllRegister();
  for (int i = GDALGetDriverCount(); i-- > 0;) {
    GDALDriverH driver = GDALGetDriver(i);
    const std::string name = GDALGetDriverShortName(driver);
    if (isTierA(name) || contains(kForSinks, name) || name == "ENVI") continue;
    GDALDeregisterDriver(driver);
    if (contains(kTierB, name)) shelved()[name] = driver;
  }
}

}  // namespace

void allowNetwork() {
  struct Option {
    const char *key, *value;
  };
  // A host that does not answer is given up within half a minute. What the user has set stays.
  constexpr std::array<Option, 5> kPatience{{{"GDAL_HTTP_CONNECTTIMEOUT", "8"},
                                             {"GDAL_HTTP_LOW_SPEED_TIME", "8"},
                                             {"GDAL_HTTP_LOW_SPEED_LIMIT", "1"},
                                             {"GDAL_HTTP_MAX_RETRY", "2"},
                                             {"GDAL_HTTP_RETRY_DELAY", "0.5"}}};
  networkIsOn() = true;
  for (const Option& option : kPatience)
    if (CPLGetConfigOption(option.key, nullptr) == nullptr) CPLSetConfigOption(option.key, option.value);
  CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", nullptr);
}

std::vector<std::string> rasterDrivers() {
  std::vector<std::string> names;
  for (const FormatFacts& format : formats())
    if (format.isGdalRaster) names.push_back(format.name);
  return names;
}

Result<std::vector<std::string>> allowedDrivers(const std::string& requested) {
  static std::mutex mutex;
  static bool ready = false;
  const std::lock_guard lock(mutex);
  if (!ready) setUp();
  ready = true;
  std::vector<std::string> known = rasterDrivers();
  if (requested.empty()) return known;

  known.insert(known.end(), kTierB.begin(), kTierB.end());
  const auto named = std::find_if(known.begin(), known.end(), [&](const std::string& name) { return toLower(name) == toLower(requested); });
  const auto refuse = [](std::string message, std::string hint) {
    Failure f = fail(ErrorCode::InvalidParameter, std::move(message), std::move(hint));
    f.value().parameter = "driver";
    return f;
  };
  if (named == known.end())
    return refuse("the driver \"" + requested + "\" is not one that files are opened with", "choose one of " + join(known, ", "));
  if (const auto found = shelved().find(*named); found != shelved().end()) {
    GDALRegisterDriver(found->second);
    shelved().erase(found);
  }
  if (GDALGetDriverByName(named->c_str()) == nullptr) return refuse("this GDAL has no driver \"" + *named + "\"", "");
  return std::vector<std::string>{*named};
}

}  // namespace cubeloom
