// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <sstream>

#include "engine/io/catalog/item_reader.h"
#include "engine/io/catalog/stac_dataset.h"
#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/fit_here.h"

namespace cubeloom::test {

Engine::Engine() : sources(makeFileProvider({false, {}, openStacItem, makeItemProvider()})), sinks(makeSinkProvider()) {
  registerOperations(registry);
}

Result<Chain> Engine::chain(const std::string& pipeline) const {
  std::istringstream text(pipeline);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return chainFromPipeline(words, registry);
}

Result<std::shared_ptr<const Graph>> Engine::bind(const std::string& pipeline) const {
  auto made = chain(pipeline);
  if (!made) return fail(made.error());
  auto graph = bindChain(*made, registry, *sources);
  if (!graph) return graph;
  if (const Error* error = (*graph)->firstError()) return fail(*error);
  return graph;
}

Result<Plan> Engine::plan(const std::string& pipeline, const PlanOptions& options) const {
  auto graph = bind(pipeline);
  if (!graph) return fail(graph.error());
  return makePlan(*graph, *sinks, options);
}

Result<RunReport> Engine::run(const std::string& pipeline, const PlanOptions& options) const {
  auto made = plan(pipeline, options);
  if (!made) return fail(made.error());
  return Run::start(std::move(*made), sinks)->wait();
}

int lastIndex(const Graph& graph) {
  int last = static_cast<int>(graph.nodes.size()) - 1;
  while (graph.nodes[static_cast<std::size_t>(last)].partOf >= 0) --last;
  return last;
}

const BoundNode& lastOf(const Graph& graph) { return graph.nodes[static_cast<std::size_t>(lastIndex(graph))]; }

Result<std::vector<double>> valuesOf(const Graph& graph, const Region& region) {
  const int last = lastIndex(graph);
  const ArraySpec& spec = lastOf(graph).operation->spec();
  EvaluateContext context;
  const auto fitted = fitHere(graph, last, 0, context);
  if (!fitted) return fail(fitted.error());
  const Block block = makeBlock(context.pool, spec.type, regionShape(region));
  if (auto done = evaluate(fitted->graph ? *fitted->graph : graph, last, region, block.view, context); !done) return fail(done.error());
  std::vector<double> values(static_cast<std::size_t>(block.view.count()));
  copyBlock(block.view, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, block.view.shape));
  return values;
}

Result<std::vector<double>> valuesOf(const Graph& graph) { return valuesOf(graph, fullRegion(lastOf(graph).operation->spec().shape())); }

std::string readingProblemOf(Source& source) {
  BufferPool pool;
  const Block block = makeBlock(pool, source.spec().type, source.spec().shape());
  ReadContext context;
  const auto read = source.read(fullRegion(source.spec().shape()), block.view, context);
  return read ? std::string() : read.error().text();
}

void copyFolder(const QString& from, const QString& to) {
  QDir().mkpath(to);
  for (const QFileInfo& entry : QDir(from).entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden)) {
    const QString target = to + "/" + entry.fileName();
    if (entry.isDir()) {
      copyFolder(entry.filePath(), target);
    } else if (!QFile::copy(entry.filePath(), target)) {
      qFatal("cannot copy %s", qPrintable(entry.filePath()));
    }
  }
}

QByteArray contentOf(const std::string& path) {
  const QString name = QString::fromStdString(path);
  if (QFileInfo(name).isDir()) {
    const QDir folder(name);
    QStringList files;
    for (QDirIterator at(name, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); at.hasNext();)
      files.push_back(folder.relativeFilePath(at.next()));
    files.sort();
    QByteArray all;
    for (const QString& file : files) {
      const QByteArray content = contentOf(folder.filePath(file).toStdString());
      all += file.toUtf8() + " " + QByteArray::number(content.size()) + "\n" + content;
    }
    return all;
  }
  QFile file(name);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace cubeloom::test
