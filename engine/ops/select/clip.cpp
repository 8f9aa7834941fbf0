// SPDX-License-Identifier: GPL-3.0-or-later
// clip: the window of a grid that meets a rectangle on the ground, as a view.
#include "engine/base/text.h"
#include "engine/op/view/longitudes.h"
#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Clip";
  d.summary = "Keeps the rows and columns that meet a rectangle on the ground.";
  d.help =
      "The rectangle is given in the grid's own CRS, or in the one named by 'crs' (then its bounding rectangle in the grid's CRS counts). "
      "Whole pixels are kept: every pixel whose area meets the rectangle, or with all_touched=false every pixel whose centre lies in it. "
      "Longitudes in degrees go round: the rectangle may be given from -180 to 180 or from 0 to 360, whichever the grid has, and may lie "
      "across the grid's end; the result goes on in the convention of the rectangle.";
  d.references = {"https://corteva.github.io/rioxarray/stable/examples/clip_box.html"};
  d.example = "clip bounds=717800,3865600,717950,3865800";
  d.python = "array.rio.clip_box({bounds:args}{?, crs={crs}?})";
  d.gdal = "gdal_translate -projwin {bounds:projwin}{? -projwin_srs {crs}?} {input} {output}";
  d.keywords = {"crop", "subset", "bounds", "box", "extent"};
  Param bounds{.name = "bounds", .type = ParamType::Bounds, .help = "xmin, ymin, xmax, ymax.", .unit = "units of the CRS"};
  bounds.required = true;
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "CRS of the rectangle; by default the grid's."};
  crs.advanced = true;
  Param touched{.name = "all_touched", .type = ParamType::Bool, .help = "Keep pixels that are only touched, too.", .defaultTo = true};
  touched.advanced = true;
  d.params = {bounds, crs, touched};
  return d;
}

class BoundClip : public ViewOperation {
 public:
  BoundClip(const ArraySpec& input, const IndexSet& rows, const DimSelection& cols) {
    initView(input);
    m_chosen[static_cast<std::size_t>(input.yDim)] = rows;
    m_chosen[static_cast<std::size_t>(input.xDim)] = cols.indices;
    m_spec = cols.turn ? selectRound(input, m_chosen, input.xDim, *cols.turn) : input.select(m_chosen);
    m_summary = formatCount(rows.count()) + " × " + formatCount(cols.indices.count()) + " of " + formatCount(input.geobox->rows()) + " × " +
                formatCount(input.geobox->cols());
  }
};

/// Shrinks a window of touched pixels to those whose centre lies in `bounds`.
Window centresOnly(const GeoBox& box, Window window, const Bounds& bounds) {
  const auto inside = [&](std::int64_t row, std::int64_t col) {
    const double x = box.affine().x(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
    const double y = box.affine().y(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
    return x >= bounds.xmin && x <= bounds.xmax && y >= bounds.ymin && y <= bounds.ymax;
  };
  const auto rowHas = [&](std::int64_t row) {
    for (std::int64_t c = 0; c < window.cols; ++c)
      if (inside(row, window.col + c)) return true;
    return false;
  };
  const auto colHas = [&](std::int64_t col) {
    for (std::int64_t r = 0; r < window.rows; ++r)
      if (inside(window.row + r, col)) return true;
    return false;
  };
  while (window.rows > 0 && !rowHas(window.row)) ++window.row, --window.rows;
  while (window.rows > 0 && !rowHas(window.row + window.rows - 1)) --window.rows;
  while (window.cols > 0 && !colHas(window.col)) ++window.col, --window.cols;
  while (window.cols > 0 && !colHas(window.col + window.cols - 1)) --window.cols;
  return window;
}

std::string boundsText(const Bounds& b) {
  return formatSignificant(b.xmin, 9) + ", " + formatSignificant(b.ymin, 9) + ", " + formatSignificant(b.xmax, 9) + ", " +
         formatSignificant(b.ymax, 9);
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  if (!input.geobox) return fail(ErrorCode::GridMismatch, "the input has no grid on the ground to clip", "its dims are " + dimList(input));
  const auto numbers = params.numbers("bounds");
  Bounds bounds{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (params.has("crs")) {
    auto crs = params.crs("crs");
    if (!crs) return fail(crs.error());
    if (!input.geobox->crs().isValid()) return invalidParameter("crs", "the input's own CRS is unknown", "add assign_crs before");
    if (!input.geobox->crs().isSameAs(*crs)) {
      constexpr std::int64_t kPixels = 100;  // enough edge points for a rectangle of any size
      const GeoBox frame(kPixels, kPixels, Affine{bounds.width() / kPixels, 0, bounds.xmin, 0, -bounds.height() / kPixels, bounds.ymax},
                         *crs);
      auto moved = frame.boundsIn(input.geobox->crs());
      if (!moved) return fail(moved.error());
      bounds = *moved;
    }
  }
  const auto windowIn = [&](double xmin, double xmax) {
    const Bounds part{xmin, bounds.ymin, xmax, bounds.ymax};
    const Window touched = input.geobox->windowOf(part);
    return params.flag("all_touched") ? touched : centresOnly(*input.geobox, touched, part);
  };
  IndexSet rows;  // the same in every part that is not empty
  const auto columnsIn = [&](double xmin, double xmax) {
    const Window window = windowIn(xmin, xmax);
    if (window.rows <= 0 || window.cols <= 0) return std::vector<std::int64_t>();
    rows = IndexSet::range(window.row, window.rows);
    return IndexSet::range(window.col, window.cols).toVector();
  };
  Result<DimSelection> cols = DimSelection{};
  if (const auto period = periodAlong(input, input.xDim)) {
    cols = entriesRound(input.dims[static_cast<std::size_t>(input.xDim)], *period, bounds.xmin, bounds.xmax, "bounds", columnsIn);
    if (!cols) return fail(cols.error());
  } else {
    cols->indices = IndexSet::list(columnsIn(bounds.xmin, bounds.xmax));
  }
  if (cols->indices.isEmpty())
    return invalidParameter("bounds", "the rectangle " + boundsText(bounds) + " holds no pixel",
                            "the grid covers " + boundsText(input.geobox->bounds()));
  return std::make_shared<BoundClip>(input, rows, *cols);
}

}  // namespace

CUBELOOM_OPERATION(clip) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
