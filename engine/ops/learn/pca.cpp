// SPDX-License-Identifier: GPL-3.0-or-later
// pca: principal components of spectra or series.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/covariance.h"
#include "engine/op/family/eigenvectors.h"
#include "engine/op/family/fitted.h"
#include "engine/op/product/products.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Principal components";
  d.summary = "Projects each spectrum onto the directions along which the spectra of all pixels vary most.";
  d.help =
      "Two readings: one learns the means and covariances of the bands over all pixels that are valid in every band, the next gives each "
      "pixel its scores: (values - means) times the eigenvectors of the covariance matrix, the greatest eigenvalue first. The sign is such "
      "that a component's largest loading is positive. With scaled=true each band is divided by its standard deviation before "
      "(eigenvectors "
      "of the correlation matrix). A pixel with nodata in a band is nodata. The same bits for any number of workers. Previews learn from a "
      "sample and are approximate.";
  d.references = {"scikit-learn 1.2, sklearn.decomposition.PCA",
                  "Pearson, K. (1901): On lines and planes of closest fit to systems of points in space. doi:10.1080/14786440109462720"};
  d.example = "pca components=3";
  d.moreExamples = {"pca components=2 scaled=true"};
  d.noPython = "sklearn.decomposition.PCA takes a table of all pixels in memory";
  d.noGdal = "gdal_pansharpen and its like have no components";
  d.keywords = {"principal component analysis", "eigenvector", "dimensionality reduction", "decorrelate", "transform", "karhunen-loeve"};
  d.params = {{.name = "components",
               .type = ParamType::Integer,
               .help = "How many, the first ones.",
               .defaultTo = 3,
               .minimum = 1,
               .maximum = 10000,
               .uiMaximum = 30},
              {.name = "scaled", .type = ParamType::Bool, .help = "Bands of equal variance: the correlation matrix.", .defaultTo = false},
              dimParam()};
  return d;
}

/// The scores. `weights`: [k * entries + i].
std::shared_ptr<const DimKernel> projection(std::vector<double> mean, const std::vector<double>& weights) {
  const std::size_t entries = mean.size();
  return dimKernel([products = ProductWeights(weights, entries, std::move(mean))](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    std::vector<double> sums(run.results * run.pixels);
    sumProducts(run.in, run.pixels, products, sums.data());
    for (std::size_t i = 0; i < run.entries; ++i)
      for (std::size_t p = 0; p < run.pixels; ++p) run.outValid[p] &= run.valid[i * run.pixels + p];
    for (std::size_t k = 0; k < run.results; ++k)
      for (std::size_t p = 0; p < run.pixels; ++p) {
        run.out[k * run.pixels + p] = static_cast<T>(sums[k * run.pixels + p]);
        run.outValid[k * run.pixels + p] = run.outValid[p];
      }
  });
}

class PcaPass : public SpectraPass {
 public:
  PcaPass(const ArraySpec& input, AlongDim facts, bool isScaled)
      : SpectraPass(input, facts.dim), m_facts(std::move(facts)), m_isScaled(isScaled) {}

  std::unique_ptr<Accumulator> accumulator() const override { return makeCovarianceSums(m_input, m_dim); }
  double accumulatorBytes() const override { return static_cast<double>(covarianceBytes(entries())); }
  double fittedBytes() const override { return static_cast<double>(entries() * (components() + 1) * sizeof(double)); }

  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    Covariance c = static_cast<const CovarianceSums&>(total).covariance();
    const std::size_t n = entries();
    std::vector<double> scale(n, 1.0);
    for (std::size_t i = 0; i < n && m_isScaled; ++i) scale[i] = c.at(i, i) > 0 ? std::sqrt(c.at(i, i) / c.count) : 1.0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) c.products[i * n + j] /= scale[i] * scale[j] * std::max(c.count - 1, 1.0);
    std::vector<double> weights = eigenvectorsOf(c.products, n).vectors;
    weights.resize(components() * n);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] /= scale[k % n];
    AlongDim facts = m_facts;
    facts.kernel = projection(std::move(c.mean), weights);
    return bindAlongDim(m_input, std::move(facts));
  }

 private:
  std::size_t entries() const { return static_cast<std::size_t>(m_input.dims[static_cast<std::size_t>(m_dim)].size); }
  std::size_t components() const { return static_cast<std::size_t>(m_facts.spec.dims[static_cast<std::size_t>(m_dim)].size); }

  AlongDim m_facts;
  bool m_isScaled;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  const Dim& dim = input.dims[static_cast<std::size_t>(*d)];
  const std::int64_t components = params.integer("components");
  if (components > dim.size)
    return invalidParameter("components",
                            formatCount(components) + " components of " + formatCount(dim.size) + " entries along '" + dim.name + "'",
                            "give " + formatCount(dim.size) + " at most");
  constexpr std::int64_t kMostEntries = 4000;  // 128 MB of covariances
  if (dim.size > kMostEntries)
    return invalidParameter("dim",
                            "'" + dim.name + "' has " + formatCount(dim.size) + " entries; up to " + formatCount(kMostEntries) +
                                " have a matrix of covariances",
                            "take every n-th with isel, or coarsen before");
  AlongDim facts;
  facts.dim = *d;
  facts.spec = input;
  forgetMeaning(facts.spec, facts.warnings);
  settleComputed(facts.spec, meanType(input.type), 0, 0, true);
  Dim& made = facts.spec.dims[static_cast<std::size_t>(*d)];
  facts.spec.dropCoordinatesAlong({made.name});
  made = {"component", components, {}};
  made.coordinate.kind = Coordinate::Kind::Regular;
  made.coordinate.start = 1;
  made.coordinate.unit = "1";
  if (input.indexOf("component") >= 0 && input.indexOf("component") != *d)
    return invalidParameter("dim", "the array has a dim 'component' already", "rename it before");
  if (static_cast<std::size_t>(*d) < facts.spec.storage.block.size())
    facts.spec.storage.block[static_cast<std::size_t>(*d)] = std::min(facts.spec.storage.block[static_cast<std::size_t>(*d)], components);
  facts.summary = formatCount(components) + " of " + formatCount(dim.size);
  auto kernel = bindAlongDim(input, facts);
  if (!kernel) return fail(kernel.error());
  return toBeFitted(*kernel, std::make_unique<PcaPass>(input, std::move(facts), params.flag("scaled")));
}

}  // namespace

CUBELOOM_OPERATION(pca) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
