// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogs, STAC's (which begin with a brace) and intake's.
#include "engine/io/catalog/intake_catalog.h"
#include "engine/io/catalog/stac_catalog.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const bool isJson = text.starts_with('{');
  const std::string path = fuzzedFile(isJson ? "catalog.json" : "catalog.yaml", text);
  CatalogRequest request;
  request.path = path;
  (void)(isJson ? readStac(request, {}) : readIntake(request, {}));
}
