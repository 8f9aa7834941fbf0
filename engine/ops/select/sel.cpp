// SPDX-License-Identifier: GPL-3.0-or-later
// sel: select along dims by coordinate value (wavelength in nm, date, easting).
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/view/date_parts.h"
#include "engine/op/view/longitudes.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Select by value";
  d.summary = "Keeps parts of dims by coordinate value: wavelengths in nm, dates, eastings.";
  d.help =
      "For each dim a value, a list of values, or a range start:stop with both ends included. With method=nearest a value takes the "
      "closest "
      "coordinate, no farther away than tolerance; with method=exact it must be there. A pick farther away than one step of the axis is "
      "said. A date is 2022-02-24 or 20220224, and all entries of that day; 2022-02 and 2022 are all of the month and the year. drop_bad "
      "leaves out the bands that the file marks bad "
      "(ENVI's bbl). Longitudes in degrees go round: -15.5 is also 344.5, and a range may run over the end of the axis; its longitudes "
      "then "
      "go on in the convention that was asked for. A list may hold ranges: wavelength=400:500,600:700.\n\n"
      "season=JJA, month=6,7, month=11:2, year=2020:2022, day, dayofyear and hour take the dates with that part, as xarray's time.dt "
      "does, along time or the only dim of dates; seasons are the initials of months in a row. Several of them, and a selection along "
      "the dim itself, hold together.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.sel.html"};
  d.example = "sel wavelength=400:700 method=nearest";
  d.moreExamples = {"sel wavelength=400:500,600:700"};
  d.python =
      "array{indexers:chosen}.sel({indexers:slices}).sel({indexers:values}{?method=nearest:, "
      "method='nearest'{?, tolerance={tolerance}?}?}){?drop_bad=true:.isel(wavelength=good_bands)?}";
  d.noGdal = "GDAL's programs know bands by number, not by coordinate";
  d.keywords = {"subset", "wavelength", "date", "nearest", "bad bands", "bbl"};
  d.params = {Param{.name = "indexers",
                    .type = ParamType::Selectors,
                    .help = "Per dim: a value, a list, or start:stop.",
                    .defaultTo = Json::object()},
              Param{.name = "method",
                    .type = ParamType::Choice,
                    .help = "How a value finds its coordinate.",
                    .defaultTo = "nearest",
                    .choices = {"nearest", "exact"}},
              Param{.name = "tolerance",
                    .type = ParamType::Number,
                    .help = "How far away the nearest may be: in the coordinate's unit, of dates in days.",
                    .minimum = 0,
                    .advanced = true},
              Param{.name = "drop_bad",
                    .type = ParamType::Bool,
                    .help = "Leave out bands the file marks as bad.",
                    .defaultTo = false,
                    .label = "drop bad bands"}};
  return d;
}

/// Takes bad bands out of the selection along the spectral dim.
Result<void> dropBadBands(const ArraySpec& input, std::map<std::string, DimSelection>& selections) {
  const int d = input.spectralDim();
  if (d < 0) return invalidParameter("drop_bad", "there is no wavelength or band dim", "the dims are " + dimList(input));
  const Dim& dim = input.dims[static_cast<std::size_t>(d)];
  const auto good = dim.coordinate.aux.find("good");
  if (good == dim.coordinate.aux.end()) return invalidParameter("drop_bad", "the file marks no bad bands (no bbl in its header)");
  const auto chosen = selections.find(dim.name);
  const IndexSet before = chosen == selections.end() ? IndexSet::all(dim.size) : chosen->second.indices;
  std::vector<std::int64_t> kept;
  for (const std::int64_t i : before.toVector())
    if (good->second[static_cast<std::size_t>(i)] != 0) kept.push_back(i);
  if (kept.empty()) return invalidParameter("drop_bad", "all " + formatCount(before.count()) + " selected bands are marked bad");
  selections[dim.name] = {IndexSet::list(std::move(kept)), chosen != selections.end() && chosen->second.dropsDim};
  return {};
}

