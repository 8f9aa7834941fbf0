// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/form_facts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/access/formats.h"
#include "engine/array/variables_dim.h"
#include "engine/base/pixel_type.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

/// ENVI's word for an order of dims: where the bands stand.
std::string interleaveOf(const ArraySpec& spec) {
  if (spec.dims.size() < 3 || spec.xDim < 0) return "bsq";
  if (spec.xDim < static_cast<int>(spec.dims.size()) - 1) return "bip";
  return spec.yDim == 0 ? "bil" : "bsq";
}

/// "{'y': 3865865 - 5 * (numpy.arange(71) + 0.5), ...}": pixel centres.
std::string centresOf(const ArraySpec& spec) {
  const Affine& a = spec.geobox->affine();
  const auto along = [&](int d, double first, double step) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
    return pythonQuoted(dim.name) + ": " + pythonNumber(first) + (step < 0 ? " - " : " + ") + pythonNumber(std::abs(step)) +
           " * (numpy.arange(" + std::to_string(dim.size) + ") + 0.5)";
  };
  return "{" + along(spec.yDim, a.f, a.e) + ", " + along(spec.xDim, a.c, a.a) + "}";
}

/// "'point': ['a', 'b']": the entries of a dim; "" where it has none.
std::string entriesOf(const Dim& dim) {
  std::vector<std::string> entries;
  if (isNamed(dim))
    for (const std::string& label : dim.coordinate.labels) entries.push_back(pythonQuoted(label));
  else
    for (std::int64_t i = 0; dim.coordinate.kind != Coordinate::Kind::None && i < dim.size; ++i)
      entries.push_back(pythonNumber(dim.coordinate.at(i)));
  return entries.empty() ? "" : pythonQuoted(dim.name) + ": [" + join(entries, ", ") + "]";
}

/// Of the dims that no input has.
std::string newEntries(const ArraySpec& out, const std::vector<const ArraySpec*>& inputs) {
  std::vector<std::string> all;
  for (const Dim& dim : out.dims) {
    const bool isOld = std::any_of(inputs.begin(), inputs.end(), [&dim](const ArraySpec* in) { return in->indexOf(dim.name) >= 0; });
    if (const std::string entries = isOld ? "" : entriesOf(dim); !entries.empty()) all.push_back(entries);
  }
  return all.empty() ? "" : "{" + join(all, ", ") + "}";
}

void describe(FormFacts& facts, const std::string& name, const ArraySpec& spec) {
  const auto set = [&](const char* what, const std::string& value) { facts.words[name + "." + what] = value; };
  std::vector<std::string> dims, bands;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    dims.push_back(pythonQuoted(spec.dims[d].name));
    if (static_cast<int>(d) != spec.yDim && static_cast<int>(d) != spec.xDim) bands.push_back(dims.back());
  }
  set("dims", join(dims, ", "));
  set("dtype", pythonQuoted(std::string(pixelTypeName(spec.type))));
  if (!spec.variable.empty()) set("name", pythonQuoted(spec.variable));
  if (spec.nodata) set("nodata", pythonNumber(*spec.nodata));
  if (spec.nodata || isFloating(spec.type)) set("missing", pythonNumber(NAN));
  if (spec.storedScale)
    set("scale", "scale_factor=" + pythonNumber(spec.storedScale->factor) + ", add_offset=" + pythonNumber(spec.storedScale->offset));
  if (isInteger(spec.type))
    dispatchRealType(spec.type, [&](auto zero) {
      using Limits = std::numeric_limits<decltype(zero)>;
      set("low", std::to_string(Limits::min()));
      set("high", std::to_string(Limits::max()));
    });
  if (!spec.isSpatial()) return;
  const std::string y = spec.dims[static_cast<std::size_t>(spec.yDim)].name, x = spec.dims[static_cast<std::size_t>(spec.xDim)].name;
  set("y", pythonQuoted(y));
  set("x", pythonQuoted(x));
  if (x != "x" || y != "y") set("spatial", "x_dim=" + pythonQuoted(x) + ", y_dim=" + pythonQuoted(y));
  if (bands.size() > 1) set("bands", "[" + join(bands, ", ") + "]");
  if (bands.size() == 1) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(std::find(dims.begin(), dims.end(), bands[0]) - dims.begin())];
    std::vector<std::string> names;
    for (const std::string& label : dim.coordinate.labels) names.push_back(pythonQuoted(label));
    if (!names.empty()) set("names", "[" + join(names, ", ") + "]");
  }
  set("interleave", pythonQuoted(interleaveOf(spec)));
  if (!spec.geobox) return;
  const Affine& a = spec.geobox->affine();
  set(a.isAxisAligned() ? "centres" : "turned", a.isAxisAligned() ? centresOf(spec) : "True");
  std::vector<std::string> six;
  for (const double number : {a.a, a.b, a.c, a.d, a.e, a.f}) six.push_back(pythonNumber(number));
  set("transform", "rasterio.Affine(" + join(six, ", ") + ")");
  set("shape", "(" + std::to_string(spec.geobox->rows()) + ", " + std::to_string(spec.geobox->cols()) + ")");
  if (spec.geobox->crs().isValid()) set("crs", pythonQuoted(crsForPrograms(spec.geobox->crs())));
}

