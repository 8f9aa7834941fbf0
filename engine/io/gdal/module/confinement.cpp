// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/module/confinement.h"

#include <cpl_conv.h>
#include <cpl_vsi_virtual.h>
#include <gdal_priv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/io/gdal/gdal_names.h"

namespace cubeloom::gdal {
namespace {

namespace fs = std::filesystem;

thread_local Confinement* confined = nullptr;

constexpr std::string_view kMemory = "/vsimem/";
/// Read from the network, where it is on.
constexpr std::array<std::string_view, 2> kNetwork{"/vsicurl/", "/vsis3/"};
/// Open files of other file systems, which are looked at in their turn.
constexpr std::string_view kPart = "/vsisubfile/";  // of a file: "OFFSET_SIZE,FILE"; members of TAR archives are such
constexpr std::array<std::string_view, 5> kContainers{kMemory, "/vsizip/", "/vsitar/", "/vsigzip/", kPart};

bool startsWithAny(std::string_view name, const auto& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [name](std::string_view prefix) { return name.starts_with(prefix); });
}

/// The file on disk, or on the network, that holds `path`.
std::string containerOf(const std::string& path) {
  for (const std::string_view system : kContainers) {
    if (!path.starts_with(system)) continue;
    const std::string rest = path.substr(system.size());
    if (system == kPart) return containerOf(rest.substr(rest.find(',') + 1));
    return rest.starts_with('{') ? rest.substr(1, rest.find('}') - 1) : rest;
  }
  return path;
}

std::string folderOf(const std::string& path) {
  const std::string whole = containerOf(fileOfRaster(path));
  const std::size_t end = startsWithAny(whole, kNetwork) ? whole.find_first_of("?#") : std::string::npos;
  return whole.substr(0, whole.rfind('/', end) + 1);
}

/// Tables that come with GDAL.
const std::string& tables() {
  static const std::string kFolder = [] {
    const char* found = CPLFindFile("gdal", "gdalvrt.xsd");
    std::error_code error;
    const fs::path real = found != nullptr ? fs::canonical(found, error) : fs::path();
    return real.empty() || error ? std::string() : real.parent_path().string() + "/";
  }();
  return kFolder;
}

/// Asks the confinement of the thread before it hands on to a file system of GDAL's. Without one, `inner` null, nothing is there.
class Guard final : public VSIFilesystemHandler {
 public:
  explicit Guard(VSIFilesystemHandler* inner) : m_inner(inner) {}

  VSIVirtualHandle* Open(const char* name, const char* access, bool setsError, CSLConstList options) override {
    if (isOpen(name, access)) return m_inner->Open(name, access, setsError, options);
    errno = EACCES;
    return nullptr;
  }
  int Stat(const char* name, VSIStatBufL* facts, int flags) override {
    // On disk this asks nobody and tells nothing that opening would not.
    if (isOpen(name, "rb") || (m_inner != nullptr && !startsWithAny(name, kNetwork))) return m_inner->Stat(name, facts, flags);
    errno = ENOENT;
    return -1;
  }
  char** ReadDirEx(const char* name, int most) override { return isFolderOpen(name) ? m_inner->ReadDirEx(name, most) : nullptr; }
  char** SiblingFiles(const char* name) override { return isOpen(name, "rb") ? m_inner->SiblingFiles(name) : nullptr; }
  int Unlink(const char* name) override { return isOpen(name, "w") ? m_inner->Unlink(name) : -1; }
  int Mkdir(const char* name, long mode) override { return isOpen(name, "w") ? m_inner->Mkdir(name, mode) : -1; }
  int Rmdir(const char* name) override { return isOpen(name, "w") ? m_inner->Rmdir(name) : -1; }
  int IsCaseSensitive(const char* name) override { return m_inner != nullptr ? m_inner->IsCaseSensitive(name) : TRUE; }
  GIntBig GetDiskFreeSpace(const char* name) override { return m_inner != nullptr ? m_inner->GetDiskFreeSpace(name) : -1; }
  int SupportsSparseFiles(const char* name) override { return m_inner != nullptr ? m_inner->SupportsSparseFiles(name) : FALSE; }
  int HasOptimizedReadMultiRange(const char* name) override {
    return m_inner != nullptr ? m_inner->HasOptimizedReadMultiRange(name) : FALSE;
  }
  bool IsLocal(const char* name) override { return m_inner == nullptr || m_inner->IsLocal(name); }

