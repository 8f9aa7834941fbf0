// SPDX-License-Identifier: GPL-3.0-or-later
// An ENVI raster opened: header and data file found and held against each other, described as an array.
#pragma once

#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// The two files of an ENVI raster.
struct EnviFiles {
  std::string data, header;
};

/// For a data file X.ext: the header X.ext.hdr or X.hdr, when its first word is ENVI. For a header: the data file X, X.ext or, beside
/// X.hdr, X with one of the usual suffixes; OpenFailed when there is none. Nothing when `path` has to do with no ENVI header.
Result<std::optional<EnviFiles>> findEnviFiles(const std::string& path);

/// Reads the header and the size of the data file, no pixels. OpenFailed when they disagree: a file shorter than declared names both sizes.
Result<OpenedDataset> openEnvi(const EnviFiles& files);

}  // namespace cubeloom
