// SPDX-License-Identifier: GPL-3.0-or-later
// zonal_stats: numbers of each zone of a raster of labels, for all bands and dates in one reading.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/zonal.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  return {
      .title = "Zonal statistics",
      .summary = "Computes count, mean and further numbers of the values in each zone of a raster of labels.",
      .help =
          "The result is float64 with the dims zone, statistic and those that the labels lack: all bands and dates at once. A pixel "
          "belongs to the zone of the label on its centre. Nodata and NaN of the values and nodata of the labels are left out; where "
          "nothing is left, count and area are 0 and all else is NaN. std divides by count - ddof, as numpy's. area is that of the counted "
          "pixels, in the square of the CRS's unit. Sums are kept in double and added in a fixed order, so that the result has the "
          "same bits for any number of workers and any memory budget. All zones are held in memory: zones times bands and dates "
          "may take 256 MiB at 48 bytes each.",
      .references = {"https://pythonhosted.org/rasterstats/manual.html#zonal-statistics",
                     "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. "
                     "doi:10.1080/00031305.1983.10483115"},
      .example = "zonal_stats zones=1,2,3 statistics=count,mean,std,range,area",
      .python =
          "xarray.concat([xarray.concat([dict(range=lambda a, d: a.max(d) - a.min(d), std=lambda a, d: a.std(d, ddof={ddof}), "
          "area=lambda a, d: a.count(d) * abs(float((array.x[1] - array.x[0]) * (array.y[1] - array.y[0]))))"
          ".get(name, lambda a, d: getattr(a, name)(d))(array.where(in2.squeeze(drop=True) == zone), in2.squeeze().dims) "
          "for name in {statistics}.split(',')], 'statistic') for zone in {zones|None} or range(1, {highest|255} + 1)], 'zone')",
      .noGdal = "GDAL's programs have no zones before 3.12",
      .params = {{.name = "zones",
                  .type = ParamType::Numbers,
                  .help = "The labels that are zones, in the order of the result; by default 1 to 'highest'."},
                 {.name = "highest",
                  .type = ParamType::Integer,
                  .help = "Labels from 1 to this one are zones; by default 255 for labels of 8 bits.",
                  .minimum = 1,
                  .maximum = 5000000},
                 {.name = "statistics",
                  .type = ParamType::Text,
                  .help = "Which numbers, in the order of the result: count, sum, mean, std, min, max, range, area.",
                  .defaultTo = "count,mean,std,min,max,sum"},
                 {.name = "ddof",
                  .type = ParamType::Integer,
                  .help = "What std takes off the count: 0 for all of the zone, 1 for a sample of it.",
                  .defaultTo = 0,
                  .minimum = 0,
                  .maximum = 1,
                  .advanced = true}},
      .inputs = {{.name = "array", .help = "the values"},
                 {.name = "labels", .help = "whole numbers along some dims of the values, usually y and x"}},
      .keywords = {"zones", "segments", "classes", "group", "per field", "summary", "rasterstats"},
      .validFromNodata = "count is 0 where nothing is valid"};
}

Result<std::vector<std::int64_t>> zonesOf(const Params& params, const ArraySpec& labels) {
  std::vector<std::int64_t> zones;
  if (params.has("zones")) {
    for (const double label : params.numbers("zones")) {
      if (label != std::floor(label) || std::abs(label) > 9007199254740992.0)
        return invalidParameter("zones", formatNumber(label) + " is no whole number", "labels are whole numbers");
      zones.push_back(static_cast<std::int64_t>(label));
    }
    return zones;
  }
  const bool isByte = labels.type == PixelType::UInt8;
  if (!params.has("highest") && !isByte)
    return invalidParameter("highest", "which of the labels are zones is not known: they are " + std::string(pixelTypeName(labels.type)),
                            "set 'highest', or name them in 'zones'");
  for (std::int64_t label = 1; label <= params.integer("highest", 255); ++label) zones.push_back(label);
  return zones;
}

/// The area of a pixel; of degrees an error.
Result<double> pixelArea(const ArraySpec& values) {
  if (!values.geobox || !values.geobox->crs().isValid() || values.geobox->crs().isGeographic())
    return invalidParameter("statistics", "the pixels' area is not known: the array has no grid in a unit of length",
                            "leave area out, or reproject onto such a grid before");
  return std::abs(values.geobox->affine().determinant());
}

Result<ZonalStatistic> statisticOf(const std::string& name, const Params& params, const ArraySpec& values) {
  if (name == "count") return ZonalStatistic{name, true, [](const Moment& m) { return m.count; }};
  if (name == "sum") return ZonalStatistic{name, false, [](const Moment& m) { return m.sum; }};
  if (name == "mean") return ZonalStatistic{name, false, [](const Moment& m) { return m.mean; }};
  if (name == "min") return ZonalStatistic{name, false, [](const Moment& m) { return m.low; }};
  if (name == "max") return ZonalStatistic{name, false, [](const Moment& m) { return m.high; }};
  if (name == "range") return ZonalStatistic{name, false, [](const Moment& m) { return m.high - m.low; }};
  if (name == "std")
    return ZonalStatistic{name, false, [ddof = params.number("ddof")](const Moment& m) {
                            return m.count > ddof ? std::sqrt(m.squares / (m.count - ddof)) : NAN;
                          }};
  if (name == "area") {
    const auto pixel = pixelArea(values);
    if (!pixel) return fail(pixel.error());
    return ZonalStatistic{name, true, [area = *pixel](const Moment& m) { return m.count * area; }};
  }
  return invalidParameter("statistics", "there is no statistic '" + name + "'", "known: count, sum, mean, std, min, max, range, area");
}

Result<Zonal> describe(const Params& params, const ArraySpec& values, const ArraySpec& labels) {
  Zonal result;
  auto zones = zonesOf(params, labels);
  if (!zones) return fail(zones.error());
  result.zones = std::move(*zones);
  std::vector<std::string> names;
  for (const std::string& word : split(params.text("statistics"), ',')) {
    const std::string name = toLower(trim(word));
    if (std::find(names.begin(), names.end(), name) != names.end())
      return invalidParameter("statistics", "'" + name + "' is named twice", "name it once");
    auto statistic = statisticOf(name, params, values);
    if (!statistic) return fail(statistic.error());
    result.statistics.push_back(std::move(*statistic));
    names.push_back(name);
  }
  result.summary = formatCount(static_cast<std::int64_t>(result.zones.size())) + " zones · " + join(names, ", ");
  return result;
}

}  // namespace

CUBELOOM_OPERATION(zonal_stats) { return zonal(declaration(), describe); }

}  // namespace cubeloom
