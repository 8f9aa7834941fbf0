// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_mask.h"

#include <limits>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

/// The smallest type that holds every value of an integer type and NaN, as rioxarray's masked=True takes it.
PixelType withNan(PixelType type) {
  if (!isInteger(type)) return type;
  return pixelTypeBytes(type) <= 2 ? PixelType::Float32 : PixelType::Float64;
}

Failure wrong(const char* parameter, const std::string& path, std::string message, std::string hint) {
  Failure failure = failAt(ErrorCode::InvalidParameter, path, std::move(message), std::move(hint));
  failure.value().parameter = parameter;
  return failure;
}

}  // namespace

GdalMask findMask(const std::vector<GdalBand>& bands) {
  GdalMask mask;
  mask.isShared = true;
  for (std::size_t b = 0; b < bands.size(); ++b) {
    if (!bands[b].isMasked) continue;
    mask.bands.resize(bands.size(), false);
    mask.bands[b] = true;
    mask.isShared &= bands[b].isMaskShared;
    mask.name = bands[b].isMaskAlpha   ? "an alpha band"
                : bands[b].isMaskTuple ? "nodata of all bands together (NODATA_VALUES)"
                                       : "a mask band";
  }
  return mask;
}

Result<void> settleMask(GdalMask& mask, const OpenRequest& request, ArraySpec& spec, std::vector<std::string>& notes) {
  if (request.mask == "apply" && !mask.hasAny())
    return wrong("mask", request.path, request.path + " has no mask to apply", "leave mask out, or write mask=auto");
  if (!mask.hasAny() || isComplex(spec.type)) return {};
  const std::optional<double> wanted = request.nodata ? request.nodata : spec.nodata;
  if (request.mask == "ignore") {
    notes.push_back("the file has " + mask.name + ", which is ignored as asked for: masked pixels count as values");
    return {};
  }
  const bool staysAsItIs = wanted || !isInteger(spec.type);
  if (request.mask != "apply" && !staysAsItIs) {
    notes.push_back("the file has " + mask.name + ", but no " + std::string(pixelTypeName(spec.type)) +
                    " that means nodata: masked pixels count as values; give a nodata, or mask=apply for " +
                    std::string(pixelTypeName(withNan(spec.type))) + " with NaN");
    return {};
  }
  if (wanted && !canHold(spec.type, *wanted))
    return wrong("nodata", request.path, "nodata " + formatNumber(*wanted) + " cannot be a " + std::string(pixelTypeName(spec.type)),
                 "give a value of the file's type");
  if (!wanted && spec.type == PixelType::Int8)
    return wrong("mask", request.path, "masked pixels of int8 need a nodata value", "give one of -128 to 127 as nodata");
  if (!wanted) spec.type = withNan(spec.type);
  spec.nodata = mask.fill = wanted.value_or(std::numeric_limits<double>::quiet_NaN());
  mask.isApplied = true;
  std::erase(notes, "nodata is not declared");
  notes.push_back("the file has " + mask.name + ": masked pixels are read as nodata, " + formatNumber(mask.fill));
  return {};
}

}  // namespace cubeloom
