import { plainNumber } from '../../base/distribution.ts'
import type { Sampler } from '../../base/distribution.ts'
import { InputError } from '../../base/errors.ts'
import { distribution, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** Image registries that do not answer, or slowly. */
export interface RegistryOutageSource {
  readonly kind: 'registryOutage'
  readonly occurrence: OccurrenceSource
  readonly registry: string
  readonly slowness: Sampler | undefined
}

export const registryOutage: FailureKind<RegistryOutageSource> = {
  kind: 'registryOutage',
  meaning: 'image registries that do not answer, or slowly',
  schema: object(
    {
      ...occurrenceFields,
      registry: {
        type: 'string',
        description:
          'what full names of images begin with, such as docker.io or registry.example/team; all by default',
      },
      slowness: {
        ...distribution,
        description: 'factor on the time that pulls take, 1 or more; without it none comes through',
      },
    },
    ['for'],
  ),
  resolve: (reader, at) => ({
    kind: 'registryOutage',
    occurrence: occurrenceOf(reader, at),
    registry: reader.text([...at, 'registry'], ''),
    slowness:
      reader.get([...at, 'slowness']) === undefined
        ? undefined
        : reader.distribution([...at, 'slowness'], 1, slownessOf),
  }),
}

/** A factor on times, or a parameter of the distribution of one. */
function slownessOf(value: string | number, field: string): number {
  const slowness = plainNumber(value, field)
  if (slowness >= 1 || /\.(?:shape|sigma)$/.test(field)) return slowness
  throw new InputError({ field, message: `is ${slowness}`, hint: 'expected 1 or more: pulls become slower' })
}
