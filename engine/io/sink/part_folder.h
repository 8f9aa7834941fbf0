// SPDX-License-Identifier: GPL-3.0-or-later
// The folder beside a target in which a run collects its output, and the lock that tells whether that run still lives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Held by who looks for the parts of a target and makes its own: of two runs that begin at once, one sees the other. Where folders cannot
/// be locked it holds nothing; nobody waits longer than a second for it.
class PartsLock {
 public:
  explicit PartsLock(const std::string& target);
  ~PartsLock();
  PartsLock(const PartsLock&) = delete;
  PartsLock& operator=(const PartsLock&) = delete;

 private:
  int m_descriptor = -1;
};

/// "<name>.part-<run>", with the file "journal" in it, which its owner keeps locked: the lock goes with the process, however that ends.
/// Movable; one thread at a time.
class PartFolder {
 public:
  PartFolder() = default;
  PartFolder(PartFolder&& other) noexcept;
  PartFolder& operator=(PartFolder&& other) noexcept;
  /// Removes what create() or adopt() made ours, unless leave() was called.
  ~PartFolder();

  /// WriteFailed names the target and the system's reason.
  static Result<PartFolder> create(const std::string& target);
  enum class Purpose { Look, Take };
  struct Found {
    std::vector<PartFolder> abandoned;    ///< newest first
    std::vector<std::string> written;     ///< paths of those that a run holds
    std::vector<std::string> lookedInto;  ///< of those that others hold for a moment, to look at them; found only to be taken
  };
  /// The folders of `target`. Nobody writes to an abandoned one while its object lives, and nobody else gets one to take. Where the file
  /// system has no locks nobody can tell whether a folder is abandoned: none is found.
  static Found find(const std::string& target, Purpose purpose);
  /// Makes an abandoned one ours.
  void adopt() { m_isOurs = true; }

  bool isOpen() const { return m_descriptor >= 0; }
  const std::string& path() const { return m_path; }
  std::string file(const std::string& name) const { return m_path + "/" + name; }
  /// Of the journal, open for reading and writing.
  int journalDescriptor() const { return m_descriptor; }
  /// On the disk, holes not counted.
  double bytes() const;
  /// Sends its files to the disk, not those in folders inside it, which are too many, until `givesUp()`. Only a head start: whoever
  /// publishes flushes again and looks at the result.
  void sync(const std::function<bool()>& givesUp) const;

  /// Removes all but the journal.
  void empty() const;
  /// Unlocks it and lets it lie.
  void leave();
  void remove();

 private:
  PartFolder(std::string path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}

  std::string m_path;
  int m_descriptor = -1;
  bool m_isOurs = false;
};

}  // namespace cubeloom
