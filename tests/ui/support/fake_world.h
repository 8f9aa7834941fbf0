// SPDX-License-Identifier: GPL-3.0-or-later
// A world without files for tests of the workbench: one dataset of known shape, sinks that only plan, and one operation that has a
// parameter of every type.
#pragma once

#include <QtTest>
#include <memory>

#include "engine/access/feature_layers.h"
#include "engine/ops/register_operations.h"
#include "ui/document/document.h"

namespace cubeloom::test {

/// [y 40, wavelength 20, x 30] float32, 400 to 2300 nm, 5 m pixels in UTM zone 10N, nodata -9999.
inline ArraySpec fakeSpec() {
  ArraySpec spec;
  spec.dims = {{"y", 40, {}}, {"wavelength", 20, {}}, {"x", 30, {}}};
  spec.yDim = 0;
  spec.xDim = 2;
  spec.nodata = -9999;
  Coordinate& wavelengths = spec.dims[1].coordinate;
  wavelengths.kind = Coordinate::Kind::Regular;
  wavelengths.start = 400;
  wavelengths.step = 100;
  wavelengths.unit = "nm";
  spec.setGeobox(GeoBox(40, 30, Affine{5, 0, 700000, 0, -5, 3800000}, *Crs::fromUser("EPSG:32610")));
  spec.storage = {{1, 20, 30}, {}, "BIL"};
  return spec;
}

class FakeSource : public Source {
 public:
  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region&, const BlockView& to, ReadContext&) override {
    fillBlock(to, 1);
    return {};
  }
  ReadCost cost(const Region& region) const override { return {4.0 * static_cast<double>(regionCount(region)), 1, 0}; }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return {{region[0].first(), region[0].count()}};
  }
  std::vector<std::string> files() const override { return {}; }

 private:
  ArraySpec m_spec = fakeSpec();
};

/// Every file has two layers: fields with names and crops, and stations.
class FakeFeatures : public FeatureLister {
 public:
  Result<std::shared_ptr<const Features>> read(const FeaturesRequest& request) override {
    auto features = std::make_shared<Features>();
    features->layer = request.layer;
    features->crs = *Crs::fromUser("EPSG:32610");
    Feature field{"north", {}};
    field.geometry.rings = {{{{700010, 3799900}, {700060, 3799900}, {700060, 3799950}, {700010, 3799900}}, false}};
    Feature station{"A", {}};
    station.geometry.points = {{700050, 3799950}};
    features->features = {field, station};
    return std::shared_ptr<const Features>(features);
  }
  Result<std::vector<FeatureLayer>> layers(const std::string& path) override {
    if (path.find("missing") != std::string::npos) return fail(ErrorCode::OpenFailed, "there is no file " + path);
    FeatureLayer fields{"fields", "polygons", 12, {{"name", "text", {"north", "south"}}, {"crop", "text", {"maize"}}}};
    FeatureLayer stations{"stations", "points", 3, {{"station", "text", {"A"}}}};
    if (path.find("one") != std::string::npos) return std::vector{fields};
    return std::vector{fields, stations};
  }
};

/// Opens every path whose name does not contain "missing".
class FakeSources : public SourceProvider {
 public:
  Result<std::shared_ptr<Source>> open(const OpenRequest& request) override {
    if (request.path.find("missing") != std::string::npos) {
      Error error;
      error.code = ErrorCode::OpenFailed;
      error.message = "there is no file " + request.path;
      error.parameter = "path";
      return fail(std::move(error));
    }
    return std::make_shared<FakeSource>();
  }
  Result<DatasetInfo> info(const std::string& path) override {
    DatasetInfo info;
    info.path = path;
    info.variables = {{"reflectance", fakeSpec()}};
    return info;
  }
  FeatureProvider* features() override { return &m_features; }

 private:
  FakeFeatures m_features;
};

class FakeSinks : public SinkProvider {
 public:
  Result<SinkPlan> plan(const SinkRequest& request) override {
    SinkPlan plan;
    plan.format = "GTiff";
    plan.unit.assign(request.spec.dims.size(), 1);
    plan.bytesToWrite = request.spec.bytes();
    return plan;
  }
  Result<std::unique_ptr<Sink>> open(const SinkRequest&, BufferPool) override {
    return fail(ErrorCode::WriteFailed, "nothing is written here");
  }
};

/// Hands its input on; has one parameter of every type.
class EverythingOperation : public Operation {
 public:
  EverythingOperation() {
    m_declaration.title = "Everything";
    m_declaration.summary = "One parameter of every type.";
    m_declaration.help = "First paragraph.\n\nSecond paragraph.";
    m_declaration.references = {"Someone (2020), doi:10.1000/182"};
    m_declaration.keywords = {"kitchensink"};
    m_declaration.inputs = {Port{.name = "array"}, Port{.name = "second", .optional = true}};
    for (int i = 0; i <= static_cast<int>(ParamType::Palette); ++i) {
      Param param;
      param.type = static_cast<ParamType>(i);
      param.name = paramTypeName(param.type);
      param.help = "About " + param.name + ".";
      if (param.type == ParamType::Choice) {
        param.choices = {"red", "green"};
        param.defaultTo = "green";
      }
      if (param.type == ParamType::Integer) {
        param.minimum = 1;
        param.maximum = 9;
        param.defaultTo = 3;
      }
      param.advanced = param.type == ParamType::Shape;
      m_declaration.params.push_back(param);
    }
  }
  Result<std::shared_ptr<const BoundOperation>> bind(const Params&, const std::vector<ArraySpec>& inputs,
                                                     const BindContext&) const override {
    return std::make_shared<Bound>(inputs.front());
  }

 private:
  class Bound : public KernelOperation {
   public:
    explicit Bound(const ArraySpec& input) {
      m_spec = input;
      m_summary = "as it comes";
    }
    Result<std::unique_ptr<Task>> prepare(const Region&) const override { return fail(ErrorCode::Internal, "never run"); }
  };
};

inline Services fakeServices() {
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  registry->add("everything", "math", std::make_unique<EverythingOperation>());
  return {registry, std::make_shared<FakeSources>(), std::make_shared<FakeSinks>()};
}

/// open -> isel -> transpose -> write, wired and placed 200 apart.
inline Chain foundingChain() {
  Chain chain;
  const auto add = [&](const char* id, const char* op, const char* input, Json params) {
    Node node;
    node.id = id;
    node.op = op;
    if (*input) node.inputs = {input};
    node.params = std::move(params);
    chain.nodes.push_back(node);
  };
  add("cube", "open", "", {{"path", "/data/cube.hdr"}});
  add("part", "isel", "cube", {{"indexers", {{"wavelength", "0:10"}}}});
  add("order", "transpose", "part", {{"dims", {"wavelength", "y", "x"}}});
  add("out", "write", "order", {{"path", "never_written.tif"}});
  return chain;
}

/// Until the newest chain is bound.
inline bool waitForGraph(Document& document) {
  return QTest::qWaitFor([&] {
    if (document.isBinding() || !document.graph()) return false;
    const Chain& chain = document.chain();
    if (document.graph()->nodes.size() != chain.nodes.size()) return false;
    for (std::size_t i = 0; i < chain.nodes.size(); ++i)
      if (document.graph()->nodes[i].id != chain.nodes[i].id) return false;
    return true;
  });
}

}  // namespace cubeloom::test
