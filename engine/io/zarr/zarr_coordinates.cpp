// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_coordinates.h"

#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "engine/array/block.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/io/cf/cf_calendar.h"
#include "engine/io/source/value_decoder.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

/// A stored element from an attribute, the way JSON has it; empty when it cannot be one of `type`.
std::vector<std::byte> elementOf(const Json& value, PixelType type) {
  const Json& one = value.is_array() && value.size() == 1 ? value[0] : value;
  double number = 0;
  if (one.is_string() && isFloating(type)) {
    const auto parsed = parseNumber(one.get<std::string>());
    if (!parsed) return {};
    number = *parsed;
  } else if (one.is_number()) {
    number = one.get<double>();
  } else {
    return {};
  }
  if (isComplex(type)) return {};
  std::vector<std::byte> element(pixelTypeBytes(type));
  bool fits = true;
  dispatchRealType(type, [&](auto sample) {
    using T = decltype(sample);
    T typed = convertPixel<T>(number);
    if constexpr (std::is_integral_v<T>) {
      // Through the integer where there is one: 64 bits do not fit a double. A negative one in an unsigned type is the same bits.
      if (one.is_number_integer())
        typed = static_cast<T>(one.is_number_unsigned() ? one.get<std::uint64_t>() : static_cast<std::uint64_t>(one.get<std::int64_t>()));
      fits = one.is_number_integer() || static_cast<double>(typed) == number;
    }
    std::memcpy(element.data(), &typed, sizeof(T));
  });
  return fits ? element : std::vector<std::byte>{};
}

/// A unit of length as CF writes it, in metres; 1 for all others.
double kilometres(const std::string& unit) {
  const std::string lower = toLower(unit);
  return lower == "km" || lower == "kilometer" || lower == "kilometers" || lower == "kilometre" || lower == "kilometres" ? 1000 : 1;
}

std::vector<double> numbersOf(const ZarrArray& array, const std::vector<std::byte>& bytes) {
  std::vector<double> values(bytes.size() / array.elementBytes);
  const auto count = static_cast<std::int64_t>(values.size());
  if (const auto packed = zarrPacking(array)) {
    PackedValues wide = *packed;
    wide.value = PixelType::Float64;
    wide.unpack(bytes.data(), count, false, reinterpret_cast<std::byte*>(values.data()));
    return values;
  }
  auto* from = const_cast<std::byte*>(bytes.data());
  copyBlock(denseView(from, array.type, {count}), denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, {count}));
  return values;
}

std::vector<std::string> textsOf(const ZarrArray& array, const std::vector<std::byte>& bytes) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + array.elementBytes <= bytes.size(); at += array.elementBytes) {
    std::string text;
    if (array.kind == ZarrArray::Kind::Bytes) {
      text.assign(reinterpret_cast<const char*>(bytes.data() + at), array.elementBytes);
      text = wellFormed(text.substr(0, text.find_last_not_of('\0') + 1));
    } else {
      for (std::size_t i = 0; i < array.elementBytes; i += 4) {
        std::uint32_t code = 0;
        std::memcpy(&code, bytes.data() + at + i, 4);
        if (code != 0) appendUtf8(text, code);
      }
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::optional<double> datetimeStep(const std::string& unit) {
  if (unit == "ns") return 1e-9;
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "D") return 86400;
  return std::nullopt;
}

void setTimes(Coordinate& c, const std::vector<double>& numbers, const CfTimeUnit& unit) {
  c.kind = Coordinate::Kind::Values;
  c.unit = "datetime";
  for (const double number : numbers) {
    c.values.push_back(unit.toSeconds(number));
    c.labels.push_back(formatDatetime(c.values.back()));
  }
}

/// Evenly spaced to the bit, else one by one.
void setNumbers(Coordinate& c, std::vector<double> values) {
  const double step = values.size() > 1 ? values[1] - values[0] : 1;
  bool even = !values.empty() && std::isfinite(values[0]) && step != 0 && std::isfinite(step);
  for (std::size_t i = 0; even && i < values.size(); ++i) even = values[i] == values[0] + static_cast<double>(i) * step;
  if (even) {
    c.kind = Coordinate::Kind::Regular;
    c.start = values[0];
    c.step = step;
  } else {
    c.kind = Coordinate::Kind::Values;
    c.values = std::move(values);
  }
}

}  // namespace

