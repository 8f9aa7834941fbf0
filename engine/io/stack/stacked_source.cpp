// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/stack/stacked_source.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_service.h"
#include "engine/io/stack/stack_axis.h"

namespace cubeloom {
namespace {

bool sameNumber(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b || (std::isnan(*a) && std::isnan(*b)));
}

std::string numberText(const std::optional<double>& value) { return value ? formatNumber(*value) : "none"; }

bool sameCoordinate(const Coordinate& a, const Coordinate& b, std::int64_t size) {
  if (a.kind != b.kind || a.unit != b.unit) return false;
  if (a.kind == Coordinate::Kind::None) return true;
  if (a.kind == Coordinate::Kind::Regular) return a.start == b.start && a.step == b.step;
  for (std::int64_t i = 0; i < size; ++i)
    if (!(a.at(i) == b.at(i) || (std::isnan(a.at(i)) && std::isnan(b.at(i))))) return false;
  return true;
}

bool sameAuxiliary(const Coordinate& a, const Coordinate& b, const char* name) {
  const auto x = a.aux.find(name), y = b.aux.find(name);
  return x == a.aux.end() ? y == b.aux.end() : y != b.aux.end() && x->second == y->second;
}

std::string scaleText(const std::optional<StoredScale>& scale) {
  return scale ? "value * " + formatNumber(scale->factor) + " + " + formatNumber(scale->offset) : "none";
}

/// The scale of each index along dim `d`.
std::vector<StoredScale> scalesAlong(const ArraySpec& spec, std::size_t d) {
  std::vector<StoredScale> scales(static_cast<std::size_t>(spec.dims[d].size), spec.storedScale.value_or(StoredScale{}));
  if (spec.scaledDim() != static_cast<int>(d)) return scales;
  const auto& aux = spec.dims[d].coordinate.aux;
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = {aux.at("scale")[i], aux.at("offset")[i]};
  return scales;
}

/// In what `b` differs from `a`, the dim `axis` aside; "" when in nothing that matters.
std::string difference(const ArraySpec& a, const ArraySpec& b, int axis) {
  if (a.dimNames() != b.dimNames()) return "its dims are (" + join(b.dimNames(), ", ") + "), not (" + join(a.dimNames(), ", ") + ")";
  if (a.type != b.type) return "its values are " + std::string(pixelTypeName(b.type)) + ", not " + std::string(pixelTypeName(a.type));
  if (!sameNumber(a.nodata, b.nodata)) return "its nodata is " + numberText(b.nodata) + ", not " + numberText(a.nodata);
  for (std::size_t d = 0; d < a.dims.size(); ++d) {
    if (static_cast<int>(d) == axis) continue;
    const std::string& name = a.dims[d].name;
    if (a.dims[d].size != b.dims[d].size)
      return "its dim '" + name + "' has " + std::to_string(b.dims[d].size) + " elements, not " + std::to_string(a.dims[d].size);
  }
  if (a.geobox.has_value() != b.geobox.has_value()) return b.geobox ? "it has a grid, the other none" : "it has no grid";
  if (a.geobox)
    if (const std::string what = gridDifference(*a.geobox, *b.geobox); !what.empty()) return "its grid is another: " + what;
  for (std::size_t d = 0; d < a.dims.size(); ++d) {
    const bool isOnGrid = a.geobox && (static_cast<int>(d) == a.yDim || static_cast<int>(d) == a.xDim);
    if (!isOnGrid && static_cast<int>(d) != axis && !sameCoordinate(a.dims[d].coordinate, b.dims[d].coordinate, a.dims[d].size))
      return "its coordinate along '" + a.dims[d].name + "' has other values";
  }
  if (a.storedScale != b.storedScale)
    return "the scale of its stored values is " + scaleText(b.storedScale) + ", not " + scaleText(a.storedScale);
  for (std::size_t d = 0; d < a.dims.size(); ++d)
    for (const char* name : {"scale", "offset"})
      if (static_cast<int>(d) != axis && !sameAuxiliary(a.dims[d].coordinate, b.dims[d].coordinate, name))
        return "the " + std::string(name) + " of its stored values along '" + a.dims[d].name + "' has other values";
  return {};
}

/// What all members say alike.
std::map<std::string, std::string> commonAttributes(const std::vector<StackMember>& members) {
  std::map<std::string, std::string> common = members.front().source->spec().attributes;
  for (const StackMember& member : members)
    std::erase_if(common, [&](const auto& item) {
      const auto found = member.source->spec().attributes.find(item.first);
      return found == member.source->spec().attributes.end() || found->second != item.second;
    });
  return common;
}

/// What all members have alike beside their dims, and one behind the other what they have along `dim`, or one value each of.
std::vector<AuxiliaryCoordinate> commonCoordinates(const std::vector<StackMember>& members, const std::string& dim, bool isNewDim) {
  if (members.size() == 1 && !isNewDim) return members.front().source->spec().coordinates;
  std::vector<AuxiliaryCoordinate> common;
  for (const AuxiliaryCoordinate& first : members.front().source->spec().coordinates) {
    if (first.name == dim) continue;
    Coordinate joined = *first.values;
    const bool isOnAxis = std::find(first.dims.begin(), first.dims.end(), dim) != first.dims.end();
    bool isSame = !isOnAxis, isAlong = isNewDim ? first.dims.empty() : first.dims == std::vector{dim};
    for (std::size_t m = 1; m < members.size(); ++m) {
      const AuxiliaryCoordinate* other = members[m].source->spec().coordinateNamed(first.name);
      isSame = isSame && other != nullptr && other->isSameAs(first);
      isAlong = isAlong && other != nullptr && other->dims == first.dims && other->values->kind == joined.kind &&
                other->values->unit == joined.unit;
      if (!isAlong) continue;
      joined.values.insert(joined.values.end(), other->values->values.begin(), other->values->values.end());
      joined.labels.insert(joined.labels.end(), other->values->labels.begin(), other->values->labels.end());
    }
    if (isSame) {
      common.push_back(first);
    } else if (isAlong) {
      common.push_back({first.name, {dim}, std::make_shared<const Coordinate>(std::move(joined))});
    }
  }
  return common;
}

}  // namespace

