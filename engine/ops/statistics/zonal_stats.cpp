// SPDX-License-Identifier: GPL-3.0-or-later
// zonal_stats: numbers of each polygon, or of each zone of a raster of labels, for all bands and dates in one reading.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/polygon_zones.h"
#include "engine/op/family/zonal.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  return {
      .title = "Zonal statistics",
      .summary = "Computes count, mean and further numbers of the values in each polygon, or in each zone of a raster of labels.",
      .help =
          "The result is float64 with the dims zone, statistic and all others but the spatial ones: all bands and dates at once. Nodata "
          "and "
          "NaN of the values are left out; where nothing is left, count and area are 0 and all else is NaN.\n\n"
          "Zones are the polygons of a file, brought into the array's CRS, or of a second input the labels (whole numbers on the same "
          "grid; nodata is no zone). A pixel belongs to a polygon by its centre, with coverage=all_touched also where an edge runs through "
          "it, with coverage=fraction by the part of its area that lies inside, which then weighs its value. Polygons may overlap: a pixel "
          "counts in each. With buffer=30 the zones are circles of 30 m around the points of the file: field sites. One that has no pixel "
          "is a row with count 0. The id attribute gives the zones' names.\n\n"
          "std divides by count - ddof, as numpy's. area is that of the counted pixels, in the square of the CRS's unit. median and "
          "percentiles (p10, p97.5) are linear between values, as numpy's, and majority is the most frequent value, the least of equal "
          "ones; "
          "these are of polygons alone and hold all values of a zone. Sums are kept in double and added in a fixed order, so that the "
          "result "
          "has the same bits for any number of workers and any memory budget. The zones of a raster are held in memory: they may take 256 "
          "MiB.",
      .references = {"https://pythonhosted.org/rasterstats/manual.html#zonal-statistics", "https://github.com/isciences/exactextract",
                     "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. "
                     "doi:10.1080/00031305.1983.10483115"},
      .example = "zonal_stats polygons='fields.geojson|id=name' statistics=count,mean,std,range,area,median,p10",
      .moreExamples = {"zonal_stats polygons=fields.geojson coverage=fraction statistics=sum,count,min,majority,p90",
                       "zonal_stats zones=1,2,3 statistics=count,mean,std,range,area"},
      .python =
          "{?buffer=:{?!coverage=fraction:{?xarray.concat([xarray.concat([dict(range=lambda a, d: a.max(d) - a.min(d), "
          "std=lambda a, d: a.std(d, ddof={ddof}), "
          "area=lambda a, d: a.count(d) * abs(float((array.x[1] - array.x[0]) * (array.y[1] - array.y[0]))))"
          ".get(name, lambda a, d: a.quantile(float(name[1:]) / 100, d) if name[0] == 'p' else getattr(a, name)(d))"
          "(array.rio.clip([g], fields.crs, all_touched={coverage} == 'all_touched', drop=False), ['y', 'x']).reset_coords(drop=True) "
          "for name in {statistics}.split(',')], 'statistic') for fields in [geopandas.read_file({polygons:path}"
          "{?, layer={polygons:layer}?}{?, where={polygons:where}?})] for g in fields.geometry], 'zone'){?.assign_coords({out.new})?}?}?}?}"
          "{?polygons=:xarray.concat([xarray.concat([dict(range=lambda a, d: a.max(d) - a.min(d), std=lambda a, d: a.std(d, ddof={ddof}), "
          "area=lambda a, d: a.count(d) * abs(float((array.x[1] - array.x[0]) * (array.y[1] - array.y[0]))))"
          ".get(name, lambda a, d: getattr(a, name)(d))(array.where(in2.squeeze(drop=True) == zone), "
          "in2.squeeze().dims).reset_coords(drop=True) "
          "for name in {statistics}.split(',')], 'statistic') for zone in {zones|None} or range(1, {highest|255} + 1)], "
          "'zone'){?.assign_coords({out.new})?}?}",
      .noGdal = "GDAL's programs have no zones before 3.12",
      .params = {{.name = "polygons",
                  .type = ParamType::Features,
                  .help = "A file of polygons that are the zones: fields.gpkg, or fields.gpkg|layer=plots|where=crop='maize'|id=name."},
                 {.name = "coverage",
                  .type = ParamType::Choice,
                  .help = "When a pixel belongs to a polygon.",
                  .defaultTo = "centre",
                  .choices = {{"centre", "its centre lies inside", {"center"}},
                              {"all_touched", "an edge runs through it, too"},
                              {"fraction", "by the part of its area that lies inside", {"exact", "weighted"}}}},
                 bufferParam(
                     "Of a file of points: the radius of the circle around each that is its zone, a polygon of 64 corners in the array's "
                     "CRS; on the ellipsoid where that is of longitudes and latitudes."),
                 {.name = "zones",
                  .type = ParamType::Numbers,
                  .help = "Of a raster: the labels that are zones, in the order of the result; by default 1 to 'highest'."},
                 {.name = "highest",
                  .type = ParamType::Integer,
                  .help = "Of a raster: labels from 1 to this one are zones; by default 255 for labels of 8 bits.",
                  .minimum = 1,
                  .maximum = 5000000},
                 {.name = "statistics",
                  .type = ParamType::Text,
                  .help = "Which numbers, in the order of the result: count, sum, mean, std, min, max, range, area; median, majority, p10.",
                  .defaultTo = "count,mean,std,min,max,sum"},
                 {.name = "ddof",
                  .type = ParamType::Integer,
                  .help = "What std takes off the count: 0 for all of the zone, 1 for a sample of it.",
                  .defaultTo = 0,
                  .minimum = 0,
                  .maximum = 1,
                  .advanced = true}},
      .inputs = {{.name = "array", .help = "the values"},
                 {.name = "labels",
                  .help = "whole numbers along some dims of the values, usually y and x; not with polygons",
                  .optional = true}},
      .keywords = {"zones", "polygons", "vector", "fields", "extract", "exactextract", "segments", "classes", "group", "per field",
                   "summary", "rasterstats"},
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

