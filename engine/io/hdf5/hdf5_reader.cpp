// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files, NetCDF-4 among them, as another process sees them. What it tells is not trusted: sizes are looked at before they are used.
#include <algorithm>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_chunks.h"
#include "engine/io/source/single_file.h"
#include "engine/io/source/slab_reader.h"

namespace cubeloom {
namespace {

constexpr int kCloseSeconds = 30;

bool isSane(const StoredVariable& variable, Hdf5Layout& layout) {
  double bytes = 8;
  for (const std::int64_t size : variable.shape) {
    if (size < 0) return false;
    bytes *= static_cast<double>(size);
  }
  if (variable.dims.size() != variable.shape.size()) return false;
  if (!variable.type || !variable.refusal.empty()) return true;
  if (*variable.type > PixelType::Complex128 || bytes > kMostHdf5ArrayBytes) return false;
  if (layout.denseOffset && *layout.denseOffset < 0) return false;
  if (!layout.problem.empty()) return true;
  double chunkBytes = static_cast<double>(layout.elementBytes);
  for (const std::int64_t side : layout.chunk) chunkBytes *= static_cast<double>(std::max<std::int64_t>(side, 0));
  const auto isKnown = [](Hdf5Filters::Kind kind) { return kind >= Hdf5Filters::Kind::Deflate && kind <= Hdf5Filters::Kind::Fletcher32; };
  return layout.elementBytes == pixelTypeBytes(*variable.type) && layout.chunk.size() == variable.shape.size() && chunkBytes >= 1 &&
         chunkBytes <= kMostHdf5ChunkBytes && layout.fill.size() == layout.elementBytes && layout.storedBytes >= 0 &&
         std::all_of(layout.filters.begin(), layout.filters.end(), isKnown);
}

/// The other process names the path in words of its own; of its end alone it does not speak.
std::string readerSaid(const std::string& path, const std::string& words) {
  return words.find(path) != std::string::npos ? words : path + ": " + words;
}

class RemoteHdf5 final : public SingleFile {
 public:
  RemoteHdf5(std::shared_ptr<Hdf5Remote> file, Hdf5Facts facts) : m_file(std::move(file)), m_layouts(std::move(facts.layouts)) {
    m_path = m_file->raw->path();
    m_fileBytes = static_cast<double>(m_file->raw->sizeBytes());
    m_driver = std::move(facts.driver);
    m_variables = std::move(facts.variables);
    m_groups = std::move(facts.groups);
    m_notes = std::move(facts.notes);
  }

 private:
  Result<std::shared_ptr<ChunkReader>> reader(std::size_t index) override {
    const Hdf5Layout& layout = m_layouts[index];
    if (!layout.problem.empty())
      return failAt(layout.isUnsupported ? ErrorCode::UnsupportedType : ErrorCode::OpenFailed, m_path, layout.problem, layout.remedy);
    const std::vector<std::int64_t>& shape = m_variables[index].shape;
    if (const auto offset = denseOffset(index))
      return std::make_shared<SlabReader>(m_file->raw, Slabs{shape, static_cast<std::int64_t>(layout.elementBytes), *offset, 0});
    return hdf5ChunkReader(m_file, index, "/" + m_variables[index].path(), shape, layout);
  }

  std::optional<std::int64_t> denseOffset(std::size_t index) override {
    const auto offset = m_layouts[index].denseOffset;
    return offset && static_cast<double>(*offset) <= m_fileBytes ? offset : std::nullopt;
  }

  std::shared_ptr<Hdf5Remote> m_file;
  std::vector<Hdf5Layout> m_layouts;
};

}  // namespace

Result<std::shared_ptr<VariableFile>> openHdf5File(const std::string& path) {
  static const ReaderKind kKind{"hdf5", "HDF5"};
  auto raw = RawFile::open(path);
  if (!raw) return fail(std::move(raw.error()));
  const auto told = std::make_shared<Hdf5Facts>();
  const auto openIn = [path, told](ReaderProcess& reader) -> ReaderAnswer<std::int64_t> {
    Hdf5Question question{.verb = Hdf5Verb::Open, .path = path};
    auto answer = reader.ask<Hdf5Facts>(question, secondsToOpen(path));
    if (!answer) return tl::unexpected(std::move(answer.error()));
    *told = std::move(*answer);
    return told->file;
  };
  const auto closeIn = [](ReaderProcess& reader, std::int64_t number) {
    Hdf5Question question{.verb = Hdf5Verb::Close, .file = number};
    static_cast<void>(reader.ask<bool>(question, kCloseSeconds));
  };
  auto file = std::make_unique<RemoteFile>(kKind, folderToRead(path), openIn, closeIn);
  if (const auto opened = file->opened(); !opened) return failAt(ErrorCode::OpenFailed, path, readerSaid(path, opened.error()));
  Hdf5Facts facts = std::move(*told);
  bool isWhole = facts.layouts.size() == facts.variables.size();
  for (std::size_t i = 0; isWhole && i < facts.variables.size(); ++i) isWhole = isSane(facts.variables[i], facts.layouts[i]);
  if (!isWhole) return failAt(ErrorCode::OpenFailed, path, path + " is damaged: what HDF5 tells of it cannot be", "fetch it again");
  return std::make_shared<RemoteHdf5>(std::make_shared<Hdf5Remote>(std::move(*raw), std::move(file)), std::move(facts));
}

}  // namespace cubeloom
