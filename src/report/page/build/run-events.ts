import type { Marker } from '../report-data.ts'
import { readColumns } from '../../table/read-table.ts'

/** When a node was there, and when its machine was down. */
export interface NodeLife {
  /** Undefined where it was there at the start. */
  readonly from: number | undefined
  /** Undefined where it was there at the end. */
  readonly to: number | undefined
  readonly down: readonly (readonly [from: number, to: number])[]
}

/** What a page takes from events.csv. */
export interface RunEvents {
  /** By name, of nodes that something happened to. */
  readonly lives: ReadonlyMap<string, NodeLife>
  /** Actions, nodes that came or went, and what the control plane went through; in order. */
  readonly markers: readonly Marker[]
}

interface OpenLife {
  from: number | undefined
  to: number | undefined
  readonly down: (readonly [number, number])[]
  downSince: number | undefined
}

/** Kinds that take something of the control plane, what gives it back, and words for it. */
const OUTAGES: Readonly<Record<string, readonly [end: string, words: string]>> = {
  LeaderLost: ['LeaderElected', 'nobody leads'],
  WritesStopped: ['WritesTaken', 'takes no writes'],
}
/** What happens to the control plane at an instant. */
const PLANE_EVENTS: Readonly<Record<string, string>> = {
  ClusterStateLost: 'the cluster state is lost',
  ClusterStateRestored: 'the cluster state is restored',
}
const OUTAGE_ENDS = new Set(Object.values(OUTAGES).map(([end]) => end))

/** Reads events.csv; spans that are open at the end of the run end with it. */
export async function readRunEvents(directory: string, end: number): Promise<RunEvents> {
  const table = await readColumns(directory, 'events.csv', {
    time_s: 'number',
    kind: 'category',
    object: 'text',
    node: 'category',
    reason: 'category',
    message: 'text',
  })
  const lives = new Map<string, OpenLife>()
  const markers: Marker[] = []
  const outages = new Map<string, { readonly at: number; readonly label: string }>()
  if (table === undefined) return { lives, markers }
  const { time_s, kind, object, node, reason, message } = table.columns
  for (let row = 0; row < table.rowCount; row += 1) {
    const at = time_s[row] ?? 0
    const name = kind.values[kind.indexes[row] ?? 0] ?? ''
    if (name === 'Action') {
      const words = [reason.values[reason.indexes[row] ?? 0], object.at(row)].filter((word) => word !== '')
      const detail = message.at(row)
      const label = detail === '' ? words.join(' ') : `${words.join(' ')}: ${detail}`
      markers.push({ at, kind: 'action', label })
    } else if (name === 'NodeAdded' || name === 'NodeDeleted') {
      const node = object.at(row)
      addMarker(markers, at, name === 'NodeAdded' ? 'node added' : 'node removed', node)
      presence(lifeOf(lives, node), name, at)
    } else if (name === 'MachineDown' || name === 'MachineUp') {
      machine(lifeOf(lives, node.values[node.indexes[row] ?? 0] ?? ''), name === 'MachineUp', at)
    } else if (PLANE_EVENTS[name] !== undefined) {
      markers.push({ at, kind: 'control-plane', label: PLANE_EVENTS[name] })
    } else if (name in OUTAGES || OUTAGE_ENDS.has(name)) {
      outage(outages, markers, { name, at, object: object.at(row) })
    }
  }
  for (const { at, label } of outages.values()) markers.push({ at, until: end, kind: 'control-plane', label })
  for (const life of lives.values()) machine(life, true, end)
  return { lives, markers: markers.toSorted((one, other) => one.at - other.at) }
}

/** A marker of a node; those of the same instant are one. */
function addMarker(markers: Marker[], at: number, words: string, node: string): void {
  const last = markers.at(-1)
  const known = last?.at === at && last.kind === 'scaling' ? /^(\d+) nodes? (.*)$/.exec(last.label) : null
  if (last?.at === at && last.label === `${words}: ${node}`) return
  if (last?.at === at && last.label.startsWith(`${words}: `)) {
    markers[markers.length - 1] = { at, kind: 'scaling', label: `2 ${words.replace('node', 'nodes')}` }
  } else if (known?.[2] === words.replace('node ', '')) {
    markers[markers.length - 1] = { at, kind: 'scaling', label: `${Number(known[1]) + 1} nodes ${known[2]}` }
  } else markers.push({ at, kind: 'scaling', label: `${words}: ${node}` })
}

function lifeOf(lives: Map<string, OpenLife>, node: string): OpenLife {
  const known = lives.get(node)
  if (known !== undefined) return known
  const life: OpenLife = { from: undefined, to: undefined, down: [], downSince: undefined }
  lives.set(node, life)
  return life
}

/** A node that comes again is there from its first time to its last. */
function presence(life: OpenLife, kind: string, at: number): void {
  if (kind === 'NodeDeleted') life.to = at
  else if (life.to === undefined) life.from = at
  else life.to = undefined
}

function machine(life: OpenLife, isUp: boolean, at: number): void {
  if (!isUp) life.downSince ??= at
  else if (life.downSince !== undefined) {
    if (at > life.downSince) life.down.push([life.downSince, at])
    life.downSince = undefined
  }
}

function outage(
  open: Map<string, { readonly at: number; readonly label: string }>,
  markers: Marker[],
  event: { readonly name: string; readonly at: number; readonly object: string },
): void {
  const begun = OUTAGES[event.name]
  if (begun !== undefined) {
    const key = `${begun[0]} ${event.object}`
    if (!open.has(key)) open.set(key, { at: event.at, label: `${event.object}: ${begun[1]}` })
    return
  }
  const key = `${event.name} ${event.object}`
  const since = open.get(key)
  if (since === undefined) return
  open.delete(key)
  markers.push({ at: since.at, until: event.at, kind: 'control-plane', label: since.label })
}
