// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/code_languages.h"

#include <QFileInfo>
#include <QSaveFile>
#include <algorithm>

#include "engine/export/export_chain.h"

namespace cubeloom {
namespace {

struct LanguageWords {
  const char* id;
  const char* name;
  const char* suffix;
};
constexpr LanguageWords kLanguageWords[] = {
    {"python", "Python", ".py"},        {"notebook", "Jupyter notebook", ".ipynb"}, {"gdal", "GDAL", ".sh"},
    {"shell", "Shell", ".sh"},          {"slurm", "Slurm", ".sbatch.sh"},           {"parallel", "GNU parallel", ".sh"},
    {"json", "Chain file", ".cubeloom"}};

}  // namespace

CodeLanguage codeLanguage(const QString& id) {
  for (const LanguageWords& one : kLanguageWords)
    if (id == QLatin1String(one.id)) return {id, QString::fromUtf8(one.name), QString::fromUtf8(one.suffix)};
  return {id, id, {}};
}

const std::vector<CodeLanguage>& codeLanguages() {
  static const std::vector<CodeLanguage> all = [] {
    std::vector<CodeLanguage> known;
    for (const std::string& id : exportLanguages()) known.push_back(codeLanguage(QString::fromStdString(id)));
    return known;
  }();
  return all;
}

QString codeFileName(const QString& chainPath, const CodeLanguage& language) {
  if (chainPath.isEmpty()) return QStringLiteral("chain") + language.suffix;
  const QFileInfo chain(chainPath);
  // The chain's own file stays what it is.
  const QString tail = language.suffix == QStringLiteral(".cubeloom") ? QStringLiteral("-copy") : QString();
  return chain.path() + QLatin1Char('/') + chain.completeBaseName() + tail + language.suffix;
}

bool saveCode(const QString& path, const QString& code) {
  QSaveFile file(path);
  const QByteArray bytes = code.toUtf8();
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return false;
  if (bytes.startsWith("#!")) file.setPermissions(file.permissions() | QFile::ExeUser | QFile::ExeOwner);
  return file.commit();
}

}  // namespace cubeloom
