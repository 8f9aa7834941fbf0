// SPDX-License-Identifier: GPL-3.0-or-later
// kmeans: pixels in clusters of like spectra.
#include "engine/op/family/along_dim.h"
#include "engine/op/family/clusters.h"
#include "engine/op/family/sampled_groups.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "K-means";
  d.summary = "Sorts pixels into clusters of like spectra, without knowing what they are.";
  d.help =
      "Draws 'sample' pixels that are valid in every band, finds the clusters among them (k-means++ starts, Lloyd's iterations until no "
      "pixel "
      "changes its cluster, the best of 'n_init' starts), and gives each pixel the number of the nearest centre. 'passes' further readings "
      "of "
      "all pixels improve the centres. Clusters are numbered from 0 in the order of their centres' first band. Seed and sample are the "
      "same "
      "for any number of workers, and so is the result. Bands count as they are: standardize dims=y,x before makes them alike.";
  d.references = {
      "scikit-learn 1.2, sklearn.cluster.KMeans", "Lloyd, S. P. (1982): Least squares quantization in PCM. doi:10.1109/TIT.1982.1056489",
      "Arthur, D., Vassilvitskii, S. (2007): k-means++: the advantages of careful seeding. Proc. 18th ACM-SIAM SODA, 1027-1035"};
  d.example = "kmeans clusters=5 sample=2000";
  d.moreExamples = {"kmeans clusters=3 sample=500 passes=2"};
  d.noPython = "sklearn.cluster.KMeans takes a table of all pixels in memory and draws by other chance";
  d.noGdal = "GDAL's programs do not cluster";
  d.keywords = {"cluster", "unsupervised classification", "isodata", "segmentation", "k means"};
  d.params = {
      {.name = "clusters", .type = ParamType::Integer, .help = "How many.", .defaultTo = 8, .minimum = 2, .maximum = 254, .uiMaximum = 30},
      sampleParam(),
      {.name = "passes",
       .type = ParamType::Integer,
       .help = "Further readings of all pixels, each a step of Lloyd's.",
       .defaultTo = 0,
       .minimum = 0,
       .maximum = 300},
      startsParam(),
      iterationsParam(300),
      chanceParam(),
      dimParam()};
  return d;
}

/// What stays the same from pass to pass.
struct Facts : SampledGroups {
  int passes = 0;
};
using SharedFacts = std::shared_ptr<const Facts>;

Result<std::shared_ptr<const BoundOperation>> labelled(const Facts& facts, std::shared_ptr<const Centres> centres) {
  static const Declaration kDeclaration = declaration();
  Pointwise pointwise = facts.pointwise;
  pointwise.kernel = nearestCentre(std::move(centres));
  return bindPointwise(kDeclaration, {facts.input}, std::move(pointwise));
}

Result<std::shared_ptr<const BoundOperation>> improved(const SharedFacts& facts, const std::shared_ptr<Centres>& centres, int passes);

/// One reading of all pixels.
class LloydPass : public SpectraPass {
 public:
  LloydPass(SharedFacts facts, std::shared_ptr<const Centres> centres, int passes)
      : SpectraPass(facts->input, facts->dim), m_facts(std::move(facts)), m_centres(std::move(centres)), m_passes(passes) {}
  std::unique_ptr<Accumulator> accumulator() const override { return makeClusterSums(m_input, m_dim, m_centres); }
  double accumulatorBytes() const override { return static_cast<double>(clusterSumsBytes(*m_centres)); }
  double fittedBytes() const override { return static_cast<double>(m_centres->values.size() * sizeof(double)); }
  int passes() const override { return m_passes; }
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    return improved(m_facts, std::make_shared<Centres>(static_cast<const ClusterSums&>(total).centres()), m_passes - 1);
  }

 private:
  SharedFacts m_facts;
  std::shared_ptr<const Centres> m_centres;
  int m_passes;
};

Result<std::shared_ptr<const BoundOperation>> improved(const SharedFacts& facts, const std::shared_ptr<Centres>& centres, int passes) {
  if (passes == 0) centres->sort();
  auto kernel = labelled(*facts, centres);
  if (!kernel || passes == 0) return kernel;
  return toBeFitted(*kernel, std::make_unique<LloydPass>(facts, centres, passes));
}

Centres noCentres(const Facts& facts) { return {facts.count, facts.entries(), std::vector<double>(facts.count * facts.entries())}; }

/// Finds the clusters in the sample.
class KmeansSamplePass : public GroupSamplePass {
 public:
  explicit KmeansSamplePass(SharedFacts facts) : GroupSamplePass(*facts), m_facts(std::move(facts)) {}
  double fittedBytes() const override { return static_cast<double>(m_facts->count * m_facts->entries() * sizeof(double)); }
  int passes() const override { return 1 + m_facts->passes; }

 protected:
  Result<std::shared_ptr<const BoundOperation>> found(const std::vector<double>& spectra, const CancelToken& cancel) const override {
    if (spectra.empty()) return improved(m_facts, std::make_shared<Centres>(noCentres(*m_facts)), 0);
    const Centres centres =
        clustersOf(spectra, m_facts->entries(), m_facts->count, m_facts->starts, m_facts->iterations, m_facts->seed, cancel);
    return improved(m_facts, std::make_shared<Centres>(centres), m_facts->passes);
  }

 private:
  SharedFacts m_facts;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto groups = sampledGroups(params, inputs[0], "clusters");
  if (!groups) return fail(groups.error());
  const auto facts = std::make_shared<Facts>(Facts{std::move(*groups), static_cast<int>(params.integer("passes"))});
  auto kernel = labelled(*facts, std::make_shared<Centres>(noCentres(*facts)));
  if (!kernel) return fail(kernel.error());
  return toBeFitted(*kernel, std::make_unique<KmeansSamplePass>(facts));
}

}  // namespace

CUBELOOM_OPERATION(kmeans) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
