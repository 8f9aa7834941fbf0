// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/variables_source.h"

#include <algorithm>
#include <cmath>

#include "engine/array/variables_dim.h"
#include "engine/base/text.h"
#include "engine/geo/same_grid.h"

namespace cubeloom {
namespace {

class VariablesSource final : public Source {
 public:
  VariablesSource(std::vector<std::shared_ptr<Source>> sources, ArraySpec spec) : m_sources(std::move(sources)), m_spec(std::move(spec)) {}

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    for (std::int64_t i = 0; i < region[0].count(); ++i)
      CUBELOOM_TRY(m_sources[static_cast<std::size_t>(region[0].at(i))]->read(within(region), to.at(0, i), context));
    return {};
  }
  ReadCost cost(const Region& region) const override {
    ReadCost all;
    for (std::int64_t i = 0; i < region[0].count(); ++i) {
      const ReadCost one = m_sources[static_cast<std::size_t>(region[0].at(i))]->cost(within(region));
      all.bytes += one.bytes;
      all.extents += one.extents;
      all.scratchBytes = std::max(all.scratchBytes, one.scratchBytes);
    }
    return all;
  }
  std::vector<std::int64_t> decodedBlock() const override {
    std::vector<std::int64_t> block = m_sources[0]->decodedBlock();
    for (const auto& source : m_sources)
      if (source->decodedBlock() != block) return {};
    if (!block.empty()) block.insert(block.begin(), 1);
    return block;
  }
  double sharedCacheBytes() const override {
    double most = 0;
    for (const auto& source : m_sources) most = std::max(most, source->sharedCacheBytes());
    return most;
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_sources[0]->touchedLines(within(region));
  }
  std::vector<std::string> files() const override {
    std::vector<std::string> all;
    for (const auto& source : m_sources)
      for (std::string& file : source->files())
        if (std::find(all.begin(), all.end(), file) == all.end()) all.push_back(std::move(file));
    return all;
  }

 private:
  static Region within(const Region& region) { return {region.begin() + 1, region.end()}; }

  std::vector<std::shared_ptr<Source>> m_sources;
  ArraySpec m_spec;
};

bool isSameEntry(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)); }

bool haveSameEntries(const Coordinate& a, const Coordinate& b, std::int64_t size) {
  if (a.kind == Coordinate::Kind::None || b.kind == Coordinate::Kind::None) return a.kind == b.kind && a.labels == b.labels;
  for (std::int64_t i = 0; i < size; ++i)
    if (!isSameEntry(a.at(i), b.at(i))) return false;
  return a.unit == b.unit;
}

std::string shapeText(const ArraySpec& spec) {
  std::vector<std::string> dims;
  for (const Dim& dim : spec.dims) dims.push_back(dim.name + " " + std::to_string(dim.size));
  return "(" + join(dims, ", ") + ")";
}

std::string nodataText(const ArraySpec& spec) { return spec.nodata ? formatNumber(*spec.nodata) : "undeclared"; }

bool isSameNodata(const ArraySpec& a, const ArraySpec& b) {
  if (!a.nodata || !b.nodata) return a.nodata.has_value() == b.nodata.has_value();
  return *a.nodata == *b.nodata || (std::isnan(*a.nodata) && std::isnan(*b.nodata));
}

/// What `other` has otherwise than `first`; "" where they go together.
std::string differenceOf(const ArraySpec& first, const ArraySpec& other) {
  if (first.dimNames() != other.dimNames() || first.shape() != other.shape()) return "is " + shapeText(other) + ", not " + shapeText(first);
  for (std::size_t d = 0; d < first.dims.size(); ++d)
    if (!haveSameEntries(first.dims[d].coordinate, other.dims[d].coordinate, first.dims[d].size))
      return "has other entries along '" + first.dims[d].name + "'";
  if (first.geobox.has_value() != other.geobox.has_value()) return first.geobox ? "has no grid" : "has a grid";
  if (first.geobox)
    if (const std::string grid = gridDifference(*first.geobox, *other.geobox); !grid.empty()) return "is on another grid: " + grid;
  if (first.type != other.type) return "is " + std::string(pixelTypeName(other.type)) + ", not " + std::string(pixelTypeName(first.type));
  if (!isSameNodata(first, other)) return "has nodata " + nodataText(other) + ", not " + nodataText(first);
  if (first.storedScale != other.storedScale || first.scaledDim() >= 0 || other.scaledDim() >= 0) return "has another scale";
  return {};
}

/// Where the pieces lie in the file, if all have the same.
void addStorage(const std::vector<std::shared_ptr<Source>>& sources, ArraySpec& spec) {
  for (const auto& source : sources)
    if (source->spec().storage.block != sources[0]->spec().storage.block ||
        source->spec().storage.order != sources[0]->spec().storage.order) {
      spec.storage = {};
      return;
    }
  StorageLayout& storage = spec.storage;
  if (storage.block.empty()) return;
  storage.block.insert(storage.block.begin(), 1);
  for (int& d : storage.order) ++d;
  if (!storage.order.empty()) storage.order.insert(storage.order.begin(), 0);
}

}  // namespace

Result<std::shared_ptr<Source>> variablesSource(std::vector<std::shared_ptr<Source>> sources, const std::vector<std::string>& names) {
  ArraySpec spec = sources[0]->spec();
  std::vector<std::string> units;
  bool haveUnits = true;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    const ArraySpec& other = sources[k]->spec();
    if (const std::string difference = differenceOf(sources[0]->spec(), other); !difference.empty())
      return fail(ErrorCode::GridMismatch, "variable '" + names[k] + "' does not go with '" + names[0] + "': it " + difference,
                  "name those that go together, and open the others by themselves");
    units.push_back(other.unit);
    haveUnits = haveUnits && other.unit == units[0];
    std::erase_if(spec.attributes, [&other](const auto& entry) {
      const auto found = other.attributes.find(entry.first);
      return found == other.attributes.end() || found->second != entry.second;
    });
    spec.keepCommonCoordinates(other);
  }
  const std::string name = spec.spectralDim() < 0 ? "band" : "variable";
  if (spec.indexOf(name) >= 0) return invalidParameter("variable", "the variables have a dim '" + name + "' already", "open one of them");
  Dim dim{name, static_cast<std::int64_t>(sources.size()), {}};
  dim.coordinate.kind = Coordinate::Kind::Regular;
  dim.coordinate.start = 1;
  dim.coordinate.unit = "1";
  dim.coordinate.labels = names;
  VariableAttributes own;
  for (std::size_t k = 0; k < sources.size(); ++k)
    for (const auto& [key, text] : sources[k]->spec().attributes)
      if (!spec.attributes.contains(key)) own[names[k]][key] = text;
  setVariables(dim, own);
  if (!haveUnits) {
    spec.unit.clear();
    Coordinate beside;
    beside.labels = units;
    spec.setCoordinate({kVariableUnits, {name}, std::make_shared<const Coordinate>(std::move(beside))});
  }
  spec.variable = "variables";
  spec.dims.insert(spec.dims.begin(), std::move(dim));
  if (spec.isSpatial()) {
    ++spec.yDim;
    ++spec.xDim;
  }
  addStorage(sources, spec);
  return std::make_shared<VariablesSource>(std::move(sources), std::move(spec));
}

}  // namespace cubeloom
