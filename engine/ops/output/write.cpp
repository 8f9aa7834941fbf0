// SPDX-License-Identifier: GPL-3.0-or-later
// write: the array as a file. What the file is to hold is decided here; how it is laid out and published, by the sink.
#include <filesystem>

#include "engine/access/formats.h"
#include "engine/array/variables_dim.h"
#include "engine/base/text.h"
#include "engine/op/family/convert_task.h"
#include "engine/op/family/kept_features.h"
#include "engine/op/view/output_names.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

std::vector<Choice> formatChoices() {
  std::vector<Choice> choices;
  for (const std::string& name : writtenFormats()) choices.emplace_back(name, "", formatNamed(name)->synonyms);
  return choices;
}

std::vector<Choice> compressChoices() {
  std::vector<Choice> choices;
  for (const std::string& name : writtenCompressions()) choices.emplace_back(name, "", compressionSynonyms(name));
  return choices;
}

Declaration declaration() {
  Declaration d;
  d.title = "Write";
  d.summary = "Writes the array to a file, complete or not at all.";
  d.help =
      "GeoTIFF and COG store y, x last and the other dims flattened to bands; ENVI takes its interleave from the order of the dims "
      "((y, wavelength, x) is BIL, (wavelength, y, x) BSQ, (y, x, wavelength) BIP); NetCDF keeps dims as they are, with CF coordinates and "
      "grid mapping. The file appears under its name only when it is whole "
      "and "
      "has been read back. Zarr (version 2) is a folder with the array in all its dims, its coordinates and its CRS, as xarray reads them. "
      "Wavelengths, CRS, nodata and band names go with it. CSV is a table for what zonal_stats, sample_points and reductions give: a line "
      "for each "
      "element with the coordinates of its dims before it, statistics as columns, nodata as an empty cell; layout=long gives a line for "
      "each value, layout=wide the last dim as columns. GeoJSON is the zones or points of zonal_stats and sample_points themselves, in "
      "longitude and latitude (RFC 7946), with their numbers as properties; GeoPackage the same as a layer with columns. An array without "
      "dims is one number: CSV, NetCDF and Zarr "
      "hold it.\n\n"
      "Several variables of a file (open variable=red,nir or all) are several again in NetCDF and Zarr, each with its own name, unit and "
      "attributes; variables=together writes them as one with a dim. In other formats they are bands.\n\n"
      "A name with dims in braces is a file for each entry: out_{time:%Y%m%d}_{band}.tif. Dates take %Y, %m, %d, %j, %H, %M, %S; numbers a "
      "form as {band:03d} or {wavelength:.1f}; {row} and {col} count tiles of tile_size from 0. Each file is written as if it were the "
      "only "
      "one, and appears when it is whole; two of one name are refused before the run. {{ and }} are braces of the name itself.";
  d.references = {"https://gdal.org/drivers/raster/cog.html"};
  d.example = "write out.tif format=COG";
  d.python =
      "{?sink.files=:{?out.dtype=:{?format=Zarr:array.to_zarr({path})?}{?format=netCDF:array.to_netcdf({path})?}{?!format=Zarr,netCDF,CSV:"
      "array.rio.to_raster({path}{?, driver={format}?}{?, "
      "compress={compress}?})?}{?format=CSV:array.to_dataframe('value').to_csv({path})?}?}"
      "{?!sink.format='CSV':{?as_type(array, {out.dtype}{?, {out.nodata}?})?}"
      "{?sink.format='Zarr','netCDF':{?.assign_attrs({out.scale})?}{?.rio.write_crs({out.crs}).assign_attrs(grid_mapping='spatial_ref')?}."
      "{?sink.variables=:to_dataset(name={out.name|'values'})?}"
      "{?pipe(lambda a: xarray.Dataset({ n: a.isel({ {sink.variables}: i }, drop=True) for i, n in enumerate({sink.names}) }))?}?}"
      "{?sink.format='Zarr':.to_zarr({path}, encoding={?sink.variables=:{ {out.name|'values'}: {'_FillValue': {out.nodata|None}}}?}"
      "{?{ n: {'_FillValue': {out.nodata|None}} for n in {sink.names} }?}{?overwrite=true:, "
      "mode='w'?})?}"
      "{?sink.format='netCDF':.to_netcdf({path}, encoding={?sink.variables=:{ {out.name|'values'}: {'_FillValue': {out.nodata|None}}}?}"
      "{?{ n: {'_FillValue': {out.nodata|None}} for n in {sink.names} }?})?}"
      "{?!sink.format=,'Zarr','netCDF':{?.stack(band={out.bands})?}.transpose(..., {out.y}, "
      "{out.x}){?.assign_attrs(long_name={out.names})?}"
      "{?.rio.set_spatial_dims({out.spatial})?}{?.rio.write_crs({out.crs})?}{?.rio.write_transform({out.transform})?}"
      "{?.rio.write_nodata({out.nodata})?}"
      ".rio.to_raster({path}, driver={sink.format}{?, compress={compress}?}{?sink.format='ENVI':, interleave={out.interleave}?})?}?}"
      "{?sink.format='CSV':array.to_dataframe('value').to_csv({path})?}?}";
  d.gdal =
      "{?sink.files=:gdal_translate -q{?!format=CSV:{? -of {format}?}?}{?format=CSV: -of XYZ -co COLUMN_SEPARATOR=, -co "
      "ADD_HEADER_LINE=YES?}{? -co "
      "COMPRESS={compress:upper}?}{?format=COG:{? -co BLOCKSIZE={blocksize}?}?}{?!format=COG:{? -co TILED=YES -co BLOCKXSIZE={blocksize} "
      "-co BLOCKYSIZE={blocksize}?}?}{?sink.format=ENVI:{? -co INTERLEAVE={out.interleave}?}?}{? -ot {dtype}?} {input} {path}?}";
  d.keywords = {"save",  "export", "geotiff",           "cog",   "envi",    "png",       "zarr", "output",
                "split", "tiles",  "one file per date", "table", "geojson", "geopackage"};
  Param path{.name = "path",
             .type = ParamType::OutputPath,
             .help = "The file to write; with {time:%Y%m%d}, {band}, another dim, or {row} and {col} in its name a file each."};
  path.required = true;
  Param format{.name = "format",
               .type = ParamType::Choice,
               .help =
                   "By default from the suffix: .tif GeoTIFF, .img .bil .bsq .bip ENVI, .nc NetCDF, .zarr Zarr, .png PNG, .csv CSV, "
                   ".geojson GeoJSON, .gpkg GeoPackage.",
               .choices = formatChoices()};
  Param compress{.name = "compress",
                 .type = ParamType::Choice,
                 .help =
                     "Compression, lossless; by default none for GeoTIFF, LZW for COG, deflate for NetCDF, Blosc for Zarr. LERC is for "
                     "GeoTIFF and COG.",
                 .choices = compressChoices()};
  Param overviews{.name = "overviews",
                  .type = ParamType::Choice,
                  .help =
                      "Reduced copies inside a GeoTIFF or COG larger than 512 pixels: a third more to store. auto: all of them in a COG, "
                      "none in a GeoTIFF.",
                  .defaultTo = "auto",
                  .choices = {"auto", "all", "none"},
                  .advanced = true};
  Param interleave{
      .name = "interleave",
      .type = ParamType::Choice,
      .help =
          "Of a GeoTIFF or COG. band: each band by itself, quick to read one by one. pixel: the bands of a pixel side by side, "
          "smaller where they are alike. auto: pixel for 2 to 4 compressed bands, else band.",
      .defaultTo = "auto",
      .choices = {"auto", {"band", "", {"BSQ"}}, {"pixel", "", {"BIP"}}},
      .advanced = true};
  Param dtype{.name = "dtype", .type = ParamType::PixelType, .help = "Pixel type in the file; by default the array's.", .advanced = true};
  Param overwrite{.name = "overwrite", .type = ParamType::Bool, .help = "Replace the file if it is there.", .defaultTo = false};
  Param chunks{.name = "chunks",
               .help =
                   "Of Zarr and NetCDF: elements of a chunk of the file by dim, as time=1,y=512,x=512 (other dims whole), or for all dims "
                   "in their order, as 1,512,512; -1 is all of a dim. By default what suits both maps and spectra.",
               .advanced = true};
  Param blocksize{.name = "blocksize",
                  .type = ParamType::Integer,
                  .help = "Of a GeoTIFF or COG: the side of its tiles, a multiple of 16. By default 512 of a COG, up to 256 of a GeoTIFF.",
                  .unit = "px",
                  .minimum = 16,
                  .maximum = 16384,
                  .advanced = true};
  Param tileSize{.name = "tile_size",
                 .type = ParamType::Shape,
                 .help = "Of a path with {row} and {col}: rows and columns of each file, or one number for both.",
                 .unit = "px",
                 .defaultTo = 1024,
                 .minimum = 1,
                 .advanced = true};
  Param layout{.name = "layout",
               .type = ParamType::Choice,
               .help = "Of a table.",
               .defaultTo = "auto",
               .choices = {{"auto", "statistics as columns, all else as lines"},
                           {"long", "a line for each value"},
                           {"wide", "the entries of the last dim as columns"}},
               .advanced = true};
  Param variables{.name = "variables",
                  .type = ParamType::Choice,
                  .help = "Of NetCDF and Zarr: how several variables of a file are written.",
                  .defaultTo = "separate",
                  .choices = {{"separate", "each by itself, under its name"}, {"together", "as one, along a dim"}},
                  .advanced = true};
  d.params = {path, format, compress, overviews, interleave, dtype, chunks, blocksize, tileSize, layout, variables, overwrite};
  return d;
}