Result<std::shared_ptr<StackedSource>> StackedSource::join(std::vector<StackMember> members, const std::string& dim) {
  std::shared_ptr<StackedSource> stack(new StackedSource);
  const int existing = members.front().source->spec().indexOf(dim);
  stack->m_isNewDim = existing < 0;
  stack->m_axis = static_cast<std::size_t>(std::max(existing, 0));
  if (existing >= 0) {
    const ArraySpec& first = members.front().source->spec();
    if (existing == first.yDim || existing == first.xDim)
      return invalidParameter("concat_dim", "files are not joined along '" + dim + "', a dim of their grid", "choose time or a new dim");
  }
  CUBELOOM_TRY(sortMembers(members, dim));

  const ArraySpec& first = members.front().source->spec();
  for (const StackMember& member : members)
    if (const std::string what = difference(first, member.source->spec(), existing); !what.empty())
      return failAt(ErrorCode::GridMismatch, member.path, member.path + " does not fit " + members.front().path + ": " + what,
                    "leave it out, or bring it onto the other's grid first, with reproject like=...");

  auto joint = joinedDim(members, dim);
  if (!joint) return fail(std::move(joint.error()));
  stack->m_starts.push_back(0);
  std::vector<StoredScale> scales;
  for (const StackMember& member : members) {
    const ArraySpec& spec = member.source->spec();
    stack->m_starts.push_back(stack->m_starts.back() + (stack->m_isNewDim ? 1 : spec.dims[stack->m_axis].size));
    if (stack->m_isNewDim) continue;
    const std::vector<StoredScale> more = scalesAlong(spec, stack->m_axis);
    scales.insert(scales.end(), more.begin(), more.end());
  }

  stack->m_spec = first;
  stack->m_spec.attributes = commonAttributes(members);
  stack->m_spec.coordinates = commonCoordinates(members, dim, stack->m_isNewDim);
  if (stack->m_isNewDim) {
    stack->m_spec.dims.insert(stack->m_spec.dims.begin(), std::move(*joint));
    stack->m_spec.storage.block.insert(stack->m_spec.storage.block.begin(), 1);
    if (stack->m_spec.yDim >= 0) ++stack->m_spec.yDim;
    if (stack->m_spec.xDim >= 0) ++stack->m_spec.xDim;
  } else {
    stack->m_spec.dims[stack->m_axis] = std::move(*joint);
    stack->m_spec.setStoredScales(existing, scales);
  }
  stack->m_members = std::move(members);
  return stack;
}

