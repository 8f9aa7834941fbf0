// SPDX-License-Identifier: GPL-3.0-or-later
// A run made in several parts, on any machines that see the files: what a part leaves beside an output, and what the end is made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Part `number` of `count`, from 1.
struct RunPart {
  std::int64_t number = 0, count = 0;
  auto operator<=>(const RunPart&) const = default;
};

/// Units of an output: chunks in canonical order, or what is gathered from the parts of a reduction. [first, end)
struct UnitRange {
  std::int64_t first = 0, end = 0;
  std::int64_t count() const { return end - first; }
  bool operator==(const UnitRange&) const = default;
};

/// Where the parts of an output lie and which of its units one of them makes.
struct PartPlace {
  /// Sixteen hexadecimal digits: equal for all processes that plan the same run.
  std::string runId;
  RunPart part;
  UnitRange units;
};

/// What the parts of one output have made. Thread-safe.
class MadeUnits {
 public:
  virtual ~MadeUnits() = default;
  /// Unset: no part has it.
  virtual std::optional<std::int64_t> bytes(std::int64_t unit) const = 0;
  /// Fills `to` with the unit's bytes(). ReadFailed: it is not what was written; the part it is of counts as not made from then on.
  virtual Result<void> read(std::int64_t unit, std::byte* to) const = 0;
  /// Of each part that is finished, in order.
  virtual const std::vector<RunPart>& parts() const = 0;
  /// What is kept for all units.
  virtual double indexBytes() const = 0;
};

/// What the parts of a run have learned, for each other. Thread-safe; two that keep the same do no harm.
class SharedStates {
 public:
  virtual ~SharedStates() = default;
  virtual bool has(const std::string& name) const = 0;
  /// Unset: it is not there, or not whole.
  virtual std::optional<std::vector<std::byte>> load(const std::string& name) const = 0;
  virtual Result<void> keep(const std::string& name, const std::vector<std::byte>& state) = 0;
  virtual void forget(const std::string& name) = 0;
};

}  // namespace cubeloom
