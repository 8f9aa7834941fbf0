// SPDX-License-Identifier: GPL-3.0-or-later
// How long steps take on this machine, from the runs that it did; and from that, how long a plan will take.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/plan/plan.h"
#include "engine/run/run.h"

namespace cubeloom {

/// Seconds of one worker for a byte, as the logarithm: rates differ by factors, so their mean and spread are geometric ones.
struct StepRate {
  double mean = 0, variance = 0;
  int runs = 0;

  /// The newest runs count most: disks fill, machines are shared.
  void learn(double secondsPerByte);
};

/// How long a plan is expected to take.
struct ExpectedTime {
  double low = 0, high = 0;        ///< seconds
  std::vector<std::string> unmet;  ///< steps that have never run here; not empty: low and high say nothing
};

/// A plain value. The same step with another method or format is another rate: they differ by factors.
class MachineRates {
 public:
  /// Takes a finished run in. Steps of less than 1 MiB say nothing, nor do runs that took over what an earlier one had left.
  void learn(const Plan& plan, const RunReport& report);
  ExpectedTime expect(const Plan& plan) const;

  const std::map<std::string, StepRate>& steps() const { return m_steps; }

  /// Of this machine, from the user's folder; empty where nothing was measured or what is there cannot be read.
  static MachineRates load();
  /// Puts them beside those of other machines that share the folder. Two programs that end at once lose the runs of one.
  Result<void> save() const;

 private:
  const StepRate* find(const std::string& key) const;
  std::map<std::string, StepRate> m_steps;
};

/// Takes a finished run into what is kept of this machine; one that is over at once tells little and is left out. Where nothing can be
/// kept, the next plan is told without it. Writes a file: may wait for the disk.
void learnFromRun(const Plan& plan, const RunReport& report);

/// The file that rates are kept in; empty without a home folder.
std::string machineRatesPath();

}  // namespace cubeloom
