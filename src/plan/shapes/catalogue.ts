import path from 'node:path'

import { quantityValue } from '../../api/quantity.ts'
import { csvCells } from '../../base/csv-line.ts'
import { InputError } from '../../base/errors.ts'
import { packageRoot } from '../../run/package.ts'
import { readText } from '../../workload/node-list.ts'
import { PODS_DEFAULT } from './instance-shape.ts'
import type { InstanceShape } from './instance-shape.ts'

/** The shapes of a catalogue, in its order. */
export interface Catalogue {
  readonly file: string
  readonly shapes: readonly InstanceShape[]
  /** Rows without a size or for another system than Linux, which are left out. */
  readonly leftOut: number
}

/** The cells of a row, by column. */
type Row = Readonly<Record<string, string>>

/** A table of shapes as it was published. */
interface CatalogueFormat {
  /** Columns by which it is known. */
  readonly columns: readonly string[]
  /** Undefined for a row that is no shape for pods. */
  read(row: Row): InstanceShape | undefined
}

const MEBIBYTE = 1024 * 1024
/** What offerings of one shape have in common. */
const SIZES = ['cpu', 'memory', 'gpus', 'architecture', 'pods'] as const

/** What the tables of clouds have in common. */
function cloudShape(
  row: Row,
  { name, family, price }: { name: string; family: string; price: string },
): InstanceShape | undefined {
  const cpu = Math.floor(amount(row['vcpu']) * 1000)
  const memory = Math.floor(amount(row['memory_mib']) * MEBIBYTE)
  if (cpu === 0 || memory === 0) return undefined
  return {
    name: row[name] ?? '',
    family: row[family] ?? '',
    cpu,
    memory,
    gpus: wholeAmount(row['gpu_count']),
    architecture: row['architecture'] ?? 'amd64',
    pods: PODS_DEFAULT,
    price: priceOf(row[price]),
    spotPrice: undefined,
  }
}

/** Machines with more virtual processors than this may have more pods. */
const SMALL_CPU_MAX = 30_000
const PODS_MAX_SMALL = 110
const PODS_MAX_LARGE = 250

/**
 * Pods of a node whose addresses are those of its interfaces: at most 110, or 250 with more than 30 virtual processors (amazon-eks-ami,
 * `max-pods-calculator.sh`).
 */
function podsByAddresses(addresses: number, cpu: number): number {
  return Math.min(addresses, cpu > SMALL_CPU_MAX ? PODS_MAX_LARGE : PODS_MAX_SMALL)
}

const FORMATS: readonly CatalogueFormat[] = [
  {
    columns: ['instance_type', 'max_pods_vpc_cni', 'price_usd_per_hour_us_east_1_on_demand'],
    read(row) {
      const price = 'price_usd_per_hour_us_east_1_on_demand'
      const shape = cloudShape(row, { name: 'instance_type', family: 'family', price })
      if (shape === undefined || shape.family.startsWith('mac')) return undefined
      const addresses = wholeAmount(row['max_pods_vpc_cni'])
      return { ...shape, pods: addresses === 0 ? PODS_DEFAULT : podsByAddresses(addresses, shape.cpu) }
    },
  },
  {
    columns: ['instance_type', 'sku_family', 'price_usd_per_hour_eastus_on_demand'],
    read: (row) =>
      cloudShape(row, {
        name: 'instance_type',
        family: 'sku_family',
        price: 'price_usd_per_hour_eastus_on_demand',
      }),
  },
  {
    columns: ['machine_type', 'vcpu', 'price_usd_per_hour_on_demand', 'price_usd_per_hour_preemptible'],
    read(row) {
      const shape = cloudShape(row, {
        name: 'machine_type',
        family: 'family',
        price: 'price_usd_per_hour_on_demand',
      })
      // Its families of Arm processors: Axion and Ampere.
      const architecture = /^(t2a|c4a|n4a|a4x)/.test(shape?.family ?? '') ? 'arm64' : 'amd64'
      return shape && { ...shape, architecture, spotPrice: priceOf(row['price_usd_per_hour_preemptible']) }
    },
  },
  {
    columns: ['instance_type', 'operating_systems', 'cpu', 'memory', 'capacity_type', 'price_usd_per_hour'],
    read(row) {
      if (!(row['operating_systems'] ?? '').split('|').includes('linux') || row['available'] === 'False')
        return undefined
      const isSpot = row['capacity_type'] === 'spot'
      const price = priceOf(row['price_usd_per_hour'])
      return {
        name: row['instance_type'] ?? '',
        family: (row['instance_type'] ?? '').split('-')[0] ?? '',
        cpu: Math.floor(amount(row['cpu']) * 1000),
        memory: quantityValue(row['memory'] ?? '0'),
        gpus: 0,
        architecture: row['architecture'] ?? 'amd64',
        pods: podsOf(row['pods']),
        price: isSpot ? undefined : price,
        spotPrice: isSpot ? price : undefined,
      }
    },
  },
  {
    columns: ['instance_type', 'family', 'vcpu', 'memory_mib', 'pods', 'price_usd_per_hour'],
    read(row) {
      const shape = cloudShape(row, { name: 'instance_type', family: 'family', price: 'price_usd_per_hour' })
      return (
        shape && { ...shape, pods: podsOf(row['pods']), spotPrice: priceOf(row['spot_price_usd_per_hour']) }
      )
    },
  },
]

