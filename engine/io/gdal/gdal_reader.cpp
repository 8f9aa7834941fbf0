// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_reader.h"

#include <algorithm>

#include "engine/array/strided_copy.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/gdal/gdal_names.h"
#include "engine/io/gdal/gdal_wire.h"

namespace cubeloom {
namespace {

constexpr int kAnswerSeconds = 30, kReadSeconds = 600;

/// "/vsizip/{/data/x.zip}/a.tif", or the name of a raster of a file -> "/data/x.zip"
std::string fileOf(const std::string& path) {
  std::string file = fileOfRaster(path);
  if (!file.starts_with("/vsi")) return file;
  file = file.substr(file.find('/', 1) + 1);
  return file.starts_with('{') ? file.substr(1, file.find('}') - 1) : file;
}

RemoteFile& remote(const GdalFile& file) { return *static_cast<RemoteFile*>(file.handle.get()); }

void closeFile(ReaderProcess& reader, std::int64_t number) {
  GdalQuestion question{.verb = GdalVerb::Close, .file = number};
  static_cast<void>(reader.ask<bool>(question, kAnswerSeconds));
}

void dropFile(void* handle) { delete static_cast<RemoteFile*>(handle); }

GdalAnswer<> admitDrivers(const GdalDriverRequest& /*request*/) { return {}; }  // the other process has its own

GdalAnswer<GdalFile> open(const std::string& path, const std::vector<std::string>& drivers) {
  static const ReaderKind kKind{"gdal", "GDAL"};
  const std::string onDisk = fileOf(path);
  const auto told = std::make_shared<GdalWireFile>();
  const auto openIn = [path, drivers, onDisk, told](ReaderProcess& reader) -> ReaderAnswer<std::int64_t> {
    GdalQuestion question{.verb = GdalVerb::Open, .path = path, .drivers = drivers};
    auto answer = reader.ask<GdalWireFile>(question, secondsToOpen(onDisk));
    if (!answer) return tl::unexpected(std::move(answer.error()));
    *told = std::move(*answer);
    return told->file;
  };
  auto file = std::make_unique<RemoteFile>(kKind, folderToRead(onDisk), openIn, closeFile);
  if (const auto opened = file->opened(); !opened) return tl::unexpected(opened.error());
  return GdalFile{GdalHandle(file.release(), dropFile), path, told->driver, told->bands, told->rows, told->cols, told->typeName};
}

GdalAnswer<GdalFacts> describe(const GdalFile& file) {
  return remote(file).with([&file](ReaderProcess& reader, std::int64_t number) {
    GdalQuestion question{.verb = GdalVerb::Describe, .file = number};
    auto facts = reader.ask<GdalFacts>(question, secondsToOpen(fileOf(file.path)));
    if (facts && facts->type && *facts->type > PixelType::Complex128) facts->type.reset();
    return facts;
  });
}

/// The windows in pieces that the shared memory holds, several small ones at once.
class Transfer {
 public:
  Transfer(ReaderProcess& reader, std::int64_t file) : m_reader(reader) { m_question.file = file; }

  GdalAnswer<> add(const GdalWindow& window) {
    const auto pixelBytes = static_cast<std::int64_t>(pixelTypeBytes(window.type));
    const std::int64_t colsAtOnce = std::min(window.cols, kChannelBytes / pixelBytes);
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, kChannelBytes / (colsAtOnce * pixelBytes));
    const std::int64_t colStep = window.colStep != 0 ? window.colStep : pixelBytes;
    const std::int64_t rowStep = window.rowStep != 0 ? window.rowStep : window.cols * colStep;
    for (std::int64_t row = 0; row < window.rows; row += rowsAtOnce)
      for (std::int64_t col = 0; col < window.cols; col += colsAtOnce) {
        const std::int64_t rows = std::min(rowsAtOnce, window.rows - row), cols = std::min(colsAtOnce, window.cols - col);
        if (m_bytes + rows * cols * pixelBytes > kChannelBytes)
          if (auto done = flush(); !done) return done;
        m_question.parts.push_back({window.band, window.isOfMask, window.row + row, window.col + col, rows, cols, window.type});
        m_places.push_back({window.to + row * rowStep + col * colStep, rowStep, colStep});
        m_bytes += rows * cols * pixelBytes;
      }
    return {};
  }

