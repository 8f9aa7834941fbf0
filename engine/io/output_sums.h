// SPDX-License-Identifier: GPL-3.0-or-later
// What a finished output was when it was published: the sizes and checksums of its files, and what it was made from. Stored beside it as
// "<output>.checksums", JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/base/result.h"

namespace cubeloom {

/// "out.tif" -> "out.tif.checksums".
std::string sumsPath(const std::string& output);

/// Whoever is about to change an output calls it first: removes what is stored of it. Gives that, for putSumsBack() where the output has
/// not been changed after all; empty: there was nothing.
std::string takeSums(const std::string& output);
void putSumsBack(const std::string& output, const std::string& sums);

/// Stores what the output's files are, unless canceled; reads what `sink`, which has published `request`, does not know the sums of. An
/// output whose sums cannot be stored is right all the same.
void storeSums(const SinkRequest& request, const Sink& sink, const CancelToken& cancel);

/// What was stored of an output.
struct StoredOutput {
  OutputIdentity identity;
  bool isUntouched = false;  ///< every file has the size and the time it was left with
};
/// Unset: nothing is stored, or it cannot be read. Reads no pixels.
std::optional<StoredOutput> storedOutput(const std::string& output);

/// A file of an output, as it is now.
struct VerifiedFile {
  std::string path;
  std::int64_t bytes = 0;            ///< as it was published
  std::vector<std::string> damages;  ///< "bytes 0 to 16,777,215 differ"; empty: it is whole
};
/// Reads all of them. OpenFailed: there is no such output, or nothing is stored of it (the message says which).
Result<std::vector<VerifiedFile>> verifyOutput(const std::string& output);

}  // namespace cubeloom
