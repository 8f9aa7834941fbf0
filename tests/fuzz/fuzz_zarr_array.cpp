// SPDX-License-Identifier: GPL-3.0-or-later
// The document of a Zarr array, version 2 (.zarray) or 3 (zarr.json), in a store of its own.
#include "engine/io/zarr/zarr_array.h"
#include "engine/io/zarr/zarr_folder.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view text) {
  const bool isThird = text.find("zarr_format\":3") != std::string_view::npos || text.find("zarr_format\": 3") != std::string_view::npos;
  const std::string file = fuzzedFile(isThird ? "zarr.json" : ".zarray", text);
  const auto store = openZarrFolder(file.substr(0, file.rfind('/')));
  if (!store) return;
  (void)readZarrArray(**store, "");
  (void)outlineZarrArray(**store, "");
}
