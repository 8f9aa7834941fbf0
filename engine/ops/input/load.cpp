// SPDX-License-Identifier: GPL-3.0-or-later
// load: the items of a collection, a catalog's entry or a folder as one cube on one grid, lazily.
#include <cmath>
#include <filesystem>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/op/family/grid_params.h"
#include "engine/op/family/loaded_items.h"
#include "engine/op/family/warped.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Load";
  d.summary = "Loads a STAC collection, a catalog's entry or a folder of rasters as one cube (time, band, y, x) on one grid.";
  d.help =
      "As odc-stac does it. Items are chosen by 'datetime' and place, brought onto one grid, each resampled once, and items of one "
      "'groupby' "
      "become one time: where several are valid, 'method' decides in the order of 'sort_by'. By default the grid is that of the finest "
      "item, made as large as all of them need; items of several CRSs need 'crs'. The time of a group is that of its earliest item; a "
      "solar "
      "day is the day in UTC moved by a whole hour for each 15 degrees of longitude of the cube's centre.\n\n"
      "Grids, bands, types, nodata and scales are taken from the items (proj, raster, eo extensions; STAC 1.1), and from the files' "
      "headers "
      "where an item does not say them. One file of each asset is looked at before the run: where it differs from its item, a warning says "
      "so and the file counts. Other files are opened when a chunk needs them: those outside of the time and place never. A file that is "
      "not what was said of it stops the run with its item's name.\n\n"
      "Bands that differ in type, nodata or scale are joined as concat does. Whole numbers without nodata come out in the next wider type, "
      "which has one; 'nodata' says it instead. Bands of classes and quality flags are resampled by nearest unless 'resampling' names "
      "them.";
  d.references = {"https://odc-stac.readthedocs.io/en/latest/_api/odc.stac.load.html", "https://stacspec.org"};
  d.example = "load cube.hdr groupby=none";
  d.noPython = "odc.stac.load takes items that pystac has read, not a path";
  d.noGdal = "GDAL's programs have no dim of time";
  d.keywords = {"stac", "collection", "items", "datacube", "odc-stac", "mosaic", "tiles", "folder", "catalog", "open", "read", "import"};
  d.inputs = {};
  Param path{.name = "path",
             .type = ParamType::Path,
             .help = "A STAC collection, catalog, item or list of items; an intake catalog; a folder; or rasters by * and ? in the name."};
  path.required = true;
  Param bands{.name = "bands", .help = "Behind commas: assets, bands, or common names such as red, nir08; by default those of one kind."};
  Param datetime{.name = "datetime", .help = "2022-03, 2022-03-01/2022-05-31, ../2022-05: as STAC writes it.", .label = "time"};
  Param bbox{.name = "bbox", .type = ParamType::Bounds, .help = "West, south, east, north of the output.", .unit = "degrees"};
  Param polygons{.name = "polygons",
                 .type = ParamType::Features,
                 .help = "A file of polygons whose bounding rectangle is the output's extent; clip polygons= cuts along them.",
                 .advanced = true};
  Param groupBy{
      .name = "groupby", .type = ParamType::Choice, .help = "Which items become one time.", .defaultTo = "time", .label = "group by"};
  groupBy.choices = {
      {"time", "the same instant"}, {"solar_day", "one day by the sun"}, {"id", "each by itself"}, {"none", "all of them: no dim of time"}};
  Param method{.name = "method", .type = ParamType::Choice, .help = "What becomes of several valid values.", .defaultTo = "first"};
  for (const std::string& name : overlapNames()) method.choices.emplace_back(name);
  Param sortBy{.name = "sort_by",
               .help = "What counts first: date, name, cloud_cover or another property; -date turns the order.",
               .defaultTo = "date"};
  Param resampling{
      .name = "resampling", .help = "How a pixel gets its value: one method, or by band, scl=mode,*=bilinear.", .defaultTo = "nearest"};
  Param nodata{.name = "nodata", .type = ParamType::Number, .help = "Value that means 'no data' where neither file nor item says one."};
  Param decode{.name = "decode",
               .type = ParamType::Choice,
               .help =
                   "true reads the true values by the scale of item or file, false stored ones; auto stored ones where all items of a band "
                   "have one scale, else true ones.",
               .defaultTo = "auto"};
  decode.choices = {"auto", "true", "false"};
  Param entry{.name = "entry", .help = "Of an intake catalog: which of its entries.", .advanced = true};
  Param pattern{
      .name = "pattern", .help = "How names of files tell the date, such as %Y%m%d; by default it is looked for.", .advanced = true};
  d.params = {path, bands, datetime, bbox, polygons, groupBy, method, sortBy, resampling};
  for (Param& param : gridParams()) {
    if (param.name == "crs") param.help = "Of the output; by default the items', where they have one.";
    if (param.name == "bounds") param.help = "Extent of the output in its CRS; by default what covers the items.";
    d.params.push_back(std::move(param));
  }
  d.params.insert(d.params.end(), {nodata, decode, kernelParam(), entry, pattern});
  return d;
}