/// Sides of the file's chunks, per dim, of "time=1,y=512,x=512" (others whole) or "1,512,512"; -1 is the whole dim, as in xarray.
Result<std::vector<std::int64_t>> chunksOf(const std::string& text, const ArraySpec& spec) {
  std::vector<std::int64_t> chunks;
  if (trim(text).empty() || toLower(trim(text)) == "auto") return chunks;
  const auto side = [&text](std::string_view word) -> Result<std::int64_t> {
    const auto number = parseInteger(trim(word));
    if (number && (*number > 0 || *number == -1)) return std::max<std::int64_t>(*number, 0);
    return invalidParameter("chunks", "'" + std::string(trim(word)) + "' in '" + text + "' is no number of elements",
                            "write whole numbers from 1 on, or -1 for all of a dim");
  };
  const auto words = split(text, ',');
  const bool isNamed = text.find('=') != std::string::npos;
  chunks.assign(spec.dims.size(), 0);
  if (!isNamed && words.size() != spec.dims.size())
    return invalidParameter("chunks", std::to_string(words.size()) + " numbers for " + std::to_string(spec.dims.size()) + " dims",
                            "write one for each of " + dimList(spec) + ", or by name, as " + spec.dims.front().name + "=1");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (isNamed && equals == std::string::npos) return invalidParameter("chunks", "'" + words[i] + "' in '" + text + "' names no dim");
    const std::string name(trim(words[i].substr(0, isNamed ? equals : 0)));
    const int d = isNamed ? spec.indexOf(name) : static_cast<int>(i);
    if (d < 0) return invalidParameter("chunks", "there is no dim '" + name + "'", "the dims are " + dimList(spec));
    auto number = side(isNamed ? words[i].substr(equals + 1) : words[i]);
    if (!number) return fail(number.error());
    chunks[static_cast<std::size_t>(d)] = *number;
  }
  return chunks;
}

