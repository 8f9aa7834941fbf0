// SPDX-License-Identifier: GPL-3.0-or-later
// What a file may reach. GDAL opens whatever a file names: overviews, masks, sources, locations, on disk, on the network, in memory. Here
// it opens what lies beside the file, and nothing else.
#pragma once

#include <string>
#include <vector>

namespace cubeloom::gdal {

/// While it lives, GDAL opens for this thread only what lies under the folder of `path`, as a plain file and for reading; on the network
/// under the URL's folder, in archives what lies beside the archive. Memory files and GDAL's own tables stay open to it. Without one a
/// thread is not confined: sinks write where the user says.
class Confinement {
 public:
  /// `beside`: a further file, named by the user, whose folder is open, too.
  explicit Confinement(const std::string& path, const std::string& beside = {});
  ~Confinement();
  Confinement(const Confinement&) = delete;
  Confinement& operator=(const Confinement&) = delete;

  /// The VRT at `path` itself may be opened as one; those that it names never are.
  void admitVrt() { m_isVrtAdmitted = true; }
  /// The first name that was asked for and not opened; else "".
  const std::string& refused() const { return m_refused; }

  /// Of this thread; null: it is not confined.
  static Confinement* current();
  bool allows(const char* name, const char* access);
  bool allowsFolder(const char* name) const;
  /// Remembers it; false.
  bool refuse(const char* name);
  bool isAdmittedVrt(const char* name) const { return m_isVrtAdmitted && m_path == name; }

 private:
  bool isUnderRoot(const std::string& name) const;

  std::string m_path, m_refused;
  std::vector<std::string> m_roots;
  bool m_isVrtAdmitted = false;
  Confinement* m_outer;
};

/// Puts the guards before GDAL's file systems. Those that are of no use to a reader are shut. Called once, before anything is opened.
void guardFileSystems();
/// A dataset at an address in memory is nothing that a name may mean: GDAL's driver for them only creates. Any number of times.
void closeMemoryDriver();
/// The driver for VRTs opens only what a Confinement admits. Any number of times.
void guardVrtDriver();

}  // namespace cubeloom::gdal
