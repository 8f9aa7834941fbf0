// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/export_forms.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "engine/base/datetime.h"
#include "engine/base/pixel_type.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/param_kinds.h"
#include "engine/op/view/date_parts.h"

namespace cubeloom {
namespace {

Failure badTemplate(const std::string& message) { return fail(ErrorCode::Internal, "the export form is wrong: " + message); }

std::string pythonText(const std::string& text) {
  static constexpr const char* kHex = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\')
      out += std::string("\\") + c;
    else if (byte < 0x20 || byte == 0x7F)
      out += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 0xF];
    else
      out += c;
  }
  return out + "'";
}

std::string pythonList(const Json& list, const char* open, const char* close) {
  std::vector<std::string> parts;
  for (const Json& entry : list) parts.push_back(pythonLiteral(entry));
  return open + join(parts, ", ") + close;
}

/// "10:60:5" as slice(10, 60, 5); nullopt where the text is no slice.
std::optional<std::string> pythonSlice(const Json& selection) {
  if (!selection.is_string()) return std::nullopt;
  const auto parts = split(selection.get<std::string>(), ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  std::vector<std::string> ends;
  ends.reserve(parts.size());
  for (const std::string& part : parts) ends.push_back(trim(part).empty() ? "None" : pythonLiteral(selectionFromText(part)));
  return "slice(" + join(ends, ", ") + ")";
}

bool hasRanges(const Json& selection) {
  return selection.is_array() &&
         std::any_of(selection.begin(), selection.end(), [](const Json& entry) { return pythonSlice(entry).has_value(); });
}

/// A list with ranges: what lies in each, behind one another.
std::string pythonRanges(const std::string& dim, const Json& list) {
  std::vector<std::string> parts;
  for (const Json& entry : list) {
    const auto slice = pythonSlice(entry);
    parts.push_back("a.sel({" + pythonText(dim) + ": " + (slice ? *slice + "})" : "[" + pythonLiteral(entry) + "]}, method='nearest')"));
  }
  return ".pipe(lambda a: xarray.concat([" + join(parts, ", ") + "], " + pythonText(dim) + ").drop_duplicates(" + pythonText(dim) + "))";
}

/// A part of dates, where no dim has its name.
std::string pythonDatePart(const std::string& part, const Json& selection) {
  std::string numbers;
  if (const auto meant = datePartNumbers(part, selection)) numbers = Json(*meant).dump();
  return ".pipe(lambda a: a.sel({" + pythonText(part) + ": " + pythonLiteral(selection) + "}) if " + pythonText(part) +
         " in a.dims else a.sel(time=a['time'].dt." + (part == "season" ? "month" : part) + ".isin(" + numbers + ")))";
}

std::string pythonSelection(const Json& indexers, const std::string& spec) {
  std::vector<std::string> pairs;
  std::string chosen;
  for (const auto& [dim, selection] : indexers.items()) {
    const bool isPart = isDatePart(dim), isOfRanges = hasRanges(selection);
    if (spec == "chosen") chosen += isPart ? pythonDatePart(dim, selection) : isOfRanges ? pythonRanges(dim, selection) : "";
    if (spec == "chosen" || (!spec.empty() && (isPart || isOfRanges))) continue;
    const auto slice = pythonSlice(selection);
    if ((spec == "slices" && !slice) || (spec == "values" && slice)) continue;
    pairs.push_back(pythonText(dim) + ": " + (slice ? *slice : pythonLiteral(selection)));
  }
  return spec == "chosen" ? chosen : "{" + join(pairs, ", ") + "}";
}

/// One row's condition over `array`.
std::string pythonCondition(const TableRow& row) {
  if (row.isNodata) return "array.isnull()";
  if (row.low == row.high) return "array == " + formatNumber(row.low);
  std::vector<std::string> ends;
  if (row.low > -INFINITY || !row.hasLow) ends.push_back(pythonNumber(row.low) + (row.hasLow ? " <= array" : " < array"));
  if (row.high < INFINITY || !row.hasHigh) ends.push_back((row.hasHigh ? "array <= " : "array < ") + pythonNumber(row.high));
  return ends.empty() ? "array.notnull()" : ends.size() == 1 ? ends[0] : "(" + ends[0] + ") & (" + ends[1] + ")";
}

using Rendered = Result<std::optional<std::string>>;

Rendered pythonTable(const Json& value, const std::string& spec) {
  std::vector<std::string> parts;
  for (const TableRow& row : tableFrom(value).value_or(std::vector<TableRow>()))
    parts.push_back(spec == "conditions" ? pythonCondition(row) : pythonNumber(row.value));
  return "[" + join(parts, ", ") + "]";
}

/// One entry of a coordinate, or several behind commas, as a text has them: a number, a date or a name.
std::string pythonEntries(const Json& value, bool isList) {
  std::vector<std::string> parts;
  for (const std::string& part : isList ? split(value.get<std::string>(), ',') : std::vector{value.get<std::string>()}) {
    const std::string text(trim(part));
    const auto number = parseNumber(text);
    parts.push_back(number ? pythonNumber(*number) : parseDatetime(text) ? "np.datetime64(" + pythonText(text) + ")" : pythonText(text));
  }
  return isList ? "[" + join(parts, ", ") + "]" : parts[0];
}

/// A part of what names features; nothing where it is not given.
std::optional<std::string> featuresPart(const Json& value, const std::string& part) {
  const auto file = featuresFrom(value).value_or(FeaturesFile());
  const std::string& text = part == "layer" ? file.layer : part == "where" ? file.where : part == "id" ? file.id : file.path;
  return text.empty() ? std::nullopt : std::optional(text);
}

Rendered pythonValue(const Param& param, const Json& value, const std::string& spec, const std::vector<BandAxis>& bands) {
  if (param.type == ParamType::Features) {
    const auto part = featuresPart(value, spec);
    return part ? std::optional(pythonText(*part)) : std::nullopt;
  }
  if (spec == "word") {
    const std::string word = value.is_string() ? value.get<std::string>() : std::string();
    const bool isName = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!isName) return std::nullopt;  // "dayofyear,hour": the form is of one word
    return word;
  }
  if (isPerDim(param.type)) return pythonSelection(value, spec);
  if (param.type == ParamType::Expression) {
    const auto expressions = parseExpressions(value.get<std::string>());
    if (!expressions) return fail(expressions.error());
    return pythonOf(*expressions, bands);
  }
  if (param.type == ParamType::Table && (spec == "conditions" || spec == "results")) return pythonTable(value, spec);
  if (param.type == ParamType::Range) return pythonList(value, "(", ")");
  if (spec == "entry" || spec == "entries") return pythonEntries(value, spec == "entries");
  if (spec == "args") return pythonList(value.is_array() ? value : Json::array({value}), "", "");
  if (!spec.empty()) return badTemplate("there is no form '" + spec + "'");
  if (param.type == ParamType::Number) {  // nan and inf travel as texts
    const double number = jsonNumber(value).value_or(0);
    return std::isfinite(number) && !value.is_string() ? pythonLiteral(value) : pythonNumber(number);
  }
  return pythonLiteral(value);
}