class BoundLoad : public LeafOperation {
 public:
  BoundLoad(LoadedItems items, SourceProvider& sources) : m_source(std::make_shared<LoadedSource>(std::move(items.cube), sources)) {
    m_spec = m_source->spec();
    m_notes = std::move(items.notes);
    m_warnings = std::move(items.warnings);
    m_summary = std::move(items.summary);
  }
  std::shared_ptr<Source> opened() const override { return m_source; }

 private:
  std::shared_ptr<Source> m_source;
};

std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& word : split(text, ','))
    if (!trim(word).empty()) words.emplace_back(trim(word));
  return words;
}

/// By its name, or what others call it.
Result<Resampling> methodNamed(const std::string& text) {
  const std::string word = toLower(trim(text));
  std::vector<std::string> names;
  for (const Choice& choice : resamplingParam().choices) {
    names.push_back(choice.name);
    if (choice.name == word || std::find(choice.synonyms.begin(), choice.synonyms.end(), word) != choice.synonyms.end())
      return *resamplingFromName(choice.name);
  }
  return invalidParameter("resampling", "there is no method '" + std::string(trim(text)) + "'", "one of " + join(names, ", "));
}

Result<std::vector<BandMethod>> methodsOf(const std::string& text) {
  std::vector<BandMethod> methods;
  for (const std::string& word : wordsOf(text)) {
    const std::size_t at = word.rfind('=');
    auto method = methodNamed(at == std::string::npos ? word : word.substr(at + 1));
    if (!method) return fail(method.error());
    methods.push_back({at == std::string::npos ? "*" : std::string(trim(word.substr(0, at))), *method});
  }
  return methods;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& /*inputs*/,
                                                   const BindContext& context) {
  if (!context.sources || !context.sources->items()) return fail(ErrorCode::Internal, "nobody lists items here");
  LoadRequest request;
  std::filesystem::path path(params.text("path"));
  const bool isUrl = params.text("path").find("://") != std::string::npos;
  if (!isUrl && path.is_relative() && !context.folder.empty()) path = std::filesystem::path(context.folder) / path;
  request.items = {isUrl ? params.text("path") : path.string(), params.text("entry"), params.text("pattern")};
  request.bands = wordsOf(params.text("bands"));
  if (const std::string text(trim(params.text("datetime"))); !text.empty()) {
    request.time = parseTimeSpan(text);
    if (!request.time)
      return invalidParameter("datetime", "'" + text + "' is no time", "as STAC writes it: 2022-03, 2022-03-01/2022-05-31, ../2022-05");
  }
  auto methods = methodsOf(params.text("resampling"));
  if (!methods) return fail(methods.error());
  request.methods = std::move(*methods);
  request.overlap = overlapOf(params.choice("method"));
  request.groupBy = params.choice("groupby");
  request.sortBy = params.text("sort_by");
  request.decode = params.choice("decode");
  if (params.has("nodata")) request.nodata = params.number("nodata");
  request.plainKernel = params.choice("kernel") == "plain";
  auto loaded = loadItems(request, params, context);
  if (!loaded) return fail(loaded.error());
  return std::make_shared<BoundLoad>(std::move(*loaded), *context.sources);
}

}  // namespace

CUBELOOM_OPERATION(load) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
