// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_variables.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/source/exact_nodata.h"

namespace cubeloom {
namespace {

constexpr double kMostCoordinateValues = 4 << 20, kMostDecodedBytes = 64 << 20;

PixelType withSign(PixelType type, bool isUnsigned) {
  using enum PixelType;
  switch (type) {
    case UInt8:
    case Int8: return isUnsigned ? UInt8 : Int8;
    case UInt16:
    case Int16: return isUnsigned ? UInt16 : Int16;
    case UInt32:
    case Int32: return isUnsigned ? UInt32 : Int32;
    case UInt64:
    case Int64: return isUnsigned ? UInt64 : Int64;
    default: return type;
  }
}

/// The numbers of an attribute, which some writers give as text.
std::vector<double> numbersOf(const StoredVariable& variable, const char* name) {
  const auto found = variable.attributes.find(name);
  if (found == variable.attributes.end()) return {};
  if (!found->second.numbers.empty()) return found->second.numbers;
  const auto number = parseNumber(found->second.text);
  return number ? std::vector<double>{*number} : std::vector<double>{};
}

/// All that _FillValue, missing_value and NEON's Data_Ignore_Value declare, each once. Without a scale only what can be told from other
/// values: the result holds it.
std::vector<double> fillsOf(const StoredVariable& variable, const ValueDecoder& decoder,
                            const std::function<void(const std::string&)>& note) {
  std::vector<double> fills;
  for (const char* name : {"_FillValue", "missing_value", "Data_Ignore_Value"}) {
    const auto declared = numbersOf(variable, name);
    if (declared.empty() && variable.has(name))
      note(std::string(name) + " \"" + variable.text(name).substr(0, 60) + "\" is not applied: it is no number");
    for (const double given : declared) {
      const double fill = asStored(given, decoder.stored);
      const bool isKnown = std::any_of(fills.begin(), fills.end(),
                                       [fill](double other) { return other == fill || (std::isnan(other) && std::isnan(fill)); });
      if (isKnown) continue;
      if (decoder.isScaled) {
        // No integer is NaN: xarray takes such a variable as one without missing values, and so decodes it as float64 where it is shifted.
        if (!isInteger(decoder.stored) || !std::isnan(fill)) fills.push_back(fill);
      } else if (!isToldApart(decoder.stored, fill)) {
        note(kNotToldApart);
      } else if (!canHold(decoder.stored, fill)) {
        note("nodata left undeclared: no " + std::string(pixelTypeName(decoder.stored)) + " can be " + formatNumber(fill));
      } else if (!fills.empty() && isComplex(decoder.stored)) {
        note(std::string(name) + " " + formatNumber(fill) + " counts as valid: nodata is " + formatNumber(fills.front()));
      } else {
        fills.push_back(fill);
      }
    }
  }
  return fills;
}

ValueDecoder decoderOf(const StoredVariable& variable, std::vector<std::string>* notes, bool appliesScale) {
  ValueDecoder decoder;
  decoder.stored = variable.type.value_or(PixelType::Float32);
  decoder.swapped = variable.swapped;
  if (const std::string sign = toLower(variable.text("_Unsigned")); sign == "true" || sign == "false")
    decoder.stored = withSign(decoder.stored, sign == "true");
  const auto note = [notes](const std::string& text) {
    if (notes != nullptr) notes->push_back(text);
  };
  const auto number = [&](const char* name) -> std::optional<double> {
    const auto numbers = numbersOf(variable, name);
    if (numbers.size() == 1) return numbers.front();
    if (variable.has(name)) note(std::string(name) + " \"" + variable.text(name).substr(0, 60) + "\" is not applied: it is not one number");
    return std::nullopt;
  };
  const auto scale = number("scale_factor"), offset = number("add_offset");
  decoder.isScaled = appliesScale && (scale.has_value() || offset.has_value());
  decoder.scale = scale.value_or(1);
  decoder.offset = offset.value_or(0);
  decoder.fills = fillsOf(variable, decoder, note);
  decoder.result = decoder.isScaled ? ValueDecoder::resultType(decoder.stored, offset.has_value(), !decoder.fills.empty()) : decoder.stored;
  return decoder;
}

}  // namespace

double asStored(double number, PixelType type) {
  const auto range = static_cast<double>(std::uint64_t{1} << (8 * std::min<std::size_t>(pixelTypeBytes(type), 4)));
  if (!isInteger(type) || pixelTypeBytes(type) > 4 || canHold(type, number)) return number;
  if (canHold(type, number + range)) return number + range;
  return canHold(type, number - range) ? number - range : number;
}

CfVariables::CfVariables(std::shared_ptr<VariableFile> file) : m_file(std::move(file)) {
  const std::vector<StoredVariable>& all = m_file->variables();
  for (std::size_t i = 0; i < all.size(); ++i) m_places.emplace(all[i].path(), i);
}

std::optional<std::size_t> CfVariables::find(const std::string& name, const std::string& group) const {
  for (std::string at = group;;) {
    const auto place = m_places.find(at.empty() ? name : at + "/" + name);
    if (place != m_places.end()) return place->second;
    if (at.empty()) return std::nullopt;
    const std::size_t slash = at.rfind('/');
    at = slash == std::string::npos ? "" : at.substr(0, slash);
  }
}

std::optional<std::size_t> CfVariables::coordinate(const std::string& dim, std::int64_t size, const std::string& group) const {
  const auto found = find(dim, group);
  if (!found) return std::nullopt;
  const StoredVariable& variable = at(*found);
  const bool fits = variable.type && variable.refusal.empty() && variable.shape == std::vector{size} && variable.dims.front() == dim;
  return fits ? found : std::nullopt;
}

const std::vector<std::string>* CfVariables::texts(const std::string& name, const std::string& dim, std::int64_t size,
                                                   const std::string& group) const {
  const auto found = find(name, group);
  if (!found) return nullptr;
  const StoredVariable& variable = at(*found);
  const bool fits = !variable.texts.empty() && variable.dims.front() == dim && variable.texts.size() == static_cast<std::size_t>(size);
  return fits ? &variable.texts : nullptr;
}

std::vector<std::size_t> CfVariables::allAlong(const std::string& dim, std::int64_t size) const {
  const std::vector<StoredVariable>& all = m_file->variables();
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].type && all[i].refusal.empty() && all[i].shape == std::vector{size} && all[i].dims.front() == dim) found.push_back(i);
  return found;
}

