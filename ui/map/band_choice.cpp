// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/band_choice.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "engine/preview/preview.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

BandChoice composite(double red, double green, double blue) {
  BandChoice choice;
  choice.kind = BandChoice::Kind::Composite;
  choice.wavelengths = {red, green, blue};
  return choice;
}

QString nanometres(double nm) { return countText(std::llround(nm)); }

}  // namespace

BandChoice trueColour() { return composite(650, 560, 470); }
BandChoice colourInfrared() { return composite(863, 650, 560); }
BandChoice shortWave() { return composite(2200, 1650, 863); }

BandChoice singleBand(const ArraySpec& spec, std::int64_t band, const std::string& colorMap) {
  BandChoice choice = pickedBands(spec, {band});
  choice.kind = BandChoice::Kind::Single;
  choice.colorMap = colorMap;
  return choice;
}

BandChoice pickedBands(const ArraySpec& spec, const std::vector<std::int64_t>& bands) {
  BandChoice choice;
  choice.kind = BandChoice::Kind::Picked;
  const std::vector<double> wavelengths = wavelengthsOf(spec);
  for (const std::int64_t band : bands) {
    const std::int64_t inside = std::clamp<std::int64_t>(band, 0, bandCount(spec) - 1);
    choice.bands.push_back(inside);
    if (!wavelengths.empty()) choice.wavelengthsOfBands.push_back(wavelengths[static_cast<std::size_t>(inside)]);
  }
  return choice;
}

std::int64_t bandCount(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  return d < 0 || d == spec.yDim || d == spec.xDim ? 1 : spec.dims[static_cast<std::size_t>(d)].size;
}

std::vector<double> wavelengthsOf(const ArraySpec& spec) {
  const int d = spec.indexOf("wavelength");
  if (d < 0) return {};
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  if (dim.coordinate.kind == Coordinate::Kind::None) return {};
  std::vector<double> out(static_cast<std::size_t>(dim.size));
  for (std::int64_t i = 0; i < dim.size; ++i) out[static_cast<std::size_t>(i)] = dim.coordinate.at(i);
  return out;
}

std::vector<std::int64_t> bandsOf(const ArraySpec& spec, const BandChoice& choice) {
  const std::vector<double> wavelengths = wavelengthsOf(spec);
  std::vector<std::int64_t> bands;
  switch (choice.kind) {
    case BandChoice::Kind::Default: break;
    case BandChoice::Kind::Composite:
      if (!wavelengths.empty())
        for (const double nm : choice.wavelengths) bands.push_back(nearestBand(spec, nm));
      break;
    case BandChoice::Kind::Single:
    case BandChoice::Kind::Picked:
      for (std::size_t i = 0; i < choice.bands.size(); ++i) {
        // The same colour on both sides, even after bands were dropped; the same number where there are no wavelengths.
        const bool sameBand =
            wavelengths.empty() || i >= choice.wavelengthsOfBands.size() ||
            (choice.bands[i] < bandCount(spec) && wavelengths[static_cast<std::size_t>(choice.bands[i])] == choice.wavelengthsOfBands[i]);
        bands.push_back(sameBand ? std::clamp<std::int64_t>(choice.bands[i], 0, bandCount(spec) - 1)
                                 : nearestBand(spec, choice.wavelengthsOfBands[i]));
      }
      break;
  }
  const bool usable = (bands.size() == 1 || bands.size() == 3) && std::all_of(bands.begin(), bands.end(), [](auto b) { return b >= 0; });
  return usable ? bands : defaultBands(spec);
}

std::string colorMapOf(const ArraySpec& spec, const BandChoice& choice) {
  const bool hasClasses = !spec.classColours.empty();
  const bool isChosen = !choice.colorMap.empty() && (hasClasses || choice.colorMap != kClassColours);
  return isChosen ? choice.colorMap : hasClasses ? kClassColours : "viridis";
}

QString bandsLabel(const ArraySpec& spec, const BandChoice& choice) {
  const std::vector<std::int64_t> bands = bandsOf(spec, choice);
  const std::vector<double> wavelengths = wavelengthsOf(spec);
  if (bands.size() == 1) {
    if (bandCount(spec) == 1 && wavelengths.empty()) return QString::fromStdString(colorMapOf(spec, choice));
    const QString band = QStringLiteral("band %1").arg(bands[0] + 1);
    return wavelengths.empty() ? band : QStringLiteral("%1 nm · %2").arg(nanometres(wavelengths[static_cast<std::size_t>(bands[0])]), band);
  }
  QStringList parts;
  for (const std::int64_t band : bands)
    parts << (wavelengths.empty() ? QString::number(band + 1) : nanometres(wavelengths[static_cast<std::size_t>(band)]));
  return wavelengths.empty() ? QStringLiteral("RGB bands %1").arg(parts.join(QStringLiteral(" · ")))
                             : QStringLiteral("RGB %1 nm").arg(parts.join(QStringLiteral(" · ")));
}

}  // namespace cubeloom