/// GDAL's names of pixel types.
std::string gdalType(const std::string& name) {
  static const std::vector<std::pair<const char*, const char*>> kNames{
      {"uint8", "Byte"},      {"int8", "Int8"},       {"uint16", "UInt16"},      {"int16", "Int16"},
      {"uint32", "UInt32"},   {"int32", "Int32"},     {"uint64", "UInt64"},      {"int64", "Int64"},
      {"float32", "Float32"}, {"float64", "Float64"}, {"complex64", "CFloat32"}, {"complex128", "CFloat64"}};
  for (const auto& [numpy, gdal] : kNames)
    if (name == numpy) return gdal;
  return name;
}

/// A file's name that begins with '-' is no option.
std::string notAnOption(const std::string& path) { return path.starts_with('-') ? "./" + path : path; }

Rendered gdalValue(const Param& param, const Json& value, const std::string& spec) {
  if (param.type == ParamType::Features) {
    const auto part = featuresPart(value, spec);
    return part ? std::optional(shellQuoted(spec == "path" ? notAnOption(*part) : *part)) : std::nullopt;
  }
  const bool isPath = param.type == ParamType::Path || param.type == ParamType::OutputPath;
  if (param.type == ParamType::Resolution && value.is_string()) return std::nullopt;  // auto, fit and same are the program's own choice
  Json words = value.is_array() ? value : Json::array({value});
  if (param.type == ParamType::Resolution && words.size() == 1) words.push_back(words[0]);
  if (spec == "projwin" && words.size() == 4) words = {words[0], words[3], words[2], words[1]};
  std::vector<std::string> quoted;
  for (const Json& entry : words) {
    std::string word = kindOf(ParamType::Text).toText(entry);
    if (param.type == ParamType::PixelType) word = gdalType(word);
    if (isPath) word = notAnOption(word);
    if (spec == "upper")
      std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    quoted.push_back(shellQuoted(word));
  }
  return join(quoted, " ");
}

