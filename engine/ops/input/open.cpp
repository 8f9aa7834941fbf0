// SPDX-License-Identifier: GPL-3.0-or-later
// open: a dataset's array, lazily. Headers only; pixels are read where a chunk needs them.
#include <algorithm>
#include <filesystem>

#include "engine/access/decoded_source.h"
#include "engine/access/variables_source.h"
#include "engine/array/stated_scale.h"
#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/geo/plausible_place.h"
#include "engine/op/family/warped.h"
#include "engine/op/view/assigned_crs.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Open";
  d.summary = "Opens a raster lazily: its header now, its pixels when a chunk needs them.";
  d.help =
      "ENVI raw cubes, NetCDF, HDF5, Zarr folders (versions 2 and 3) and kerchunk references are read directly, GeoTIFF and others through "
      "GDAL. Dims come in the file's own order: ENVI BIL as (y, wavelength, "
      "x), "
      "BSQ as (wavelength, y, x), BIP as (y, x, wavelength), rasters read through GDAL as (band, y, x), NetCDF and HDF5 as stored with "
      "their own names. Wavelengths are in nm. "
      "A nodata value that the file does not declare stays undeclared until you give one here or with assign_nodata. Pixels under a mask "
      "become nodata: the value given here, else the file's own, else NaN.";
  d.references = {"https://www.nv5geospatialsoftware.com/docs/enviheaderfiles.html"};
  d.example = "open cube.hdr";
  d.python =
      "{?out.dtype=:rioxarray.open_rasterio({path}, chunks={})?}"
      "{?decode=auto:{?mask=auto:{?driver=:{?pattern=:{?georeference=none:{file.reader}?}?}?}?}?}";
  d.noGdal = "GDAL's programs open their inputs themselves";
  d.keywords = {"read", "load", "file", "dataset", "import"};
  d.inputs = {};
  Param path{
      .name = "path",
      .type = ParamType::Path,
      .help =
          "The file, its ENVI header, or a Zarr folder; with * and ? in the name several files as one array along time; "
          "/vsizip/archive.zip/file.tif; with CUBELOOM_NETWORK=on a URL; sample:full, a synthetic cube that is computed as it is read."};
  path.required = true;
  Param variable{.name = "variable",
                 .help =
                     "Which array of the file; by default the only or the first one with spatial dims. Several, as red,nir, or all of them "
                     "become one array along a dim band (variable where they have bands), if their grids and types are the same."};
  Param nodata{.name = "nodata", .type = ParamType::Number, .help = "Value that means 'no data', if the file does not say or is wrong."};
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "Coordinate reference system, if the file does not say or is wrong."};
  crs.advanced = true;
  Param driver{.name = "driver",
               .help =
                   "GDAL driver for formats that are opened on explicit choice only, such as GRIB. A VRT also needs your trust, see "
                   "cubeloom-cli trust."};
  driver.advanced = true;
  Param concatDim{.name = "concat_dim",
                  .help = "Of several files: the dim along which they become one array; one they have is lengthened, else it is new.",
                  .defaultTo = "time"};
  concatDim.advanced = true;
  Param pattern{
      .name = "pattern",
      .help = "Of several files: how their names tell the date, such as %Y%m%d; by default it is looked for in the name and the file."};
  pattern.advanced = true;
  Param mask{
      .name = "mask",
      .type = ParamType::Choice,
      .help =
          "What a mask or alpha band of the file does: apply makes masked pixels nodata (NaN, and integers floats, where there is no "
          "nodata value), auto does so where the pixel type can stay, ignore reads them as values.",
      .defaultTo = "auto"};
  mask.choices = {"auto", "apply", "ignore"};
  mask.advanced = true;
  Param decode{
      .name = "decode",
      .type = ParamType::Choice,
      .help =
          "Whether values are read as stored or as the true ones by the scale that the file states: auto decodes NetCDF, HDF5 and "
          "Zarr as xarray does, and leaves others as stored; true decodes them, too (scale and offset of GDAL's bands, ENVI's data "
          "gain and offset values or its reflectance scale factor); false decodes nothing.",
      .defaultTo = "auto"};
  decode.choices = {"auto", "true", "false"};
  d.params = {path, variable, nodata, crs, decode, driver, mask, concatDim, pattern};
  // What chains said before there was the operation georeference, which says it still.
  Param georeference{.name = "georeference",
                     .type = ParamType::Choice,
                     .help = "How the raster is placed on a grid; now the operation georeference.",
                     .defaultTo = "none",
                     .choices = {"none", "gcp", "gcp1", "gcp2", "gcp3", "tps", "rpc", "geolocation"},
                     .former = true};
  Param resampling = resamplingParam();
  resampling.former = true;
  Param rpcHeight{.name = "rpc_height", .type = ParamType::Number, .help = "The ground's height for RPCs.", .unit = "m", .former = true};
  Param rpcDem{.name = "rpc_dem", .type = ParamType::Path, .help = "A raster of heights for RPCs.", .former = true};
  d.params.insert(d.params.end(), {georeference, resampling, rpcHeight, rpcDem});
  return d;
}