/// The dim of dates: "time", else the only one.
Result<int> datesOf(const ArraySpec& input, const std::string& part) {
  std::vector<int> found;
  for (std::size_t d = 0; d < input.dims.size(); ++d)
    if (asDates(input.dims[d]).coordinate.unit.starts_with("datetime")) found.push_back(static_cast<int>(d));
  const int time = input.indexOf("time");
  if (std::find(found.begin(), found.end(), time) != found.end()) return time;
  if (found.size() == 1) return found[0];
  return badSelection("'" + part + "' is a part of dates, and " + (found.empty() ? "no dim has dates" : "several dims have dates"),
                      "the dims are " + dimList(input));
}

/// Takes the parts of dates out of the selections that are asked for, and gives the entries that all of them leave; unset: there are none.
Result<std::optional<std::pair<int, DimSelection>>> dateParts(const ArraySpec& input, Json& indexers) {
  std::optional<std::pair<int, DimSelection>> left;
  if (!indexers.is_object()) return left;
  const Json asked = indexers;
  for (const auto& [part, selection] : asked.items()) {
    if (!isDatePart(part) || input.indexOf(part) >= 0) continue;
    indexers.erase(part);
    auto d = datesOf(input, part);
    if (!d) return fail(d.error());
    auto one = selectDatePart(input.dims[static_cast<std::size_t>(*d)], part, selection);
    if (!one) return fail(one.error());
    if (!left) {
      left.emplace(*d, std::move(*one));
      continue;
    }
    std::vector<std::int64_t> both = left->second.indices.toVector();
    const std::vector<std::int64_t> these = one->indices.toVector();
    std::erase_if(both, [&these](std::int64_t i) { return !std::binary_search(these.begin(), these.end(), i); });
    if (both.empty()) return badSelection("no date has all the parts that are asked for");
    left->second.indices = IndexSet::list(std::move(both));
  }
  return left;
}

/// Of what is selected along the dim of dates, the entries of those parts.
Result<void> keepDateParts(const ArraySpec& input, const std::pair<int, DimSelection>& parts,
                           std::map<std::string, DimSelection>& selections) {
  const Dim& dim = input.dims[static_cast<std::size_t>(parts.first)];
  const auto chosen = selections.find(dim.name);
  if (chosen == selections.end()) {
    selections[dim.name] = parts.second;
    return {};
  }
  const std::vector<std::int64_t> these = parts.second.indices.toVector();
  std::vector<std::int64_t> both = chosen->second.indices.toVector();
  std::erase_if(both, [&these](std::int64_t i) { return !std::binary_search(these.begin(), these.end(), i); });
  if (both.empty()) return badSelection("none of the selected entries of '" + dim.name + "' has the parts that are asked for");
  chosen->second.indices = IndexSet::list(std::move(both));
  return {};
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  ValueRule rule{params.choice("method") != "exact", std::nullopt};
  if (params.has("tolerance")) rule.tolerance = params.number("tolerance");
  Json indexers = params.json("indexers");
  auto parts = dateParts(inputs[0], indexers);
  if (!parts) return fail(parts.error());
  auto selections = readSelections(inputs[0], indexers, [&rule, &inputs](const Dim& dim, const Json& s) {
    rule.period = periodAlong(inputs[0], inputs[0].indexOf(dim.name));
    return selectValues(dim, s, rule);
  });
  if (!selections) return fail(selections.error());
  if (*parts) CUBELOOM_TRY(keepDateParts(inputs[0], **parts, *selections));
  if (params.flag("drop_bad")) CUBELOOM_TRY(dropBadBands(inputs[0], *selections));
  return makeSelection(inputs[0], *selections,
                       selectionSummary(params.json("indexers")) + (params.flag("drop_bad") ? " · good bands" : ""));
}

}  // namespace

CUBELOOM_OPERATION(sel) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
