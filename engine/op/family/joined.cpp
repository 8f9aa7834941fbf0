// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/joined.h"

#include <cmath>

#include "engine/array/variables_dim.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/convert_block.h"
#include "engine/op/family/convert_task.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

class JoinedTask : public Task {
 public:
  struct Piece {
    Conversion conversion;
    std::int64_t first = 0, count = 0;  ///< of the output along the joint dim
  };
  JoinedTask(std::vector<Need> needs, std::vector<Piece> pieces, std::size_t dim)
      : m_needs(std::move(needs)), m_pieces(std::move(pieces)), m_dim(dim) {}
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    for (std::size_t k = 0; k < m_needs.size(); ++k) {
      if (m_needs[k].direct) continue;
      const Piece& piece = m_pieces[k];
      std::vector<std::int64_t> offset(out.shape.size(), 0), shape = out.shape;
      offset[m_dim] = piece.first;
      shape[m_dim] = piece.count;
      BlockView place = out.sub(offset, shape);
      if (inputs[k].shape.size() < shape.size()) place = place.at(static_cast<int>(m_dim), 0);
      convertBlock(inputs[k], place, piece.conversion.nodataFrom, piece.conversion.nodataTo);
    }
    return {};
  }

 private:
  std::vector<Need> m_needs;
  std::vector<Piece> m_pieces;
  std::size_t m_dim;
};

class BoundJoined : public KernelOperation {
 public:
  BoundJoined(const std::vector<ArraySpec>& inputs, std::size_t dim, ArraySpec spec, const std::string& summary,
              std::vector<std::string> warnings)
      : m_dim(dim), m_isNew(inputs[0].dims.size() < spec.dims.size()) {
    m_spec = std::move(spec);
    m_summary = summary;
    m_warnings = std::move(warnings);
    std::int64_t end = 0;
    for (const ArraySpec& input : inputs) {
      m_ends.push_back(end += m_isNew ? 1 : input.dims[dim].size);
      m_conversions.push_back({input.type, m_spec.type, input.nodata, m_spec.nodata});
    }
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    std::vector<Need> needs;
    std::vector<JoinedTask::Piece> pieces;
    const IndexSet& along = region[m_dim];
    const auto inputAt = [&](std::int64_t i) {
      return static_cast<std::size_t>(std::upper_bound(m_ends.begin(), m_ends.end(), along.at(i)) - m_ends.begin());
    };
    for (std::int64_t first = 0, next = 0; first < along.count(); first = next) {
      const std::size_t input = inputAt(first);
      next = first + 1;
      while (!m_isNew && next < along.count() && inputAt(next) == input) ++next;
      needs.push_back(needOf(input, region, first, next - first));
      pieces.push_back({m_conversions[input], first, next - first});
    }
    return std::make_unique<JoinedTask>(std::move(needs), std::move(pieces), m_dim);
  }

 private:
  Need needOf(std::size_t input, const Region& region, std::int64_t first, std::int64_t count) const {
    Need need{static_cast<int>(input), region, {}};
    std::vector<int> axes;
    for (std::size_t d = 0; d < region.size(); ++d)
      if (!m_isNew || d != m_dim) axes.push_back(static_cast<int>(d));
    if (m_isNew) {
      need.region.erase(need.region.begin() + static_cast<std::ptrdiff_t>(m_dim));
    } else {
      need.region[m_dim] = region[m_dim].slice(first, count).shifted(input == 0 ? 0 : -m_ends[input - 1]);
    }
    if (m_conversions[input].isIdentity()) {
      need.direct.emplace();
      need.direct->axes = std::move(axes);
      need.direct->offset.assign(region.size(), 0);
      need.direct->offset[m_dim] = first;
    }
    return need;
  }

  std::size_t m_dim;
  bool m_isNew;
  std::vector<std::int64_t> m_ends;  ///< behind each input's last entry
  std::vector<Conversion> m_conversions;
};

/// The dims of that name behind one another.
Result<Coordinate> joinedCoordinate(const std::vector<Dim>& dims) {
  Coordinate joined;
  joined.type = dims[0].coordinate.type;
  joined.attributes = dims[0].coordinate.attributes;
  const auto all = [&dims](const auto& holds) { return std::all_of(dims.begin(), dims.end(), holds); };
  if (all([](const Dim& dim) { return dim.coordinate.kind != Coordinate::Kind::None; })) {
    joined.kind = Coordinate::Kind::Values;
    joined.unit = dims[0].coordinate.unit;
    for (const Dim& dim : dims) {
      if (dim.coordinate.unit != joined.unit)
        return fail(ErrorCode::GridMismatch,
                    "'" + dim.name + "' is in '" + dim.coordinate.unit + "' in one input, in '" + joined.unit + "' in another",
                    "say one unit for both with assign_coords");
      for (std::int64_t i = 0; i < dim.size; ++i) joined.values.push_back(dim.coordinate.at(i));
    }
  }
  const auto append = [&dims](const auto& listOf, auto& to) {
    for (const Dim& dim : dims) {
      const auto& list = listOf(dim);
      to.insert(to.end(), list.begin(), list.end());
    }
  };
  if (all([](const Dim& dim) { return !dim.coordinate.labels.empty(); }))
    append([](const Dim& dim) { return dim.coordinate.labels; }, joined.labels);
  if (all([](const Dim& dim) { return !dim.coordinate.colours.empty(); }))
    append([](const Dim& dim) { return dim.coordinate.colours; }, joined.colours);
  for (const auto& [key, values] : dims[0].coordinate.aux)
    if (all([&key = key](const Dim& dim) { return dim.coordinate.aux.contains(key); }))
      append([&key = key](const Dim& dim) { return dim.coordinate.aux.at(key); }, joined.aux[key]);
  joinVariableDims(dims, joined);
  return joined;
}

