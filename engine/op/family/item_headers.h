// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of items say in their headers, where items do not say it, or to see whether they say it rightly.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"

namespace cubeloom {

/// Opens files for their headers alone; one of each asset stays open, as a sample. Of one binding, used by one thread.
class ItemHeaders {
 public:
  ItemHeaders(SourceProvider& sources, const ItemProvider& items) : m_sources(sources), m_items(items) {}

  /// Puts into `asset` what its file says: grid, bands, classes. What the item alone says of the values stays: the file counts where both
  /// do. Once for each file. OpenFailed and GridMismatch name item and path.
  Result<void> read(Item& item, ItemAsset& asset);
  /// Likewise the item's time, where it says none.
  Result<void> readTime(Item& item);
  /// Whether read() was there.
  bool isRead(const Item& item, const ItemAsset& asset) const;
  /// Of a file that was read; null: it was not.
  const ArraySpec* specOf(const Item& item, const ItemAsset& asset) const;
  /// The first file of assets of that name that was read; null: none was.
  std::shared_ptr<Source> sampleOf(const ItemAsset& asset) const;
  /// What reading a file takes beside what is read, the most of those seen.
  double scratchBytes() const { return m_scratchBytes; }
  std::size_t count() const { return m_specs.size(); }

 private:
  using Key = std::pair<std::string, std::string>;
  static Key keyOf(const Item& item, const ItemAsset& asset) { return {item.folder, asset.href}; }
  Result<std::shared_ptr<const ArraySpec>> headerOf(const Item& item, const ItemAsset& asset);

  SourceProvider& m_sources;
  const ItemProvider& m_items;
  std::map<Key, std::shared_ptr<const ArraySpec>> m_specs;
  std::map<std::string, std::shared_ptr<Source>> m_samples;
  double m_scratchBytes = 0;
};

/// Where a file differs from what its item says of it, for people: "the file has nodata 0, the item says -9999"; "" where it does not.
/// `isGrave`: values or places would be wrong by what the item says.
std::string itemDifference(const ItemAsset& said, const ItemAsset& read, bool& isGrave);

/// How many bands `spec` has for a cube.
std::int64_t bandsOfFile(const ArraySpec& spec);

}  // namespace cubeloom
