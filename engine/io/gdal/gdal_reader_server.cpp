// SPDX-License-Identifier: GPL-3.0-or-later
// The other process: answers for GDAL about the files of its folders.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "engine/io/file/reader_process.h"
#include "engine/io/file/reader_server.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/gdal_wire.h"

namespace cubeloom {
namespace {

constexpr double kMostMemory = 16.0 * 1024 * 1024 * 1024;

class GdalReader final : public ReaderService {
 public:
  /// Loads GDAL and chooses its drivers.
  std::string prepare() override {
    const auto gdal = gdalService(ErrorCode::OpenFailed);
    if (!gdal) return gdal.error().message + " (" + gdal.error().hint + ")";
    m_gdal = *gdal;
    const auto drivers = allowedDrivers(*m_gdal, {});
    return drivers ? std::string() : drivers.error().message;
  }

  void answer(const std::string& bytes, std::byte* shared, Packer& pack) override {
    GdalQuestion question;
    Unpacker unpack(bytes);
    unpack(question);
    if (unpack.isWhole()) answer(question, shared, pack);
  }

 private:
  void answer(const GdalQuestion& question, std::byte* shared, Packer& pack) {
    if (question.verb == GdalVerb::Open) return open(question, pack);
    if (question.verb == GdalVerb::ReadFeatures) return readFeatures(question.features, pack);
    if (question.verb == GdalVerb::ListLayers) return listLayers(question.features, pack);
    const std::shared_ptr<GdalFile> file = known(question.file);
    if (file == nullptr) return refuseAnswer(pack, "there is no such file");
    bool done = true;
    if (question.verb == GdalVerb::Close) {
      const std::lock_guard lock(m_mutex);
      m_files.erase(question.file);
      return giveAnswer(pack, done);
    }
    if (question.verb == GdalVerb::Describe) {
      auto facts = m_gdal->describe(*file);
      return facts ? giveAnswer(pack, *facts) : refuseAnswer(pack, facts.error());
    }
    std::byte* to = shared;
    std::vector<GdalWindow> windows;
    for (const GdalWirePart& part : question.parts) {
      const std::int64_t bytes = part.rows * part.cols * static_cast<std::int64_t>(pixelTypeBytes(part.type));
      if (to + bytes > shared + kChannelBytes) return refuseAnswer(pack, "too much at once");
      windows.push_back({part.band, part.isOfMask, part.row, part.col, part.rows, part.cols, part.type, to, 0, 0});
      to += bytes;
    }
    if (const auto read = m_gdal->read(*file, windows); !read) return refuseAnswer(pack, read.error());
    giveAnswer(pack, done);
  }

  void open(const GdalQuestion& question, Packer& pack) {
    const std::vector<std::string> always = rasterDrivers();
    if (auto admitted = allowedDrivers(*m_gdal, {}); !admitted) return refuseAnswer(pack, admitted.error().message);
    for (const std::string& driver : question.drivers)
      if (std::find(always.begin(), always.end(), driver) == always.end())
        if (auto admitted = allowedDrivers(*m_gdal, driver); !admitted) return refuseAnswer(pack, admitted.error().message);
    auto file = m_gdal->open(question.path, question.drivers);
    if (!file) return refuseAnswer(pack, file.error());
    GdalWireFile told{0, file->driver, file->typeName, file->bands, file->rows, file->cols};
    {
      const std::lock_guard lock(m_mutex);
      told.file = ++m_last;
      m_files[told.file] = std::make_shared<GdalFile>(std::move(*file));
    }
    giveAnswer(pack, told);
  }

  void readFeatures(const GdalFeaturesRequest& request, Packer& pack) {
    if (auto admitted = featureDrivers(*m_gdal); !admitted) return refuseAnswer(pack, admitted.error().message);
    auto features = m_gdal->readFeatures(request);
    return features ? giveAnswer(pack, *features) : refuseAnswer(pack, features.error());
  }

  void listLayers(const GdalFeaturesRequest& request, Packer& pack) {
    if (auto admitted = featureDrivers(*m_gdal); !admitted) return refuseAnswer(pack, admitted.error().message);
    auto layers = m_gdal->listLayers(request);
    return layers ? giveAnswer(pack, *layers) : refuseAnswer(pack, layers.error());
  }

  std::shared_ptr<GdalFile> known(std::int64_t number) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_files.find(number);
    return found != m_files.end() ? found->second : nullptr;
  }

  const GdalService* m_gdal = nullptr;
  std::mutex m_mutex;
  std::map<std::int64_t, std::shared_ptr<GdalFile>> m_files;
  std::int64_t m_last = 0;
};

}  // namespace

int serveGdalReader(const std::vector<std::string>& folders) {
  static GdalReader reader;
  return serveReader(folders, kMostMemory, reader);
}

}  // namespace cubeloom
