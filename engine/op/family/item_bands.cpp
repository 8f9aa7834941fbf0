// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/item_bands.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

bool isPicture(const ItemAsset& asset) {
  for (const char* role : {"thumbnail", "overview", "metadata", "visual"})
    if (asset.hasRole(role)) return true;
  return false;
}

/// What a band is called where nobody says how: its asset, of several bands with what tells it from the others.
std::string nameOf(const ItemAsset& asset, std::size_t band) {
  const std::string& own = asset.bands[band].name;
  const std::string number = std::to_string(band + 1);
  if (asset.name.empty()) return own.empty() ? number : own;
  if (asset.bands.size() == 1) return asset.name;
  return own.empty() ? asset.name + "." + number : own;
}

/// All words that mean a band, the surest first.
std::vector<std::string> wordsForBand(const ItemAsset& asset, std::size_t band) {
  const ItemBand& one = asset.bands[band];
  std::vector<std::string> words{nameOf(asset, band)};
  const std::string prefix = asset.name.empty() ? "" : asset.name + ".";
  words.push_back(prefix + std::to_string(band + 1));
  if (!one.name.empty()) words.push_back(prefix + one.name), words.push_back(one.name);
  if (!one.commonName.empty()) words.push_back(one.commonName);
  return words;
}

/// Reads the headers of the assets that do not list their bands, but for pictures.
Result<void> settleBands(Item& item, ItemHeaders& headers) {
  for (ItemAsset& asset : item.assets)
    if (asset.bands.empty() && !isPicture(asset)) CUBELOOM_TRY(headers.read(item, asset));
  return {};
}

/// The band that `word` means in an item; of several the surest.
std::optional<PlacedBand> bandIn(const Item& item, const std::string& word) {
  std::optional<PlacedBand> best;
  std::size_t bestRank = 0;
  const std::string lower = toLower(word);
  for (std::size_t a = 0; a < item.assets.size(); ++a)
    for (std::size_t b = 0; b < item.assets[a].bands.size(); ++b) {
      const std::vector<std::string> words = wordsForBand(item.assets[a], b);
      for (std::size_t rank = 0; rank < words.size(); ++rank) {
        if (toLower(words[rank]) != lower || (best && bestRank <= rank)) continue;
        best = PlacedBand{a, b};
        bestRank = rank;
      }
    }
  return best;
}

/// `wanted` with assets of several bands written out, by the first item that has them.
std::vector<std::string> writtenOut(const std::vector<Item>& items, const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const std::string& word : wanted) {
    const ItemAsset* whole = nullptr;
    for (const Item& item : items)
      for (const ItemAsset& asset : item.assets)
        if (whole == nullptr && !asset.name.empty() && toLower(asset.name) == toLower(word) && asset.bands.size() > 1) whole = &asset;
    if (whole == nullptr) {
      names.push_back(word);
      continue;
    }
    for (std::size_t b = 0; b < whole->bands.size(); ++b) names.push_back(nameOf(*whole, b));
  }
  return names;
}

/// What bands are alike in that make a cube by themselves.
std::string kindOf(const ItemAsset& asset, const ItemBand& band) {
  std::string kind = band.type ? std::string(pixelTypeName(*band.type)) : "values of an unsaid type";
  if (asset.grid) kind += " of " + formatSignificant(asset.grid->pixelWidth(), 6);
  if (asset.isClasses) kind += " in classes";
  return kind;
}

Result<std::vector<std::string>> defaultNames(std::vector<Item>& items, ItemHeaders& headers, std::vector<std::string>& notes) {
  // By the first item that has any: others of a collection are like it.
  for (Item& item : items) {
    CUBELOOM_TRY(settleBands(item, headers));
    std::map<std::string, std::vector<std::string>> kinds;
    std::vector<std::string> order;
    const bool hasData = std::any_of(item.assets.begin(), item.assets.end(), [](const ItemAsset& asset) { return asset.hasRole("data"); });
    for (const ItemAsset& asset : item.assets) {
      if (isPicture(asset) || (hasData && !asset.hasRole("data"))) continue;
      for (std::size_t b = 0; b < asset.bands.size(); ++b) {
        const std::string kind = kindOf(asset, asset.bands[b]);
        if (!kinds.contains(kind)) order.push_back(kind);
        kinds[kind].push_back(nameOf(asset, b));
      }
    }
    if (order.empty()) continue;
    const std::string best = *std::max_element(
        order.begin(), order.end(), [&kinds](const std::string& a, const std::string& b) { return kinds[a].size() < kinds[b].size(); });
    std::vector<std::string> others;
    for (const std::string& kind : order)
      if (kind != best) others.push_back(join(kinds[kind], ", ") + " (" + kind + ")");
    if (!others.empty())
      notes.push_back("taken are the bands of one kind (" + best + "); not " + join(others, ", ") + ": name bands to have them");
    return kinds[best];
  }
  return invalidParameter("path", "the items have no rasters", "name a collection of rasters");
}

