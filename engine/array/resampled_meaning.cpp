// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/resampled_meaning.h"

namespace cubeloom {

std::vector<std::string> settleResampledMeaning(ArraySpec& spec, Resampling method) {
  std::vector<std::string> warnings;
  switch (method) {
    case Resampling::Rms:
    case Resampling::Sum:
      if (spec.forgetStoredMeaning()) warnings.emplace_back(kComputedFromStored);
      break;
    default: break;
  }
  return warnings;
}

}  // namespace cubeloom
