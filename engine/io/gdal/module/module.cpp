// SPDX-License-Identifier: GPL-3.0-or-later
// The one name that the module shows.
#include <gdal.h>

#include "engine/io/gdal/module/requests.h"

extern "C" __attribute__((visibility("default"))) const cubeloom::GdalService* cubeloomGdalService() {
  using namespace cubeloom;
  GDALSetCacheMax64(kGdalCacheBytes);  // before anything can fill it
  static constexpr GdalService kService{gdal::admitDrivers,    gdal::admitSinkDrivers, gdal::open,      gdal::describe,   gdal::read,
                                        gdal::makeTransformer, gdal::suggestGrid,      gdal::transform, gdal::makeHeader, gdal::writePng,
                                        gdal::writeTable,      gdal::readFeatures,     gdal::listLayers};
  return &kService;
}
