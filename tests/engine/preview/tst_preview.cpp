// SPDX-License-Identifier: GPL-3.0-or-later
// Previews: which pixel each picture pixel shows, which way is up, what is read, and how values become colours.
// Truth: the ramp arrays' values are their own places (1000 * row + column, 1e6 per band), so the pixel read is known exactly.
#include <QtTest>
#include <cmath>

#include "engine/ops/register_operations.h"
#include "engine/preview/preview.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;
using cubeloom::test::RampProvider;
using cubeloom::test::rampSpec;

namespace {

double place2d(const std::vector<std::int64_t>& i) { return 1000.0 * static_cast<double>(i[0]) + static_cast<double>(i[1]); }
double place3d(const std::vector<std::int64_t>& i) {
  return 1e6 * static_cast<double>(i[0]) + 1000.0 * static_cast<double>(i[1]) + static_cast<double>(i[2]);
}

/// A chain of one open node, bound.
std::shared_ptr<const Graph> bound(RampProvider& provider, const std::string& name, const std::vector<Node>& further = {}) {
  static const auto registry = [] {
    auto made = std::make_unique<Registry>();
    registerOperations(*made);
    return made;
  }();
  Chain chain;
  chain.nodes.push_back({"cube", "open", {}, Json{{"path", name}}, false});
  for (const Node& node : further) chain.nodes.push_back(node);
  return bindChain(chain, *registry, provider).value();
}

PreviewRequest request(int width, int height) {
  PreviewRequest r;
  r.node = 0;
  r.width = width;
  r.height = height;
  return r;
}

std::vector<float> row(const PreviewImage& image, int y, std::size_t band = 0) {
  const auto first = image.bands[band].begin() + static_cast<std::ptrdiff_t>(y) * image.width;
  return {first, first + image.width};
}

const std::vector<double> kWavelengths = {450, 470, 500, 560, 600, 650, 700, 860, 1600, 2200};

}  // namespace

class TestPreview : public QObject {
  Q_OBJECT
 private slots:
  void showsTheCentreOfEachPicturePixel();
  void isExactWhenThePictureIsLargeEnough();
  void clipsToTheArrayAndCoversWholePixels();
  void takesLongitudesOfEitherConvention();
  void isNorthUpForSouthUpArrays();
  void keepsFirstRowOnTopWithoutGeoreference();
  void samplesRotatedGridsByTheirInverse();
  void turnsNodataIntoNaN();
  void takesBandsInTheOrderAsked();
  void looksThroughATranspose();
  void getsCoarserUntilTheReadFits();
  void saysSoWhenNothingFits();
  void stopsWhenCanceled();
  void namesWhatIsWrong();
  void choosesBandsByWavelength();
  void readsASpectrum();
  void stretchesLikeNumpy();
  void coloursValues();
};

void TestPreview::showsTheCentreOfEachPicturePixel() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 60, 90, {5, 0, 1000, 0, -5, 2000}, "EPSG:32610"), place2d);
  const auto graph = bound(provider, "ramp");
  const auto image = renderPreview(*graph, request(9, 6), {});
  QVERIFY2(image, image ? "" : image.error().message.c_str());
  QCOMPARE(image->width, 9);
  QCOMPARE(image->height, 6);
  QCOMPARE(image->decimation, 10.0);
  QCOMPARE(image->bounds, (Bounds{1000, 1700, 1450, 2000}));
  // The centre of a 10 x 10 cell lies on a corner; the tie goes to the higher index, as in a nearest resampling.
  QCOMPARE(row(*image, 0), (std::vector<float>{5005, 5015, 5025, 5035, 5045, 5055, 5065, 5075, 5085}));
  QCOMPARE(row(*image, 5)[0], 55005.F);
}

