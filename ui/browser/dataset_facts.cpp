// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/dataset_facts.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "ui/words/number_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

QString dayText(double seconds) { return QString::fromStdString(formatDatetime(seconds)).left(10); }

/// A day is one word, whatever the hours of its ends; an open end is left out.
QString spanText(const TimeSpan& span) {
  QString begin = span.begin ? dayText(*span.begin) : QString();
  const QString end = span.end ? dayText(*span.end) : QString();
  if (begin == end || end.isEmpty()) return begin;
  return begin.isEmpty() ? QStringLiteral("– %1").arg(end) : QStringLiteral("%1 – %2").arg(begin, end);
}

void setSpan(DatasetFacts& facts, const std::optional<TimeSpan>& span) {
  if (!span || (!span->begin && !span->end)) return;
  facts.span = span;
  facts.dates = spanText(*span);
}

/// What headers, CF, ACDD, ENVI and STAC call the instrument and what carries it.
template <class Attributes>
QString sensorOf(const Attributes& attributes) {
  QStringList words;
  for (const char* key : {"instrument", "instruments", "sensor", "sensor type", "sensor_type", "platform", "satellite", "spacecraft_id",
                          "mission", "constellation", "eo:instrument", "eo:platform"}) {
    const auto found = attributes.find(key);
    if (found == attributes.end() || found->second.empty()) continue;
    const QString word = QString::fromStdString(found->second).simplified().left(60);
    if (!words.contains(word, Qt::CaseInsensitive) && word.compare(QStringLiteral("unknown"), Qt::CaseInsensitive) != 0) words << word;
  }
  return words.join(QLatin1Char(' '));
}

/// Of a dim of time, or of the one time of the whole array.
std::optional<TimeSpan> spanOf(const ArraySpec& spec) {
  const int time = spec.indexOf("time");
  if (time >= 0 && spec.dims[static_cast<std::size_t>(time)].size > 0) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(time)];
    if (dim.coordinate.kind == Coordinate::Kind::None || dim.coordinate.unit != "datetime") return std::nullopt;
    const double first = dim.coordinate.at(0), last = dim.coordinate.at(dim.size - 1);
    if (!std::isfinite(first) || !std::isfinite(last)) return std::nullopt;
    return TimeSpan{std::min(first, last), std::max(first, last)};
  }
  if (const AuxiliaryCoordinate* one = spec.coordinateNamed("time"); one && one->dims.empty()) return parseTimeSpan(one->text());
  for (const char* key : {"acquisition time", "time_coverage_start", "acquisition date", "date_acquired", "datetime"})
    if (const auto found = spec.attributes.find(key); found != spec.attributes.end())
      if (const auto span = parseTimeSpan(found->second)) return span;
  return std::nullopt;
}

}  // namespace

void DatasetFacts::add(const DatasetFacts& other) {
  if (!box) box = other.box;
  if (!span) {
    span = other.span;
    dates = other.dates;
  }
  if (sensor.isEmpty()) sensor = other.sensor;
  if (shape.isEmpty()) shape = other.shape;
  if (problem.isEmpty()) problem = other.problem;
  isRead = isRead || other.isRead;
}

DatasetFacts factsOf(const CatalogEntry& entry) {
  DatasetFacts facts;
  facts.box = entry.bbox;
  if (!entry.datetime.empty()) setSpan(facts, parseTimeSpan(entry.datetime));
  facts.sensor = sensorOf(entry.metadata);
  return facts;
}

DatasetFacts factsOf(const DatasetInfo& info) {
  DatasetFacts facts;
  facts.isRead = true;
  if (info.chosen >= info.variables.size()) return facts;
  const ArraySpec& spec = info.variables[info.chosen].spec;
  if (spec.geobox && spec.geobox->crs().isValid()) facts.box = lonLatBox(spec.geobox->bounds(), spec.geobox->crs());
  setSpan(facts, spanOf(spec));
  facts.sensor = sensorOf(spec.attributes);
  QStringList dims;
  for (const Dim& dim : spec.dims) dims << QStringLiteral("%1 %2").arg(QString::fromStdString(dim.name), countText(dim.size));
  dims << QString::fromStdString(std::string(pixelTypeName(spec.type)));
  facts.shape = dims.join(QLatin1Char(' '));
  return facts;
}

bool overlaps(const LonLatBox& a, const LonLatBox& b) {
  if (a[3] < b[1] || b[3] < a[1]) return false;
  const double aEast = a[2] < a[0] ? a[2] + 360 : a[2], bEast = b[2] < b[0] ? b[2] + 360 : b[2];
  for (const double turn : {-360.0, 0.0, 360.0})
    if (a[0] <= bEast + turn && b[0] + turn <= aEast) return true;
  return false;
}

std::optional<LonLatBox> lonLatBox(const Bounds& bounds, const Crs& crs) {
  const auto degrees = Crs::fromUser("OGC:CRS84");
  if (!degrees || !crs.isValid()) return std::nullopt;
  const auto transformer = Transformer::between(crs, *degrees);
  if (!transformer) return std::nullopt;
  if (bounds.isEmpty()) return std::nullopt;
  const GeoBox box(1, 1, Affine{bounds.width(), 0, bounds.xmin, 0, -bounds.height(), bounds.ymax}, crs);
  const auto around = box.boundsBy(*transformer, true);
  if (!around || !std::isfinite(around->xmin) || !std::isfinite(around->xmax)) return std::nullopt;
  if (around->width() >= 360) return LonLatBox{-180, around->ymin, 180, around->ymax};
  const auto once = [](double longitude) { return longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude; };
  return LonLatBox{once(around->xmin), around->ymin, once(around->xmax), around->ymax};
}

}  // namespace cubeloom
