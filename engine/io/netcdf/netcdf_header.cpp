// SPDX-License-Identifier: GPL-3.0-or-later
// CF conventions 1.8.
#include "engine/io/netcdf/netcdf_header.h"

#include <netcdf.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>

#include "engine/array/cell_bounds.h"
#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/io/cf/cf_grid_mapping_writer.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_library.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/source/stored_scales.h"

namespace cubeloom {
namespace {

constexpr int kDeflateLevel = 4;

nc_type netcdfType(PixelType type) {
  switch (type) {
    case PixelType::UInt8: return NC_UBYTE;
    case PixelType::Int8: return NC_BYTE;
    case PixelType::UInt16: return NC_USHORT;
    case PixelType::Int16: return NC_SHORT;
    case PixelType::UInt32: return NC_UINT;
    case PixelType::Int32: return NC_INT;
    case PixelType::UInt64: return NC_UINT64;
    case PixelType::Int64: return NC_INT64;
    case PixelType::Float32: return NC_FLOAT;
    default: return NC_DOUBLE;
  }
}

/// Letters, digits, '_', '.', '-' and '+'; begins with a letter or '_'.
std::string identifier(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    const bool isOther = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
    if (name.empty() && isOther) name = "_";
    name += isLetter || isOther ? c : '_';
  }
  return name.substr(0, 200);
}

/// One file being defined. The first call that fails is kept; later ones do nothing.
class Writer {
 public:
  explicit Writer(int file) : m_file(file) {}
  int status() const { return m_status; }
  void check(int status) {
    if (m_status == NC_NOERR) m_status = status;
  }
  bool isOk() const { return m_status == NC_NOERR; }

  int dim(const std::string& name, std::int64_t size) {
    int id = -1;
    if (isOk()) check(nc_def_dim(m_file, name.c_str(), static_cast<std::size_t>(size), &id));
    return id;
  }
  int variable(const std::string& name, nc_type type, const std::vector<int>& dims) {
    int id = -1;
    if (isOk()) check(nc_def_var(m_file, name.c_str(), type, static_cast<int>(dims.size()), dims.data(), &id));
    if (isOk() && type != NC_STRING) check(nc_def_var_fill(m_file, id, NC_NOFILL, nullptr));
    return id;
  }
  void text(int variable, const std::string& name, const std::string& value) {
    if (isOk() && !value.empty()) check(nc_put_att_text(m_file, variable, name.c_str(), value.size(), value.c_str()));
  }
  void numbers(int variable, const std::string& name, const std::vector<double>& values) {
    if (isOk()) check(nc_put_att_double(m_file, variable, name.c_str(), NC_DOUBLE, values.size(), values.data()));
  }
  void values(int variable, const std::vector<double>& values) {
    if (isOk() && !values.empty()) check(nc_put_var_double(m_file, variable, values.data()));
  }
  void strings(int variable, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const std::string& value : values) pointers.push_back(value.c_str());
    if (isOk()) check(nc_put_var_string(m_file, variable, pointers.data()));
  }

 private:
  int m_file;
  int m_status = NC_NOERR;
};

/// What stands along a dim beside its own coordinate: fwhm, names of bands.
struct Auxiliary {
  std::string name, unit;
  int dim = 0;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

class HeaderWriter {
 public:
  HeaderWriter(int file, const SinkRequest& request, const NetcdfLayout& layout)
      : m_file(file), m_spec(request.spec), m_layout(layout), m_writer(file) {}

  int write() {
    m_writer.text(NC_GLOBAL, "Conventions", "CF-1.8");
    for (const Dim& dim : m_spec.dims) {
      m_dims.push_back(m_writer.dim(dim.name, dim.size));
      m_names.insert(dim.name);
    }
    m_names.insert(netcdfVariableName(m_spec));
    for (std::size_t d = 0; d < m_spec.dims.size(); ++d) coordinate(d);
    for (Auxiliary& auxiliary : m_auxiliary) auxiliaryVariable(auxiliary);
    for (const AuxiliaryCoordinate& coordinate : m_spec.coordinates) coordinateVariable(coordinate);
    array();
    gridMapping();
    return m_writer.status();
  }

