import type { Marker } from '../report-data.ts'
import { failureLabel, worstFailures } from './failure-views.ts'
import type { FailureRow } from './failure-views.ts'
import type { RunEvents } from './run-events.ts'

/** Markers of a kind that a page has at most; failures have a bound of their own. */
export const MARKERS_MAX = 500

/** Effect of a failure that leaves nodes alone. */
const NO_NODES = 'none'

/** What happened on the time axis: failures with their spans, and events that are none of one workload. */
export function runMarkers(
  failures: readonly FailureRow[],
  events: RunEvents,
  end: number,
): readonly Marker[] {
  const ofFailures = worstFailures(failures).map((failure): Marker => {
    const isPlane = failure.effect === NO_NODES && failure.control_plane_s !== ''
    return {
      at: Number(failure.started_s),
      until: failure.ended_s === '' ? end : Number(failure.ended_s),
      kind: isPlane ? 'control-plane' : 'failure',
      label: failureLabel(failure),
    }
  })
  const kinds = [...new Set(events.markers.map(({ kind }) => kind))]
  const others = kinds.flatMap((kind) => spread(events.markers.filter((marker) => marker.kind === kind)))
  return [...ofFailures, ...others].toSorted((one, other) => one.at - other.at)
}

/** The first and the last of many, and some between, evenly. */
function spread(markers: readonly Marker[]): readonly Marker[] {
  if (markers.length <= MARKERS_MAX) return markers
  const step = (markers.length - 1) / (MARKERS_MAX - 1)
  return Array.from({ length: MARKERS_MAX }, (_, index) => markers[Math.round(index * step)]).filter(
    (marker) => marker !== undefined,
  )
}