std::vector<StackedSource::Piece> StackedSource::pieces(const Region& region) const {
  const IndexSet& along = region[m_axis];
  std::vector<Piece> all;
  std::vector<std::vector<std::int64_t>> indices;
  for (std::int64_t p = 0; p < along.count(); ++p) {
    const std::int64_t index = along.at(p);
    const auto end = std::upper_bound(m_starts.begin(), m_starts.end(), index);
    const auto member = static_cast<std::size_t>(end - m_starts.begin()) - 1;
    if (all.empty() || m_isNewDim || all.back().member != member) {
      all.push_back({member, p, 0, {}});
      indices.emplace_back();
    }
    ++all.back().count;
    indices.back().push_back(index - m_starts[member]);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].region = region;
    if (m_isNewDim) {
      all[i].region.erase(all[i].region.begin());
    } else {
      all[i].region[m_axis] = IndexSet::list(std::move(indices[i]));
    }
  }
  return all;
}

Result<void> StackedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  if (regionCount(region) == 0) return {};
  for (const Piece& piece : pieces(region)) {
    BlockView part;
    if (m_isNewDim) {
      part = to.at(0, piece.first);
    } else {
      std::vector<std::int64_t> offset(to.shape.size(), 0), size = to.shape;
      offset[m_axis] = piece.first;
      size[m_axis] = piece.count;
      part = to.sub(offset, size);
    }
    CUBELOOM_TRY(m_members[piece.member].source->read(piece.region, part, context));
  }
  return {};
}

ReadCost StackedSource::cost(const Region& region) const {
  ReadCost cost;
  if (regionCount(region) == 0) return cost;
  for (const Piece& piece : pieces(region)) {
    const ReadCost part = m_members[piece.member].source->cost(piece.region);
    cost.bytes += part.bytes;
    cost.extents += part.extents;
    cost.scratchBytes = std::max(cost.scratchBytes, part.scratchBytes);
  }
  return cost;
}

double StackedSource::sharedCacheBytes() const {
  double bytes = 0;
  for (const StackMember& member : m_members) bytes += member.source->sharedCacheBytes();
  return std::min(bytes, static_cast<double>(kGdalCacheBytes));
}

std::vector<std::int64_t> StackedSource::decodedBlock() const {
  std::vector<std::int64_t> block = m_members.front().source->decodedBlock();
  for (std::size_t i = 0; i < m_members.size() && !block.empty(); ++i) {
    const bool endsWithBlock = m_isNewDim || (m_starts[i + 1] - m_starts[i]) % block[m_axis] == 0;
    if (!endsWithBlock || m_members[i].source->decodedBlock() != block) block.clear();
  }
  if (m_isNewDim && !block.empty()) block.insert(block.begin(), 1);
  return block;
}

std::vector<std::pair<std::int64_t, std::int64_t>> StackedSource::touchedLines(const Region& region) const {
  if (regionCount(region) == 0) return {};
  // All members are laid out alike: one stands for all.
  const std::vector<Piece> all = pieces(region);
  return m_members[all.front().member].source->touchedLines(all.front().region);
}

std::vector<std::string> StackedSource::files() const {
  std::vector<std::string> all;
  for (const StackMember& member : m_members)
    for (const std::string& file : member.source->files()) all.push_back(file);
  return all;
}

}  // namespace cubeloom
