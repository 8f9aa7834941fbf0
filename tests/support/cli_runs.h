// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli run, watched and killed in a folder of its own that holds a small cube.
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <vector>

namespace cubeloom::test {

/// A chain behind "open cube.hdr" and the output that it writes: one for every sink.
struct SinkRun {
  const char* name;
  const char* steps;
  const char* out;
};
const std::vector<SinkRun>& sinkRuns();
/// The columns steps and out of Qt Test.
void addSinkRuns();

/// Everything happens in its folder, which goes with it.
class CliRuns {
 public:
  /// The first error's text, or nothing. The cube has `bands` bands of 320 lines x 300 samples.
  QString makeCube(int bands) const;
  QString file(const QString& name) const { return m_folder.filePath(name); }
  /// "run OPTIONS ! open cube.hdr ! STEPS", telling its progress line by line.
  static QStringList words(const QString& steps, const QStringList& options = {});
  /// Returns when planning is over and the work begins, or when it has ended.
  void begin(QProcess& process, const QStringList& arguments) const;
  /// Its exit code; -1 when it crashed.
  int run(const QStringList& arguments, QByteArray* error = nullptr, qint64 mostFileBytes = 0) const;

  /// All bytes of a file, or of all files of a folder.
  QByteArray content(const QString& name) const;
  /// All that is unfinished.
  QStringList parts() const;
  /// Removes an output.
  void clear(const QString& out) const;
  void clearParts() const;

 private:
  QTemporaryDir m_folder;
};

}  // namespace cubeloom::test
