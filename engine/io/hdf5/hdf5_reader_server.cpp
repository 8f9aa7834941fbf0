// SPDX-License-Identifier: GPL-3.0-or-later
// The other process: looks into the HDF5 files of its folders.
#include <algorithm>
#include <map>
#include <memory>

#include "engine/io/file/reader_process.h"
#include "engine/io/file/reader_server.h"
#include "engine/io/hdf5/hdf5_file.h"

namespace cubeloom {
namespace {

constexpr double kMostMemory = 8.0 * 1024 * 1024 * 1024;
constexpr std::int64_t kMostPlaces = 65536;

class Hdf5Reader final : public ReaderService {
 public:
  std::string prepare() override {
    const Hdf5Lock lock;  // sets the library up
    return {};
  }

  void answer(const std::string& bytes, std::byte* shared, Packer& pack) override {
    Hdf5Question question;
    Unpacker unpack(bytes);
    unpack(question);
    if (!unpack.isWhole()) return;
    const auto variable = static_cast<std::size_t>(question.variable);
    const Hdf5Lock lock;
    if (question.verb == Hdf5Verb::Open) return open(question.path, pack);
    const auto file = m_files.find(question.file);
    if (file == m_files.end()) return refuseAnswer(pack, "there is no such file");
    if (question.verb == Hdf5Verb::Close) {
      m_files.erase(file);
      bool done = true;
      return giveAnswer(pack, done);
    }
    if (question.verb == Hdf5Verb::Locate) {
      if (question.first < 0 || question.count < 0 || question.count > kMostPlaces) return refuseAnswer(pack, "too much at once");
      auto places = file->second->locate(variable, question.first, question.count);
      return places ? giveAnswer(pack, *places) : refuseAnswer(pack, places.error().message);
    }
    // The pieces of one chunk are asked for one after the other, by one thread.
    thread_local Held held;
    if (held.file != question.file || held.variable != variable || held.origin != question.origin || held.values.empty()) {
      held = {};
      auto values = file->second->values(variable, question.origin);
      if (!values) return refuseAnswer(pack, values.error().message);
      held = {question.file, variable, question.origin, std::move(*values)};
    }
    const auto size = static_cast<std::int64_t>(held.values.size());
    if (question.from < 0 || question.from > size || question.bytes < 0 || question.bytes > std::min(size - question.from, kChannelBytes))
      return refuseAnswer(pack, "too much at once");
    std::copy_n(held.values.begin() + question.from, question.bytes, shared);
    if (question.from + question.bytes == size) held = {};
    bool done = true;
    giveAnswer(pack, done);
  }

 private:
  struct Held {
    std::int64_t file = 0;
    std::size_t variable = 0;
    std::vector<std::int64_t> origin;
    std::vector<std::byte> values;
  };

  void open(const std::string& path, Packer& pack) {
    auto file = Hdf5File::open(path);
    if (!file) return refuseAnswer(pack, file.error().message);
    Hdf5Facts facts = (*file)->takeFacts();
    facts.file = ++m_last;
    m_files[m_last] = std::move(*file);
    giveAnswer(pack, facts);
  }

  std::map<std::int64_t, std::shared_ptr<Hdf5File>> m_files;  ///< under the lock, as they themselves are
  std::int64_t m_last = 0;
};

}  // namespace

int serveHdf5Reader(const std::vector<std::string>& folders) {
  static Hdf5Reader reader;
  return serveReader(folders, kMostMemory, reader);
}

}  // namespace cubeloom
