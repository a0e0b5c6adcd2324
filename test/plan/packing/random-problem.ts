import fc from 'fast-check'

import type { PackingProblem } from '../../../src/plan/packing/asks.ts'

/** Small problems of packing: two or three resources, machines of one to three sizes, pods that some machine takes. */
export const randomProblem: fc.Arbitrary<PackingProblem> = fc
  .record({
    machines: fc.array(
      fc.record({
        amounts: fc.tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 4, max: 12 })),
        count: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    groups: fc.array(
      fc.record({
        amounts: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })),
        count: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ machines, groups }): PackingProblem => {
    let next = 0
    const classes = machines.map(({ amounts, count }) => ({
      amounts,
      nodes: Array.from({ length: count }, () => next++),
    }))
    const fitting = groups.map(({ amounts, count }, example) => {
      const takes = classes.flatMap((machine, index) =>
        amounts.every((amount, r) => amount <= (machine.amounts[r] ?? 0)) ? [index] : [],
      )
      return { amounts, count, classes: takes, example }
    })
    const kept = fitting.filter((group) => group.classes.length > 0)
    const groupOf = kept.flatMap(({ count }, index) => Array.from({ length: count }, () => index))
    return { resources: ['cpu', 'memory'], machines: classes, groups: kept, groupOf }
  })

/** The fewest machines that hold all pods whole, by trying every way; undefined when there is none. */
export function triedOptimum({ machines, groups }: PackingProblem): number | undefined {
  const pods = groups.flatMap((group) => Array.from({ length: group.count }, () => group))
  const hosts = machines.flatMap(({ amounts, nodes }, machine) =>
    nodes.map(() => ({ machine, free: [...amounts], pods: 0 })),
  )
  let best: number | undefined
  const place = (index: number, used: number): void => {
    if (best !== undefined && used >= best) return
    const pod = pods[index]
    if (pod === undefined) {
      best = used
      return
    }
    const tried = new Set<string>()
    for (const host of hosts) {
      const key = `${host.machine} ${host.free.join(' ')}`
      if (tried.has(key) || !pod.classes.includes(host.machine)) continue
      tried.add(key)
      if (pod.amounts.some((amount, r) => amount > (host.free[r] ?? 0))) continue
      pod.amounts.forEach((amount, r) => (host.free[r] = (host.free[r] ?? 0) - amount))
      host.pods += 1
      place(index + 1, used + (host.pods === 1 ? 1 : 0))
      host.pods -= 1
      pod.amounts.forEach((amount, r) => (host.free[r] = (host.free[r] ?? 0) + amount))
    }
  }
  place(0, 0)
  return best
}
