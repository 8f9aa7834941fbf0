// SPDX-License-Identifier: GPL-3.0-or-later
// Parsing and printing of parameter values.
#include "ui/words/param_text.h"

#include <QRegularExpression>
#include <QStringList>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

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

QString paramLabel(const Param& param) {
  static const QStringList abbreviations{QStringLiteral("crs"), QStringLiteral("dem"), QStringLiteral("rpc")};
  QString label = QString::fromStdString(param.label.empty() ? param.name : param.label);
  QStringList words = label.replace(QLatin1Char('_'), QLatin1Char(' ')).split(QLatin1Char(' '));
  for (QString& word : words)
    if (abbreviations.contains(word)) word = word.toUpper();
  label = words.join(QLatin1Char(' '));
  if (!label.isEmpty()) label[0] = label[0].toUpper();
  return label;
}

QString paramText(const Param&, const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_array()) return scalarText(value);
  QStringList parts;
  for (const Json& item : value) parts << scalarText(item);
  return parts.join(QStringLiteral(", "));
}

Result<Json> paramValue(const Param& param, const QString& text) {
  const QString trimmed = text.trimmed();
  if (trimmed.isEmpty()) return Json();
  Json value = trimmed.toStdString();
  switch (param.type) {
    case ParamType::Integer:
    case ParamType::Number:
      if (const auto number = parseNumber(plainNumber(trimmed).toStdString())) value = numberJson(*number);
      break;
    case ParamType::Resolution:
      if (trimmed != QLatin1String("auto") && trimmed != QLatin1String("fit") && trimmed != QLatin1String("same")) {
        auto numbers = numberList(param, trimmed);
        if (!numbers) return numbers;
        value = std::move(*numbers);
      }
      break;
    case ParamType::Shape:
    case ParamType::Bounds: {
      auto numbers = numberList(param, trimmed);
      if (!numbers) return numbers;
      value = std::move(*numbers);
      break;
    }
    case ParamType::Bool: value = trimmed == QLatin1String("true"); break;
    case ParamType::Dims: {
      value = Json::array();
      for (const QString& part : trimmed.split(QLatin1Char(','), Qt::SkipEmptyParts)) value.push_back(part.trimmed().toStdString());
      break;
    }
    default: break;
  }
  if (auto checked = Params::check({param}, Json{{param.name, value}}); !checked) return fail(checked.error());
  return value;
}

QString paramPlaceholder(const Param& param) {
  if (!param.defaultValue.empty()) {
    const Json value = Json::parse(param.defaultValue, nullptr, false);
    if (!value.is_discarded()) return paramText(param, value);
  }
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
  const auto one = [](const QString& part) -> Json {
    const std::string plain = part.trimmed().toStdString();
    if (const auto whole = parseInteger(plain)) return *whole;
    if (const auto number = parseNumber(plain); number && std::isfinite(*number)) return *number;
    return plain;
  };
  const QString trimmed = QString(text).replace(QStringLiteral("−"), QStringLiteral("-")).trimmed();
  if (trimmed.isEmpty()) return {};
  if (!trimmed.contains(QLatin1Char(','))) return one(trimmed);
  Json list = Json::array();
  for (const QString& part : trimmed.split(QLatin1Char(','), Qt::SkipEmptyParts)) list.push_back(one(part));
  return list;
}

QString selectionText(const Json& value) { return paramText({}, value); }

}  // namespace cubeloom
