import { WHOLE_GPU_MILLI } from '../../api/gpu-request.ts'
import type { PackingProblem, PodGroup } from './asks.ts'

/** Name of what `withSharedDevices` adds: not a resource of Kubernetes. */
export const GPU_DEVICES = 'GPU devices'

/** Steps of the functions u^(k) that are tried: 1 to this. */
const STEPS_MAX = 20

/**
 * A dual-feasible function of the share of a device, in whole numbers: shares that fit on one device together have images that are not more
 * than `whole` together. So what all images come to bounds the devices that pods need, and is more than the sum of the shares where
 * these leave gaps that nothing fills.
 */
interface DualFeasible {
  readonly imageOf: (milli: number) => number
  /** Image of a whole device. */
  readonly whole: number
}

/**
 * The function u^(k) of U^(ε), thousandths of a device for ε, 0 for the identity in place of u^(k).
 *
 * U^(ε) takes shares above 1 - ε for 1 and those below ε for 0. u^(k) leaves x where (k+1)x is whole, and else is ⌊(k+1)x⌋ / k: with k = 1 shares
 * above a half are 1, those below 0; with k = 2 those between a third and two thirds are a half. The largest U^(ε) is the bound L2 of Martello
 * and Toth. Source: Fekete and Schepers, New classes of fast lower bounds for bin packing problems, Mathematical Programming 91 (2001),
 * theorem 5 and lemma 6, where compositions are used as here.
 */
function dualFeasible(epsilon: number, k: number): DualFeasible {
  const cut = (milli: number): number => {
    if (milli > WHOLE_GPU_MILLI - epsilon) return WHOLE_GPU_MILLI
    return milli < epsilon ? 0 : milli
  }
  if (k === 0) return { imageOf: cut, whole: WHOLE_GPU_MILLI }
  const imageOf = (milli: number): number => {
    const stretched = (k + 1) * cut(milli)
    return stretched % WHOLE_GPU_MILLI === 0
      ? k * cut(milli)
      : Math.floor(stretched / WHOLE_GPU_MILLI) * WHOLE_GPU_MILLI
  }
  return { imageOf, whole: k * WHOLE_GPU_MILLI }
}

/**
 * The problem with one resource more: what pods take of devices that they may share with others, by the dual-feasible function that makes the most
 * of all of them together. Every packing of the pods stays one. The problem itself where no pod asks for a device.
 */
export function withSharedDevices(problem: PackingProblem): PackingProblem {
  const { groups, machines, resources } = problem
  const asking = groups.filter(({ devices }) => devices !== undefined)
  if (asking.length === 0) return problem
  const { imageOf, whole } = strongest(asking)
  return {
    ...problem,
    resources: [...resources, GPU_DEVICES],
    machines: machines.map((machine) => {
      return { ...machine, amounts: [...machine.amounts, (machine.devices ?? 0) * whole] }
    }),
    groups: groups.map((group) => {
      const { devices, amounts } = group
      return {
        ...group,
        amounts: [...amounts, devices === undefined ? 0 : devices.count * imageOf(devices.milli)],
      }
    }),
  }
}

function strongest(asking: readonly PodGroup[]): DualFeasible {
  // Other thresholds make fewer shares whole, and no more of them nothing.
  const thresholds = asking
    .map(({ devices }) => WHOLE_GPU_MILLI - (devices?.milli ?? 0) + 1)
    .filter((epsilon) => epsilon > 1 && epsilon <= WHOLE_GPU_MILLI / 2)
  let best = dualFeasible(0, 0)
  let most = devicesBy(best, asking)
  for (const epsilon of [0, ...new Set(thresholds)].toSorted((one, other) => one - other)) {
    for (let k = 0; k <= STEPS_MAX; k++) {
      const tried = dualFeasible(epsilon, k)
      const devices = devicesBy(tried, asking)
      if (devices <= most) continue
      best = tried
      most = devices
    }
  }
  return best
}

/** Devices that the pods need at least, not rounded. */
function devicesBy({ imageOf, whole }: DualFeasible, asking: readonly PodGroup[]): number {
  const sum = asking.reduce((all, { devices, count }) => {
    return all + (devices === undefined ? 0 : count * devices.count * imageOf(devices.milli))
  }, 0)
  return sum / whole
}