/// What bands are called, each name once: for a list with their common names behind them, or by themselves.
std::vector<std::string> allNames(const std::vector<Item>& items, bool isList) {
  std::vector<std::string> names;
  std::set<std::string> known;
  constexpr std::size_t kMostNames = 60;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && names.size() < kMostNames && known.insert(name).second) names.push_back(name);
  };
  for (const Item& item : items)
    for (const ItemAsset& asset : item.assets)
      for (std::size_t b = 0; b < asset.bands.size(); ++b) {
        const std::string name = nameOf(asset, b), &common = asset.bands[b].commonName;
        const bool isShown = isList && !common.empty() && common != name;
        add(isShown ? name + " (" + common + ")" : name);
        if (!isList) add(common);
      }
  return names;
}

Failure noSuchBand(const std::vector<Item>& items, const std::string& name) {
  const auto near = closestMatch(name, allNames(items, false));
  return invalidParameter("bands", "no item has a band '" + name + "'",
                          (near ? "did you mean " + *near + "? There are " : "there are ") + join(allNames(items, true), ", "));
}

}  // namespace

Result<std::vector<CubeBand>> chooseBands(std::vector<Item>& items, const std::vector<std::string>& wanted, ItemHeaders& headers,
                                          std::vector<std::string>& notes) {
  const bool isEachUnsaid = std::all_of(items.begin(), items.end(), [](const Item& item) {
    return std::all_of(item.assets.begin(), item.assets.end(), [](const ItemAsset& asset) { return asset.name.empty(); });
  });
  if (isEachUnsaid)  // files by themselves
    for (Item& item : items) CUBELOOM_TRY(settleBands(item, headers));
  std::vector<std::string> names;
  if (wanted.empty()) {
    auto chosen = defaultNames(items, headers, notes);
    if (!chosen) return fail(chosen.error());
    names = std::move(*chosen);
  } else {
    // An asset that does not list its bands has to be looked at where it is named, or where nobody else has the name.
    for (Item& item : items)
      for (const std::string& word : wanted) {
        const std::string lower = toLower(word);
        for (ItemAsset& asset : item.assets) {
          const std::string name = toLower(asset.name);
          if (asset.bands.empty() && !name.empty() && (lower == name || lower.starts_with(name + ".")))
            CUBELOOM_TRY(headers.read(item, asset));
        }
        if (!bandIn(item, word) && writtenOut({item}, {word}).front() == word) CUBELOOM_TRY(settleBands(item, headers));
      }
    names = writtenOut(items, wanted);
  }
  std::vector<CubeBand> bands;
  std::map<std::size_t, std::vector<std::string>> lacking;
  for (const std::string& name : names) {
    CubeBand band{name, {}};
    std::size_t found = 0;
    for (Item& item : items) {
      auto place = bandIn(item, name);
      // Chosen by another item's list; here the band is in a file that is not listed.
      if (!place && wanted.empty()) {
        CUBELOOM_TRY(settleBands(item, headers));
        place = bandIn(item, name);
      }
      found += place ? 1 : 0;
      band.places.push_back(place);
    }
    if (found == 0) return noSuchBand(items, name);
    if (found < items.size()) lacking[items.size() - found].push_back(name);
    bands.push_back(std::move(band));
  }
  for (const auto& [count, which] : lacking)
    notes.push_back(formatCount(static_cast<std::int64_t>(count)) + " of " + formatCount(static_cast<std::int64_t>(items.size())) +
                    " items lack " + (which.size() > 1 ? "the bands " : "the band ") + join(which, ", "));
  return bands;
}

}  // namespace cubeloom
