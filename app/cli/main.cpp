// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli.
#include "app/cli/commands.h"
#include "engine/io/probe.h"

int main(int argc, char** argv) {
  if (const auto code = cubeloom::answerAsProbe(argc, argv)) return *code;
  return cubeloom::cli::runCommandLine(argc, argv);
}
