// SPDX-License-Identifier: GPL-3.0-or-later
// ENVI headers, and what is made of their words: sizes, place, bands.
#include "engine/io/envi/envi_header.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const auto header = EnviHeader::parse(text);
  if (!header) return;
  for (const char* key : {"samples", "wavelength", "map info", "fwhm", "bbl", "data gain values", "geo points"}) {
    (void)header->text(key);
    (void)header->list(key);
    (void)header->numbers(key);
  }
}
