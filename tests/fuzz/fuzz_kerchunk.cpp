// SPDX-License-Identifier: GPL-3.0-or-later
// Kerchunk references: every entry that is told lies in what was read.
#include <cstdlib>

#include "engine/io/zarr/kerchunk_refs.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const auto refs = KerchunkRefs::parse(std::string(text), "refs.json");
  if (!refs) return;
  for (const KerchunkRefs::Entry& entry : refs->entries()) {
    if (refs->find(refs->key(entry)) == nullptr) std::abort();
    if (entry.target == KerchunkRefs::kInlined) {
      (void)refs->inlined(entry);
    } else if (entry.target >= refs->targets().size()) {
      std::abort();
    }
  }
}
