// SPDX-License-Identifier: GPL-3.0-or-later
// focal: a statistic of the pixels in the square around each pixel.
#include <cmath>
#include <map>

#include "engine/op/family/computed.h"
#include "engine/op/family/focal_windows.h"

namespace cubeloom {
namespace {

WindowStatistic statisticOf(const std::string& name) {
  static const std::map<std::string, WindowStatistic> kNames{
      {"mean", WindowStatistic::Mean}, {"median", WindowStatistic::Median}, {"min", WindowStatistic::Min},    {"max", WindowStatistic::Max},
      {"std", WindowStatistic::Std},   {"sum", WindowStatistic::Sum},       {"range", WindowStatistic::Range}};
  return kNames.at(name);
}

Result<Focal> describe(const Params& params, const ArraySpec& input) {
  const std::string statistic = params.choice("statistic");
  const std::int64_t size = params.integer("size");
  if (size % 2 == 0) return invalidParameter("size", "a square of " + std::to_string(size) + " pixels has no middle", "give an odd number");
  const bool isExtreme = statistic == "min" || statistic == "max";
  if (input.isClasses() && !isExtreme)
    return invalidParameter("statistic", "the array holds numbers of classes: nothing lies between two of them");
  Focal result;
  result.spec = input;
  // An extreme is one of the valid values, so that nodata stays what none of them is.
  if (!isExtreme) settleComputed(result.spec, statistic == "sum" ? PixelType::Float64 : meanType(input.type), 0, 0, true);
  if (isFloating(input.type)) result.spec.nodata = NAN;
  if (statistic == "sum" || statistic == "std" || statistic == "range") forgetMeaning(result.spec, result.warnings);
  result.radius = size / 2;
  result.edge = edgeOf(params);
  result.summary = statistic + " of " + std::to_string(size) + " x " + std::to_string(size);
  result.kernel = windowStatistic(statisticOf(statistic));
  return result;
}

}  // namespace

CUBELOOM_OPERATION(focal) {
  return focal(
      {.title = "Focal statistic",
       .summary = "Computes a statistic of the square around each pixel, band by band.",
       .help = "Nodata in the square is left out; a pixel that is nodata stays so. std is that of the whole square (ddof=0). min and "
               "max keep the pixel type, sum is float64, the others float32, or float64 for types of more than 16 bits.",
       .references = {"https://docs.scipy.org/doc/scipy/reference/ndimage.html"},
       .example = "focal statistic=median size=3",
       .python = "array{?edge=reflect:.pad(y={size}, x={size}, mode='symmetric')?}{?edge=nearest:.pad(y={size}, x={size}, mode='edge')?}"
                 ".rolling(y={size}, x={size}, center=True).construct(y='wy', x='wx')"
                 "{?statistic=range:.pipe(lambda a: a.max(['wy', 'wx']) - a.min(['wy', 'wx']))?}"
                 "{?!statistic=range:.{statistic:word}(['wy', 'wx'])?}"
                 "{?!edge=nodata:.isel(y=slice({size}, -{size}), x=slice({size}, -{size}))?}.where(array.notnull())",
       .noGdal = "GDAL's programs have windows for heights only",
       .params = {{.name = "statistic",
                   .type = ParamType::Choice,
                   .help = "What is taken of the square.",
                   .defaultTo = "mean",
                   .choices = {"mean", "median", "min", "max", "std", "sum", "range"}},
                  {.name = "size",
                   .type = ParamType::Integer,
                   .help = "Side of the square, an odd number.",
                   .unit = "pixels",
                   .defaultTo = 3,
                   .minimum = 1,
                   .maximum = 255},
                  edgeParam("nodata")},
       .keywords = {"filter", "neighbourhood", "moving window", "median", "smooth", "despeckle", "texture"}},
      describe);
}

}  // namespace cubeloom
