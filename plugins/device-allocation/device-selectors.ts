import { parseQuantity } from '../../src/api/quantity.ts'
import type { Device, DeviceAttribute, DeviceSelector } from '../../src/api/types.generated.ts'
import type { CelCompilation } from '../../src/cel/declarations.ts'
import { CelEnvironment } from '../../src/cel/environment.ts'
import { KUBERNETES_LIBRARIES } from '../../src/cel/kubernetes.ts'
import { CelQuantity } from '../../src/cel/quantities.ts'
import { parseSemver } from '../../src/cel/semver.ts'
import { AllocationError } from './allocation-error.ts'
import type { SliceDevice } from './device-slices.ts'

/** Expressions that are kept compiled; beyond, all are forgotten. */
const EXPRESSIONS_MAX = 1000

const NOTHING: ReadonlyMap<string, unknown> = new Map()

/** Values by domain and name; a domain that the device does not have is there and empty. */
class Domains extends Map<string, ReadonlyMap<string, unknown>> {
  override get(domain: string): ReadonlyMap<string, unknown> {
    return super.get(domain) ?? NOTHING
  }
}

/** The variable `device` of a selector. */
class CelDevice {
  readonly driver: string
  readonly allowMultipleAllocations: boolean
  readonly attributes: Domains
  readonly capacity: Domains

  constructor(driver: string, device: Device) {
    this.driver = driver
    this.allowMultipleAllocations = device.allowMultipleAllocations ?? false
    this.attributes = byDomain(device.attributes ?? {}, driver, attributeValue)
    this.capacity = byDomain(device.capacity ?? {}, driver, ({ value }) => {
      return new CelQuantity(parseQuantity(value) ?? { nano: 0n, format: 'DecimalSI' })
    })
  }
}

const environment = new CelEnvironment({
  libraries: [
    ...KUBERNETES_LIBRARIES,
    {
      types: [
        { name: 'kubernetes.DeviceDomains', constructedBy: Domains },
        {
          name: 'kubernetes.DRADevice',
          constructedBy: CelDevice,
          fields: {
            driver: 'string',
            allowMultipleAllocations: 'bool',
            attributes: 'kubernetes.DeviceDomains',
            capacity: 'kubernetes.DeviceDomains',
          },
        },
      ],
      operators: [
        {
          signature: 'string in kubernetes.DeviceDomains',
          apply: (domain: string, domains: Domains) => domains.has(domain),
        },
      ],
    },
  ],
  variables: { device: 'kubernetes.DRADevice' },
})

const compiled = new Map<string, CelCompilation>()
const variables = new WeakMap<SliceDevice, { readonly device: CelDevice }>()
const matches = new WeakMap<SliceDevice, Map<string, boolean>>()

/**
 * Whether a device satisfies all selectors. A selector that is no expression, or that fails on the device, throws
 * `AllocationError`; `owner` is who has the selectors, for its text.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/cel `compile.go`.
 */
export function matchesSelectors(
  device: SliceDevice,
  selectors: readonly DeviceSelector[],
  owner: string,
): boolean {
  return selectors.every(({ cel }, place) => {
    if (cel === undefined) return true
    let known = matches.get(device)
    if (known === undefined) {
      known = new Map()
      matches.set(device, known)
    }
    let isMatch = known.get(cel.expression)
    if (isMatch === undefined) {
      isMatch = evaluate(device, cel.expression, `${owner}: selector #${place}`)
      known.set(cel.expression, isMatch)
    }
    return isMatch
  })
}

function evaluate(device: SliceDevice, expression: string, place: string): boolean {
  const compilation = compile(expression)
  if (!compilation.ok) {
    throw new AllocationError(`${place}: CEL compile error: ${compilation.error.message}`)
  }
  let variable = variables.get(device)
  if (variable === undefined) {
    variable = { device: new CelDevice(device.slice.driver, device.device) }
    variables.set(device, variable)
  }
  const result = compilation.program.evaluate(variable)
  if (!result.ok) {
    throw new AllocationError(`${place} on device ${device.id}: CEL runtime error: ${result.error.message}`)
  }
  if (typeof result.value !== 'boolean') {
    throw new AllocationError(`${place} on device ${device.id}: CEL result could not be converted to bool`)
  }
  return result.value
}

function compile(expression: string): CelCompilation {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  if (compiled.size >= EXPRESSIONS_MAX) compiled.clear()
  const compilation = environment.compile(expression, 'bool')
  compiled.set(expression, compilation)
  return compilation
}

function byDomain<Part>(
  parts: Readonly<Record<string, Part>>,
  driver: string,
  valueOf: (part: Part) => unknown,
): Domains {
  const domains = new Map<string, Map<string, unknown>>()
  for (const [fullName, part] of Object.entries(parts)) {
    const slash = fullName.indexOf('/')
    const domain = slash < 0 ? driver : fullName.slice(0, slash)
    let values = domains.get(domain)
    if (values === undefined) {
      values = new Map()
      domains.set(domain, values)
    }
    values.set(fullName.slice(slash + 1), valueOf(part))
  }
  return new Domains(domains)
}

function attributeValue(attribute: DeviceAttribute): unknown {
  const { int, bool, string, version } = attribute
  if (int !== undefined) return BigInt(int)
  if (version !== undefined) return parseSemver(version)
  return bool ?? string ?? listValue(attribute)
}

function listValue({ ints, bools, strings, versions }: DeviceAttribute): readonly unknown[] | undefined {
  if (ints !== undefined) return ints.map((value) => BigInt(value))
  return versions?.map((value) => parseSemver(value)) ?? bools ?? strings
}
