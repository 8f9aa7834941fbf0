// SPDX-License-Identifier: GPL-3.0-or-later
// The formats of rasters: what they are called, by what a file of one is known, and which options of `write` each takes. How one is read
// and written says engine/io/formats.h, row by row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cubeloom {

/// One format. Words are compared without regard to case.
struct FormatFacts {
  std::string name = {};                       ///< GDAL's short name, or the format's own
  std::vector<std::string> synonyms = {};      ///< what GDAL, rasterio and xarray call it too
  std::vector<std::string> suffixes = {};      ///< ".tif"; lower case
  std::vector<std::string> beginnings = {};    ///< first bytes of a file
  bool isToldBySuffix = true;                  ///< false: files of others end so, too; a header beside the file tells
  bool isGdalRaster = false;                   ///< one file that GDAL reads, in archives and on the network too
  bool isOnlyOnChoice = false;                 ///< opened only with driver=NAME
  bool isOnlyOnTrust = false;                  ///< reads other files: opened only where the user trusts it, whoever names a driver
  bool isWritten = false;                      ///< by `write`
  bool keepsDims = false;                      ///< dims by name; else they become bands, rows and columns
  std::vector<std::string> compressions = {};  ///< values of compress; empty: it takes no such option
  bool takesOverviews = false;                 ///< overviews=all, none
  bool takesInterleave = false;                ///< interleave=band, pixel
  std::string interleaveHint = {};             ///< what to do instead of interleave=
  bool takesChunks = false;                    ///< chunks=: elements per dim
  bool takesBlocks = false;                    ///< blocksize=: the side of tiles
  bool takesLayout = false;                    ///< layout=long, wide
};

/// All of them, those that are written first.
const std::vector<FormatFacts>& formats();
/// By name or synonym; null when there is none.
const FormatFacts* formatNamed(std::string_view word);
/// By the suffix of a path; null when none has it.
const FormatFacts* formatOfSuffix(std::string_view path);
/// Stands in the reason of a file that is not opened because nobody trusts it.
inline constexpr const char* kOnlyOnTrust = "is opened only where you trust it";
/// Why a file of a format that is opened only on choice is not opened by itself.
std::string onlyOnChoice(const FormatFacts& format);
/// Names of the formats that are written, in the order of formats().
std::vector<std::string> writtenFormats();
/// Values of compress that any format takes, each once.
std::vector<std::string> writtenCompressions();

/// What GDAL, rasterio, xarray or h5py call a compression, too: zlib is deflate.
std::vector<std::string> compressionSynonyms(const std::string& compression);

}  // namespace cubeloom
