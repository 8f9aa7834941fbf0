// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/class_rows.h"

#include <QObject>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

QString numberText(double value) { return QString::fromStdString(formatNumber(value)); }

/// The sign before a number: one of "<", "≤", ">", "≥", "="; empty without one.
QString signOf(QString& text) {
  text = text.trimmed();
  for (const auto& [typed, sign] :
       {std::pair<const char*, const char*>{"<=", "≤"}, {">=", "≥"}, {"≤", "≤"}, {"≥", "≥"}, {"<", "<"}, {">", ">"}, {"=", "="}}) {
    const QString prefix = QString::fromUtf8(typed);
    if (!text.startsWith(prefix)) continue;
    text = text.mid(prefix.size()).trimmed();
    return QString::fromUtf8(sign);
  }
  return {};
}

std::optional<double> numberOf(const QString& text) {
  QString plain = text.trimmed();
  plain.replace(QStringLiteral("−"), QStringLiteral("-")).replace(QStringLiteral("∞"), QStringLiteral("inf"));
  const auto number = parseNumber(plain.toStdString());
  return number && !std::isnan(*number) ? number : std::nullopt;
}

Failure rowProblem(std::size_t row, const QString& why, const QString& hint) {
  return invalidParameter("map", QObject::tr("row %1: %2").arg(row + 1).arg(why).toStdString(), hint.toStdString());
}

/// "[0,0.3)" of one row.
Result<std::string> condition(const ClassRow& row, std::size_t at) {
  QString from = row.from.trimmed(), to = row.to.trimmed();
  if (from.compare(QStringLiteral("nodata"), Qt::CaseInsensitive) == 0) return std::string("nodata");
  const QString fromSign = signOf(from), toSign = signOf(to);
  if (from.isEmpty() && to.isEmpty())
    return rowProblem(at, QObject::tr("it has neither From nor To"), QObject::tr("write a number, or nodata"));
  const auto low = from.isEmpty() ? std::optional<double>(-INFINITY) : numberOf(from);
  const auto high = to.isEmpty() ? std::optional<double>(INFINITY) : numberOf(to);
  if (!low) return rowProblem(at, QObject::tr("From '%1' is no number").arg(from), QObject::tr("write 0, > 0, = 5 or nodata"));
  if (!high) return rowProblem(at, QObject::tr("To '%1' is no number").arg(to), QObject::tr("write 0.3, or ≤ 0.3"));
  const bool isOne = fromSign == QStringLiteral("=") || (fromSign.isEmpty() && to.isEmpty());
  if (isOne && to.isEmpty()) return formatNumber(*low);
  if (fromSign == QStringLiteral("<") || fromSign == QStringLiteral("≤"))
    return rowProblem(at, QObject::tr("From '%1' has the sign of an upper end").arg(row.from), QObject::tr("write it under To"));
  if (toSign == QStringLiteral(">") || toSign == QStringLiteral("≥"))
    return rowProblem(at, QObject::tr("To '%1' has the sign of a lower end").arg(row.to), QObject::tr("write it under From"));
  if (*low > *high)
    return rowProblem(at, QObject::tr("From %1 is above To %2").arg(numberText(*low), numberText(*high)), QObject::tr("exchange the two"));
  const bool hasLow = fromSign != QStringLiteral(">");
  const bool hasHigh = toSign == QStringLiteral("≤") || toSign == QStringLiteral("=") || std::isinf(*high);
  return (hasLow ? "[" : "(") + formatNumber(*low) + "," + formatNumber(*high) + (hasHigh ? "]" : ")");
}

}  // namespace

bool isColour(const QString& text) {
  static const QRegularExpression kCode(QStringLiteral("^#[0-9a-fA-F]{6}$"));
  return kCode.match(text.trimmed()).hasMatch();
}

