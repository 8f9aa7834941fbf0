// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/single_file.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/raw_file.h"
#include "engine/io/source/chunked_source.h"
#include "engine/io/source/raw_source.h"

namespace cubeloom {

Result<std::shared_ptr<Source>> SingleFile::open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) {
  const StoredVariable& variable = m_variables[index];
  spec.storage.name = variable.storage;
  if (const auto offset = denseOffset(index); offset && !decoder.changesValues()) {
    auto file = RawFile::open(m_path);
    if (!file) return fail(std::move(file.error()));
    const double end = static_cast<double>(*offset) + spec.bytes();
    if (end > static_cast<double>((*file)->sizeBytes()))
      return failAt(ErrorCode::OpenFailed, m_path,
                    "\"" + variable.path() + "\" reaches beyond the end of " + m_path + ": " + formatCount(static_cast<std::int64_t>(end)) +
                        " bytes are needed, it has " + formatCount((*file)->sizeBytes()),
                    "the file is cut off: fetch it again");
    spec.storage.block.assign(spec.dims.size(), 1);
    spec.storage.block.back() = spec.dims.back().size;
    return std::make_shared<RawSource>(*file, std::move(spec), *offset, decoder.swapped, std::vector<std::string>{});
  }
  auto chunks = reader(index);
  if (!chunks) return fail(std::move(chunks.error()));
  spec.storage.block = (*chunks)->chunkShape();
  for (std::size_t d = 0; d < spec.dims.size(); ++d) spec.storage.block[d] = std::min(spec.storage.block[d], spec.dims[d].size);
  return std::make_shared<ChunkedSource>(std::move(*chunks), decoder, std::move(spec), std::vector{m_path});
}

}  // namespace cubeloom
