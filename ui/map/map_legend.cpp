// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_legend.h"

#include <QFontMetricsF>
#include <QLinearGradient>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <set>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr std::size_t kMostClasses = 256;  // of those in view; more are no classes that anybody can tell apart
constexpr int kDigits = 4;
constexpr double kRow = 18, kSwatch = 11, kPad = 8, kMargin = 14;
constexpr double kBarWidth = 128, kBarHeight = 9;
constexpr double kWidest = 220, kScaleBar = 40;  // the scale bar stands in the left corner

QColor colourOfClass(const ArraySpec& spec, int number, const std::string& map, const std::array<double, 2>& limits) {
  const auto at = static_cast<std::size_t>(number);
  if (map == kClassColours) {
    if (number < 0 || at >= spec.classColours.size()) return QColor(128, 128, 128);  // as classesToRgba() has it
    const auto& rgba = spec.classColours[at];
    return QColor(rgba[0], rgba[1], rgba[2], rgba[3]);
  }
  const double share = limits[1] > limits[0] ? std::clamp((number - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0) : 0.5;
  const auto rgb = colorMapAt(map, share);
  return QColor(rgb[0], rgb[1], rgb[2]);
}

std::vector<MapLegend::Class> classesInView(const ArraySpec& spec, const PreviewImage& values, const std::string& map,
                                            const std::array<double, 2>& limits) {
  std::set<int> numbers;
  for (const float value : values.bands.front())
    if (std::isfinite(value) && std::abs(value) < 1e9F) numbers.insert(static_cast<int>(std::lround(value)));
  if (numbers.size() > kMostClasses) return {};
  std::vector<MapLegend::Class> classes;
  classes.reserve(numbers.size());
  for (const int number : numbers) {
    const auto at = static_cast<std::size_t>(number);
    const bool isNamed = number >= 0 && at < spec.classNames.size() && !spec.classNames[at].empty();
    classes.push_back(
        {colourOfClass(spec, number, map, limits), isNamed ? QString::fromStdString(spec.classNames[at]) : QString::number(number)});
  }
  return classes;
}

/// A rounded ground on which words can be read, whatever the picture is.
void paintGround(QPainter& painter, const QRectF& box) {
  QColor ground = color(Token::Surface);
  ground.setAlpha(230);
  painter.setPen(QPen(color(Token::Grid), 1));
  painter.setBrush(ground);
  painter.drawRoundedRect(box, 5, 5);
}

/// `size` in the corner of `area`.
QRectF cornerBox(const QRectF& area, QSizeF size, LegendPlace place) {
  const bool isLeft = place == LegendPlace::Left;
  return QRectF(QPointF(isLeft ? area.left() + kMargin : area.right() - kMargin - size.width(),
                        area.bottom() - kMargin - (isLeft ? kScaleBar : 0) - size.height()),
                size);
}

void paintClasses(QPainter& painter, const std::vector<MapLegend::Class>& classes, const QRectF& area, LegendPlace place) {
  const double room = area.height() - 2 * kMargin - (place == LegendPlace::Left ? kScaleBar : 0) - 2 * kPad;
  const auto rows = static_cast<std::size_t>(std::max(0.0, std::floor(room / kRow)));
  if (rows < 2) return;
  const std::size_t shown = classes.size() <= rows ? classes.size() : rows - 1;
  const QFontMetricsF metrics(painter.font());
  const QString more = QObject::tr("and %1 more").arg(classes.size() - shown);
  double words = shown < classes.size() ? metrics.horizontalAdvance(more) : 0;
  for (std::size_t i = 0; i < shown; ++i) words = std::max(words, metrics.horizontalAdvance(classes[i].name));
  words = std::min({std::ceil(words), kWidest, area.width() / 2});
  const double lines = static_cast<double>(shown) + (shown < classes.size() ? 1 : 0);
  const QRectF box = cornerBox(area, {2 * kPad + kSwatch + 7 + words, 2 * kPad + lines * kRow}, place);
  paintGround(painter, box);
  for (std::size_t i = 0; i <= shown && static_cast<double>(i) < lines; ++i) {
    const QRectF line(box.left() + kPad, box.top() + kPad + static_cast<double>(i) * kRow, box.width() - 2 * kPad, kRow);
    const bool isClass = i < shown;
    if (isClass) {
      painter.setPen(QPen(color(Token::Muted), 1));
      painter.setBrush(classes[i].colour);
      painter.drawRect(QRectF(line.left() + 0.5, line.center().y() - kSwatch / 2, kSwatch, kSwatch));
    }
    painter.setPen(color(isClass ? Token::Text : Token::Muted));
    painter.drawText(line.adjusted(kSwatch + 7, 0, 1, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(isClass ? classes[i].name : more, Qt::ElideRight, words + 1));
  }
}

void paintBar(QPainter& painter, const MapLegend& legend, const QRectF& area, LegendPlace place) {
  const QFontMetricsF metrics(painter.font());
  const double width =
      std::max({kBarWidth, metrics.horizontalAdvance(legend.low + legend.high) + 16, metrics.horizontalAdvance(legend.unit)});
  const double unitRow = legend.unit.isEmpty() ? 0 : kRow;
  const QSizeF size(width + 2 * kPad, 2 * kPad + unitRow + kBarHeight + kRow - 2);
  if (size.width() > area.width() * 0.6 || size.height() + kScaleBar > area.height() * 0.6) return;
  const QRectF box = cornerBox(area, size, place);
  paintGround(painter, box);
  const QRectF inside = box.adjusted(kPad, kPad, -kPad, -kPad);
  if (unitRow > 0) {
    painter.setPen(color(Token::Muted));
    painter.drawText(QRectF(inside.left(), inside.top() - 2, inside.width(), kRow), Qt::AlignLeft | Qt::AlignVCenter, legend.unit);
  }
  const QRectF bar(inside.left(), inside.top() + unitRow, inside.width(), kBarHeight);
  QLinearGradient ramp(bar.topLeft(), bar.topRight());
  constexpr int kStops = 32;
  for (int i = 0; i <= kStops; ++i) {
    const double at = static_cast<double>(i) / kStops;
    const auto rgb = colorMapAt(legend.colorMap.toStdString(), at);
    ramp.setColorAt(at, QColor(rgb[0], rgb[1], rgb[2]));
  }
  painter.setPen(QPen(color(Token::Muted), 1));
  painter.setBrush(ramp);
  painter.drawRect(bar);
  painter.setPen(color(Token::Text));
  const QRectF ends(inside.left(), bar.bottom() + 1, inside.width(), kRow);
  painter.drawText(ends, Qt::AlignLeft | Qt::AlignVCenter, legend.low);
  painter.drawText(ends, Qt::AlignRight | Qt::AlignVCenter, legend.high);
}

}  // namespace

MapLegend legendOf(const PreviewScene::Side& side, const BandChoice& bands, const Limits& limits) {
  const ArraySpec* spec = side.spec();
  if (spec == nullptr || !side.values || side.values->bands.size() != 1 || limits.empty()) return {};
  const std::string map = colorMapOf(*spec, bands);
  MapLegend legend;
  if (map == kClassColours || spec->isClasses()) legend.classes = classesInView(*spec, *side.values, map, limits.front());
  if (!legend.classes.empty() || map == kClassColours) return legend;
  legend.colorMap = QString::fromStdString(map);
  legend.low = significantText(limits.front()[0], kDigits);
  legend.high = significantText(limits.front()[1], kDigits);
  legend.unit = spec->unit == "1" ? QString() : QString::fromStdString(spec->unit);
  return legend;
}

QString legendText(const MapLegend& legend) {
  constexpr std::size_t kSpoken = 12;
  if (legend.classes.empty())
    return legend.isEmpty() ? QString() : QObject::tr("%1 to %2 %3").arg(legend.low, legend.high, legend.unit).trimmed();
  QStringList names;
  for (const auto& one : legend.classes)
    if (static_cast<std::size_t>(names.size()) < kSpoken) names << one.name;
  const QString list = names.join(QStringLiteral(", "));
  return legend.classes.size() <= kSpoken ? list : QObject::tr("%1 and %2 more").arg(list).arg(legend.classes.size() - kSpoken);
}

void paintLegend(QPainter& painter, const MapLegend& legend, const QRectF& area, LegendPlace place) {
  if (legend.isEmpty() || area.width() < 200 || area.height() < 110) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme().font(11));
  if (legend.classes.empty())
    paintBar(painter, legend, area, place);
  else
    paintClasses(painter, legend.classes, area, place);
  painter.restore();
}

}  // namespace cubeloom
