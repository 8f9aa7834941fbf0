// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a POSIX shell's line, and back.
#pragma once

#include <string>
#include <vector>

namespace cubeloom {

/// A line cut into words: blanks part them, single and double quotes keep them together. Nothing is expanded.
/// `isOpen` (may be null): whether a quote was not closed.
std::vector<std::string> shellWords(const std::string& line, bool* isOpen = nullptr);
/// A word as it is typed: in single quotes where it holds anything a shell would look at.
std::string shellQuoted(const std::string& word);

}  // namespace cubeloom
