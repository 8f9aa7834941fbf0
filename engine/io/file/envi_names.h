// SPDX-License-Identifier: GPL-3.0-or-later
// What the data file beside an ENVI header is called.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "engine/base/text.h"

namespace cubeloom {

/// The data file of x.hdr is x itself, or x and one of these, in the order in which they are looked for.
inline constexpr std::array<const char*, 10> kEnviDataSuffixes{".img", ".bil", ".bip", ".bsq", ".dat",
                                                               ".raw", ".bin", ".sli", ".IMG", ".DAT"};

/// Whether a file may be that of a header of its stem: x.bil, not x.log or x.aux.xml.
inline bool isEnviDataName(const std::string& name) {
  const std::string suffix = toLower(std::filesystem::path(name).extension().string());
  return suffix.empty() || std::find(kEnviDataSuffixes.begin(), kEnviDataSuffixes.end(), suffix) != kEnviDataSuffixes.end();
}

}  // namespace cubeloom
