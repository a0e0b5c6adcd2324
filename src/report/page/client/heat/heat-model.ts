import type { HeatMap, HeatResource, Marker } from '../../report-data.ts'
import { observable } from '../observable.ts'
import type { Observable } from '../observable.ts'
import type { HeatFold } from './fold-cells.ts'
import { unpackHeat } from './heat-cells.ts'
import type { HeatCells } from './heat-cells.ts'
import type { HeatCursor } from './heat-frame.ts'
import { rowOrder, rowShares } from './row-order.ts'
import type { HeatSort, RowShares } from './row-order.ts'

/** One resource in the order that is shown. */
export interface HeatView {
  readonly resource: HeatResource['name']
  readonly heat: HeatCells
  readonly shares: RowShares
  readonly sort: HeatSort
  /** Rows by their place. */
  readonly order: Uint32Array
}

/** What the parts of a heat map share. */
export interface HeatModel {
  readonly resources: readonly HeatResource['name'][]
  readonly nodesPerRow: number
  readonly markers: readonly Marker[]
  readonly view: Observable<HeatView>
  readonly fold: Observable<HeatFold>
  /** How much higher rows are than where all fit. */
  readonly zoom: Observable<number>
  readonly cursor: Observable<HeatCursor | undefined>
  show(change: { readonly resource?: HeatResource['name']; readonly sort?: HeatSort }): void
}

/** Unpacks the first resource; others when they are asked for. */
export function heatModel(map: HeatMap, markers: readonly Marker[]): HeatModel | undefined {
  const known = new Map<HeatResource['name'], { readonly heat: HeatCells; readonly shares: RowShares }>()
  const viewOf = (resource: HeatResource, sort: HeatSort): HeatView => {
    const kept = known.get(resource.name)
    const heat = kept?.heat ?? unpackHeat(map, resource)
    const shares = kept?.shares ?? rowShares(heat)
    known.set(resource.name, { heat, shares })
    return { resource: resource.name, heat, shares, sort, order: rowOrder(sort, shares) }
  }
  const [first] = map.resources
  if (first === undefined || map.spans === 0) return undefined
  const view = observable(viewOf(first, 'name'))
  const cursor = observable<HeatCursor | undefined>(undefined)
  return {
    resources: map.resources.map(({ name }) => name),
    nodesPerRow: map.nodesPerRow,
    markers,
    view,
    fold: observable<HeatFold>('fullest'),
    zoom: observable(1),
    cursor,
    show({ resource = view.value.resource, sort = view.value.sort }) {
      const found = map.resources.find(({ name }) => name === resource)
      if (found === undefined) return
      const before = view.value
      const next = viewOf(found, sort)
      const row = before.order[cursor.value?.place ?? -1]
      const place = row === undefined ? -1 : next.order.indexOf(row)
      if (cursor.value !== undefined && place >= 0) cursor.set({ place, span: cursor.value.span })
      view.set(next)
    },
  }
}

/** Resources as texts name them. */
export const HEAT_WORDS: Readonly<Record<HeatResource['name'], string>> = {
  cpu: 'CPU',
  memory: 'memory',
  gpu: 'GPU',
  pods: 'room for pods',
}
