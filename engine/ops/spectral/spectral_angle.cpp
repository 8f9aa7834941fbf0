// SPDX-License-Identifier: GPL-3.0-or-later
// spectral_angle: how near spectra are to reference spectra, whatever their brightness.
#include <algorithm>
#include <cmath>

#include "engine/base/vector_clones.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/compared_spectra.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/matched.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/product/products.h"
#include "engine/op/reduce/reduction.h"

namespace cubeloom {
namespace {

/// Adds a band's squares and products, of a pixel in each lane; what lies beside each other in memory does not overlap.
template <class T>
CUBELOOM_VECTOR_CLONES void addProducts(const T* __restrict spectrum, const T* __restrict reference, std::size_t count,
                                        double* __restrict squares, double* __restrict ofReference, double* __restrict products) {
  for (std::size_t p = 0; p < count; ++p) {
    const auto s = static_cast<double>(spectrum[p]), r = static_cast<double>(reference[p]);
    squares[p] += s * s;
    ofReference[p] += r * r;
    products[p] += s * r;
  }
}

double cosine(double squares, double ofReference, double products) {
  return std::clamp(products / std::sqrt(squares * ofReference), -1.0, 1.0);
}
double angle(double squares, double ofReference, double products, double maxAngle) {
  const double radians = std::acos(cosine(squares, ofReference, products));
  return radians > maxAngle ? NAN : radians;
}

/// `run.inputs` are the `n` bands of a spectrum and then those of its reference.
template <class Run>
void compare(const Run& run, std::size_t n, const std::string& measure, double maxAngle) {
  std::vector<double> a(run.count), b(run.count), c(run.count);
  const auto each = [&](auto&& take) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t p = 0; p < run.count; ++p) take(p, static_cast<double>(run.inputs[i][p]), static_cast<double>(run.inputs[n + i][p]));
  };
  const auto give = [&](auto&& result) {
    for (std::size_t p = 0; p < run.count; ++p) run.out[p] = static_cast<std::remove_pointer_t<decltype(run.out)>>(result(p));
  };
  std::vector<double> x(run.count), y(run.count);
  if (measure == "sid" || measure == "correlation") each([&](std::size_t p, double s, double r) { x[p] += s, y[p] += r; });
  if (measure == "sid") {
    each([&](std::size_t p, double s, double r) { a[p] += (s / x[p] - r / y[p]) * std::log((s / x[p]) / (r / y[p])); });
    return give([&](std::size_t p) { return a[p]; });
  }
  if (measure == "euclidean") {
    each([&](std::size_t p, double s, double r) { a[p] += (s - r) * (s - r); });
    return give([&](std::size_t p) { return std::sqrt(a[p]); });
  }
  if (measure == "correlation") {
    const auto count = static_cast<double>(n);
    each([&](std::size_t p, double s, double r) {
      s -= x[p] / count, r -= y[p] / count;
      a[p] += s * s, b[p] += r * r, c[p] += s * r;
    });
  } else {
    for (std::size_t i = 0; i < n; ++i) addProducts(run.inputs[i], run.inputs[n + i], run.count, a.data(), b.data(), c.data());
  }
  if (measure == "correlation") return give([&](std::size_t p) { return cosine(a[p], b[p], c[p]); });
  give([&](std::size_t p) { return angle(a[p], b[p], c[p], maxAngle); });
}

/// The angles of a run to a library, as a product of matrices.
template <class T>
void angles(const ComparedRun<T>& run, double maxAngle) {
  const std::size_t n = run.entries;
  const std::vector<double> library(run.reference, run.reference + run.references * n);
  std::vector<double> products(run.references * run.pixels), squares(run.pixels);
  sumProducts(run.in, run.pixels, ProductWeights(library, n), products.data());
  sumSquares(run.in, n, run.pixels, squares.data());
  for (std::size_t k = 0; k < run.references; ++k) {
    double ofReference = 0;
    for (std::size_t i = 0; i < n; ++i) ofReference += library[k * n + i] * library[k * n + i];
    for (std::size_t p = 0; p < run.pixels; ++p)
      run.out[k * run.pixels + p] = static_cast<T>(angle(squares[p], ofReference, products[k * run.pixels + p], maxAngle));
  }
}

/// The other measures, one reference after another.
template <class T>
void compareEach(const ComparedRun<T>& run, const std::string& measure) {
  std::vector<T> reference(run.entries * run.pixels);
  PointRun<T> one;
  one.count = run.pixels;
  for (std::size_t i = 0; i < run.entries; ++i) one.inputs.push_back(run.in + i * run.pixels);
  for (std::size_t i = 0; i < run.entries; ++i) one.inputs.push_back(&reference[i * run.pixels]);
  for (std::size_t k = 0; k < run.references; ++k) {
    for (std::size_t i = 0; i < run.entries; ++i) std::fill_n(&reference[i * run.pixels], run.pixels, run.reference[k * run.entries + i]);
    one.out = run.out + k * run.pixels;
    compare(one, run.entries, measure, INFINITY);
  }
}

