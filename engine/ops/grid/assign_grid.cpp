// SPDX-License-Identifier: GPL-3.0-or-later
// assign_grid: say where a raster's pixels lie on the ground, without moving one.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iomanip>

#include "engine/base/text.h"
#include "engine/geo/pixel_grid.h"
#include "engine/geo/plausible_place.h"
#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

constexpr int kLongestNumber = 64;  // characters of a number in a world file

Declaration declaration() {
  Declaration d;
  d.title = "Assign grid";
  d.summary = "Says where the pixels lie on the ground; moves nothing.";
  d.help =
      "For rasters that do not say where they lie, or say it wrongly. Give one of geotransform, bounds and world_file. bounds are the "
      "outer "
      "edges of the outermost pixels, with the first row in the north; a world file's last two numbers are the centre of the first pixel. "
      "Without crs the input's stays.";
  d.references = {"https://gdal.org/tutorials/geotransforms_tut.html", "https://en.wikipedia.org/wiki/World_file"};
  d.example = "assign_grid bounds=500000,3999645,500335,4000000 crs=EPSG:32610";
  d.python =
      "{?array.assign_coords({out.centres}){?.rio.write_crs({out.crs})?}?}{?out.centres=:array{?.rio.write_transform(affine.Affine.from_"
      "gdal({geotransform:args}))?}"
      "{?.rio.write_transform(rasterio.transform.from_bounds({bounds:args}, array.rio.width, array.rio.height))?}"
      "{?.rio.write_transform(affine.loadsw(open({world_file}).read()))?}{?.rio.write_crs({crs})?}?}";
  d.noGdal = "gdal_translate takes bounds alone (-a_ullr): a geotransform only since GDAL 3.8, a world file never";
  d.keywords = {"georeference", "geotransform", "world file", "place", "extent", "map info", "transform"};
  Param geotransform{.name = "geotransform",
                     .type = ParamType::Numbers,
                     .help =
                         "GDAL's six numbers: x of the first pixel's outer corner, pixel width, rotation; y, rotation, pixel height "
                         "(negative where rows run south).",
                     .unit = "units of the CRS"};
  Param bounds{.name = "bounds", .type = ParamType::Bounds, .help = "xmin, ymin, xmax, ymax.", .unit = "units of the CRS"};
  Param world{.name = "world_file", .type = ParamType::Path, .help = "A text of six numbers, as .tfw and .pgw files have it."};
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "EPSG code, WKT or PROJ text."};
  d.params = {geotransform, bounds, world, crs};
  return d;
}

class BoundAssignGrid : public ViewOperation {
 public:
  BoundAssignGrid(const ArraySpec& input, const GeoBox& grid) {
    initView(input);
    m_spec = input;
    m_spec.setGeobox(grid);
    m_summary = formatSignificant(grid.pixelWidth(), 6) + " × " + formatSignificant(grid.pixelHeight(), 6) +
                (grid.crs().isValid() ? " · " + grid.crs().label() : " · CRS unknown");
    if (input.geobox && !countsPixels(*input.geobox)) m_warnings.emplace_back("the input has a grid of its own, which this one replaces");
    if (const std::string wrong = implausiblePlace(grid); !wrong.empty()) m_warnings.push_back(wrong);
  }
};

/// The six numbers of a world file: pixel width, two rotations, pixel height, and the centre of the first pixel.
Result<Affine> readWorldFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::array<double, 6> n{};
  for (double& number : n) {
    std::string word;
    std::optional<double> read;
    if (file >> std::setw(kLongestNumber) >> word) read = parseNumber(word);
    if (!read) return invalidParameter("world_file", "'" + path.string() + "' does not hold six numbers", "give a .tfw, .pgw or .wld file");
    number = *read;
  }
  const auto [a, d, b, e, x, y] = n;
  return Affine{a, b, x - a / 2 - b / 2, d, e, y - d / 2 - e / 2};
}

Result<Affine> affineOf(const Params& params, const std::string& folder, std::int64_t rows, std::int64_t cols) {
  if (params.has("bounds")) {
    const auto b = params.numbers("bounds");
    return Affine{(b[2] - b[0]) / static_cast<double>(cols), 0, b[0], 0, (b[1] - b[3]) / static_cast<double>(rows), b[3]};
  }
  if (params.has("world_file")) {
    const std::filesystem::path path(params.text("world_file"));
    return readWorldFile(path.is_relative() && !folder.empty() ? folder / path : path);
  }
  const auto n = params.numbers("geotransform");
  if (n.size() != 6)
    return invalidParameter("geotransform", std::to_string(n.size()) + " numbers are given; a geotransform has six",
                            "x, pixel width, rotation, y, rotation, pixel height");
  return Affine::fromGeotransform({n[0], n[1], n[2], n[3], n[4], n[5]});
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const ArraySpec& input = inputs[0];
  if (!input.isSpatial() || !input.geobox)
    return fail(ErrorCode::GridMismatch, "the input has no rows and columns to place", "its dims are " + dimList(input));
  const int given = (params.has("geotransform") ? 1 : 0) + (params.has("bounds") ? 1 : 0) + (params.has("world_file") ? 1 : 0);
  if (given != 1)
    return invalidParameter("geotransform", given == 0 ? "no grid is given" : "the grid is given more than once",
                            "give one of geotransform, bounds and world_file");
  const std::int64_t rows = input.geobox->rows(), cols = input.geobox->cols();
  auto affine = affineOf(params, context.folder, rows, cols);
  if (!affine) return fail(affine.error());
  Crs crs = input.geobox->crs();
  if (params.has("crs")) {
    auto named = params.crs("crs");
    if (!named) return fail(named.error());
    crs = *named;
  }
  const auto numbers = affine->geotransform();
  if (!std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); }) || affine->determinant() == 0)
    return invalidParameter(params.has("bounds")       ? "bounds"
                            : params.has("world_file") ? "world_file"
                                                       : "geotransform",
                            "the pixels of this grid have no area", "pixel width and height must not be 0");
  return std::make_shared<BoundAssignGrid>(input, GeoBox(rows, cols, *affine, crs));
}

}  // namespace

CUBELOOM_OPERATION(assign_grid) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