void TestPreview::isExactWhenThePictureIsLargeEnough() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 3, 4, {5, 0, 0, 0, -5, 0}, "EPSG:32610"), place2d);
  const auto image = renderPreview(*bound(provider, "ramp"), request(500, 500), {});
  QVERIFY(image);
  QCOMPARE(image->width, 4);
  QCOMPARE(image->height, 3);
  QCOMPARE(image->decimation, 1.0);
  QCOMPARE(row(*image, 2), (std::vector<float>{2000, 2001, 2002, 2003}));
}

void TestPreview::clipsToTheArrayAndCoversWholePixels() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 10, 10, {1, 0, 0, 0, -1, 10}, "EPSG:32610"), place2d);
  const auto graph = bound(provider, "ramp");
  PreviewRequest r = request(100, 100);
  r.bounds = Bounds{7.5, -20, 40, 1.5};
  const auto image = renderPreview(*graph, r, {});
  QVERIFY(image);
  QCOMPARE(image->bounds, (Bounds{7, 0, 10, 2}));
  QCOMPARE(row(*image, 0), (std::vector<float>{8007, 8008, 8009}));
  r.bounds = Bounds{100, 100, 200, 200};
  const auto outside = renderPreview(*graph, r, {});
  QVERIFY(outside);
  QCOMPARE(outside->width, 0);
}

/// A globe of 10 degrees a pixel from 0 to 360, asked for from 40 W to 10 W: columns 32 to 34, told where they were asked for.
void TestPreview::takesLongitudesOfEitherConvention() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 18, 36, {10, 0, 0, 0, -10, 90}, "EPSG:4326"), place2d);
  const auto graph = bound(provider, "ramp");
  PreviewRequest r = request(100, 100);
  r.bounds = Bounds{-40, 60, -10, 70};
  const auto image = renderPreview(*graph, r, {});
  QVERIFY(image);
  QCOMPARE(row(*image, 0), (std::vector<float>{2032, 2033, 2034}));
  QCOMPARE(image->bounds, (Bounds{-40, 60, -10, 70}));
  r.bounds = Bounds{350, 60, 380, 70};  // as far as the grid goes
  QCOMPARE(renderPreview(*graph, r, {})->bounds, (Bounds{360, 60, 380, 70}));
}

void TestPreview::isNorthUpForSouthUpArrays() {
  RampProvider provider;
  provider.add("south", rampSpec(0, 3, 2, {1, 0, 0, 0, 1, 100}, "EPSG:32610"), place2d);
  provider.add("west", rampSpec(0, 2, 3, {-1, 0, 3, 0, -1, 2}, "EPSG:32610"), place2d);
  const auto south = renderPreview(*bound(provider, "south"), request(9, 9), {});
  QVERIFY(south);
  QCOMPARE(row(*south, 0), (std::vector<float>{2000, 2001}));
  QCOMPARE(row(*south, 2), (std::vector<float>{0, 1}));
  QCOMPARE(south->bounds, (Bounds{0, 100, 2, 103}));
  const auto west = renderPreview(*bound(provider, "west"), request(9, 9), {});
  QVERIFY(west);
  QCOMPARE(row(*west, 0), (std::vector<float>{2, 1, 0}));
}

void TestPreview::keepsFirstRowOnTopWithoutGeoreference() {
  RampProvider provider;
  provider.add("raw", rampSpec(0, 3, 2, Affine{}, ""), place2d);
  const auto image = renderPreview(*bound(provider, "raw"), request(9, 9), {});
  QVERIFY(image);
  QCOMPARE(row(*image, 0), (std::vector<float>{0, 1}));
  QVERIFY(pictureGrid(provider.at("raw")->spec())->rowsDown);
}

