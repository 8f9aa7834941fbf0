// SPDX-License-Identifier: GPL-3.0-or-later
// How an operation declares its parameters, and the checked values it then gets.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/geo/crs.h"
#include "engine/op/param_values.h"

namespace cubeloom {

using Json = nlohmann::json;

/// What a parameter holds. Everything that follows from it (check, text, schema, editor) stands in the table of param_kinds.cpp.
enum class ParamType {
  Text,        ///< string
  Path,        ///< string; relative to the chain file
  OutputPath,  ///< string; relative to the chain file
  Choice,      ///< string, one of `choices`
  Bool,        ///< true, false
  Integer,     ///< whole number
  Number,      ///< number, or the strings "nan", "inf", "-inf"
  Crs,         ///< string: EPSG code, WKT, PROJ string
  Resolution,  ///< number, [x, y], or "auto" | "fit" | "same"
  Shape,       ///< [rows, cols] or one whole number (longest side)
  Bounds,      ///< [xmin, ymin, xmax, ymax]
  Dims,        ///< list of dim names
  Names,       ///< {"old": "new"}
  Indexers,    ///< {"dim": index | [indices] | "start:stop[:step]"}
  Selectors,   ///< {"dim": value | [values] | "start:stop"} in coordinate values
  Factors,     ///< {"dim": whole number of at least 1}
  PixelType,   ///< numpy's name, or GDAL's
  Expression,  ///< band math
  Node,        ///< id of another node of the chain, whose spec is looked at
  Numbers,     ///< list of numbers
  Range,       ///< [low, high], low < high
  Features,    ///< file with geometries: path, or {"path", "layer", "where", "id"}
  Table,       ///< list of {"when", "value", "name", "color"}: see TableRow
  Kernel,      ///< rows of weights, an odd number of rows and of columns
  Seed,        ///< whole number from 0 to 2^53
  Palette,     ///< name of a colour map, or a list of "#rrggbb"
};

/// One of the values of a ParamType::Choice. Case never matters; a synonym becomes the name when it is checked.
struct Choice {
  Choice(const char* choiceName) : name(choiceName) {}
  Choice(std::string choiceName, std::string choiceHelp = {}, std::vector<std::string> others = {})
      : name(std::move(choiceName)), help(std::move(choiceHelp)), synonyms(std::move(others)) {}
  std::string name;
  std::string help;                   ///< a few words; empty: the name says it
  std::vector<std::string> synonyms;  ///< what GDAL, xarray or rasterio call it
};

/// One parameter: everything that palette, form, tooltip, CLI help, schema and documentation need.
struct Param {
  std::string name = {};
  ParamType type = ParamType::Text;
  std::string help = {};     ///< one sentence
  std::string unit = {};     ///< "m", "nm", "degrees", "units of the CRS"; empty: none
  Json defaultTo = nullptr;  ///< a value as in a chain file; null: no default
  bool required = false;
  std::vector<Choice> choices = {};
  std::optional<double> minimum = {}, maximum = {};      ///< hard range; of each number of a list
  std::optional<double> uiMinimum = {}, uiMaximum = {};  ///< what a slider offers
  bool advanced = false;                                 ///< under "More" in the inspector
  bool former = false;                                   ///< of older chains: still read, no longer shown
  std::string label = {};                                ///< for people; empty: the name with blanks
  std::vector<std::string> keywords = {};                ///< further words a search finds it by
};

/// "text", "choice", ...: the word used by `ops --json`.
const char* paramTypeName(ParamType type);
/// "Coordinate system", "RPC height": the label, or the name with blanks, with a capital; abbreviations in capitals.
std::string labelOf(const Param& param);
std::vector<std::string> choiceNames(const Param& param);

/// Values of one node's parameters, validated and completed with defaults. Cheap to copy. An accessor gives the default's value where
/// the parameter was not given, and what is said of it where there is no default either.
class Params {
 public:
  Params();
  /// Checks names, types, ranges and choices of `values` (an object). InvalidParameter names the parameter, the value and the limit.
  static Result<Params> check(const std::vector<Param>& declared, const Json& values);

  bool has(const std::string& name) const;  ///< given or has a default, and is not null
  const Json& json(const std::string& name) const;
  std::string text(const std::string& name) const;    ///< ""
  std::string choice(const std::string& name) const;  ///< the declared name, whatever synonym was given; ""
  double number(const std::string& name, double otherwise = 0) const;
  long double exact(const std::string& name, long double otherwise = 0) const;  ///< a number with all digits of whole ones of 64 bits
  std::int64_t integer(const std::string& name, std::int64_t otherwise = 0) const;
  bool flag(const std::string& name) const;  ///< false
  std::vector<std::string> texts(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;
  std::optional<std::pair<double, double>> range(const std::string& name) const;
  Result<Crs> crs(const std::string& name) const;  ///< an invalid Crs; the error names the parameter
  std::optional<FeaturesFile> features(const std::string& name) const;
  std::vector<TableRow> table(const std::string& name) const;
  std::optional<KernelWeights> kernel(const std::string& name) const;
  std::vector<Rgb> palette(const std::string& name) const;

 private:
  std::shared_ptr<const Json> m_values;
};

/// A number of a chain: JSON number or "nan", "inf", "-inf" or a text that is a number.
std::optional<double> jsonNumber(const Json& value);

}  // namespace cubeloom