/// What is not alike of what the values mean.
void settleMeaning(const std::vector<ArraySpec>& inputs, ArraySpec& spec, std::vector<std::string>& warnings) {
  for (const ArraySpec& other : inputs) {
    if (other.unit != inputs[0].unit && !spec.unit.empty()) {
      warnings.push_back("the inputs have different units ('" + inputs[0].unit + "' and '" + other.unit +
                         "'): the result has none, and values that do not compare");
      spec.unit.clear();
    }
    if (other.isClasses() != spec.isClasses() || other.classNames != spec.classNames || other.classColours != spec.classColours) {
      if (spec.isClasses() || other.isClasses()) warnings.emplace_back("the inputs have different classes: the result has none");
      spec.forgetClasses();
      for (const char* key : {"flag_values", "flag_masks", "flag_meanings"}) spec.attributes.erase(key);
    }
    std::erase_if(spec.attributes, [&other](const auto& one) {
      const auto found = other.attributes.find(one.first);
      return found == other.attributes.end() || found->second != one.second;
    });
    spec.keepCommonCoordinates(other);
    if (other.variable != spec.variable) spec.variable.clear();
  }
  if (spec.variable.empty()) spec.variable = inputs[0].variable;
}

void settleType(const std::vector<ArraySpec>& inputs, ArraySpec& spec, std::vector<std::string>& warnings) {
  const auto isNumber = [](const std::optional<double>& nodata) { return nodata && !std::isnan(*nodata); };
  bool isOneNodata = true;
  for (const ArraySpec& other : inputs) {
    spec.type = commonType(spec.type, other.type);
    const bool isSame =
        isNumber(other.nodata) == isNumber(inputs[0].nodata) && (!isNumber(other.nodata) || *other.nodata == *inputs[0].nodata);
    isOneNodata = isOneNodata && isSame;
  }
  if (isOneNodata && (!spec.nodata || canHold(spec.type, *spec.nodata))) return;
  const PixelType type = spec.type;
  if (isComplex(type)) {
    spec.nodata = NAN;
    return;
  }
  const auto [low, high] = rangeOf(type);
  settleComputed(spec, type, low, high, true);
  if (spec.type != type)
    warnings.push_back("the inputs have different nodata values: the result is " + std::string(pixelTypeName(spec.type)) + " with nodata " +
                       formatNumber(*spec.nodata) +
                       ", so that no valid value of one becomes nodata of the other; assign_nodata makes them one");
}

/// How true values follow from stored ones, entry by entry of the joint dim; nothing where another dim has scales that differ.
std::optional<std::vector<StoredScale>> scalesAlong(const std::vector<ArraySpec>& inputs, const std::vector<Dim>& dims, int joint) {
  std::vector<StoredScale> scales;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const int d = inputs[k].scaledDim();
    if (d >= 0 && d != joint) return std::nullopt;
    for (std::size_t i = 0; i < static_cast<std::size_t>(dims[k].size); ++i) {
      const auto& aux = dims[k].coordinate.aux;
      scales.push_back(d < 0 ? inputs[k].storedScale.value_or(StoredScale{}) : StoredScale{aux.at("scale")[i], aux.at("offset")[i]});
    }
  }
  return scales;
}

bool turnsOrRepeats(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  if (c.kind != Coordinate::Kind::Values || dim.size < 3) return dim.size == 2 && c.kind == Coordinate::Kind::Values && c.at(0) == c.at(1);
  for (std::int64_t i = 1; i < dim.size; ++i)
    if (c.at(1) > c.at(0) ? !(c.at(i) > c.at(i - 1)) : !(c.at(i) < c.at(i - 1))) return true;
  return false;
}

}  // namespace

Result<void> haveSameDims(const ArraySpec& first, const ArraySpec& other, int joint, const std::string& name, bool onOneGrid) {
  if (first.dimNames() != other.dimNames())
    return fail(ErrorCode::GridMismatch, name + " has the dims " + dimList(other) + ", input 1 has " + dimList(first),
                "bring them into one order with transpose, name them alike with rename");
  const SideBySide arrays{first, "input 1", other, name};
  for (int d = 0; d < static_cast<int>(first.dims.size()); ++d) {
    const bool isOnGrid = first.geobox && (d == first.yDim || d == first.xDim);
    if (d != joint && (onOneGrid || !isOnGrid)) CUBELOOM_TRY(checkSameEntries(arrays, d, d, isOnGrid));
  }
  if (onOneGrid) CUBELOOM_TRY(checkSameGrid(arrays));
  return {};
}

