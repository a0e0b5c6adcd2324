import { plainNumber } from '../../base/distribution.ts'
import type { Sampler } from '../../base/distribution.ts'
import { InputError } from '../../base/errors.ts'
import type { ScenarioReader, Step } from '../reader.ts'
import { distribution, object } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'

/** What becomes of a machine, with what is drawn of it. */
export type EffectSource =
  | { readonly kind: 'down' | 'cutOff' | 'hung' }
  | ({ readonly kind: 'slow' } & SpeedSource)
  | { readonly kind: 'diskFull'; readonly share: Sampler }

/** What a slow machine still gives of what it has. */
export interface SpeedSource {
  readonly cpu: Sampler
  readonly disk: Sampler
  readonly network: Sampler
}

/** Fields of a speed: shares of what is whole. */
export const speedFields: Readonly<Record<keyof SpeedSource, JsonSchema>> = {
  cpu: { ...distribution, description: 'share of its CPU that is left; 1 by default' },
  disk: { ...distribution, description: 'share of the throughput of its disk that is left; 1 by default' },
  network: { ...distribution, description: 'share of its bandwidth that is left; 1 by default' },
}

/** What happens to machines that are hit. */
export const effect: JsonSchema = {
  description:
    'what becomes of them: down (by default), cutOff, hung, diskFull, { slow: { cpu, disk, network } } or { diskFull: share }',
  oneOf: [
    { enum: ['down', 'cutOff', 'hung', 'diskFull'] },
    object({ slow: object(speedFields) }, ['slow']),
    object({ diskFull: distribution }, ['diskFull']),
  ],
}

/** Reads an effect; `down` when nothing is said. */
export function effectOf(reader: ScenarioReader, at: readonly Step[]): EffectSource {
  const value = reader.get(at) ?? 'down'
  if (value === 'down' || value === 'cutOff' || value === 'hung') return { kind: value }
  if (value === 'diskFull') return { kind: 'diskFull', share: () => 1 }
  if ((value as { readonly slow?: unknown }).slow !== undefined) {
    return { kind: 'slow', ...speedOf(reader, [...at, 'slow']) }
  }
  return { kind: 'diskFull', share: reader.distribution([...at, 'diskFull'], 1, shareOfWhole) }
}

/** Reads what is left of a machine. Throws `InputError` when all of it is. */
export function speedOf(reader: ScenarioReader, at: readonly Step[]): SpeedSource {
  const fields = Object.keys(speedFields)
  if (fields.every((field) => reader.get([...at, field]) === undefined)) {
    reader.fail(at, 'nothing is slow', `expected at least one of ${fields.join(', ')}`)
  }
  const share = (field: keyof SpeedSource): Sampler => {
    const sampler = reader.distribution([...at, field], 1, positiveShare)
    return (stream) => Math.min(1, Math.max(SPEED_MIN, sampler(stream)))
  }
  return { cpu: share('cpu'), disk: share('disk'), network: share('network') }
}

/** What a drawn speed is at the least: a machine that gives nothing at all is down. */
const SPEED_MIN = 0.001

/** A share from 0 to 1. */
export function shareOfWhole(value: string | number, field: string): number {
  const share = plainNumber(value, field)
  if (share >= 0 && share <= 1) return share
  throw new InputError({ field, message: `is ${share}`, hint: 'expected a share from 0 to 1' })
}

function positiveShare(value: string | number, field: string): number {
  const share = shareOfWhole(value, field)
  if (share > 0 || !/\b(?:slow|cpu|disk|network)$/.test(field)) return share
  throw new InputError({
    field,
    message: 'is 0',
    hint: 'expected more than 0: a machine that gives nothing is down',
  })
}