 private:
  bool isSpatial(std::size_t d) const {
    return m_spec.geobox && (static_cast<int>(d) == m_spec.yDim || static_cast<int>(d) == m_spec.xDim);
  }
  bool isTime(const Dim& dim) const { return dim.coordinate.unit == "datetime" || (dim.name == "time" && !dim.coordinate.labels.empty()); }

  static bool isScale(const std::string& name) { return name == "scale" || name == "offset"; }

  static std::vector<double> valuesOf(const Dim& dim) {
    std::vector<double> values;
    if (dim.coordinate.kind == Coordinate::Kind::None) return values;
    for (std::int64_t i = 0; i < dim.size; ++i) values.push_back(dim.coordinate.at(i));
    return values;
  }

  void coordinate(std::size_t d) {
    const Dim& dim = m_spec.dims[d];
    const Coordinate& c = dim.coordinate;
    std::vector<double> values = valuesOf(dim);
    bool hasTime = isTime(dim);
    if (hasTime && c.unit != "datetime") {
      // Numbers beside names only count them.
      std::vector<double> named;
      for (const std::string& label : c.labels)
        if (const auto seconds = parseDatetime(label)) named.push_back(*seconds);
      hasTime = named.size() == static_cast<std::size_t>(dim.size);
      if (hasTime) values = std::move(named);
    }
    const auto unitOf = [&](const std::string& name) { return name == "fwhm" ? c.unit : isScale(name) ? m_spec.unit : "1"; };
    for (const auto& [name, numbers] : c.aux)
      if (!isBound(name)) m_auxiliary.push_back({name, unitOf(name), static_cast<int>(d), numbers, {}});
    if (!hasTime && isNamed(dim)) {
      m_writer.strings(m_writer.variable(dim.name, NC_STRING, {m_dims[d]}), c.labels);
      return;
    }
    if (!hasTime && !c.labels.empty()) m_auxiliary.push_back({dim.name + "_name", "", static_cast<int>(d), {}, c.labels});
    if (values.empty()) return;
    if (hasTime) {
      dates(dim.name, {m_dims[d]}, std::move(values), "T", c.attributes, cellBounds(c));
      return;
    }
    const bool isWhole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v); });
    const PixelType type = dim.name == "band" && isWhole ? PixelType::Int64 : c.exactType(dim.size);
    const int id = m_writer.variable(dim.name, netcdfType(type), {m_dims[d]});
    if (isSpatial(d)) {
      describeSpatial(id, static_cast<int>(d) == m_spec.xDim);
    } else {
      if (c.unit == "nm") {
        m_writer.text(id, "standard_name", "radiation_wavelength");
        m_writer.text(id, "long_name", "wavelength");
      }
      const CfTimeWords time = timeWords(c.unit);
      m_writer.text(id, "units", time.units);
      if (looksLikeCfTime(time.units)) {
        m_writer.text(id, "standard_name", "time");
        m_writer.text(id, "calendar", time.calendar);
        m_writer.text(id, "axis", "T");
      }
      words(id, c.attributes);
    }
    bounds(id, dim.name, m_dims[d], netcdfType(c.type), cellBounds(c));
    m_writer.values(id, values);
  }

  /// The cells of a coordinate, as CF has them: without a unit of their own.
  void bounds(int id, const std::string& dim, int dimId, nc_type type, const std::vector<double>& cells) {
    if (cells.empty()) return;
    if (m_endsDim < 0) m_endsDim = m_writer.dim(freeName("bnds"), 2);
    const std::string name = freeName(dim + "_bnds");
    m_writer.text(id, "bounds", name);
    const bool isWhole = std::all_of(cells.begin(), cells.end(), [](double v) { return v == std::floor(v); });
    const bool isOfType = type == NC_DOUBLE || (type == NC_INT64 && isWhole);
    m_writer.values(m_writer.variable(name, isOfType ? type : NC_DOUBLE, {dimId, m_endsDim}), cells);
  }

  /// What a source says of a coordinate, where it is not said already.
  void words(int id, const std::map<std::string, std::string>& attributes) {
    for (const auto& [key, value] : attributes) {
      const std::string name = identifier(key);
      int known = 0;
      const bool isNew = m_writer.isOk() && nc_inq_attid(m_file, id, name.c_str(), &known) != NC_NOERR;
      if (isNew && name.front() != '_') m_writer.text(id, name, value);
    }
  }

  /// As whole numbers, which keep dates exact in every reader: seconds, or microseconds where there are fractions.
  void dates(const std::string& name, const std::vector<int>& dims, std::vector<double> seconds, const char* axis,
             const std::map<std::string, std::string>& attributes, std::vector<double> cells = {}) {
    const auto all = [&](auto&& holds) {
      return std::all_of(seconds.begin(), seconds.end(), holds) && std::all_of(cells.begin(), cells.end(), holds);
    };
    const bool isWhole = all([](double v) { return v == std::floor(v); });
    const bool isExact = all([](double v) { return std::abs(v) < 9e11; });
    if (isExact && !isWhole)
      for (std::vector<double>* numbers : {&seconds, &cells})
        for (double& value : *numbers) value = std::round(value * 1e6);
    const int id = m_writer.variable(name, isExact ? NC_INT64 : NC_DOUBLE, dims);
    m_writer.text(id, "standard_name", attributes.contains("standard_name") ? attributes.at("standard_name") : "time");
    m_writer.text(id, "units", isExact && !isWhole ? "microseconds since 1970-01-01 00:00:00" : "seconds since 1970-01-01 00:00:00");
    m_writer.text(id, "calendar", "proleptic_gregorian");
    m_writer.text(id, "axis", axis);
    words(id, attributes);
    if (!cells.empty()) bounds(id, name, dims[0], isExact ? NC_INT64 : NC_DOUBLE, cells);
    m_writer.values(id, seconds);
  }

  void coordinateVariable(const AuxiliaryCoordinate& coordinate) {
    const std::string name = freeName(coordinate.name);
    m_coordinates += (m_coordinates.empty() ? "" : " ") + name;
    std::vector<int> dims;
    for (const std::string& dim : coordinate.dims) dims.push_back(m_dims[static_cast<std::size_t>(m_spec.indexOf(dim))]);
    const Coordinate& c = *coordinate.values;
    if (c.unit == "datetime") {
      dates(name, dims, c.values, "", c.attributes);
      return;
    }
    const bool isText = c.kind == Coordinate::Kind::None;
    const int id = m_writer.variable(name, isText ? NC_STRING : netcdfType(c.exactType(coordinate.count())), dims);
    const CfTimeWords time = timeWords(c.unit);
    m_writer.text(id, "units", time.units);
    m_writer.text(id, "calendar", time.calendar);
    words(id, c.attributes);
    if (isText) {
      m_writer.strings(id, c.labels);
    } else {
      m_writer.values(id, c.values);
    }
  }

  std::string freeName(const std::string& wanted) {
    std::string name = identifier(wanted);
    while (!m_names.insert(name).second) name += "_";
    return name;
  }

  void describeSpatial(int id, bool isX) {
    const Crs& crs = m_spec.geobox->crs();
    m_writer.text(id, "axis", isX ? "X" : "Y");
    if (!crs.isValid()) {
      m_writer.text(id, "long_name", isX ? "column" : "row");
    } else if (crs.isGeographic()) {
      m_writer.text(id, "standard_name", isX ? "longitude" : "latitude");
      m_writer.text(id, "long_name", isX ? "longitude" : "latitude");
      m_writer.text(id, "units", isX ? "degrees_east" : "degrees_north");
    } else {
      m_writer.text(id, "standard_name", isX ? "projection_x_coordinate" : "projection_y_coordinate");
      m_writer.text(id, "long_name", isX ? "x coordinate of projection" : "y coordinate of projection");
      const std::string unit = crs.unitName();
      m_writer.text(id, "units", unit == "metre" ? "m" : identifier(unit));
    }
  }

  void auxiliaryVariable(Auxiliary& auxiliary) {
    if (m_names.contains(auxiliary.name)) auxiliary.name = m_spec.dims[static_cast<std::size_t>(auxiliary.dim)].name + "_" + auxiliary.name;
    if (!m_names.insert(auxiliary.name).second) return;
    const int id = m_writer.variable(auxiliary.name, auxiliary.texts.empty() ? NC_DOUBLE : NC_STRING,
                                     {m_dims[static_cast<std::size_t>(auxiliary.dim)]});
    m_coordinates += (m_coordinates.empty() ? "" : " ") + auxiliary.name;
    m_writer.text(id, "units", auxiliary.unit);
    if (auxiliary.name == "fwhm") m_writer.text(id, "long_name", "full width at half maximum");
    if (isScale(auxiliary.name)) m_writer.text(id, "long_name", auxiliary.name + " of the values: true value = value * scale + offset");
    if (auxiliary.name == "good") m_writer.text(id, "long_name", "1: good band, 0: bad band");
    if (auxiliary.texts.empty()) {
      m_writer.values(id, auxiliary.numbers);
    } else {
      m_writer.strings(id, auxiliary.texts);
    }
  }

  void array() {
    const int id = m_writer.variable(netcdfVariableName(m_spec), netcdfType(m_spec.type), m_dims);
    const std::vector<std::size_t> chunk(m_layout.chunk.begin(), m_layout.chunk.end());
    if (!m_writer.isOk()) return;
    if (m_layout.isCompressed) {
      m_writer.check(nc_def_var_chunking(m_file, id, NC_CHUNKED, chunk.data()));
      m_writer.check(nc_def_var_deflate(m_file, id, pixelTypeBytes(m_spec.type) > 1 ? 1 : 0, 1, kDeflateLevel));
    } else if (!m_spec.dims.empty()) {
      m_writer.check(nc_def_var_chunking(m_file, id, NC_CONTIGUOUS, nullptr));
    }
    if (m_spec.nodata) fill(id, *m_spec.nodata);
    if (m_spec.storedScale) {
      m_writer.numbers(id, "scale_factor", {m_spec.storedScale->factor});
      m_writer.numbers(id, "add_offset", {m_spec.storedScale->offset});
    }
    // Values without their scale have no unit: scale and offset have it.
    if (fitsOneScale(m_spec)) m_writer.text(id, "units", m_spec.unit);
    m_writer.text(id, "coordinates", m_coordinates);
    if (m_spec.geobox) m_writer.text(id, "grid_mapping", "spatial_ref");
    flags(id);
    for (const auto& [key, value] : m_spec.attributes) {
      const std::string name = identifier(key);
      if (!isOfSource(key) && !isOfSource(name) && !name.empty() && name.front() != '_') m_writer.text(id, name, value);
    }
  }

  /// The numbers of classes, which CF wants in the array's own type.
  void flags(int id) {
    const ClassFlags classes = classFlags(m_spec);
    for (const auto& [key, text] : classes.texts)
      if (!m_spec.attributes.contains(key)) m_writer.text(id, key, text);
    for (const char* key : {"flag_values", "flag_masks"}) {
      const std::vector<double> numbers = std::string_view(key) == "flag_values" ? classes.values : flagNumbers(m_spec, key);
      if (numbers.empty()) continue;
      dispatchRealType(m_spec.type, [&](auto sample) {
        using T = decltype(sample);
        std::vector<T> values;
        std::transform(numbers.begin(), numbers.end(), std::back_inserter(values), [](double number) { return convertPixel<T>(number); });
        m_writer.check(nc_put_att(m_file, id, key, netcdfType(m_spec.type), values.size(), values.data()));
      });
    }
  }

  void fill(int id, double nodata) {
    dispatchRealType(m_spec.type, [&](auto sample) {
      using T = decltype(sample);
      const T value = convertPixel<T>(nodata);
      m_writer.check(nc_put_att(m_file, id, "_FillValue", netcdfType(m_spec.type), 1, &value));
    });
  }

  void gridMapping() {
    if (!m_spec.geobox) return;
    const int id = m_writer.variable("spatial_ref", NC_INT, {});
    const Crs& crs = m_spec.geobox->crs();
    if (crs.isValid()) {
      const GridMappingWords words = gridMappingWords(crs);
      for (const auto& [name, value] : words.texts) m_writer.text(id, name, value);
      for (const auto& [name, values] : words.numbers) m_writer.numbers(id, name, values);
      const std::string wkt1 = crs.wkt1();
      m_writer.text(id, "crs_wkt", crs.wkt());
      m_writer.text(id, "spatial_ref", wkt1.empty() ? crs.wkt() : wkt1);
    }
    std::vector<std::string> numbers;
    for (const double number : m_spec.geobox->affine().geotransform()) numbers.push_back(formatNumber(number));
    m_writer.text(id, "GeoTransform", join(numbers, " "));
    m_writer.values(id, {0});
  }

  int m_file;
  const ArraySpec& m_spec;
  const NetcdfLayout& m_layout;
  Writer m_writer;
  std::vector<int> m_dims;
  int m_endsDim = -1;  ///< of the two ends of cells
  std::vector<Auxiliary> m_auxiliary;
  std::set<std::string> m_names{"spatial_ref"};
  std::string m_coordinates;
};

