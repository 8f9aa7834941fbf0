// SPDX-License-Identifier: GPL-3.0-or-later
// A Zarr hierarchy as a file of variables: its own ways of saying dims, attributes, missing values and texts, put as NetCDF says them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/source/variable_file.h"
#include "engine/io/zarr/zarr_array.h"
#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// Dims are _ARRAY_DIMENSIONS or dimension_names; without usable ones the last two are "y" and "x", the others "dim_0", ... (and a note
/// says so). The fill_value of version 2 stands for _FillValue where that is not given. datetime64 is an integer "since 1970-01-01". Arrays
/// that cannot be read have a refusal; those of which not even a shape can be told are left out and noted. Thread-safe.
class ZarrFile final : public VariableFile {
 public:
  explicit ZarrFile(std::shared_ptr<const ZarrStore> store);

  double fileBytes(std::size_t index) const override;
  Result<std::shared_ptr<Source>> open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) override;
  /// That it is an array that is read, and that all its chunks lie where the store says.
  Result<void> check(std::size_t index) const override;

  /// Why the array `path` is left out; with "": why the first one is. Unset when it is not.
  std::optional<Error> leftOut(const std::string& path) const;

 private:
  void add(ZarrArray array);
  void addRefused(ZarrArray outline, const std::string& why);
  StoredVariable variableOf(const ZarrArray& array);

  std::shared_ptr<const ZarrStore> m_store;
  std::vector<ZarrArray> m_arrays;  ///< as m_variables
  std::vector<std::pair<std::string, Error>> m_leftOut;
};

}  // namespace cubeloom
