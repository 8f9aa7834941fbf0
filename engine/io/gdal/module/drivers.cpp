// SPDX-License-Identifier: GPL-3.0-or-later
// Which of GDAL's drivers are in the process.
#include <cpl_conv.h>
#include <gdal.h>
#include <gdal_frmts.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string_view>

#include "engine/io/gdal/module/confinement.h"
#include "engine/io/gdal/module/requests.h"

namespace cubeloom::gdal {
namespace {

/// What sinks create and check with.
constexpr std::array<std::string_view, 3> kForSinks{"MEM", "COG", "ENVI"};

bool isAmong(const auto& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Once for the process.
struct Admission {
  std::mutex mutex;
  bool isSetUp = false, isNetworkOn = false;
  std::map<std::string, GDALDriverH> shelved;  ///< out of the process at present
};

Admission& admission() {
  static Admission once;
  return once;
}

void setUp(const GdalDriverRequest& request, Admission& once) {
  // Decoding on several threads is wrong for band-separate TIFFs before GDAL 3.7.2, and the run decides on threads anyway.
  CPLSetConfigOption("GDAL_NUM_THREADS", "1");
  CPLSetConfigOption("GDAL_VRT_ENABLE_PYTHON", "NO");
  // GDAL would read a deprecated EPSG code as its successor, which may be another datum: NSIDC's 3412 as 3976 is 60 m off.
  CPLSetConfigOption("OSR_USE_NON_DEPRECATED", "NO");
  if (!request.isNetworkOn) CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", "the network is off");
  CPLSetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO");  // reading writes no file beside the archive
  CPLSetConfigOption("CPL_TMPDIR", "/vsimem");                 // nor does filling the holes between locations
  GDALAllRegister();
  guardFileSystems();
  for (int i = GDALGetDriverCount(); i-- > 0;) {
    GDALDriverH driver = GDALGetDriver(i);
    const std::string name = GDALGetDriverShortName(driver);
    if (isAmong(request.always, name) || isAmong(kForSinks, name)) continue;
    GDALDeregisterDriver(driver);
    if (isAmong(request.onRequest, name)) once.shelved[name] = driver;
  }
  closeMemoryDriver();
}

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
  for (const Option& option : kPatience)
    if (CPLGetConfigOption(option.key, nullptr) == nullptr) CPLSetConfigOption(option.key, option.value);
  CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", nullptr);
}

}  // namespace

GdalAnswer<> admitDrivers(const GdalDriverRequest& request) {
  Admission& once = admission();
  const std::lock_guard lock(once.mutex);
  if (!once.isSetUp) setUp(request, once);
  once.isSetUp = true;
  if (request.isNetworkOn && !once.isNetworkOn) allowNetwork();
  once.isNetworkOn |= request.isNetworkOn;
  if (const auto found = once.shelved.find(request.wanted); found != once.shelved.end()) {
    GDALRegisterDriver(found->second);
    once.shelved.erase(found);
  }
  guardVrtDriver();
  if (!request.wanted.empty() && GDALGetDriverByName(request.wanted.c_str()) == nullptr) return tl::unexpected(std::string());
  return {};
}

void admitSinkDrivers() {
  static std::once_flag once;
  std::call_once(once, [] {
    GDALRegister_GTiff();
    GDALRegister_ENVI();
    GDALRegister_PNG();
    GDALRegister_MEM();
    closeMemoryDriver();
  });
}

}  // namespace cubeloom::gdal
