// SPDX-License-Identifier: GPL-3.0-or-later
// How an operation declares its parameters, and the checked values it then gets.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

using Json = nlohmann::json;

/// What a parameter holds; decides the editor of the inspector and the JSON forms that are accepted.
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
  PixelType,   ///< numpy's name
  Expression,  ///< band math
};

/// One parameter: everything that palette, form, tooltip, CLI help, schema and documentation need.
struct Param {
  std::string name = {};
  ParamType type = ParamType::Text;
  std::string help = {};          ///< one sentence
  std::string unit = {};          ///< "m", "nm", "degrees", "units of the CRS"; empty: none
  std::string defaultValue = {};  ///< as JSON text; empty: no default
  bool required = false;
  std::vector<std::string> choices = {};
  std::optional<double> minimum = {}, maximum = {};      ///< hard range
  std::optional<double> uiMinimum = {}, uiMaximum = {};  ///< what a slider offers
  bool advanced = false;                                 ///< under "More" in the inspector
  std::string label = {};                                ///< for people; empty: the name with blanks
};

/// "text", "choice", ...: the word used by `ops --json`.
const char* paramTypeName(ParamType type);

/// Values of one node's parameters, validated and completed with defaults. Cheap to copy.
class Params {
 public:
  Params();
  /// Checks names, types, ranges and choices of `values` (an object). InvalidParameter names the parameter, the value and the limit.
  static Result<Params> check(const std::vector<Param>& declared, const Json& values);

  bool has(const std::string& name) const;  ///< given or has a default, and is not null
  const Json& json(const std::string& name) const;
  std::string text(const std::string& name) const;  ///< "" when absent
  double number(const std::string& name, double otherwise = 0) const;
  std::int64_t integer(const std::string& name, std::int64_t otherwise = 0) const;
  bool flag(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;

 private:
  std::shared_ptr<const Json> m_values;
};

/// A number of a chain: JSON number or "nan", "inf", "-inf" or a text that is a number.
std::optional<double> jsonNumber(const Json& value);

}  // namespace cubeloom
