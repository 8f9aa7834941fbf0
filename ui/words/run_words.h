// SPDX-License-Identifier: GPL-3.0-or-later
// How the monitor words time, rates, progress and the end of a run.
#pragma once

#include <QString>
#include <optional>
#include <utility>

#include "engine/base/result.h"
#include "engine/run/run.h"

namespace cubeloom {

class RunHistory;
struct RunFacts;

/// "27.1 MiB".
QString bytesText(double bytes);
/// "912 MiB/s", "0.4 MiB/s"; empty for nothing.
QString rateText(double bytesPerSecond);
/// "0:01.9" below ten minutes, "12:05", "1:02:05".
QString elapsedText(double seconds);
/// "1–2 s left", "12–15 min left"; above two hours the clock time at which it will be over.
QString etaText(std::pair<double, double> seconds);
/// "0:01.9 elapsed · 1–2 s left · 62 % of 2.65 GiB".
QString headline(const RunHistory& history);
/// "Finished in 3.2 s · read 2.65 GiB (2.65 GiB predicted) · peak 401 MiB of 412 MiB predicted · out.tif".
QString finishText(const RunReport& report, const RunFacts& facts);
/// "message (hint)" with chunk and file.
QString errorText(const Error& error);
/// "workers spend 61 % reading, 35 % computing, 4 % writing", led by what holds the run back; empty before the first task.
QString bottleneckText(const RunHistory& history);

}  // namespace cubeloom