std::vector<ClassRow> classRowsOf(const Json& table) {
  std::vector<ClassRow> rows;
  if (!table.is_array()) return rows;
  rows.reserve(table.size());
  for (const Json& entry : table) {
    const auto text = [&entry](const char* key) {
      if (!entry.is_object() || !entry.contains(key)) return QString();
      const Json& value = entry[key];
      return value.is_string()   ? QString::fromStdString(value.get<std::string>())
             : value.is_number() ? numberText(value.get<double>())
                                 : QString::fromStdString(value.dump());
    };
    ClassRow row{text("when"), {}, text("value"), text("name"), text("color")};
    const auto read = tableFrom(Json::array({{{"when", row.from.toStdString()}, {"value", 0}}}));
    if (read && read->front().isNodata) {
      row.from = QStringLiteral("nodata");
    } else if (read) {
      const TableRow& range = read->front();
      const bool isOne = range.low == range.high;
      row.from = isOne                   ? QStringLiteral("= ") + numberText(range.low)
                 : std::isinf(range.low) ? QString()
                                         : (range.hasLow ? QStringLiteral("≥ ") : QStringLiteral("> ")) + numberText(range.low);
      row.to = isOne || std::isinf(range.high) ? QString()
                                               : (range.hasHigh ? QStringLiteral("≤ ") : QStringLiteral("< ")) + numberText(range.high);
      if (row.from.isEmpty() && row.to.isEmpty()) row.from = QStringLiteral("≥ -inf");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<Json> classTable(const std::vector<ClassRow>& rows) {
  if (rows.empty()) return Json();
  Json table = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ClassRow& row = rows[i];
    auto when = condition(row, i);
    if (!when) return fail(when.error());
    const auto value = numberOf(row.value);
    const bool isNan =
        row.value.trimmed().compare(QStringLiteral("nan"), Qt::CaseInsensitive) == 0 || row.value.trimmed() == QStringLiteral("nodata");
    if (!value && !isNan)
      return rowProblem(
          i, row.value.trimmed().isEmpty() ? QObject::tr("it has no Value") : QObject::tr("Value '%1' is no number").arg(row.value),
          QObject::tr("write the number that these become, or nan for nodata"));
    Json entry{{"when", *when}};
    entry["value"] = value && std::isfinite(*value) ? Json(*value) : value ? Json(formatNumber(*value)) : Json("nan");
    if (!row.name.trimmed().isEmpty()) entry["name"] = row.name.trimmed().toStdString();
    if (!row.colour.isEmpty()) {
      if (!isColour(row.colour))
        return rowProblem(i, QObject::tr("'%1' is no colour").arg(row.colour), QObject::tr("write one such as #1f78b4"));
      entry["color"] = row.colour.trimmed().toLower().toStdString();
    }
    table.push_back(std::move(entry));
  }
  return table;
}

ClassRow nextClass(const std::vector<ClassRow>& rows) {
  if (rows.empty()) return {QStringLiteral("≥ 0"), QStringLiteral("< 1"), QStringLiteral("1"), {}, {}};
  double most = 0;
  for (const ClassRow& row : rows)
    if (const auto value = numberOf(row.value)) most = std::max(most, *value);
  ClassRow next{{}, {}, numberText(std::floor(most) + 1), {}, {}};
  QString from = rows.back().from, to = rows.back().to;
  const QString fromSign = signOf(from), toSign = signOf(to);
  const auto low = numberOf(from), high = numberOf(to);
  if (high) {
    next.from = (toSign == QStringLiteral("≤") ? QStringLiteral("> ") : QStringLiteral("≥ ")) + numberText(*high);
    if (low) next.to = QStringLiteral("< ") + numberText(*high + (*high - *low));
  } else if (low && fromSign == QStringLiteral("=")) {
    next.from = QStringLiteral("= ") + numberText(*low + 1);
  } else {
    next.from = QStringLiteral("nodata");
  }
  return next;
}

Result<std::vector<ClassRow>> classRowsFromText(const QString& text) {
  QStringList lines;
  for (const QString& line : text.split(QRegularExpression(QStringLiteral("[\r\n]+")), Qt::SkipEmptyParts))
    if (!line.trimmed().isEmpty()) lines << line;
  if (lines.isEmpty())
    return invalidParameter("map", QObject::tr("the clipboard holds no text").toStdString(),
                            QObject::tr("copy rows of from, to, value, name, colour in a spreadsheet").toStdString());
  const QString& first = lines.front();
  const QChar parted = first.contains(QLatin1Char('\t'))  ? QLatin1Char('\t')
                       : first.contains(QLatin1Char(';')) ? QLatin1Char(';')
                                                          : QLatin1Char(',');
  const auto cleaned = [parted](QString field) {
    field = field.trimmed();
    if (field.size() > 1 && field.startsWith(QLatin1Char('"')) && field.endsWith(QLatin1Char('"'))) field = field.mid(1, field.size() - 2);
    static const QRegularExpression kDecimalComma(QStringLiteral("^([<>=≤≥]*\\s*[-−]?\\d*),(\\d+)$"));
    if (parted != QLatin1Char(',')) field.replace(kDecimalComma, QStringLiteral("\\1.\\2"));
    return field;
  };
  std::vector<ClassRow> rows;
  rows.reserve(static_cast<std::size_t>(lines.size()));
  for (qsizetype i = 0; i < lines.size(); ++i) {
    QStringList fields;
    for (const QString& field : lines[i].split(parted)) fields << cleaned(field);
    const bool isPair = fields.size() == 2;
    ClassRow row = isPair ? ClassRow{fields[0], {}, fields[1], {}, {}}
                          : ClassRow{fields.value(0), fields.value(1), fields.value(2), fields.value(3), fields.value(4)};
    if (fields.size() == 4 && isColour(row.name)) row = {row.from, row.to, row.value, {}, row.name};
    const auto read = fields.size() < 2 ? Result<Json>(rowProblem(0, QObject::tr("'%1' is one column").arg(lines[i].left(40)),
                                                                  QObject::tr("from, to and value are needed")))
                                        : classTable({row});
    if (!read) {
      if (i == 0 && lines.size() > 1 && !numberOf(fields.value(isPair ? 1 : 2))) continue;  // titles
      const QString why = QString::fromStdString(read.error().message).section(QStringLiteral(": "), 1);
      return invalidParameter("map", QObject::tr("line %1 of what was pasted: %2").arg(i + 1).arg(why).toStdString(), read.error().hint);
    }
    rows.push_back(classRowsOf(*read).front());
  }
  return rows;
}

QString classText(const std::vector<ClassRow>& rows) {
  QString text;
  for (const ClassRow& row : rows)
    text += QStringList{row.from, row.to, row.value, row.name, row.colour}.join(QLatin1Char('\t')) + QLatin1Char('\n');
  return text;
}

}  // namespace cubeloom
