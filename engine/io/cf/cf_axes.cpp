// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_axes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/array/cell_bounds.h"
#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/io/cf/cf_coordinates.h"
#include "engine/io/cf/cf_dates.h"
#include "engine/io/cf/cf_grid_mapping.h"
#include "engine/io/cf/cf_spectral.h"

namespace cubeloom {
namespace {

using Notes = std::vector<std::string>;
enum class Axis { None, X, Y };
constexpr const char* kPlacesPerPixel = "longitudes and latitudes are given per pixel and not applied: the grid is in pixels";

template <std::size_t n>
bool isOneOf(const std::string& word, const std::array<const char*, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "degrees_east" in all of CF's spellings, and with a blank as EMIT has it; `side` is "e" or "n".
bool isDegrees(std::string units, char side) {
  units = toLower(trim(units));
  std::replace(units.begin(), units.end(), ' ', '_');
  for (const char* word : {"degrees", "degree", "degs", "deg", "decimal_degrees"})
    for (const std::string& ending :
         side == 'e' ? std::vector<std::string>{"_east", "_e", "e"} : std::vector<std::string>{"_north", "_n", "n"})
      if (units == word + ending) return true;
  return false;
}

/// A longitude or latitude per pixel of a swath, by its name where its unit names no direction; PRISMA's name their sensor, too.
bool isPerPixel(const StoredVariable& v, const char* brief, const char* name) {
  const std::string units = toLower(trim(v.text("units"))), own = toLower(v.name);
  const bool isNamed = own == brief || own == name || own == std::string("nav_") + brief || own.starts_with(std::string(name) + "_vnir") ||
                       own.starts_with(std::string(name) + "_swir");
  return v.shape.size() == 2 && isNamed && isOneOf(units, std::array{"", "degrees", "degree", "deg", "decimal degrees"});
}

bool isLongitude(const StoredVariable& v) {
  return isDegrees(v.text("units"), 'e') || toLower(v.text("standard_name")) == "longitude" || isPerPixel(v, "lon", "longitude");
}
bool isLatitude(const StoredVariable& v) {
  return isDegrees(v.text("units"), 'n') || toLower(v.text("standard_name")) == "latitude" || isPerPixel(v, "lat", "latitude");
}

Axis axisByAttributes(const StoredVariable& v) {
  const std::string axis = toLower(v.text("axis")), name = toLower(v.text("standard_name"));
  if (axis == "x" || isLongitude(v) ||
      isOneOf(name, std::array{"projection_x_coordinate", "projection_x_angular_coordinate", "grid_longitude"}))
    return Axis::X;
  if (axis == "y" || isLatitude(v) ||
      isOneOf(name, std::array{"projection_y_coordinate", "projection_y_angular_coordinate", "grid_latitude"}))
    return Axis::Y;
  return Axis::None;
}

Axis axisByName(const std::string& dim) {
  const std::string name = toLower(dim);
  if (isOneOf(name, std::array{"x", "lon", "longitude", "easting", "eastings"})) return Axis::X;
  if (isOneOf(name, std::array{"y", "lat", "latitude", "northing", "northings"})) return Axis::Y;
  return Axis::None;
}

/// The grid mapping's attributes; the variable's own where it has the CRS itself, as older rioxarray wrote it and GDAL does in Zarr. Of
/// several the one of the dims `y` and `x`.
const Attributes* gridMapping(const CfVariables& variables, const StoredVariable& v, const Dim& y, const Dim& x, Notes& notes) {
  if (const std::string text(trim(v.text("grid_mapping"))); !text.empty()) {
    const auto name = gridMappingOf(text, y.name, x.name);
    if (!name) {
      notes.push_back("the grid mapping \"" + text + "\" is not applied: it is not of the coordinates \"" + y.name + "\" and \"" + x.name +
                      "\"");
      return nullptr;
    }
    if (const auto found = variables.find(*name, v.group)) return &variables.at(*found).attributes;
    notes.push_back("the grid mapping \"" + text + "\" is not in the file");
  }
  if (v.has("crs_wkt") || v.has("spatial_ref") || v.has("_CRS")) return &v.attributes;
  for (const char* usual : {"spatial_ref", "crs"})
    if (const auto found = variables.find(usual, v.group))
      if (const StoredVariable& mapping = variables.at(*found);
          mapping.has("crs_wkt") || mapping.has("spatial_ref") || mapping.has("grid_mapping_name"))
        return &mapping.attributes;
  return nullptr;
}

/// What the coordinates say of themselves: degrees of longitude and latitude, lengths, or neither.
CoordinateKind kindOf(const StoredVariable* y, const StoredVariable* x) {
  if (y == nullptr || x == nullptr) return CoordinateKind::Unknown;
  if (isLongitude(*x) && isLatitude(*y)) return CoordinateKind::Degrees;
  const auto isLength = [](const StoredVariable& v) {
    return isOneOf(toLower(trim(v.text("units"))),
                   std::array{"m", "metre", "metres", "meter", "meters", "km", "kilometer", "kilometers", "kilometre", "kilometres"});
  };
  return isLength(*y) && isLength(*x) ? CoordinateKind::Lengths : CoordinateKind::Unknown;
}

/// GDAL's six numbers from a GeoTransform attribute.
std::optional<Affine> geoTransform(const Attributes* mapping) {
  if (mapping == nullptr) return std::nullopt;
  const auto found = mapping->find("GeoTransform");
  if (found == mapping->end()) return std::nullopt;
  std::array<double, 6> numbers{};
  std::size_t count = 0;
  std::string text = found->second.text;
  std::replace(text.begin(), text.end(), ',', ' ');
  for (const std::string& word : split(text, ' ')) {
    if (trim(word).empty()) continue;
    const auto number = parseNumber(word);
    if (!number || !std::isfinite(*number) || count == numbers.size()) return std::nullopt;
    numbers[count++] = *number;
  }
  const Affine affine = Affine::fromGeotransform(numbers);
  if (count != numbers.size() || affine.determinant() == 0) return std::nullopt;
  return affine;
}

/// "+a=6371007 +proj=sinu": a PROJ string with its words sorted, as rasterio once wrote it, with the projection first.
std::string projFirst(const std::string& text) {
  const std::size_t at = text.find("+proj=");
  if (at == std::string::npos || at == 0) return text;
  const std::size_t end = std::min(text.find(' ', at), text.size());
  return text.substr(at, end - at) + " " + text.substr(0, at) + text.substr(end);
}

/// First value and step of evenly spaced numbers.
struct Line {
  double start = 0, step = 0;  ///< step 0: one value, or none of a line
};

/// `isSingle`: kept in float32, of whose numbers only so many digits are known.
std::optional<Line> lineOf(const std::vector<double>& values, bool isSingle) {
  constexpr double kSingleDigits = 2.4e-7;
  if (values.empty()) return std::nullopt;
  if (values.size() == 1) return std::isfinite(values[0]) ? std::optional(Line{values[0], 0}) : std::nullopt;
  const double step = (values.back() - values.front()) / static_cast<double>(values.size() - 1);
  if (!std::isfinite(step) || step == 0) return std::nullopt;
  const double largest = std::max(std::abs(values.front()), std::abs(values.back()));
  const double allowed = std::max(kRegularWithinPixels * std::abs(step), isSingle ? kSingleDigits * largest : 0);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(std::abs(values[i] - (values.front() + static_cast<double>(i) * step)) <= allowed)) return std::nullopt;
  return Line{values.front(), step};
}

/// Longitudes that pass the end of their circle (350, 355, 0, 5) as they go on (350, 355, 360, 365).
std::vector<double> goneRound(std::vector<double> longitudes) {
  constexpr double kCircle = 360;
  for (std::size_t i = 1; i < longitudes.size(); ++i) longitudes[i] -= kCircle * std::round((longitudes[i] - longitudes[i - 1]) / kCircle);
  return longitudes;
}

class AxisSetter {
 public:
  AxisSetter(CfVariables& variables, std::size_t index, ArraySpec& spec, Notes& notes)
      : m_variables(variables), m_variable(variables.at(index)), m_spec(spec), m_notes(notes) {}