std::optional<double> attributeNumber(const Json& attributes, const char* key) {
  const auto found = attributes.find(key);
  if (found == attributes.end()) return std::nullopt;
  const Json& value = found->is_array() && found->size() == 1 ? (*found)[0] : *found;
  if (value.is_number()) return value.get<double>();
  return std::nullopt;
}

std::string attributeText(const Json& attributes, const char* key) {
  const auto found = attributes.find(key);
  return found != attributes.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::byte> zarrMissing(const ZarrArray& array) {
  if (array.kind != ZarrArray::Kind::Number || isComplex(array.type)) return {};
  if (const auto declared = array.attributes.find("_FillValue"); declared != array.attributes.end())
    if (auto element = elementOf(*declared, array.type); !element.empty()) return element;
  if (!array.fill.empty()) return array.fill;
  if (const auto missing = array.attributes.find("missing_value"); missing != array.attributes.end())
    return elementOf(*missing, array.type);
  return {};
}

std::optional<PackedValues> zarrPacking(const ZarrArray& array) {
  if (array.kind != ZarrArray::Kind::Number || isComplex(array.type)) return std::nullopt;
  const auto scale = attributeNumber(array.attributes, "scale_factor"), offset = attributeNumber(array.attributes, "add_offset");
  if (!scale && !offset) return std::nullopt;
  std::vector<std::byte> missing = zarrMissing(array);
  const PixelType value = ValueDecoder::resultType(array.type, offset.has_value(), !missing.empty());
  return PackedValues{array.type, value, scale.value_or(1), offset.value_or(0), std::move(missing)};
}

std::vector<std::string> zarrDimNames(const ZarrArray& array, std::vector<std::string>& notes) {
  std::vector<std::string> names;
  const auto given = array.attributes.find("_ARRAY_DIMENSIONS");
  if (given != array.attributes.end() && given->is_array() && given->size() == array.shape.size())
    for (const Json& name : *given)
      if (name.is_string() && !name.get<std::string>().empty()) names.push_back(name.get<std::string>());
  if (names.size() == array.shape.size() && std::set(names.begin(), names.end()).size() == names.size()) return names;
  names.clear();
  for (std::size_t d = 0; d < array.shape.size(); ++d) names.push_back("dim_" + std::to_string(d));
  if (names.size() >= 2) {
    names[names.size() - 2] = "y";
    names[names.size() - 1] = "x";
  }
  notes.push_back("the dims of \"" + array.name() + "\" have no names (_ARRAY_DIMENSIONS): they are taken as " + join(names, ", "));
  return names;
}

const ZarrArray* ZarrCoordinates::find(const std::string& group, const std::string& name) const {
  for (std::string at = group;; at = at.substr(0, at.find_last_of('/', at.size() - 2) + 1)) {
    if (const auto found = m_arrays.find(at + name + "/"); found != m_arrays.end()) return &found->second;
    if (at.find('/') == std::string::npos) return nullptr;
    if (at.find('/') == at.size() - 1) {
      const auto found = m_arrays.find(name + "/");
      return found != m_arrays.end() ? &found->second : nullptr;
    }
  }
}

ZarrAxis ZarrCoordinates::axis(const std::string& group, const std::string& name, std::int64_t size, std::vector<std::string>& notes) {
  ZarrAxis axis;
  const ZarrArray* array = find(group, name);
  if (array != nullptr && array->shape == std::vector{size}) {
    auto known = m_read.find(array->folder);
    if (known == m_read.end()) {
      std::vector<std::string> said;
      ZarrAxis fresh = read(*array, group, name, said);
      known = m_read.emplace(array->folder, std::pair(std::move(fresh), std::move(said))).first;
    }
    axis = known->second.first;
    notes.insert(notes.end(), known->second.second.begin(), known->second.second.end());
  } else if (name == "band") {
    axis.dim.coordinate.kind = Coordinate::Kind::Regular;
    axis.dim.coordinate.start = 1;
    axis.dim.coordinate.unit = "1";
  }
  axis.dim.name = name;
  axis.dim.size = size;
  return axis;
}

ZarrAxis ZarrCoordinates::read(const ZarrArray& array, const std::string& group, const std::string& name,
                               std::vector<std::string>& notes) const {
  ZarrAxis axis;
  Coordinate& c = axis.dim.coordinate;
  auto bytes = readWholeZarrArray(m_store, array);
  if (!bytes) {
    notes.push_back("the coordinate \"" + name + "\" is left out: " + bytes.error().message);
    return axis;
  }
  const std::string units = attributeText(array.attributes, "units");
  if (array.kind == ZarrArray::Kind::Unicode || array.kind == ZarrArray::Kind::Bytes) {
    c.labels = textsOf(array, *bytes);
    c.kind = Coordinate::Kind::Regular;
    c.start = 1;
    c.unit = "1";
    return axis;
  }
  if (isComplex(array.type)) {
    notes.push_back("the coordinate \"" + name + "\" is left out: it is complex");
    return axis;
  }
  std::vector<double> values = numbersOf(array, *bytes);
  if (array.kind == ZarrArray::Kind::Datetime) {
    if (const auto step = datetimeStep(array.datetimeUnit)) {
      setTimes(c, values, {0, *step});
    } else {
      notes.push_back("the coordinate \"" + name + "\" is left out: its unit \"" + array.datetimeUnit + "\" is not of fixed length");
    }
    return axis;
  }
  const std::string calendar = attributeText(array.attributes, "calendar");
  if (looksLikeCfTime(units)) {
    if (const auto unit = cfTimeUnit(units, calendar)) {
      setTimes(c, values, *unit);
      return axis;
    }
    notes.push_back("the times of \"" + name + "\" are left as numbers: \"" + units + "\"" +
                    (calendar.empty() ? "" : " in the calendar \"" + calendar + "\"") +
                    " is not understood as dates of the world's calendar");
  }
  axis.cfRole = axisRoleOf(array.attributes);
  axis.single = array.type == PixelType::Float32;
  const double factor = axis.cfRole == AxisRole::None ? 1 : kilometres(units);
  if (factor != 1) {
    for (double& value : values) value *= factor;
    notes.push_back("the coordinate \"" + name + "\" is in kilometres: taken times 1000 as metres");
  }
  axis.centres = values;
  c.unit = coordinateUnit({units, calendar});
  if (name == "wavelength") {
    BandSpectra spectra{values, {}, {}, units};
    c = spectralDim(static_cast<std::int64_t>(values.size()), spectra, {}, notes).coordinate;
    if (c.kind == Coordinate::Kind::Values) {
      addAuxiliary(c, group, name, notes);
      return axis;
    }
    c.unit = units;
  }
  setNumbers(c, std::move(values));
  addAuxiliary(c, group, name, notes);
  return axis;
}

void ZarrCoordinates::addAuxiliary(Coordinate& coordinate, const std::string& group, const std::string& dim,
                                   std::vector<std::string>& notes) const {
  const std::pair<std::string, const char*> known[]{
      {"fwhm", "fwhm"}, {"good", "good"}, {"good_wavelengths", "good"}, {"bbl", "good"}, {dim + "_name", "labels"}};
  for (const auto& [name, meaning] : known) {
    const ZarrArray* array = find(group, name);
    if (array == nullptr || array->shape.size() != 1) continue;
    std::vector<std::string> ignored;
    if (zarrDimNames(*array, ignored) != std::vector<std::string>{dim}) continue;
    const ZarrArray* owner = find(group, dim);
    if (owner == nullptr || owner->shape != array->shape) continue;
    auto bytes = readWholeZarrArray(m_store, *array);
    if (!bytes) {
      notes.push_back("\"" + name + "\" is left out: " + bytes.error().message);
    } else if (std::string(meaning) == "labels") {
      if (array->kind == ZarrArray::Kind::Unicode || array->kind == ZarrArray::Kind::Bytes) coordinate.labels = textsOf(*array, *bytes);
    } else if (array->kind == ZarrArray::Kind::Number && !isComplex(array->type)) {
      std::vector<double> numbers = numbersOf(*array, *bytes);
      if (const auto unit = wavelengthUnit(attributeText(array->attributes, "units")); unit && !unit->inverse)
        for (double& number : numbers) number = unit->toNanometres(number);
      coordinate.aux[meaning] = std::move(numbers);
    }
  }
}

}  // namespace cubeloom
