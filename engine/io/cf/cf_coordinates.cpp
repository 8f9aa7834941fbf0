// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_coordinates.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/array/cell_bounds.h"
#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/io/cf/cf_axes.h"
#include "engine/io/cf/cf_dates.h"

namespace cubeloom {
namespace {

using Notes = std::vector<std::string>;

bool isGridMapping(const StoredVariable& v) {
  return v.has("grid_mapping_name") || v.has("spatial_ref") || v.has("crs_wkt") || v.has("GeoTransform");
}

/// The names in an attribute `coordinates`, which blanks part.
void addNames(const std::string& attribute, std::vector<std::string>& names) {
  for (const std::string& word : split(attribute, ' '))
    if (const std::string_view name = trim(word); !name.empty()) names.emplace_back(name);
}

class CoordinateSetter {
 public:
  CoordinateSetter(CfVariables& variables, std::size_t index, ArraySpec& spec, Notes& notes)
      : m_variables(variables), m_variable(variables.at(index)), m_spec(spec), m_notes(notes), m_done{index} {
    // What describes the entries of a dim already.
    for (const Dim& dim : spec.dims) {
      m_known.insert(dim.name);
      if (!dim.coordinate.labels.empty()) m_known.insert(dim.name + "_name");
      for (const auto& [name, numbers] : dim.coordinate.aux)
        if (name == "good") {
          m_known.insert({"good", "good_wavelengths", "good_bands", "bbl"});
        } else if (!isBound(name)) {
          m_known.insert(name);
        }
    }
    addNames(m_variable.text("grid_mapping"), m_mappings);
  }

  void set() {
    std::vector<std::string> names;
    addNames(m_variable.text("coordinates"), names);
    for (const std::string& group : {m_variable.group, std::string()}) {
      const Attributes& attributes = m_variables.file().attributes(group);
      if (const auto found = attributes.find("coordinates"); found != attributes.end()) addNames(found->second.text, names);
    }
    for (const std::string& name : names)
      if (const auto found = m_variables.find(name, m_variable.group)) take(*found, true);
    if (!m_spec.isSpatial()) return;
    const std::set<int> pair{m_spec.yDim, m_spec.xDim};
    const auto& all = m_variables.file().variables();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!isLongitudeOrLatitude(all[i]) || isOfOtherSensor(all[i])) continue;
      const auto dims = perPixelDims(all[i], m_variable, m_spec);
      if (dims.size() >= 2 && std::set(dims.end() - 2, dims.end()) == pair) take(i, false);
    }
  }

 private:
  /// Latitude_SWIR beside VNIR_Cube.
  bool isOfOtherSensor(const StoredVariable& v) const {
    for (const char* sensor : {"VNIR", "SWIR"})
      if (v.name.ends_with(std::string("_") + sensor) && !m_variable.name.starts_with(sensor)) return true;
    return false;
  }

  /// The array's dims along which it lies; nothing when it lies along others or has another size. One time alone is not said.
  std::optional<std::vector<std::string>> dimsOf(const StoredVariable& v) const {
    std::vector<int> places = isLongitudeOrLatitude(v) ? perPixelDims(v, m_variable, m_spec) : std::vector<int>();
    if (places.size() == 3 && v.shape[0] == 1) places.erase(places.begin());
    std::vector<std::string> names;
    names.reserve(v.dims.size());
    for (const int d : places) names.push_back(m_spec.dims[static_cast<std::size_t>(d)].name);
    if (!names.empty()) return names;
    for (std::size_t k = 0; k < v.dims.size(); ++k) {
      const int d = m_spec.indexOf(v.dims[k]);
      if (d < 0 || m_spec.dims[static_cast<std::size_t>(d)].size != v.shape[k]) return std::nullopt;
      names.push_back(v.dims[k]);
    }
    return names;
  }

  void take(std::size_t index, bool isNamed) {
    const StoredVariable& v = m_variables.at(index);
    const bool isMapping = isGridMapping(v) || std::find(m_mappings.begin(), m_mappings.end(), v.name) != m_mappings.end();
    if (isMapping || m_known.contains(v.name) || !m_done.insert(index).second || m_spec.coordinateNamed(v.name) != nullptr) return;
    const auto dims = dimsOf(v);
    if (!dims) return;  // of other variables of the file
    AuxiliaryCoordinate one{v.name, *dims, nullptr};
    Coordinate c;
    if (!v.texts.empty()) {
      c.labels = v.texts;
    } else if (!readNumbers(index, c)) {
      if (isNamed) m_notes.push_back("the coordinate \"" + v.path() + "\" is left out: " + whyUnread(v));
      return;
    }
    c.attributes = coordinateWords(v);
    one.values = std::make_shared<const Coordinate>(std::move(c));
    m_spec.setCoordinate(std::move(one));
  }

  static std::string whyUnread(const StoredVariable& v) {
    if (!v.refusal.empty()) return v.refusal;
    return v.type ? "its values are too many, or cannot be read" : "it is neither of numbers nor of texts that are read";
  }

  bool readNumbers(std::size_t index, Coordinate& c) {
    const StoredVariable& v = m_variables.at(index);
    if (!v.type || isComplex(*v.type)) return false;
    const std::vector<double>& numbers = m_variables.numbers(index);
    double count = 1;
    for (const std::int64_t side : v.shape) count *= static_cast<double>(side);
    if (numbers.empty() || static_cast<double>(numbers.size()) != count) return false;
    const ValueDecoder decoder = CfVariables::decoder(v);
    c.kind = Coordinate::Kind::Values;
    c.values = numbers;
    c.type = decoder.result;
    c.unit = coordinateUnit({v.text("units"), v.text("calendar")});
    for (const double fill : decoder.fills)
      for (double& value : c.values)
        if (value == fill) value = NAN;
    setDates(v, c, m_notes);
    return true;
  }

  CfVariables& m_variables;
  const StoredVariable& m_variable;
  ArraySpec& m_spec;
  Notes& m_notes;
  std::set<std::size_t> m_done;
  std::set<std::string, std::less<>> m_known;
  std::vector<std::string> m_mappings;
};

}  // namespace

void setAuxiliaryCoordinates(CfVariables& variables, std::size_t index, ArraySpec& spec, Notes& notes) {
  CoordinateSetter(variables, index, spec, notes).set();
}

std::map<std::string, std::string> coordinateWords(const StoredVariable& variable) {
  static const std::set<std::string, std::less<>> kConsumed{
      "units",          "calendar",      "bounds",    "coordinates", "grid_mapping",   "_FillValue",  "CLASS",    "NAME",
      "DIMENSION_LIST", "_Netcdf4Dimid", "_Unsigned", "dtype",       "REFERENCE_LIST", "climatology", "_Storage", "missing_value"};
  constexpr std::size_t kMaxBytes = 4096;
  std::map<std::string, std::string> words;
  for (const auto& [name, value] : variable.attributes)
    if (!kConsumed.contains(name) && value.numbers.empty() && !value.text.empty() && value.text.size() <= kMaxBytes)
      words.emplace(name, value.text);
  return words;
}

}  // namespace cubeloom
