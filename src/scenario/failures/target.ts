import type { FieldPlace, ScenarioReader, Step } from '../reader.ts'
import { labels } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'
import type { NodeLabels } from './failure-kind.ts'

/** Label of the zone of a node. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone'

/** What a failure names, and where it does. */
export interface Named {
  readonly name: string
  readonly place: FieldPlace
}

/** Nodes that a failure is about. */
export interface TargetSource {
  /** Labels that they have; all nodes without. */
  readonly selector: NodeLabels | undefined
  /** Their zone, which `selector` holds, too. */
  readonly zone: Named | undefined
  /** These, in place of labels. */
  readonly names: readonly Named[] | undefined
  /** A part of them, drawn: a share from above 0 to 1, or a number. */
  readonly share: number | undefined
  readonly count: number | undefined
}

/** Fields that say which nodes a failure is about. */
export const targetFields: Readonly<Record<string, JsonSchema>> = {
  zone: { type: 'string', description: 'nodes of this zone; of all by default' },
  selector: { ...labels, description: 'nodes with these labels; all by default' },
  nodes: {
    type: 'array',
    items: { type: 'string' },
    minItems: 1,
    description: 'nodes by name, in place of both',
  },
  share: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'share of these nodes, drawn, at least one; 1 by default',
  },
  count: { type: 'integer', minimum: 1, description: 'how many of these nodes, drawn, in place of a share' },
}

/** Reads which nodes a failure is about. */
export function targetOf(reader: ScenarioReader, at: readonly Step[]): TargetSource {
  const said = (field: string): boolean => reader.get([...at, field]) !== undefined
  if (said('nodes') && (said('zone') || said('selector'))) {
    reader.fail([...at, 'nodes'], 'nodes exclude zone and selector', 'give names, or labels')
  }
  if (said('share') && said('count')) reader.fail([...at, 'count'], 'count and share exclude each other')
  const zone = namedAt(reader, [...at, 'zone'])
  const selector = reader.get([...at, 'selector']) as NodeLabels | undefined
  const list = [...at, 'nodes']
  const names = reader.list(list).flatMap((_, index) => namedAt(reader, [...list, index]) ?? [])
  return {
    selector: zone === undefined ? selector : { ...selector, [ZONE_LABEL]: zone.name },
    zone,
    names: said('nodes') ? names : undefined,
    share: reader.get([...at, 'share']) as number | undefined,
    count: reader.get([...at, 'count']) as number | undefined,
  }
}

/** A name, and where it stands; undefined where none is said. */
export function namedAt(reader: ScenarioReader, at: readonly Step[]): Named | undefined {
  const name = reader.get(at)
  return name === undefined ? undefined : { name: String(name), place: reader.fieldAt(at) }
}