  GdalAnswer<> flush() {
    if (m_question.parts.empty()) return {};
    m_question.verb = GdalVerb::Read;
    const auto done = m_reader.ask<bool, GdalQuestion>(m_question, kReadSeconds, [this](Unpacker& unpack, const std::byte* shared) {
      bool isRead = false;
      unpack(isRead);
      place(shared);
      return isRead;
    });
    m_question.parts.clear();
    m_places.clear();
    m_bytes = 0;
    if (!done) return tl::unexpected(done.error());
    return {};
  }

 private:
  struct Place {
    std::byte* to;
    std::int64_t rowStep, colStep;
  };

  void place(const std::byte* from) const {
    for (std::size_t i = 0; i < m_places.size(); ++i) {
      const GdalWirePart& part = m_question.parts[i];
      const auto pixelBytes = static_cast<std::int64_t>(pixelTypeBytes(part.type));
      StridedCopy{pixelTypeBytes(part.type), 0}.plane(from, part.cols * pixelBytes, pixelBytes, m_places[i].to, m_places[i].rowStep,
                                                      m_places[i].colStep, part.rows, part.cols);
      from += part.rows * part.cols * pixelBytes;
    }
  }

  ReaderProcess& m_reader;
  GdalQuestion m_question;
  std::vector<Place> m_places;
  std::int64_t m_bytes = 0;
};

GdalAnswer<> read(const GdalFile& file, const std::vector<GdalWindow>& windows) {
  return remote(file).with([&windows](ReaderProcess& reader, std::int64_t number) -> GdalAnswer<> {
    Transfer transfer(reader, number);
    for (const GdalWindow& window : windows)
      if (auto done = transfer.add(window); !done) return done;
    return transfer.flush();
  });
}

/// The process may have ended over another file: only a second end speaks against this one.
template <class Answer>
GdalAnswer<Answer> askOfFeatures(GdalVerb verb, const GdalFeaturesRequest& request) {
  static const ReaderKind kKind{"gdal", "GDAL"};
  GdalQuestion question{.verb = verb, .features = request};
  for (int attempt = 0;; ++attempt) {
    auto reader = readerOf(kKind, folderToRead(request.path));
    if (!reader) return tl::unexpected(std::move(reader.error()));
    auto answer = (*reader)->ask<Answer>(question, kReadSeconds);
    if (answer || !(*reader)->isGone() || (*reader)->wasBusy() || attempt > 0 || GivesUpAsking::hasGivenUp()) return answer;
  }
}
GdalAnswer<GdalFeatures> readFeatures(const GdalFeaturesRequest& request) {
  return askOfFeatures<GdalFeatures>(GdalVerb::ReadFeatures, request);
}
GdalAnswer<GdalLayers> listLayers(const GdalFeaturesRequest& request) { return askOfFeatures<GdalLayers>(GdalVerb::ListLayers, request); }

}  // namespace

const GdalService& gdalReaders() {
  static constexpr GdalService kService{.admitDrivers = admitDrivers,
                                        .admitSinkDrivers = nullptr,
                                        .open = open,
                                        .describe = describe,
                                        .read = read,
                                        .makeTransformer = nullptr,
                                        .suggestGrid = nullptr,
                                        .transform = nullptr,
                                        .makeHeader = nullptr,
                                        .writePng = nullptr,
                                        .writeTable = nullptr,
                                        .readFeatures = readFeatures,
                                        .listLayers = listLayers};
  return kService;
}

}  // namespace cubeloom
