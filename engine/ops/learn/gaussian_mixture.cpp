// SPDX-License-Identifier: GPL-3.0-or-later
// gaussian_mixture: pixels by the normal distributions that their spectra are likeliest of.
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/mixture.h"
#include "engine/op/family/sampled_groups.h"

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
struct MixtureFacts : SampledGroups {
  bool isDiagonal = false;
  /// One that says nothing.
  Mixture none() const {
    Mixture m{count, entries(), isDiagonal, std::vector<double>(count * entries()), {}, std::vector<double>(count)};
    m.whitening.resize(count * m.whiteningSize());
    return m;
  }
};

Result<std::shared_ptr<const BoundOperation>> mixtureLabels(const MixtureFacts& facts, Mixture mixture) {
  static const Declaration kDeclaration = mixtureDeclaration();
  Pointwise pointwise = facts.pointwise;
  pointwise.kernel = likeliestComponent(std::make_shared<Mixture>(std::move(mixture)));
  return bindPointwise(kDeclaration, {facts.input}, std::move(pointwise));
}

/// Finds the mixture in the sample.
class MixturePass : public GroupSamplePass {
 public:
  explicit MixturePass(std::shared_ptr<const MixtureFacts> facts) : GroupSamplePass(*facts), m_facts(std::move(facts)) {}
  double fittedBytes() const override { return static_cast<double>(m_facts->none().bytes()); }

 protected:
  Result<std::shared_ptr<const BoundOperation>> found(const std::vector<double>& spectra, const CancelToken& cancel) const override {
    if (spectra.empty()) return mixtureLabels(*m_facts, m_facts->none());
    constexpr int kSteps = 300;  // as kmeans
    const Centres centres = clustersOf(spectra, m_facts->entries(), m_facts->count, m_facts->starts, kSteps, m_facts->seed, cancel);
    auto mixture = mixtureOf(spectra, centres, m_facts->isDiagonal, m_facts->iterations, cancel);
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
  auto groups = sampledGroups(params, inputs[0], "components");
  if (!groups) return fail(groups.error());
  const Dim& dim = groups->input.dims[static_cast<std::size_t>(groups->dim)];
  const bool isDiagonal = params.choice("covariance") == "diag";
  if (!isDiagonal && dim.size > kMostFullEntries)
    return invalidParameter(
        "covariance",
        "'" + dim.name + "' has " + formatCount(dim.size) + " entries; full covariances are of up to " + formatCount(kMostFullEntries),
        "take pca components=10 before and dim=component here, or covariance=diag");
  const auto facts = std::make_shared<MixtureFacts>(MixtureFacts{std::move(*groups), isDiagonal});
  auto kernel = mixtureLabels(*facts, facts->none());
  if (!kernel) return fail(kernel.error());
  return toBeFitted(*kernel, std::make_unique<MixturePass>(facts));
}

}  // namespace

CUBELOOM_OPERATION(gaussian_mixture) { return makeOperation(mixtureDeclaration(), bindMixture); }

}  // namespace cubeloom
