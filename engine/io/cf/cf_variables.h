// SPDX-License-Identifier: GPL-3.0-or-later
// Finding and reading variables of a file by CF's rules: names are looked up from a group upwards, small ones are read as numbers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/access/source.h"
#include "engine/io/source/value_decoder.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// A number that an attribute gives with the other sign's type: -1 of a byte that is unsigned is 255.
double asStored(double number, PixelType type);

/// Used by one thread while a dataset is opened.
class CfVariables {
 public:
  explicit CfVariables(std::shared_ptr<VariableFile> file);
  VariableFile& file() const { return *m_file; }
  const StoredVariable& at(std::size_t index) const { return m_file->variables()[index]; }

  /// By name or path, in `group` or the nearest group above it.
  std::optional<std::size_t> find(const std::string& name, const std::string& group) const;
  /// The one-dimensional variable of numbers along `dim`, with `size` values, that has the dim's own name.
  std::optional<std::size_t> coordinate(const std::string& dim, std::int64_t size, const std::string& group) const;
  /// The texts of the variable `name` along `dim`, one per index; null when there are none.
  const std::vector<std::string>* texts(const std::string& name, const std::string& dim, std::int64_t size, const std::string& group) const;
  /// All one-dimensional variables of numbers along `dim`, in any group.
  std::vector<std::size_t> allAlong(const std::string& dim, std::int64_t size) const;
  /// The one of them that is called one of `names`, in any group but the nearest to `group`.
  std::optional<std::size_t> along(const std::string& dim, std::int64_t size, const std::vector<std::string>& names,
                                   const std::string& group) const;
  /// How many steps `other` lies above `group`; more than any where it does not: groups beside each other share no dims.
  static std::size_t groupsApart(const std::string& group, const std::string& other);

  /// Type, packing and fill values of a variable with a type. Says in `notes` what is declared and cannot be taken so.
  static ValueDecoder decoder(const StoredVariable& variable, std::vector<std::string>* notes = nullptr);
  /// The same, but values stay as stored.
  static ValueDecoder plainDecoder(const StoredVariable& variable, std::vector<std::string>* notes = nullptr);
  /// A Source of the variable's values as `decoder` makes them; `spec` needs its dims, and gets type and storage here.
  Result<std::shared_ptr<Source>> open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) const;
  /// All values, decoded; empty when they cannot be read or are too many for a coordinate.
  const std::vector<double>& numbers(std::size_t index);
  /// Whether all that was asked of numbers() could be read, and the file's metadata: the error of the first read that failed.
  Result<void> checkReads() const;

 private:
  std::shared_ptr<VariableFile> m_file;
  std::unordered_map<std::string, std::size_t> m_places;  ///< by path
  std::map<std::size_t, std::vector<double>> m_numbers;
  std::optional<Error> m_readFailure;
};

}  // namespace cubeloom
