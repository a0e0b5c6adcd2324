import { apiServersOf } from '../control-plane.ts'
import { object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** How clients notice that a server is gone. */
export const CONNECTION_LOSSES = ['closed', 'silent'] as const

/** Some API servers, or all, do not answer. */
export interface ApiServerOutageSource {
  readonly kind: 'apiServerOutage'
  readonly occurrence: OccurrenceSource
  /** How many of them; all when undefined. */
  readonly replicas: number | undefined
  /** `closed`: connections end at once; `silent`: clients find out by a ping. */
  readonly connections: (typeof CONNECTION_LOSSES)[number]
}

export const apiServerOutage: FailureKind<ApiServerOutageSource> = {
  kind: 'apiServerOutage',
  schema: object(
    {
      ...occurrenceFields,
      replicas: {
        oneOf: [{ type: 'integer', minimum: 1 }, { const: 'all' }],
        description: 'how many of spec.controlPlane.apiServers are down; all by default',
      },
      connections: {
        enum: [...CONNECTION_LOSSES],
        description:
          'closed: clients of a server that is down notice at once, as when its process ends; silent: after the 45 s of a ping that gets no answer, as when its machine does; closed by default',
      },
    },
    ['for'],
  ),
  resolve(reader, at) {
    const replicas = reader.get([...at, 'replicas'])
    const all = apiServersOf(reader)
    if (Number(replicas) > all) {
      const message = `is ${String(replicas)}, and there are ${all} API servers`
      reader.fail([...at, 'replicas'], message, 'expected fewer, or all; see spec.controlPlane.apiServers')
    }
    return {
      kind: 'apiServerOutage',
      occurrence: occurrenceOf(reader, at),
      replicas: replicas === undefined || replicas === 'all' ? undefined : Number(replicas),
      connections: reader.text([...at, 'connections'], 'closed') === 'silent' ? 'silent' : 'closed',
    }
  },
}