class BoundOpen : public LeafOperation {
 public:
  BoundOpen(std::shared_ptr<Source> source, ArraySpec spec, std::vector<std::string> notes, std::string summary)
      : m_source(std::move(source)) {
    m_spec = std::move(spec);
    m_notes = std::move(notes);
    m_summary = std::move(summary);
    if (!m_spec.nodata && !isComplex(m_spec.type))
      m_warnings.push_back("nodata is not declared: every value counts as valid; set 'nodata' here or add assign_nodata");
    if (m_spec.geobox)
      if (const std::string wrong = implausiblePlace(*m_spec.geobox); !wrong.empty()) m_warnings.push_back(wrong);
  }
  std::shared_ptr<Source> opened() const override { return m_source; }

 private:
  std::shared_ptr<Source> m_source;
};

/// The variables that "a,b" or "all" means: those with rows and columns, where there are such. One name is none of several.
Result<std::vector<std::string>> variablesOf(const OpenRequest& request, SourceProvider& sources) {
  std::vector<std::string> names;
  if (request.variable.find(',') == std::string::npos && request.variable != "all") return names;
  if (request.variable != "all") {
    for (const std::string& name : split(request.variable, ',')) names.emplace_back(trim(name));
    return names;
  }
  auto info = sources.info(request.path);
  if (!info) return fail(info.error());
  if (std::any_of(info->variables.begin(), info->variables.end(), [](const VariableInfo& one) { return one.name == "all"; })) return names;
  const bool isSpatial = !info->variables.empty() && info->variables[info->chosen].spec.isSpatial();
  for (const VariableInfo& one : info->variables)
    if (one.spec.isSpatial() == isSpatial) names.push_back(one.name);
  return names;
}

/// What the request names, and what the user should know of it.
Result<std::shared_ptr<Source>> openedSource(OpenRequest request, SourceProvider& sources, std::vector<std::string>& notes) {
  auto names = variablesOf(request, sources);
  if (!names) return fail(names.error());
  if (names->size() == 1) request.variable = names->front();
  if (names->size() < 2) {
    auto source = sources.open(request);
    if (source) notes = sources.notesOf(**source);
    return source;
  }
  std::vector<std::shared_ptr<Source>> all;
  for (const std::string& name : *names) {
    request.variable = name;
    auto one = sources.open(request);
    if (!one) return one;
    for (std::string& note : sources.notesOf(**one))
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
    all.push_back(std::move(*one));
  }
  return variablesSource(std::move(all), *names);
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& /*inputs*/,
                                                   const BindContext& context) {
  if (!context.sources) return fail(ErrorCode::Internal, "no source provider");
  const auto inFolder = [&context](const std::filesystem::path& path) {
    return path.is_relative() && !context.folder.empty() ? std::filesystem::path(context.folder) / path : path;
  };
  std::filesystem::path path(params.text("path"));
  const bool isUrl = params.text("path").find("://") != std::string::npos;
  if (!isUrl) path = inFolder(path);
  OpenRequest request;
  request.path = isUrl ? params.text("path") : path.string();
  request.variable = params.text("variable");
  request.driver = params.text("driver");
  request.concatDim = params.text("concat_dim");
  request.pattern = params.text("pattern");
  request.mask = params.choice("mask");
  request.decode = params.choice("decode");
  request.georeference = params.choice("georeference");
  request.resampling = params.choice("resampling");
  if (params.has("nodata")) request.nodata = params.number("nodata");
  if (params.has("rpc_height")) request.rpcHeight = params.number("rpc_height");
  if (params.has("rpc_dem")) request.rpcDem = inFolder(params.text("rpc_dem")).string();
  std::vector<std::string> notes;
  auto source = openedSource(request, *context.sources, notes);
  if (!source) return fail(source.error());
  ArraySpec spec = (*source)->spec();
  // Said in other words, or no more so.
  std::erase_if(notes, [&](const std::string& note) {
    const auto says = [&note](const char* words) { return note.find(words) != std::string::npos; };
    return note.starts_with("nodata is not declared") || (request.decode == "true" && says("values are as stored")) ||
           (params.has("crs") && (says("the CRS is unknown") || says("it is taken as unknown")));
  });
  if (params.has("nodata")) {
    const double nodata = params.number("nodata");
    if (!canHold(spec.type, nodata))
      return invalidParameter("nodata", "nodata " + formatNumber(nodata) + " cannot be a " + std::string(pixelTypeName(spec.type)),
                              "give a value of the file's type");
    spec.nodata = nodata;
  }
  if (request.decode == "true") {
    if (const std::string said = scaleNotUnderstood(spec); !said.empty())
      return invalidParameter("decode", "the scale that the file states is not understood: " + said,
                              "leave decode out, and say what values mean with unscale scale=... offset=...");
    auto decoded = decodedSource(*source, spec);
    if (!decoded) return fail(decoded.error());
    if (*decoded != *source) spec = (*decoded)->spec();
    source = std::move(decoded);
  }
  if (params.has("crs")) {
    auto crs = params.crs("crs");
    if (!crs) return fail(crs.error());
    if (spec.geobox) {
      auto assigned = withAssignedCrs(spec, *crs);
      if (!assigned) return fail(assigned.error());
      spec = std::move(*assigned);
    }
  }
  std::string summary = isUrl ? redactSecrets(path.filename().string()) : path.filename().string();
  if (spec.attributes.contains("synthetic")) summary += ", synthetic";
  return std::make_shared<BoundOpen>(*source, std::move(spec), std::move(notes), std::move(summary));
}

}  // namespace

CUBELOOM_OPERATION(open) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
