// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

[[noreturn]] void giveUp() {
  std::fprintf(stderr, "%s; install GDAL's library (Debian: libgdal32)\n", dlerror());
  std::_Exit(127);  // as the dynamic linker does
}

void* find(void* library, const char* name) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) giveUp();
  return symbol;
}

void* load() {
  // What GDAL needs comes first, one at a time: each library then looks for its symbols among the few that it needs itself, not among all
  // of GDAL's hundred, which saves a third of the time. One that cannot come alone comes with GDAL.
  for (const std::string& name : split(CUBELOOM_GDAL_NEEDS, ':')) dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
  void* library = dlopen(CUBELOOM_GDAL_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) giveUp();
  reinterpret_cast<decltype(&::GDALSetCacheMax64)>(find(library, "GDALSetCacheMax64"))(kGdalCacheBytes);
  return library;
}

}  // namespace

void* gdalSymbol(const char* name) {
  static void* const library = load();
  return find(library, name);
}

}  // namespace cubeloom
