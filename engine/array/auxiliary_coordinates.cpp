// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/auxiliary_coordinates.h"
#include "engine/array/cell_bounds.h"

#include <algorithm>
#include <utility>

namespace cubeloom {
namespace {

AuxiliaryCoordinate oneValue(const std::string& name, Coordinate value) {
  return {name, {}, std::make_shared<const Coordinate>(std::move(value))};
}

Coordinate number(double value, const std::string& unit) {
  Coordinate c;
  c.kind = Coordinate::Kind::Values;
  c.values = {value};
  c.unit = unit;
  return c;
}

Coordinate name(const std::string& text) {
  Coordinate c;
  c.labels = {text};
  return c;
}

}  // namespace

bool isNamed(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  if (c.labels.size() != static_cast<std::size_t>(dim.size)) return false;
  const bool isCount = c.kind == Coordinate::Kind::Regular && c.start == 1 && c.step == 1;
  return c.kind == Coordinate::Kind::None || (isCount && dim.name != "band");
}

AuxiliaryCoordinate cutCoordinate(const ArraySpec& spec, const AuxiliaryCoordinate& coordinate, const Region& region) {
  std::vector<const IndexSet*> sets;
  std::vector<std::int64_t> sizes;
  bool isWhole = true;
  for (const std::string& dim : coordinate.dims) {
    const auto d = static_cast<std::size_t>(spec.indexOf(dim));
    sets.push_back(&region[d]);
    sizes.push_back(spec.dims[d].size);
    isWhole = isWhole && region[d] == IndexSet::all(spec.dims[d].size);
  }
  if (isWhole) return coordinate;
  // Places among the values, the last dim fastest.
  std::vector<std::int64_t> places{0};
  for (std::size_t k = 0; k < sets.size(); ++k) {
    std::vector<std::int64_t> next;
    next.reserve(places.size() * static_cast<std::size_t>(sets[k]->count()));
    for (const std::int64_t place : places)
      for (std::int64_t i = 0; i < sets[k]->count(); ++i) next.push_back(place * sizes[k] + sets[k]->at(i));
    places = std::move(next);
  }
  AuxiliaryCoordinate cut = coordinate;
  cut.values = std::make_shared<const Coordinate>(coordinate.values->select(IndexSet::list(std::move(places))));
  return cut;
}

std::vector<AuxiliaryCoordinate> onlyEntryOf(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  const std::string label = c.labels.empty() ? "" : c.labels.front();
  const bool isDate = c.unit == "datetime";
  std::vector<AuxiliaryCoordinate> all;
  if (isNamed(dim) && !isDate) {
    if (!label.empty()) all.push_back(oneValue(dim.name, name(label)));
  } else if (c.kind != Coordinate::Kind::None) {
    Coordinate value = number(c.at(0), c.unit);
    value.type = dim.name == "band" ? PixelType::Int64 : c.type;
    value.attributes = c.attributes;
    if (isDate) value.labels = c.labels;
    all.push_back(oneValue(dim.name, std::move(value)));
    if (!label.empty() && !isDate) all.push_back(oneValue(dim.name + "_name", name(label)));
  }
  for (const auto& [aux, numbers] : c.aux)
    if (aux != "scale" && aux != "offset" && !isBound(aux))
      all.push_back(oneValue(aux, number(numbers.front(), aux == "fwhm" ? c.unit : "")));
  return all;
}

const AuxiliaryCoordinate* ArraySpec::coordinateNamed(const std::string& name) const {
  const auto found = std::find_if(coordinates.begin(), coordinates.end(), [&name](const auto& one) { return one.name == name; });
  return found == coordinates.end() ? nullptr : &*found;
}

void ArraySpec::setCoordinate(AuxiliaryCoordinate coordinate) {
  std::erase_if(coordinates, [&coordinate](const auto& one) { return one.name == coordinate.name; });
  coordinates.push_back(std::move(coordinate));
}

std::vector<std::string> ArraySpec::dropCoordinatesAlong(const std::vector<std::string>& names) {
  std::vector<std::string> dropped;
  std::erase_if(coordinates, [&](const AuxiliaryCoordinate& one) {
    const bool isAlong = std::find_first_of(one.dims.begin(), one.dims.end(), names.begin(), names.end()) != one.dims.end();
    if (isAlong) dropped.push_back(one.name);
    return isAlong;
  });
  return dropped;
}

void ArraySpec::keepCommonCoordinates(const ArraySpec& other) {
  std::erase_if(coordinates, [&other](const AuxiliaryCoordinate& one) {
    const AuxiliaryCoordinate* theirs = other.coordinateNamed(one.name);
    return theirs != nullptr && !theirs->isSameAs(one);
  });
}

}  // namespace cubeloom
