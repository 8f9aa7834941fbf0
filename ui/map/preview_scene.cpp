// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/preview_scene.h"

#include <QStringList>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/table/table_values.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr int kCoarse = 8;
constexpr int kRenderDelayMs = 30;  // a drag moves the old picture; reading begins when it rests
constexpr double kCoarseReadBytes = 64.0 * 1024 * 1024;
constexpr double kFineReadBytes = 256.0 * 1024 * 1024;
constexpr double kSmallPixels = 160.0 * 160.0;  // a picture this small needs no coarse one before it

MapGround makeGround(const Crs& crs, const GeoBox& other, const MapGround& before, bool hasBefore) {
  MapGround ground;
  ground.crs = crs;
  ground.sidesAgree = crs.isValid() == other.crs().isValid() && (!crs.isValid() || crs.isSameAs(other.crs()));
  if (!ground.sidesAgree && crs.isValid() && other.crs().isValid()) {
    if (const auto bounds = other.boundsIn(crs)) ground.boundsOfB = *bounds;
  }
  ground.sameAsBefore = hasBefore && before.crs.isValid() == crs.isValid() && (!crs.isValid() || crs.isSameAs(before.crs));
  if (!crs.isValid()) return ground;
  ground.label = QString::fromStdString(crs.label());
  ground.geographic = crs.isGeographic();
  ground.metresPerUnit = ground.geographic ? 0 : crs.unitInMetres();
  if (const auto wgs84 = Crs::fromUser("EPSG:4326")) {
    if (auto made = Transformer::between(crs, *wgs84)) {
      ground.toLonLat = std::make_shared<Transformer>(std::move(*made));
      double x = 0, y = 0;
      ground.toLonLat->forward(&x, &y, 1);  // PROJ opens its grids on first use: here, not under the cursor
    }
  }
  return ground;
}

}  // namespace

std::vector<int> otherDims(const ArraySpec& spec) {
  std::vector<int> dims;
  const auto grid = pictureGrid(spec);
  for (int d = 0; grid && d < static_cast<int>(spec.dims.size()); ++d)
    if (d != grid->yDim && d != grid->xDim && d != spec.spectralDim()) dims.push_back(d);
  return dims;
}

std::vector<std::int64_t> othersWithin(const ArraySpec& spec, const std::vector<std::int64_t>& wanted) {
  std::vector<std::int64_t> others;
  for (const int d : otherDims(spec)) {
    const std::int64_t index = others.size() < wanted.size() ? wanted[others.size()] : 0;
    others.push_back(std::clamp<std::int64_t>(index, 0, std::max<std::int64_t>(0, spec.dims[static_cast<std::size_t>(d)].size - 1)));
  }
  return others;
}

QString othersText(const ArraySpec& spec, const std::vector<std::int64_t>& wanted) {
  QStringList parts;
  const std::vector<int> dims = otherDims(spec);
  const std::vector<std::int64_t> indices = othersWithin(spec, wanted);
  for (std::size_t k = 0; k < dims.size(); ++k) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(dims[k])];
    const auto index = static_cast<std::size_t>(indices[k]);
    if (index < dim.coordinate.labels.size())
      parts << QString::fromStdString(dim.coordinate.labels[index]);
    else if (dim.size > 1)
      parts << QStringLiteral("%1 %2 of %3").arg(QString::fromStdString(dim.name)).arg(indices[k] + 1).arg(dim.size);
  }
  return parts.join(QStringLiteral(" · "));
}

