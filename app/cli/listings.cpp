// SPDX-License-Identifier: GPL-3.0-or-later
// info and system: what there is, as text for people or JSON for scripts.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/describe.h"
#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/io/file/confined_process.h"
#include "engine/io/file/crc32.h"
#include "engine/plan/report_json.h"
#include "engine/run/machine_rates.h"

namespace cubeloom::cli {
namespace {

/// CRC-32 (IEEE 802.3) of all values, little-endian, row-major in the file's order of dims; read in slices, of a large band a few rows.
Result<std::string> checksum(Source& source) {
  constexpr double kSliceBytes = 16.0 * 1048576;
  const ArraySpec& spec = source.spec();
  Region region = fullRegion(spec.shape());
  std::size_t cut = 0;
  double bytes = spec.bytes();
  for (; cut < spec.dims.size(); ++cut) {
    bytes /= static_cast<double>(spec.dims[cut].size);
    if (bytes <= kSliceBytes) break;
  }
  std::uint32_t sum = 0;
  ReadContext context;
  // Dims before `cut` stand at one entry each and turn like a counter; `cut` is taken in steps.
  const std::function<Result<void>(std::size_t)> walk = [&](std::size_t d) -> Result<void> {
    if (d > cut || d == spec.dims.size()) {
      const Block block = makeBlock(context.pool, spec.type, regionShape(region));
      CUBELOOM_TRY(source.read(region, block.view, context));
      sum = crc32(sum, block.view.data, static_cast<std::size_t>(block.view.count()) * pixelTypeBytes(spec.type));
      return {};
    }
    const std::int64_t size = spec.dims[d].size;
    const std::int64_t step = d < cut ? 1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(kSliceBytes / bytes));
    for (std::int64_t first = 0; first < size; first += step) {
      region[d] = IndexSet::range(first, std::min(step, size - first));
      CUBELOOM_TRY(walk(d + 1));
    }
    return {};
  };
  CUBELOOM_TRY(walk(0));
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", sum);
  return std::string(text);
}

/// "EPSG:32610 WGS 84 / UTM zone 10N"; a CRS that has neither code nor name by what it is.
std::string crsLine(const Crs& crs) {
  const std::string label = crs.label();
  if (crs.definition() == crs.wkt()) return label + " (without a code; --json has its WKT)";
  return label == crs.name() ? label : label + " " + crs.name();
}

void printVariable(const VariableInfo& variable) {
  const ArraySpec& spec = variable.spec;
  std::vector<std::string> dims;
  for (const Dim& dim : spec.dims) dims.push_back(dim.name + " " + formatCount(dim.size));
  std::cout << variable.name << "\n  dims      " << join(dims, " × ") << "\n  type      " << pixelTypeName(spec.type) << "\n  size      "
            << formatSize(spec.bytes()) << "\n";
  if (!spec.storage.name.empty()) std::cout << "  layout    " << spec.storage.name << "\n";
  std::cout << "  nodata    " << (spec.nodata ? formatNumber(*spec.nodata) : std::string("not declared")) << "\n";
  if (spec.geobox) {
    const GeoBox& box = *spec.geobox;
    const Bounds b = box.bounds();
    std::cout << "  CRS       " << (box.crs().isValid() ? crsLine(box.crs()) : std::string("unknown")) << "\n"
              << "  pixel     " << formatSignificant(box.pixelWidth(), 8) << " × " << formatSignificant(box.pixelHeight(), 8)
              << (box.isAxisAligned() ? "" : ", rotated") << "\n"
              << "  bounds    x " << formatSignificant(b.xmin, 10) << " .. " << formatSignificant(b.xmax, 10) << ", y "
              << formatSignificant(b.ymin, 10) << " .. " << formatSignificant(b.ymax, 10) << "\n";
  } else {
    std::cout << "  grid      none on the ground\n";
  }
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    std::cout << "  " << one.name << std::string(one.name.size() < 10 ? 10 - one.name.size() : 1, ' ')
              << (one.dims.empty() ? one.text() : "a coordinate along " + join(one.dims, ", ")) << "\n";
  const int d = spec.spectralDim();
  if (d < 0 || spec.dims[static_cast<std::size_t>(d)].coordinate.unit != "nm") return;
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  std::int64_t bad = 0;
  if (const auto good = dim.coordinate.aux.find("good"); good != dim.coordinate.aux.end())
    for (const double flag : good->second) bad += flag == 0;
  std::cout << "  bands     " << formatSignificant(dim.coordinate.at(0), 6) << " .. "
            << formatSignificant(dim.coordinate.at(dim.size - 1), 6) << " nm"
            << (bad > 0 ? ", " + std::to_string(bad) + " marked bad" : std::string()) << "\n";
}

/// What keeps the process that reads rasters of others within bounds.
std::string confinementText(const Confining& confined) {
  std::string files = "not kept to the file's folder by the system: this kernel has no Landlock";
  if (confined.landlock > 0) {
    files = "kept to the file's folder (Landlock, ABI " + std::to_string(confined.landlock);
    files += confined.landlock < 4 ? ", without TCP)" : ")";
  }
  return files + (confined.seccomp ? ", no sockets, no programs, no writing (seccomp)" : ", calls not filtered: no seccomp here");
}

}  // namespace

