// SPDX-License-Identifier: GPL-3.0-or-later
// kmeans: pixels in clusters of like spectra.
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/cluster_classes.h"
#include "engine/op/family/clusters.h"
#include "engine/op/family/fitted.h"
#include "engine/op/family/spectra_sample.h"

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
struct Facts {
  ArraySpec input;
  int dim = 0;
  Pointwise pointwise;
  std::size_t clusters = 0, sample = 0;
  int passes = 0, starts = 1, iterations = 1;
  std::uint64_t seed = 0;
  std::size_t entries() const { return static_cast<std::size_t>(input.dims[static_cast<std::size_t>(dim)].size); }
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
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total) const override {
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

Centres noCentres(const Facts& facts) { return {facts.clusters, facts.entries(), std::vector<double>(facts.clusters * facts.entries())}; }

/// Draws the sample and finds the clusters in it.
class SamplePass : public SpectraPass {
 public:
  explicit SamplePass(SharedFacts facts) : SpectraPass(facts->input, facts->dim), m_facts(std::move(facts)) {}
  std::unique_ptr<Accumulator> accumulator() const override { return makeSpectraSample(m_input, m_dim, m_facts->sample, m_facts->seed); }
  double accumulatorBytes() const override { return static_cast<double>(spectraSampleBytes(m_facts->entries(), m_facts->sample)); }
  double fittedBytes() const override { return static_cast<double>(m_facts->clusters * m_facts->entries() * sizeof(double)); }
  int passes() const override { return 1 + m_facts->passes; }
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total) const override {
    const std::vector<double> spectra = static_cast<const SpectraSample&>(total).spectra();
    if (spectra.empty()) return improved(m_facts, std::make_shared<Centres>(noCentres(*m_facts)), 0);  // every pixel is nodata
    CUBELOOM_TRY(checkSample(spectra, m_facts->entries(), m_facts->clusters));
    auto centres = std::make_shared<Centres>(
        clustersOf(spectra, m_facts->entries(), m_facts->clusters, m_facts->starts, m_facts->iterations, m_facts->seed));
    return improved(m_facts, centres, m_facts->passes);
  }

 private:
  SharedFacts m_facts;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  auto facts = std::make_shared<Facts>();
  facts->input = input;
  facts->dim = *d;
  facts->clusters = static_cast<std::size_t>(params.integer("clusters"));
  facts->sample = static_cast<std::size_t>(params.integer("sample"));
  facts->passes = static_cast<int>(params.integer("passes"));
  facts->starts = static_cast<int>(params.integer("n_init"));
  facts->iterations = static_cast<int>(params.integer("max_iter"));
  facts->seed = static_cast<std::uint64_t>(params.integer("seed"));
  Pointwise& pointwise = facts->pointwise;
  pointwise.spec = clusterClasses(input, *d, facts->clusters);  // what a scale says does not matter: distances keep their order
  auto operands = entriesAlong({input}, *d);
  if (!operands) return fail(operands.error());
  pointwise.operands = std::move(*operands);
  pointwise.summary =
      std::to_string(facts->clusters) + " clusters by " + formatCount(static_cast<std::int64_t>(facts->entries())) + " bands";
  auto kernel = labelled(*facts, std::make_shared<Centres>(noCentres(*facts)));
  if (!kernel) return fail(kernel.error());
  return toBeFitted(*kernel, std::make_unique<SamplePass>(facts));
}

}  // namespace

CUBELOOM_OPERATION(kmeans) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