void TestPreview::samplesRotatedGridsByTheirInverse() {
  // 30 degrees, 2 m pixels: every picture pixel inside must show the array pixel its centre falls into.
  const double c = 2 * std::cos(M_PI / 6), s = 2 * std::sin(M_PI / 6);
  const Affine affine{c, s, 500, s, -c, 900};
  RampProvider provider;
  provider.add("turned", rampSpec(0, 20, 30, affine, "EPSG:32633"), place2d);
  const auto image = renderPreview(*bound(provider, "turned"), request(2000, 2000), {});
  QVERIFY(image);
  QCOMPARE(image->decimation, 1.0);
  const Affine inverse = affine.inverse();
  int inside = 0;
  for (int y = 0; y < image->height; ++y) {
    for (int x = 0; x < image->width; ++x) {
      const double wx = image->bounds.xmin + (x + 0.5) / image->width * image->bounds.width();
      const double wy = image->bounds.ymax - (y + 0.5) / image->height * image->bounds.height();
      const double col = inverse.x(wx, wy), line = inverse.y(wx, wy);
      const float value = image->bands[0][static_cast<std::size_t>(y * image->width + x)];
      const bool isInside = col >= 0 && col < 30 && line >= 0 && line < 20;
      QCOMPARE(std::isnan(value), !isInside);
      if (!isInside) continue;
      ++inside;
      QCOMPARE(value, static_cast<float>(1000 * std::floor(line) + std::floor(col)));
    }
  }
  QVERIFY(inside > 400 && inside < image->width * image->height);
}

void TestPreview::turnsNodataIntoNaN() {
  RampProvider provider;
  ArraySpec spec = rampSpec(0, 2, 2, {1, 0, 0, 0, -1, 2}, "EPSG:32610");
  spec.nodata = 1001;
  provider.add("holes", spec, place2d);
  spec.type = PixelType::Int16;
  provider.add("integers", spec, place2d);
  for (const char* name : {"holes", "integers"}) {
    const auto image = renderPreview(*bound(provider, name), request(9, 9), {});
    QVERIFY(image);
    QCOMPARE(row(*image, 0), (std::vector<float>{0, 1}));
    QCOMPARE(row(*image, 1)[0], 1000.F);
    QVERIFY(std::isnan(row(*image, 1)[1]));
  }
}

void TestPreview::takesBandsInTheOrderAsked() {
  RampProvider provider;
  provider.add("cube", rampSpec(10, 4, 4, {1, 0, 0, 0, -1, 4}, "EPSG:32610", kWavelengths), place3d);
  PreviewRequest r = request(9, 9);
  r.bands = {7, 2, 7};
  const auto image = renderPreview(*bound(provider, "cube"), r, {});
  QVERIFY(image);
  QCOMPARE(image->bandIndices, (std::vector<std::int64_t>{7, 2, 7}));
  QCOMPARE(image->bands[0][5], 7001001.F);
  QCOMPARE(image->bands[1][5], 2001001.F);
  QCOMPARE(image->bands[2], image->bands[0]);
}

void TestPreview::looksThroughATranspose() {
  RampProvider provider;
  provider.add("cube", rampSpec(10, 40, 30, {1, 0, 0, 0, -1, 40}, "EPSG:32610", kWavelengths), place3d);
  const auto graph = bound(provider, "cube", {{"order", "transpose", {"cube"}, Json{{"dims", {"x", "wavelength", "y"}}}, false}});
  PreviewRequest r = request(3, 4);
  r.bands = {3};
  const auto straight = renderPreview(*graph, r, {});
  r.node = 1;
  const auto turned = renderPreview(*graph, r, {});
  QVERIFY(straight && turned);
  QCOMPARE(turned->bands[0], straight->bands[0]);
  QCOMPARE(turned->bands[0][0], 3005005.F);
}

void TestPreview::getsCoarserUntilTheReadFits() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 1000, 1000, {1, 0, 0, 0, -1, 1000}, "EPSG:32610"), place2d);
  PreviewRequest r = request(500, 500);
  r.maxReadBytes = 100 * 4000;  // a hundred lines
  const auto image = renderPreview(*bound(provider, "ramp"), r, {});
  QVERIFY(image);
  QVERIFY(image->height <= 100);
  QVERIFY(image->height >= 40);
  QVERIFY(image->bytesRead <= r.maxReadBytes);
  QVERIFY(image->decimation >= 10);
}