  void set() {
    for (const Dim& dim : m_spec.dims) m_coordinates.push_back(m_variables.coordinate(dim.name, dim.size, m_variable.group));
    findSpatialPair();
    for (std::size_t d = 0; d < m_spec.dims.size(); ++d) {
      if (static_cast<int>(d) == m_spec.yDim || static_cast<int>(d) == m_spec.xDim) continue;
      if (!setWavelengths(m_variables, m_variable.group, m_spec.dims[d], m_notes) && m_coordinates[d]) {
        setValues(d);
        setBesideWavelengths(m_variables, m_variable.group, m_spec.dims[d]);
      }
      setLabels(d);
    }
    if (m_spec.isSpatial()) setGrid();
    for (std::size_t d = 0; d < m_spec.dims.size(); ++d)
      if (m_coordinates[d]) takeBounds(d);
  }

 private:
  void findSpatialPair() {
    std::array<int, 2> byAttributes{-1, -1}, byName{-1, -1};
    const auto take = [](std::array<int, 2>& pair, Axis axis, int d) {
      if (axis == Axis::None) return;
      int& place = pair[axis == Axis::X ? 1 : 0];
      if (place < 0) place = d;
    };
    for (std::size_t d = 0; d < m_spec.dims.size(); ++d) {
      if (m_coordinates[d]) take(byAttributes, axisByAttributes(m_variables.at(*m_coordinates[d])), static_cast<int>(d));
      take(byName, axisByName(m_spec.dims[d].name), static_cast<int>(d));
    }
    std::array<int, 2> pair{-1, -1};
    if (byAttributes[0] >= 0 && byAttributes[1] >= 0) {
      pair = byAttributes;
    } else if (byName[0] >= 0 && byName[1] >= 0) {
      pair = byName;
    } else {
      pair = swathPair();
    }
    m_spec.yDim = pair[0];
    m_spec.xDim = pair[1];
  }

