// SPDX-License-Identifier: GPL-3.0-or-later
// write: the array as a file. What the file is to hold is decided here; how it is laid out and published, by the sink.
#include <filesystem>

#include "engine/access/formats.h"
#include "engine/op/family/convert_task.h"

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
      "element with the coordinates of its dims before it, statistics as columns, nodata as an empty cell.";
  d.references = {"https://gdal.org/drivers/raster/cog.html"};
  d.example = "write out.tif format=COG";
  d.python =
      "{?out.dtype=:{?format=Zarr:array.to_zarr({path})?}{?format=netCDF:array.to_netcdf({path})?}{?!format=Zarr,netCDF,CSV:"
      "array.rio.to_raster({path}{?, driver={format}?}{?, "
      "compress={compress}?})?}{?format=CSV:array.to_dataframe('value').to_csv({path})?}?}"
      "{?!sink.format='CSV':{?as_type(array, {out.dtype}{?, {out.nodata}?})?}"
      "{?sink.format='Zarr','netCDF':{?.assign_attrs({out.scale})?}{?.rio.write_crs({out.crs}).assign_attrs(grid_mapping='spatial_ref')?}."
      "to_dataset(name={out.name|'values'})?}"
      "{?sink.format='Zarr':.to_zarr({path}, encoding={ {out.name|'values'}: {'_FillValue': {out.nodata|None}}}{?overwrite=true:, "
      "mode='w'?})?}"
      "{?sink.format='netCDF':.to_netcdf({path}, encoding={ {out.name|'values'}: {'_FillValue': {out.nodata|None}}})?}"
      "{?!sink.format=,'Zarr','netCDF':{?.stack(band={out.bands})?}.transpose(..., {out.y}, "
      "{out.x}){?.assign_attrs(long_name={out.names})?}"
      "{?.rio.set_spatial_dims({out.spatial})?}{?.rio.write_crs({out.crs})?}{?.rio.write_transform({out.transform})?}"
      "{?.rio.write_nodata({out.nodata})?}"
      ".rio.to_raster({path}, driver={sink.format}{?, compress={compress}?}{?sink.format='ENVI':, interleave={out.interleave}?})?}?}"
      "{?sink.format='CSV':array.to_dataframe('value').to_csv({path})?}";
  d.gdal =
      "gdal_translate -q{?!format=CSV:{? -of {format}?}?}{?format=CSV: -of XYZ -co COLUMN_SEPARATOR=, -co ADD_HEADER_LINE=YES?}{? -co "
      "COMPRESS={compress:upper}?}{? -ot {dtype}?} {input} {path}";
  d.keywords = {"save", "export", "geotiff", "cog", "envi", "png", "zarr", "output"};
  Param path{.name = "path", .type = ParamType::OutputPath, .help = "The file to write."};
  path.required = true;
  Param format{.name = "format",
               .type = ParamType::Choice,
               .help = "By default from the suffix: .tif GeoTIFF, .img .bil .bsq .bip ENVI, .nc NetCDF, .zarr Zarr, .png PNG, .csv CSV.",
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
  d.params = {path, format, compress, overviews, interleave, dtype, overwrite};
  return d;
}

class BoundWrite : public OutputOperation {
 public:
  BoundWrite(const ArraySpec& input, SinkRequest request) : m_conversion{input.type, request.spec.type, input.nodata, request.spec.nodata} {
    m_spec = request.spec;
    warnOfLostNan(input, m_spec, m_warnings);
    m_summary = std::filesystem::path(request.path).filename().string() + (request.format.empty() ? "" : " · " + request.format);
    m_request = std::move(request);
  }
  const SinkRequest& request() const override { return m_request; }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return convertTask(m_conversion, region); }

 private:
  Conversion m_conversion;
  SinkRequest m_request;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  SinkRequest request;
  std::filesystem::path path(params.text("path"));
  if (path.is_relative() && !context.folder.empty()) path = std::filesystem::path(context.folder) / path;
  request.path = path.string();
  request.format = params.choice("format");
  request.compress = params.choice("compress");
  request.overviews = params.choice("overviews");
  request.interleave = params.choice("interleave");
  request.overwrite = params.flag("overwrite");
  request.spec = inputs[0];
  if (params.has("dtype")) {
    const PixelType type = *pixelTypeFromName(params.text("dtype"));
    if (isComplex(inputs[0].type) && !isComplex(type))
      return fail(ErrorCode::UnsupportedType, "a complex array cannot be written as " + std::string(pixelTypeName(type)),
                  "leave 'dtype' empty");
    auto nodata = convertedNodata(inputs[0], type, "dtype");
    if (!nodata) return fail(nodata.error());
    request.spec.type = type;
    request.spec.nodata = *nodata;
  }
  return std::make_shared<BoundWrite>(inputs[0], std::move(request));
}

}  // namespace

CUBELOOM_OPERATION(write) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
