import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import type { Catalogue } from './catalogue.ts'
import type { InstanceShape } from './instance-shape.ts'

/** Which shapes of a catalogue are looked at. */
export interface ShapeChoice {
  /** Names; undefined for all. */
  readonly names: readonly string[] | undefined
  readonly families: readonly string[] | undefined
  /** Virtual processors at most. */
  readonly cpuMax: number | undefined
  readonly architecture: string | undefined
  /** Whether to pay the price of capacity that may be taken back. */
  readonly isSpot: boolean
  /** Pods that each kubelet takes, whatever the catalogue says. */
  readonly podsMax: number | undefined
}

/** A shape with a price: US dollars an hour. */
export type PricedShape = InstanceShape & { readonly price: number }

/** The chosen shapes, in the order of the catalogue. Throws `InputError` for unknown names, and when none is left. */
export function chooseShapes({ shapes, file }: Catalogue, choice: ShapeChoice): readonly PricedShape[] {
  const { names, families, cpuMax, architecture, isSpot, podsMax } = choice
  const known = shapes.map(({ name }) => name)
  const wrong = names?.find((name) => !known.includes(name))
  if (wrong !== undefined) {
    const near = nearestWord(wrong, known)
    throw new InputError({
      field: '--shapes',
      message: `"${wrong}" is not in ${file}`,
      hint: near === undefined ? 'give another --catalogue' : `did you mean ${near}?`,
    })
  }
  const chosen = shapes.flatMap((shape): PricedShape[] => {
    const { spotPrice, price, pods } = shape
    const paid = isSpot ? spotPrice : price
    const isWanted =
      (names?.includes(shape.name) ?? true) &&
      (families?.includes(shape.family) ?? true) &&
      shape.cpu <= (cpuMax ?? Number.POSITIVE_INFINITY) * 1000 &&
      shape.architecture === (architecture ?? shape.architecture)
    if (!isWanted || paid === undefined) return []
    return [{ ...shape, price: paid, pods: podsMax ?? pods }]
  })
  const unpriced = names?.find((name) => chosen.every((shape) => shape.name !== name))
  if (unpriced !== undefined && chosen.length < (names?.length ?? 0)) {
    throw new InputError({
      field: '--shapes',
      message: `${unpriced} ${whyLeftOut(
        shapes.find(({ name }) => name === unpriced),
        choice,
      )}`,
    })
  }
  if (chosen.length > 0) return chosen
  throw new InputError({
    file,
    message: 'no shape is left',
    hint: 'ask for less: --shapes, --family, --max-vcpu, --arch, --spot',
  })
}

function whyLeftOut(
  shape: InstanceShape | undefined,
  { isSpot, families, cpuMax, architecture }: ShapeChoice,
): string {
  if ((isSpot ? shape?.spotPrice : shape?.price) === undefined)
    return `has no ${isSpot ? 'spot ' : ''}price in the catalogue`
  const flags = [
    ...(families?.includes(shape?.family ?? '') === false ? ['--family'] : []),
    ...((shape?.cpu ?? 0) > (cpuMax ?? Number.POSITIVE_INFINITY) * 1000 ? ['--max-vcpu'] : []),
    ...(shape?.architecture === (architecture ?? shape?.architecture) ? [] : ['--arch']),
  ]
  return `is left out by ${flags.join(' and ')}`
}
