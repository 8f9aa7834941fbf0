// SPDX-License-Identifier: GPL-3.0-or-later
// preview: the picture of any node as a PNG, stretched 2-98 %.
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/allocator.h"
#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/io/gdal/png_image.h"
#include "engine/preview/preview.h"

namespace cubeloom::cli {
namespace {

Failure badOption(const std::string& option, const std::string& text, const std::string& expected) {
  return fail(ErrorCode::InvalidParameter, option + " " + text + " is not " + expected);
}

Result<void> readSize(const std::string& text, PreviewRequest& request) {
  constexpr std::int64_t kMost = 16384;
  const auto parts = split(text, 'x');
  const auto width = parseInteger(parts[0]), height = parts.size() == 2 ? parseInteger(parts[1]) : std::nullopt;
  if (!width || !height || *width < 1 || *height < 1 || *width > kMost || *height > kMost)
    return badOption("--size", text, "WxH with sides of 1 to 16384");
  request.width = static_cast<int>(*width);
  request.height = static_cast<int>(*height);
  return {};
}

Result<void> readBounds(const std::string& text, PreviewRequest& request) {
  if (text.empty()) return {};
  std::vector<double> numbers;
  for (const std::string& part : split(text, ','))
    if (const auto number = parseNumber(part)) numbers.push_back(*number);
  if (numbers.size() != 4 || numbers[0] >= numbers[2] || numbers[1] >= numbers[3])
    return badOption("--bounds", text, "XMIN,YMIN,XMAX,YMAX");
  request.bounds = Bounds{numbers[0], numbers[1], numbers[2], numbers[3]};
  return {};
}

Result<void> readBands(const std::string& text, const ArraySpec& spec, PreviewRequest& request) {
  if (text.empty()) return {};
  const int d = spec.spectralDim();
  const std::int64_t count = d < 0 ? 1 : spec.dims[static_cast<std::size_t>(d)].size;
  for (const std::string& part : split(text, ',')) {
    const auto band = parseInteger(part);
    if (!band || *band < 1 || *band > count) return badOption("--bands", text, "one or three bands of 1.." + std::to_string(count));
    request.bands.push_back(*band - 1);
  }
  if (request.bands.size() != 1 && request.bands.size() != 3) return badOption("--bands", text, "one or three bands");
  return {};
}

}  // namespace

int runPreview(const Services& services, const PreviewArguments& arguments) {
  auto chain = loadArgument(arguments.chain, *services.registry);
  if (!chain) return report(chain.error());
  auto graph = bindChain(*chain, *services.registry, *services.sources);
  if (!graph) return report(graph.error());
  PreviewRequest request;
  request.node = (*graph)->indexOf(arguments.node);
  if (request.node < 0)
    return report(Error{ErrorCode::InvalidParameter, "there is no node '" + arguments.node + "' in the chain", {}, {}, {}, {}, {}});
  const BoundNode& node = (*graph)->nodes[static_cast<std::size_t>(request.node)];
  if (node.error) return report(*node.error);
  if (auto read = readSize(arguments.size, request); !read) return report(read.error());
  if (auto read = readBounds(arguments.bounds, request); !read) return report(read.error());
  if (auto read = readBands(arguments.bands, node.operation->spec(), request); !read) return report(read.error());
  keepAllocatorLean();
  auto image = renderPreview(**graph, request, {});
  if (!image) return report(image.error());
  if (image->width == 0 || image->height == 0)
    return report(Error{ErrorCode::InvalidParameter,
                        "nothing of '" + arguments.node + "' lies within --bounds " + arguments.bounds,
                        "'cubeloom-cli info' says where a dataset lies",
                        {},
                        {},
                        {},
                        {}});
  std::vector<std::array<double, 2>> limits;
  for (const auto& band : image->bands) limits.push_back(percentileStretch(band, 2, 98));
  const auto& classColours = node.operation->spec().classColours;
  const bool showsClasses = !classColours.empty() && image->bands.size() == 1;
  const auto rgba = showsClasses ? classesToRgba(*image, classColours) : stretchToRgba(*image, limits, "viridis");
  if (auto written = writePng(arguments.output, image->width, image->height, rgba.data()); !written) return report(written.error());
  std::cerr << arguments.output << ": " << image->width << " × " << image->height << ", "
            << (image->decimation > 1 ? "1:" + formatSignificant(image->decimation, 3) + ", decimated" : std::string("exact"))
            << (image->approximate ? ", approximate: learned from a sample" : "") << ", read " << formatSize(image->bytesRead) << "\n";
  return kDone;
}

}  // namespace cubeloom::cli
