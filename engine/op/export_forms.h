// SPDX-License-Identifier: GPL-3.0-or-later
// Operations in other words: their declared templates filled with parameters, for Python, GDAL's programs and the shell.
//
// A template is text with
//   {name}            the parameter's value as the language writes it; {name:spec} in another form (below); {name|else} or else
//   {? text ?}        text, where all parameters in it have a value
//   {?name=a,b:text?} text, where the parameter has one of the values; {?!name=a,b:text?} where it has none of them
// Segments may nest. Any other brace is itself. GDAL's templates also know {input} and {output}.
// A name with a point is a fact of the arrays, as {out.transform}: see FormFacts. It has no value where the arrays are not known.
// Specs. Python: args (a list without its brackets), word (without quotes), slices and values (those entries of a selection alone),
// chosen (parts of dates, and lists with ranges, as calls of methods),
// entry and entries (of a text: a number, a date or a name; a list of them behind commas), conditions and results (of a table's rows, for
// numpy.select: what holds of `array`, and what comes of it).
// Of features, in any language: path, layer, where, id.
// GDAL: projwin (bounds as ulx uly lrx lry), upper.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/op/expression/expression.h"
#include "engine/op/operation.h"

namespace cubeloom {

enum class ExportLanguage { Python, Gdal, Shell };

struct ExportForm {
  std::string text;    ///< empty: there is none
  std::string reason;  ///< then why
};

/// What a form may say of the arrays that its step takes and gives, once they are known; engine/export fills it.
struct FormFacts {
  std::map<std::string, std::string> words;  ///< "out.transform": as the language writes it
  std::vector<BandAxis> bands;               ///< of each input, for expressions
};

/// One step with `values` (as in a chain file). Python: an expression over `array` (an xarray.DataArray), further inputs `in2`, `in3`, ...
/// GDAL: a command line. Shell: a step of a `!` pipeline. InvalidParameter where a value is wrong; Internal where the template is.
Result<ExportForm> exportForm(const Declaration& declaration, const Json& values, ExportLanguage language,
                              const std::string& input = "input.tif", const std::string& output = "output.tif",
                              const FormFacts& facts = {});

/// "isel time=0": the step as a `!` pipeline has it, quoted for the shell; nullopt where a parameter is not declared.
std::optional<std::string> stepText(const Declaration& declaration, const Json& values);

/// A JSON value as Python writes it.
std::string pythonLiteral(const Json& value);
/// A number as Python writes it, nan and inf too.
std::string pythonNumber(double number);

}  // namespace cubeloom
