// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/series_writer.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/base/cf_calendar.h"
#include "tests/support/envi_writer.h"

namespace cubeloom::test {
namespace {

using Json = nlohmann::json;

const char* typeCode(PixelType type) {
  switch (type) {
    case PixelType::UInt8: return "|u1";
    case PixelType::Int16: return "<i2";
    case PixelType::UInt16: return "<u2";
    case PixelType::Int32: return "<i4";
    case PixelType::Int64: return "<i8";
    case PixelType::Float64: return "<f8";
    default: return "<f4";
  }
}

void writeArray(const std::string& path, const Json& shape, const char* type, const Json& fill, const Json& attributes,
                const std::string& bytes) {
  std::filesystem::create_directories(path);
  const Json array{{"zarr_format", 2},      {"shape", shape},     {"chunks", shape}, {"dtype", type},
                   {"compressor", nullptr}, {"fill_value", fill}, {"order", "C"},    {"filters", nullptr}};
  writeFile(path + "/.zarray", array.dump());
  writeFile(path + "/.zattrs", attributes.dump());
  std::string chunk = "0";
  for (std::size_t d = 1; d < shape.size(); ++d) chunk += ".0";
  writeFile(path + "/" + chunk, bytes);
}

std::string bytesOf(const std::vector<double>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double)};
}

}  // namespace

std::string writeSeries(const Series& series, const std::vector<std::byte>& pixels) {
  const DayNumber own = calendarDays(series.calendar), days = own != nullptr ? own : gregorianDay;
  std::vector<double> dates, y, x;
  for (const std::string& text : series.dates) {
    const auto at = parseDatetime(text, days), origin = parseDatetime("2000-01-01", days);
    if (!at) return "'" + text + "' is no date";
    dates.push_back((*at - *origin) / 86400);
  }
  for (int row = 0; row < series.rows; ++row) y.push_back(4000000 - 10 * row);
  for (int col = 0; col < series.cols; ++col) x.push_back(500000 + 10 * col);
  std::filesystem::create_directories(series.path);
  writeFile(series.path + "/.zgroup", R"({"zarr_format": 2})");
  const auto axis = [&series](const char* name, const std::vector<double>& at, Json attributes) {
    attributes["_ARRAY_DIMENSIONS"] = {name};
    writeArray(series.path + "/" + name, Json::array({at.size()}), "<f8", nullptr, attributes, bytesOf(at));
  };
  axis("time", dates, {{"units", "days since 2000-01-01"}, {"calendar", series.calendar}});
  axis("y", y, {{"units", "m"}, {"standard_name", "projection_y_coordinate"}});
  axis("x", x, {{"units", "m"}, {"standard_name", "projection_x_coordinate"}});
  const Json fill = series.nodata ? Json(*series.nodata) : Json(nullptr);
  writeArray(series.path + "/value", {dates.size(), series.rows, series.cols}, typeCode(series.type),
             series.nodata && isInteger(series.type) ? Json(static_cast<std::int64_t>(*series.nodata)) : fill,
             {{"_ARRAY_DIMENSIONS", {"time", "y", "x"}}}, {reinterpret_cast<const char*>(pixels.data()), pixels.size()});
  return {};
}

}  // namespace cubeloom::test
