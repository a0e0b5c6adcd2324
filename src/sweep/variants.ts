/** The scheduler's fields of which a scenario may have one: the others go when one of them is set. */
const CONFIGURATION_FIELDS = ['policy', 'config', 'configFile'].map((name) => `spec.scheduler.${name}`)

/** A scenario with some fields changed, under a name. */
export interface Variant {
  readonly name: string
  /** `path=value`, applied in order after those that hold for all variants. */
  readonly overrides: readonly string[]
  /** Flags that overrides stand for, by the field, for errors. */
  readonly flags: readonly (readonly [field: string, flag: string])[]
}

/**
 * The overrides that set a field to a value: plain JSON, so that they mean the same wherever they are read. What excludes the
 * field (`config` beside `policy`) is taken away.
 */
export function settingOf(field: string, value: unknown): readonly string[] {
  return [...exclusionsOf(field), `${field}=${JSON.stringify(value)}`]
}

/** The overrides that take away what excludes a field. */
export function exclusionsOf(field: string): readonly string[] {
  if (!CONFIGURATION_FIELDS.includes(field)) return []
  return CONFIGURATION_FIELDS.filter((other) => other !== field).map((other) => `${other}=`)
}

/** What a scenario's own way of scheduling is called: the name of its policy, `scenario` for a configuration, else `default`. */
export function ownSchedulingName(scenario: Readonly<Record<string, unknown>>): string {
  const scheduler = fieldsOf(fieldsOf(scenario['spec'])['scheduler'])
  const { policy } = scheduler
  if (typeof policy === 'string') return policy
  return scheduler['config'] === undefined && scheduler['configFile'] === undefined ? 'default' : 'scenario'
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
