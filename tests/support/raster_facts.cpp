// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/raster_facts.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cmath>
#include <complex>

#include "engine/base/text.h"
#include "tests/support/source_conformance.h"

namespace cubeloom::test {
namespace {

/// zlib's CRC-32.
std::uint32_t crc32(const std::vector<std::byte>& bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const std::byte byte : bytes) {
    crc ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

std::string differs(const std::string& what, const std::string& actual, const std::string& expected) {
  return what + " is " + actual + ", expected " + expected;
}

double number(const QJsonValue& value) {
  return value.isString() ? parseNumber(value.toString().toStdString()).value_or(0) : value.toDouble();
}
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::string gridProblem(const ArraySpec& spec, const QJsonObject& facts) {
  if (!spec.geobox) return "there is no geobox";
  const QJsonArray expected = facts["geotransform"].toArray();
  // An identity with RPCs is a placeholder, not a place.
  if (expected.isEmpty() || facts["rpc"].toBool()) return spec.geobox->crs().isValid() ? "an unplaced raster has a CRS" : "";
  const auto actual = spec.geobox->affine().geotransform();
  for (std::size_t i = 0; i < 6; ++i) {
    const double want = expected[static_cast<int>(i)].toDouble();
    if (std::abs(actual[i] - want) > 1e-12 * std::max(1.0, std::abs(want)))
      return differs("geotransform[" + std::to_string(i) + "]", formatNumber(actual[i]), formatNumber(want));
  }
  if (const int epsg = facts["crs"].toObject()["epsg"].toInt(); epsg > 0) {
    const auto crs = Crs::fromUser("EPSG:" + std::to_string(epsg));
    if (!crs || !spec.geobox->crs().isSameAs(*crs)) return differs("the CRS", spec.geobox->crs().label(), "EPSG:" + std::to_string(epsg));
  }
  return {};
}

std::string bandProblem(const ArraySpec& spec, const BlockView& plane, const QJsonObject& facts, bool sameBytes) {
  for (const QJsonValue& item : facts["pixels"].toArray()) {
    const QJsonObject pixel = item.toObject();
    const std::int64_t x = pixel["x"].toInt(), y = pixel["y"].toInt();
    std::complex<double> value;
    copyBlock(plane.sub({y, x}, {1, 1}), denseView(reinterpret_cast<std::byte*>(&value), PixelType::Complex128, {1, 1}));
    const QJsonValue expected = pixel["value"];
    const double real = expected.isArray() ? expected[0].toDouble() : number(expected);
    const double imaginary = expected.isArray() ? expected[1].toDouble() : 0;
    if (!same(value.real(), real) || !same(value.imag(), imaginary))
      return differs("pixel x " + std::to_string(x) + ", y " + std::to_string(y), formatNumber(value.real()), formatNumber(real));
  }
  if (sameBytes) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(plane.count()) * pixelTypeBytes(plane.type));
    copyBlock(plane, denseView(bytes.data(), plane.type, plane.shape));
    const QString crc = QString("%1").arg(crc32(bytes), 8, 16, QChar('0'));
    if (crc != facts["crc32_le_rowmajor"].toString())
      return differs("the CRC-32", crc.toStdString(), facts["crc32_le_rowmajor"].toString().toStdString());
  }
  const QJsonValue nodata = facts["nodata"];
  if (nodata.isNull() == spec.nodata.has_value() || (spec.nodata && !same(*spec.nodata, number(nodata))))
    return differs("nodata", spec.nodata ? formatNumber(*spec.nodata) : "undeclared",
                   nodata.isNull() ? "undeclared" : formatNumber(number(nodata)));
  return {};
}

}  // namespace

std::string factsProblem(Source& source, const std::string& dataFolder, const std::string& file) {
  QFile json(QString::fromStdString(dataFolder + "/raster_facts.json"));
  if (!json.open(QIODevice::ReadOnly)) return "raster_facts.json is missing";
  const QJsonObject facts = QJsonDocument::fromJson(json.readAll()).object()[QString::fromStdString(file)].toObject();
  if (facts.isEmpty()) return "no facts of " + file;
  const ArraySpec& spec = source.spec();
  const int bandDim = spec.spectralDim();
  if (bandDim < 0 || !spec.isSpatial()) return "not a raster of bands";
  const Dim& bands = spec.dims[static_cast<std::size_t>(bandDim)];
  const std::int64_t width = spec.dims[static_cast<std::size_t>(spec.xDim)].size,
                     height = spec.dims[static_cast<std::size_t>(spec.yDim)].size;
  if (width != facts["width"].toInt() || height != facts["height"].toInt() || bands.size != facts["bands"].toInt())
    return "the size differs";
  const std::string dtype = facts["dtype"].toString().toStdString();
  const auto expectedType = dtype == "CInt16" ? PixelType::Complex64 : pixelTypeFromName(dtype);
  if (spec.type != expectedType) return differs("the type", std::string(pixelTypeName(spec.type)), dtype);
  if (std::string problem = gridProblem(spec, facts); !problem.empty()) return problem;

  BufferPool pool;
  const Block whole = readWhole(source, pool);
  if (!whole.buffer) return "the array cannot be read";
  const BlockView ordered = whole.view.permuted({bandDim, spec.yDim, spec.xDim});
  for (const QJsonValue& item : facts["per_band"].toArray()) {
    const QJsonObject band = item.toObject();
    const std::int64_t index = band["band"].toInt() - 1;
    const std::string name = "band " + std::to_string(index + 1) + ": ";
    if (std::string problem = bandProblem(spec, ordered.at(0, index), band, dtype != "CInt16"); !problem.empty()) return name + problem;
    if (const QString text = band["wavelength"].toString(); !text.isEmpty()) {
      const double factor = band["wavelength_units"].toString() == "Micrometers" ? 1000 : 1;
      const double expected = parseNumber(text.toStdString()).value_or(0) * factor;
      if (bands.name != "wavelength") return name + "its wavelength is not read";
      if (std::abs(bands.coordinate.at(index) - expected) > 1e-9 * expected)
        return name + differs("the wavelength", formatNumber(bands.coordinate.at(index)), formatNumber(expected));
    }
  }
  return {};
}

}  // namespace cubeloom::test