  /// The dims of two-dimensional longitudes: a swath, or a curvilinear grid.
  std::array<int, 2> swathPair() const {
    for (const StoredVariable& other : m_variables.file().variables()) {
      if (!isLongitude(other)) continue;
      const auto dims = perPixelDims(other, m_variable, m_spec);
      if (dims.size() >= 2) return {dims[dims.size() - 2], dims[dims.size() - 1]};
    }
    return {-1, -1};
  }

  bool hasCurvilinear() const {
    const auto& all = m_variables.file().variables();
    return std::any_of(all.begin(), all.end(), [&](const StoredVariable& other) {
      const auto dims = isLongitude(other) ? perPixelDims(other, m_variable, m_spec) : std::vector<int>();
      return dims.size() >= 2 && dims[dims.size() - 2] == m_spec.yDim && dims[dims.size() - 1] == m_spec.xDim;
    });
  }

  void setValues(std::size_t d) {
    Coordinate& c = m_spec.dims[d].coordinate;
    const StoredVariable& variable = m_variables.at(*m_coordinates[d]);
    const std::vector<double>& numbers = m_variables.numbers(*m_coordinates[d]);
    if (numbers.size() != static_cast<std::size_t>(m_spec.dims[d].size)) {
      m_notes.push_back("the coordinate \"" + variable.path() + "\" is left out: it cannot be read");
      return;
    }
    c.kind = Coordinate::Kind::Values;
    c.values = numbers;
    c.unit = coordinateUnit({variable.text("units"), variable.text("calendar")});
    c.type = isInteger(variable.type.value_or(PixelType::Float64)) ? *variable.type : PixelType::Float64;
    // A date that is missing is none, rather than the one that its fill value would be.
    for (const double fill : looksLikeCfTime(c.unit) ? CfVariables::decoder(variable).fills : std::vector<double>())
      std::replace(c.values.begin(), c.values.end(), fill, std::nan(""));
    c.attributes = coordinateWords(variable);
    setDates(variable, c, m_notes);
  }

  /// The cells of a coordinate, where it still has the numbers that its file has.
  void takeBounds(std::size_t d) {
    const StoredVariable& variable = m_variables.at(*m_coordinates[d]);
    Coordinate& c = m_spec.dims[d].coordinate;
    for (const char* attribute : {"bounds", "climatology"}) {
      const std::string name(trim(variable.text(attribute)));
      const auto found = name.empty() ? std::nullopt : m_variables.find(name, variable.group);
      if (!found) continue;
      const auto bounds = std::string_view(attribute) == "bounds" ? boundsOf(d, *found) : std::nullopt;
      if (bounds) {
        setCellBounds(c, *bounds);
      } else {
        m_notes.push_back("the bounds \"" + name + "\" of \"" + variable.path() + "\" do not go with the array: its entries alone do");
      }
    }
  }