void TestPreview::saysSoWhenNothingFits() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 1000, 1000, {1, 0, 0, 0, -1, 1000}, "EPSG:32610"), place2d);
  PreviewRequest r = request(500, 500);
  r.maxReadBytes = 4000;
  const auto image = renderPreview(*bound(provider, "ramp"), r, {});
  QVERIFY(!image);
  QCOMPARE(image.error().code, ErrorCode::OverBudget);
  QVERIFY(image.error().message.find("15.6 KiB") != std::string::npos);
  QCOMPARE(provider.at("ramp")->reads.load(), 0);
}

void TestPreview::stopsWhenCanceled() {
  RampProvider provider;
  provider.add("ramp", rampSpec(0, 100, 100, {1, 0, 0, 0, -1, 100}, "EPSG:32610"), place2d);
  CancelToken cancel;
  cancel.cancel();
  const auto image = renderPreview(*bound(provider, "ramp"), request(10, 10), cancel);
  QVERIFY(!image);
  QCOMPARE(image.error().code, ErrorCode::Canceled);
  QCOMPARE(provider.at("ramp")->reads.load(), 0);
}

void TestPreview::namesWhatIsWrong() {
  RampProvider provider;
  provider.add("cube", rampSpec(10, 4, 4, {1, 0, 0, 0, -1, 4}, "EPSG:32610", kWavelengths), place3d);
  const auto graph = bound(provider, "cube");
  PreviewRequest r = request(9, 9);
  r.bands = {0, 1, 10};
  QCOMPARE(renderPreview(*graph, r, {}).error().message, std::string("band 11 is outside 1 to 10 of this array"));
  r.bands = {0, 1};
  QCOMPARE(renderPreview(*graph, r, {}).error().code, ErrorCode::InvalidParameter);
  r.node = 7;
  QCOMPARE(renderPreview(*graph, r, {}).error().code, ErrorCode::InvalidParameter);
  const auto missing = renderPreview(*bound(provider, "nothing"), request(9, 9), {});
  QVERIFY(!missing);
  QCOMPARE(missing.error().node, std::string("cube"));
  QVERIFY(!pictureGrid(ArraySpec{}));
}

void TestPreview::choosesBandsByWavelength() {
  ArraySpec spec = rampSpec(10, 4, 4, {1, 0, 0, 0, -1, 4}, "", kWavelengths);
  QCOMPARE(defaultBands(spec), (std::vector<std::int64_t>{5, 3, 1}));
  QCOMPARE(nearestBand(spec, 863), std::int64_t{7});
  spec.dims[0].coordinate.aux["good"] = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1};
  QCOMPARE(nearestBand(spec, 650), std::int64_t{4});  // 600 and 700 are as near; the first one wins
  QCOMPARE(defaultBands(rampSpec(10, 4, 4, {}, "")), (std::vector<std::int64_t>{0, 1, 2}));
  QCOMPARE(defaultBands(rampSpec(2, 4, 4, {}, "")), (std::vector<std::int64_t>{0}));
  QCOMPARE(defaultBands(rampSpec(0, 4, 4, {}, "")), (std::vector<std::int64_t>{0}));
  QCOMPARE(defaultBands(rampSpec(3, 4, 4, {}, "", {1600, 2000, 2200})), (std::vector<std::int64_t>{0, 1, 2}));
}

