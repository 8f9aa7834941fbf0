// SPDX-License-Identifier: GPL-3.0-or-later
// Small files that are saved whole: whatever happens meanwhile, the old content or the new one is there.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace cubeloom {

/// Writes `bytes` beside `path`, sends them to the disk, renames them into place and sends the folder to the disk. A link stays a link;
/// the file keeps its permissions. WriteFailed names the path, the system's reason and how many bytes are short; the old file is then as
/// it was. May wait for the disk.
Result<void> saveFile(const std::string& path, std::string_view bytes);

/// Sends the folder that holds `path` to the disk: a rename in it then outlasts a power cut. Folders that cannot be sent are left.
void flushFolderOf(const std::string& path);

}  // namespace cubeloom
