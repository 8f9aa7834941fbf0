// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/text_case.h"

#include <cmath>
#include <fstream>
#include <set>

#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/op/view/selection.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/series_writer.h"

namespace cubeloom::test {
namespace {

Failure wrong(const std::string& message) { return fail(ErrorCode::Internal, message); }

/// Reads a file line by line into cases.
class CaseReader {
 public:
  explicit CaseReader(std::string path) : m_path(std::move(path)) {}

  Result<std::vector<TextCase>> read() {
    std::ifstream file(m_path);
    if (!file) return wrong("cannot read " + m_path);
    for (std::string line; std::getline(file, line);) {
      ++m_line;
      const std::string text(trim(line));
      if (text.empty() || text[0] == '#') continue;
      if (auto taken = take(text); !taken) return fail(taken.error());
    }
    CUBELOOM_TRY(finish());
    return m_cases;
  }

 private:
  Failure here(const std::string& message) const { return wrong(m_path + ":" + std::to_string(m_line) + ": " + message); }

  Result<void> finish() const {
    if (m_cases.empty()) return {};
    const TextCase& last = m_cases.back();
    if (last.truth.empty() || last.chain.empty()) return here("case '" + last.name + "' lacks its truth or its chain");
    if (last.expected.values.empty() && last.singles.empty()) return here("case '" + last.name + "' expects nothing");
    std::vector<TextGrid> grids = last.inputs;
    grids.push_back(last.expected);
    for (const TextGrid& grid : grids)
      if (static_cast<std::int64_t>(grid.values.size()) != grid.planes * grid.rows * grid.cols)
        return here("the planes of a grid of case '" + last.name + "' differ in rows");
    return {};
  }

  Result<void> take(const std::string& text) {
    const auto blank = text.find_first_of(" \t");
    const std::string word = text.substr(0, blank);
    const std::string rest = blank == std::string::npos ? std::string() : std::string(trim(std::string_view(text).substr(blank)));
    if (word == "case") {
      CUBELOOM_TRY(finish());
      m_cases.push_back({});
      m_cases.back().name = rest;
      m_cases.back().file = m_path;
      m_cases.back().line = m_line;
      m_grid = nullptr;
      return {};
    }
    if (m_cases.empty()) return here("a file begins with 'case'");
    TextCase& test = m_cases.back();
    if (word == "truth" || word == "chain") {
      std::string& lines = word == "truth" ? test.truth : test.chain;
      lines += (lines.empty() ? "" : " ") + rest;
      m_grid = nullptr;
      return {};
    }
    if (word == "beside") {
      test.beside.push_back(rest);
      m_grid = nullptr;
      return {};
    }
    if (word == "input") {
      test.inputs.push_back({});
      m_grid = &test.inputs.back();
      return readOptions(rest, {"dtype", "nodata", "crs", "geotransform", "time", "calendar"});
    }
    if (word == "expect") {
      m_grid = &test.expected;
      return readOptions(rest, {"dtype", "nodata", "crs", "geotransform", "tolerance", "relative", "time", "entries"});
    }
    if (word == "at" || word == "sum:") return readSingle(test, text);
    return readRow(text);
  }

  Result<void> readOptions(const std::string& text, const std::set<std::string>& known) {
    for (const std::string& word : shellWords(text)) {
      const auto equals = word.find('=');
      if (equals == std::string::npos && known.count("tolerance") == 0) {
        m_grid->name = word;
      } else if (equals == std::string::npos || known.count(word.substr(0, equals)) == 0) {
        return here("unknown option '" + word + "'");
      } else {
        m_grid->options[word.substr(0, equals)] = word.substr(equals + 1);
      }
    }
    return {};
  }

  Result<void> readSingle(TextCase& test, const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) return here("expected 'at INDEX ...: VALUE'");
    TextCase::Single single;
    const auto words = shellWords(text.substr(0, colon));
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto index = parseInteger(words[i]);
      if (!index) return here("'" + words[i] + "' is no index");
      single.index.push_back(*index);
    }
    const std::string value(trim(std::string_view(text).substr(colon + 1)));
    single.value = parseNumber(value);
    if (!single.value && value != ".") return here("'" + value + "' is no number");
    test.singles.push_back(std::move(single));
    return {};
  }

