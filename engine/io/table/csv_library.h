// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra in a CSV table as an array (spectrum, wavelength).
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Whether the first line of a .csv file is that of spectra: a column of wavelengths first and one for each spectrum behind it
/// ("wavelength_um,kaolinite,calcite"), or a line for each spectrum and a column for each wavelength ("name,400,410", "X400", "400 nm").
/// OpenFailed: it cannot be read.
Result<bool> isSpectraTable(const std::string& path);

/// Cells apart by commas, semicolons or tabs; lines with # are passed over; empty cells, NA and nan are NaN. What stands before the columns
/// of wavelengths is the spectrum's name, and coordinates beside it. Values are float64; wavelengths in nm by what the first cell says of
/// their unit, else micrometres below 100. OpenFailed names the line.
Result<OpenedDataset> openSpectraTable(const OpenRequest& request);

}  // namespace cubeloom
