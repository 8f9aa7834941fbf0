// SPDX-License-Identifier: GPL-3.0-or-later
// Pipelines as they are typed: a word a line.
#include "engine/chain/chain.h"
#include "engine/op/operation.h"
#include "engine/ops/register_operations.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  static const Registry registry = [] {
    Registry all;
    registerOperations(all);
    return all;
  }();
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == '\n') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  const auto chain = chainFromPipeline(words, registry);
  if (chain) (void)chainToPipeline(*chain, registry);
}
