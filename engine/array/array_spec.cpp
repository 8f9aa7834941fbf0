// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/array_spec.h"

#include "engine/array/auxiliary_coordinates.h"
#include "engine/array/band_lists.h"
#include "engine/array/stated_scale.h"
#include "engine/array/variables_dim.h"

namespace cubeloom {
namespace {

constexpr const char *kScale = "scale", *kOffset = "offset";

/// Takes the grid away. An axis in degrees then says itself, as CF has it, which of both it is: longitudes still go round.
void loseGrid(ArraySpec& spec) {
  const auto atOf = [&spec](int d) -> Coordinate& { return spec.dims[static_cast<std::size_t>(d)].coordinate; };
  if (spec.geobox && spec.geobox->isAxisAligned() && spec.geobox->crs().isGeographic() && spec.geobox->crs().unitName() == "degree") {
    atOf(spec.yDim).unit = "degrees_north";
    atOf(spec.xDim).unit = "degrees_east";
  }
  spec.geobox.reset();
  spec.yDim = spec.xDim = -1;
}

}  // namespace

std::vector<std::int64_t> ArraySpec::shape() const {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : dims) sizes.push_back(dim.size);
  return sizes;
}

std::vector<std::string> ArraySpec::dimNames() const {
  std::vector<std::string> names;
  for (const Dim& dim : dims) names.push_back(dim.name);
  return names;
}

int ArraySpec::indexOf(const std::string& dim) const {
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i].name == dim) return static_cast<int>(i);
  return -1;
}

int ArraySpec::spectralDim() const {
  const int wavelength = indexOf("wavelength");
  if (wavelength >= 0) return wavelength;
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i].coordinate.unit == "nm") return static_cast<int>(i);
  return indexOf("band");
}

std::int64_t ArraySpec::count() const {
  std::int64_t n = 1;
  for (const Dim& dim : dims) n *= dim.size;
  return n;
}

double ArraySpec::bytes() const {
  double n = static_cast<double>(pixelTypeBytes(type));
  for (const Dim& dim : dims) n *= static_cast<double>(dim.size);
  return n;
}

int ArraySpec::scaledDim() const {
  for (std::size_t d = 0; d < dims.size(); ++d)
    if (dims[d].coordinate.aux.contains(kScale)) return static_cast<int>(d);
  return -1;
}

void ArraySpec::setStoredScales(int d, const std::vector<StoredScale>& scales) {
  auto& aux = dims[static_cast<std::size_t>(d)].coordinate.aux;
  aux.erase(kScale);
  aux.erase(kOffset);
  storedScale.reset();
  if (scales.empty()) return;
  if (std::all_of(scales.begin(), scales.end(), [&scales](const StoredScale& other) { return other == scales.front(); })) {
    if (scales.front() != StoredScale{}) storedScale = scales.front();
    return;
  }
  for (const StoredScale& scale : scales) {
    aux[kScale].push_back(scale.factor);
    aux[kOffset].push_back(scale.offset);
  }
}

bool ArraySpec::forgetStoredMeaning() {
  const bool isStored = statedScale(*this).has_value();
  forgetClasses();
  for (const char* key : {"scale_factor", "add_offset"}) attributes.erase(key);
  for (const char* key : kReflectanceScales) attributes.erase(key);
  const int d = scaledDim();
  if (d < 0 && !storedScale) return isStored;
  if (d >= 0) setStoredScales(d, {});
  storedScale.reset();
  unit.clear();
  return true;
}

void ArraySpec::forgetClasses() {
  classColours.clear();
  classNames.clear();
}

bool ArraySpec::forgetQuantity() {
  const bool hadScale = forgetStoredMeaning();
  unit.clear();
  for (const char* key : {"long_name", "standard_name", "cell_methods", "valid_range", "valid_min", "valid_max", "actual_range",
                          "flag_values", "flag_masks", "flag_meanings", "ancillary_variables"})
    attributes.erase(key);
  std::erase_if(coordinates, [](const AuxiliaryCoordinate& one) { return one.name == "band_name" || one.name == "wavelength_name"; });
  forgetVariableAttributes(*this);
  return hadScale;
}