 private:
  bool isOpen(const char* name, const char* access) const {
    Confinement* const bounds = Confinement::current();
    if (bounds == nullptr) return m_inner != nullptr;
    return m_inner != nullptr ? bounds->allows(name, access) : bounds->refuse(name);
  }
  bool isFolderOpen(const char* name) const {
    const std::string inside = std::string(name) + (std::string_view(name).ends_with('/') ? "." : "/.");
    Confinement* const bounds = Confinement::current();
    return m_inner != nullptr && (bounds == nullptr || bounds->allowsFolder(inside.c_str()));
  }

  VSIFilesystemHandler* m_inner;  ///< lives as long as the process
};

GDALDataset* (*openVrt)(GDALOpenInfo*) = nullptr;

GDALDataset* openAdmittedVrt(GDALOpenInfo* info) {
  const Confinement* const bounds = Confinement::current();
  return bounds != nullptr && bounds->isAdmittedVrt(info->pszFilename) ? openVrt(info) : nullptr;
}

}  // namespace

Confinement::Confinement(const std::string& path, const std::string& beside) : m_path(path), m_roots{folderOf(path)}, m_outer(confined) {
  std::error_code error;
  if (!beside.empty()) m_roots.push_back(fs::weakly_canonical(beside, error).parent_path().string() + "/");
  confined = this;
}

Confinement::~Confinement() { confined = m_outer; }

Confinement* Confinement::current() { return confined; }

bool Confinement::isUnderRoot(const std::string& name) const {
  return std::any_of(m_roots.begin(), m_roots.end(), [&name](const std::string& root) {
    // All lies below the root of the file system; beside a file in it lies only what is in it itself.
    return !root.empty() && name.starts_with(root) && (root != "/" || name.rfind('/') == 0);
  });
}

bool Confinement::allowsFolder(const char* name) const {
  if (startsWithAny(name, kNetwork)) return isUnderRoot(name);
  std::error_code error;
  const fs::path real = fs::canonical(name, error);
  return !error && isUnderRoot(real.string() + "/");
}

bool Confinement::refuse(const char* name) {
  if (m_refused.empty()) m_refused = name;
  return false;
}

bool Confinement::allows(const char* name, const char* access) {
  if (access[0] != 'r' || std::strchr(access, '+') != nullptr) return refuse(name);
  if (startsWithAny(name, kNetwork)) return isUnderRoot(name) || refuse(name);
  std::error_code error;
  const fs::path real = fs::canonical(name, error);
  if (error) return true;  // there is nothing: opening says so
  // A pipe would keep the reader for ever.
  if (!fs::is_regular_file(real, error)) return fs::is_directory(real, error) || refuse(name);
  if (isUnderRoot(real.string()) || (!tables().empty() && real.string().starts_with(tables()))) return true;
  return refuse(name);
}

void guardFileSystems() {
  static_cast<void>(tables());  // looked up while nothing is guarded
  VSIFileManager::InstallHandler("", new Guard(VSIFileManager::GetHandler("")));
  char** const prefixes = VSIFileManager::GetPrefixes();
  for (char** prefix = prefixes; prefix != nullptr && *prefix != nullptr; ++prefix) {
    const std::string_view name = *prefix;
    if (startsWithAny(name, kContainers)) continue;
    VSIFileManager::InstallHandler(*prefix, new Guard(startsWithAny(name, kNetwork) ? VSIFileManager::GetHandler(*prefix) : nullptr));
  }
  CSLDestroy(prefixes);
}

void closeMemoryDriver() {
  if (GDALDriver* const memory = GetGDALDriverManager()->GetDriverByName("MEM")) memory->pfnOpen = nullptr;
}

void guardVrtDriver() {
  GDALDriverManager& manager = *GetGDALDriverManager();
  for (int i = 0; i < manager.GetDriverCount(); ++i) {  // another library of the process may have registered its own
    GDALDriver& driver = *manager.GetDriver(i);
    if (std::string_view(driver.GetDescription()) != "VRT" || driver.pfnOpen == openAdmittedVrt) continue;
    openVrt = driver.pfnOpen;
    driver.pfnOpen = openAdmittedVrt;
  }
}

}  // namespace cubeloom::gdal
