// SPDX-License-Identifier: GPL-3.0-or-later
// What a preview shows, without widgets: two sides, their bands and stretch, rendered coarse to fine off the GUI thread.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <array>
#include <memory>

#include "engine/chain/graph.h"
#include "engine/preview/preview.h"
#include "ui/async/latest_task.h"
#include "ui/map/band_choice.h"
#include "ui/map/compose.h"
#include "ui/map/map_frame.h"

namespace cubeloom {

/// What the canvas needs to know of its CRS; made on a worker because PROJ reads its database.
struct MapGround {
  Crs crs;
  QString label;             ///< "EPSG:32610"
  double metresPerUnit = 0;  ///< 0: not metres (geographic or unknown)
  bool geographic = false;
  bool sameAsBefore = false;
  bool sidesAgree = true;                 ///< A and B are in one CRS
  std::optional<Bounds> boundsOfB;        ///< in `crs`, when B is in another one
  std::shared_ptr<Transformer> toLonLat;  ///< null when the CRS is unknown
};

/// GUI thread only.
class PreviewScene : public QObject {
  Q_OBJECT
 public:
  struct Side {
    QString node;   ///< id; empty: nothing on this side
    QString title;  ///< "Reproject"
    QString error;  ///< why there is no picture, as a sentence
    std::string identity;
    std::shared_ptr<const Graph> graph;
    int index = -1;
    std::shared_ptr<const BoundOperation> operation;
    std::optional<PictureGrid> grid;
    std::shared_ptr<const PreviewImage> values;  ///< the newest, coarse or fine
    bool fine = false;
    const ArraySpec* spec() const { return operation ? &operation->spec() : nullptr; }
    bool isShown() const { return grid.has_value(); }
    bool isTable = false;  ///< it has no picture, but a table
  };

  explicit PreviewScene(QObject* parent = nullptr);

  /// Shows node `id` of `graph` on side 0 (A) or 1 (B); an empty id clears the side. A node with the `identity` it had (pixelIdentity())
  /// keeps its picture. True when the side shows something else now.
  bool setSide(int side, const QString& id, const std::shared_ptr<const Graph>& graph, const std::string& identity);
  /// Another chain: nothing of the last one's view stays, not even for a node of the same id.
  void forget();
  /// Index along each dim that is neither spatial nor spectral (time), in order; clamped to what each side has.
  void setOthers(const std::vector<std::int64_t>& others);
  const std::vector<std::int64_t>& others() const { return m_others; }
  void setFrame(const MapFrame& frame, double devicePixelRatio);
  void setBands(const BandChoice& choice);
  void setStyle(const PictureStyle& style);

  const Side& side(int i) const { return m_sides[static_cast<std::size_t>(i)]; }
  /// The side that decides about CRS and bands: A, or B when A is empty; null when both are.
  const Side* lead() const;
  const BandChoice& bands() const { return m_bands; }
  const PictureStyle& style() const { return m_style; }
  const Composed& composed() const { return m_composed; }
  const MapGround& ground() const { return m_ground; }
  const MapFrame& frame() const { return m_frame; }
  bool isReading() const;
  /// "exact", "1:12, decimated", "1:96, reading"; "A exact · B 1:5, decimated" where the sides differ. Empty without a picture.
  QString decimationText() const;
  /// Array pixels per picture pixel of the leading side; 0 without a picture.
  double decimation() const;
  /// Value of side `i` at a place of the canvas (per shown band); empty outside the picture or without one. Exact only where the picture
  /// is.
  std::vector<float> valuesAt(int i, QPointF world) const;
  void cancelReading();

 signals:
  void layersChanged();
  void stateChanged();
  /// The canvas should show all of the new array: its CRS is another one.
  void homeChanged();

 private:
  void renderSoon(bool a, bool b);
  void render();
  void renderSide(int i, int divisor);
  void composeNow();
  void updateGround(int changedSide);
  QString exactnessOf(int i) const;

  std::array<Side, 2> m_sides;
  std::array<LatestTask<Result<PreviewImage>>, 2> m_reads;
  LatestTask<Composed> m_compose;
  LatestTask<MapGround> m_groundTask;
  MapGround m_ground;
  bool m_hasGround = false;
  MapFrame m_frame;
  double m_pixelRatio = 1;
  std::array<bool, 2> m_stale{};        ///< sides that the next render reads anew
  std::array<bool, 2> m_awaitGround{};  ///< sides that are read once the ground is known
  BandChoice m_bands;
  std::vector<std::int64_t> m_others;
  PictureStyle m_style;
  Composed m_composed;
  QTimer m_timer;
};

/// The dims of `spec` that a picture shows one index of at a time (time), in order.
std::vector<int> otherDims(const ArraySpec& spec);
/// `wanted` as indices of `spec`'s otherDims(): clamped, 0 where nothing is wanted.
std::vector<std::int64_t> othersWithin(const ArraySpec& spec, const std::vector<std::int64_t>& wanted);

/// "2022-02-24", "time 3 of 13": what a picture shows of the dims that it shows one index of; empty without any.
QString othersText(const ArraySpec& spec, const std::vector<std::int64_t>& wanted);

/// The request for what `frame` shows of an array on `grid`, with screen pixels `divisor` times as large. Cells are fixed on the array, so
/// that panning does not make the picture shimmer. CrsUnavailable when the frame cannot be brought into the array's CRS.
Result<PreviewRequest> previewRequestFor(const PictureGrid& grid, const MapFrame& frame, const Crs& frameCrs, double devicePixelRatio,
                                         int divisor);

}  // namespace cubeloom
