import { compareSemver, parseSemver } from '../../src/cel/semver.ts'
import type { DeviceAttribute, DeviceConstraint } from '../../src/api/types.generated.ts'
import { AllocationError } from './allocation-error.ts'
import { attributeOf } from './device-slices.ts'
import type { SliceDevice } from './device-slices.ts'

/** The request that a device is chosen for: its name, and that of the alternative, if it is one. */
export interface RequestNames {
  readonly request: string
  readonly subRequest: string | undefined
}

/** Holds the devices of a claim together: told of each that is chosen or given up, in order. */
export interface Constraint {
  /** Whether the device may join those chosen; if so, it has. */
  add(names: RequestNames, device: SliceDevice): boolean
  remove(names: RequestNames): void
}

/**
 * The constraints of a claim. `hasLists` is the feature gate DRAListTypeAttributes: an attribute is a set of values then,
 * of one for a scalar.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating, `matchAttributeConstraint` and
 * `distinctAttributeConstraint`.
 */
export function constraintsOf(
  constraints: readonly DeviceConstraint[],
  claim: string,
  hasLists: boolean,
): Constraint[] {
  return constraints.map(({ matchAttribute, distinctAttribute, requests }, place) => {
    const names = new Set(requests)
    if (matchAttribute !== undefined) {
      return hasLists ? new CommonValue(matchAttribute, names) : new MatchingAttribute(matchAttribute, names)
    }
    if (distinctAttribute !== undefined) {
      return hasLists
        ? new DisjointValues(distinctAttribute, names)
        : new DistinctAttribute(distinctAttribute, names)
    }
    throw new AllocationError(
      `claim ${claim}, constraint #${place}: empty constraint (unsupported constraint type?)`,
    )
  })
}

/** Holds the devices of the requests that it concerns together by one attribute. */
abstract class AttributeConstraint implements Constraint {
  readonly #attribute: string
  readonly #requests: ReadonlySet<string>

  constructor(attribute: string, requests: ReadonlySet<string>) {
    this.#attribute = attribute
    this.#requests = requests
  }

  add(names: RequestNames, device: SliceDevice): boolean {
    if (!concerns(this.#requests, names)) return true
    const attribute = attributeOf(device, this.#attribute)
    return attribute !== undefined && this.join(attribute)
  }

  remove(names: RequestNames): void {
    if (concerns(this.#requests, names)) this.leave()
  }

  /** Whether a device with the attribute may join those chosen; if so, it has. */
  protected abstract join(attribute: DeviceAttribute): boolean
  /** The device that joined last is given up. */
  protected abstract leave(): void
}

/** All devices have the attribute with one value. */
class MatchingAttribute extends AttributeConstraint {
  #value: DeviceAttribute | undefined
  #count = 0

  protected join(value: DeviceAttribute): boolean {
    if (this.#count === 0) this.#value = value
    else if (this.#value === undefined || !isSame(value, this.#value)) return false
    this.#count += 1
    return true
  }

  protected leave(): void {
    this.#count -= 1
  }
}

/** All devices have the attribute, each with another value. */
class DistinctAttribute extends AttributeConstraint {
  readonly #values: DeviceAttribute[] = []

  protected join(value: DeviceAttribute): boolean {
    if (this.#isPresent(value)) return false
    this.#values.push(value)
    return true
  }

  protected leave(): void {
    this.#values.pop()
  }

  /** As upstream, a value of another type ends the search: it is distinct, whatever comes after. */
  #isPresent(value: DeviceAttribute): boolean {
    const kind = kindOf(value)
    for (const other of this.#values) {
      if (kindOf(other) !== kind) return false
      if (isEqualVersion(value, other) || isSame(value, other)) return true
    }
    return false
  }
}

/** There is a value that the attribute has on all devices. */
class CommonValue extends AttributeConstraint {
  /** What the devices had in common after each that was chosen. */
  readonly #common: ReadonlySet<string>[] = []

  protected join(attribute: DeviceAttribute): boolean {
    const values = valuesOf(attribute)
    const before = this.#common.at(-1)
    const common = before === undefined ? values : new Set([...before].filter((value) => values.has(value)))
    if (common.size === 0) return false
    this.#common.push(common)
    return true
  }

  protected leave(): void {
    this.#common.pop()
  }
}

/** All devices have the attribute, and no two share a value of it. */
class DisjointValues extends AttributeConstraint {
  readonly #taken: ReadonlySet<string>[] = []

  protected join(attribute: DeviceAttribute): boolean {
    const values = valuesOf(attribute)
    if (values.size === 0) return false
    if (this.#taken.some((other) => [...values].some((value) => other.has(value)))) return false
    this.#taken.push(values)
    return true
  }

  protected leave(): void {
    this.#taken.pop()
  }
}

const valueSets = new WeakMap<DeviceAttribute, ReadonlySet<string>>()

/** The values of an attribute, each with its type. */
function valuesOf(attribute: DeviceAttribute): ReadonlySet<string> {
  let values = valueSets.get(attribute)
  if (values === undefined) {
    values = new Set(
      KINDS.flatMap((kind) => {
        const scalar = attribute[kind]
        const list = attribute[`${kind}s`] ?? []
        return [...(scalar === undefined ? [] : [scalar]), ...list].map((value) => `${kind}:${value}`)
      }),
    )
    valueSets.set(attribute, values)
  }
  return values
}

/** A constraint that names no requests is for all; else it names the request, or the alternative as `request/name`. */
function concerns(requests: ReadonlySet<string>, { request, subRequest }: RequestNames): boolean {
  if (requests.size === 0 || requests.has(request)) return true
  return subRequest !== undefined && requests.has(`${request}/${subRequest}`)
}

const KINDS = ['string', 'int', 'bool', 'version'] as const

function kindOf(value: DeviceAttribute): string | undefined {
  return KINDS.find((kind) => value[kind] !== undefined)
}

/** Versions are the same when they are written the same: they have one form only. */
function isSame(one: DeviceAttribute, other: DeviceAttribute): boolean {
  const kind = KINDS.find((each) => one[each] !== undefined)
  return kind !== undefined && one[kind] === other[kind]
}

function isEqualVersion(one: DeviceAttribute, other: DeviceAttribute): boolean {
  if (one.version === undefined || other.version === undefined) return false
  const [first, second] = [parseSemver(one.version), parseSemver(other.version)]
  return first !== undefined && second !== undefined && compareSemver(first, second) === 0
}
