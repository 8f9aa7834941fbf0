// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/hdfeos_grids.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxGrids = 1000;

/// What stands under one GROUP or OBJECT of the text: its words, as "key=value".
using Words = std::map<std::string, std::string>;

std::string wordOf(const Words& words, const char* key) {
  const auto found = words.find(key);
  return found == words.end() ? std::string() : found->second;
}

/// The parts of "(a,b)" without quotes, or the one of "a".
std::vector<std::string> partsOf(std::string value) {
  std::erase_if(value, [](char c) { return c == '(' || c == ')' || c == '"'; });
  std::vector<std::string> parts;
  for (const std::string& part : split(value, ',')) parts.emplace_back(trim(part));
  return parts;
}

std::vector<double> numbersIn(const std::string& value) {
  std::vector<double> numbers;
  for (const std::string& part : partsOf(value)) {
    const auto number = parseNumber(part);
    if (!number || !std::isfinite(*number)) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

/// Degrees of DDDMMMSSS.SS.
double unpackedDegrees(double packed) {
  constexpr double kDegree = 1e6, kMinute = 1e3;
  const double size = std::abs(packed), degrees = std::floor(size / kDegree);
  const double minutes = std::floor((size - degrees * kDegree) / kMinute), seconds = size - degrees * kDegree - minutes * kMinute;
  return std::copysign(degrees + minutes / 60 + seconds / 3600, packed);
}

/// A grid's projection as GCTP has it, and the PROJ string that grows from it.
class Gctp {
 public:
  explicit Gctp(const Words& words) : m_parameters(numbersIn(wordOf(words, "ProjParams"))) {
    constexpr std::size_t kParameters = 15;
    m_parameters.resize(kParameters, 0);
    const auto number = [&](const char* key) { return parseNumber(wordOf(words, key)); };
    m_sphere = static_cast<int>(number("SphereCode").value_or(-1));
    m_zone = static_cast<int>(number("ZoneCode").value_or(0));
    m_name = wordOf(words, "Projection");
    if (const std::size_t at = m_name.find("GCTP_"); at != std::string::npos) m_name = m_name.substr(at + 5);
  }

  bool isGeographic() const { return m_name == "GEO"; }

  Crs crs(std::vector<std::string>& notes) const {
    const std::string ellipsoid = ellipsoidText();
    if (ellipsoid.empty()) {
      notes.push_back("the CRS is unknown: the sphere code " + std::to_string(m_sphere) + " of the HDF-EOS grid is not understood");
      return {};
    }
    if (isGeographic() && ellipsoid == " +datum=WGS84") return Crs::fromUser("EPSG:4326").value_or(Crs());
    if (m_name == "UTM" && ellipsoid == " +datum=WGS84" && m_zone != 0 && std::abs(m_zone) <= 60)
      return Crs::fromUser("EPSG:" + std::to_string((m_zone > 0 ? 32600 : 32700) + std::abs(m_zone))).value_or(Crs());
    const std::string projection = projectionText();
    const auto found = projection.empty() ? Result<Crs>(Crs()) : Crs::fromUser(projection + ellipsoid + " +no_defs +type=crs");
    if (found && found->isValid()) return *found;
    notes.push_back("the CRS is unknown: the projection \"" + m_name + "\" of the HDF-EOS grid is not understood");
    return {};
  }

 private:
  double degrees(std::size_t i) const { return unpackedDegrees(m_parameters[i]); }
  std::string angle(const char* key, std::size_t i) const { return std::string(" +") + key + "=" + formatNumber(degrees(i)); }
  std::string falseOrigin() const { return " +x_0=" + formatNumber(m_parameters[6]) + " +y_0=" + formatNumber(m_parameters[7]); }

  std::string projectionText() const {
    if (m_name == "GEO") return "+proj=longlat";
    if (m_name == "SNSOID" || m_name == "ISINUS") return "+proj=sinu" + angle("lon_0", 4) + falseOrigin();
    if (m_name == "LAMAZ") return "+proj=laea" + angle("lat_0", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "CEA" || m_name == "BCEA") return "+proj=cea" + angle("lat_ts", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "MERCAT") return "+proj=merc" + angle("lat_ts", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "POLYC") return "+proj=poly" + angle("lat_0", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "PS")
      return std::string("+proj=stere +lat_0=") + (degrees(5) < 0 ? "-90" : "90") + angle("lat_ts", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "ALBERS" || m_name == "LAMCC")
      return std::string(m_name == "ALBERS" ? "+proj=aea" : "+proj=lcc") + angle("lat_1", 2) + angle("lat_2", 3) + angle("lat_0", 5) +
             angle("lon_0", 4) + falseOrigin();
    if (m_name == "TM") return "+proj=tmerc +k=" + formatNumber(m_parameters[2]) + angle("lat_0", 5) + angle("lon_0", 4) + falseOrigin();
    if (m_name == "UTM" && m_zone != 0 && std::abs(m_zone) <= 60)
      return "+proj=utm +zone=" + std::to_string(std::abs(m_zone)) + (m_zone < 0 ? " +south" : "");
    return {};
  }

  /// The axes where the parameters tell them, else what the code stands for; WGS 84 where there is none.
  std::string ellipsoidText() const {
    if (const double a = m_parameters[0], b = m_parameters[1]; a > 0 && m_name != "UTM" && !isGeographic()) {
      constexpr double kAxis = 6378137, kWgs84Minor = 6356752.314245, kGrs80Minor = 6356752.314140, kTold = 2e-5;
      if (b == 0 || b == a) return " +R=" + formatNumber(a);
      if (a == kAxis && std::abs(b - kWgs84Minor) < kTold) return " +datum=WGS84";
      if (a == kAxis && std::abs(b - kGrs80Minor) < kTold) return " +ellps=GRS80";
      return " +a=" + formatNumber(a) + (b > 1 ? " +b=" : " +es=") + formatNumber(b);
    }
    struct Named {
      int code;
      const char* text;
    };
    static constexpr std::array<Named, 17> kSpheres{{{1, " +ellps=clrk80"},
                                                     {2, " +ellps=bessel"},
                                                     {3, " +ellps=aust_SA"},
                                                     {4, " +ellps=intl"},
                                                     {5, " +ellps=WGS72"},
                                                     {6, " +ellps=evrst30"},
                                                     {7, " +ellps=WGS66"},
                                                     {8, " +ellps=GRS80"},
                                                     {9, " +ellps=airy"},
                                                     {12, " +datum=WGS84"},
                                                     {14, " +ellps=aust_SA"},
                                                     {15, " +ellps=krass"},
                                                     {16, " +ellps=hough"},
                                                     {19, " +R=6370997"},
                                                     {20, " +R=6371228"},
                                                     {21, " +R=6371007.181"},
                                                     {-1, " +datum=WGS84"}}};
    // Clarke's of 1866 is also what a code that was never set says.
    if (m_sphere == 0) return isGeographic() ? " +datum=WGS84" : " +ellps=clrk66";
    const auto* const found = std::find_if(kSpheres.begin(), kSpheres.end(), [this](const Named& one) { return one.code == m_sphere; });
    return found == kSpheres.end() ? "" : found->text;
  }

  std::vector<double> m_parameters;
  int m_sphere = -1, m_zone = 0;
  std::string m_name;
};

/// The corners are those of the outermost pixels' outer sides; the origin says which of them the first pixel lies in.
std::optional<Affine> affineOf(const Words& words, const HdfEosGrid& grid, bool isGeographic) {
  std::vector<double> upperLeft = numbersIn(wordOf(words, "UpperLeftPointMtrs")), lowerRight = numbersIn(wordOf(words, "LowerRightMtrs"));
  if (upperLeft.size() != 2 || lowerRight.size() != 2 || grid.rows < 1 || grid.cols < 1) return std::nullopt;
  if (isGeographic)
    for (std::vector<double>* corner : {&upperLeft, &lowerRight})
      for (double& angle : *corner) angle = unpackedDegrees(angle);
  double left = upperLeft[0], right = lowerRight[0], top = upperLeft[1], bottom = lowerRight[1];
  if (!(right > left) || !(top > bottom)) return std::nullopt;
  const std::string origin = wordOf(words, "GridOrigin");
  if (origin.ends_with("GD_UR") || origin.ends_with("GD_LR")) std::swap(left, right);
  if (origin.ends_with("GD_LL") || origin.ends_with("GD_LR")) std::swap(top, bottom);
  return Affine{(right - left) / static_cast<double>(grid.cols), 0, left, 0, (bottom - top) / static_cast<double>(grid.rows), top};
}

HdfEosGrid gridOf(const Words& words) {
  HdfEosGrid grid;
  const auto text = [&](const char* key) { return partsOf(wordOf(words, key)).front(); };
  grid.name = text("GridName");
  grid.rows = static_cast<std::int64_t>(parseNumber(text("YDim")).value_or(0));
  grid.cols = static_cast<std::int64_t>(parseNumber(text("XDim")).value_or(0));
  const Gctp projection(words);
  grid.affine = affineOf(words, grid, projection.isGeographic());
  if (grid.affine) grid.crs = projection.crs(grid.notes);
  return grid;
}

}  // namespace

std::vector<HdfEosGrid> hdfEosGrids(const std::string& structure) {
  std::vector<HdfEosGrid> grids;
  std::vector<std::string> within;  // groups and objects, the outermost first
  Words grid, field;
  std::map<std::string, std::vector<std::string>> fields;
  std::string statement;
  for (const std::string& line : split(structure, '\n')) {
    statement += trim(line);
    if (std::count(statement.begin(), statement.end(), '(') > std::count(statement.begin(), statement.end(), ')')) continue;
    const std::size_t equals = statement.find('=');
    const std::string key(trim(std::string_view(statement).substr(0, equals)));
    const std::string value(equals == std::string::npos ? "" : trim(std::string_view(statement).substr(equals + 1)));
    statement.clear();
    const bool isInGrids = !within.empty() && within.front() == "GridStructure";
    if (key == "GROUP" || key == "OBJECT") {
      within.push_back(value);
      if (isInGrids && within.size() == 2) {
        grid.clear();
        fields.clear();
      }
      field.clear();
    } else if ((key == "END_GROUP" || key == "END_OBJECT") && !within.empty()) {
      if (const std::string name = partsOf(wordOf(field, "DataFieldName")).front(); isInGrids && !name.empty())
        fields[name] = partsOf(wordOf(field, "DimList"));
      field.clear();
      if (isInGrids && within.size() == 2 && grids.size() < kMaxGrids) {
        grids.push_back(gridOf(grid));
        grids.back().fields = fields;
      }
      within.pop_back();
    } else if (isInGrids && within.size() == 2) {
      grid[key] = value;
    } else if (isInGrids && within.size() > 2) {
      field[key] = value;
    }
  }
  return grids;
}

}  // namespace cubeloom
