// SPDX-License-Identifier: GPL-3.0-or-later
// system --measure: what is common, run once over a small cube, so that plans can tell how long they take.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/io/sample/sample_cube.h"
#include "engine/run/machine_rates.h"

namespace cubeloom::cli {
namespace {

namespace fs = std::filesystem;

/// A folder of its own, gone with everything in it when this is.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cubeloom-measure-XXXXXX").string();
    if (const char* made = ::mkdtemp(name.data())) m_path = made;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!m_path.empty()) fs::remove_all(m_path, ignored);
  }
  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
};

/// Steps that users have most, each way of writing once.
constexpr std::array kSteps{
    "reproject crs=EPSG:32610 resolution=7 resampling=nearest ! write near.tif format=COG",
    "reproject crs=EPSG:32610 resolution=7 resampling=bilinear ! write bilinear.tif",
    "reproject crs=EPSG:32610 resolution=7 resampling=cubic ! write cubic.img format=ENVI",
    "reproject crs=EPSG:32610 resolution=20 resampling=average ! write average.nc",
    "calc expression=x*2 ! write calc.zarr",
    "standardize dims=y,x ! write scores.tif compress=deflate",
    "reduce dims=y,x statistic=mean ! write mean.nc",
    "transpose dims=wavelength,y,x ! write bands.img",
};

/// So that the first chain reads from the disk, as users' cubes are read.
void forgetPages(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

Result<void> measure(const Services& services, const std::string& header, const std::string& folder, const std::string& steps,
                     MachineRates& rates) {
  std::vector<std::string> words{"!", "open", header, "!"};
  for (const std::string& word : split(steps, ' ')) words.push_back(word);
  auto chain = chainFromPipeline(words, *services.registry);
  if (!chain) return fail(chain.error());
  chain->folder = folder;
  auto graph = bindChain(*chain, *services.registry, *services.sources);
  if (!graph) return fail(graph.error());
  PlanOptions options;
  options.overwrite = true;
  auto plan = makePlan(*graph, *services.sinks, options);
  if (!plan) return fail(plan.error());
  if (!plan->fits()) return fail(ErrorCode::OverBudget, plan->refusals.front().reason, join(plan->refusals.front().remedies, "; "));
  const auto run = Run::start(*plan, services.sinks);
  const RunReport report = run->wait();
  if (report.status != RunStatus::Finished)
    return report.errors.empty() ? fail(ErrorCode::Internal, "a measuring run did not end well") : fail(report.errors.front());
  rates.learn(*plan, report);
  return {};
}

}  // namespace

Result<void> measureMachine(const Services& services) {
  const TemporaryFolder folder;
  if (folder.path().empty())
    return fail(ErrorCode::WriteFailed, "no folder for temporary files can be made in " + fs::temp_directory_path().string(),
                "set TMPDIR to one on the disk that you work on");
  const auto header = makeSampleCube(folder.path());
  if (!header) return fail(header.error());
  MachineRates rates = MachineRates::load();
  for (const char* steps : kSteps) {
    forgetPages(folder.path());
    CUBELOOM_TRY(measure(services, *header, folder.path(), steps, rates));
  }
  return rates.save();
}

}  // namespace cubeloom::cli
