// SPDX-License-Identifier: GPL-3.0-or-later
// ndvi: the normalized difference vegetation index.
#include "engine/op/family/composite.h"

namespace cubeloom {

CUBELOOM_OPERATION(ndvi) {
  return composite(
      {.title = "NDVI",
       .summary = "Computes the normalized difference vegetation index: (near infrared - red) / (near infrared + red).",
       .help = "Takes the bands nearest to the two wavelengths; bands marked bad are passed over. Dense green vegetation has 0.6 "
               "to 0.9, bare soil 0.1 to 0.2, water less than 0. Nodata where either band is, or where their sum is 0.",
       .references = {"Tucker, C. J. (1979): Red and photographic infrared linear combinations for monitoring vegetation. "
                      "doi:10.1016/0034-4257(79)90013-0"},
       .example = "ndvi nir=865 red=650",
       .params = {{.name = "nir",
                   .type = ParamType::Number,
                   .help = "Wavelength in the near infrared.",
                   .unit = "nm",
                   .defaultTo = 865,
                   .label = "near infrared"},
                  {.name = "red", .type = ParamType::Number, .help = "Wavelength in the red.", .unit = "nm", .defaultTo = 650}},
       .keywords = {"vegetation", "index", "greenness", "normalized difference"},
       .chain = "calc expression='(nm({nir}) - nm({red})) / (nm({nir}) + nm({red}))'"});
}

}  // namespace cubeloom
