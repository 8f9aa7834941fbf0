// SPDX-License-Identifier: GPL-3.0-or-later
// Chain files: what is read is written and read again the same, and its steps bind or are errors.
#include <cstdlib>

#include "engine/chain/chain.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const auto chain = chainFromJson(std::string(text));
  if (!chain) return;
  const auto again = chainFromJson(chainToJson(*chain));
  if (!again || chainToJson(*again) != chainToJson(*chain)) std::abort();
  (void)topologicalOrder(*chain);
}
