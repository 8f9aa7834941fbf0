// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/output_names.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/array/table_cells.h"
#include "engine/base/text.h"
#include "engine/op/operation.h"
#include "engine/op/view/date_parts.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostOutputs = 10000;

/// Text, or a field of a template.
struct NamePiece {
  std::string text;  ///< of a field: its name
  std::string format;
  bool isField = false;
};

bool isFieldName(const std::string& name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::vector<NamePiece> piecesOf(const std::string& path) {
  std::vector<NamePiece> pieces;
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if ((path[i] == '{' || path[i] == '}') && i + 1 < path.size() && path[i + 1] == path[i]) {
      text += path[i++];
      continue;
    }
    const auto end = path[i] == '{' ? path.find('}', i) : std::string::npos;
    const std::string inside = end == std::string::npos ? std::string() : path.substr(i + 1, end - i - 1);
    const auto colon = inside.find(':');
    if (!isFieldName(inside.substr(0, colon))) {
      text += path[i];
      continue;
    }
    pieces.push_back({std::move(text), {}, false});
    text.clear();
    pieces.push_back({inside.substr(0, colon), colon == std::string::npos ? std::string() : inside.substr(colon + 1), true});
    i = end;
  }
  pieces.push_back({std::move(text), {}, false});
  return pieces;
}

std::string padded(std::int64_t number, int width) {
  std::string text = std::to_string(number);
  return std::string(static_cast<std::size_t>(std::max(0, width - static_cast<int>(text.size()))), '0') + text;
}

/// "%Y%m%d" of a date.
Result<std::string> dateText(const std::string& format, double seconds, DayNumber days) {
  const CalendarDate date = calendarDate(seconds, days);
  const std::int64_t second = date.micros / 1000000;
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      text += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y': text += padded(date.year, 4); break;
      case 'y': text += padded(date.year % 100, 2); break;
      case 'm': text += padded(date.month, 2); break;
      case 'd': text += padded(date.day, 2); break;
      case 'j': text += padded(*days(date.year, date.month, date.day) - *days(date.year, 1, 1) + 1, 3); break;
      case 'H': text += padded(second / 3600, 2); break;
      case 'M': text += padded(second / 60 % 60, 2); break;
      case 'S': text += padded(second % 60, 2); break;
      case '%': text += '%'; break;
      default:
        return invalidParameter("path", std::string("'%") + format[i] + "' is no part of a date", "use %Y, %y, %m, %d, %j, %H, %M and %S");
    }
  }
  return text;
}

/// "03d", "3d", "d", ".1f" of a number.
Result<std::string> numberText(const std::string& format, double number, const std::string& field) {
  const std::string width = format.substr(0, format.size() - 1);
  const auto digits = parseInteger(width.empty() || width == "." ? "0" : width.substr(width[0] == '.' ? 1 : 0));
  const bool isWhole = format.back() == 'd' && width.find('.') == std::string::npos && number == std::floor(number);
  const bool isFixed = format.back() == 'f' && (width.empty() || width[0] == '.');
  if (!digits || *digits < 0 || *digits > 20 || (!isWhole && !isFixed))
    return invalidParameter("path", "{" + field + ":" + format + "} is no form of " + formatNumber(number),
                            "write {" + field + ":03d} of whole numbers, {" + field + ":.1f} of others, or {" + field + "}");
  if (isWhole) return padded(static_cast<std::int64_t>(number), static_cast<int>(*digits));
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", static_cast<int>(*digits), number);
  return std::string(text);
}

/// What a name cannot hold.
std::string inName(std::string text) {
  for (char& c : text)
    if (c == '/' || c == '{' || c == '}' || static_cast<unsigned char>(c) < 0x20) c = '_';
  return text.empty() ? "_" : text;
}

/// What a field runs along: the entries of a dim, or tiles of rows or columns.
struct Along {
  NamePiece field;
  int dim = -1;
  std::int64_t tile = 0;  ///< 0: each entry by itself
  std::int64_t count = 0;
  Dim entries = {};  ///< times as dates
  bool isWholeDays = true;

  IndexSet indices(std::int64_t i, std::int64_t size) const {
    return tile == 0 ? IndexSet::single(i) : IndexSet::range(i * tile, std::min(tile, size - i * tile));
  }
};

bool isDated(const Dim& dim) { return dim.coordinate.unit.starts_with("datetime") && dim.coordinate.kind != Coordinate::Kind::None; }

DayNumber calendarOf(const Dim& dated) { return daysOf(dated) != nullptr ? daysOf(dated) : DayNumber(gregorianDay); }

bool areWholeDays(const Dim& dated) {
  const DayNumber days = calendarOf(dated);
  for (std::int64_t i = 0; i < dated.size; ++i)
    if (const double at = dated.coordinate.at(i); at == at && calendarDate(at, days).micros != 0) return false;
  return true;
}

Result<std::string> entryInName(const Along& along, const NamePiece& field, std::int64_t entry) {
  const Dim& dim = along.entries;
  const Coordinate& c = dim.coordinate;
  if (isDated(dim)) {
    const double at = c.at(entry);
    if (at != at)
      return invalidParameter("path", "entry " + std::to_string(entry) + " of '" + dim.name + "' has no date", "leave it out with isel");
    auto text = dateText(!field.format.empty() ? field.format : along.isWholeDays ? "%Y%m%d" : "%Y%m%dT%H%M%S", at, calendarOf(dim));
    return text ? Result<std::string>(inName(*text)) : text;
  }
  const bool isCalled = !c.labels.empty() && field.format.empty();
  if (isCalled && !c.labels[static_cast<std::size_t>(entry)].empty()) return inName(c.labels[static_cast<std::size_t>(entry)]);
  const double number = c.kind == Coordinate::Kind::None ? static_cast<double>(entry) : c.at(entry);
  if (field.format.empty()) return inName(formatNumber(number));
  return numberText(field.format, number, field.text);
}

