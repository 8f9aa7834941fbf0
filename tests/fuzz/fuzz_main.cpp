// SPDX-License-Identifier: GPL-3.0-or-later
// What libFuzzer calls.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {  // NOLINT(readability-identifier-naming): libFuzzer's name
  cubeloom::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