  /// Begin and end of each entry, in the unit that the coordinate has; nothing where they cannot be had in it.
  std::optional<std::vector<double>> boundsOf(std::size_t d, std::size_t index) {
    const StoredVariable &variable = m_variables.at(*m_coordinates[d]), &bounds = m_variables.at(index);
    const Coordinate& c = m_spec.dims[d].coordinate;
    const std::int64_t size = m_spec.dims[d].size;
    if (c.kind == Coordinate::Kind::None || bounds.shape != std::vector<std::int64_t>{size, 2} || !bounds.type || isComplex(*bounds.type))
      return std::nullopt;
    Coordinate cells;
    cells.kind = Coordinate::Kind::Values;
    cells.values = m_variables.numbers(index);
    if (cells.values.size() != 2 * static_cast<std::size_t>(size)) return std::nullopt;
    const bool hasOwn = !trim(bounds.text("units")).empty();  // CF: else those of the coordinate
    const auto word = [&](const char* key) { return hasOwn && !bounds.text(key).empty() ? bounds.text(key) : variable.text(key); };
    cells.unit = coordinateUnit({word("units"), word("calendar")});
    if (looksLikeCfTime(cells.unit)) {
      StoredVariable described = variable;
      described.attributes["units"].text = word("units");
      Notes same;  // what is odd of the dates is said of the coordinate's own
      setDates(described, cells, same);
      return cells.unit == c.unit ? std::optional(cells.values) : std::nullopt;
    }
    // In other units than the file's there is no saying what the bounds would be.
    const std::vector<double>& numbers = m_variables.numbers(*m_coordinates[d]);
    if (hasOwn && trim(bounds.text("units")) != trim(variable.text("units"))) return std::nullopt;
    const double step = size > 1 ? std::abs(c.at(1) - c.at(0)) : std::abs(c.at(0));
    for (std::int64_t i = 0; i < size; ++i)
      if (!(std::abs(c.at(i) - numbers[static_cast<std::size_t>(i)]) <= kRegularWithinPixels * step)) return std::nullopt;
    return cells.values;
  }

  /// Texts along the dim: names beside its numbers, or instead of them.
  void setLabels(std::size_t d) {
    const Dim& dim = m_spec.dims[d];
    Coordinate& c = m_spec.dims[d].coordinate;
    if (!c.labels.empty()) return;
    const std::vector<std::string>* labels = nullptr;
    if (c.kind == Coordinate::Kind::None) labels = m_variables.texts(dim.name, dim.name, dim.size, m_variable.group);
    for (const StoredVariable& other : m_variables.file().variables())  // EMIT's mask_bands and observation_bands
      if (labels == nullptr && dim.name == "bands" && other.name.ends_with("_bands"))
        labels = m_variables.texts(other.name, dim.name, dim.size, other.group);
    if (labels == nullptr) labels = m_variables.texts(dim.name + "_name", dim.name, dim.size, m_variable.group);
    if (labels == nullptr) return;
    c.labels = *labels;
    if (c.kind != Coordinate::Kind::None || setDatesOfTexts(dim.name, c)) return;
    c.kind = Coordinate::Kind::Regular;
    c.start = 1;
    c.unit = "1";
  }

  const StoredVariable* coordinateOf(int d) const {
    const auto& found = m_coordinates[static_cast<std::size_t>(d)];
    return found ? &m_variables.at(*found) : nullptr;
  }
  std::optional<Line> alongDim(int d) {
    const auto& found = m_coordinates[static_cast<std::size_t>(d)];
    if (!found) return std::nullopt;
    const StoredVariable& variable = m_variables.at(*found);
    const bool isSingle = variable.type == PixelType::Float32;
    const auto line = lineOf(m_variables.numbers(*found), isSingle);
    return line || !isLongitude(variable) ? line : lineOf(goneRound(m_variables.numbers(*found)), isSingle);
  }