/// "median", "p10", "p97.5"; 0 to 1.
std::optional<double> quantileOf(const std::string& name) {
  if (name == "median") return 0.5;
  const auto percent = name.starts_with('p') ? parseNumber(name.substr(1)) : std::nullopt;
  return percent && *percent >= 0 && *percent <= 100 ? std::optional(*percent / 100) : std::nullopt;
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
  if (name == "majority") return ZonalStatistic{.name = name, .ordered = majorityOf};
  if (const auto share = quantileOf(name))
    return ZonalStatistic{.name = name,
                          .ordered = [q = *share](std::span<const WeightedValue> values) { return weightedQuantile(values, q); }};
  return invalidParameter("statistics", "there is no statistic '" + name + "'",
                          "known: count, sum, mean, std, min, max, range, area, median, majority, and percentiles from p0 to p100");
}

Result<std::vector<ZonalStatistic>> statisticsOf(const Params& params, const ArraySpec& values) {
  std::vector<ZonalStatistic> statistics;
  for (const std::string& word : split(params.text("statistics"), ',')) {
    const std::string name = toLower(trim(word));
    if (std::any_of(statistics.begin(), statistics.end(), [&name](const ZonalStatistic& one) { return one.name == name; }))
      return invalidParameter("statistics", "'" + name + "' is named twice", "name it once");
    auto statistic = statisticOf(name, params, values);
    if (!statistic) return fail(statistic.error());
    statistics.push_back(std::move(*statistic));
  }
  return statistics;
}

Result<std::shared_ptr<const BoundOperation>> bindLabels(const Params& params, const ArraySpec& values, const ArraySpec& labels,
                                                         std::vector<ZonalStatistic> statistics) {
  auto zones = zonesOf(params, labels);
  if (!zones) return fail(zones.error());
  Zonal facts{std::move(*zones), std::move(statistics)};
  std::vector<std::string> names;
  for (const ZonalStatistic& one : facts.statistics) names.push_back(one.name);
  facts.summary = formatCount(static_cast<std::int64_t>(facts.zones.size())) + " zones · " + join(names, ", ");
  return bindZonal(values, labels, std::move(facts));
}

/// The polygons of the file, or circles around its points.
Result<PlacedPolygons> zonesOn(const ArraySpec& values, const Params& params, const BindContext& context) {
  if (!params.has("buffer")) return polygonsOn(values, params, "polygons", context, isTurned(values));
  auto points = pointsOn(values, params, "polygons", context, "zone");
  if (!points) return fail(std::move(points.error()));
  return disksAround(values, *points, params.number("buffer"), isTurned(values));
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const ArraySpec& values = inputs[0];
  auto statistics = statisticsOf(params, values);
  if (!statistics) return fail(statistics.error());
  if (params.has("polygons") == (inputs.size() > 1))
    return invalidParameter("polygons", inputs.size() > 1 ? "both polygons and labels are given" : "neither polygons nor labels are given",
                            inputs.size() > 1 ? "leave polygons out, or disconnect the input 'labels'"
                                              : "name a file of polygons, or connect a raster of labels");
  if (inputs.size() > 1 && params.has("buffer")) return invalidParameter("buffer", "it is of points, not of labels", "leave it out");
  if (inputs.size() > 1) return bindLabels(params, values, inputs[1], std::move(*statistics));
  for (const char* name : {"zones", "highest"})
    if (params.has(name)) return invalidParameter(name, "it is of labels, not of polygons", "choose polygons with |where=");
  auto polygons = zonesOn(values, params, context);
  if (!polygons) return fail(std::move(polygons.error()));
  const std::string coverage = params.choice("coverage");
  const CoverageRule rule = coverage == "fraction"      ? CoverageRule::Fraction
                            : coverage == "all_touched" ? CoverageRule::AllTouched
                                                        : CoverageRule::Centre;
  return bindPolygonZones(values, std::move(*polygons), rule, std::move(*statistics));
}

}  // namespace

CUBELOOM_OPERATION(zonal_stats) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
