// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/sampled_groups.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/spectra_sample.h"

namespace cubeloom {
namespace {

/// Hues a golden angle apart: neighbours in number differ.
std::array<std::uint8_t, 4> clusterColour(std::size_t number) {
  const double hue = std::fmod(static_cast<double>(number) * 0.61803398875 + 0.58, 1.0) * 6;
  const double lightness = number % 3 == 0 ? 0.85 : number % 3 == 1 ? 0.65 : 0.95;
  const auto channel = [&](double shift) {
    const double k = std::fmod(shift + hue, 6);
    return static_cast<std::uint8_t>(std::lround(255 * lightness * (1 - 0.7 * std::max(0.0, std::min({k, 4 - k, 1.0})))));
  };
  return {channel(5), channel(3), channel(1), 255};
}

/// `input` without dim `dim`, as numbers of `count` clusters with names and colours.
ArraySpec clusterClasses(const ArraySpec& input, int dim, std::size_t count) {
  ArraySpec spec = input.withoutDim(dim);
  spec.forgetQuantity();
  settleComputed(spec, PixelType::UInt8, 0, static_cast<double>(count - 1), true);
  spec.unit.clear();
  spec.variable = "cluster";
  for (std::size_t k = 0; k < count; ++k) {
    spec.classNames.push_back("cluster " + std::to_string(k));
    spec.classColours.push_back(clusterColour(k));
  }
  return spec;
}

}  // namespace

Result<SampledGroups> sampledGroups(const Params& params, const ArraySpec& input, const std::string& countParam) {
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  SampledGroups groups{input, *d, {}};
  groups.count = static_cast<std::size_t>(params.integer(countParam));
  groups.sample = static_cast<std::size_t>(params.integer("sample"));
  groups.starts = static_cast<int>(params.integer("n_init"));
  groups.iterations = static_cast<int>(params.integer("max_iter"));
  groups.seed = static_cast<std::uint64_t>(params.integer("seed"));
  groups.pointwise.spec = clusterClasses(input, *d, groups.count);  // what a scale says does not matter: distances keep their order
  noteDoubles(input.type, groups.pointwise.warnings);
  auto operands = entriesAlong({input}, *d);
  if (!operands) return fail(operands.error());
  groups.pointwise.operands = std::move(*operands);
  groups.pointwise.summary =
      std::to_string(groups.count) + " " + countParam + " by " + formatCount(static_cast<std::int64_t>(groups.entries())) + " bands";
  return groups;
}

std::unique_ptr<Accumulator> GroupSamplePass::accumulator() const { return makeSpectraSample(m_input, m_dim, m_sample, m_seed); }

double GroupSamplePass::accumulatorBytes() const { return static_cast<double>(spectraSampleBytes(m_entries, m_sample)); }

Result<std::shared_ptr<const BoundOperation>> GroupSamplePass::fitted(const Accumulator& total, const CancelToken& cancel) const {
  const std::vector<double> spectra = static_cast<const SpectraSample&>(total).spectra();
  if (!spectra.empty() && spectra.size() < m_count * m_entries)
    return fail(ErrorCode::UnsupportedType,
                formatCount(static_cast<std::int64_t>(spectra.size() / m_entries)) + " pixels are valid in all bands, fewer than " +
                    formatCount(static_cast<std::int64_t>(m_count)) + " clusters",
                "leave out bands that are nodata, as with drop_bands");
  auto operation = found(spectra, cancel);
  if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
  return operation;
}

Param sampleParam() {
  return {.name = "sample",
          .type = ParamType::Integer,
          .help = "Pixels among which clusters are found.",
          .unit = "px",
          .defaultTo = 20000,
          .minimum = 100,
          .maximum = 1000000};
}

Param startsParam() {
  return {.name = "n_init",
          .type = ParamType::Integer,
          .help = "Starts, of which the best counts.",
          .defaultTo = 4,
          .minimum = 1,
          .maximum = 100,
          .advanced = true};
}

Param iterationsParam(int byDefault) {
  return {.name = "max_iter",
          .type = ParamType::Integer,
          .help = "Iterations on the sample.",
          .defaultTo = byDefault,
          .minimum = 1,
          .maximum = 10000,
          .advanced = true};
}

Param chanceParam() {
  return {.name = "seed", .type = ParamType::Seed, .help = "Of what is drawn by chance.", .defaultTo = 0, .advanced = true};
}

}  // namespace cubeloom
