// SPDX-License-Identifier: GPL-3.0-or-later
// What an operation sees of files: arrays that can be read by region. Implemented in io/, handed in by the app.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/features.h"
#include "engine/access/items.h"
#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/base/cancel.h"
#include "engine/base/result.h"

namespace cubeloom {

/// What a read may use and must report.
struct ReadContext {
  BufferPool pool;
  CancelToken cancel;
  std::int64_t bytesRead = 0;  ///< added to: bytes taken from storage by this read
  bool isOnlyRead = false;     ///< much is read and none of it again: it need not go through the system's cache
};

/// What reading a region costs, without reading it.
struct ReadCost {
  double bytes = 0;         ///< from storage
  double extents = 0;       ///< separate reads
  double scratchBytes = 0;  ///< beyond the destination, at most at once
};

/// One array of a dataset, open for reading. read() is thread-safe: every thread uses a handle of its own inside.
class Source {
 public:
  virtual ~Source() = default;
  virtual const ArraySpec& spec() const = 0;
  /// Reads `region` (in the spec's order of dims, indices checked by the caller to be inside) into `to`: same shape, same pixel type,
  /// any strides. ReadFailed names path and byte.
  virtual Result<void> read(const Region& region, const BlockView& to, ReadContext& context) = 0;
  virtual ReadCost cost(const Region& region) const = 0;
  /// The stored blocks that are decoded whole whatever is read of them: elements per dim, blocks starting at multiples of it. Empty: none,
  /// a read takes what it needs. Reading one such block takes its bytes from storage once.
  virtual std::vector<std::int64_t> decodedBlock() const { return {}; }
  /// What reading leaves in a cache that all sources of a library share, at most.
  virtual double sharedCacheBytes() const { return 0; }
  /// Which lines of the array `region` touches along y, as (first, count) extents in file order; for the read plan picture.
  virtual std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const = 0;
  /// Files whose change during a run makes it invalid.
  virtual std::vector<std::string> files() const = 0;
};

/// How to open a dataset.
struct OpenRequest {
  std::string path;                   ///< a file; or several, by `*`, `?` and `[...]` in the name
  std::string variable;               ///< empty: the only or the first spatial one
  std::string driver;                 ///< GDAL's short name of a tier B driver, chosen on purpose; empty: tier A
  std::string concatDim = {};         ///< of several files: the dim they are joined along; empty: "time"
  std::string pattern = {};           ///< of several files: how their names tell the date, "%Y%m%d"; empty: found out
  std::string mask = {};              ///< "apply", "ignore"; else: applied where the pixel type can say nodata
  std::string decode = {};            ///< "false": values of NetCDF, HDF5 and Zarr as stored; else as xarray decodes them
  std::optional<double> nodata = {};  ///< what masked pixels become; unset: the file's nodata, else NaN
  /// Puts a raster on a grid by its ground control points ("gcp", "gcp1", "gcp2", "gcp3", "tps"), RPCs ("rpc") or location arrays
  /// ("geolocation"); else it stays as it is.
  std::string georeference = {};
  std::string resampling = {};           ///< how a pixel of that grid gets its value, by GDAL's names; empty: nearest
  std::optional<double> rpcHeight = {};  ///< the ground's height above the ellipsoid, in metres, for RPCs; unset: 0
  std::string rpcDem = {};               ///< a raster of such heights, which `rpcHeight` is added to; empty: none
  bool asksForPlacing() const { return !georeference.empty() && georeference != "none"; }
};

/// One variable of a dataset.
struct VariableInfo {
  std::string name;
  ArraySpec spec;
};

/// What a dataset is, from headers alone.
struct DatasetInfo {
  std::string path;
  std::string driver;  ///< "ENVI", "GTiff"
  double fileBytes = 0;
  std::vector<VariableInfo> variables;
  std::size_t chosen = 0;          ///< the variable `open` takes by default
  std::vector<std::string> notes;  ///< "nodata is not declared", "wavelength unit assumed to be nm"
  std::vector<std::string> cheap;  ///< "Cheap here: spectra, whole lines."
  std::vector<std::string> expensive;
};

/// Opens datasets. Thread-safe. OpenFailed: missing, not a raster, header and file disagree.
class SourceProvider {
 public:
  virtual ~SourceProvider() = default;
  virtual Result<std::shared_ptr<Source>> open(const OpenRequest& request) = 0;
  virtual Result<DatasetInfo> info(const std::string& path) = 0;
  /// What the user should know of an array that open() gave: DatasetInfo's notes, as far as they are of this one.
  virtual std::vector<std::string> notesOf(const Source& /*source*/) const { return {}; }
  /// Who reads files with geometries; null: nobody does.
  virtual FeatureProvider* features() { return nullptr; }
  /// Who lists the items of collections; null: nobody does.
  virtual ItemProvider* items() { return nullptr; }
};

}  // namespace cubeloom
