// SPDX-License-Identifier: GPL-3.0-or-later
// Tests written as text: an input grid, a chain, the grid that must come out, and where that is known from.
//
//   case    a name
//   truth   where the expected numbers come from: a formula, or the command that made them
//   input   a.tif dtype=float32 nodata=-9999 crs=EPSG:32610 geotransform=500000,10,0,4000000,0,-10
//           1 2 .
//           3 4 5
//   chain   open a.tif ! calc expression='b1 * 2'
//   beside  open b.tif
//   expect  dtype=float32 geotransform=500000,10,0,4000000,0,-10 tolerance=0
//           2 4 .
//           6 8 10
//
// Each `beside` is a chain of its own that goes into the last step of `chain` as its next input; most cases have none.
// '.' is nodata, '--' begins the next plane (band), a line that begins with '#' is a comment. `input` may stand several times, or not at
// all: DATA/ in a chain is the folder tests/data. Instead of a grid `expect` may hold single elements, 'at 31 47: 0.158', and sums over
// all, 'sum: 3917.8'. tolerance is absolute, relative=1e-6 is of the expected value; without either every bit counts (of the result's
// type). An input with time=2000-01-01,2000-02-01 has a plane for each date (a.zarr; calendar=noleap); an expectation's `time` says the
// dates along time, its `entries` the numbers or names along the first dim.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom::test {

struct TextGrid {
  std::string name;                            ///< file name; empty: what is expected
  std::map<std::string, std::string> options;  ///< as written
  std::int64_t planes = 0, rows = 0, cols = 0;
  std::vector<std::optional<double>> values;  ///< nodata: none
};

struct TextCase {
  std::string name, truth, chain;
  std::vector<std::string> beside;
  std::string file;
  int line = 0;
  std::vector<TextGrid> inputs;
  TextGrid expected;
  struct Single {
    std::vector<std::int64_t> index;  ///< one per dim; empty: the sum of all
    std::optional<double> value;
  };
  std::vector<Single> singles;
};

/// All cases of a file, or what is wrong in which line.
Result<std::vector<TextCase>> readTextCases(const std::string& path);

/// Runs one case in `folder`; the error says what differs first: the place, both values and the tolerance.
Result<void> runTextCase(const TextCase& test, const std::string& folder, const std::string& dataFolder);

}  // namespace cubeloom::test
