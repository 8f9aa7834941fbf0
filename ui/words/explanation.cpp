// SPDX-License-Identifier: GPL-3.0-or-later
// Words a declaration.
#include "ui/words/explanation.h"

#include <QRegularExpression>

#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

QString escaped(const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); }

/// Addresses and DOIs become links.
QString linked(const std::string& text) {
  QString html = escaped(text);
  static const QRegularExpression address(QStringLiteral(R"((https?://[^\s<]+))"));
  static const QRegularExpression doi(QStringLiteral(R"(doi:(10\.[^\s<,;]+))"));
  html.replace(address, QStringLiteral(R"(<a href="\1">\1</a>)"));
  html.replace(doi, QStringLiteral(R"(<a href="https://doi.org/\1">doi:\1</a>)"));
  return html;
}

}  // namespace

QString explanationHtml(const Declaration& d) {
  QString html = QStringLiteral("<p><b>%1</b></p>").arg(escaped(d.summary));
  for (const QString& paragraph : QString::fromStdString(d.help).split(QStringLiteral("\n\n"), Qt::SkipEmptyParts))
    html += QStringLiteral("<p>%1</p>").arg(paragraph.toHtmlEscaped());
  if (!d.params.empty()) {
    html += QStringLiteral("<p><b>Parameters</b></p>");
    for (const Param& param : d.params) {
      if (param.former) continue;
      const QString range = paramRange(param), standard = paramPlaceholder(param);
      QString line = QStringLiteral("<p style='margin:2px 0'><code>%1</code> %2").arg(escaped(param.name), escaped(param.help));
      if (!param.unit.empty()) line += QStringLiteral(" <i>%1</i>").arg(escaped(param.unit));
      if (!range.isEmpty()) line += QStringLiteral(" · ") + range.toHtmlEscaped();
      if (!standard.isEmpty())
        line += QStringLiteral(" · ") + (param.required ? standard : QStringLiteral("default %1").arg(standard)).toHtmlEscaped();
      html += line + QStringLiteral("</p>");
    }
  }
  if (!d.python.empty()) html += QStringLiteral("<p><b>In Python</b><br><code>%1</code></p>").arg(escaped(d.python));
  if (!d.example.empty()) html += QStringLiteral("<p><b>In a pipeline</b><br><code>%1</code></p>").arg(escaped(d.example));
  if (!d.references.empty()) {
    html += QStringLiteral("<p><b>References</b></p>");
    for (const std::string& reference : d.references) html += QStringLiteral("<p style='margin:2px 0'>%1</p>").arg(linked(reference));
  }
  return html;
}

}  // namespace cubeloom