Failure netcdfFailure(const std::string& target, const char* what, int status) {
  return failAt(ErrorCode::WriteFailed, target, "'" + target + "': " + what + ": " + nc_strerror(status),
                "look for room and rights in its folder");
}

}  // namespace

std::string netcdfVariableName(const ArraySpec& spec) {
  std::string name = identifier(spec.variable.substr(spec.variable.rfind('/') + 1));
  const bool isTaken =
      name == "spatial_ref" ||
      std::any_of(spec.dims.begin(), spec.dims.end(),
                  [&](const Dim& dim) {
                    return dim.name == name || dim.name + "_name" == name || (!isBound(name) && dim.coordinate.aux.contains(name));
                  }) ||
      spec.coordinateNamed(name) != nullptr;
  if (name.empty()) return "data";
  return isTaken ? name + "_data" : name;
}

Result<void> writeNetcdfHeader(const std::string& path, const std::string& target, const SinkRequest& request, const NetcdfLayout& layout) {
  const Hdf5Lock lock;
  int file = -1;
  if (const int status = nc_create(path.c_str(), NC_NETCDF4 | NC_NOCLOBBER, &file); status != NC_NOERR)
    return netcdfFailure(target, "cannot be created", status);
  int unused = 0;
  nc_set_fill(file, NC_NOFILL, &unused);
  const int written = HeaderWriter(file, request, layout).write();
  const int closed = nc_close(file);
  if (written != NC_NOERR) return netcdfFailure(target, "its header cannot be written", written);
  if (closed != NC_NOERR) return netcdfFailure(target, "its header cannot be written to the disk", closed);
  return {};
}