  Result<void> readRow(const std::string& text) {
    if (!m_grid) return here("'" + text + "' stands in no grid");
    if (text == "--") return m_newPlane = true, Result<void>();
    const auto words = shellWords(text);
    const auto cols = static_cast<std::int64_t>(words.size());
    if (m_grid->planes == 0) {
      m_grid->planes = 1;
      m_grid->cols = cols;
    } else if (m_newPlane) {
      ++m_grid->planes;
    }
    m_newPlane = false;
    if (cols != m_grid->cols)
      return here("a row of " + std::to_string(cols) + " in a grid of " + std::to_string(m_grid->cols) + " columns");
    for (const std::string& word : words) {
      const auto value = parseNumber(word);
      if (!value && word != ".") return here("'" + word + "' is no number");
      m_grid->values.push_back(value);
    }
    const auto count = static_cast<std::int64_t>(m_grid->values.size()) / cols;
    m_grid->rows = count / m_grid->planes;  // of a plane that is whole
    return {};
  }

  std::string m_path;
  int m_line = 0;
  std::vector<TextCase> m_cases;
  TextGrid* m_grid = nullptr;
  bool m_newPlane = false;
};

std::optional<double> numberOption(const TextGrid& grid, const std::string& name) {
  const auto found = grid.options.find(name);
  return found == grid.options.end() ? std::nullopt : parseNumber(found->second);
}

Result<std::array<double, 6>> geotransformOf(const std::string& text) {
  std::array<double, 6> numbers{};
  const auto parts = split(text, ',');
  if (parts.size() != 6) return wrong("a geotransform has six numbers, not '" + text + "'");
  for (std::size_t i = 0; i < 6; ++i) numbers[i] = parseNumber(parts[i]).value_or(NAN);
  return numbers;
}

Series seriesOf(const TextGrid& grid, const GdalFile& file) {
  const auto calendar = grid.options.find("calendar");
  Series series{file.path, file.type, split(grid.options.at("time"), ','), "standard", file.rows, file.cols, file.nodata};
  if (calendar != grid.options.end()) series.calendar = calendar->second;
  return series;
}

Result<void> writeInput(const TextGrid& grid, const std::string& folder) {
  GdalFile file;
  file.path = folder + "/" + grid.name;
  file.bands = static_cast<int>(grid.planes);
  file.rows = static_cast<int>(grid.rows);
  file.cols = static_cast<int>(grid.cols);
  file.nodata = numberOption(grid, "nodata");
  if (const auto crs = grid.options.find("crs"); crs != grid.options.end()) file.crs = crs->second;
  if (const auto found = grid.options.find("geotransform"); found != grid.options.end()) {
    const auto numbers = geotransformOf(found->second);
    if (!numbers) return fail(numbers.error());
    file.geotransform = *numbers;
  }
  const auto dtype = grid.options.find("dtype");
  file.type = dtype == grid.options.end() ? PixelType::Float32 : pixelTypeFromName(dtype->second).value();
  std::vector<std::byte> pixels(grid.values.size() * pixelTypeBytes(file.type));
  for (std::size_t i = 0; i < grid.values.size(); ++i) {
    if (!grid.values[i] && !file.nodata) return wrong("input " + grid.name + " has '.' but no nodata");
    dispatchRealType(file.type, [&](auto zero) {
      reinterpret_cast<decltype(zero)*>(pixels.data())[i] = convertPixel<decltype(zero)>(grid.values[i] ? *grid.values[i] : *file.nodata);
    });
  }
  const bool isSeries = grid.options.contains("time");
  const std::string complaint = isSeries ? writeSeries(seriesOf(grid, file), pixels) : writeGdalFile(file, std::move(pixels));
  if (!complaint.empty()) return wrong("input " + grid.name + ": " + complaint);
  return {};
}

/// Compares a result with what was expected.
class Judge {
 public:
  Judge(const TextCase& test, const ArraySpec& spec) : m_test(test), m_spec(spec) {
    m_tolerance = numberOption(test.expected, "tolerance").value_or(0);
    m_relative = numberOption(test.expected, "relative").value_or(0);
    if (const auto nodata = numberOption(test.expected, "nodata")) m_nodata = nodata;
  }

