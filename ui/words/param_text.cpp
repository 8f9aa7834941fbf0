// SPDX-License-Identifier: GPL-3.0-or-later
// Parsing and printing of parameter values.
#include "ui/words/param_text.h"

#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/param_kinds.h"

namespace cubeloom {

namespace {

QString scalarText(const Json& value) {
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  if (value.is_number()) return QString::fromStdString(formatNumber(value.get<double>()));
  if (value.is_boolean()) return value.get<bool>() ? QStringLiteral("true") : QStringLiteral("false");
  return QString::fromStdString(value.dump());
}

/// JSON has no nan or inf: they travel as text.
Json numberJson(double number) {
  if (std::isfinite(number))
    return number == std::floor(number) && std::abs(number) < 1e15 ? Json(static_cast<std::int64_t>(number)) : Json(number);
  return std::isnan(number) ? Json("nan") : Json(number > 0 ? "inf" : "-inf");
}

/// "500 m" -> "500"; a minus sign may be typographic.
QString plainNumber(QString text) {
  text.replace(QStringLiteral("−"), QStringLiteral("-"));
  static const QRegularExpression number(QStringLiteral(R"(^\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*[^0-9.\s]*\s*$)"));
  const auto match = number.match(text);
  return match.hasMatch() ? match.captured(1) : text.trimmed();
}

Result<Json> numberList(const Param& param, const QString& text) {
  static const QRegularExpression separator(QStringLiteral(R"([,;×\s]+)"));
  Json list = Json::array();
  static const QRegularExpression unit(QStringLiteral(R"(\s+[^0-9.+\-−,;×\s]+\s*$)"));
  for (const QString& part : QString(text).remove(unit).split(separator, Qt::SkipEmptyParts)) {
    const auto number = parseNumber(plainNumber(part).toStdString());
    if (!number) {
      Error error{ErrorCode::InvalidParameter, "'" + part.toStdString() + "' is not a number", {}, {}, param.name, {}, {}};
      return fail(std::move(error));
    }
    list.push_back(numberJson(*number));
  }
  return list.size() == 1 ? list.front() : list;
}

}  // namespace

QString paramLabel(const Param& param) { return QString::fromStdString(labelOf(param)); }

QString paramText(const Param& param, const Json& value) {
  if (value.is_null()) return {};
  const bool isFlat = !value.is_structured() ||
                      (value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_primitive(); }));
  if (!isFlat) return QString::fromStdString(kindOf(param.type).toText(value));
  if (!value.is_array()) return scalarText(value);
  QStringList parts;
  for (const Json& item : value) parts << scalarText(item);
  return parts.join(QStringLiteral(", "));
}

Result<Json> paramValue(const Param& param, const QString& text) {
  const QString trimmed = text.trimmed();
  if (trimmed.isEmpty()) return Json();
  Json value = kindOf(param.type).fromText(trimmed.toStdString());
  switch (param.type) {
    case ParamType::Integer:
    case ParamType::Seed:
    case ParamType::Number:
      if (const auto number = parseNumber(plainNumber(trimmed).toStdString())) value = numberJson(*number);
      break;
    case ParamType::Resolution:
      if (trimmed == QLatin1String("auto") || trimmed == QLatin1String("fit") || trimmed == QLatin1String("same")) break;
      [[fallthrough]];
    case ParamType::Shape:
    case ParamType::Bounds:
    case ParamType::Numbers:
    case ParamType::Range: {
      auto numbers = numberList(param, trimmed);
      if (!numbers) return numbers;
      value = std::move(*numbers);
      break;
    }
    default: break;
  }
  if (auto checked = Params::check({param}, Json{{param.name, value}}); !checked) return fail(checked.error());
  return value;
}

QString paramPlaceholder(const Param& param) {
  if (!param.defaultTo.is_null()) return paramText(param, param.defaultTo);
  return param.required ? QStringLiteral("required") : QString();
}

QString paramRange(const Param& param) {
  const auto text = [](double value) { return QString::fromStdString(formatNumber(value)); };
  if (param.minimum && param.maximum) return QStringLiteral("%1 to %2").arg(text(*param.minimum), text(*param.maximum));
  if (param.minimum) return QStringLiteral("at least %1").arg(text(*param.minimum));
  if (param.maximum) return QStringLiteral("at most %1").arg(text(*param.maximum));
  return {};
}

Json selectionValue(const QString& text) {
  const QString trimmed = QString(text).replace(QStringLiteral("−"), QStringLiteral("-")).trimmed();
  if (trimmed.isEmpty()) return {};
  QStringList parts;
  for (const QString& part : trimmed.split(QLatin1Char(','), Qt::SkipEmptyParts)) parts << part.trimmed();
  return selectionFromText(parts.join(QLatin1Char(',')).toStdString());
}

QString selectionText(const Json& value) { return paramText({}, value); }

}  // namespace cubeloom
