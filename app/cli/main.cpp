// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli.
#include "app/cli/commands.h"

int main(int argc, char** argv) { return cubeloom::cli::runCommandLine(argc, argv); }
