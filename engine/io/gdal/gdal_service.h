// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine asks of GDAL: few requests, each a whole question of plain values with a whole answer, and no type of GDAL's. They are
// answered by a module that is loaded when the first of them is asked, and could as well be answered by another process.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// What GDAL's block cache may hold: reads are planned here, and libgdal does not see memory limits of control groups.
constexpr std::int64_t kGdalCacheBytes = std::int64_t{64} << 20;

/// The answer, or GDAL's own words on why there is none; they may be empty.
template <class T = void>
using GdalAnswer = tl::expected<T, std::string>;

/// Something that GDAL keeps for us, let go when destroyed. Used by one thread at a time.
using GdalHandle = std::unique_ptr<void, void (*)(void*)>;

using Geotransform = std::array<double, 6>;
using Colour = std::array<std::uint8_t, 4>;  ///< red, green, blue, opacity

/// Which drivers the process has. The first request takes all others out of it for good, so that a file nested in another finds no driver
/// for VRT, MRF or the network either.
struct GdalDriverRequest {
  std::vector<std::string> always;     ///< stay in
  std::vector<std::string> onRequest;  ///< come back when wanted
  std::string wanted;                  ///< one of both, or nothing
  bool isNetworkOn = false;            ///< GDAL may ask hosts, with limits on how long it waits; once on it stays on
};

/// An open raster file, and what opening it tells.
struct GdalFile {
  GdalHandle handle;
  std::string path;
  std::string driver;  ///< GDAL's short name of the one that took it
  std::int64_t bands = 0, rows = 0, cols = 0;
  std::string typeName;  ///< GDAL's name of the type of the first band
};

/// One band of a file, as far as the file tells.
struct GdalBand {
  std::string name, unit;
  std::string colour;  ///< "red", "green", "blue", "alpha" or ""
  std::optional<double> nodata;
  double scale = 1, offset = 0;
  /// Texts of the metadata: `wavelength`, `fwhm` and their unit, or GDAL's IMAGERY domain in "um" where the first band has no `wavelength`.
  std::string wavelength, fwhm, wavelengthUnit;
  std::string good;  ///< "bbl"
  /// A mask that says more than "equal to nodata"; whether it is that of all bands, an alpha band, or made of a nodata value per band which
  /// all have to be met.
  bool isMasked = false, isMaskShared = false, isMaskAlpha = false, isMaskTuple = false;
};

/// Where GDAL's GEOLOCATION metadata says the arrays of locations are; a name that is empty is the raster itself.
struct GdalLocations {
  std::string x, y;  ///< relative names resolved
  std::string crs;   ///< as written
};

/// One of several rasters of a file.
struct GdalSubdataset {
  std::string name;         ///< by which GDAL opens it
  std::string description;  ///< "[12x10] reflectance (16-bit integer)"
};

/// All that a file says of itself.
struct GdalFacts {
  std::optional<PixelType> type;  ///< holds every band; nothing for types that are not read
  std::string typeName;           ///< GDAL's
  std::vector<GdalBand> bands;
  std::optional<Geotransform> geotransform;
  std::vector<std::string> crs;  ///< where a geotransform is: the ways to write it as WKT, the newest first
  bool hasRpc = false;
  int controlPoints = 0;
  std::string controlPointsCrs;  ///< WKT
  std::optional<GdalLocations> locations;
  std::vector<std::string> metadata;  ///< "key=value"
  std::optional<std::vector<Colour>> colours;
  std::vector<GdalSubdataset> subdatasets;  ///< instead of bands, or the pages of which the first has the bands
  std::vector<std::string> categories;      ///< names of the first band's classes, by number
  std::int64_t blockRows = 1, blockCols = 1;
  bool bandsTogether = false;      ///< one block holds all bands
  double storedBlockBytes = 0;     ///< in the file, on average over an even sample of its blocks; 0: not told
  double fileBytes = 0;            ///< of a file in one of GDAL's virtual file systems; 0: not told
  std::vector<std::string> files;  ///< that belong to it, of a plain file
  std::string refused;             ///< what it names and is not opened: the first file outside its folder; else ""
};

/// Pixels of one band, or of its mask (as uint8), decoded to a place in memory.
struct GdalWindow {
  int band = 1;  ///< from 1
  bool isOfMask = false;
  std::int64_t row = 0, col = 0, rows = 0, cols = 0;
  PixelType type = PixelType::UInt8;
  std::byte* to = nullptr;
  std::int64_t rowStep = 0, colStep = 0;  ///< bytes; 0: one after the other
};

/// How a raster without a geotransform comes to lie on the ground.
struct GdalPlacing {
  std::string method;                ///< "gcp", "gcp1", "gcp2", "gcp3", "tps", "rpc" or "geolocation"
  std::string rpcHeight, rpcDem;     ///< a number, a file; or nothing
  std::optional<Geotransform> grid;  ///< to map from and to; without it the ground itself, until suggestGrid() has set it
};

struct GdalGrid {
  Geotransform geotransform{};
  std::int64_t rows = 0, cols = 0;
};

struct GdalItem {
  std::string key, value, domain;
};

/// A file of one pixel in memory, written by one of GDAL's drivers for the sake of its header.
struct GdalHeaderRequest {
  struct Band {
    std::string name, unit, colour;
    std::vector<GdalItem> items;
    std::optional<std::array<double, 2>> scale;  ///< and offset
  };
  std::string driver;
  std::vector<std::string> suffixes;  ///< of the files that the driver writes
  std::vector<std::string> options;   ///< "KEY=VALUE"
  PixelType type = PixelType::UInt8;
  std::optional<Geotransform> geotransform;
  std::string crs;  ///< WKT; set where a geotransform is
  std::vector<GdalItem> items;
  std::vector<Band> bands;
  std::vector<Colour> colours;   ///< of the first band
  std::optional<double> nodata;  ///< of the first band
  bool isReadBack = false;
};