  /// Pixel centres to the CRS's own unit: kilometres, and the scanning angles of a geostationary view.
  static double factorOf(const StoredVariable* coordinate, const Crs& crs, const Attributes* mapping) {
    if (coordinate == nullptr) return 1;
    const std::string unit = toLower(trim(coordinate->text("units")));
    if (isOneOf(unit, std::array{"km", "kilometer", "kilometers", "kilometre", "kilometres"}) && crs.isValid() && !crs.isGeographic())
      return 1000 / crs.unitInMetres();
    double angle = 0;
    if (isOneOf(unit, std::array{"rad", "radian", "radians"})) angle = 1;
    if (isOneOf(unit, std::array{"microradian", "microradians"})) angle = 1e-6;
    if (angle == 0 || mapping == nullptr) return 1;
    const auto height = mapping->find("perspective_point_height");
    return height == mapping->end() || height->second.numbers.empty() ? 1 : angle * height->second.numbers.front();
  }

  Crs crsOf(const Attributes* mapping, const StoredVariable* y, const StoredVariable* x) {
    if (mapping != nullptr) return crsFromGridMapping(*mapping, kindOf(y, x), m_notes);
    if (const std::string text = projFirst(m_variable.text("crs")); !text.empty())
      if (auto crs = Crs::fromUser(text)) return *crs;
    if (x != nullptr && y != nullptr && isLongitude(*x) && isLatitude(*y)) {
      m_notes.emplace_back("no grid mapping: longitudes and latitudes are taken as WGS 84 (EPSG:4326)");
      return Crs::fromUser("EPSG:4326").value_or(Crs());
    }
    m_notes.emplace_back(hasCurvilinear() ? kPlacesPerPixel : "no grid mapping: the CRS is unknown");
    return {};
  }

  void setGrid() {
    const std::int64_t rows = m_spec.dims[static_cast<std::size_t>(m_spec.yDim)].size;
    const std::int64_t cols = m_spec.dims[static_cast<std::size_t>(m_spec.xDim)].size;
    const StoredVariable *y = coordinateOf(m_spec.yDim), *x = coordinateOf(m_spec.xDim);
    Notes mappingNotes;
    const Attributes* mapping = gridMapping(m_variables, m_variable, m_spec.dims[static_cast<std::size_t>(m_spec.yDim)],
                                            m_spec.dims[static_cast<std::size_t>(m_spec.xDim)], mappingNotes);
    const auto transform = geoTransform(mapping);
    if (x == nullptr || y == nullptr) {
      if (transform && x == nullptr && y == nullptr) {
        m_spec.setGeobox(GeoBox(rows, cols, *transform, crsOf(mapping, y, x)));
        return;
      }
      m_notes.emplace_back(hasCurvilinear() ? kPlacesPerPixel
                                            : "no coordinates for y and x: the grid is in pixels, its place on the ground is unknown");
      m_spec.setGeobox(GeoBox(rows, cols, Affine{}, Crs()));
      return;
    }
    m_notes.insert(m_notes.end(), mappingNotes.begin(), mappingNotes.end());
    const Crs crs = crsOf(mapping, y, x);
    const auto alongY = alongDim(m_spec.yDim), alongX = alongDim(m_spec.xDim);
    if (!alongY || !alongX) {
      const StoredVariable* uneven = alongY ? x : y;
      m_notes.push_back("the coordinate \"" + uneven->path() + "\" is not evenly spaced: there is no grid");
      const int pair[2] = {m_spec.yDim, m_spec.xDim};
      m_spec.yDim = m_spec.xDim = -1;
      for (const int d : pair) setValues(static_cast<std::size_t>(d));
      return;
    }
    const double yFactor = factorOf(y, crs, mapping), xFactor = factorOf(x, crs, mapping);
    Line ly{alongY->start * yFactor, alongY->step * yFactor}, lx{alongX->start * xFactor, alongX->step * xFactor};
    completeSteps(ly, lx, transform);
    Affine affine{lx.step, 0, lx.start - lx.step / 2, 0, ly.step, ly.start - ly.step / 2};
    if (transform && agrees(*transform, affine, rows, cols)) affine = *transform;
    m_spec.setGeobox(GeoBox(rows, cols, affine, crs));
    for (const auto& [d, variable] : {std::pair(m_spec.yDim, y), std::pair(m_spec.xDim, x)})
      if (isInteger(variable->type.value_or(PixelType::Float64)))
        m_spec.dims[static_cast<std::size_t>(d)].coordinate.type = *variable->type;
  }

