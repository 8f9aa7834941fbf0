// SPDX-License-Identifier: GPL-3.0-or-later
// What the crs*.cpp files share: ownership of PROJ's objects and one context per thread. proj.h stays out of every header.
#pragma once

#include <memory>
#include <string>

#include "engine/geo/crs.h"

struct PJconsts;
struct pj_ctx;

namespace cubeloom {

struct ProjDeleter {
  void operator()(PJconsts* object) const;
  void operator()(pj_ctx* context) const;
};
using ProjObject = std::unique_ptr<PJconsts, ProjDeleter>;
using ProjContext = std::unique_ptr<pj_ctx, ProjDeleter>;

/// A context without network and without messages on stderr.
ProjContext makeProjContext();
/// This thread's context. PROJ's contexts, and objects made with them, must not be shared by threads.
pj_ctx* threadProjContext();

/// Everything is computed once at creation, so that readers on any thread need no PROJ object.
struct Crs::Data {
  std::string definition;  ///< what PROJ makes the system from: "EPSG:32610" or WKT2
  std::string name, authority, wkt, wkt1, unit, vertical;
  double unitInMetres = 0;
  bool isGeographic = false;

  ProjObject create(pj_ctx* context) const;
};

}  // namespace cubeloom