struct GdalHeader {
  std::optional<std::string> refusal;         ///< why the driver does not take the grid; there are then no files
  std::vector<std::vector<std::byte>> files;  ///< by suffix
  Geotransform readBack{0, 1, 0, 0, 0, 1};
};

/// A picture of uint8 or uint16 to be written as PNG, without side files. The gray value `nodata` becomes transparent.
/// One band of uint8 with colours is a palette.
struct GdalPicture {
  std::string path;
  const std::byte* pixels = nullptr;
  PixelType type = PixelType::UInt8;
  int bands = 1, rows = 0, cols = 0;
  std::array<std::int64_t, 3> strides{};  ///< bytes from band to band, row to row, pixel to pixel
  std::optional<double> nodata;
  std::vector<std::array<std::uint8_t, 4>> colours;
};

/// A table to be written as a GeoPackage of one layer, anew.
struct GdalTable {
  struct Column {
    enum class Kind : std::uint8_t { Text, Whole, Real };
    std::string name;
    Kind kind = Kind::Real;
    std::vector<double> numbers;     ///< one per line, NaN for none; of whole ones and real ones
    std::vector<std::string> texts;  ///< one per line, empty for none
  };
  std::string path, layer;
  std::int64_t lines = 0;
  std::vector<Column> columns;
  std::vector<std::string> geometries;  ///< GeoJSON in longitude and latitude, one per line, "null" for none; empty: it has none
};

/// One line of a geometry, or a point: x, y, x, y, ...
struct GdalPart {
  enum class Role : std::uint8_t { Ring, Hole, Point };
  Role role = Role::Ring;
  std::vector<double> places;
};

struct GdalFeature {
  std::string id;
  std::vector<GdalPart> parts;
};

/// The polygons and points of one layer of a file.
struct GdalFeaturesRequest {
  std::string path;
  std::vector<std::string> drivers, options;  ///< the only ones tried; "KEY=VALUE"
  std::string layer, where, id;               ///< see FeaturesRequest
  std::int64_t mostFeatures = 0, mostVertices = 0;
};

struct GdalFeatures {
  /// What of the request is not in the file; then there are no features.
  struct Wrong {
    std::string parameter, message, hint;
  };
  Wrong wrong;
  std::string layer;
  std::vector<std::string> crs;  ///< the ways to write it as WKT, the newest first; empty: unknown
  std::vector<GdalFeature> features;
  std::int64_t withoutGeometry = 0, others = 0, broken = 0;  ///< left out: null or empty; lines; coordinates that are no numbers
  bool isTooMuch = false;                                    ///< more than the request allows; not all of it is here
};

struct GdalField {
  std::string name, type;
  std::vector<std::string> examples;
};

struct GdalLayer {
  std::string name, geometry;
  std::int64_t count = -1;
  std::vector<GdalField> fields;
};

/// See FeatureLayer.
struct GdalLayers {
  std::vector<GdalLayer> layers;
};

/// The requests. Any thread may ask any of them; those about one handle come from one thread at a time, but for transform(), which several
/// threads may ask of one transformer by arrays of locations. GDAL says nothing on stderr meanwhile. Memory that cannot be had is thrown as
/// std::bad_alloc. Asked often are read() and transform(), whose answers are as large as they are told to be; all others once per file,
/// or per thread and file.
struct GdalService {
  /// Fails where `wanted` is not in this GDAL.
  GdalAnswer<> (*admitDrivers)(const GdalDriverRequest& request);
  /// What sinks create and check with, without setting up what reading takes.
  void (*admitSinkDrivers)();
  /// `drivers` are the only ones tried. What the file names, now or later, is opened only where it lies under its folder; a VRT only when
  /// it is the driver asked for and names nothing but such files. In virtual file systems no file beside the named one is looked for. HDF5
  /// and netCDF bear one thread only, of which the caller takes care.
  GdalAnswer<GdalFile> (*open)(const std::string& path, const std::vector<std::string>& drivers);
  GdalAnswer<GdalFacts> (*describe)(const GdalFile& file);
  /// One after the other, up to the first that fails.
  GdalAnswer<> (*read)(const GdalFile& file, const std::vector<GdalWindow>& windows);
  /// By arrays of locations: `file` has to stay open as long.
  GdalAnswer<GdalHandle> (*makeTransformer)(const GdalFile& file, const GdalPlacing& placing);
  /// The grid that gdalwarp takes by default, to which the transformer then maps.
  GdalAnswer<GdalGrid> (*suggestGrid)(const GdalFile& file, const GdalHandle& transformer);
  /// From pixels of the grid to those of the raster or back, in place; infinity where there is none. Fails where a place is missing for
  /// want of something that was to be read.
  GdalAnswer<> (*transform)(const GdalHandle& transformer, bool toRaster, double* cols, double* rows, std::size_t count);
  GdalAnswer<GdalHeader> (*makeHeader)(const GdalHeaderRequest& request);
  GdalAnswer<> (*writePng)(const GdalPicture& picture);
  /// The file is read back before it counts as written. GPKG has to be admitted.
  GdalAnswer<> (*writeTable)(const GdalTable& table);
  /// Opens a file, reads a layer of it and closes it again. What it names is opened as for open().
  GdalAnswer<GdalFeatures> (*readFeatures)(const GdalFeaturesRequest& request);
  /// The same of all its layers, without their features.
  GdalAnswer<GdalLayers> (*listLayers)(const GdalFeaturesRequest& request);
};

}  // namespace cubeloom