int runInfo(const Services& services, const std::string& path, bool json, bool wantsChecksum) {
  auto info = services.sources->info(path);
  if (!info) return report(info.error());
  std::string crc;
  if (wantsChecksum) {
    auto source = services.sources->open({path, info->variables[info->chosen].name, {}});
    if (!source) return report(source.error());
    auto sum = checksum(**source);
    if (!sum) return report(sum.error());
    crc = *sum;
  }
  if (json) {
    Json document{{"path", info->path},
                  {"driver", info->driver},
                  {"file_bytes", info->fileBytes},
                  {"variable", info->variables[info->chosen].name},
                  {"notes", info->notes}};
    document["variables"] = Json::array();
    for (const VariableInfo& variable : info->variables) {
      Json entry = specToJson(variable.spec);
      entry["name"] = variable.name;
      document["variables"].push_back(std::move(entry));
    }
    if (wantsChecksum) document["crc32"] = crc;
    std::cout << dumped(document, 2) << "\n";
    return kDone;
  }
  std::cout << info->path << "\n" << info->driver << ", " << formatSize(info->fileBytes) << "\n\n";
  for (const VariableInfo& variable : info->variables) printVariable(variable);
  for (const std::string& sentence : info->cheap) std::cout << "\n" << sentence;
  for (const std::string& sentence : info->expensive) std::cout << "\n" << sentence;
  for (const std::string& note : info->notes) std::cout << "\nNote: " << note;
  if (!info->notes.empty() || !info->cheap.empty() || !info->expensive.empty()) std::cout << "\n";
  if (wantsChecksum) std::cout << "CRC-32 " << crc << "\n";
  return kDone;
}

namespace {

/// Of one worker.
double mebibytesPerSecond(const StepRate& rate) { return std::exp(-rate.mean) / 1048576; }

Json measuredSteps(const MachineRates& rates) {
  Json steps = Json::object();
  for (const auto& [name, rate] : rates.steps())
    steps[name] = {{"mib_per_s", std::round(mebibytesPerSecond(rate) * 10) / 10}, {"runs", rate.runs}};
  return steps;
}

}  // namespace

int runSystem(const Services& services, bool json, bool measures) {
  if (measures)
    if (const auto measured = measureMachine(services); !measured) return report(measured.error());
  const MachineRates rates = MachineRates::load();
  const SystemFacts facts = systemFacts();
  const Confining confined = confining();
  if (json) {
    const Json document{{"logical_cores", facts.logicalCores},
                        {"physical_cores", facts.physicalCores},
                        {"affinity_cores", facts.affinityCores},
                        {"quota_cores", facts.quotaCores > 0 ? Json(facts.quotaCores) : Json(nullptr)},
                        {"recommended_workers", facts.maximumWorkers},
                        {"recommended_why", facts.maximumWhy},
                        {"maximum_workers", facts.maximumWorkers},
                        {"desktop_workers", facts.desktopWorkers},
                        {"desktop_why", facts.desktopWhy},
                        {"memory_total_bytes", facts.memoryTotalBytes},
                        {"memory_available_bytes", facts.memoryAvailableBytes},
                        {"memory_limit_bytes", facts.memoryLimitBytes > 0 ? Json(facts.memoryLimitBytes) : Json(nullptr)},
                        {"default_memory_budget_bytes", facts.defaultBudgetBytes},
                        {"landlock_abi", confined.landlock > 0 ? Json(confined.landlock) : Json(nullptr)},
                        {"seccomp", confined.seccomp},
                        {"measured_steps", measuredSteps(rates)},
                        {"version", CUBELOOM_VERSION}};
    std::cout << dumped(document, 2) << "\n";
    return kDone;
  }
  std::cout << "cores     " << facts.logicalCores << " logical, " << facts.physicalCores << " physical, " << facts.affinityCores
            << " usable here\n"
            << "workers   " << facts.maximumWorkers << " by default (" << facts.maximumWhy << ")\n"
            << "window    " << facts.desktopWorkers << " by default (" << facts.desktopWhy << ")\n"
            << "memory    " << formatSize(static_cast<double>(facts.memoryAvailableBytes)) << " of "
            << formatSize(static_cast<double>(facts.memoryTotalBytes)) << " available\n"
            << "budget    " << formatSize(static_cast<double>(facts.defaultBudgetBytes)) << " by default\n"
            << "readers   " << confinementText(confined) << "\n";
  if (rates.steps().empty()) {
    std::cout << "measured  nothing yet: plans cannot tell how long a run takes (--measure takes a few seconds)\n";
    return kDone;
  }
  std::cout << "measured  MiB a second of one worker, from runs here\n";
  for (const auto& [name, rate] : rates.steps()) {
    const double speed = mebibytesPerSecond(rate);
    std::cout << "            " << std::left << std::setw(32) << name << (speed > 1e5 ? "moves nothing" : formatCount(std::llround(speed)))
              << (rate.runs == 1 ? "  (1 run)" : "  (" + formatCount(rate.runs) + " runs)") << "\n";
  }
  return kDone;
}

}  // namespace cubeloom::cli
