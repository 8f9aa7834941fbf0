// SPDX-License-Identifier: GPL-3.0-or-later
// The CRS picker's list, from PROJ's own database.
#include <proj.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/geo/crs.h"
#include "engine/geo/crs_proj.h"

namespace cubeloom {
namespace {

struct Entry {
  CrsListing listing;
  std::string haystack;  // lower case: code, name, area
};

std::vector<Entry> readDatabase() {
  std::vector<Entry> entries;
  pj_ctx* context = threadProjContext();
  for (const char* authority : {"EPSG", "ESRI", "OGC"}) {
    int count = 0;
    PROJ_CRS_LIST_PARAMETERS* parameters = proj_get_crs_list_parameters_create();
    parameters->allow_deprecated = 1;
    PROJ_CRS_INFO** list = proj_get_crs_info_list_from_database(context, authority, parameters, &count);
    proj_get_crs_list_parameters_destroy(parameters);
    for (int i = 0; i < count; ++i) {
      const PROJ_CRS_INFO& info = *list[i];
      if (info.type != PJ_TYPE_GEOGRAPHIC_2D_CRS && info.type != PJ_TYPE_PROJECTED_CRS) continue;
      Entry entry;
      entry.listing.code = std::string(info.auth_name) + ":" + info.code;
      entry.listing.name = info.name ? info.name : "";
      entry.listing.area = info.area_name ? info.area_name : "";
      entry.listing.deprecated = info.deprecated != 0;
      if (info.bbox_valid) {
        entry.listing.west = info.west_lon_degree;
        entry.listing.south = info.south_lat_degree;
        entry.listing.east = info.east_lon_degree;
        entry.listing.north = info.north_lat_degree;
      }
      entry.haystack = toLower(entry.listing.code + " " + entry.listing.name + " " + entry.listing.area);
      entries.push_back(std::move(entry));
    }
    proj_crs_info_list_destroy(list);
  }
  return entries;
}

/// Smaller is better: the very code, the very name, a name that begins so, then current before deprecated ones.
int rank(const Entry& entry, const std::string& query) {
  const std::string code = toLower(entry.listing.code);
  const std::string name = toLower(entry.listing.name);
  int score = 4;
  if (code == query || code.substr(code.find(':') + 1) == query) {
    score = 0;
  } else if (name == query) {
    score = 1;
  } else if (name.rfind(query, 0) == 0) {
    score = 2;
  } else if (name.find(query) != std::string::npos) {
    score = 3;
  }
  return score + (entry.listing.deprecated ? 10 : 0);
}

}  // namespace

std::vector<CrsListing> Crs::search(std::string_view query, int limit) {
  static const std::vector<Entry> entries = readDatabase();
  const std::string lower = toLower(trim(query));
  const std::vector<std::string> words = split(lower, ' ');
  std::vector<std::pair<int, const Entry*>> hits;
  for (const Entry& entry : entries) {
    const bool all = std::all_of(words.begin(), words.end(),
                                 [&entry](const std::string& word) { return entry.haystack.find(word) != std::string::npos; });
    if (all) hits.emplace_back(rank(entry, lower), &entry);
  }
  std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (hits.size() > static_cast<std::size_t>(std::max(limit, 0))) hits.resize(static_cast<std::size_t>(std::max(limit, 0)));
  std::vector<CrsListing> result;
  result.reserve(hits.size());
  for (const auto& hit : hits) result.push_back(hit.second->listing);
  return result;
}

Crs Crs::utmFor(double longitude, double latitude) {
  if (!std::isfinite(longitude) || !std::isfinite(latitude)) return {};
  const double wrapped = longitude - 360.0 * std::floor((longitude + 180.0) / 360.0);
  const int zone = std::clamp(static_cast<int>(std::floor((wrapped + 180.0) / 6.0)) + 1, 1, 60);
  return fromUser("EPSG:" + std::to_string((latitude < 0 ? 32700 : 32600) + zone)).value_or(Crs());
}

}  // namespace cubeloom
