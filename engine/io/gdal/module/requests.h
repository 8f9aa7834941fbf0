// SPDX-License-Identifier: GPL-3.0-or-later
// The answers of this module, one function per request of GdalService, whose contracts they keep.
#pragma once

#include "engine/io/gdal/gdal_service.h"

namespace cubeloom::gdal {

GdalAnswer<> admitDrivers(const GdalDriverRequest& request);
void admitSinkDrivers();
GdalAnswer<GdalFile> open(const std::string& path, const std::vector<std::string>& drivers);
GdalAnswer<GdalFacts> describe(const GdalFile& file);
GdalAnswer<> read(const GdalFile& file, const std::vector<GdalWindow>& windows);
GdalAnswer<GdalHandle> makeTransformer(const GdalFile& file, const GdalPlacing& placing);
GdalAnswer<GdalGrid> suggestGrid(const GdalFile& file, const GdalHandle& transformer);
GdalAnswer<> transform(const GdalHandle& transformer, bool toRaster, double* cols, double* rows, std::size_t count);
GdalAnswer<GdalHeader> makeHeader(const GdalHeaderRequest& request);
GdalAnswer<> writePng(const GdalPicture& picture);
GdalAnswer<> writeTable(const GdalTable& table);
GdalAnswer<GdalFeatures> readFeatures(const GdalFeaturesRequest& request);
GdalAnswer<GdalLayers> listLayers(const GdalFeaturesRequest& request);

}  // namespace cubeloom::gdal
