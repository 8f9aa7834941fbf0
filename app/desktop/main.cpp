// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop workbench: hands the engine's parts to the window. Wiring only.
#include <QApplication>
#include <QCommandLineParser>
#include <QTimer>
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <string_view>

#include "app/services/services.h"
#include "engine/base/allocator.h"
#include "engine/io/file/descriptor_pool.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/reader_verb.h"
#include "engine/io/sample/samples.h"
#include "ui/theme/theme.h"
#include "ui/window/main_window.h"
#include "ui/window/settings.h"

namespace {

cubeloom::Theme::Mode themeMode(const QString& word) {
  if (word == QLatin1String("light")) return cubeloom::Theme::Mode::Light;
  if (word == QLatin1String("dark")) return cubeloom::Theme::Mode::Dark;
  return cubeloom::loadSettings().theme;
}

/// Saves a picture of the window after `seconds` and ends the program: 0 done, 1 it could not be written.
void takeScreenshot(cubeloom::MainWindow& window, const QString& path, double seconds) {
  QTimer::singleShot(static_cast<int>(seconds * 1000), &window, [&window, path] {
    const bool saved = window.grab().save(path);
    if (!saved) std::fprintf(stderr, "cubeloom: cannot write '%s'\n", qPrintable(path));
    QCoreApplication::exit(saved ? 0 : 1);
  });
}

/// What only needs an answer in the terminal gets it where there is no display, too.
bool asksForText(int argc, char** argv) {
  const auto isQuestion = [](const std::string_view word) {
    return word == "-h" || word == "--help" || word == "--help-all" || word == "-v" || word == "--version";
  };
  return std::any_of(argv + 1, argv + argc, isQuestion);
}

}  // namespace

int main(int argc, char** argv) {
  cubeloom::keepGdalsAlgebraToOneThread();
  if (const auto code = cubeloom::answerAsReader(argc, argv)) return *code;
  cubeloom::keepAllocatorLean();
  cubeloom::raiseDescriptorLimit();
  QCoreApplication::setOrganizationName(QStringLiteral("Cubeloom"));
  QCoreApplication::setApplicationName(QStringLiteral("Cubeloom"));
  QCoreApplication::setApplicationVersion(QStringLiteral(CUBELOOM_VERSION));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("A workbench for image cubes larger than memory."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("Datasets and chains (*.cubeloom) to open."),
                               QStringLiteral("[FILE…]"));
  const QCommandLineOption sample(QStringLiteral("sample"), QStringLiteral("Open the sample cube with the sample chain."));
  const QCommandLineOption example(QStringLiteral("example"),
                                   QStringLiteral("Open an example chain with its data: coast_greenness, coast_fields."),
                                   QStringLiteral("NAME"));
  const QCommandLineOption screenshot(QStringLiteral("screenshot"), QStringLiteral("Save a picture of the window as OUT and exit."),
                                      QStringLiteral("OUT.png"));
  const QCommandLineOption after(QStringLiteral("after"), QStringLiteral("How long to wait before the picture is taken."),
                                 QStringLiteral("SECONDS"), QStringLiteral("3"));
  const QCommandLineOption themeOption(QStringLiteral("theme"), QStringLiteral("light, dark or system."), QStringLiteral("THEME"));
  parser.addOptions({sample, example, screenshot, after, themeOption});
  if (asksForText(argc, argv)) {
    const QCoreApplication plain(argc, argv);
    parser.process(plain);  // does not return
  }

  cubeloom::applyScale(cubeloom::loadSettings());
  QApplication application(argc, argv);
  // QApplication takes over the user's locale; numbers of files and chains must not follow it.
  std::setlocale(LC_NUMERIC, "C");
  parser.process(application);
  bool isNumber = false;
  const double seconds = parser.value(after).toDouble(&isNumber);
  if (!isNumber || seconds < 0) {
    std::fprintf(stderr, "cubeloom: --after %s: not a number of seconds\n", qPrintable(parser.value(after)));
    return 2;
  }

  // What still opens a file when the window closes is not waited for.
  QObject::connect(&application, &QCoreApplication::aboutToQuit, [] { cubeloom::endReaders(); });

  cubeloom::theme().setMode(themeMode(parser.value(themeOption)));
  cubeloom::theme().setReducedMotion(cubeloom::loadSettings().reducedMotion);
  cubeloom::theme().applyToApplication();
  cubeloom::MainWindow window(cubeloom::makeServices(), cubeloom::makeSampleOf);
  if (parser.isSet(screenshot)) window.resize(1600, 1000);
  window.show();
  if (parser.isSet(sample)) {
    window.openSample();
  } else if (parser.isSet(example)) {
    window.openExample(parser.value(example));
  } else if (parser.positionalArguments().isEmpty() && window.isFirstStart() && !parser.isSet(screenshot)) {
    window.openExample();
  }
  if (!parser.positionalArguments().isEmpty()) window.openFiles(parser.positionalArguments());
  if (parser.isSet(screenshot)) takeScreenshot(window, parser.value(screenshot), seconds);
  return QApplication::exec();
}
