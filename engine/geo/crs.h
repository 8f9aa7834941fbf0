// SPDX-License-Identifier: GPL-3.0-or-later
// A coordinate reference system: PROJ behind a value type. x is easting or longitude, always first.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// One entry of the CRS picker.
struct CrsListing {
  std::string code;  ///< "EPSG:32610"
  std::string name;
  std::string area;
  bool deprecated = false;
  double west = 0, south = 0, east = 0, north = 0;  ///< area of use, degrees
};

/// Immutable, cheap to copy, safe to use from any thread. An empty Crs means "unknown".
class Crs {
 public:
  Crs();

  /// "EPSG:32610", "ESRI:102008", "OGC:CRS84", WKT 1 or 2 (ESRI's dialect too), PROJ strings, PROJJSON. Never a file or a URL.
  /// CrsUnavailable when PROJ does not know it.
  static Result<Crs> fromUser(std::string_view text);

  bool isValid() const;
  bool isGeographic() const;
  std::string name() const;       ///< "WGS 84 / UTM zone 10N"
  std::string authority() const;  ///< "EPSG:32610" when PROJ identifies it with full confidence, else ""
  std::string wkt() const;        ///< WKT2:2019
  std::string wkt1() const;       ///< WKT1 as GDAL writes it
  /// "EPSG:32610", else the name, else what it is ("custom Lambert Conic Conformal"); short, for people.
  std::string label() const;
  /// "EPSG:32610", else the name, else the WKT; for programs.
  std::string definition() const;
  /// What heights are counted from: "NAVD88 height", "ellipsoidal height"; "" where the system is of x and y alone. Grids are placed,
  /// warped and compared by x and y.
  std::string verticalName() const;
  /// "metre", "degree", "US survey foot" of the first axis.
  std::string unitName() const;
  double unitInMetres() const;  ///< for projected CRSs; 0 for geographic ones

  /// Same system, however written (ESRI's WKT of UTM 10N equals EPSG:32610).
  bool isSameAs(const Crs& other) const;

  /// Systems whose code, name or area contains every word of `query`; at most `limit`.
  static std::vector<CrsListing> search(std::string_view query, int limit);
  /// WGS 84 / UTM zone of a place.
  static Crs utmFor(double longitude, double latitude);

 private:
  friend class Transformer;
  struct Data;
  /// Unset when PROJ does not know it.
  static std::optional<Crs> parse(const std::string& definition);

  std::shared_ptr<const Data> m_data;
};

/// Transforms points from one CRS to another, x first. One object must not be used by two threads at once; copies may.
class Transformer {
 public:
  static Result<Transformer> between(const Crs& from, const Crs& to);
  ~Transformer();
  Transformer(Transformer&&) noexcept;
  Transformer& operator=(Transformer&&) noexcept;

  /// In place; a point that cannot be transformed becomes (inf, inf). `from` equal to `to` leaves points untouched.
  void forward(double* x, double* y, std::size_t count) const;
  void inverse(double* x, double* y, std::size_t count) const;
  bool isIdentity() const;

 private:
  Transformer();
  struct Data;
  std::unique_ptr<Data> m_data;
};

}  // namespace cubeloom
