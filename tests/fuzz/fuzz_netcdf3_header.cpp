// SPDX-License-Identifier: GPL-3.0-or-later
// Headers of classic NetCDF files.
#include "engine/io/netcdf/netcdf3_header.h"
#include "tests/fuzz/fuzz.h"

void cubeloom::fuzz(std::string_view bytes) { (void)Netcdf3Header::parse(bytes, static_cast<std::int64_t>(bytes.size()) + 4096); }
