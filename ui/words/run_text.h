// SPDX-License-Identifier: GPL-3.0-or-later
// How run bar and monitor word what a run will cost, how it goes and how it ended.
#pragma once

#include <QString>
#include <array>
#include <utility>

#include "engine/base/result.h"
#include "engine/plan/plan.h"
#include "engine/run/machine_rates.h"
#include "engine/run/run.h"

namespace cubeloom {

/// "912 MiB/s", "0.4 MiB/s", "0.02 MiB/s"; empty for nothing.
QString rateText(double bytesPerSecond);
/// "0:01.9" below ten minutes, "12:05", "1:02:05".
QString elapsedText(double seconds);
/// "1–2 s left", "12–15 min left"; above two hours the clock time at which it will be over.
QString etaText(std::pair<double, double> seconds);

/// "reads 2.65 of 261 GiB · writes 27.1 MiB · peak 412 MiB"; brief: "reads 2.65 GiB · writes 27.1 MiB · peak 412 MiB".
QString preflightText(const Plan& plan, bool isBrief);
/// "about 40–60 s", "under 1 s"; empty where no such run was done here.
QString expectedText(const ExpectedTime& expected);
/// "62 % · 0:12.4 elapsed · 12–15 s left · reading 912 MiB/s": for the run bar.
QString progressText(const Snapshot& snapshot, bool isPaused);
/// "0:12.4 elapsed · 12–15 s left · 62 % of 2.65 GiB": for the monitor. `plannedReadBytes` 0: unknown.
QString headlineText(const Snapshot& snapshot, bool isPaused, double plannedReadBytes);
/// "Stopping…", after a moment with what it waits for: "Stopping… worker 2 has been reading cube.img for 12 s". `seconds`: since it was
/// asked to.
QString stoppingText(const Plan& plan, const Snapshot& snapshot, double seconds);
/// "Finished in 3.2 s · read 2.65 GiB · peak 401 MiB of 412 MiB predicted · out.tif".
QString finishText(const RunReport& report, double plannedReadBytes);
/// "message (hint)" with chunk and file.
QString errorText(const Error& error);
/// "61 % reading, 35 % computing, 4 % writing", led by what holds the run back; empty before the first task. `busyShares`: of reading,
/// computing, writing in the workers' busy time.
QString bottleneckText(const std::array<double, 3>& busyShares);

}  // namespace cubeloom
