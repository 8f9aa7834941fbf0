// SPDX-License-Identifier: GPL-3.0-or-later
// Classic NetCDF files: values read where the header says, each thread by itself.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/raw_file.h"
#include "engine/io/netcdf/netcdf3_header.h"
#include "engine/io/source/single_file.h"
#include "engine/io/source/slab_reader.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMaxHeaderBytes = std::int64_t{256} << 20;

class Netcdf3File : public SingleFile {
 public:
  Netcdf3File(std::shared_ptr<RawFile> file, Netcdf3Header header) : m_file(std::move(file)), m_header(std::move(header)) {
    m_path = m_file->path();
    m_driver = "netCDF";
    m_fileBytes = static_cast<double>(m_file->sizeBytes());
    m_groups[""] = m_header.attributes;
    for (const Netcdf3Variable& variable : m_header.variables) m_variables.push_back(variable.stored);
    for (std::size_t i = 0; i < m_variables.size(); ++i)
      if (isNamedAsLabels(m_variables[i])) readTexts(m_header.variables[i], m_variables[i]);
  }

  Result<void> checkReads() const override {
    if (m_readFailure) return failAt(ErrorCode::OpenFailed, m_path, *m_readFailure);
    return {};
  }

 private:
  Result<std::shared_ptr<ChunkReader>> reader(std::size_t index) override {
    const Netcdf3Variable& variable = m_header.variables[index];
    return std::make_shared<SlabReader>(
        m_file, Slabs{variable.stored.shape, static_cast<std::int64_t>(pixelTypeBytes(*variable.stored.type)), variable.begin,
                      variable.isRecord ? m_header.recordBytes : 0});
  }

  std::optional<std::int64_t> denseOffset(std::size_t index) override {
    const Netcdf3Variable& variable = m_header.variables[index];
    if (variable.isRecord && m_header.records > 1 && m_header.recordBytes != variable.slabBytes) return std::nullopt;
    return variable.begin;
  }

  /// What is not of numbers is of characters; the last of two dims is the length of each text.
  void readTexts(const Netcdf3Variable& from, StoredVariable& to) {
    const std::int64_t rows = to.shape[0], length = to.shape.size() > 1 ? to.shape[1] : 1;
    bool isRead = rows <= kMostLabels && length <= kMostLabelBytes / std::max<std::int64_t>(rows, 1);
    std::string bytes(isRead ? static_cast<std::size_t>(length) : 0, '\0');
    for (std::int64_t i = 0; isRead && i < rows; ++i) {
      const std::int64_t offset = from.begin + i * (from.isRecord ? m_header.recordBytes : length);
      const auto done = m_file->read(reinterpret_cast<std::byte*>(bytes.data()), length, offset, offset + length);
      if (!done && !m_readFailure) m_readFailure = done.error().message;
      isRead = done.has_value();
      to.texts.push_back(wellFormed(unpadded(bytes.data(), bytes.size())));
    }
    if (isRead) return;
    to.texts.clear();
    m_notes.push_back("the coordinate \"" + to.path() + "\" is left out: its texts cannot be read");
  }

  std::shared_ptr<RawFile> m_file;
  Netcdf3Header m_header;
  std::optional<std::string> m_readFailure;
};

}  // namespace

Result<std::shared_ptr<VariableFile>> openNetcdf3File(const std::string& path) {
  auto file = RawFile::open(path);
  if (!file) return fail(std::move(file.error()));
  const std::int64_t size = (*file)->sizeBytes();
  // Headers are small; one that goes on is read again, four times as far.
  for (std::int64_t bytes = 1 << 16;; bytes *= 4) {
    const std::int64_t taken = std::min(bytes, size);
    std::string start(static_cast<std::size_t>(taken), '\0');
    CUBELOOM_TRY((*file)->read(reinterpret_cast<std::byte*>(start.data()), taken, 0, taken));
    auto header = Netcdf3Header::parse(start, size);
    if (!header) return failAt(ErrorCode::OpenFailed, path, path + ": " + header.error().message, "the file is damaged: fetch it again");
    if (!header->truncated) return std::make_shared<Netcdf3File>(std::move(*file), std::move(*header));
    if (taken == size)
      return failAt(ErrorCode::OpenFailed, path, path + " ends inside its NetCDF header, at byte " + std::to_string(size),
                    "the file is cut off: fetch it again");
    if (taken >= kMaxHeaderBytes)
      return failAt(ErrorCode::OpenFailed, path,
                    path + " has a NetCDF header of more than " + formatSize(static_cast<double>(kMaxHeaderBytes)));
  }
}

}  // namespace cubeloom
