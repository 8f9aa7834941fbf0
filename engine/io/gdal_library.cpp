// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal_library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

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
