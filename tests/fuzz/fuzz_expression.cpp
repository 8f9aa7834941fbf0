// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions of calc: what parses computes, and has a Python form.
#include "engine/op/expression/expression.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const auto expressions = parseExpressions(std::string(text));
  if (!expressions) return;
  const double values[] = {-1.5, 0, 3};
  for (const auto& [name, expression] : *expressions) {
    const std::vector<const double*> inputs(expression.variables().size(), values);
    double out[3];
    std::vector<double> scratch;
    expression.evaluate<double>(inputs, out, 3, scratch);
    (void)expression.checkBits(std::vector<bool>(inputs.size(), true));
  }
  (void)pythonOf(*expressions, {});
}