class BoundWrite : public OutputOperation {
 public:
  BoundWrite(const ArraySpec& input, SinkRequest request) : m_conversion{input.type, request.spec.type, input.nodata, request.spec.nodata} {
    m_spec = request.spec;
    warnOfLoss(input, m_spec, m_warnings);
    m_summary = std::filesystem::path(request.path).filename().string() + (request.format.empty() ? "" : " · " + request.format);
    m_request = std::move(request);
  }
  const SinkRequest& request() const override { return m_request; }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return convertTask(m_conversion, region); }

 private:
  Conversion m_conversion;
  SinkRequest m_request;
};

/// Writes its input as several outputs, each as if it were one of its own; itself it is a view of all of it.
class BoundOutputs : public ViewOperation {
 public:
  BoundOutputs(const ArraySpec& input, std::vector<OutputSlice> slices, const std::string& format) : m_slices(std::move(slices)) {
    initView(input);
    m_spec = input;
    const auto nameOf = [](const OutputSlice& slice) { return std::filesystem::path(slice.written->sink()->path).filename().string(); };
    const std::string count = formatCount(static_cast<std::int64_t>(m_slices.size())) + (m_slices.size() == 1 ? " file" : " files");
    m_notes.push_back(count + ": " + nameOf(m_slices.front()) + (m_slices.size() > 1 ? " to " + nameOf(m_slices.back()) : ""));
    m_warnings = m_slices.front().written->warnings();
    m_summary = count + (format.empty() ? "" : " · " + format);
  }
  std::vector<OutputSlice> slices() const override { return m_slices; }