void describeForGdal(FormFacts& facts, const std::string& name, const ArraySpec& spec) {
  const auto set = [&](const char* what, const std::string& value) { facts.words[name + "." + what] = value; };
  if (spec.nodata) set("nodata", formatNumber(*spec.nodata));
  set("interleave", interleaveOf(spec));
  if (!spec.geobox) return;
  const Bounds b = spec.geobox->bounds();
  set("ts", std::to_string(spec.geobox->cols()) + " " + std::to_string(spec.geobox->rows()));
  set("te", join({formatNumber(b.xmin), formatNumber(b.ymin), formatNumber(b.xmax), formatNumber(b.ymax)}, " "));
  if (spec.geobox->crs().isValid()) set("crs", shellQuoted(crsForPrograms(spec.geobox->crs())));
}

/// Its format, and the data variables that it is split into.
void describeOutput(FormFacts& facts, const SinkRequest& request, const std::function<std::string(const std::string&)>& text) {
  const std::string format = formatOf(request);
  facts.words["sink.format"] = text(format);
  const int d = variablesDim(request.spec);
  if (d < 0 || (format != "Zarr" && format != "netCDF")) return;
  const Dim& dim = request.spec.dims[static_cast<std::size_t>(d)];
  std::vector<std::string> names;
  for (const std::string& label : dim.coordinate.labels) names.push_back(text(label));
  facts.words["sink.variables"] = text(dim.name);
  facts.words["sink.names"] = "[" + join(names, ", ") + "]";
}

BandAxis bandsOf(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  if (d < 0) return {};
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  return {dim.name, dim.coordinate.labels};
}

template <class Describe>
FormFacts factsOf(const Graph& graph, int node, Describe&& describe, const std::function<std::string(const std::string&)>& text) {
  FormFacts facts;
  const auto inputs = inputSpecs(graph, node);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    describe(facts, k == 0 ? "in" : "in" + std::to_string(k + 1), *inputs[k]);
    facts.bands.push_back(bandsOf(*inputs[k]));
  }
  const auto& operation = graph.nodes[static_cast<std::size_t>(node)].operation;
  describe(facts, "out", operation->spec());
  if (const auto slices = operation->slices(); !slices.empty()) facts.words["sink.files"] = std::to_string(slices.size());
  if (operation->sink()) describeOutput(facts, *operation->sink(), text);
  return facts;
}

}  // namespace

std::vector<const ArraySpec*> inputSpecs(const Graph& graph, int i) {
  std::vector<const ArraySpec*> specs;
  for (const int wire : graph.nodes[static_cast<std::size_t>(i)].wires)
    if (wire >= 0) specs.push_back(&graph.nodes[static_cast<std::size_t>(wire)].operation->spec());
  return specs;
}

FormFacts pythonFacts(const Graph& graph, int node) {
  FormFacts facts = factsOf(graph, node, describe, pythonQuoted);
  const std::string entries = newEntries(graph.nodes[static_cast<std::size_t>(node)].operation->spec(), inputSpecs(graph, node));
  if (!entries.empty()) facts.words["out.new"] = entries;
  return facts;
}

FormFacts gdalFacts(const Graph& graph, int node) {
  FormFacts facts = factsOf(graph, node, describeForGdal, shellQuoted);
  const auto given = facts.words.find("in.nodata"), made = facts.words.find("out.nodata");
  const auto inputs = inputSpecs(graph, node);
  const auto isAsFirst = [&inputs](const ArraySpec* one) {
    const auto &a = one->nodata, &b = inputs[0]->nodata;
    return one->type == inputs[0]->type && (a == b || (a && b && std::isnan(*a) && std::isnan(*b)));
  };
  facts.words["in.alike"] = std::all_of(inputs.begin(), inputs.end(), isAsFirst) ? "yes" : "no";
  if (given != facts.words.end() && made != facts.words.end() && given->second != made->second) facts.words["out.renodata"] = made->second;
  return facts;
}

std::string crsForPrograms(const Crs& crs) { return crs.authority().empty() ? crs.wkt() : crs.authority(); }

std::string formatOf(const SinkRequest& request) {
  const FormatFacts* format = request.format.empty() ? formatOfSuffix(request.path) : formatNamed(request.format);
  return format ? format->name : std::string();
}

}  // namespace cubeloom