ArraySpec commonSpec(const std::vector<ArraySpec>& inputs, std::vector<std::string>& warnings) {
  ArraySpec spec = inputs[0];
  settleMeaning(inputs, spec, warnings);
  settleType(inputs, spec, warnings);
  return spec;
}

Result<std::shared_ptr<const BoundOperation>> bindJoined(const std::vector<ArraySpec>& inputs, const std::string& dim,
                                                         const std::optional<Coordinate>& entries, const std::string& summary) {
  const int joint = inputs[0].indexOf(dim);
  std::vector<Dim> dims;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    CUBELOOM_TRY(haveSameDims(inputs[0], inputs[k], joint, "input " + std::to_string(k + 1), true));
    if (joint >= 0) dims.push_back(inputs[k].dims[static_cast<std::size_t>(joint)]);
    if (joint >= 0) continue;
    const AuxiliaryCoordinate* single = inputs[k].coordinateNamed(dim);
    dims.push_back({dim, 1, single && single->dims.empty() ? *single->values : Coordinate{}});
  }
  std::vector<std::string> warnings;
  if (joint >= 0 && (joint == inputs[0].yDim || joint == inputs[0].xDim))
    return invalidParameter("dim", "'" + dim + "' lies on the arrays' grid", "arrays that lie side by side on the ground are a mosaic");
  ArraySpec spec = commonSpec(inputs, warnings);
  std::erase_if(spec.coordinates, [&dim](const AuxiliaryCoordinate& one) { return one.name == dim; });
  spec.dropCoordinatesAlong({dim});
  Dim made{dim, 0, {}};
  for (const Dim& one : dims) made.size += one.size;
  const auto scales = scalesAlong(inputs, dims, joint);
  if (entries) {
    if (const auto given = static_cast<std::int64_t>(std::max(entries->values.size(), entries->labels.size())); given != made.size)
      return invalidParameter("labels", formatCount(given) + " entries for '" + dim + "', which has " + formatCount(made.size),
                              "give one for each");
    made.coordinate = *entries;
  } else {
    auto joined = joinedCoordinate(dims);
    if (!joined) return fail(joined.error());
    made.coordinate = std::move(*joined);
  }
  if (turnsOrRepeats(made)) warnings.push_back("the entries of '" + dim + "' turn or repeat: sortby dim=" + dim + " puts them in order");
  if (joint >= 0) {
    spec.dims[static_cast<std::size_t>(joint)] = std::move(made);
  } else {
    spec.dims.insert(spec.dims.begin(), std::move(made));
    if (!spec.storage.block.empty()) spec.storage.block.insert(spec.storage.block.begin(), 1);
    for (int& stored : spec.storage.order) ++stored;
    if (!spec.storage.order.empty()) spec.storage.order.insert(spec.storage.order.begin(), 0);
    if (spec.yDim >= 0) ++spec.yDim, ++spec.xDim;
  }
  const int along = std::max(joint, 0);
  const bool isOneScale = std::all_of(inputs.begin(), inputs.end(), [&inputs](const ArraySpec& other) {
    return other.storedScale == inputs[0].storedScale && other.scaledDim() == inputs[0].scaledDim();
  });
  if (scales) {
    spec.setStoredScales(along, *scales);
  } else if (!isOneScale) {
    spec.forgetStoredMeaning();
    warnings.emplace_back("the inputs have different scales of stored values: add unscale before");
  }
  return std::make_shared<BoundJoined>(inputs, static_cast<std::size_t>(along), std::move(spec), summary, std::move(warnings));
}

PixelType commonType(PixelType a, PixelType b) {
  if (a == b) return a;
  const auto isWide = [](PixelType t) {
    return t == PixelType::Complex128 || t == PixelType::Float64 || (isInteger(t) && pixelTypeBytes(t) > 2);
  };
  if (isComplex(a) || isComplex(b)) return isWide(a) || isWide(b) ? PixelType::Complex128 : PixelType::Complex64;
  if (isFloating(a) || isFloating(b)) return isWide(a) || isWide(b) ? PixelType::Float64 : PixelType::Float32;
  const auto isSigned = [](PixelType t) { return canHold(t, -1); };
  if (isSigned(a) == isSigned(b)) return pixelTypeBytes(a) > pixelTypeBytes(b) ? a : b;
  const PixelType whole = isSigned(a) ? a : b, natural = isSigned(a) ? b : a;
  if (pixelTypeBytes(whole) > pixelTypeBytes(natural)) return whole;
  switch (pixelTypeBytes(natural)) {
    case 1: return PixelType::Int16;
    case 2: return PixelType::Int32;
    case 4: return PixelType::Int64;
    default: return PixelType::Float64;
  }
}

}  // namespace cubeloom
