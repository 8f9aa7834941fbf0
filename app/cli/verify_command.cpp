// SPDX-License-Identifier: GPL-3.0-or-later
// verify: whether outputs still are what their runs wrote.
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/text.h"
#include "engine/io/output_sums.h"

namespace cubeloom::cli {
namespace {

constexpr std::size_t kMostFiles = 20;  ///< of one output that are told one by one

/// True: all of it is whole.
bool tell(const std::string& output, const std::vector<VerifiedFile>& files) {
  std::int64_t bytes = 0;
  std::size_t damaged = 0;
  for (const VerifiedFile& file : files) {
    bytes += file.bytes;
    if (file.damages.empty()) continue;
    if (++damaged <= kMostFiles) std::cout << file.path << ": damaged: " << join(file.damages, "; ") << "\n";
  }
  if (damaged > kMostFiles)
    std::cout << output << ": " << formatCount(static_cast<std::int64_t>(damaged - kMostFiles)) << " more files are damaged\n";
  const std::string count = formatCount(static_cast<std::int64_t>(files.size())) + (files.size() == 1 ? " file, " : " files, ");
  if (damaged == 0) std::cout << output << ": whole (" << count << formatSize(static_cast<double>(bytes)) << ")\n";
  return damaged == 0;
}

}  // namespace

int runVerify(const std::vector<std::string>& outputs) {
  int code = kDone;
  for (const std::string& output : outputs) {
    const auto files = verifyOutput(output);
    if (!files) {
      code = report(files.error());
    } else if (!tell(output, *files) && code == kDone) {
      code = kRunFailed;
    }
  }
  return code;
}

}  // namespace cubeloom::cli