Declaration angleDeclaration();

class SpectralAngle : public Operation {
 public:
  SpectralAngle() {
    m_declaration = angleDeclaration();
    m_declaration.params.push_back(joinParam());
  }
  Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                     const BindContext& /*context*/) const override {
    MatchedInputs matched{inputs, {}};
    for (std::size_t k = 0; k < inputs.size(); ++k) matched.names.push_back(m_declaration.inputName(static_cast<int>(k)));
    return bindMatched(params, matched, [&](const std::vector<ArraySpec>& specs) { return bindSpecs(params, specs); });
  }

 private:
  Result<std::shared_ptr<const BoundOperation>> bindSpecs(const Params& params, const std::vector<ArraySpec>& inputs) const {
    const auto dim = dimOf(params, inputs[0]);
    if (!dim) return fail(dim.error());
    const auto bands = entriesAlong(inputs, *dim);
    if (!bands) return fail(bands.error());
    const std::string measure = params.choice("measure");
    if (params.has("max_angle") && measure != "sam")
      return invalidParameter("max_angle", "'" + measure + "' is no angle", "leave max_angle out, or take measure=sam");
    const double most = params.number("max_angle", INFINITY);
    std::vector<std::string> warnings;
    ArraySpec spec = inputs[0];
    forgetMeaning(spec, warnings);
    settleComputed(spec, meanType(inputs), 0, 0, true);
    spec = spec.withoutDim(*dim);
    for (std::size_t d = inputs[1].dims.size(); d-- > 0;)
      if (inputs[0].indexOf(inputs[1].dims[d].name) < 0) prependDim(spec, inputs[1].dims[d]);
    if (measure == "sam") spec.unit = "radian";
    spec.variable = measure;
    if (isLibrary(inputs, *dim)) {
      auto kernel =
          comparedKernel([measure, most](const auto& run) { return measure == "sam" ? angles(run, most) : compareEach(run, measure); });
      return bindCompared(inputs, {*dim, std::move(spec), std::move(kernel), measure, std::move(warnings)});
    }
    Pointwise result;
    result.spec = std::move(spec);
    result.summary = measure;
    result.warnings = std::move(warnings);
    result.operands = *bands;
    result.kernel = pointKernel([n = bands->size() / 2, measure, most](auto& run) { compare(run, n, measure, most); });
    return bindPointwise(m_declaration, inputs, std::move(result));
  }
};

Declaration angleDeclaration() {
  return {
      .title = "Spectral angle",
      .summary = "Compares each spectrum with reference spectra: angle, information divergence, distance or correlation.",
      .help =
          "The reference is one spectrum, or an array of them with further dims (spectrum, wavelength), which come first in the "
          "result; one on the array's own grid is compared pixel by pixel. Both have the same bands, or join=inner keeps those that "
          "both have. Nodata where a band of either "
          "is nodata, so leave bad bands out with sel; of sid also where a value is not positive.",
      .references = {"Kruse, F. A. et al. (1993): The spectral image processing system (SIPS). doi:10.1016/0034-4257(93)90013-N",
                     "Chang, C.-I. (2000): An information-theoretic approach to spectral variability. doi:10.1109/18.857802"},
      .example = "spectral_angle measure=sam",
      .python =
          "(lambda a, r, d: "
          "{?measure=sam:np.arccos(((r * a).sum(d, skipna=False) / np.sqrt((r * r).sum(d, skipna=False) * "
          "(a * a).sum(d, skipna=False))).clip(-1, 1)){?.pipe(lambda t: t.where(t <= {max_angle}))?}?}"
          "{?measure=sid:((r / r.sum(d) - a / a.sum(d)) * np.log((r / r.sum(d)) / (a / a.sum(d)))).sum(d, skipna=False)?}"
          "{?measure=euclidean:np.sqrt(((r - a) ** 2).sum(d, skipna=False))?}"
          "{?measure=correlation:xarray.corr(r, a, d).where((r * a).notnull().all(d))?})"
          "({?join=exact:array, in2?}{?!join=exact:*xarray.align(array, in2, join={join})?}, {dim|'wavelength'})",
      .noGdal = "GDAL's programs do not compare spectra",
      .params = {{.name = "measure",
                  .type = ParamType::Choice,
                  .help = "The angle (sam), the information divergence (sid), the distance (euclidean) or Pearson's r (correlation).",
                  .defaultTo = "sam",
                  .choices = {"sam", "sid", "euclidean", "correlation"}},
                 {.name = "max_angle", .type = ParamType::Number, .help = "Larger angles become nodata.", .unit = "radians", .minimum = 0},
                 dimParam()},
      .inputs = {{.name = "array", .help = "the spectra"}, {.name = "reference", .help = "what they are compared with"}},
      .keywords = {"sam", "sid", "spectral angle mapper", "library", "endmember", "mineral", "similarity", "match"}};
}

}  // namespace

CUBELOOM_OPERATION(spectral_angle) { return std::make_unique<SpectralAngle>(); }

}  // namespace cubeloom