void TestPreview::readsASpectrum() {
  RampProvider provider;
  ArraySpec spec = rampSpec(10, 4, 5, {1, 0, 0, 0, -1, 4}, "EPSG:32610", kWavelengths);
  spec.nodata = 9002003;
  provider.add("cube", spec, place3d);
  const auto graph = bound(provider, "cube");
  const auto spectrum = readSpectrum(*graph, 0, 2, 3, {}, {});
  QVERIFY(spectrum);
  QCOMPARE(spectrum->size(), std::size_t{10});
  for (std::size_t band = 0; band < 9; ++band) QCOMPARE((*spectrum)[band], 1e6 * static_cast<double>(band) + 2003);
  QVERIFY(std::isnan((*spectrum)[9]));
  QVERIFY(!readSpectrum(*graph, 0, 4, 0, {}, {}));
  QVERIFY(readSpectrum(*graph, 0, 0, 0, {}, {}));
}

void TestPreview::stretchesLikeNumpy() {
  // numpy.percentile([0..10], [2, 98]) = [0.2, 9.8]
  std::vector<float> values;
  for (int i = 10; i >= 0; --i) values.push_back(static_cast<float>(i));
  values.push_back(std::nanf(""));
  const auto limits = percentileStretch(values, 2, 98);
  QCOMPARE(limits[0], 0.2);
  QCOMPARE(limits[1], 9.8);
  QCOMPARE(percentileStretch({}, 2, 98), (std::array<double, 2>{0, 1}));
  QCOMPARE(percentileStretch({7.F}, 2, 98), (std::array<double, 2>{7, 7}));
}

void TestPreview::coloursValues() {
  PreviewImage image;
  image.width = 4;
  image.height = 1;
  image.bands = {{0.F, 5.F, 20.F, std::nanf("")}};
  const auto gray = stretchToRgba(image, {{0, 10}}, "gray");
  QCOMPARE(gray, (std::vector<std::uint8_t>{0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255, 0, 0, 0, 0}));
  image.bands = {{0.F, 5.F, 20.F, 1.F}, {10.F, 0.F, 0.F, 1.F}, {0.F, 10.F, 0.F, std::nanf("")}};
  const auto rgb = stretchToRgba(image, {{0, 10}, {0, 10}, {0, 10}}, "viridis");
  QCOMPARE(rgb, (std::vector<std::uint8_t>{0, 255, 0, 255, 128, 0, 255, 255, 255, 0, 0, 255, 0, 0, 0, 0}));
  // Classes have the colours that the file gives them: 1 green, half of it seen; 2 has none, and is no nodata.
  image.bands = {{0.F, 1.F, 2.F, std::nanf("")}};
  const auto classes = classesToRgba(image, {{10, 20, 30, 255}, {0, 200, 0, 128}});
  QCOMPARE(classes, (std::vector<std::uint8_t>{10, 20, 30, 255, 0, 200, 0, 128, 128, 128, 128, 255, 0, 0, 0, 0}));
  // First, middle and last colour as published (CC0 tables of BIDS/colormap; Nunez et al. 2018).
  QCOMPARE(colorMapAt("viridis", 0), (std::array<std::uint8_t, 3>{0x44, 0x01, 0x54}));
  QCOMPARE(colorMapAt("viridis", 1), (std::array<std::uint8_t, 3>{0xfd, 0xe7, 0x25}));
  QCOMPARE(colorMapAt("magma", 1), (std::array<std::uint8_t, 3>{0xfc, 0xfd, 0xbf}));
  QCOMPARE(colorMapAt("cividis", 0), (std::array<std::uint8_t, 3>{0x00, 0x20, 0x4d}));
  QCOMPARE(colorMapAt("magma", std::nan("")), colorMapAt("magma", 0));
  // Brighter from end to end: a perceptually even map never turns back.
  for (const std::string& name : colorMapNames()) {
    double before = -1;
    for (int i = 0; i <= 100; ++i) {
      const auto c = colorMapAt(name, i / 100.0);
      const double luma = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
      QVERIFY2(luma >= before - 1.0, name.c_str());
      before = luma;
    }
  }
}

QTEST_GUILESS_MAIN(TestPreview)
#include "tst_preview.moc"