 private:
  std::vector<OutputSlice> m_slices;
};

Result<std::shared_ptr<const BoundOperation>> bindOne(const Params& params, const ArraySpec& input, const std::string& path,
                                                      const BindContext& context);

/// The sides of tiles, rows before columns.
std::pair<std::int64_t, std::int64_t> tileOf(const Params& params) {
  const std::vector<double> sides = params.numbers("tile_size");
  const auto side = [&sides](std::size_t i) { return static_cast<std::int64_t>(sides[std::min(i, sides.size() - 1)]); };
  return {side(0), side(1)};
}

std::string inFolder(const BindContext& context, const std::string& given) {
  const std::filesystem::path path(given);
  return (path.is_relative() && !context.folder.empty() ? std::filesystem::path(context.folder) / path : path).string();
}

Result<std::shared_ptr<const BoundOperation>> bindSeveral(const Params& params, const ArraySpec& input, const BindContext& context) {
  const auto [rows, cols] = tileOf(params);
  auto named = namedSlices(input, params.text("path"), rows, cols);
  if (!named) return fail(named.error());
  std::vector<OutputSlice> slices;
  slices.reserve(named->size());
  for (const NamedSlice& one : *named) {
    OutputSlice slice;
    slice.taken = makeSelection(input, one.selections, selectionSummary(one.indexers));
    slice.selection = one.indexers;
    auto written = bindOne(params, slice.taken->spec(), inFolder(context, one.path), context);
    if (!written) return written;
    slice.written = std::move(*written);
    slices.push_back(std::move(slice));
  }
  return std::make_shared<BoundOutputs>(input, std::move(slices), params.choice("format"));
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const std::string path = params.text("path");
  return isOutputTemplate(path) ? bindSeveral(params, inputs[0], context)
                                : bindOne(params, inputs[0], inFolder(context, withoutEscapes(path)), context);
}

Result<std::shared_ptr<const BoundOperation>> bindOne(const Params& params, const ArraySpec& input, const std::string& path,
                                                      const BindContext& context) {
  SinkRequest request;
  request.path = path;
  request.format = params.choice("format");
  request.compress = params.choice("compress");
  request.overviews = params.choice("overviews");
  request.interleave = params.choice("interleave");
  request.overwrite = params.flag("overwrite");
  request.spec = input;
  SinkOptions& options = request.options;
  options.blockSize = params.integer("blocksize");
  if (params.choice("variables") == "together") joinVariables(request.spec);
  options.layout = params.choice("layout") == "auto" ? "" : params.choice("layout");
  auto chunks = chunksOf(params.text("chunks"), input);
  if (!chunks) return fail(chunks.error());
  options.chunks = std::move(*chunks);
  const FormatFacts* format = request.format.empty() ? formatOfSuffix(path) : formatNamed(request.format);
  const bool hasGeometries = format != nullptr && (format->name == "GeoJSON" || format->name == "GPKG");
  if (auto geometries = hasGeometries ? geometriesAlong(input, context) : std::nullopt) {
    options.geometries = std::move(*geometries->texts);
    options.geometryDim = geometries->dim;
  }
  request.spec.attributes.erase(kFeaturesKey);
  if (params.has("dtype")) {
    const PixelType type = *pixelTypeFromName(params.text("dtype"));
    if (isComplex(input.type) && !isComplex(type))
      return fail(ErrorCode::UnsupportedType, "a complex array cannot be written as " + std::string(pixelTypeName(type)),
                  "leave 'dtype' empty");
    auto nodata = convertedNodata(input, type, "dtype");
    if (!nodata) return fail(nodata.error());
    request.spec.type = type;
    request.spec.nodata = *nodata;
  }
  return std::make_shared<BoundWrite>(input, std::move(request));
}

}  // namespace

CUBELOOM_OPERATION(write) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
