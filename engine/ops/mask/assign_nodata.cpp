// SPDX-License-Identifier: GPL-3.0-or-later
// assign_nodata: say which value means 'no data', without changing a pixel.
#include "engine/base/text.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Assign nodata";
  d.summary = "Says which value means 'no data'; changes no pixel.";
  d.help =
      "Statistics, resampling and band math leave nodata out. Many files do not declare it although they use one (SHIFT's mosaics: -9999). "
      "Leave the value empty to say that every value is valid.";
  d.references = {"https://corteva.github.io/rioxarray/stable/getting_started/nodata_management.html"};
  d.example = "assign_nodata nodata=-9999";
  d.python = "array.rio.write_nodata({nodata|None})";
  d.gdal = "gdal_translate -a_nodata {nodata|none} {input} {output}";
  d.keywords = {"missing", "fill", "mask", "nan"};
  d.params = {Param{.name = "nodata", .type = ParamType::Number, .help = "The value; empty: none."}};
  return d;
}

class BoundAssignNodata : public ViewOperation {
 public:
  BoundAssignNodata(const ArraySpec& input, std::optional<double> nodata) {
    initView(input);
    m_spec = input;
    m_spec.nodata = nodata;
    m_summary = nodata ? formatNumber(*nodata) : "none: every value is valid";
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  std::optional<double> nodata;
  if (params.has("nodata")) nodata = params.number("nodata");
  if (nodata && !canHold(inputs[0].type, *nodata))
    return invalidParameter("nodata", "nodata " + formatNumber(*nodata) + " cannot be a " + std::string(pixelTypeName(inputs[0].type)),
                            "give a value of that type, or add astype before");
  return std::make_shared<BoundAssignNodata>(inputs[0], nodata);
}

}  // namespace

CUBELOOM_OPERATION(assign_nodata) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