  Result<void> judge(const std::vector<double>& values) const {
    CUBELOOM_TRY(judgeFacts());
    for (const TextCase::Single& single : m_test.singles) CUBELOOM_TRY(judgeSingle(single, values));
    const TextGrid& grid = m_test.expected;
    if (grid.values.empty()) return {};
    const std::int64_t cols = m_spec.dims.empty() ? 1 : m_spec.dims.back().size;
    if (grid.values.size() != values.size() || grid.cols != cols)
      return wrong("the result has " + std::to_string(values.size()) + " values in rows of " + std::to_string(cols) + ", expected are " +
                   std::to_string(grid.values.size()) + " in rows of " + std::to_string(grid.cols));
    for (std::size_t i = 0; i < values.size(); ++i) CUBELOOM_TRY(compare(values[i], grid.values[i], place(static_cast<std::int64_t>(i))));
    return {};
  }

 private:
  Result<void> judgeFacts() const {
    const auto& options = m_test.expected.options;
    if (const auto dtype = options.find("dtype"); dtype != options.end() && pixelTypeFromName(dtype->second) != m_spec.type)
      return wrong("the result is " + std::string(pixelTypeName(m_spec.type)) + ", expected is " + dtype->second);
    if (const auto nodata = numberOption(m_test.expected, "nodata"))
      if (!m_spec.nodata || !(*m_spec.nodata == *nodata || (std::isnan(*nodata) && std::isnan(*m_spec.nodata))))
        return wrong("nodata is " + (m_spec.nodata ? formatNumber(*m_spec.nodata) : "not declared") + ", expected is " +
                     formatNumber(*nodata));
    CUBELOOM_TRY(judgeEntries());
    if (const auto crs = options.find("crs"); crs != options.end())
      if (!m_spec.geobox || !m_spec.geobox->crs().isSameAs(Crs::fromUser(crs->second).value()))
        return wrong("the CRS is " + (m_spec.geobox ? m_spec.geobox->crs().label() : "none") + ", expected is " + crs->second);
    if (const auto found = options.find("geotransform"); found != options.end()) {
      const auto expected = geotransformOf(found->second);
      if (!expected) return fail(expected.error());
      if (!m_spec.geobox) return wrong("the result has no grid on the ground");
      const auto got = m_spec.geobox->affine().geotransform();
      for (std::size_t i = 0; i < 6; ++i)
        if (std::abs(got[i] - (*expected)[i]) > 1e-9 * std::max(1.0, std::abs((*expected)[i])))
          return wrong("number " + std::to_string(i) + " of the geotransform is " + formatNumber(got[i]) + ", expected is " +
                       formatNumber((*expected)[i]));
    }
    return {};
  }

  /// Dates along time as far as they are written, numbers or names along the first dim.
  Result<void> judgeEntries() const {
    for (const char* option : {"time", "entries"}) {
      const auto found = m_test.expected.options.find(option);
      if (found == m_test.expected.options.end()) continue;
      const bool isTime = found->first == "time";
      const int d = isTime ? m_spec.indexOf("time") : 0;
      const std::vector<std::string> expected = split(found->second, ',');
      if (d < 0 || m_spec.dims.empty()) return wrong("the result has no dim 'time'");
      const Dim& dim = m_spec.dims[static_cast<std::size_t>(d)];
      if (static_cast<std::size_t>(dim.size) != expected.size())
        return wrong("the result has " + std::to_string(dim.size) + " entries along " + dim.name + ", not " + found->second);
      for (std::int64_t i = 0; i < dim.size; ++i) {
        const auto& labels = dim.coordinate.labels;
        const std::string got = isTime           ? entryText(dim, i)
                                : labels.empty() ? formatNumber(dim.coordinate.at(i))
                                                 : labels[static_cast<std::size_t>(i)];
        const std::string& wanted = expected[static_cast<std::size_t>(i)];
        if (isTime ? !got.starts_with(wanted) : got != wanted)
          return wrong("entry " + std::to_string(i) + " of " + dim.name + " is " + got + ", expected is " + wanted);
      }
    }
    return {};
  }

