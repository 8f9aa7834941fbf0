// SPDX-License-Identifier: GPL-3.0-or-later
// The requests of GdalService as messages between this process and a reader.
#pragma once

#include <string>
#include <vector>

#include "engine/io/file/message.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

enum class GdalVerb : std::uint8_t { Open, Describe, Read, Close, ReadFeatures, ListLayers };

/// Pixels of one window, dense, behind one another in the shared memory.
struct GdalWirePart {
  int band = 1;
  bool isOfMask = false;
  std::int64_t row = 0, col = 0, rows = 0, cols = 0;
  PixelType type = PixelType::UInt8;
};

struct GdalQuestion {
  GdalVerb verb = GdalVerb::Open;
  std::string path = {};                  ///< of Open
  std::vector<std::string> drivers = {};  ///< of Open
  std::int64_t file = 0;                  ///< of all others
  std::vector<GdalWirePart> parts = {};   ///< of Read
  GdalFeaturesRequest features = {};      ///< of ReadFeatures and ListLayers
};

/// What opening tells, but for the handle, which stays where it is.
struct GdalWireFile {
  std::int64_t file = 0;
  std::string driver, typeName;
  std::int64_t bands = 0, rows = 0, cols = 0;
};

template <class A>
void fields(A& a, GdalWirePart& p) {
  a(p.band, p.isOfMask, p.row, p.col, p.rows, p.cols, p.type);
}
template <class A>
void fields(A& a, GdalFeaturesRequest& r) {
  a(r.path, r.drivers, r.options, r.layer, r.where, r.id, r.mostFeatures, r.mostVertices);
}
template <class A>
void fields(A& a, GdalQuestion& q) {
  a(q.verb, q.path, q.drivers, q.file, q.parts, q.features);
}
template <class A>
void fields(A& a, GdalPart& p) {
  a(p.role, p.places);
}
template <class A>
void fields(A& a, GdalFeature& f) {
  a(f.id, f.parts);
}
template <class A>
void fields(A& a, GdalFeatures::Wrong& w) {
  a(w.parameter, w.message, w.hint);
}
template <class A>
void fields(A& a, GdalFeatures& f) {
  a(f.wrong, f.layer, f.crs, f.features, f.withoutGeometry, f.others, f.broken, f.isTooMuch);
}
template <class A>
void fields(A& a, GdalField& f) {
  a(f.name, f.type, f.examples);
}
template <class A>
void fields(A& a, GdalLayer& l) {
  a(l.name, l.geometry, l.count, l.fields);
}
template <class A>
void fields(A& a, GdalLayers& l) {
  a(l.layers);
}
template <class A>
void fields(A& a, GdalWireFile& f) {
  a(f.file, f.driver, f.typeName, f.bands, f.rows, f.cols);
}
template <class A>
void fields(A& a, GdalBand& b) {
  a(b.name, b.unit, b.colour, b.nodata, b.scale, b.offset, b.wavelength, b.fwhm, b.wavelengthUnit, b.good, b.isMasked, b.isMaskShared,
    b.isMaskAlpha, b.isMaskTuple);
}
template <class A>
void fields(A& a, GdalLocations& l) {
  a(l.x, l.y, l.crs);
}
template <class A>
void fields(A& a, GdalSubdataset& s) {
  a(s.name, s.description);
}
template <class A>
void fields(A& a, GdalFacts& f) {
  a(f.type, f.typeName, f.bands, f.geotransform, f.crs, f.hasRpc, f.controlPoints, f.controlPointsCrs, f.locations, f.metadata, f.colours,
    f.subdatasets, f.categories, f.blockRows, f.blockCols, f.bandsTogether, f.storedBlockBytes, f.fileBytes, f.files, f.refused);
}

/// The whole of `PROGRAM --reader gdal FOLDER...`.
int serveGdalReader(const std::vector<std::string>& folders);

}  // namespace cubeloom
