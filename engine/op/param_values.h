// SPDX-License-Identifier: GPL-3.0-or-later
// The values of parameters that are more than a number or a text, from the JSON of a chain and from the text of a pipeline.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cubeloom {

/// A file with geometries. Text: "plots.gpkg|layer=fields|where=crop = 'maize'|id=name".
struct FeaturesFile {
  std::string path;   ///< as given: relative to the chain file
  std::string layer;  ///< empty: the only or first one
  std::string where;  ///< OGR's SQL condition; empty: all
  std::string id;     ///< attribute that names the features; empty: their number
};

using Rgb = std::array<std::uint8_t, 3>;

/// What one row of a table says: values from `low` to `high` (or nodata) become `value`.
/// Text of a table: "[-inf,0)=1;[0,0.3)=2:water:#0000ff;5=7;nodata=0"; brackets say whether an end belongs to the interval.
struct TableRow {
  double low = 0, high = 0;
  long double exactLow = 0, exactHigh = 0;  ///< the same with all digits of whole numbers of 64 bits
  bool hasLow = true, hasHigh = true;       ///< whether the end itself belongs to it
  bool isNodata = false;                    ///< it is nodata that becomes `value`
  double value = 0;
  std::string name;          ///< of the class; may be empty
  std::optional<Rgb> color;  ///< of the class
};

/// Weights of a neighbourhood, row by row; both sides are odd. Text: "1,2,1;2,4,2;1,2,1".
struct KernelWeights {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> weights;
};

/// Each gives nothing where the value is none of its kind; `why` (may be null) then says what is wrong.
std::optional<FeaturesFile> featuresFrom(const nlohmann::json& value, std::string* why = nullptr);
std::optional<std::vector<TableRow>> tableFrom(const nlohmann::json& value, std::string* why = nullptr);
std::optional<KernelWeights> kernelFrom(const nlohmann::json& value, std::string* why = nullptr);
/// The colours of a named map or of a list; the first belongs to the lowest value, the others follow in equal steps.
std::optional<std::vector<Rgb>> paletteFrom(const nlohmann::json& value, std::string* why = nullptr);
std::vector<std::string> paletteNames();

nlohmann::json featuresFromText(const std::string& text);
nlohmann::json tableFromText(const std::string& text);
nlohmann::json kernelFromText(const std::string& text);
nlohmann::json paletteFromText(const std::string& text);
std::string featuresToText(const nlohmann::json& value);
std::string tableToText(const nlohmann::json& value);
std::string kernelToText(const nlohmann::json& value);

}  // namespace cubeloom