Result<void> verifyNetcdf(const std::string& path, const std::string& target, const ArraySpec& spec) {
  const Hdf5Lock lock;
  int file = -1, variable = -1, rank = 0;
  nc_type type = 0;
  if (const int status = nc_open(path.c_str(), NC_NOWRITE, &file); status != NC_NOERR)
    return netcdfFailure(target, "failed its check before publishing", status);
  std::string problem;
  std::array<int, NC_MAX_VAR_DIMS> dims{};
  if (nc_inq_varid(file, netcdfVariableName(spec).c_str(), &variable) != NC_NOERR ||
      nc_inq_var(file, variable, nullptr, &type, &rank, dims.data(), nullptr) != NC_NOERR) {
    problem = "its array is not there";
  } else if (type != netcdfType(spec.type) || rank != static_cast<int>(spec.dims.size())) {
    problem = "its array has another type or rank";
  }
  for (std::size_t d = 0; problem.empty() && d < spec.dims.size(); ++d) {
    std::size_t size = 0;
    if (nc_inq_dimlen(file, dims[d], &size) != NC_NOERR || size != static_cast<std::size_t>(spec.dims[d].size))
      problem = "dim '" + spec.dims[d].name + "' has " + std::to_string(size) + " elements, not " + std::to_string(spec.dims[d].size);
  }
  nc_close(file);
  if (problem.empty()) return {};
  return failAt(ErrorCode::WriteFailed, target, "'" + target + "' failed its check before publishing: " + problem,
                "nothing was published; run again, and look at the disk if it comes back");
}

double netcdfHeaderBytes(const ArraySpec& spec) {
  double bytes = 64 * 1024;
  for (const Dim& dim : spec.dims) {
    const double perIndex = 8.0 * (1 + static_cast<double>(dim.coordinate.aux.size()));
    bytes += 4096 + perIndex * static_cast<double>(dim.size);
    for (const std::string& label : dim.coordinate.labels) bytes += 64 + static_cast<double>(label.size());
  }
  for (const AuxiliaryCoordinate& one : spec.coordinates) {
    bytes += 4096 + 8 * static_cast<double>(one.count());
    for (const std::string& label : one.values->labels) bytes += 64 + static_cast<double>(label.size());
  }
  for (const auto& [name, value] : spec.attributes) bytes += 256 + static_cast<double>(name.size() + value.size());
  return bytes;
}

}  // namespace cubeloom
