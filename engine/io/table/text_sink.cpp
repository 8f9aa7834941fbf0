// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/text_sink.h"

#include "engine/io/file/crc32.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {

Result<void> TextSink::makeFile(PartFile& file, const CancelToken& cancel) {
  CUBELOOM_TRY(file.open());
  CUBELOOM_TRY(makeText(file, cancel));
  CUBELOOM_TRY(checkWritten(file));
  return file.finish(cancel);
}

Result<void> TextSink::flush(const PartFile& file, std::string& text, bool isAll, const CancelToken& cancel) {
  if (!isAll && text.size() < kPiece) return {};
  CUBELOOM_TRY(checkNotCanceled(cancel, path()));
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  CUBELOOM_TRY(file.write(m_written, bytes, text.size()));
  m_sum = crc32(m_sum, bytes, text.size());
  m_written += static_cast<std::int64_t>(text.size());
  text.clear();
  return {};
}

Result<void> TextSink::checkWritten(const PartFile& file) const {
  std::uint32_t sum = 0;
  std::vector<std::byte> bytes(kPiece);
  for (std::int64_t at = 0; at < m_written; at += static_cast<std::int64_t>(kPiece)) {
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(kPiece), m_written - at));
    CUBELOOM_TRY(file.read(at, bytes.data(), count));
    sum = crc32(sum, bytes.data(), count);
  }
  if (sum == m_sum && file.sizeBytes() == m_written) return {};
  return fail(ErrorCode::WriteFailed, path() + " does not read back as it was written", "check the disk");
}

}  // namespace cubeloom
