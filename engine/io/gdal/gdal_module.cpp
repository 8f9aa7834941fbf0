// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

/// Beside the program, where it is built; in its folder of libraries, where it is installed.
std::string modulePath() {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path installed = (folder / CUBELOOM_MODULES_FROM_PROGRAMS / CUBELOOM_GDAL_MODULE).lexically_normal();
  return fs::exists(installed, ignored) ? installed.string() : (folder / CUBELOOM_GDAL_MODULE).string();
}

Failure missing(ErrorCode failing, const std::string& path) {
  const char* reason = dlerror();
  return fail(failing, "the module for GDAL cannot be loaded: " + std::string(reason != nullptr ? reason : path),
              "install cubeloom anew, and GDAL's library (Debian: libgdal32)");
}

/// What GDAL needs comes first, one at a time: each library then looks for its symbols among the few that it needs itself, not among all of
/// GDAL's hundred, which saves a quarter of the time. One that cannot come alone comes with the module.
void loadLibrariesOfGdal() {
  for (const std::string& name : split(CUBELOOM_GDAL_LIBRARIES, ':')) dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
}

Result<const GdalService*> load(ErrorCode failing) {
  loadLibrariesOfGdal();
  const std::string path = modulePath();
  void* module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) return missing(failing, path);
  const auto service = reinterpret_cast<const GdalService* (*)()>(dlsym(module, "cubeloomGdalService"));
  if (service == nullptr) return missing(failing, path);
  return service();
}

}  // namespace

Result<const GdalService*> gdalService(ErrorCode failing) {
  static std::mutex mutex;
  static const GdalService* loaded = nullptr;
  const std::lock_guard lock(mutex);
  if (loaded != nullptr) return loaded;
  auto service = load(failing);
  if (service) loaded = *service;
  return service;
}

void keepGdalsAlgebraToOneThread() { ::setenv("OPENBLAS_NUM_THREADS", "1", 0); }

Failure gdalFailure(ErrorCode code, const std::string& path, const std::string& what, const std::string& reason) {
  constexpr std::size_t kMost = 400;
  std::string words(trim(reason));
  if (words.size() > kMost) words = words.substr(0, kMost) + "...";
  return failAt(code, path, words.empty() ? what : what + ": " + redactSecrets(words));
}

}  // namespace cubeloom
