// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/stretch_params.h"

namespace cubeloom {
namespace {

Param percentParam(const std::string& name, const std::string& help, double byDefault) {
  return {.name = name, .type = ParamType::Number, .help = help, .unit = "%", .defaultTo = byDefault, .minimum = 0, .maximum = 100};
}

}  // namespace

std::vector<Param> stretchParams() {
  return {
      {.name = "method",
       .type = ParamType::Choice,
       .help = "Where the ends come from.",
       .defaultTo = "percent",
       .choices = {{"percent", "quantiles"}, {"minmax", "least and greatest"}, {"sigma", "mean and standard deviation"}}},
      percentParam("low", "The quantile that becomes black.", 2),
      percentParam("high", "The quantile that becomes white.", 98),
      {.name = "per", .type = ParamType::Choice, .help = "What has ends of its own.", .defaultTo = "band", .choices = {"band", "array"}},
      {.name = "gamma",
       .type = ParamType::Number,
       .help = "Brightness to the power of 1/gamma.",
       .defaultTo = 1,
       .minimum = 0.05,
       .maximum = 20}};
}

}  // namespace cubeloom