  /// One row or column has no step: that of the other, or of the GeoTransform.
  void completeSteps(Line& y, Line& x, const std::optional<Affine>& transform) {
    if (y.step != 0 && x.step != 0) return;
    if (transform && transform->isAxisAligned()) {
      if (y.step == 0) y.step = transform->e;
      if (x.step == 0) x.step = transform->a;
      return;
    }
    const double side = std::max(std::abs(y.step), std::abs(x.step));
    if (y.step == 0) y.step = side > 0 ? -side : -1;
    if (x.step == 0) x.step = side > 0 ? side : 1;
    m_notes.emplace_back("a single row or column has no pixel size of its own: square pixels are assumed");
  }

  /// Whether the corners of the grid agree to a hundredth of a pixel: then the written transform is the more exact.
  static bool agrees(const Affine& written, const Affine& computed, std::int64_t rows, std::int64_t cols) {
    if (!written.isAxisAligned()) return false;
    for (const double end : {0.0, 1.0}) {
      const double col = end * static_cast<double>(cols), row = end * static_cast<double>(rows);
      if (std::abs(written.x(col, row) - computed.x(col, row)) > kRegularWithinPixels * std::abs(computed.a) ||
          std::abs(written.y(col, row) - computed.y(col, row)) > kRegularWithinPixels * std::abs(computed.e))
        return false;
    }
    return true;
  }

  CfVariables& m_variables;
  const StoredVariable& m_variable;
  ArraySpec& m_spec;
  Notes& m_notes;
  std::vector<std::optional<std::size_t>> m_coordinates;
};

}  // namespace

bool isLongitudeOrLatitude(const StoredVariable& variable) { return isLongitude(variable) || isLatitude(variable); }

std::vector<int> perPixelDims(const StoredVariable& v, const StoredVariable& array, const ArraySpec& spec) {
  if (v.dims.size() < 2 || v.dims.size() > 3 || v.dims.size() > spec.dims.size()) return {};
  const auto above = [](const std::string& group) { return group.substr(0, std::min(group.rfind('/'), group.size())); };
  const bool isBeside = v.group == array.group || above(v.group) == above(array.group);
  const auto isFree = [&](const std::vector<int>& taken, int d) { return std::find(taken.begin(), taken.end(), d) == taken.end(); };
  std::vector<int> found;
  for (std::size_t k = 0; k < v.dims.size(); ++k) {
    int d = spec.indexOf(v.dims[k]);
    const bool hasNoName = v.dims[k].starts_with("phony_dim_") && isBeside;
    if (d < 0 && (hasNoName || v.dims[k] == "pixel_control_points"))
      for (int other = 0; d < 0 && other < static_cast<int>(spec.dims.size()); ++other)
        if (spec.dims[static_cast<std::size_t>(other)].size == v.shape[k] && isFree(found, other)) d = other;
    if (d < 0 || !isFree(found, d) || spec.dims[static_cast<std::size_t>(d)].size != v.shape[k]) return {};
    found.push_back(d);
  }
  return found;
}

bool isCalledBounds(const StoredVariable& variable) {
  const std::string name = toLower(variable.name);
  const std::int64_t ends = variable.shape.size() < 2 ? 0 : variable.shape.back();
  return (ends == 2 || ends == 4) && (name.ends_with("_bnds") || name.ends_with("_bounds"));
}

bool isAuxiliary(const StoredVariable& variable) {
  const bool isLookup = variable.name == "glt_x" || variable.name == "glt_y";
  return isLookup || isLongitudeOrLatitude(variable) || variable.name.ends_with("_bnds") || variable.name.ends_with("_bounds");
}

void setAxes(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes) {
  AxisSetter(variables, index, spec, notes).set();
}

}  // namespace cubeloom
