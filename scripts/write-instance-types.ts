/**
 * Writes traces/instance-types.csv, the catalogue that comes with stowage: `npx tsx scripts/write-instance-types.ts`.
 *
 * The shapes of EC2 are facts that Amazon publishes: size, most pods by interfaces, on-demand price of Linux in us-east-1. The generic ones
 * are ours, priced by a formula.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const COLUMNS = [
  'instance_type',
  'family',
  'vcpu',
  'memory_mib',
  'gpu_count',
  'architecture',
  'pods',
  'price_usd_per_hour',
  'spot_price_usd_per_hour',
]

/** Families of EC2: GiB for each virtual processor, and the price of two of them in US dollars an hour. */
const EC2 = [
  ['c5', 2, 0.085],
  ['m5', 4, 0.096],
  ['r5', 8, 0.126],
] as const
/** Sizes: virtual processors, and pods that the addresses of the interfaces allow (at most 110, 250 beyond 30 processors). */
const EC2_SIZES = [
  ['large', 2, 29],
  ['xlarge', 4, 58],
  ['2xlarge', 8, 58],
  ['4xlarge', 16, 110],
] as const

/** Ours: US dollars an hour for a virtual processor, a GiB and a GPU; spot is 30 % of the price off. */
const CPU_PRICE = 0.03
const MEMORY_PRICE = 0.004
const GPU_PRICE = 0.9
const SPOT_SHARE = 0.7
const GENERIC = [
  ['compute', 2],
  ['general', 4],
  ['memory', 8],
] as const
const GENERIC_SIZES = [2, 4, 8, 16, 32, 64]
/** Virtual processors and GPUs. */
const GPU_SHAPES = [
  [8, 1],
  [32, 4],
  [64, 8],
] as const

/** The text of the catalogue. */
export function instanceTypes(): string {
  const ec2 = EC2.flatMap(([family, gib, price]) =>
    EC2_SIZES.map(([size, cpus, pods]) =>
      row([`${family}.${size}`, family, cpus, cpus * gib, 0, 'amd64', pods, round((price * cpus) / 2), '']),
    ),
  )
  const generic = GENERIC.flatMap(([family, gib]) =>
    GENERIC_SIZES.map((cpus) => genericRow(`${family}-${cpus}`, family, { cpus, gib: cpus * gib, gpus: 0 })),
  )
  const gpus = GPU_SHAPES.map(([cpus, count]) =>
    genericRow(`gpu-${count}`, 'gpu', { cpus, gib: cpus * 4, gpus: count }),
  )
  return `${[COLUMNS.join(','), ...ec2, ...generic, ...gpus].join('\n')}\n`
}

function genericRow(
  name: string,
  family: string,
  { cpus, gib, gpus }: { readonly cpus: number; readonly gib: number; readonly gpus: number },
): string {
  const price = round(cpus * CPU_PRICE + gib * MEMORY_PRICE + gpus * GPU_PRICE)
  return row([name, family, cpus, gib, gpus, 'amd64', 110, price, round(price * SPOT_SHARE)])
}

type RowCells = readonly [string, string, number, number, number, string, number, number, number | '']

function row([name, family, cpus, gib, ...others]: RowCells): string {
  return [name, family, cpus, gib * 1024, ...others].join(',')
}

function round(price: number): number {
  return Number(price.toFixed(4))
}

const file = fileURLToPath(new URL('../traces/instance-types.csv', import.meta.url))
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, instanceTypes())
