// SPDX-License-Identifier: GPL-3.0-or-later
// rgb: three bands as a picture.
#include "engine/base/text.h"
#include "engine/op/family/composite.h"
#include "engine/op/family/stretch_params.h"

namespace cubeloom {
namespace {

Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) {
  std::vector<std::string> words;
  if (params.has("bands")) {
    const std::vector<double> numbers = params.numbers("bands");
    if (numbers.size() != 3)
      return invalidParameter("bands", std::to_string(numbers.size()) + " bands make no picture", "give three, as in 4,3,2");
    std::vector<std::string> indices;
    for (const double number : numbers) {
      if (number != static_cast<double>(static_cast<std::int64_t>(number)))
        return invalidParameter("bands", formatNumber(number) + " is no band", "bands are numbered from 1");
      indices.push_back(formatNumber(number - 1));
    }
    words = {"isel", params.text("dim") + "=" + join(indices, ",")};
  } else {
    words = {"sel", "wavelength=" + formatNumber(params.number("red")) + "," + formatNumber(params.number("green")) + "," +
                        formatNumber(params.number("blue"))};
  }
  words.insert(words.end(), {"!", "stretch", "method=" + params.choice("method"), "low=" + formatNumber(params.number("low")),
                             "high=" + formatNumber(params.number("high")), "per=" + params.choice("per"),
                             "gamma=" + formatNumber(params.number("gamma"))});
  return stepsOfWords(context, words);
}

}  // namespace

CUBELOOM_OPERATION(rgb) {
  const auto wavelength = [](const char* name, const char* help, double nm) {
    return Param{.name = name, .type = ParamType::Number, .help = help, .unit = "nm", .defaultTo = nm, .minimum = 1, .maximum = 100000};
  };
  std::vector<Param> params = stretchParams();
  params.insert(params.begin(), {wavelength("red", "What is shown as red.", 650),
                                 wavelength("green", "What is shown as green.", 560),
                                 wavelength("blue", "What is shown as blue.", 470),
                                 {.name = "bands",
                                  .type = ParamType::Numbers,
                                  .help = "Three bands by number from 1 instead, as in 4,3,2.",
                                  .minimum = 1,
                                  .maximum = 100000},
                                 {.name = "dim", .help = "Along which dim 'bands' are numbered.", .defaultTo = "band", .advanced = true}});
  return composite(
      {.title = "RGB picture",
       .summary = "Makes three bands a picture: red, green and blue as bytes, ready for PNG or GeoTIFF.",
       .help =
           "Takes the bands nearest to three wavelengths, or three by number, and stretches them (see stretch): brightness from 1 to 255, "
           "0 is nodata. True colours are 650, 560, 470 nm; colour infrared 842, 650, 560.",
       .references = {"https://gisgeography.com/landsat-8-bands-combinations/"},
       .example = "rgb red=650 green=560 blue=470",
       .params = params,
       .keywords = {"true colour", "false colour", "color infrared", "composite", "picture", "quicklook", "natural color"}},
      steps);
}

}  // namespace cubeloom
