// SPDX-License-Identifier: GPL-3.0-or-later
// The languages that chains are written in: what people call them, what their files are called, and how one is saved.
#pragma once

#include <QString>
#include <vector>

namespace cubeloom {

struct CodeLanguage {
  QString id;      ///< one of exportLanguages()
  QString name;    ///< "Jupyter notebook"
  QString suffix;  ///< ".ipynb"
};

/// In the order of exportLanguages().
const std::vector<CodeLanguage>& codeLanguages();
/// Of an id that is none of them: the id itself, without a suffix.
CodeLanguage codeLanguage(const QString& id);
/// A name for the file of a chain that is saved as `chainPath`; empty: nowhere.
QString codeFileName(const QString& chainPath, const CodeLanguage& language);
/// A script may be started then. False when it cannot be written.
bool saveCode(const QString& path, const QString& code);

}  // namespace cubeloom
