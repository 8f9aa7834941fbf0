// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_dataset.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/io/cf/cf_axes.h"
#include "engine/io/cf/cf_coordinates.h"
#include "engine/io/cf/cf_flags.h"
#include "engine/io/cf/cf_products.h"
#include "engine/io/cf/cf_variables.h"
#include "engine/io/file/io_error.h"
#include "engine/io/source/stored_scales.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxAttributes = 200, kMaxAttributeBytes = 4096, kMaxListed = 2000;
using Notes = std::vector<std::string>;

/// A variable as it would be opened.
struct Candidate {
  std::size_t index = 0;
  ArraySpec spec;
  Notes notes;
  std::shared_ptr<Source> source;
  std::optional<Error> refused;  ///< there is no source
};

std::string sizesOf(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> sides;
  sides.reserve(shape.size());
  for (const std::int64_t side : shape) sides.push_back(std::to_string(side));
  return join(sides, " x ");
}

bool declaresFill(const StoredVariable& variable) {
  return variable.has("_FillValue") || variable.has("missing_value") || variable.has("Data_Ignore_Value");
}

void setNodata(const StoredVariable& variable, const ValueDecoder& decoder, ArraySpec& spec, Notes& notes) {
  const bool hasRange = variable.has("valid_range") || variable.has("valid_min") || variable.has("valid_max");
  if (hasRange) notes.emplace_back("valid_range is not applied: values outside it stay as they are");
  if (decoder.isScaled) {
    std::vector<std::string> missing;
    for (const double fill : decoder.fills) missing.push_back(formatNumber(fill));
    notes.push_back("values are decoded: stored " + std::string(pixelTypeName(decoder.stored)) + " * " + formatNumber(decoder.scale) +
                    " + " + formatNumber(decoder.offset) + " as " + std::string(pixelTypeName(decoder.result)) +
                    (missing.empty() ? "" : "; " + join(missing, " and ") + (missing.size() > 1 ? " become NaN" : " becomes NaN")));
    if (!decoder.fills.empty()) {
      spec.nodata = std::nan("");
    } else {
      notes.emplace_back("nodata is not declared");
    }
    return;
  }
  if (decoder.fills.empty()) {
    if (!declaresFill(variable)) notes.emplace_back("nodata is not declared");
    return;
  }
  spec.nodata = decoder.fills.front();
  for (std::size_t i = 1; i < decoder.fills.size(); ++i)
    notes.push_back("missing values are " + formatNumber(decoder.fills[i]) + " too: they are read as nodata, " +
                    formatNumber(*spec.nodata));
}

void addAttributes(const Attributes& from, ArraySpec& spec) {
  static const std::set<std::string, std::less<>> kConsumed{
      "_FillValue", "missing_value", "Data_Ignore_Value", "scale_factor",   "add_offset", "grid_mapping", "coordinates",
      "units",      "_Unsigned",     "DIMENSION_LIST",    "REFERENCE_LIST", "_Storage",   "bounds",       "_CRS"};
  for (const auto& [name, value] : from)
    if (!kConsumed.contains(name) && value.text.size() <= kMaxAttributeBytes && spec.attributes.size() < kMaxAttributes)
      spec.attributes.emplace(name, value.text);
}

Candidate describe(CfVariables& variables, std::size_t index, bool isDecoded) {
  const StoredVariable& variable = variables.at(index);
  Candidate candidate;
  candidate.index = index;
  candidate.notes = variable.notes;
  ArraySpec& spec = candidate.spec;
  for (std::size_t d = 0; d < variable.shape.size(); ++d) spec.dims.push_back({variable.dims[d], variable.shape[d], {}});
  spec.variable = variable.path();
  spec.unit = variable.text("units");
  setAxes(variables, index, spec, candidate.notes);
  applyProduct(variables, index, spec, candidate.notes);
  const ValueDecoder decoder =
      isDecoded ? CfVariables::decoder(variable, &candidate.notes) : CfVariables::plainDecoder(variable, &candidate.notes);
  spec.type = decoder.result;
  setNodata(variable, decoder, spec, candidate.notes);
  if (!decoder.isScaled && !spec.storedScale) noteStoredScales(spec, 0, {{decoder.scale, decoder.offset}}, candidate.notes);
  setAuxiliaryCoordinates(variables, index, spec, candidate.notes);
  addAttributes(variable.attributes, spec);
  setFlags(variable, decoder, spec);
  addAttributes(variables.file().attributes(""), spec);
  auto source = variables.open(index, spec, decoder);
  if (!source) {
    candidate.refused = std::move(source.error());
    return candidate;
  }
  candidate.source = std::move(*source);
  candidate.spec.storage = candidate.source->spec().storage;
  return candidate;
}

