import type { Marker, Player } from '../../report-data.ts'
import type { PageContext } from '../context.ts'
import { observable } from '../observable.ts'
import type { Observable } from '../observable.ts'
import { colouringOf } from './colouring.ts'
import type { ColourBy, Colouring } from './colouring.ts'
import { Placement } from './placement.ts'
import { within } from './playback.ts'
import { offeredResources, unpackPods } from './pod-columns.ts'
import type { PlayerResource, PodColumns } from './pod-columns.ts'
import { matchingPods } from './pod-search.ts'
import type { PodQuery } from './pod-search.ts'

/** What was clicked: a pod by row, or a node by index. */
export type Chosen =
  | { readonly kind: 'pod'; readonly pod: number }
  | { readonly kind: 'node'; readonly node: number }

/** All that the player's parts show; who changes it need not know who shows it. */
export interface PlayerModel {
  readonly player: Player
  readonly markers: readonly Marker[]
  readonly pods: PodColumns
  readonly placement: Placement
  readonly resources: readonly PlayerResource[]
  readonly at: Observable<number>
  readonly isPlaying: Observable<boolean>
  readonly speed: Observable<number>
  readonly resource: Observable<PlayerResource>
  readonly colouring: Observable<Colouring>
  readonly query: Observable<PodQuery>
  /** Which pods the query means; undefined where it asks nothing. */
  readonly matches: Observable<Uint8Array | undefined>
  readonly chosen: Observable<Chosen | undefined>
  readonly zoom: Observable<number>
  /** Stops, and goes to an instant, for all charts of the page. */
  goTo(at: number): void
  colourBy(by: ColourBy): void
}

/** Unpacks a player's data and stands at the instant that the page stands at, else where most pods are. */
export function playerModel(player: Player, markers: readonly Marker[], context: PageContext): PlayerModel {
  const pods = unpackPods(player)
  const placement = new Placement(pods, player.nodes)
  const resources = offeredResources(player)
  const at = observable(within(context.instant.value ?? fullest(pods, context), context.whole))
  const colouring = observable(colouringOf('qos', player, pods))
  const query = observable<PodQuery>({ text: '', workload: undefined })
  const matches = observable<Uint8Array | undefined>(undefined)
  const isPlaying = observable(false)
  placement.seek(at.value)
  at.follow((instant) => {
    placement.seek(instant)
    context.instant.set(instant)
  })
  context.instant.follow((instant) => {
    if (instant !== undefined && !isPlaying.value) at.set(within(instant, context.whole))
  }, context.signal)
  query.follow((asked) => {
    matches.set(matchingPods(asked, player, pods))
  })
  return {
    player,
    markers,
    pods,
    placement,
    resources,
    at,
    isPlaying,
    speed: observable<number>(1),
    resource: observable<PlayerResource>(resources[0] ?? 'cpu'),
    colouring,
    query,
    matches,
    chosen: observable<Chosen | undefined>(undefined),
    zoom: observable(1),
    goTo(instant) {
      isPlaying.set(false)
      at.set(within(instant, context.whole))
    },
    colourBy(by) {
      if (by !== colouring.value.by) colouring.set(colouringOf(by, player, pods))
    },
  }
}

/** The instant, of a hundred over the run, at which most pods are on nodes; the first of them. */
function fullest({ count, boundAt, endedAt }: PodColumns, { whole }: PageContext): number {
  const parts = 100
  const changes = new Int32Array(parts + 2)
  const partOf = (at: number): number => {
    const part = Math.ceil(((at - whole.from) / (whole.to - whole.from)) * parts)
    return Math.min(Math.max(part, 0), parts + 1)
  }
  for (let row = 0; row < count; row++) {
    const from = partOf(boundAt[row] ?? Infinity)
    const to = partOf(endedAt[row] ?? Infinity)
    changes[from] = (changes[from] ?? 0) + 1
    changes[to] = (changes[to] ?? 0) - 1
  }
  let [best, most, sum] = [0, 0, 0]
  for (let part = 0; part <= parts; part++) {
    sum += changes[part] ?? 0
    if (sum > most) [best, most] = [part, sum]
  }
  return whole.from + (best / parts) * (whole.to - whole.from)
}