/// Fills one template.
class Filler {
 public:
  Filler(const Declaration& declaration, const Params& params, ExportLanguage language, const std::string& input, const std::string& output,
         const FormFacts& facts)
      : m_declaration(declaration), m_params(params), m_language(language), m_input(input), m_output(output), m_facts(facts) {}

  Result<std::string> fill(const std::string& form) {
    m_text = form;
    m_at = 0;
    auto text = segment(false);
    if (!text) return fail(text.error());
    return text->value_or("");
  }

 private:
  /// Up to the end, or of an inner segment up to its "?}"; nothing where a parameter in it has no value.
  Rendered segment(bool inner) {
    std::string out;
    bool complete = true;
    while (m_at < m_text.size()) {
      if (inner && m_text.compare(m_at, 2, "?}") == 0) {
        m_at += 2;
        return complete ? std::optional(out) : std::nullopt;
      }
      if (m_text.compare(m_at, 2, "{?") == 0) {
        m_at += 2;
        const auto wanted = condition();
        if (!wanted) return fail(wanted.error());
        auto text = segment(true);
        if (!text) return text;
        if (*wanted && *text) out += **text;
        continue;
      }
      if (m_text[m_at] == '{') {
        auto value = placeholder();
        if (!value) return fail(value.error());
        if (value->first) {
          if (value->second) out += *value->second;
          complete = complete && value->second;
          continue;
        }
      }
      out += m_text[m_at++];
    }
    if (inner) return badTemplate("'{?' without '?}'");
    if (!complete) return badTemplate("a parameter without a value stands outside of '{? ?}'");
    return std::optional(out);
  }

  /// "name=a,b:" or "!name=a,b:" at the start of a segment; true where there is none.
  Result<bool> condition() {
    std::size_t end = m_at;
    const bool negated = end < m_text.size() && m_text[end] == '!';
    if (negated) ++end;
    const std::size_t start = end;
    while (end < m_text.size() && isOfName(m_text[end])) ++end;
    if (end == start || end >= m_text.size() || m_text[end] != '=') return true;
    const std::string name = m_text.substr(start, end - start);
    const auto colon = m_text.find(':', end);
    if (colon == std::string::npos || (!isFact(name) && !find(name))) return badTemplate("the condition on '" + name + "'");
    const auto values = split(m_text.substr(end + 1, colon - end - 1), ',');
    m_at = colon + 1;
    const std::string value = isFact(name)         ? fact(name).value_or("")
                              : m_params.has(name) ? kindOf(find(name)->type).toText(m_params.json(name))
                                                   : std::string();
    return (std::find(values.begin(), values.end(), value) != values.end()) != negated;
  }

  /// Whether a placeholder stands here, and its value.
  Result<std::pair<bool, std::optional<std::string>>> placeholder() {
    using Pair = std::pair<bool, std::optional<std::string>>;
    std::size_t end = m_at + 1;
    while (end < m_text.size() && isOfName(m_text[end])) ++end;
    const std::string name = m_text.substr(m_at + 1, end - m_at - 1);
    if (name.empty() || name.front() == '.' || end >= m_text.size() || (m_text[end] != '}' && m_text[end] != ':' && m_text[end] != '|'))
      return Pair{false, {}};
    const auto close = m_text.find('}', end);
    if (close == std::string::npos) return badTemplate("'{" + name + "' without '}'");
    const std::string tail = m_text.substr(end, close - end);
    m_at = close + 1;
    if (m_language == ExportLanguage::Gdal && (name == "input" || name == "output"))
      return Pair{true, shellQuoted(name == "input" ? m_input : m_output)};
    if (isFact(name)) {
      const auto known = fact(name);
      return Pair{true, !known && tail.starts_with("|") ? std::optional(tail.substr(1)) : known};
    }
    const Param* param = find(name);
    if (!param) return badTemplate("there is no parameter '" + name + "'");
    if (!m_params.has(name)) return Pair{true, tail.starts_with("|") ? std::optional(tail.substr(1)) : std::nullopt};
    const std::string spec = tail.starts_with(":") ? tail.substr(1) : std::string();
    auto value = m_language == ExportLanguage::Python ? pythonValue(*param, m_params.json(name), spec, m_facts.bands)
                                                      : gdalValue(*param, m_params.json(name), spec);
    if (!value) return fail(value.error());
    return Pair{true, *value};
  }

