// SPDX-License-Identifier: GPL-3.0-or-later
// A source of the true values of another one, whose file states a scale for what is stored.
#pragma once

#include <memory>

#include "engine/access/source.h"

namespace cubeloom {

/// `stored` as decodedSpec() and trueValue() have it; itself where `spec`, which is its own but for a nodata value that the user may have
/// given, states no scale. A read holds the stored values of its whole region. UnsupportedType for complex values. Thread-safe.
Result<std::shared_ptr<Source>> decodedSource(std::shared_ptr<Source> stored, const ArraySpec& spec);

}  // namespace cubeloom