/// What other arrays name as their coordinates.
std::set<std::string, std::less<>> namedCoordinates(const CfVariables& variables, const std::vector<Candidate>& candidates) {
  std::set<std::string, std::less<>> names;
  for (const Candidate& candidate : candidates)
    for (const std::string& name : split(variables.at(candidate.index).text("coordinates"), ' ')) names.insert(name);
  return names;
}

/// The only one; else the first with spatial dims that is not itself an axis; else the first with spatial dims; else the largest that is
/// not a coordinate of another one. In the order of the file.
std::size_t chosenOf(const CfVariables& variables, const std::vector<Candidate>& candidates) {
  for (const bool alsoAuxiliary : {false, true})
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (candidates[i].spec.isSpatial() && (alsoAuxiliary || !isAuxiliary(variables.at(candidates[i].index)))) return i;
  const auto coordinates = namedCoordinates(variables, candidates);
  const auto isSmaller = [&](const Candidate& a, const Candidate& b) {
    const auto rank = [&](const Candidate& c) { return std::pair(!coordinates.contains(variables.at(c.index).name), c.spec.bytes()); };
    return rank(a) < rank(b);
  };
  return static_cast<std::size_t>(std::max_element(candidates.begin(), candidates.end(), isSmaller) - candidates.begin());
}

void describeAccess(const Source& source, DatasetInfo& info) {
  const ArraySpec& spec = source.spec();
  const std::string chunk = sizesOf(spec.storage.block) + " (" + join(spec.dimNames(), ", ") + ")";
  if (!spec.storage.name.starts_with("chunks")) {
    info.cheap = {"Cheap here: runs along \"" + spec.dims.back().name + "\"."};
    info.expensive = {"Expensive here: single values along \"" + spec.dims.front().name + "\"."};
  } else if (source.decodedBlock().empty()) {
    info.cheap = {"Cheap here: any range within a chunk of " + chunk + "; chunks are not compressed."};
  } else {
    info.cheap = {"Cheap here: whole chunks of " + chunk + "."};
    info.expensive = {"Expensive here: less than a chunk, which is read and decompressed whole."};
  }
}

/// What a file holds: arrays that can be opened and, apart, those that cannot.
struct Listing {
  std::vector<Candidate> candidates, refused;
  Notes notes;
};

/// The bounds of coordinates (CF conventions 7.1 and 7.4): what a `bounds` or `climatology` names, and what is called so where none does.
/// They are parts of their coordinates and no data.
std::set<std::size_t> boundsOf(const CfVariables& variables) {
  std::set<std::size_t> found;
  const auto& all = variables.file().variables();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const char* attribute : {"bounds", "climatology"})
      if (const std::string name(trim(all[i].text(attribute))); !name.empty())
        if (const auto bounds = variables.find(name, all[i].group); bounds && *bounds != i) found.insert(*bounds);
    if (isCalledBounds(all[i])) found.insert(i);
  }
  return found;
}

