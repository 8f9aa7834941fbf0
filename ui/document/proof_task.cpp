// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/proof_task.h"

#include <QCoreApplication>
#include <QFile>
#include <QStringList>
#include <QTemporaryDir>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/chain/chain_paths.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr int kWindows = 8;

QString words(const char* text) { return QCoreApplication::translate("ProofTask", text); }

/// What the program said last, without its name; the exported program's own words stand above.
QString lastSaid(const std::string& error) {
  const QString mark = QStringLiteral("cubeloom-cli: ");
  QString last, theirs;
  for (const QString& line : QString::fromStdString(error).split(u'\n', Qt::SkipEmptyParts)) {
    if (line.startsWith(mark)) {
      last = line.mid(mark.size());
    } else if (!line.startsWith(u' ')) {
      theirs = line;
    }
  }
  if (last.isEmpty()) return theirs.isEmpty() ? words("the comparison ended without a word") : theirs;
  return theirs.isEmpty() ? last : last + QStringLiteral("\n") + theirs;
}

}  // namespace

struct ProofTask::Work {
  QTemporaryDir folder;  ///< also of what the program leaves behind when it is killed
  std::string out;
  std::unique_ptr<ChildProgram> program;
};

ProofTask::~ProofTask() { cancel(); }

void ProofTask::cancel() { m_work.reset(); }

void ProofTask::start(const QString& with, std::function<void(const Proof&)> done) {
  cancel();
  m_work = std::make_shared<Work>();
  // The folder is this one's, so all paths are absolute.
  const Chain chain = rebased(m_document.chain(), "/dev/null/nowhere", *m_document.services().registry);
  const QString path = m_work->folder.filePath(QStringLiteral("chain.cubeloom"));
  QFile file(path);
  const QByteArray text = QByteArray::fromStdString(chainToJson(chain));
  if (!m_work->folder.isValid() || !file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) {
    cancel();
    done({Proof::Outcome::Failed, words("No file for temporary use can be written.")});
    return;
  }
  file.close();
  Work* held = m_work.get();  // it outlives its program
  const std::weak_ptr<Work> mine = m_work;
  m_work->program = std::make_unique<ChildProgram>(
      std::vector<std::string>{commandLineProgram(), "prove", path.toStdString(), "--with", with.toStdString(), "--samples",
                               std::to_string(kWindows), "--json"},
      std::vector<std::string>{"TMPDIR=" + m_work->folder.path().toStdString()},
      [held](const std::string& line) { held->out += line + "\n"; },
      [this, held, mine, done = std::move(done)](const ChildProgram::Ending& ending) {
        m_mailbox.post([this, mine, done, ending, out = held->out] {
          if (mine.expired()) return;
          m_work.reset();
          done(ending.code == 0 || (ending.code == 1 && !out.empty()) ? proofFrom(out)
                                                                      : Proof{Proof::Outcome::Failed, lastSaid(ending.error)});
        });
      });
}

Proof proofFrom(const std::string& json) {
  const Json all = Json::parse(json, nullptr, false);
  if (!all.is_object() || !all.contains("outputs")) return {Proof::Outcome::Failed, words("The comparison gave no answer.")};
  Proof proof{Proof::Outcome::Equal, {}};
  QStringList sentences;
  for (const Json& one : all["outputs"]) {
    const auto values = one.value("values", std::int64_t{0}), equal = one.value("equal", std::int64_t{0});
    const auto nodata = one.value("nodata_in_one", std::int64_t{0});
    const QString node = QString::fromStdString(one.value("node", std::string()));
    if (equal == values) {
      sentences << words("%1: equal in all %2 values of %3 windows").arg(node, countText(values)).arg(one.value("windows", 0));
      continue;
    }
    const bool holds = one.value("holds", false);
    proof.outcome = std::max(proof.outcome, holds ? Proof::Outcome::Rounding : Proof::Outcome::Differs);
    QString text = words("%1: %2 of %3 values differ, by up to %4")
                       .arg(node, countText(values - equal), countText(values),
                            QString::fromStdString(formatSignificant(one.value("largest_difference", 0.0), 3)));
    if (nodata > 0) text += words(", %1 are nodata in one alone").arg(countText(nodata));
    text += words("; at %1").arg(QString::fromStdString(one.value("where", std::string())));
    if (holds) text += words("; no more than rounding");
    sentences << text;
  }
  proof.text = sentences.join(u'\n');
  return proof;
}

}  // namespace cubeloom
