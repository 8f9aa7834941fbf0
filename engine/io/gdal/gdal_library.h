// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's C functions, from a library that is loaded when the first of them is called. It brings some sixty other libraries, and joining
// them takes two thirds of the time in which the program starts; cubes in ENVI, Zarr or NetCDF files need none of it.
#pragma once

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdal_frmts.h>
#include <ogr_srs_api.h>

#include <atomic>
#include <cstdint>

namespace cubeloom {

/// What GDAL's block cache may hold: reads are planned here, and libgdal does not see memory limits of control groups.
constexpr std::int64_t kGdalCacheBytes = std::int64_t{64} << 20;

/// The address of one of libgdal's functions. Loads the library and limits its cache; without the library the process ends as one that
/// was linked to it would have. Thread-safe.
void* gdalSymbol(const char* name);

/// Called like the function it is named after. Thread-safe.
template <class R, class... Arguments>
class GdalFunction {
 public:
  using Pointer = R (*)(Arguments...);
  /// The function tells the type alone; nothing links to it.
  constexpr GdalFunction(Pointer /*declared*/, const char* name) : m_name(name) {}
  R operator()(Arguments... arguments) const { return address()(arguments...); }
  /// For functions that GDAL is to call itself.
  Pointer address() const {
    Pointer found = m_found.load(std::memory_order_acquire);
    if (found == nullptr) {
      found = reinterpret_cast<Pointer>(gdalSymbol(m_name));
      m_found.store(found, std::memory_order_release);
    }
    return found;
  }

 private:
  const char* m_name;
  mutable std::atomic<Pointer> m_found{nullptr};
};

// Within the namespace these hide the declarations of GDAL's headers, so that calls look as they always do. One that is missing here is
// found by the linker.
#define CUBELOOM_GDAL(name) inline constinit const GdalFunction name(::name, #name);
CUBELOOM_GDAL(CPLErrorReset)
CUBELOOM_GDAL(CPLGetConfigOption)
CUBELOOM_GDAL(CPLGetErrorHandlerUserData)
CUBELOOM_GDAL(CPLPopErrorHandler)
CUBELOOM_GDAL(CPLPushErrorHandlerEx)
CUBELOOM_GDAL(CPLSetConfigOption)
CUBELOOM_GDAL(CPLSetThreadLocalConfigOption)
CUBELOOM_GDAL(CPLTestBool)
CUBELOOM_GDAL(CSLDestroy)
CUBELOOM_GDAL(CSLSetNameValue)
CUBELOOM_GDAL(GDALAllRegister)
CUBELOOM_GDAL(GDALClose)
CUBELOOM_GDAL(GDALCreate)
CUBELOOM_GDAL(GDALCreateColorTable)
CUBELOOM_GDAL(GDALCreateCopy)
CUBELOOM_GDAL(GDALCreateGenImgProjTransformer2)
CUBELOOM_GDAL(GDALDataTypeUnion)
CUBELOOM_GDAL(GDALDeregisterDriver)
CUBELOOM_GDAL(GDALDestroyColorTable)
CUBELOOM_GDAL(GDALDestroyGenImgProjTransformer)
CUBELOOM_GDAL(GDALFlushCache)
CUBELOOM_GDAL(GDALGenImgProjTransform)
CUBELOOM_GDAL(GDALGetBlockSize)
CUBELOOM_GDAL(GDALGetColorEntryAsRGB)
CUBELOOM_GDAL(GDALGetColorEntryCount)
CUBELOOM_GDAL(GDALGetDataTypeName)
CUBELOOM_GDAL(GDALGetDatasetDriver)
CUBELOOM_GDAL(GDALGetDescription)
CUBELOOM_GDAL(GDALGetDriver)
CUBELOOM_GDAL(GDALGetDriverByName)
CUBELOOM_GDAL(GDALGetDriverCount)
CUBELOOM_GDAL(GDALGetDriverShortName)
CUBELOOM_GDAL(GDALGetFileList)
CUBELOOM_GDAL(GDALGetGCPCount)
CUBELOOM_GDAL(GDALGetGCPSpatialRef)
CUBELOOM_GDAL(GDALGetGeoTransform)
CUBELOOM_GDAL(GDALGetMaskBand)
CUBELOOM_GDAL(GDALGetMaskFlags)
CUBELOOM_GDAL(GDALGetMetadata)
CUBELOOM_GDAL(GDALGetMetadataItem)
CUBELOOM_GDAL(GDALGetRasterBand)
CUBELOOM_GDAL(GDALGetRasterColorTable)
CUBELOOM_GDAL(GDALGetRasterCount)
CUBELOOM_GDAL(GDALGetRasterDataType)
CUBELOOM_GDAL(GDALGetRasterNoDataValue)
CUBELOOM_GDAL(GDALGetRasterNoDataValueAsInt64)
CUBELOOM_GDAL(GDALGetRasterNoDataValueAsUInt64)
CUBELOOM_GDAL(GDALGetRasterOffset)
CUBELOOM_GDAL(GDALGetRasterScale)
CUBELOOM_GDAL(GDALGetRasterUnitType)
CUBELOOM_GDAL(GDALGetRasterXSize)
CUBELOOM_GDAL(GDALGetRasterYSize)
CUBELOOM_GDAL(GDALGetSpatialRef)
CUBELOOM_GDAL(GDALOpen)
CUBELOOM_GDAL(GDALOpenEx)
CUBELOOM_GDAL(GDALRasterIO)
CUBELOOM_GDAL(GDALRasterIOEx)
CUBELOOM_GDAL(GDALRegisterDriver)
CUBELOOM_GDAL(GDALRegister_ENVI)
CUBELOOM_GDAL(GDALRegister_GTiff)
CUBELOOM_GDAL(GDALRegister_MEM)
CUBELOOM_GDAL(GDALRegister_PNG)
CUBELOOM_GDAL(GDALSetColorEntry)
CUBELOOM_GDAL(GDALSetDescription)
CUBELOOM_GDAL(GDALSetGenImgProjTransformerDstGeoTransform)
CUBELOOM_GDAL(GDALSetGeoTransform)
CUBELOOM_GDAL(GDALSetMetadataItem)
CUBELOOM_GDAL(GDALSetRasterColorTable)
CUBELOOM_GDAL(GDALSetRasterNoDataValue)
CUBELOOM_GDAL(GDALSetRasterNoDataValueAsInt64)
CUBELOOM_GDAL(GDALSetRasterNoDataValueAsUInt64)
CUBELOOM_GDAL(GDALSetRasterOffset)
CUBELOOM_GDAL(GDALSetRasterScale)
CUBELOOM_GDAL(GDALSetRasterUnitType)
CUBELOOM_GDAL(GDALSetSpatialRef)
CUBELOOM_GDAL(GDALSuggestedWarpOutput)
CUBELOOM_GDAL(OSRExportToWktEx)
CUBELOOM_GDAL(OSRImportFromWkt)
CUBELOOM_GDAL(OSRNewSpatialReference)
CUBELOOM_GDAL(OSRRelease)
CUBELOOM_GDAL(OSRSetAxisMappingStrategy)
CUBELOOM_GDAL(VSIFree)
CUBELOOM_GDAL(VSIGetMemFileBuffer)
CUBELOOM_GDAL(VSIStatExL)
CUBELOOM_GDAL(VSIUnlink)
#undef CUBELOOM_GDAL

}  // namespace cubeloom