Result<PreviewRequest> previewRequestFor(const PictureGrid& grid, const MapFrame& frame, const Crs& frameCrs, double devicePixelRatio,
                                         int divisor) {
  const GeoBox& box = grid.box;
  Bounds view = frame.bounds();
  double unitsPerPixel = frame.unitsPerPixel / devicePixelRatio;
  const bool sameCrs = box.crs().isValid() == frameCrs.isValid() && (!frameCrs.isValid() || box.crs().isSameAs(frameCrs));
  if (!sameCrs) {
    const Affine toWorld{view.width(), 0, view.xmin, 0, -view.height(), view.ymax};
    const auto inCrs = GeoBox(1, 1, toWorld, frameCrs).boundsIn(box.crs());
    if (!inCrs) return fail(inCrs.error());
    unitsPerPixel *= std::sqrt(inCrs->width() * inCrs->height() / (view.width() * view.height()));
    view = *inCrs;
  }
  PreviewRequest request;
  const double screenPixel = unitsPerPixel * divisor;
  if (!box.isAxisAligned()) {
    const Bounds seen = view.intersected(box.bounds());
    request.bounds = seen;
    request.width = std::max(1, static_cast<int>(std::ceil(seen.width() / std::max(screenPixel, box.pixelWidth()))));
    request.height = std::max(1, static_cast<int>(std::ceil(seen.height() / std::max(screenPixel, box.pixelHeight()))));
    return request;
  }
  const auto cellsOf = [screenPixel](double low, double high, double pixel, std::int64_t size) {
    struct Cells {
      std::int64_t first, end, count;
    };
    const auto cell = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(screenPixel / pixel + 1e-9)));
    const double limit = static_cast<double>(size);
    const auto first = static_cast<std::int64_t>(std::floor(std::clamp(std::min(low, high), 0.0, limit))) / cell * cell;
    const auto last = static_cast<std::int64_t>(std::ceil(std::clamp(std::max(low, high), 0.0, limit)));
    const std::int64_t end = std::min(size, (last + cell - 1) / cell * cell);
    return Cells{first, end, std::max<std::int64_t>(0, (end - first + cell - 1) / cell)};
  };
  const Affine& m = box.affine();
  const auto cols = cellsOf((view.xmin - m.c) / m.a, (view.xmax - m.c) / m.a, box.pixelWidth(), box.cols());
  const auto rows = cellsOf((view.ymin - m.f) / m.e, (view.ymax - m.f) / m.e, box.pixelHeight(), box.rows());
  request.width = static_cast<int>(std::max<std::int64_t>(1, cols.count));
  request.height = static_cast<int>(std::max<std::int64_t>(1, rows.count));
  request.bounds =
      cols.count > 0 && rows.count > 0 ? box.crop({rows.first, cols.first, rows.end - rows.first, cols.end - cols.first}).bounds() : view;
  return request;
}

PreviewScene::PreviewScene(QObject* parent) : QObject(parent) {
  m_timer.setSingleShot(true);
  m_timer.setInterval(kRenderDelayMs);
  connect(&m_timer, &QTimer::timeout, this, &PreviewScene::render);
}

const PreviewScene::Side* PreviewScene::lead() const {
  for (const Side& side : m_sides)
    if (side.isShown()) return &side;
  return nullptr;
}

bool PreviewScene::setSide(int i, const QString& id, const std::shared_ptr<const Graph>& graph, const std::string& identity) {
  Side& side = m_sides[static_cast<std::size_t>(i)];
  const int index = graph && !id.isEmpty() ? graph->indexOf(id.toStdString()) : -1;
  const BoundNode* node = index >= 0 ? &graph->nodes[static_cast<std::size_t>(index)] : nullptr;
  side.graph = graph;
  side.index = index;
  if (side.node == id && (id.isEmpty() || (node && side.identity == identity))) {
    if (node) side.operation = node->operation;
    return false;
  }

  m_reads[static_cast<std::size_t>(i)].cancel();
  m_compose.cancel();
  side.node = id;
  side.identity = identity;
  side.title.clear();
  side.error.clear();
  side.operation.reset();
  side.grid.reset();
  side.isTable = false;
  side.values.reset();
  side.fine = false;
  if (node) {
    side.title = QString::fromStdString(node->title.empty() ? node->op : node->title);
    side.operation = node->operation;
    if (node->error)
      side.error = QString::fromStdString(node->error->text());
    else if (side.operation && isTable(side.operation->spec()))
      side.isTable = true;
    else if (side.operation)
      side.grid = pictureGrid(side.operation->spec());
    if (side.isTable && i == 1)
      side.error = QStringLiteral("It is a table: its eye shows it alone.");
    else if (side.operation && !side.isTable && !side.grid)
      side.error = QStringLiteral("A picture needs two dims beside the spectral one; this array has fewer.");
  }
  (i == 0 ? m_composed.a : m_composed.b) = {};
  m_composed.difference = {};
  m_composed.problem.clear();
  Q_EMIT layersChanged();
  Q_EMIT stateChanged();
  updateGround(i);
  return true;
}

