// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/resampled_meaning.h"

namespace cubeloom {

std::vector<std::string> settleResampledMeaning(ArraySpec& spec, Resampling method) {
  using enum Resampling;
  std::vector<std::string> warnings;
  const bool isPicked = method == Nearest || method == Mode || method == Min || method == Max || method == Median || method == Q1 ||
                        method == Q3;  // one of the source's values
  const bool isClasses = spec.isClasses();
  if (!isPicked)
    for (const char* key : {"flag_values", "flag_masks", "flag_meanings"}) spec.attributes.erase(key);
  if (isClasses && !isPicked) {
    spec.forgetClasses();
    warnings.push_back("the values are numbers of classes: " + std::string(resamplingName(method)) +
                       " makes others of them; nearest and mode keep them");
  }
  if ((method == Rms || method == Sum) && spec.forgetStoredMeaning()) warnings.emplace_back(kComputedFromStored);
  return warnings;
}

}  // namespace cubeloom
