// SPDX-License-Identifier: GPL-3.0-or-later
// coarsen: blocks of entries become one.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/family/blocks.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

const std::vector<std::string>& statisticNames() {
  static const std::vector<std::string> kNames{"mean", "min", "max", "sum", "std", "var", "count", "median"};
  return kNames;
}

Declaration declaration() {
  Declaration d;
  d.title = "Coarsen";
  d.summary = "Makes blocks of entries one: 4 x 4 pixels, 3 bands, 7 days.";
  d.help =
      "How many entries make one is said per dim: coarsen y=4 x=4. Nodata is left out; a block without a valid entry is nodata. The grid "
      "has "
      "the same corner and larger pixels; other coordinates are the means of their block's. What is left at a dim's end is left out "
      "(boundary=trim) or makes a smaller block (pad). std and var are the population's. For another CRS or sizes that are no whole "
      "multiples "
      "see reproject resampling=average.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.coarsen.html"};
  d.example = "coarsen y=4 x=4";
  d.moreExamples = {"coarsen y=3 wavelength=5 statistic=median boundary=pad", "coarsen x=7 statistic=std"};
  d.python =  // a padded block's coordinate counts what it lacks, as every other one's
      "({?!statistic=sum:array.coarsen({factor}, boundary={boundary}).{statistic:word}()?}"
      "{?statistic=sum:array.coarsen({factor}, boundary={boundary}).mean() * array.coarsen({factor}, boundary={boundary}).count()?})"
      "{?boundary=pad:{?.assign_coords({out.centres})?}?}";
  d.noGdal = "gdalwarp -r average weighs by area on a grid of its own";
  d.keywords = {"aggregate", "downsample", "bin", "block", "average", "multilook", "resample", "spectral binning"};
  Param factor{.name = "factor", .type = ParamType::Factors, .help = "Per dim: how many entries make one."};
  factor.required = true;
  Param statistic{.name = "statistic", .type = ParamType::Choice, .help = "What remains of a block.", .defaultTo = "mean", .choices = {}};
  for (const std::string& name : statisticNames()) statistic.choices.emplace_back(name);
  d.params = {factor,
              statistic,
              {.name = "boundary",
               .type = ParamType::Choice,
               .help = "What becomes of a rest at the end of a dim.",
               .defaultTo = "trim",
               .choices = {{"trim", "left out"}, {"pad", "a smaller block"}}}};
  d.validFromNodata = "count is 0 where nothing is valid";
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  Blocks blocks;
  blocks.factors.assign(input.dims.size(), 1);
  blocks.isPadded = params.choice("boundary") == "pad";
  const auto& names = statisticNames();
  blocks.statistic = static_cast<BlockStatistic>(std::find(names.begin(), names.end(), params.choice("statistic")) - names.begin());
  std::vector<std::string> said;
  for (const auto& [name, value] : params.json("factor").items()) {
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("factor", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    blocks.factors[static_cast<std::size_t>(d)] = value.get<std::int64_t>();
    said.push_back(name + " / " + formatCount(value.get<std::int64_t>()));
  }
  blocks.summary = params.choice("statistic") + " of " + join(said, " · ");
  return bindBlocks(input, std::move(blocks));
}

}  // namespace

CUBELOOM_OPERATION(coarsen) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