void PreviewScene::forget() {
  for (const int i : {0, 1}) setSide(i, {}, nullptr, {});
  m_hasGround = false;
  m_bands = {};
  m_others.clear();
  m_style.frozen.clear();
}

void PreviewScene::updateGround(int changedSide) {
  // The task of the other side's change may still be under way and is superseded by this one: its side waits with this one.
  m_awaitGround[static_cast<std::size_t>(changedSide)] = true;
  const Side* leading = lead();
  if (!leading) {
    m_groundTask.cancel();
    return;
  }
  const GeoBox other = m_sides[1].isShown() ? m_sides[1].grid->box : leading->grid->box;
  m_groundTask.start(
      [crs = leading->grid->box.crs(), before = m_ground, had = m_hasGround, other](const CancelToken&) {
        return makeGround(crs, other, before, had);
      },
      [this](MapGround ground) {
        m_ground = std::move(ground);
        const bool sameRows = m_hasGround && lead() && lead()->grid->rowsDown == m_frame.rowsDown;
        m_hasGround = true;
        if (!m_ground.sameAsBefore || !sameRows || (lead() && lead()->grid->box.bounds().intersected(m_frame.bounds()).isEmpty()))
          Q_EMIT homeChanged();
        const std::array waiting = std::exchange(m_awaitGround, {});
        renderSoon(waiting[0], waiting[1]);
        Q_EMIT stateChanged();
      });
}

void PreviewScene::setFrame(const MapFrame& frame, double devicePixelRatio) {
  if (frame == m_frame && devicePixelRatio == m_pixelRatio) return;
  m_frame = frame;
  m_pixelRatio = devicePixelRatio;
  renderSoon(true, true);
}

void PreviewScene::setBands(const BandChoice& choice) {
  if (choice == m_bands) return;
  m_bands = choice;
  m_style.frozen.clear();
  renderSoon(true, true);
  Q_EMIT stateChanged();
}

void PreviewScene::setOthers(const std::vector<std::int64_t>& others) {
  if (others == m_others) return;
  m_others = others;
  renderSoon(true, true);
  Q_EMIT stateChanged();
}

void PreviewScene::setStyle(const PictureStyle& style) {
  m_style = style;
  composeNow();
  Q_EMIT stateChanged();
}

bool PreviewScene::isReading() const { return m_reads[0].isBusy() || m_reads[1].isBusy() || m_timer.isActive(); }

void PreviewScene::cancelReading() {
  m_timer.stop();
  for (auto& read : m_reads) read.cancel();
  Q_EMIT stateChanged();
}

void PreviewScene::renderSoon(bool a, bool b) {
  const std::array stale{a, b};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!stale[i]) continue;
    m_stale[i] = true;
    m_reads[i].cancel();
  }
  m_timer.start();
}

void PreviewScene::render() {
  if (!m_hasGround || m_frame.size.isEmpty()) return;
  for (int i = 0; i < 2; ++i) {
    Side& side = m_sides[static_cast<std::size_t>(i)];
    if (!side.isShown() || !std::exchange(m_stale[static_cast<std::size_t>(i)], false)) continue;
    side.fine = false;
    side.error.clear();
    const double cells = m_frame.size.width() * static_cast<double>(m_frame.size.height());
    const double pixels = static_cast<double>(side.grid->box.rows()) * static_cast<double>(side.grid->box.cols());
    renderSide(i, std::min(cells, pixels) <= kSmallPixels ? 1 : kCoarse);
  }
  Q_EMIT stateChanged();
}

