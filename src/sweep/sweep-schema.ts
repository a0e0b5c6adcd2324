import { object } from '../scenario/schema-parts.ts'
import type { JsonSchema } from '../scenario/schema-parts.ts'
import { SCALES } from './parameter.ts'
import { METHODS } from './points.ts'

const count: JsonSchema = { type: 'integer', minimum: 1, maximum: 100_000 }

const range = object(
  {
    from: { type: 'number', description: 'lower end' },
    to: { type: 'number', description: 'upper end, included' },
    scale: {
      enum: [...SCALES],
      description: 'how numbers are spread; integer by default where both ends are integers, else linear',
    },
    unit: { type: 'string', description: 'what follows the number, such as m or Gi; nothing by default' },
  },
  ['from', 'to'],
)

const parameter: JsonSchema = {
  ...object(
    {
      path: {
        type: 'string',
        minLength: 1,
        description: 'field of the scenario, such as spec.nodes[0].template.count',
      },
      values: { type: 'array', minItems: 1, description: 'what it is one of' },
      range: { ...range, description: 'numbers that it is one of; not for a grid' },
    },
    ['path'],
  ),
  description: 'a field that is varied, with values or a range',
}

const pareto = object(
  {
    metric: { type: 'string', description: 'name of a metric of summary.csv' },
    better: {
      enum: ['less', 'more'],
      description: 'which end is better; less by default, more for availability',
    },
  },
  ['metric'],
)

const spec = object(
  {
    scenario: { type: 'string', description: 'scenario of all points: a path, relative to this file' },
    set: { type: 'array', items: { type: 'string' }, description: 'overrides of all points: path=value' },
    method: { enum: [...METHODS], description: 'how points are chosen; grid by default' },
    points: { ...count, description: 'how many points are drawn; for random and latin' },
    seed: { type: ['integer', 'string'], description: 'seed of the draws of points; 1 by default' },
    seeds: {
      oneOf: [
        count,
        { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, uniqueItems: true },
      ],
      description: 'seeds of the runs of each point: how many from 1 on, or a list; 5 by default',
    },
    parameters: { type: 'array', items: parameter, minItems: 1, description: 'what is varied' },
    metrics: {
      type: 'array',
      items: { type: 'string' },
      description: 'columns of points.csv; the main ones by default',
    },
    pareto: {
      type: 'array',
      items: pareto,
      minItems: 1,
      description: 'what the Pareto front is of; cost, time spent pending and availability by default',
    },
  },
  ['scenario', 'parameters'],
)

/** JSON Schema of a Sweep, which `schema/sweep.schema.json` publishes. */
export const SWEEP_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'stowage sweep',
  ...object(
    {
      apiVersion: { const: 'stowage.dev/v1alpha1' },
      kind: { const: 'Sweep' },
      metadata: object({
        name: { type: 'string', description: 'name of the sweep; that of the file by default' },
      }),
      spec,
    },
    ['apiVersion', 'kind', 'spec'],
  ),
}
