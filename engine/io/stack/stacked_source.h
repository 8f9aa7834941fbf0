// SPDX-License-Identifier: GPL-3.0-or-later
// Several arrays of one shape as one, joined along a dim: the files of a campaign as a time series.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// One file of a stack, and when it is from. `seconds` is not used when the array has the dim itself.
struct StackMember {
  std::string path;
  std::shared_ptr<Source> source;
  double seconds = 0;
};

/// Thread-safe as its members are.
class StackedSource final : public Source {
 public:
  /// Members of one spec, in ascending order of time. A dim `dim` that they have is lengthened, its times on the first one's units; else
  /// one is put in front. GridMismatch names the first file that differs from the first one, and in what; files of one time or calendars
  /// that differ are refused too.
  static Result<std::shared_ptr<StackedSource>> join(std::vector<StackMember> members, const std::string& dim);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  ReadCost cost(const Region& region) const override;
  /// The members' where all are stored alike and no block reaches over the end of a member.
  std::vector<std::int64_t> decodedBlock() const override;
  double sharedCacheBytes() const override;
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override;

 private:
  /// Positions [first, first + count) of a region along the joint dim, all in one member.
  struct Piece {
    std::size_t member = 0;
    std::int64_t first = 0, count = 0;
    Region region;  ///< in the member
  };
  StackedSource() = default;
  std::vector<Piece> pieces(const Region& region) const;

  std::vector<StackMember> m_members;
  std::vector<std::int64_t> m_starts;  ///< first index of each member along the joint dim, and the end
  std::size_t m_axis = 0;
  bool m_isNewDim = true;
  ArraySpec m_spec;
};

/// Whether `path` names several files: `*`, `?` or `[` in its last part.
bool isFilePattern(const std::string& path);

/// Opens the files that `request.path` matches, each by `open`, dated by `request.pattern`, their names or their attributes, and joins them
/// along `request.concatDim`. Files that belong to one array (data and header) count once.
Result<OpenedDataset> openStack(const OpenRequest& request, const std::function<Result<OpenedDataset>(const OpenRequest&)>& open);

}  // namespace cubeloom