/// Arrays of `leastDims` dims and more, the coordinates of dims not among those of one, and bounds only where asked for. Fails when the one
/// that is asked for is refused.
Result<Listing> listVariables(CfVariables& variables, std::size_t leastDims, const OpenRequest& request) {
  Listing listing;
  const std::string& asked = request.variable;
  const auto& all = variables.file().variables();
  const std::string& path = variables.file().path();
  const std::set<std::size_t> bounds = boundsOf(variables);
  for (std::size_t i = 0; i < all.size() && listing.candidates.size() < kMaxListed; ++i) {
    const bool isAsked = all[i].path() == asked;
    if (bounds.contains(i) && !isAsked) continue;
    const bool isEmpty = std::find(all[i].shape.begin(), all[i].shape.end(), 0) != all[i].shape.end();
    const bool isCoordinate = all[i].dims.size() == 1 && all[i].name == all[i].dims.front();
    if (all[i].shape.size() < (isAsked ? 1 : leastDims) || isCoordinate || isEmpty || (!all[i].type && all[i].refusal.empty())) {
      if (isAsked)
        return failAt(ErrorCode::UnsupportedType, path,
                      "\"" + asked + "\" in " + path + " is not an array of numbers beside its coordinates", "choose another variable");
      continue;
    }
    Candidate candidate = describe(variables, i, request.decode != "false");
    if (!candidate.refused) {
      listing.candidates.push_back(std::move(candidate));
      continue;
    }
    if (isAsked) return fail(std::move(*candidate.refused));
    listing.notes.push_back("left out: " + candidate.refused->message);
    listing.refused.push_back(std::move(candidate));
  }
  return listing;
}

/// Why the array that would be chosen of all, if all could be read, is not; or one with more values than that, which may be the cube beside
/// its mask.
std::optional<Error> meantButRefused(const CfVariables& variables, const Listing& listing) {
  if (listing.refused.empty()) return std::nullopt;
  std::vector<Candidate> all = listing.candidates;
  all.insert(all.end(), listing.refused.begin(), listing.refused.end());
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.index < b.index; });
  const Candidate* meant = &all[chosenOf(variables, all)];
  for (const Candidate& other : listing.refused)
    if (!meant->refused && other.spec.count() > meant->spec.count() && !isAuxiliary(variables.at(other.index))) meant = &other;
  if (!meant->refused) return std::nullopt;
  Error error = *meant->refused;
  constexpr std::size_t kMostNamed = 6;
  std::vector<std::string> others;
  for (const Candidate& other : listing.candidates)
    if (others.size() < kMostNamed) others.push_back(other.spec.variable);
  error.hint += (error.hint.empty() ? "" : "; ") + std::string("other arrays are opened by name: variable=") + join(others, ", ");
  return error;
}

}  // namespace

Result<OpenedDataset> openCfDataset(const std::shared_ptr<VariableFile>& file, const OpenRequest& request) {
  const std::string& variable = request.variable;
  CfVariables variables(file);
  Result<Listing> listing = listVariables(variables, 2, request);
  if (listing && listing->candidates.empty() && listing->refused.empty()) listing = listVariables(variables, 1, request);
  if (!listing) return fail(std::move(listing.error()));
  CUBELOOM_TRY(variables.checkReads());
  const std::vector<Candidate>& candidates = listing->candidates;
  if (candidates.empty()) {
    if (!listing->refused.empty()) return fail(std::move(*listing->refused.front().refused));
    return failAt(ErrorCode::OpenFailed, file->path(), file->path() + " holds no array of numbers with pixels");
  }
  OpenedDataset opened;
  DatasetInfo& info = opened.info;
  info.path = file->path();
  info.driver = file->driver();
  info.chosen = chosenOf(variables, candidates);
  opened.refused = meantButRefused(variables, *listing);
  std::size_t taken = info.chosen;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    info.variables.push_back({candidates[i].spec.variable, candidates[i].spec});
    if (candidates[i].spec.variable == variable) taken = i;
  }
  const Candidate& chosen = candidates[taken];
  CUBELOOM_TRY(file->check(chosen.index));
  opened.countBytes = [file, index = chosen.index] { return file->fileBytes(index); };
  info.notes = file->notes();
  info.notes.insert(info.notes.end(), listing->notes.begin(), listing->notes.end());
  if (opened.refused) info.notes.emplace_back("the array that open takes where none is named cannot be read: name another one");
  if (candidates.size() > 1 && variable.empty() && !opened.refused)
    info.notes.push_back("of " + std::to_string(candidates.size()) + " variables \"" + chosen.spec.variable + "\" is taken");
  info.notes.insert(info.notes.end(), chosen.notes.begin(), chosen.notes.end());
  describeAccess(*chosen.source, info);
  opened.source = chosen.source;
  return opened;
}

}  // namespace cubeloom