Result<Along> alongOf(const ArraySpec& spec, const NamePiece& field, std::int64_t tileRows, std::int64_t tileCols) {
  Along along{field, spec.indexOf(field.text)};
  if (along.dim < 0 && spec.isSpatial() && (field.text == "row" || field.text == "col")) {
    along.dim = field.text == "row" ? spec.yDim : spec.xDim;
    along.tile = field.text == "row" ? tileRows : tileCols;
  } else if (along.dim < 0) {
    return invalidParameter("path", "{" + field.text + "} in the name is no dim of the array",
                            "its dims are " + dimList(spec) + (spec.isSpatial() ? "; {row} and {col} count tiles" : ""));
  }
  const std::int64_t size = spec.dims[static_cast<std::size_t>(along.dim)].size;
  along.count = along.tile == 0 ? size : (size + along.tile - 1) / along.tile;
  along.entries = asDates(spec.dims[static_cast<std::size_t>(along.dim)]);
  along.isWholeDays = !isDated(along.entries) || areWholeDays(along.entries);
  return along;
}

Result<std::string> textOf(const Along& along, const NamePiece& piece, std::int64_t i) {
  if (along.tile == 0) return entryInName(along, piece, i);
  return piece.format.empty() ? std::to_string(i) : numberText(piece.format, static_cast<double>(i), piece.text);
}

}  // namespace

bool isOutputTemplate(const std::string& path) {
  const auto pieces = piecesOf(path);
  return std::any_of(pieces.begin(), pieces.end(), [](const NamePiece& piece) { return piece.isField; });
}

std::string withoutEscapes(const std::string& path) {
  std::string text;
  for (const NamePiece& piece : piecesOf(path)) text += piece.text;
  return text;
}

Result<std::vector<NamedSlice>> namedSlices(const ArraySpec& spec, const std::string& path, std::int64_t tileRows, std::int64_t tileCols) {
  const std::vector<NamePiece> pieces = piecesOf(path);
  std::vector<Along> all;
  std::vector<std::size_t> alongOfPiece(pieces.size());
  double count = 1;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    if (!pieces[p].isField) continue;
    auto along = alongOf(spec, pieces[p], tileRows, tileCols);
    if (!along) return fail(along.error());
    const auto found = std::find_if(all.begin(), all.end(), [&](const Along& one) { return one.dim == along->dim; });
    alongOfPiece[p] = static_cast<std::size_t>(found - all.begin());
    if (found != all.end()) {
      if (found->tile != along->tile)
        return invalidParameter("path", "{" + pieces[p].text + "} and {" + found->field.text + "} are of one dim", "name one of them");
      continue;
    }
    count *= static_cast<double>(along->count);
    all.push_back(std::move(*along));
  }
  if (count > static_cast<double>(kMostOutputs))
    return invalidParameter(
        "path", formatCount(static_cast<std::int64_t>(count)) + " files; at most " + formatCount(kMostOutputs) + " are written at once",
        "select fewer entries before, or make the tiles larger");
  // In the order of the dims, whatever that of the name.
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&all](std::size_t a, std::size_t b) { return all[a].dim < all[b].dim; });
  std::vector<NamedSlice> slices;
  std::map<std::string, Json> named;
  std::vector<std::int64_t> at(all.size(), 0);
  for (auto left = static_cast<std::int64_t>(count); left > 0; --left) {
    NamedSlice slice;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      auto text = pieces[p].isField ? textOf(all[alongOfPiece[p]], pieces[p], at[alongOfPiece[p]]) : Result<std::string>(pieces[p].text);
      if (!text) return fail(text.error());
      slice.path += *text;
    }
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Dim& dim = spec.dims[static_cast<std::size_t>(all[k].dim)];
      const IndexSet indices = all[k].indices(at[k], dim.size);
      // A band keeps its dim, and so its name in the file; other entries become what holds of the whole.
      const bool dropsDim = all[k].tile == 0 && all[k].dim != spec.spectralDim() && all[k].dim != spec.yDim && all[k].dim != spec.xDim;
      slice.selections[dim.name] = {indices, dropsDim, {}, {}};
      slice.indexers[dim.name] = dropsDim ? Json(indices.first())
                                          : Json(std::to_string(indices.first()) + ":" + std::to_string(indices.first() + indices.count()));
    }
    const auto [first, isNew] = named.emplace(slice.path, slice.indexers);
    if (!isNew)
      return invalidParameter("path",
                              "two outputs have the name '" + slice.path + "': " + first->second.dump() + " and " + slice.indexers.dump(),
                              "name every dim that tells them apart, or a date with its time, as {time:%Y%m%dT%H%M%S}");
    slices.push_back(std::move(slice));
    for (std::size_t k = order.size(); k-- > 0;) {
      if (++at[order[k]] < all[order[k]].count) break;
      at[order[k]] = 0;
    }
  }
  return slices;
}

}  // namespace cubeloom
