import type { Micros } from '../../base/time.ts'
import type { FieldPlace } from '../reader.ts'
import { count, duration, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'

/** Formats of failure traces that are read as they were published. */
export const FAILURE_TRACE_FORMATS = ['lanl', 'grid5000', 'opendc'] as const

/** A trace of failures that is replayed. */
export interface FailureTraceSource {
  readonly kind: 'trace'
  readonly file: string
  /** Where the scenario names it. */
  readonly place: FieldPlace
  readonly format: (typeof FAILURE_TRACE_FORMATS)[number]
  /** The one system of the trace that is taken; undefined for all. */
  readonly system: string | undefined
  readonly timeScale: number
  readonly from: Micros
  readonly limit: number | undefined
}

export const failureTrace: FailureKind<FailureTraceSource> = {
  kind: 'trace',
  meaning: 'failures of a published trace',
  schema: object(
    {
      file: { type: 'string', description: 'path, relative to the scenario' },
      format: { enum: [...FAILURE_TRACE_FORMATS], description: 'native format of the failure trace' },
      system: {
        type: ['string', 'number'],
        description: 'take the failures of this system, site or service alone; all by default',
      },
      timeScale: { type: 'number', exclusiveMinimum: 0, description: 'factor on all times; 1 by default' },
      from: { ...duration, description: 'failures before this instant are dropped; it becomes 0' },
      limit: { ...count, description: 'most failures taken' },
    },
    ['file', 'format'],
  ),
  resolve: (reader, at) => ({
    kind: 'trace',
    place: reader.fieldAt([...at, 'file']),
    file: reader.file([...at, 'file']),
    format: reader.text([...at, 'format'], 'lanl') as FailureTraceSource['format'],
    system: optionalText(reader.get([...at, 'system'])),
    timeScale: reader.number([...at, 'timeScale'], 1),
    from: reader.duration([...at, 'from'], 0),
    limit: reader.get([...at, 'limit']) as number | undefined,
  }),
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
