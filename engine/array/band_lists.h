// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes that are lists of one entry per band.
#pragma once

#include <map>
#include <string>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// After a selection of `kept` along `dim`, where that is one of bands: attributes that are lists of as many entries as there were keep
/// those of the bands that are left, and go where none is. Numbers of bands themselves, ENVI's "default bands", would name others and go.
void subsetBandLists(const Dim& dim, const IndexSet& kept, std::map<std::string, std::string>& attributes);

}  // namespace cubeloom
