// SPDX-License-Identifier: GPL-3.0-or-later
// Dates as people and files write them: what is read is written and read the same.
#include <cstdlib>

#include "engine/base/cf_time.h"
#include "engine/base/datetime.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  (void)parseTimeSpan(text);
  (void)cfTimeUnit(text, "standard");
  (void)cfTimeUnit(text, "360_day");
  (void)cfCalendarSteps(text, "noleap", {0, 1.5, -3, 1e9});
  const auto seconds = parseDatetime(text);
  if (!seconds) return;
  const auto again = parseDatetime(formatDatetime(*seconds));
  if (!again || *again - *seconds > 1e-3 || *seconds - *again > 1e-3) std::abort();
}