/** The catalogue that comes with stowage. */
export function ownCatalogue(): string {
  return path.join(packageRoot(), 'traces', 'instance-types.csv')
}

/**
 * Reads a catalogue: that of stowage, or a table of EC2, Azure, GCE or Karpenter's KWOK as in the README of the traces, by its header. Offerings
 * of one type are one shape, at the least price. Throws `InputError` for another table.
 */
export function readCatalogue(file: string): Catalogue {
  const lines = readText(file).split(/\r?\n/)
  const header = csvCells((lines[0] ?? '').replace(/^\uFEFF/, ''))
  const format = FORMATS.find(({ columns }) => columns.every((column) => header.includes(column)))
  if (format === undefined) throw unknownHeader(file, header)
  const shapes = new Map<string, InstanceShape>()
  let leftOut = 0
  lines.slice(1).forEach((line, index) => {
    if (line === '') return
    const cells = csvCells(line)
    if (cells.length !== header.length) {
      throw new InputError({
        file,
        line: index + 2,
        message: `${cells.length} columns; expected ${header.length}`,
      })
    }
    const row = Object.fromEntries(header.map((column, place) => [column, cells[place] ?? '']))
    const shape = readRow(format, row, { file, line: index + 2 })
    if (shape === undefined) leftOut += 1
    else shapes.set(shape.name, cheapest(shapes.get(shape.name), shape, { file, line: index + 2 }))
  })
  return { file, shapes: [...shapes.values()], leftOut }
}

/** Says what is missing where most columns of a catalogue are there. */
function unknownHeader(file: string, header: readonly string[]): InputError {
  // Of equal ones our own, the last.
  const [nearest = []] = FORMATS.map(({ columns }) => columns.filter((column) => !header.includes(column)))
    .toReversed()
    .toSorted((one, other) => one.length - other.length)
  const isNear = header.length > 1 && nearest.length <= NEAR_COLUMNS
  return new InputError({
    file,
    line: 1,
    message: `the header is of no known catalogue of instance types${isNear ? `: there is no ${nearest.join(', ')}` : ''}`,
    hint: 'expected instance_type,family,vcpu,memory_mib,gpu_count,architecture,pods,price_usd_per_hour',
  })
}

/** Columns that a header lacks at most to be told which. */
const NEAR_COLUMNS = 3

function readRow(
  format: CatalogueFormat,
  row: Row,
  place: { file: string; line: number },
): InstanceShape | undefined {
  try {
    return format.read(row)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => ({ ...problem, ...place })))
  }
}

function cheapest(
  known: InstanceShape | undefined,
  other: InstanceShape,
  place: { file: string; line: number },
): InstanceShape {
  if (other.name === '') throw new InputError({ ...place, message: 'a shape has no name' })
  if (known === undefined) return other
  const differs = SIZES.find((size) => known[size] !== other[size])
  if (differs !== undefined) {
    throw new InputError({
      ...place,
      message: `${other.name} is there before with another ${differs === 'architecture' ? differs : `number of ${differs}`}`,
      hint: 'rows of one name are offerings of one shape, of which the cheapest counts',
    })
  }
  return {
    ...known,
    price: least(known.price, other.price),
    spotPrice: least(known.spotPrice, other.spotPrice),
  }
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other
  return other === undefined ? one : Math.min(one, other)
}

/** A number from 0 on; 0 for an empty cell. */
function amount(text: string | undefined): number {
  const value = Number(text ?? '')
  if (Number.isFinite(value) && value >= 0) return value
  throw new InputError({ message: `"${text ?? ''}" is no amount`, hint: 'expected a number from 0 on' })
}

function wholeAmount(text: string | undefined): number {
  const value = amount(text)
  if (Number.isInteger(value)) return value
  throw new InputError({ message: `"${text ?? ''}" is no amount`, hint: 'expected a whole number' })
}

/** 0 and an empty cell say nothing of pods. */
function podsOf(text: string | undefined): number {
  const pods = wholeAmount(text)
  return pods === 0 ? PODS_DEFAULT : pods
}

/** 0 and an empty cell are no price. */
function priceOf(text: string | undefined): number | undefined {
  const price = amount(text)
  return price === 0 ? undefined : price
}
