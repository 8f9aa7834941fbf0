// SPDX-License-Identifier: GPL-3.0-or-later
// The wording of array facts.
#include "ui/words/spec_text.h"

#include <QStringList>

#include "engine/base/text.h"
#include "ui/words/number_text.h"

namespace cubeloom {

QString dimSymbol(const std::string& name) { return name == "wavelength" ? QStringLiteral("λ") : QString::fromStdString(name); }

QString shapeText(const std::vector<std::int64_t>& shape) {
  if (shape.empty()) return QStringLiteral("one value");
  QStringList parts;
  for (std::int64_t size : shape) parts << countText(size);
  return parts.join(QStringLiteral(" × "));
}

QString dimsText(const ArraySpec& spec) {
  QStringList parts;
  for (const Dim& dim : spec.dims) parts << dimSymbol(dim.name) + QLatin1Char(' ') + countText(dim.size);
  return parts.isEmpty() ? QStringLiteral("one value") : parts.join(QStringLiteral(" · "));
}

QString crsText(const ArraySpec& spec) {
  if (!spec.geobox) return QStringLiteral("no grid");
  if (!spec.geobox->crs().isValid()) return QStringLiteral("CRS unknown");
  return QString::fromStdString(spec.geobox->crs().label());
}

QString numberText(double value) { return QString::fromStdString(formatNumber(value)).replace(QLatin1Char('-'), QStringLiteral("−")); }

QString nodataText(const ArraySpec& spec) { return spec.nodata ? numberText(*spec.nodata) : QStringLiteral("not declared"); }

QString originText(const ArraySpec& spec) {
  if (!spec.geobox) return {};
  const Affine& affine = spec.geobox->affine();
  return numberText(affine.c) + QStringLiteral(", ") + numberText(affine.f);
}

QString shortUnit(const std::string& unitName) {
  if (unitName == "metre") return QStringLiteral("m");
  if (unitName == "degree") return QStringLiteral("°");
  return QString::fromStdString(unitName);
}

namespace {

QString pairText(double width, double height, int digits) {
  return significantText(width, digits) + QStringLiteral(" × ") + significantText(height, digits);
}

}  // namespace

QString extentText(const ArraySpec& spec) {
  if (!spec.geobox) return {};
  const Bounds bounds = spec.geobox->bounds();
  const Crs& crs = spec.geobox->crs();
  if (!crs.isValid()) return pairText(bounds.width(), bounds.height(), 6);
  if (crs.isGeographic()) return pairText(bounds.width(), bounds.height(), 4) + QStringLiteral("°");
  const double metres = crs.unitInMetres() > 0 ? crs.unitInMetres() : 1;
  const double width = bounds.width() * metres, height = bounds.height() * metres;
  if (width < 2000 && height < 2000) return pairText(width, height, 4) + QStringLiteral(" m");
  return pairText(width / 1000, height / 1000, 3) + QStringLiteral(" km");
}

QString resolutionText(const ArraySpec& spec) {
  if (!spec.geobox) return {};
  const double width = spec.geobox->pixelWidth(), height = spec.geobox->pixelHeight();
  const Crs& crs = spec.geobox->crs();
  QString text = significantText(width, 6);
  if (width != height) text += QStringLiteral(" × ") + significantText(height, 6);
  return crs.isValid() ? text + QLatin1Char(' ') + shortUnit(crs.unitName()) : text;
}

}  // namespace cubeloom