ArraySpec ArraySpec::select(const Region& region) const {
  ArraySpec out = *this;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    out.dims[d].size = region[d].count();
    out.dims[d].coordinate = dims[d].coordinate.select(region[d]);
    if (d < out.storage.block.size()) {
      const std::int64_t step = region[d].isRange() ? std::max<std::int64_t>(1, std::abs(region[d].step())) : 1;
      out.storage.block[d] = std::max<std::int64_t>(1, std::min(storage.block[d] / step, region[d].count()));
    }
  }
  for (AuxiliaryCoordinate& coordinate : out.coordinates) coordinate = cutCoordinate(*this, coordinate, region);
  if (const int d = scaledDim(); d >= 0) {
    // What is left may have one scale, which then outlives the dim.
    const auto& aux = out.dims[static_cast<std::size_t>(d)].coordinate.aux;
    std::vector<StoredScale> scales;
    for (std::size_t i = 0; i < aux.at(kScale).size(); ++i) scales.push_back({aux.at(kScale)[i], aux.at(kOffset)[i]});
    out.setStoredScales(d, scales);
  }
  for (std::size_t d = 0; d < dims.size(); ++d) subsetBandLists(dims[d], region[d], out.attributes);
  if (geobox) {
    const IndexSet& rows = region[static_cast<std::size_t>(yDim)];
    const IndexSet& cols = region[static_cast<std::size_t>(xDim)];
    if (rows.isRange() && cols.isRange() && rows.count() > 0 && cols.count() > 0) {
      out.geobox = geobox->strided(rows.first(), rows.step(), rows.count(), cols.first(), cols.step(), cols.count());
    } else {
      loseGrid(out);
    }
  }
  return out;
}

ArraySpec ArraySpec::permuted(const std::vector<int>& order) const {
  ArraySpec out = *this;
  const auto newPlace = [&order](int old) {
    for (std::size_t i = 0; i < order.size(); ++i)
      if (order[i] == old) return static_cast<int>(i);
    return -1;
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto old = static_cast<std::size_t>(order[i]);
    out.dims[i] = dims[old];
    if (old < storage.block.size()) out.storage.block[i] = storage.block[old];
  }
  out.storage.order.clear();
  for (std::size_t i = 0; i < dims.size(); ++i)
    out.storage.order.push_back(newPlace(storage.order.empty() ? static_cast<int>(i) : storage.order[i]));
  out.yDim = newPlace(yDim);
  out.xDim = newPlace(xDim);
  return out;
}

ArraySpec ArraySpec::withoutDim(int d) const {
  ArraySpec out = *this;
  if (dims[static_cast<std::size_t>(d)].size > 1) subsetBandLists(dims[static_cast<std::size_t>(d)], {}, out.attributes);
  if (d == yDim || d == xDim) loseGrid(out);
  out.dropCoordinatesAlong({dims[static_cast<std::size_t>(d)].name});
  out.dims.erase(out.dims.begin() + d);
  if (static_cast<std::size_t>(d) < out.storage.block.size()) out.storage.block.erase(out.storage.block.begin() + d);
  std::erase(out.storage.order, d);
  for (int& stored : out.storage.order) stored -= stored > d ? 1 : 0;
  if (out.yDim > d) --out.yDim;
  if (out.xDim > d) --out.xDim;
  return out;
}

ArraySpec ArraySpec::squeezed(int d) const {
  const Dim& dim = dims[static_cast<std::size_t>(d)];
  const bool isVariable = d == variablesDim(*this);
  ArraySpec out = withoutDim(d);
  for (AuxiliaryCoordinate one : coordinates) {
    if (std::erase(one.dims, dim.name) == 0) continue;
    if (isVariable && one.name == kVariableUnits) {
      out.unit = one.text();
    } else {
      out.setCoordinate(std::move(one));
    }
  }
  if (isVariable) {
    out.variable = dim.coordinate.labels.front();
    const VariableAttributes all = variableAttributes(dim);
    if (const auto own = all.find(out.variable); own != all.end())
      for (const auto& [key, text] : own->second) out.attributes[key] = text;
    return out;
  }
  for (AuxiliaryCoordinate& one : onlyEntryOf(dim)) out.setCoordinate(std::move(one));
  return out;
}

Coordinate spatialCoordinate(const GeoBox& box, bool vertical) {
  Coordinate c;
  const Affine& m = box.affine();
  if (!m.isAxisAligned()) return c;
  c.kind = Coordinate::Kind::Regular;
  c.start = vertical ? m.y(0.5, 0.5) : m.x(0.5, 0.5);
  c.step = vertical ? m.e : m.a;
  c.unit = box.crs().isValid() ? box.crs().unitName() : "";
  return c;
}

void ArraySpec::setGeobox(const GeoBox& box) {
  geobox = box;
  dims[static_cast<std::size_t>(yDim)].coordinate = spatialCoordinate(box, true);
  dims[static_cast<std::size_t>(xDim)].coordinate = spatialCoordinate(box, false);
  dims[static_cast<std::size_t>(yDim)].size = box.rows();
  dims[static_cast<std::size_t>(xDim)].size = box.cols();
}

}  // namespace cubeloom
