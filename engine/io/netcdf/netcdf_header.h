// SPDX-License-Identifier: GPL-3.0-or-later
// Everything of a NetCDF-4 output but its pixels: dims, CF coordinates, grid mapping, attributes, written by the NetCDF library.
#pragma once

#include <string>

#include "engine/access/sink.h"
#include "engine/io/netcdf/netcdf_layout.h"

namespace cubeloom {

/// The name that a variable gets in the file.
std::string netcdfVariableName(const ArraySpec& spec);

/// Creates `path` anew. No date, no history: the same array makes the same bytes. WriteFailed names `target`.
Result<void> writeNetcdfHeader(const std::string& path, const std::string& target, const NetcdfLayout& layout);

/// Opens the finished file by the NetCDF library, as its users will, and compares names, dims and type. WriteFailed naming `target`.
Result<void> verifyNetcdf(const std::string& path, const std::string& target, const NetcdfLayout& layout);

/// Bytes of all that is not the array itself, generously.
double netcdfHeaderBytes(const ArraySpec& spec);

}  // namespace cubeloom