void PreviewScene::renderSide(int i, int divisor) {
  const Side& side = m_sides[static_cast<std::size_t>(i)];
  const std::vector<std::int64_t> bands = bandsOf(*side.spec(), m_bands);
  const std::vector<std::int64_t> others = othersWithin(*side.spec(), m_others);
  m_reads[static_cast<std::size_t>(i)].start(
      [graph = side.graph, index = side.index, grid = *side.grid, bands, others, frame = m_frame, crs = m_ground.crs, ratio = m_pixelRatio,
       divisor](const CancelToken& cancel) -> Result<PreviewImage> {
        auto request = previewRequestFor(grid, frame, crs, ratio, divisor);
        if (!request) return fail(request.error());
        request->node = index;
        request->bands = bands;
        request->others = others;
        request->maxReadBytes = divisor > 1 ? kCoarseReadBytes : kFineReadBytes;
        return renderPreview(*graph, *request, cancel);
      },
      [this, i, divisor](Result<PreviewImage> result) {
        Side& done = m_sides[static_cast<std::size_t>(i)];
        if (!result) {
          if (result.error().code == ErrorCode::Canceled) return;
          done.error = QString::fromStdString(result.error().text());
          done.values.reset();
        } else {
          done.values = std::make_shared<const PreviewImage>(std::move(*result));
          done.fine = divisor == 1;
          if (!done.fine) renderSide(i, 1);
        }
        composeNow();
        Q_EMIT stateChanged();
      });
}

void PreviewScene::composeNow() {
  ComposeRequest request;
  const auto picture = [this](const Side& side) {
    Picture p;
    p.values = side.values;
    if (side.grid) {
      p.crs = side.grid->box.crs();
      p.rowsDown = side.grid->rowsDown;
    }
    if (const ArraySpec* spec = side.spec()) {
      p.colorMap = colorMapOf(*spec, m_bands);
      if (p.colorMap == kClassColours) p.classColours = spec->classColours;
    }
    return p;
  };
  request.a = picture(m_sides[0]);
  request.b = picture(m_sides[1]);
  request.style = m_style;
  request.mapCrs = m_ground.crs;
  request.mapRowsDown = m_frame.rowsDown;
  request.mapBounds = m_frame.bounds();
  request.mapSize = m_frame.size;
  m_compose.start([request](const CancelToken& cancel) { return compose(request, cancel); },
                  [this](Composed composed) {
                    m_composed = std::move(composed);
                    Q_EMIT layersChanged();
                  });
}

double PreviewScene::decimation() const {
  for (const Side& side : m_sides)
    if (side.values && side.values->width > 0) return side.values->decimation;
  return 0;
}

QString PreviewScene::exactnessOf(int i) const {
  const Side& side = m_sides[static_cast<std::size_t>(i)];
  if (!side.isShown()) return {};
  if (!side.values || side.values->width == 0) return isReading() ? QStringLiteral("reading") : QString();
  const double ratio = side.values->decimation;
  const bool exact = ratio < 1.0005;
  const QString scale =
      exact ? QStringLiteral("1:1") : QStringLiteral("1:%1").arg(ratio >= 9.5 ? countText(std::llround(ratio)) : significantText(ratio, 2));
  if (!side.fine && isReading()) return QStringLiteral("%1, reading").arg(scale);
  if (side.values->approximate) return QStringLiteral("%1, approximate").arg(scale);  // learned from a sample
  if (!exact) return QStringLiteral("%1, decimated").arg(scale);
  // In another CRS its pixels are true, but moved onto A's map.
  return i == 1 && m_sides[0].isShown() && !m_ground.sidesAgree ? QStringLiteral("%1, laid over A").arg(scale) : QStringLiteral("exact");
}

QString PreviewScene::decimationText() const {
  const QString a = exactnessOf(0), b = exactnessOf(1);
  if (a.isEmpty() || b.isEmpty() || a == b) return a.isEmpty() ? b : a;
  return QStringLiteral("A %1 · B %2").arg(a, b);
}

std::vector<float> PreviewScene::valuesAt(int i, QPointF world) const {
  const Side& side = m_sides[static_cast<std::size_t>(i)];
  if (!side.values || side.values->width == 0 || !side.grid) return {};
  if (i == 1 && !m_ground.sidesAgree) return {};
  const PreviewImage& image = *side.values;
  const double u = (world.x() - image.bounds.xmin) / image.bounds.width() * image.width;
  const double down = side.grid->rowsDown ? world.y() - image.bounds.ymin : image.bounds.ymax - world.y();
  const double v = down / image.bounds.height() * image.height;
  if (!(u >= 0 && u < image.width && v >= 0 && v < image.height)) return {};
  std::vector<float> out;
  for (const auto& band : image.bands)
    out.push_back(band[static_cast<std::size_t>(v) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(u)]);
  return out;
}

}  // namespace cubeloom
