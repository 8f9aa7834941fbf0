// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/place_listing.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>

#include "ui/words/number_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

QString toText(const std::string& value) { return QString::fromStdString(value); }

/// "image/tiff; application=geotiff; profile=cloud-optimized" says it with its first words.
QString formatText(const std::string& driver) {
  const QString format = toText(driver.substr(0, driver.find(';')));
  if (format == QLatin1String("yaml_file_cat")) return QStringLiteral("catalog");
  if (format == QLatin1String("stac catalog")) return QStringLiteral("STAC catalog");
  if (format == QLatin1String("stac collection")) return QStringLiteral("STAC collection");
  if (format == QLatin1String("stac item")) return QStringLiteral("item");
  return format.startsWith(QLatin1String("image/vnd.stac.")) ? format.mid(15) : format;
}

/// A format that is opened on explicit choice only is named in the reason: its remedy is the parameter `driver`.
QString chosenDriver(const CatalogEntry& entry) {
  static const QRegularExpression said(QStringLiteral(R"(driver=(\w+))"));
  const auto match = said.match(toText(entry.reason));
  return match.hasMatch() ? match.captured(1) : QString();
}

PlaceEntry entryOf(const CatalogEntry& from, const CancelToken& cancel) {
  PlaceEntry entry;
  entry.name = toText(from.title.empty() || from.driver == "stac item" ? from.name : from.title);
  if (entry.name.isEmpty()) entry.name = toText(from.name);
  entry.path = toText(from.path);
  entry.variable = toText(from.variable);
  entry.note = formatText(from.driver);
  entry.facts = factsOf(from);
  if (from.furtherOn) {
    entry.kind = from.driver == "folder" ? PlaceEntry::Kind::Folder : PlaceEntry::Kind::Catalog;
    entry.place = *from.furtherOn;
    if (entry.path.isEmpty()) entry.path = toText(from.furtherOn->path);
  } else if (from.isOpenable) {
    const QFileInfo file(toText(from.location.empty() ? from.path : from.location));
    if (file.isFile()) entry.bytes = static_cast<double>(file.size());
    if (mayHoldVariables(toText(from.driver)) && from.variable.empty()) entry.place.path = from.path;
  } else {
    entry.kind = from.children.empty() ? PlaceEntry::Kind::Dataset : PlaceEntry::Kind::Set;
    entry.problem = toText(from.reason);
    entry.driver = chosenDriver(from);
  }
  entry.children.reserve(from.children.size());
  for (const CatalogEntry& child : from.children) {
    if (cancel.isCanceled()) break;
    entry.children.push_back(entryOf(child, cancel));
    entry.children.back().facts.add(entry.facts);
  }
  if (!entry.children.empty()) entry.place = {};
  return entry;
}

/// Puts an array into the sets that its name goes through: "SITE/Reflectance/Data".
void putInGroups(std::vector<PlaceEntry>& into, const QStringList& groups, PlaceEntry entry) {
  std::vector<PlaceEntry>* level = &into;
  for (const QString& group : groups) {
    const auto isGroup = [&group](const PlaceEntry& other) { return other.kind == PlaceEntry::Kind::Set && other.name == group; };
    auto found = std::find_if(level->begin(), level->end(), isGroup);
    if (found == level->end()) {
      PlaceEntry set;
      set.kind = PlaceEntry::Kind::Set;
      set.name = group;
      set.note = QStringLiteral("group");
      level->push_back(std::move(set));
      found = level->end() - 1;
    }
    level = &found->children;
  }
  level->push_back(std::move(entry));
}

}  // namespace

bool mayHoldVariables(const QString& format) {
  static const QStringList formats{QStringLiteral("netcdf"), QStringLiteral("hdf5"), QStringLiteral("zarr"), QStringLiteral("reference")};
  return formats.contains(format.toLower());
}

PlaceListing listPlace(const CatalogRequest& place, CatalogProvider* catalogs, const CancelToken& cancel) {
  PlaceListing listing;
  if (catalogs == nullptr) {
    listing.problem = QStringLiteral("nothing lists folders here");
    listing.isFailed = true;
    return listing;
  }
  const auto catalog = catalogs->read(place);
  if (!catalog) {
    listing.problem = toText(catalog.error().message);
    listing.isFailed = true;
    return listing;
  }
  listing.kind = toText(catalog->kind);
  listing.entries.reserve(catalog->entries.size());
  for (const CatalogEntry& entry : catalog->entries) {
    if (cancel.isCanceled()) break;
    listing.entries.push_back(entryOf(entry, cancel));
  }
  if (catalog->kind == "folder") {
    std::stable_sort(listing.entries.begin(), listing.entries.end(), [](const PlaceEntry& a, const PlaceEntry& b) {
      return a.kind != b.kind ? a.kind < b.kind : QString::localeAwareCompare(a.name, b.name) < 0;
    });
  }
  QStringList notes;
  for (const std::string& note : catalog->notes)
    if (note.find("plug-ins") == std::string::npos) notes << toText(note);
  listing.problem = notes.join(QStringLiteral("; "));
  return listing;
}

PlaceListing listVariables(const QString& path, SourceProvider& sources) {
  PlaceListing listing;
  const auto info = sources.info(path.toStdString());
  if (!info) {
    listing.problem = toText(info.error().message);
    listing.isFailed = true;
    return listing;
  }
  if (info->variables.size() < 2) return listing;
  for (const VariableInfo& variable : info->variables) {
    PlaceEntry entry;
    entry.kind = PlaceEntry::Kind::Variable;
    entry.path = path;
    entry.variable = toText(variable.name);
    QStringList parts = entry.variable.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    entry.name = parts.isEmpty() ? entry.variable : parts.takeLast();
    QStringList dims;
    for (const Dim& dim : variable.spec.dims) dims << toText(dim.name);
    entry.note = dims.isEmpty() ? QStringLiteral("one value") : dims.join(QStringLiteral(" · "));
    entry.bytes = variable.spec.bytes();
    DatasetInfo alone;
    alone.variables = {variable};
    entry.facts = factsOf(alone);
    putInGroups(listing.entries, parts, std::move(entry));
  }
  return listing;
}

}  // namespace cubeloom