  Result<void> judgeSingle(const TextCase::Single& single, const std::vector<double>& values) const {
    if (single.index.empty()) {
      double sum = 0;
      for (const double v : values) sum += isNodata(v) ? 0 : v;
      return compare(sum, single.value, "the sum");
    }
    const auto strides = denseStrides(m_spec.shape(), 1);
    if (single.index.size() != strides.size()) return wrong("the result has " + std::to_string(strides.size()) + " dims");
    std::int64_t at = 0;
    for (std::size_t d = 0; d < strides.size(); ++d) {
      if (single.index[d] < 0 || single.index[d] >= m_spec.dims[d].size) return wrong("there is no such element in " + m_spec.dims[d].name);
      at += single.index[d] * strides[d];
    }
    return compare(values[static_cast<std::size_t>(at)], single.value, place(at));
  }

  bool isNodata(double value) const {
    return std::isnan(value) || (m_nodata && value == *m_nodata) || (m_spec.nodata && value == *m_spec.nodata);
  }

  Result<void> compare(double got, std::optional<double> expected, const std::string& where) const {
    if (!expected) return isNodata(got) ? Result<void>() : differs(where, formatNumber(got), "nodata");
    if (isNodata(got) && !(got == *expected)) return differs(where, "nodata", formatNumber(*expected));
    // Without a tolerance: as the result's type has it.
    const double wanted =
        m_spec.type == PixelType::Float32 && m_tolerance + m_relative == 0 ? static_cast<double>(static_cast<float>(*expected)) : *expected;
    const bool isNear = std::isfinite(wanted) && std::abs(got - wanted) <= m_tolerance + m_relative * std::abs(wanted);
    if (got == wanted || isNear) return {};
    return differs(where, formatNumber(got), formatNumber(*expected));
  }

  Failure differs(const std::string& where, const std::string& got, const std::string& expected) const {
    std::string tolerance = formatNumber(m_tolerance);
    if (m_relative > 0) tolerance += " + " + formatNumber(m_relative) + " of it";
    return wrong(where + " is " + got + ", expected is " + expected + " (tolerance " + tolerance + "; truth: " + m_test.truth + ")");
  }

  /// "band 0, y 1, x 2".
  std::string place(std::int64_t at) const {
    std::vector<std::string> parts;
    const auto strides = denseStrides(m_spec.shape(), 1);
    for (std::size_t d = 0; d < strides.size(); ++d) {
      parts.push_back(m_spec.dims[d].name + " " + std::to_string(at / strides[d]));
      at %= strides[d];
    }
    return parts.empty() ? "the value" : join(parts, ", ");
  }

  const TextCase& m_test;
  const ArraySpec& m_spec;
  double m_tolerance = 0, m_relative = 0;
  std::optional<double> m_nodata;
};

Result<Chain> chainOf(std::string text, const std::string& dataFolder, const Engine& engine) {
  for (auto at = text.find("DATA/"); at != std::string::npos; at = text.find("DATA/", at + dataFolder.size()))
    text.replace(at, 4, dataFolder);
  return chainFromPipeline(shellWords(text), engine.registry);
}

}  // namespace

Result<std::vector<TextCase>> readTextCases(const std::string& path) { return CaseReader(path).read(); }

Result<void> runTextCase(const TextCase& test, const std::string& folder, const std::string& dataFolder) {
  for (const TextGrid& input : test.inputs) CUBELOOM_TRY(writeInput(input, folder));
  const Engine engine;
  auto chain = chainOf(test.chain, dataFolder, engine);
  if (!chain) return fail(chain.error());
  for (const std::string& text : test.beside) {
    auto beside = chainOf(text, dataFolder, engine);
    if (!beside) return fail(beside.error());
    const std::string prefix = "beside" + std::to_string(chain->nodes.back().inputs.size());
    for (Node& node : beside->nodes) {
      node.id = prefix + node.id;
      for (std::string& input : node.inputs) input = prefix + input;
    }
    chain->nodes.back().inputs.push_back(beside->nodes.back().id);
    chain->nodes.insert(chain->nodes.begin(), beside->nodes.begin(), beside->nodes.end());
  }
  chain->folder = folder;
  const auto graph = bindChain(*chain, engine.registry, *engine.sources);
  if (!graph) return fail(graph.error());
  if (const Error* error = (*graph)->firstError()) return fail(*error);
  const auto values = valuesOf(**graph);
  if (!values) return fail(values.error());
  return Judge(test, lastOf(**graph).operation->spec()).judge(*values);
}

}  // namespace cubeloom::test