  static bool isOfName(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }
  static bool isFact(const std::string& name) { return name.find('.') != std::string::npos; }
  std::optional<std::string> fact(const std::string& name) const {
    const auto found = m_facts.words.find(name);
    return found == m_facts.words.end() ? std::nullopt : std::optional(found->second);
  }

  const Param* find(const std::string& name) const {
    const auto& params = m_declaration.params;
    const auto found = std::find_if(params.begin(), params.end(), [&name](const Param& p) { return p.name == name; });
    return found == params.end() ? nullptr : &*found;
  }

  const Declaration& m_declaration;
  const Params& m_params;
  ExportLanguage m_language;
  const std::string &m_input, &m_output;
  const FormFacts& m_facts;
  std::string m_text;
  std::size_t m_at = 0;
};

}  // namespace

std::string pythonLiteral(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_string()) return value == "..." ? "..." : pythonText(value.get<std::string>());
  if (value.is_number_float()) return formatNumber(value.get<double>());
  if (value.is_array()) return pythonList(value, "[", "]");
  if (!value.is_object()) return value.dump();
  std::vector<std::string> pairs;
  for (const auto& [key, entry] : value.items()) pairs.push_back(pythonText(key) + ": " + pythonLiteral(entry));
  return "{" + join(pairs, ", ") + "}";
}

std::string pythonNumber(double number) {
  return std::isfinite(number) ? pythonLiteral(Json(number)) : "float('" + formatNumber(number) + "')";
}

Result<ExportForm> exportForm(const Declaration& declaration, const Json& values, ExportLanguage language, const std::string& input,
                              const std::string& output, const FormFacts& facts) {
  const auto params = Params::check(declaration.params, values);
  if (!params) return fail(params.error());
  if (language == ExportLanguage::Shell) return ExportForm{stepText(declaration, values).value_or(""), {}};
  const bool isPython = language == ExportLanguage::Python;
  const std::string& form = isPython ? declaration.python : declaration.gdal;
  if (form.empty()) return ExportForm{{}, isPython ? declaration.noPython : declaration.noGdal};
  auto text = Filler(declaration, *params, language, input, output, facts).fill(form);
  if (!text) return fail(text.error());
  if (text->empty()) return ExportForm{{}, "there is nothing like it for these parameters"};
  return ExportForm{std::move(*text), {}};
}

namespace {

/// Whether a pipeline takes the word alone for a path.
bool isBarePath(const std::string& path) {
  return !path.empty() && path != "!" && path.find('=') == std::string::npos && !(path.front() == '[' && path.back() == ']');
}

/// Whether a pipeline takes dim=selection for what it is: no dim is called as a parameter, or in a way that would be read otherwise.
bool areBareDims(const Declaration& declaration, const Json& selections) {
  for (const auto& [dim, selection] : selections.items()) {
    const bool isParam =
        std::any_of(declaration.params.begin(), declaration.params.end(), [&d = dim](const Param& p) { return p.name == d; });
    if (isParam || dim.empty() || dim.find('=') != std::string::npos || dim.front() == '[') return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> stepText(const Declaration& declaration, const Json& values) {
  std::string text = declaration.id;
  for (const auto& [name, value] : values.items()) {
    if (value.is_null()) continue;
    const auto param =
        std::find_if(declaration.params.begin(), declaration.params.end(), [&name = name](const Param& p) { return p.name == name; });
    if (param == declaration.params.end()) return std::nullopt;
    if (name == "path" && value.is_string() && isBarePath(value.get<std::string>())) {
      text += " " + shellQuoted(value.get<std::string>());
    } else if (isPerDim(param->type) && value.is_object() && areBareDims(declaration, value)) {
      for (const auto& [dim, selection] : value.items()) text += " " + shellQuoted(dim + "=" + selectionToText(selection));
    } else {
      text += " " + shellQuoted(name + "=" + kindOf(param->type).toText(value));
    }
  }
  return text;
}

}  // namespace cubeloom
