// SPDX-License-Identifier: GPL-3.0-or-later
// The pixels of the timeline: colours, hatches and the zig-zag mark of merged tasks (as the profiler Tracy marks them).
#include "ui/charts/timeline_painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace cubeloom {
namespace {

constexpr int kHatchPeriod = 7;
constexpr int kZigZagPeriod = 8;

/// The colours of one kind: plain, and on a line of its hatch.
struct Ink {
  QRgb plain = 0, line = 0;
};

class Inks {
 public:
  explicit Inks(const ChartStyle& style) : m_ground(style.surface) {
    const std::array<QColor, kTaskKinds> colors{style.read, style.compute, style.write, style.failed};
    for (std::size_t kind = 0; kind < colors.size(); ++kind) {
      m_colors[kind] = colors[kind];
      m_inks[kind] = {colors[kind].rgb(), mixColors(style.surface, colors[kind], 0.3).rgb()};
    }
  }
  QRgb at(std::size_t kind, int x, int y, int period) const {
    const auto on = [period](int v) { return ((v % period) + period) % period * kHatchPeriod < period; };
    bool line = false;
    switch (static_cast<TaskKind>(kind)) {
      case TaskKind::Read: line = on(x + y); break;
      case TaskKind::Write: line = on(x - y); break;
      case TaskKind::Failed: line = on(x + y) || on(x - y); break;
      case TaskKind::Compute: break;
    }
    return line ? m_inks[kind].line : m_inks[kind].plain;
  }
  QRgb faded(QRgb ink, float share) const {
    if (share >= 0.98F) return ink;
    return mixColors(QColor::fromRgb(ink), m_ground, static_cast<double>(share)).rgb();
  }
  QRgb plain(std::size_t kind) const { return m_inks[kind].plain; }
  QRgb ground() const { return m_ground.rgb(); }

 private:
  QColor m_ground;
  std::array<QColor, kTaskKinds> m_colors;
  std::array<Ink, kTaskKinds> m_inks;
};

int hatchPeriod(double devicePixelRatio) { return static_cast<int>(std::lround(kHatchPeriod * devicePixelRatio)); }

/// Where the zig-zag line runs in column x, relative to the middle of the lane.
int zigZag(int x, int period, int amplitude) {
  const int phase = x % period, half = period / 2;
  const int ramp = phase < half ? phase : period - phase;
  return half == 0 ? 0 : ramp * 2 * amplitude / half - amplitude;
}

void paintColumn(QImage& image, int x, LaneGeometry lane, const TaskColumn& column, const Inks& inks, double ratio) {
  const int bottom = lane.top + lane.height;
  const auto pixel = [&](int y) -> QRgb& { return reinterpret_cast<QRgb*>(image.scanLine(y))[x]; };
  const int period = hatchPeriod(ratio);
  float sum = 0;
  for (const float share : column.share) sum += share;
  if (sum <= 0) return;
  const float covered = std::min(1.0F, sum);
  if (!column.isMerged()) {
    const auto kind = static_cast<std::size_t>(std::max_element(std::begin(column.share), std::end(column.share)) - column.share);
    const float strength = column.startsTask ? covered * 0.45F : covered;  // a thin edge parts tasks that touch
    for (int y = lane.top; y < bottom; ++y) pixel(y) = inks.faded(inks.at(kind, x, y, period), strength);
    return;
  }
  // Shares of the column's time, stacked over the lane's height; idle time stays ground.
  const float scale = static_cast<float>(lane.height) / std::max(1.0F, sum);
  float reached = 0;
  int y = lane.top;
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    reached += column.share[kind] * scale;
    const int end = std::min(bottom, lane.top + static_cast<int>(std::lround(reached)));
    for (; y < end; ++y) pixel(y) = inks.plain(kind);  // their order tells the kinds apart, a hatch would only blur
  }
  if (lane.height < 6) return;
  const int zigPeriod = static_cast<int>(std::lround(kZigZagPeriod * ratio));
  const int middle = lane.top + lane.height / 2 + zigZag(x, zigPeriod, std::max(1, lane.height / 6));
  const int thickness = std::max(1, static_cast<int>(std::lround(ratio)));
  for (int line = std::max(lane.top, middle); line < std::min(bottom, middle + thickness); ++line) pixel(line) = inks.ground();
}

}  // namespace

LaneGeometry laneGeometry(int lane, int laneCount, int imageHeight, double devicePixelRatio) {
  if (laneCount <= 0) return {};
  const int most = static_cast<int>(26 * devicePixelRatio);
  const double pitch = std::min<double>(most, static_cast<double>(imageHeight) / laneCount);
  const int top = static_cast<int>(lane * pitch), next = static_cast<int>((lane + 1) * pitch);
  const int gap = pitch >= 4 ? std::max(1, static_cast<int>(pitch * 0.22)) : 0;
  return {top, std::max(1, next - top - gap)};
}

QImage paintLanes(const TaskLanes& lanes, double from, double to, QSize devicePixels, double devicePixelRatio, const ChartStyle& style) {
  QImage image(devicePixels.expandedTo({1, 1}), QImage::Format_RGB32);
  image.setDevicePixelRatio(devicePixelRatio);
  const Inks inks(style);
  image.fill(inks.ground());
  if (!(to > from)) return image;
  image.bits();  // detach once, before the loops
  std::vector<TaskColumn> columns(static_cast<std::size_t>(image.width()));
  const double secondsPerColumn = (to - from) / image.width();
  for (int lane = 0; lane < lanes.laneCount(); ++lane) {
    const LaneGeometry geometry = laneGeometry(lane, lanes.laneCount(), image.height(), devicePixelRatio);
    if (geometry.top >= image.height()) break;
    lanes.summarise(lane, from, secondsPerColumn, columns);
    const LaneGeometry clipped{geometry.top, std::min(geometry.height, image.height() - geometry.top)};
    for (int x = 0; x < image.width(); ++x) paintColumn(image, x, clipped, columns[static_cast<std::size_t>(x)], inks, devicePixelRatio);
  }
  return image;
}

QImage paintSwatch(TaskKind kind, QSize devicePixels, double devicePixelRatio, const ChartStyle& style) {
  QImage image(devicePixels, QImage::Format_RGB32);
  image.setDevicePixelRatio(devicePixelRatio);
  const Inks inks(style);
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x)
      image.setPixel(x, y, inks.at(static_cast<std::size_t>(kind), x, y, hatchPeriod(devicePixelRatio)));
  }
  return image;
}

}  // namespace cubeloom
