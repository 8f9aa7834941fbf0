// SPDX-License-Identifier: GPL-3.0-or-later
// A source whose pixels follow from those of another one of the same dims, value by value.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"

namespace cubeloom {

/// Reads what is stored into a block of its own, which cost() counts, and has it converted. Thread-safe as `stored` is.
class ConvertedSource : public Source {
 public:
  /// `spec`: of the converted array; its type and nodata may differ from those of `stored`.
  ConvertedSource(std::shared_ptr<Source> stored, ArraySpec spec) : m_stored(std::move(stored)), m_spec(std::move(spec)) {}

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  ReadCost cost(const Region& region) const override;
  std::vector<std::int64_t> decodedBlock() const override { return m_stored->decodedBlock(); }
  double sharedCacheBytes() const override { return m_stored->sharedCacheBytes(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_stored->touchedLines(region);
  }
  std::vector<std::string> files() const override { return m_stored->files(); }

 protected:
  PixelType storedType() const { return m_stored->spec().type; }

 private:
  /// `from`, dense, holds `region` as it is stored; `to` has its shape, with any strides. Never called for nothing.
  virtual void convert(const Region& region, const BlockView& from, const BlockView& to) const = 0;

  std::shared_ptr<Source> m_stored;
  ArraySpec m_spec;
};

}  // namespace cubeloom