std::optional<std::size_t> CfVariables::along(const std::string& dim, std::int64_t size, const std::vector<std::string>& names,
                                              const std::string& group) const {
  std::optional<std::size_t> nearest;
  for (const std::size_t i : allAlong(dim, size))
    if (std::find(names.begin(), names.end(), toLower(at(i).name)) != names.end() &&
        (!nearest || groupsApart(group, at(i).group) < groupsApart(group, at(*nearest).group)))
      nearest = i;
  return nearest;
}

std::size_t CfVariables::groupsApart(const std::string& group, const std::string& other) {
  constexpr std::size_t kBeside = 1000;
  const auto depth = [](const std::string& path) {
    return path.empty() ? 0 : static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1;
  };
  const bool isAbove = other.empty() || group == other || group.starts_with(other + "/");
  return isAbove ? depth(group) - depth(other) : kBeside;
}

ValueDecoder CfVariables::decoder(const StoredVariable& variable, std::vector<std::string>* notes) {
  return decoderOf(variable, notes, true);
}

ValueDecoder CfVariables::plainDecoder(const StoredVariable& variable, std::vector<std::string>* notes) {
  return decoderOf(variable, notes, false);
}

Result<std::shared_ptr<Source>> CfVariables::open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) const {
  const StoredVariable& variable = at(index);
  const std::string& path = m_file->path();
  if (!variable.refusal.empty()) {
    CUBELOOM_TRY(m_file->check(index));
    return failAt(ErrorCode::OpenFailed, path, "\"" + variable.path() + "\" in " + path + " is not read: " + variable.refusal);
  }
  if (!variable.type)
    return failAt(ErrorCode::UnsupportedType, path,
                  "\"" + variable.path() + "\" in " + path + " does not hold numbers of a type that is read");
  spec.type = decoder.result;
  return m_file->open(index, std::move(spec), decoder);
}

const std::vector<double>& CfVariables::numbers(std::size_t index) {
  const auto known = m_numbers.find(index);
  if (known != m_numbers.end()) return known->second;
  std::vector<double>& values = m_numbers[index];
  const StoredVariable& variable = at(index);
  ArraySpec spec;
  for (std::size_t d = 0; d < variable.shape.size(); ++d) spec.dims.push_back({variable.dims[d], variable.shape[d], {}});
  if (spec.dims.empty()) spec.dims.push_back({"value", 1, {}});
  if (!variable.type || !variable.refusal.empty() || spec.bytes() / 8 > kMostCoordinateValues || spec.count() == 0) return values;
  const auto source = open(index, spec, decoder(variable));
  if (!source) return values;
  // Whole chunks are decoded for it, however few of their values there are.
  double decoded = 8;
  for (const std::int64_t side : (*source)->decodedBlock()) decoded *= static_cast<double>(side);
  if (decoded > kMostDecodedBytes) return values;
  BufferPool pool;
  const Block block = makeBlock(pool, (*source)->spec().type, spec.shape());
  ReadContext context;
  if (const auto done = (*source)->read(fullRegion(spec.shape()), block.view, context); !done) {
    if (done.error().code == ErrorCode::ReadFailed && !m_readFailure) m_readFailure = done.error();
    return values;
  }
  values.resize(static_cast<std::size_t>(block.view.count()));
  copyBlock(block.view, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, block.view.shape));
  return values;
}

Result<void> CfVariables::checkReads() const {
  if (m_readFailure) return fail(*m_readFailure);
  return m_file->checkReads();
}

}  // namespace cubeloom
