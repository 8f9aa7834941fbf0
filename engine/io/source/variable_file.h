// SPDX-License-Identifier: GPL-3.0-or-later
// A file of named variables with attributes, as NetCDF, HDF5 and Zarr are: what is in it, before any convention gives it a meaning.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/source.h"
#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/io/source/value_decoder.h"

namespace cubeloom {

/// Text, or numbers. Of several texts all, separated by ", ".
struct Attribute {
  std::string text;  ///< numbers as text too
  std::vector<double> numbers;
};
using Attributes = std::map<std::string, Attribute>;

/// One variable as stored.
struct StoredVariable {
  std::string group;  ///< "", "location", "HDFEOS/SWATHS"
  std::string name;
  std::vector<std::string> dims;
  std::vector<std::int64_t> shape;  ///< empty: a scalar
  std::optional<PixelType> type;    ///< unset: not of numbers, or of numbers that are not read
  bool swapped = false;             ///< the bytes of a value are not in the machine's order
  std::string refusal;              ///< why its values are not read; empty: they are
  std::string storage;              ///< "chunks 1 x 512 x 512", "contiguous"
  Attributes attributes;
  std::vector<std::string> texts;  ///< of a coordinate of text, one per index of its dim, or the only one; else empty
  std::vector<std::string> notes;  ///< what the user should know who opens it

  std::string path() const { return group.empty() ? name : group + "/" + name; }
  bool has(const std::string& attribute) const { return attributes.contains(attribute); }
  /// "" when absent.
  std::string text(const std::string& attribute) const;
  std::optional<double> number(const std::string& attribute) const;
};

/// Whether a variable that holds no numbers is named as the coordinate of its first dim, or as the names along it ("band_name").
bool isNamedAsLabels(const StoredVariable& variable);
/// Whether it is a text that describes HDF-EOS5's grids: "StructMetadata.0", and .1 where it goes on.
bool isStructureText(const StoredVariable& variable);
/// Whether it is a text that places NEON's rasters: Metadata/Coordinate_System/Map_Info.
bool isGridText(const StoredVariable& variable);
/// A text of at most `size` bytes that zeros or blanks fill up.
std::string unpadded(const char* text, std::size_t size);
/// What a coordinate of text may hold.
inline constexpr std::int64_t kMostLabels = 65536, kMostLabelBytes = 8 << 20;

/// An open file. Thread-safe.
class VariableFile {
 public:
  virtual ~VariableFile() = default;
  const std::string& path() const { return m_path; }
  /// "netCDF", "HDF5", "Zarr".
  const std::string& driver() const { return m_driver; }
  /// Of the files that hold variable `index`.
  virtual double fileBytes(std::size_t /*index*/) const { return m_fileBytes; }
  const std::vector<StoredVariable>& variables() const { return m_variables; }
  /// Of the group ("": the root); empty when there is none.
  const Attributes& attributes(const std::string& group) const;
  /// What was left out while looking through the file.
  const std::vector<std::string>& notes() const { return m_notes; }
  /// Variable `index`, which must have a type and no refusal, as `decoder` turns stored values into true ones. `spec` is complete but for
  /// its storage; of a scalar it has one dim of one element. Cheap: all variables are opened to be listed.
  virtual Result<std::shared_ptr<Source>> open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) = 0;
  /// Looks at all that is known of variable `index` before it is used. OpenFailed names what is wrong.
  virtual Result<void> check(std::size_t /*index*/) const { return {}; }
  /// OpenFailed when a read of metadata has failed since the last call, whatever was made of it: what it would have told is not missing.
  virtual Result<void> checkReads() const { return {}; }

 protected:
  std::string m_path, m_driver;
  double m_fileBytes = 0;
  std::vector<StoredVariable> m_variables;
  std::map<std::string, Attributes> m_groups;
  std::vector<std::string> m_notes;
};

/// OpenFailed: not such a file, cut off, or beyond what a sane file holds.
Result<std::shared_ptr<VariableFile>> openHdf5File(const std::string& path);
Result<std::shared_ptr<VariableFile>> openNetcdf3File(const std::string& path);

/// What the first bytes of a file say. ReadFailed when they cannot be read.
enum class VariableFileKind { None, Hdf5, Netcdf3 };
Result<VariableFileKind> variableFileKind(const std::string& path);

}  // namespace cubeloom
