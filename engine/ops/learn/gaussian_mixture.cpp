// SPDX-License-Identifier: GPL-3.0-or-later
// gaussian_mixture: pixels by the normal distributions that their spectra are likeliest of.
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/cluster_classes.h"
#include "engine/op/family/fitted.h"
#include "engine/op/family/mixture.h"
#include "engine/op/family/spectra_sample.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostFullEntries = 64;  // a matrix per component, and each pixel times each of them

Declaration mixtureDeclaration() {
  Declaration d;
  d.title = "Gaussian mixture";
  d.summary = "Sorts pixels into groups of like spectra, which may differ in size, spread and direction.";
  d.help =
      "Draws 'sample' pixels that are valid in every band, as kmeans does, finds clusters among them by k-means (the best of 'n_init' "
      "starts), and from these a mixture of normal distributions by expectation maximisation, until the mean log-likelihood changes by "
      "less "
      "than 0.001. Each pixel gets the number of the component with the greatest posterior probability. Components are numbered from 0 in "
      "the order of their means in the first band. covariance=full lets the bands of each component vary together, for up to 64 bands; "
      "diag "
      "takes them as independent. To each variance 1e-6 is added, as in scikit-learn: values should be large beside 0.001. Seed and sample "
      "are the same for any number of workers, and so is the result.";
  d.references = {"scikit-learn 1.2, sklearn.mixture.GaussianMixture",
                  "Dempster, A. P., Laird, N. M., Rubin, D. B. (1977): Maximum likelihood from incomplete data via the EM algorithm. "
                  "doi:10.1111/j.2517-6161.1977.tb01600.x"};
  d.example = "gaussian_mixture components=3 sample=500 covariance=diag";
  d.moreExamples = {"gaussian_mixture components=2 sample=500 covariance=full"};
  d.noPython = "sklearn.mixture.GaussianMixture takes a table of all pixels in memory and draws by other chance";
  d.noGdal = "GDAL's programs do not cluster";
  d.keywords = {"gmm", "cluster", "unsupervised classification", "em", "expectation maximisation", "maximum likelihood"};
  d.params = {{.name = "components",
               .type = ParamType::Integer,
               .help = "How many.",
               .defaultTo = 8,
               .minimum = 2,
               .maximum = 254,
               .uiMaximum = 30},
              {.name = "covariance",
               .type = ParamType::Choice,
               .help = "Whether the bands of a component vary together (full) or each for itself (diag).",
               .defaultTo = "full",
               .choices = {"full", "diag"}},
              sampleParam(),
              startsParam(),
              iterationsParam(100),
              chanceParam(),
              dimParam()};
  return d;
}

/// What stays the same until the mixture is found.
struct MixtureFacts {
  ArraySpec input;
  int dim = 0;
  Pointwise pointwise;
  std::size_t components = 0, sample = 0;
  bool isDiagonal = false;
  int starts = 1, iterations = 1;
  std::uint64_t seed = 0;
  std::size_t entries() const { return static_cast<std::size_t>(input.dims[static_cast<std::size_t>(dim)].size); }
  /// One that says nothing.
  Mixture none() const {
    Mixture m{components, entries(), isDiagonal, std::vector<double>(components * entries()), {}, std::vector<double>(components)};
    m.whitening.resize(components * m.whiteningSize());
    return m;
  }
};

Result<std::shared_ptr<const BoundOperation>> mixtureLabels(const MixtureFacts& facts, Mixture mixture) {
  static const Declaration kDeclaration = mixtureDeclaration();
  Pointwise pointwise = facts.pointwise;
  pointwise.kernel = likeliestComponent(std::make_shared<Mixture>(std::move(mixture)));
  return bindPointwise(kDeclaration, {facts.input}, std::move(pointwise));
}

/// Draws the sample and finds the mixture in it.
class MixturePass : public SpectraPass {
 public:
  explicit MixturePass(std::shared_ptr<const MixtureFacts> facts) : SpectraPass(facts->input, facts->dim), m_facts(std::move(facts)) {}
  std::unique_ptr<Accumulator> accumulator() const override { return makeSpectraSample(m_input, m_dim, m_facts->sample, m_facts->seed); }
  double accumulatorBytes() const override { return static_cast<double>(spectraSampleBytes(m_facts->entries(), m_facts->sample)); }
  double fittedBytes() const override { return static_cast<double>(m_facts->none().bytes()); }
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total) const override {
    const std::vector<double> spectra = static_cast<const SpectraSample&>(total).spectra();
    if (spectra.empty()) return mixtureLabels(*m_facts, m_facts->none());  // every pixel is nodata
    CUBELOOM_TRY(checkSample(spectra, m_facts->entries(), m_facts->components));
    constexpr int kSteps = 300;  // as kmeans
    const Centres centres = clustersOf(spectra, m_facts->entries(), m_facts->components, m_facts->starts, kSteps, m_facts->seed);
    auto mixture = mixtureOf(spectra, centres, m_facts->isDiagonal, m_facts->iterations);
    if (!mixture)
      return fail(ErrorCode::UnsupportedType,
                  "the covariances of a component cannot be inverted: its bands follow from one another, or have no finite variance",
                  "take pca before and dim=component here, or covariance=diag, or fewer components");
    return mixtureLabels(*m_facts, std::move(*mixture));
  }

 private:
  std::shared_ptr<const MixtureFacts> m_facts;
};

Result<std::shared_ptr<const BoundOperation>> bindMixture(const Params& params, const std::vector<ArraySpec>& inputs,
                                                          const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  const Dim& dim = input.dims[static_cast<std::size_t>(*d)];
  const bool isDiagonal = params.choice("covariance") == "diag";
  if (!isDiagonal && dim.size > kMostFullEntries)
    return invalidParameter(
        "covariance",
        "'" + dim.name + "' has " + formatCount(dim.size) + " entries; full covariances are of up to " + formatCount(kMostFullEntries),
        "take pca components=10 before and dim=component here, or covariance=diag");
  auto facts = std::make_shared<MixtureFacts>();
  facts->input = input;
  facts->dim = *d;
  facts->components = static_cast<std::size_t>(params.integer("components"));
  facts->sample = static_cast<std::size_t>(params.integer("sample"));
  facts->isDiagonal = isDiagonal;
  facts->starts = static_cast<int>(params.integer("n_init"));
  facts->iterations = static_cast<int>(params.integer("max_iter"));
  facts->seed = static_cast<std::uint64_t>(params.integer("seed"));
  facts->pointwise.spec = clusterClasses(input, *d, facts->components);
  auto operands = entriesAlong({input}, *d);
  if (!operands) return fail(operands.error());
  facts->pointwise.operands = std::move(*operands);
  facts->pointwise.summary = std::to_string(facts->components) + " components by " + formatCount(dim.size) + " bands";
  auto kernel = mixtureLabels(*facts, facts->none());
  if (!kernel) return fail(kernel.error());
  return toBeFitted(*kernel, std::make_unique<MixturePass>(facts));
}

}  // namespace

CUBELOOM_OPERATION(gaussian_mixture) { return makeOperation(mixtureDeclaration(), bindMixture); }

}  // namespace cubeloom
