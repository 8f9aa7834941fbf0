// SPDX-License-Identifier: GPL-3.0-or-later
// Text made of a small array in one go: written piece by piece, and read back.
#pragma once

#include <string>

#include "engine/io/sink/held_sink.h"

namespace cubeloom {

/// A held array in its own shape, and the file that its text goes to.
class TextSink : public HeldSink {
 protected:
  static constexpr std::size_t kPiece = 1 << 20;  ///< of text, written at once
  TextSink(const SinkRequest& request, BufferPool& pool) : HeldSink(request, pool, request.spec.shape()) {}

  Result<void> makeFile(PartFile& file, const CancelToken& cancel) override;
  /// Makes all of the text, and hands it on whenever there is much of it.
  virtual Result<void> makeText(const PartFile& file, const CancelToken& cancel) = 0;
  /// Writes what has been gathered in `text`, which is empty afterwards; with `isAll` false only where it is a piece.
  Result<void> flush(const PartFile& file, std::string& text, bool isAll, const CancelToken& cancel);

 private:
  Result<void> checkWritten(const PartFile& file) const;

  std::int64_t m_written = 0;
  std::uint32_t m_sum = 0;
};

}  // namespace cubeloom
