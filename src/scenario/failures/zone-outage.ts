import type { Micros } from '../../base/time.ts'
import { duration, instant, labels, object } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'
import { ZONE_LABEL, namedAt } from './target.ts'
import type { Named } from './target.ts'

/** A zone, or nodes with some labels, down at an instant for a time. */
export interface ZoneOutageSource {
  readonly kind: 'zoneOutage'
  readonly selector: NodeLabels
  /** The zone that `selector` holds; undefined where labels are said. */
  readonly zone: Named | undefined
  readonly at: Micros
  readonly span: Micros
}

export const zoneOutage: FailureKind<ZoneOutageSource> = {
  kind: 'zoneOutage',
  meaning: 'nodes that are down together once',
  schema: object(
    {
      zone: { type: 'string', description: 'the zone that goes down' },
      selector: { ...labels, description: 'labels of the nodes that go down, instead of a zone' },
      at: instant,
      for: { ...duration, description: 'how long' },
    },
    ['at', 'for'],
  ),
  resolve(reader, at) {
    const zone = namedAt(reader, [...at, 'zone'])
    const selector = reader.get([...at, 'selector']) as NodeLabels | undefined
    if ((zone === undefined) === (selector === undefined)) {
      reader.fail(at, 'expected either a zone or a selector')
    }
    return {
      kind: 'zoneOutage',
      selector: selector ?? { [ZONE_LABEL]: zone?.name ?? '' },
      zone,
      at: reader.instant([...at, 'at']),
      span: reader.period([...at, 'for'], 0),
    }
  },
}
